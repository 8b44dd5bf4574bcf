"""
A rule whose parameter has no value is not applied, and nobody notices.

Flagged::

    # policies/rules.yaml
    parameters:
      least:  # error[parameter-not-in-force]
        type: money
        values:
          - {from: 2021-11-30, is: '100', source: house rule}
          - {from: 2022-11-30, is: none, source: house rule}
    rules:
      small: {ask: before_dialing, when: account.balance < least, deny: Less., source: house rule, severity: house}

Write instead::

    # policies/rules.yaml
    parameters:
      least:
        type: money
        values:
          - {from: 2021-11-30, is: '100', source: house rule}
    rules:
      small: {ask: before_dialing, when: account.balance < least, deny: Less., source: house rule, severity: house}
"""

from collections.abc import Iterator

from engine.checks.context import Context, found
from engine.source.finding import Finding, Level

NAME = "parameter-not-in-force"
CODE = "POL607"
LEVEL = Level.WARNING
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each parameter that has no value on the day asked about."""
    for name, parameter in context.bundle.parameters.items():
        if parameter.on(context.as_of) is None:
            later = [dated.starts for dated in parameter.values if dated.starts > context.as_of]
            until = f"; it gets one on {min(later)}" if later else ""
            yield found(
                parameter.span,
                f"`{name}` has no value on {context.as_of}{until}, so rules with it do not apply",
                "give it a value, or delete it and the rules",
                where=f"parameters/{name}",
            )
