"""The slips every author makes, told from what the YAML scanner stumbles over.

The scanner says where it could not go on, which is seldom where the slip is:
for a quote that is never closed it names the end of the file. Each function
here turns its words into one finding at the place to mend.
"""

import re
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath

import yaml

from engine.source.finding import Finding, Note
from engine.source.span import Span

QUOTE_IT = "put the text in quotes, or write it on the next line under `>-`"
BRACES = Finding(
    Span(PurePosixPath(), 1, 1),
    "unquoted-braces",
    "a text that begins with `{{`, or stands inside `{ }` or `[ ]`, needs quotes",
    help=QUOTE_IT + ": `say: '{{ … }}'`",
)

_ESCAPES = re.compile(r"\\(?:\r?\n|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")


@dataclass(frozen=True, slots=True)
class Quoted:
    """The last quoted text read, by the indexes of its first character and of what follows it."""

    start: int
    end: int
    line: int
    column: int
    last_line: int


class Place:
    """Turns indexes into spans of one file."""

    def __init__(self, text: str, path: PurePosixPath) -> None:
        self.text = text
        self.path = path

    def span(self, mark: yaml.Mark, width: int = 1, after: int = 0) -> Span:
        """Return the span of *width* characters, *after* characters behind *mark*; PyYAML counts from 0.

        A mark behind the end, which PyYAML puts on a line of its own, becomes the end.
        """
        if mark.index >= len(self.text) and self.text:
            return self.at(len(self.text.rstrip("\r\n")))
        return Span(self.path, mark.line + 1, mark.column + 1 + after, max(1, width))

    def at(self, index: int, width: int = 1) -> Span:
        """Return the span of *width* characters at *index* of the text."""
        before = self.text[:index]
        return Span(self.path, before.count("\n") + 1, index - before.rfind("\n"), max(1, width))

    def line(self, mark: yaml.Mark) -> str:
        """Return the whole line on which *mark* lies."""
        start = self.text.rfind("\n", 0, mark.index) + 1
        end = self.text.find("\n", mark.index)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")


def explain(error: yaml.MarkedYAMLError, place: Place, quoted: Quoted | None, flow: yaml.Mark | None) -> Finding:
    """Return the finding for what stopped the scanner.

    Args:
        error: What PyYAML says, with either of its scanners.
        place: The file.
        quoted: The last quoted text before it.
        flow: Where the innermost open ``{`` or ``[`` stands.
    """
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return _unreadable(Span(place.path, 1, 1))
    problem, context = (error.problem or "").lower(), (error.context or "").lower()
    rest = place.text[mark.index :]
    start = error.context_mark or mark
    if "quoted scalar" in context:
        return _in_quotes(problem, start, mark, place)
    if "unknown escape" in problem:
        return _backslash(place.span(mark), place.text[mark.index : mark.index + 2])
    for word in ("alias", "anchor", "tag"):
        if f"scanning an {word}" in context or f"a {word}" in context:
            return special_start(place.span(start), place.text[start.index])
    if "block scalar" in context:
        return special_start(place.span(start), place.text[start.index])
    if "directive" in context or (problem.startswith("expected '<document start>'") and place.text[:1] == "%"):
        return percent_line(Span(place.path, 1, 1))
    if "cannot start any token" in problem:
        return special_start(place.span(mark), rest[:1])
    if "mapping values are not allowed" in problem:
        return _colon(mark, place)
    if "sequence entries are not allowed" in problem:
        return special_start(place.span(mark), "-")
    if "could not find expected ':'" in problem:
        return _missing_colon(start, place)
    if flow is not None and not rest.strip():
        return _bracket(flow, mark, place)
    if rest.startswith("{{"):
        return at(BRACES, place.span(mark, 2))
    if quoted and not place.text[quoted.end : mark.index].strip(" "):
        return _after_quote(quoted, mark, place)
    if "<document start>" in problem:
        return several_documents(place.span(mark))
    if "flow" in context and "node" not in context and flow is not None:
        return _bracket(flow, mark, place)
    if "node" in context:
        return special_start(place.span(mark), rest[:1])
    if rest[:1] in ("]", "}", ","):
        return special_start(place.span(mark), rest[:1])
    bare = _bare_line(mark.line, place)
    if bare is not None:
        return _no_colon(bare)
    return Finding(
        place.span(mark),
        "bad-indentation",
        "this line does not line up with the lines it belongs to",
        help="settings of one group begin in the same column",
        notes=(Note(place.span(start), "the group begins here"),),
    )


def several_documents(span: Span) -> Finding:
    """Return the finding for a second document in one file."""
    return Finding(span, "several-documents", "a second document begins here", help="give it its own file")


def percent_line(span: Span) -> Finding:
    """Return the finding for a YAML directive."""
    return Finding(span, "tags-not-allowed", "a line that begins with `%` is not allowed", help="take it out")


def at(finding: Finding, span: Span) -> Finding:
    """Return *finding* at *span*."""
    return Finding(span, finding.rule, finding.message, help=finding.help)


def special_start(span: Span, character: str) -> Finding:
    """Return the finding for an unquoted text whose first character means something else."""
    if character in ("*", "&"):
        return Finding(
            span,
            "anchors-not-allowed",
            f"`{character}` at the start would make this an anchor or a reference to one, which are not allowed",
            help="write the text out where it belongs; if it is a sentence, put it in quotes",
        )
    if character == "!":
        return Finding(
            span,
            "tags-not-allowed",
            "`!` at the start would make this a tag, which is not allowed",
            help="take it out; if it is a sentence, put it in quotes",
        )
    if character == "-":
        return Finding(
            span, "special-start", "a list cannot begin here", help="begin it on the next line, or " + QUOTE_IT
        )
    if not character.strip():
        return _unreadable(span)
    return Finding(span, "special-start", f"an unquoted text cannot begin with `{character}`", help=QUOTE_IT)


