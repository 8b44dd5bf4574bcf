"""
Words of threat or false urgency are not for a machine to say.

Suits, arrest, seizure, harm to credit, last chances (15 USC 1692e(4), (5); 12 CFR 1006.18).

Flagged::

    # flows/call/prompts.yaml
    prompts:
      greeting: Hello, may I speak with {{ party.first_name }}?
      ask_zip: What is your ZIP code?
      balance: The balance is {{ account.balance | money }}. Is that clear?
      bye:  # error[threat-or-pressure]
        text: This is your final notice.
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

import re
from collections.abc import Iterator

from engine.checks.context import Context, found
from engine.source.finding import Finding, Level

LEXICON = {
    "en": r"\bgarnish|\bsue you\b|\blawsuit\b|\barrest|\bseiz|\bjail\b|\bfinal (?:notice|chance)\b|\blast chance\b"
    r"|\bimmediately or\b|\bruin your credit\b",
    "es": r"\bembarg|\bdemandar|\barrest|\bcárcel\b|\búltim[ao] (?:aviso|oportunidad)\b",
}

NAME = "threat-or-pressure"
CODE = "PRM407"
LEVEL = Level.WARNING
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each sentence of the designers with a word of threat or pressure."""
    for prompt in context.bundle.prompts.values():
        for locale, text in prompt.texts.items():
            said = re.finditer(LEXICON.get(locale[:2], r"(?!)"), text.source, re.IGNORECASE)
            words = tuple(dict.fromkeys(match[0].lower() for match in said))
            if words and not prompt.owned_by_policy and "threat" not in prompt.discloses and not prompt.because:
                yield found(
                    prompt.spans.get(locale, text.span),
                    f"`{prompt.id}` says {' and '.join(f'`{word}`' for word in words)}",
                    "say what is so, without pressure",
                    why="15 USC 1692e(4)-(5)",
                    where=f"prompts/{prompt.id}/{locale}/{', '.join(words)}",
                )
