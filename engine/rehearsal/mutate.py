"""Who would notice: small dangerous edits of a bundle, and whether lint or a scenario finds each.

An edit that nothing notices is a gap in the rules or in the scenarios, or it is
equivalent and listed as such with a reason.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from engine.source.span import Span

Texts = Mapping[PurePosixPath, str]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small edit.

    Args:
        kind: What sort of edit it is.
        what: What it would mean, in words.
        span: Where.
        text: The whole file as edited.
    """

    kind: str
    what: str
    span: Span
    text: str

    @property
    def key(self) -> str:
        """Return what names this edit in a list of equivalent ones."""
        return f"{self.span.path}:{self.kind}:{self.what}"

    def applied(self, texts: Texts) -> dict[PurePosixPath, str]:
        """Return *texts* with this edit."""
        return {**texts, self.span.path: self.text}


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a mutant: ``lint``, ``scenario``, ``equivalent`` or, when nobody noticed, ''."""

    mutant: Mutant
    noticed_by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    folder: str
    pattern: re.Pattern[str]
    becomes: str
    what: str


_KINDS = (
    _Kind("guard-dropped", "flows", re.compile(r"\{when: [^,\[\]{}]+, (?=\w)"), "{", "a step without its condition"),
    _Kind(
        "exemption-dropped", "policies", re.compile(r"^    unless: [^\n]+\n", re.M), "", "a rule without its exemption"
    ),
    _Kind(
        "condition-dropped", "policies", re.compile(r"^    when: [^\n\[]+\n", re.M), "", "a rule without its condition"
    ),
    _Kind("ban-narrowed", "policies", re.compile(r"(?<=never_say: \[)\w+, "), "", "a class that may be said"),
    _Kind("notice-narrowed", "policies", re.compile(r"(?<=before: \[)\w+, "), "", "a notice that comes later"),
    _Kind("repeats-raised", "flows", re.compile(r"(?<=times: )\d"), "9", "the same asked nine times"),
    _Kind("limit-moved", "policies", re.compile(r">="), ">", "a limit moved by one"),
    _Kind("limit-moved-up", "policies", re.compile(r"<="), "<", "a limit moved by one"),
    _Kind("person-kept", "policies", re.compile(r"lasts: person"), "lasts: call", "a fact that outlives its person"),
    _Kind("starts-true", "policies", re.compile(r"initially: false"), "initially: true", "a fact that begins as true"),
    _Kind("silenced", "flows", re.compile(r"say: \w+, (?=end:)"), "", "a goodbye that is not said"),
    _Kind(
        "suppression-dropped", "policies", re.compile(r"^    suppress: [^\n]+\n", re.M), "", "a right that is not kept"
    ),
    _Kind(
        "derived-falsely",
        "policies",
        re.compile(r"(?<=derive: \{)([\w.]+): '?true'?"),
        r"\1: 'false'",
        "a fact derived false",
    ),
    _Kind(
        "not-enforced",
        "policies",
        re.compile(r"^place: "),
        "status: proposed\nplace: ",
        "a policy that is not enforced",
    ),
)
_GO = re.compile(r"(?<=go: )\w+")


def mutants(texts: Texts) -> Iterator[Mutant]:
    """Yield every edit, in order of file and kind."""
    for path in sorted(texts):
        text = texts[path]
        for kind in _KINDS:
            if path.parts[0] == kind.folder:
                for match in kind.pattern.finditer(text):
                    edited = text[: match.start()] + match.expand(kind.becomes) + text[match.end() :]
                    if edited != text:
                        yield Mutant(kind.name, kind.what, _span(path, text, match), edited)
        if path.name == "flow.yaml":
            yield from _misled(path, text)


def _misled(path: PurePosixPath, text: str) -> Iterator[Mutant]:
    """Yield steps that go to the state after the one they mean."""
    states = re.findall(r"^  (\w+):$", text[text.find("\nstates:") :], re.M)
    for match in _GO.finditer(text):
        if match[0] in states and len(states) > 1:
            other = states[(states.index(match[0]) + 1) % len(states)]
            yield Mutant(
                "misled",
                f"goes to {other} in place of {match[0]}",
                _span(path, text, match),
                text[: match.start()] + other + text[match.end() :],
            )


def _span(path: PurePosixPath, text: str, match: "re.Match[str]") -> Span:
    line = text.count("\n", 0, match.start()) + 1
    return Span(path, line, match.start() - text.rfind("\n", 0, match.start()), max(1, len(match[0].strip())))


def mutate(
    texts: Texts,
    lint: Callable[[Texts], bool],
    rehearse: Callable[[Texts], bool],
    equivalent: Mapping[str, str],
    chosen: Callable[[Mutant], bool] = lambda mutant: True,
) -> Iterator[Trial]:
    """Yield what becomes of each mutant.

    Args:
        texts: The bundle's files.
        lint: Whether checking finds an error in edited files that it does not find in these.
        rehearse: Whether a scenario fails on them.
        equivalent: Keys of edits that change nothing that matters, with the reason.
        chosen: Which mutants to try.
    """
    for mutant in mutants(texts):
        if not chosen(mutant):
            continue
        edited = mutant.applied(texts)
        if mutant.key in equivalent:
            yield Trial(mutant, "equivalent", equivalent[mutant.key])
        elif lint(edited):
            yield Trial(mutant, "lint")
        else:
            yield Trial(mutant, "scenario" if rehearse(edited) else "")
