"""
A sentence that nothing says goes stale, and is read by reviewers as if it were said.

Flagged::

    # flows/call/prompts.yaml
    prompts:
      greeting: Hello, may I speak with {{ party.first_name }}?
      ask_zip: What is your ZIP code?
      balance: The balance is {{ account.balance | money }}. Is that clear?
      bye: Thank you, and good bye.
      stopped: We will not call again.
      wait_please: One moment, please.
      are_you_there: Are you there?
      sorry: I did not understand.
      farewell:  # error[prompt-unused]
        text: Good bye.

Write instead::

    # flows/call/prompts.yaml
    prompts:
      greeting: Hello, may I speak with {{ party.first_name }}?
      ask_zip: What is your ZIP code?
      balance: The balance is {{ account.balance | money }}. Is that clear?
      bye: Thank you, and good bye.
      stopped: We will not call again.
      wait_please: One moment, please.
      are_you_there: Are you there?
      sorry: I did not understand.
"""

from collections.abc import Iterator

from engine.bundle import EndCall, MustSay, OnlySay
from engine.checks.context import Context, found, reasks
from engine.source.finding import Finding, Level

NAME = "prompt-unused"
CODE = "PRM409"
LEVEL = Level.WARNING
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each prompt that no flow says and no rule names."""
    said: set[str] = set()
    for flow in context.flows:
        said |= set(flow.blocked.say)
        for state in flow.states.values():
            said |= set(state.say) | {p for reask in reasks(state) for p in reask.say}
        for step in context.steps[flow.id]:
            said |= set(step.say)
    for rules in context.bundle.rules.values():
        for rule in rules:
            for effect in rule.effects:
                if isinstance(effect, MustSay):
                    said.add(effect.prompt)
                elif isinstance(effect, OnlySay):
                    said |= effect.prompts
                elif isinstance(effect, EndCall):
                    said.add(effect.say)
    for prompt in context.bundle.prompts.values():
        if prompt.id not in said:
            yield found(
                next(iter(prompt.spans.values())),
                f"nothing says `{prompt.id}`",
                "say it, or delete it",
                where=f"prompts/{prompt.id}",
            )
