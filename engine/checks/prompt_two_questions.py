"""
Of two questions in one sentence the callee answers one, and nobody knows which.

Flagged::

    # flows/call/prompts.yaml
    prompts:
      greeting: Hello, may I speak with {{ party.first_name }}?
      ask_zip: What is your ZIP code?
      balance: The balance is {{ account.balance | money }}. Is that clear?
      bye:  # error[prompt-two-questions]
        text: Can you hear me? And are you at home?
      stopped: We will not call again.
      wait_please: One moment, please.
      are_you_there: Are you there?
      sorry: I did not understand.

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

from engine.checks.context import Context, found
from engine.source.finding import Finding, Level

NAME = "prompt-two-questions"
CODE = "PRM402"
LEVEL = Level.WARNING
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each sentence with two question marks or more."""
    for prompt in context.bundle.prompts.values():
        for locale, text in prompt.texts.items():
            if text.source.count("?") > 1 and not prompt.owned_by_policy:
                yield found(
                    prompt.spans.get(locale, text.span),
                    f"`{prompt.id}` asks two things at once",
                    "ask one thing, and the other in the next turn",
                    where=f"prompts/{prompt.id}/{locale}",
                )