def backslashes(raw: str, place: Place, index: int) -> list[Finding]:
    """Return the finding for the escapes of a double-quoted text that stand for characters nobody can see, if any do.

    Args:
        raw: The text with its quotes.
        place: The file.
        index: Where *raw* begins in it.
    """
    unseen = (match for match in _ESCAPES.finditer(raw) if match[0][1] in "0abtvfeNLP_")
    found = [(place.at(index + match.start(), len(match[0])), match[0]) for match in islice(unseen, 10)]
    notes = tuple(Note(span, f"nor is `{written}` here") for span, written in found[1:])
    return [_backslash(*found[0], notes)] if found else []


def _backslash(span: Span, written: str, notes: tuple[Note, ...] = ()) -> Finding:
    return Finding(
        span,
        "backslash-in-quotes",
        f"inside double quotes `{written}` is not a backslash and a letter",
        help="use single quotes: in them a backslash is a backslash",
        notes=notes,
    )


def _in_quotes(problem: str, start: yaml.Mark, mark: yaml.Mark, place: Place) -> Finding:
    if "escape" in problem or "hexdecimal" in problem or "hexadecimal" in problem:
        index = place.text.rfind("\\", 0, mark.index + 1)
        return _backslash(place.at(index, 2), place.text[index : index + 2])
    return Finding(
        place.span(start),
        "unclosed-quote",
        "this quote is never closed",
        help=f"put another {place.text[start.index]} where the text ends",
    )


def _after_quote(quoted: Quoted, mark: yaml.Mark, place: Place) -> Finding:
    opening = Span(place.path, quoted.line, quoted.column)
    mend = place.text[quoted.start]
    if quoted.last_line > quoted.line:
        return Finding(
            opening,
            "unclosed-quote",
            f"this quote is closed only on line {quoted.last_line}",
            help=f"put another {mend} where the text ends",
            notes=(Note(place.span(mark), "what follows cannot be read"),),
        )
    if quoted.end == mark.index:
        doubled = "''" if mend == "'" else '\\"'
        return Finding(
            place.at(quoted.end - 1),
            "quote-inside-quotes",
            "the text goes on after this quote, which closes it",
            help=f"inside the text write it as {doubled}, or write the text under `>-`",
        )
    return Finding(
        opening,
        "quoted-word-first",
        "only a part of this text is in quotes, and a quote at the start closes the whole",
        help="put quotes of the other kind around the whole text: `- \"'MA' in x\"`",
        notes=(Note(place.span(mark), "the text goes on here"),),
    )


def _colon(mark: yaml.Mark, place: Place) -> Finding:
    before = place.line(mark)[: mark.column]
    if re.search(r":(\s|$)", before) or re.match(r"\s*- ", before):
        return Finding(
            place.span(mark),
            "unquoted-colon",
            "a colon followed by a space starts a new setting",
            help="if it belongs to a sentence, " + QUOTE_IT,
        )
    bare = _bare_line(mark.line, place)
    if bare is not None:
        return _no_colon(bare)
    return Finding(
        Span(place.path, mark.line + 1, len(before) - len(before.lstrip()) + 1, max(1, len(before.strip()))),
        "bad-indentation",
        "this line is set deeper than the one above it, which already has a value",
        help="line it up with the settings it belongs to; if it goes on a sentence, put the sentence in quotes",
    )


def _bare_line(line: int, place: Place) -> Span | None:
    """Return the line without a colon that opens the group to which *line*, counted from 0, belongs; None if none does.

    In ``rule:``, ``ask before_dialing``, ``when: x`` the scanner stumbles over the third, and the second is to blame.
    """
    lines = place.text.split("\n")
    indent = len(lines[line]) - len(lines[line].lstrip(" "))
    found = None
    for number in range(line - 1, -1, -1):
        written = lines[number].split(" #")[0].rstrip()
        if not written or written.lstrip().startswith("#"):
            continue
        deep = len(written) - len(written.lstrip(" "))
        if deep < indent:
            return found if written.endswith(":") else None
        if deep > indent or re.search(r":(\s|$)", written) or written[deep] in "-'\"|>[{":
            return None
        found = Span(place.path, number + 1, deep + 1, len(written) - deep)
    return None


def _missing_colon(start: yaml.Mark, place: Place) -> Finding:
    return _no_colon(place.span(start, len(place.line(start)[start.column :].rstrip())))


def _no_colon(span: Span) -> Finding:
    return Finding(
        span,
        "missing-colon",
        "this line is no setting: it has no colon",
        help="write `name: value`; if it goes on the sentence above, set it deeper than the line where that begins",
    )


def _bracket(flow: yaml.Mark, mark: yaml.Mark, place: Place) -> Finding:
    opening = place.text[flow.index]
    closing = "]" if opening == "[" else "}"
    return Finding(
        place.span(flow),
        "unclosed-bracket",
        f"this `{opening}` is not closed where it should be",
        help=f"close it with `{closing}`; put texts that hold commas, colons or brackets in quotes",
        notes=(Note(place.span(mark), f"a comma or `{closing}` is missing before this"),),
    )


def _unreadable(span: Span) -> Finding:
    return Finding(
        span, "unreadable-file", "the file cannot be read from here on", help="check the quotes and colons around here"
    )


def too_large(span: Span, message: str, mend: str) -> Finding:
    """Return the finding for a file beyond the limits."""
    return Finding(span, "too-deep-or-large", message, help=mend)
