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
from zoneinfo import ZoneInfo

from engine.checks.context import Context, found
from engine.checks.words import place_of
from engine.nlu.evaluate import Labelled, evaluate
from engine.runtime.prepared import prepare
from engine.source.finding import Finding, Level

NAME = "understanding-below-floor"
CODE = "INT309"
LEVEL = Level.ERROR
WAIVABLE = False
NOON = time(12, tzinfo=ZoneInfo("America/New_York"))


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each test of a protected intent that is missed in a locale under its floor."""
    protected = context.bundle.vocabulary.protected
    for locale, floor in context.bundle.floors.items():
        specs = [s for s in context.bundle.intents.get(locale, ()) if s.id in protected and s.tests]
        if not specs or not context.understood:
            continue
        report = evaluate(
            prepare(context.bundle).recogniser,
            [Labelled(words, locale, frozenset({spec.id})) for spec in specs for words in spec.tests],
            protected,
            datetime.combine(context.as_of, NOON),
        )
        if report.protected_recall >= floor:
            continue
        for spec in specs:
            for judged in report.judged:
                if spec.id in judged.missed:
                    taken = ", ".join(f"`{name}`" for name in judged.understanding.accepted) or "nothing"
                    yield found(
                        place_of(context, locale, spec, "tests", judged.case.text),
                        f"`{judged.case.text}` is understood as {taken}, not as `{spec.id}`",
                        f"add a pattern or an example to `{spec.id}` that covers it",
                        why=f"of the protected intents' tests in {locale}, {100 * report.protected_recall:.1f} % are "
                        f"understood, and `protected_floor` asks for {100 * floor:g} %",
                        where=f"intents/{locale}/{spec.id}/tests/{judged.case.text}",
                    )
