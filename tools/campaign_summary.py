"""What calling came to, in words that a supervisor understands."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields

from engine.bundle import CompiledBundle
from engine.outbound.simulate import NOT_SIMULATED, Summary
from engine.records.metrics import Measures, Rate
from engine.records.states import MEANING
from engine.terms import JobState

#: What a rate is a part of, and which part.
_RATES: Mapping[str, str] = {
    "connect": "attempts were answered, by a person, a call screener or a machine",
    "screened": "attempts were answered by a call screener",
    "contact": "attempts came to a person who spoke",
    "right_party_per_attempt": "attempts came to the person we hoped to reach, verified",
    "right_party_per_contact": "calls in which a person spoke were with the person we hoped to reach, verified",
    "promise": "calls with the verified person brought a promise to pay",
    "kept": "promises whose time is over were paid in full and in time",
    "partial": "promises whose time is over were paid in part",
    "broken": "promises whose time is over were not paid at all",
    "abandoned": "people who answered heard nothing from us",
}
_AVERAGES: Mapping[str, str] = {
    "attempts_per_account": "attempts to {whole} accounts",
    "attempts_per_right_party": "attempts for {whole} calls with the verified person",
}
_COUNTS: Mapping[str, str] = {
    "attempts": "calls placed, those to busy and dead numbers too",
    "early_disclosures": "calls in which something of the debt was said to somebody not verified; must be 0",
}
_LISTS: Mapping[str, str] = {
    "rights": "claimed in so many of 1,000 calls in which a person spoke",
    "near_misses": "denials before the dial, by rule; a job that waits is asked about again and counts again",
    "held_back": "turns in which a rule held back what the flow was about to say",
    "dispositions": "calls by how they ended",
}


def measure_lines(
    found: Measures, *, without: tuple[str, ...] = (), about: Mapping[str, str] | None = None
) -> list[str]:
    """Return measures in words, a line each.

    Args:
        found: The measures.
        without: Names of those that are left out.
        about: What rules and ends mean, by name.
    """
    lines: list[str] = []
    for name in (field.name for field in fields(found) if field.name not in without):
        lines.extend(_told(name, getattr(found, name), about or {}))
    return lines


def _told(name: str, value: object, about: Mapping[str, str]) -> Iterator[str]:
    plain = name.replace("_", " ")
    match value:
        case Rate():
            yield f"{plain}: {_rate(name, value)}"
        case Mapping():
            yield f"{plain}: {_LISTS[name]}" if value else f"{plain}: none"
            yield from (_counted(key, one, about) for key, one in value.items())
        case _ if name.endswith("cents"):
            yield f"{plain.removesuffix(' cents')}: {_dollars(value)}"
        case _:
            yield f"{plain}: {_figure(name, value)}"


def _rate(name: str, rate: Rate) -> str:
    if rate.value is None:
        return "no figure yet"
    if name in _AVERAGES:
        return f"{rate.value:.1f}  ({rate.part} {_AVERAGES[name].format(whole=rate.whole)})"
    return f"{rate.value:.1%}  ({rate.part} of {rate.whole} {_RATES[name]})"


def _counted(key: str, one: Rate | int, about: Mapping[str, str]) -> str:
    if isinstance(one, Rate):
        share = "no figure yet" if one.value is None else f"{one.value * 1000:.0f}  ({one.part} of {one.whole})"
        return f"  {key.replace('_', ' ')}: {share}"
    meaning = about.get(key)
    return f"{one:>6} {key}" + (f": {meaning}" if meaning else "")


def _dollars(cents: object) -> str:
    assert isinstance(cents, int)
    return f"${cents / 100:,.2f}"


def _figure(name: str, value: object) -> str:
    match name, value:
        case _, None:
            return "none"
        case "seconds_to_promise", seconds:
            return f"{seconds}  (from the answer to the promise; half of the promises took no longer)"
        case "handling_seconds", (half, most):
            return f"{half}  (half of the answered calls were no longer; 95 of 100 no longer than {most})"
        case "suppression_seconds", seconds:
            return f"{seconds:.1f}  (at the longest, from a request to stop until it stood)"
    return f"{value}  {_COUNTS[name]}"


def summary_lines(summary: Summary, bundle: CompiledBundle) -> list[str]:
    """Return a rehearsal in words."""
    clean = "nobody was called out of hours, too often, too soon or after a stop, and no debt told to a stranger"
    breaches = [f"BREACH {one.kind} ({one.where}): {one.what}" for one in summary.breaches]
    return [
        f"Rehearsed {summary.calls} jobs with made-up people over {summary.days} days (seed {summary.seed}):",
        f"{summary.dialled} calls placed, {summary.entries} decisions in the ledger, {len(breaches)} breaches"
        + ("" if breaches else f": {clean}"),
        *breaches,
        "",
        "what became of the jobs:",
        *(f"{number:>6} {state}: {MEANING[JobState(state)]}" for state, number in summary.jobs.items()),
        "",
        "what the simulated callees did: "
        + ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in summary.personas.items()),
        "",
        *measure_lines(summary.measures, without=NOT_SIMULATED, about=_meanings(bundle)),
        "",
        "Not simulated: payments. So nothing is said of promises kept, paid in part or broken.",
    ]


def _persona(met: tuple[str, int]) -> str:
    return f"{met[1]} {met[0].replace('_', ' ')}"


def _meanings(bundle: CompiledBundle) -> dict[str, str]:
    """Return what rules say when they deny, as far as that is the same each time, and what ends mean."""
    rules = (rule for rules in bundle.rules.values() for rule in rules)
    said = {rule.id: _filled(rule.reason.source, dict(rule.reason.bound)) for rule in rules}
    ends = {name: kind.about for name, kind in bundle.vocabulary.dispositions.items()}
    return {**ends, **{name: reason for name, reason in said.items() if "{" not in reason}}


def _filled(template: str, bound: Mapping[str, str]) -> str:
    return re.sub(r"\{\{ *(\w+) *\}\}", lambda found: bound.get(found[1], found[0]), template)
