"""A difference as text, Markdown, HTML and plain data."""

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import Any

from engine.expressions.values import to_json
from engine.views.diff.change import Change, Difference, Direction, Level, Witness

FORMAT_VERSION = 1
_HEADINGS = {
    Level.SAFETY: "SAFETY", Level.MEANING: "MEANING", Level.WORDING: "WORDING", Level.LAYOUT: "LAYOUT",
}
_ARROWS = {
    Direction.WEAKER: "weaker", Direction.STRONGER: "stronger", Direction.BOTH: "weaker and stronger",
    Direction.NONE: "",
}


def summary(found: Difference) -> str:
    """Return how many changes of each level there are, in one line."""
    if found.same:
        return "no change in meaning" + (f", {len(found.layout)} files laid out otherwise" if found.layout else "")
    counts = [(level, sum(c.level is level for c in found.changes)) for level in Level]
    return ", ".join(f"{number} {level}" for level, number in counts if number)


def text(found: Difference) -> str:
    """Return *found* as plain text."""
    return "\n".join(_text(found)) + "\n"


def _text(found: Difference) -> Iterator[str]:
    yield f"{found.old} -> {found.new}: {summary(found)}"
    for level in Level:
        for change in (c for c in found.changes if c.level is level):
            yield ""
            yield _headline(change)
            yield from (f"    {line}" for line in _details(change))
    if found.layout:
        yield ""
        yield f"LAYOUT   {', '.join(found.layout)}"
    yield from _ends(found)


def _headline(change: Change) -> str:
    direction = f" [{_ARROWS[change.direction]}]" if change.direction else ""
    return f"{_HEADINGS[change.level]:<8} {change.area} `{change.subject}`{direction}: {change.what}"


def _details(change: Change) -> Iterator[str]:
    if change.before and change.after and change.area != "prompt":
        yield f"before: {change.before}"
        yield f"now:    {change.after}"
    if change.source:
        yield f"source: {change.source}"
    if change.span.line > 1 or change.span.column > 1:
        yield f"at {change.span}"
    for label, witness in (("shown by", change.witness), ("stronger, shown by", change.gained)):
        if witness is not None:
            yield f"{label}: {'; '.join(witness.told)}"
            yield f"  before: {witness.before}"
            yield f"  now:    {witness.after}" + ("" if witness.confirmed else "  (not confirmed)")
    if change.counsel:
        yield "a lawyer must look at this"


def _ends(found: Difference) -> Iterator[str]:
    short = [v for v in found.versions if v.needs]
    if found.versions:
        yield ""
    for version in found.versions:
        need = f": must rise to {version.needs}" if version.needs else ": enough"
        yield f"version  {version.id} {version.before} -> {version.after}{need}"
    if found.stories:
        counts: dict[str, int] = {}
        for story in found.stories:
            counts[story.became] = counts.get(story.became, 0) + 1
        yield ""
        told = ", ".join(f"{number} {became}" for became, number in sorted(counts.items()))
        yield f"scenarios  {len(found.stories)}: {told}"
        for story in found.stories:
            if story.became not in ("same", "other words"):
                yield f"  {story.id}: {story.became}{f' ({story.told})' if story.told else ''}"
    if found.unsafe or short:
        yield ""
    if found.unsafe:
        yield "needs approval by compliance"
    if short:
        yield "the version numbers do not suffice"


def markdown(found: Difference) -> str:
    """Return *found* as Markdown, for a review."""
    return "\n".join(_markdown(found)) + "\n"


def _markdown(found: Difference) -> Iterator[str]:
    yield f"## {_md(found.old)} → {_md(found.new)}"
    yield ""
    yield summary(found)
    for level in Level:
        changes = [change for change in found.changes if change.level is level]
        if changes:
            yield ""
            yield f"### {_HEADINGS[level].capitalize()}"
            yield ""
        for change in changes:
            direction = f" **{_ARROWS[change.direction]}**" if change.direction else ""
            yield f"- {change.area} `{change.subject}`{direction}: {_md(change.what)}"
            yield from (f"  - {_md(line.strip())}" for line in _details(change))
    if found.layout:
        yield ""
        yield f"### Layout\n\n{', '.join(f'`{path}`' for path in found.layout)}"
    yield ""
    yield from (_md(line) if line else line for line in _ends(found))


