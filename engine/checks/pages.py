"""What is said of a rule wherever one of its findings is shown: its short form, its page, and why it matters."""

from functools import cache
from textwrap import indent

from engine.checks.catalogue import CHECKS
from engine.checks.earlier import EARLIER
from engine.checks.earlier_examples import EXAMPLES
from engine.checks.examples import FLAGGED, INSTEAD
from engine.source.finding import Finding


@cache
def names() -> frozenset[str]:
    """Return the names of all rules."""
    return frozenset(check.name for check in CHECKS) | frozenset(EARLIER)


def name_of(rule: str) -> str:
    """Return the name of *rule*, which is one or the short form of one; anything else as it is."""
    by_code = {check.code: check.name for check in CHECKS} | {e.code: name for name, e in EARLIER.items()}
    return by_code.get(rule, rule)


def code_of(rule: str) -> str:
    """Return the short form of *rule*, or ''."""
    held = next((check.code for check in CHECKS if check.name == rule), "")
    return held or (EARLIER[rule].code if rule in EARLIER else "")


def page_of(rule: str) -> str:
    """Return the manual page of *rule*, or one line that says there is none."""
    for check in CHECKS:
        if rule in (check.name, check.code):
            return check.page.text
    for name, earlier in EARLIER.items():
        if rule in (name, earlier.code):
            return earlier.page + _shown(name)
    return f"`{rule}` is found while the files are read and linked; its message says the mend."


def _shown(rule: str) -> str:
    """Return the example of a rule of reading or linking, as pages show it; '' where it has none."""
    example = EXAMPLES.get(rule)
    if example is None:
        return ""
    shown = ""
    for head, text in ((FLAGGED, example.flagged), (INSTEAD, example.instead)):
        shown += f"\n\n{head}\n\n" + indent(f"# {example.file}\n{text}".rstrip(), "    ")
    return shown


def why_of(finding: Finding) -> str:
    """Return why *finding* matters: what it says itself, or else what its rule's page says; '' where neither does."""
    if finding.why:
        return finding.why
    title = next((check.page.title for check in CHECKS if check.name == finding.rule), "")
    if not title and finding.rule in EARLIER:
        sentences = EARLIER[finding.rule].page.split(". ")
        title = ". ".join(sentences[1:-1]) or sentences[0]
    return title[:1].lower() + title[1:].rstrip(".")
