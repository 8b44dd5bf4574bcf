"""
A right of the callee that is not understood is lost, so intents are measured on their own tests.

`protected_floor` says what share of the protected intents' `tests` must be understood, from 0 to 1.

Flagged::

    # flows/intents.yaml
    protected_floor: 0.9
    intents:
      stop_calling:
        examples:
          - stop calling me
          - take me off your list
          - never call again
          - no more calls please
        tests:
          - please stop calling me
          - kindly lose my digits  # error[understanding-below-floor]
      human:
        examples:
          - let me talk to a person
          - a human please
          - get me an operator
          - your supervisor
      affirm:
        examples:
          - 'yes'
          - yeah
          - sure
          - certainly
      deny:
        examples:
          - 'no'
          - nope
          - that is wrong
          - incorrect

Write instead::

    # flows/intents.yaml
    protected_floor: 0.9
    intents:
      stop_calling:
        patterns: ['\\blose my (?:number|digits)\\b']
        examples:
          - stop calling me
          - take me off your list
          - never call again
          - no more calls please
        tests:
          - please stop calling me
          - kindly lose my digits
      human:
        examples:
          - let me talk to a person
          - a human please
          - get me an operator
          - your supervisor
      affirm:
        examples:
          - 'yes'
          - yeah
          - sure
          - certainly
      deny:
        examples:
          - 'no'
          - nope
          - that is wrong
          - incorrect
"""

from collections.abc import Iterator
from datetime import datetime, time
from functools import partial
from zoneinfo import ZoneInfo

from engine.checks.context import Context, found
from engine.checks.words import place_of
from engine.runtime.ear import ear_of
from engine.source.finding import Finding, Level
from engine.terms import Kind

NAME = "understanding-below-floor"
CODE = "INT309"
LEVEL = Level.ERROR
WAIVABLE = False
READS: tuple[Kind, ...] = (Kind.INTENTS,)
NOON = time(12, tzinfo=ZoneInfo("America/New_York"))


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each test of a protected intent that is missed in a locale under its floor."""
    for locale, floor in context.bundle.floors.items() if context.understood else ():
        specs = {s.id: s for s in context.bundle.intents.get(locale, ())}
        recall, missed = context.heard(f"{NAME} {locale}", partial(_measured, context, locale))
        for name, words, taken in missed if recall < floor else ():
            yield found(
                place_of(context, locale, specs[name], "tests", words),
                f"`{words}` is understood as {taken}, not as `{name}`",
                f"add a pattern or an example to `{name}` that covers it",
                why=f"of the protected intents' tests in {locale}, {100 * recall:.1f} % are "
                f"understood, and `protected_floor` asks for {100 * floor:g} %",
                where=f"intents/{locale}/{name}/tests/{words}",
            )


def _measured(context: Context, locale: str) -> tuple[float, tuple[tuple[str, str, str], ...]]:
    """Return what share of the protected intents' tests is understood in a locale, and which is not, taken for what."""
    from engine.nlu.evaluate import Labelled, evaluate

    protected = context.bundle.vocabulary.protected
    specs = [s for s in context.bundle.intents.get(locale, ()) if s.id in protected and s.tests]
    if not specs:
        return 1.0, ()
    report = evaluate(
        ear_of(context.bundle).recogniser(),
        [Labelled(words, locale, frozenset({spec.id})) for spec in specs for words in spec.tests],
        protected,
        datetime.combine(context.as_of, NOON),
    )
    missed = [
        (spec.id, judged.case.text, ", ".join(f"`{name}`" for name in judged.understanding.accepted) or "nothing")
        for spec in specs
        for judged in report.judged
        if spec.id in judged.missed
    ]
    return report.protected_recall, tuple(missed)