def _md(line: str) -> str:
    return line.replace("<", "&lt;").replace("|", "\\|")


def html(found: Difference) -> str:
    """Return *found* as one page that asks for nothing from any other place."""
    read = files("engine.views.static").joinpath
    return (
        read("diff.html").read_text("utf-8")
        .replace("{{title}}", escape(f"{found.old} → {found.new}"))
        .replace("{{summary}}", escape(summary(found)))
        .replace("{{style}}", read("graph.css").read_text("utf-8") + read("diff.css").read_text("utf-8"))
        .replace("{{body}}", "\n".join(_html(found)))
    )


def _html(found: Difference) -> Iterator[str]:
    for level in Level:
        changes = [change for change in found.changes if change.level is level]
        if changes:
            yield f'<h2 class="{level}">{_HEADINGS[level].capitalize()} <small>{len(changes)}</small></h2>'
        for change in changes:
            direction = f'<span class="way">{_ARROWS[change.direction]}</span>' if change.direction else ""
            counsel = '<span class="counsel">a lawyer must look at this</span>' if change.counsel else ""
            yield f'<article class="{level}"><h3><code>{escape(change.subject)}</code> {direction}{counsel}</h3>'
            yield f"<p>{_worded(change.what)}</p>"
            if change.before and change.after and change.area != "prompt":
                yield f"<dl><dt>before</dt><dd>{escape(change.before)}</dd>"
                yield f"<dt>now</dt><dd>{escape(change.after)}</dd></dl>"
            for witness in (change.witness, change.gained):
                if witness is not None:
                    yield _shown(witness)
            where = [change.area, change.source, "" if str(change.span).startswith("<") else str(change.span)]
            yield f'<p class="small">{escape(" · ".join(part for part in where if part))}</p></article>'
    if found.layout:
        yield f'<h2>Layout</h2><p>{escape(", ".join(found.layout))}</p>'
    lines = "".join(f"<li>{escape(line.strip())}</li>" for line in _ends(found) if line.strip())
    yield f"<h2>Effect</h2><ul>{lines}</ul>" if lines else ""


def _shown(witness: Witness) -> str:
    told = "".join(f"<li>{escape(line)}</li>" for line in witness.told)
    return (
        f'<div class="witness"><ol>{told}</ol><p><b>before</b> {escape(witness.before)}</p>'
        f"<p><b>now</b> {escape(witness.after)}</p></div>"
    )


def _worded(what: str) -> str:
    return (
        escape(what).replace("[-", "<del>").replace("-]", "</del>").replace("{+", "<ins>").replace("+}", "</ins>")
    )


def data(found: Difference) -> dict[str, Any]:
    """Return *found* as plain data; new fields may be added under the same ``format_version``."""
    return {
        "format_version": FORMAT_VERSION,
        "old": found.old,
        "new": found.new,
        "summary": summary(found),
        "changes": [
            {
                "level": change.level.value, "area": change.area, "subject": change.subject, "what": change.what,
                "direction": change.direction.value, "before": change.before, "after": change.after,
                "counsel": change.counsel, "source": change.source, "at": str(change.span),
                "witness": _witness(change.witness), "gained": _witness(change.gained),
            }
            for change in found.changes
        ],
        "layout": list(found.layout),
        "versions": [
            {"id": v.id, "path": v.path, "before": v.before, "after": v.after, "needs": v.needs} for v in found.versions
        ],
        "scenarios": [{"id": s.id, "path": s.path, "became": s.became, "told": s.told} for s in found.stories],
        "approval_needed": found.unsafe,
    }


def _witness(witness: Witness | None) -> dict[str, Any] | None:
    if witness is None:
        return None
    return {
        "kind": witness.kind, "told": list(witness.told), "before": witness.before, "after": witness.after,
        "facts": {name: to_json(value) for name, value in sorted(witness.facts.items())},
        "confirmed": witness.confirmed,
    }
