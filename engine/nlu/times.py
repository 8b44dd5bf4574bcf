"""Times of day: ``at five``, ``half past two``, ``three in the afternoon``.

Without a.m. or p.m. an hour from eight in the morning to nine in the evening is
meant; both where both lie there.
"""

import re
from collections.abc import Iterator

from engine.nlu.entity import Entity
from engine.nlu.figures import Figures
from engine.nlu.sieve import Sieve

_HOUR = r"(?P<hour>\d{1,2})"
_HALVES = (
    "am|pm|a m|p m|in the morning|in the afternoon|in the evening|at night|de la manana|de la tarde|de la noche"
)
_HALF = f"(?: (?P<half>{_HALVES}))?"
_RULES = tuple(
    re.compile(rf"\b{p}(?!\w)")
    for p in (
        r"(?P<noon>noon|mediodia)",
        r"(?P<midnight>midnight|medianoche)",
        rf"(?P<hour>\d{{1,2}})[:.](?P<minute>\d\d){_HALF}",
        rf"half past {_HOUR}(?P<thirty>){_HALF}",
        rf"(?:a )?quarter (?P<quarter>past|after|to|till|of) {_HOUR}{_HALF}",
        rf"(?:un )?(?P<quarter>cuarto) para (?:las {_HOUR}|la (?P<one>una)){_HALF}",
        rf"(?P<minute>\d{{1,2}}) (?P<side>para) (?:las {_HOUR}|la (?P<one>una)){_HALF}",
        rf"la (?P<one>una)(?: y (?P<spoken>media|cuarto|\d\d))?{_HALF}(?! (?:vez|cosa|persona|deuda|cuenta|semana))",
        rf"(?P<minute>\d{{1,2}}) (?:minutes )?(?P<side>past|after|to|till) {_HOUR}{_HALF}",
        rf"las {_HOUR} y (?P<spoken>media|cuarto|\d\d){_HALF}",
        rf"{_HOUR} (?P<minute>[0-5]\d) (?P<half>am|pm|a m|p m|in the morning|in the afternoon|in the evening|at night)",
        rf"(?:at|after|before|around|by|until|til|about|las|la) {_HOUR} (?P<minute>15|30|45|00){_HALF}",
        rf"{_HOUR} o'clock{_HALF}",
        rf"^{_HOUR} (?P<minute>15|30|45|00)$",
        rf"{_HOUR} (?P<half>am|pm|a m|p m|in the morning|in the afternoon|in the evening|at night|de la manana|"
        rf"de la tarde|de la noche)",
        rf"(?:at|after|before|around|until|las|la) {_HOUR}(?! (?:dollars|bucks|th|percent|days|weeks|months|"
        rf"hundred|thousand|de (?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|"
        rf"diciembre)))",
    )
)
_SIEVE = Sieve(_RULES)
_AFTERNOON = frozenset({"pm", "p m", "in the afternoon", "in the evening", "at night", "de la tarde", "de la noche"})
DAY_BEGINS, DAY_ENDS = 8, 21


def times(figures: Figures) -> Iterator[Entity]:
    """Yield each time named, in seconds after midnight."""
    taken: list[tuple[int, int]] = []
    for number in _SIEVE.possible(figures.line):
        for match in _RULES[number].finditer(figures.line):
            if any(s < match.end() and match.start() < e for s, e in taken):
                continue
            values = _values(match)
            if values:
                taken.append(match.span())
                first, last = figures.words(*match.span())
                yield Entity("time", values, first, last, f"`{match.group()}`", False)


def _values(match: re.Match[str]) -> tuple[int, ...]:
    group = match.groupdict()
    if group.get("noon"):
        return (12 * 3600,)
    if group.get("midnight"):
        return (0,)
    hour = 1 if group.get("one") else int(group["hour"])
    minute = int(group.get("minute") or 0)
    if "thirty" in group:
        minute = 30
    if group.get("spoken"):
        minute = {"media": 30, "cuarto": 15}.get(group["spoken"]) or int(group["spoken"])
    if group.get("quarter"):
        minute = 15 if group["quarter"] in ("past", "after") else -15
    if group.get("side") in ("to", "till", "para"):
        minute = -minute
    if not 0 <= hour <= 24 or not -60 < minute < 60:
        return ()
    half = group.get("half")
    if half:
        if not 1 <= hour <= 12:
            return ()
        hour = hour % 12 + (12 if half in _AFTERNOON else 0)
        return ((hour * 60 + minute) * 60,)
    if hour > 12 or hour == 0:
        return (((hour % 24) * 60 + minute) % 1440 * 60,)
    both = [(h * 60 + minute) * 60 for h in (hour % 12, hour % 12 + 12)]
    plausible = tuple(t for t in both if DAY_BEGINS * 3600 <= t < DAY_ENDS * 3600)
    return plausible or (both[1],)
