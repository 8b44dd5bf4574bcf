"""
What is written to be read is hard to hear: web addresses, abbreviations, long runs of digits.

Flagged::

    # flows/call/prompts.yaml
    prompts:
      greeting: Hello, may I speak with {{ party.first_name }}?
      ask_zip: What is your ZIP code?
      balance: The balance is {{ account.balance | money }}. Is that clear?
      bye:  # error[prompt-hard-to-hear]
        text: See www.example.com for more.
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

WRITTEN = (
    (re.compile(r"www\.|https?:|\.com\b"), "a web address"),
    (re.compile(r"\b(?:e\.g\.|i\.e\.|etc\.|acct\b|approx\b|NACHA|no\. \d)"), "an abbreviation"),
    (re.compile(r"\d{5,}"), "a long run of digits"),
)

NAME = "prompt-hard-to-hear"
CODE = "PRM403"
LEVEL = Level.NOTE
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one note for each sentence with something that only a reader understands."""
    for prompt in context.bundle.prompts.values():
        for locale, text in prompt.texts.items():
            for pattern, what in WRITTEN:
                if pattern.search(text.source):
                    yield found(
                        prompt.spans.get(locale, text.span),
                        f"`{prompt.id}` has {what}, which is hard to hear",
                        "say it in words",
                        where=f"prompts/{prompt.id}/{locale}",
                        level=Level.NOTE,
                    )
                    break
