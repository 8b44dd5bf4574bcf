"""What ``do:`` asks of the host, and within which time."""

from engine.bundle import (
    Do,
    Vocabulary,
)
from engine.compiler.context import Notes
from engine.expressions.parse import parse_expression
from engine.expressions.scope import Scope
from engine.expressions.tree import (
    Expression,
)
from engine.expressions.values import DAY
from engine.source.tree import Map, Seq, Text

_LONGEST_LIMIT = 3660


def link_actions(body: Map, vocabulary: Vocabulary, scope: Scope, notes: Notes) -> tuple[Do, ...]:
    """Return what ``do:`` says: a name, a list of names, or actions with their arguments."""
    written = body.get(Text("do"))
    within, bank_days = _within(body, notes)
    pairs: list[tuple[Text, Map]] = []
    if isinstance(written, Map):
        pairs = [(name, value if isinstance(value, Map) else Map((), name.span)) for name, value in written.items()]
    elif isinstance(written, Text):
        pairs = [(written, Map((), written.span))]
    elif isinstance(written, Seq):
        for entry in written:
            if isinstance(entry, Text):
                pairs.append((entry, Map((), entry.span)))
            elif isinstance(entry, Map):
                pairs += [
                    (name, value if isinstance(value, Map) else Map((), name.span)) for name, value in entry.items()
                ]
    found: list[Do] = []
    for name, given in pairs:
        action = vocabulary.actions.get(name)
        if action is None:
            notes.unknown(name, "action", vocabulary.actions)
            continue
        arguments: list[tuple[str, Expression]] = []
        for key, value in given.items():
            wanted = action.arguments.get(key)
            if wanted is None:
                notes.unknown(key, "argument", action.arguments)
            elif isinstance(value, Text):
                expression, wrong = parse_expression(value, scope, wanted)
                notes.extend(wrong)
                if expression is not None:
                    arguments.append((str(key), expression))
        missing = [key for key in action.arguments if key not in given]
        if missing:
            notes.error(
                name.span,
                "missing-argument",
                f"`{name}` is given no `{missing[0]}`",
                "give every argument the vocabulary declares: " + ", ".join(action.arguments),
            )
        found.append(Do(str(name), tuple(arguments), within, bank_days))
    return tuple(found)


def _within(body: Map, notes: Notes) -> tuple[int | None, bool]:
    written = body.get(Text("within"))
    if not isinstance(written, Text):
        return None, False
    count, _, unit = written.partition(" ")
    seconds = {"minute": 60, "hour": 3600, "day": DAY, "week": 7 * DAY}.get(unit.removesuffix("s"))
    bank_days = unit.removesuffix("s") == "bank_day"
    if not (count.isdigit() and count.isascii()) or (seconds is None and not bank_days):
        message = f"`{written}` is not a time limit"
        notes.error(written.span, "wrong-type", message, "write as `5 days` or `10 bank_days`")
        return None, False
    most = _LONGEST_LIMIT * 2 // 3 if bank_days else _LONGEST_LIMIT * DAY // (seconds or 1)
    if len(count) > 9 or int(count) > most:
        notes.error(written.span, "wrong-type", f"`{written}` is more than ten years", "write a shorter time")
        return None, False
    return int(count) * (seconds or 1), bank_days
