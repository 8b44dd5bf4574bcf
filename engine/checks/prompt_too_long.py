"""
A sentence of more than twelve seconds is not listened to.

Counted at 150 words a minute. What a rule requires is not counted: its words are the law's.

Flagged::

    # flows/call/prompts.yaml
    prompts:
      greeting: Hello, may I speak with {{ party.first_name }}?
      ask_zip: What is your ZIP code?
      balance: The balance is {{ account.balance | money }}. Is that clear?
      bye: >-  # error[prompt-too-long]
        Thank you very much for taking the time to speak with us on the telephone today about this matter
        which we know is not a pleasant one and which we hope that you will soon be able to put behind you
        so that nobody has to trouble you about it ever again on this or on any other number of yours
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

NAME = "prompt-too-long"
CODE = "PRM401"
LEVEL = Level.WARNING
WAIVABLE = True


WORDS_A_SECOND = 2.5
SECONDS = 12


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each sentence of the designers that takes more than twelve seconds."""
    for prompt in context.bundle.prompts.values():
        for locale, text in prompt.texts.items():
            words = len(text.source.split())
            if words > SECONDS * WORDS_A_SECOND and not prompt.owned_by_policy:
                yield found(
                    prompt.spans.get(locale, text.span),
                    f"`{prompt.id}` has {words} words: {words / WORDS_A_SECOND:.0f} seconds",
                    f"say it in {SECONDS * WORDS_A_SECOND:.0f} words, or in two turns",
                    where=f"prompts/{prompt.id}/{locale}",
                )
