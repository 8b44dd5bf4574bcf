"""
A sentence that talks of a debt gives that away, whether or not its author says so.

Words such as *debt*, *balance* or *payment* make a prompt disclose `debt`, `payment` or `collecting`, if there are such
classes. Declare it with `discloses:`; or, where the words mean something else, write `discloses: []` with `because:`.

Flagged::

    # flows/call/prompts.yaml
    prompts:
      greeting: Hello, may I speak with {{ party.first_name }}?
      ask_zip: What is your ZIP code?
      balance: The balance is {{ account.balance | money }}. Is that clear?
      bye:  # error[speaks-of-debt-undeclared]
        text: Thank you for speaking of your debt.
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
      bye:
        text: Thank you for speaking of your debt.
        discloses: [debt]
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
    "en": (
        ("debt", r"\bdebts?\b|\bowed?\b|\byou owe\b|\bpast due\b|\boverdue\b|\bcreditor\b|\bdelinquen"),
        ("payment", r"\bpayments?\b|\bpay (?:it|that|this|now|today)\b|\binstal?lments?\b"),
        ("collecting", r"\bcollect(?:s|ing|ion|or)?\b"),
    ),
    "es": (
        ("debt", r"\bdeudas?\b|\bdebe usted\b|\bacreedor"),
        ("payment", r"\bpagos?\b|\bpagar\b|\bcuotas?\b"),
        ("collecting", r"\bcobr(?:o|ar|anza|ador)\b"),
    ),
}

NAME = "speaks-of-debt-undeclared"
CODE = "PRV506"
LEVEL = Level.ERROR
WAIVABLE = False


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each sentence whose words give away a class that it does not disclose."""
    for prompt in context.bundle.prompts.values():
        if prompt.because:
            continue
        for locale, text in prompt.texts.items():
            for name, words in LEXICON.get(locale[:2], ()):
                match = re.search(words, text.source, re.IGNORECASE)
                if match and name in context.bundle.vocabulary.classes and not prompt.discloses:
                    yield found(
                        prompt.spans.get(locale, text.span),
                        f"`{prompt.id}` says `{match[0].lower()}` but does not disclose `{name}`",
                        f"write `discloses: [{name}]`, or `discloses: []` with `because:`",
                        where=f"prompts/{prompt.id}/{locale}",
                    )
                    break
