"""Two versions of a bundle compared by what they mean."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import PurePosixPath

from engine.bundle import CompiledBundle, DocumentId
from engine.rehearsal.replay import Replay, replay
from engine.rehearsal.scenario import Scenario
from engine.views.diff.answers import Answers
from engine.views.diff.calls import Given
from engine.views.diff.change import Change, Difference, Level, Numbered, Story
from engine.views.diff.counting import counter_changes
from engine.views.diff.flows import flow_changes
from engine.views.diff.plain import keys
from engine.views.diff.rules import RuleComparison
from engine.views.diff.spoken import intent_changes, prompt_changes
from engine.views.diff.terms import vocabulary_changes

ORDER = tuple(Level)
Stories = Mapping[str, tuple[Scenario | None, Scenario | None]]
"""Scenarios by id, as each version reads them; None where it cannot."""


def compare(
    old: CompiledBundle, new: CompiledBundle, as_of: date, *, names: tuple[str, str] = ("old", "new"),
    texts: tuple[Mapping[PurePosixPath, str], Mapping[PurePosixPath, str]] = ({}, {}), given: Given | None = None,
    stories: Stories | None = None,
) -> Difference:
    """Return what differs between two versions, the gravest first.

    Args:
        old: The version before.
        new: The version after.
        as_of: The day from which on rules are compared; what changes later is found too.
        names: What the versions are called.
        texts: Their files, to tell which differ in layout alone.
        given: Who is called in the calls that show a flow's change; none are gone through without.
        stories: Scenarios to be replayed under both.
    """
    changes = tuple(_changes(old, new, as_of, given))
    return Difference(
        old=names[0], new=names[1],
        changes=tuple(sorted(changes, key=lambda c: (ORDER.index(c.level), c.area, c.subject, c.what))),
        layout=tuple(_layout(old, new, *texts)),
        versions=tuple(_versions(old, new, changes)),
        stories=tuple(_stories(old, new, stories or {})),
    )


def _changes(old: CompiledBundle, new: CompiledBundle, as_of: date, given: Given | None) -> Iterator[Change]:
    if old.digest == new.digest:
        return
    before, after = Answers(old), Answers(new)
    try:
        found: list[Change] = []
        found += RuleComparison(before, after, as_of).changes()
        found += counter_changes(old, new, as_of)
        found += prompt_changes(before, after, as_of)
        found += intent_changes(old, new)
        found += vocabulary_changes(old, new)
        found += flow_changes(old, new, as_of, given)
        yield from found
        yield from _otherwise(old, new, found)
    finally:
        before.close()
        after.close()


def _otherwise(old: CompiledBundle, new: CompiledBundle, found: Iterable[Change]) -> Iterator[Change]:
    """Yield a change for each document that differs in nothing told so far: titles and notes."""
    told = {str(change.span.path) for change in found}
    for _, was, now in keys(_documents(old), _documents(new)):
        held: DocumentId = now or was
        if was is None or now is None:
            if held.path not in told:
                what = f"new {held.kind}" if was is None else f"{held.kind} taken away"
                yield Change(Level.MEANING, "document", held.id, what)
        elif was.digest != now.digest and now.path not in told:
            what = f"title `{was.title}` became `{now.title}`" if was.title != now.title else (
                "only its version number differs" if was.version != now.version else "notes or order differ"
            )
            yield Change(Level.WORDING, "document", held.id, what)


def _documents(bundle: CompiledBundle) -> dict[str, DocumentId]:
    return {f"{document.kind}/{document.id}": document for document in bundle.documents}


def _layout(
    old: CompiledBundle, new: CompiledBundle, before: Mapping[PurePosixPath, str], after: Mapping[PurePosixPath, str]
) -> Iterator[str]:
    """Yield each document whose text differs though it says the same."""
    for _, was, now in keys(_documents(old), _documents(new)):
        if was is None or now is None or was.digest != now.digest:
            continue
        texts = before.get(PurePosixPath(was.path)), after.get(PurePosixPath(now.path))
        if None not in texts and texts[0] != texts[1]:
            yield now.path


def _versions(old: CompiledBundle, new: CompiledBundle, changes: tuple[Change, ...]) -> Iterator[Numbered]:
    """Yield each document that changed, and whether its version rose enough.

    A change of safety needs the next major version, of meaning the next minor one, of words the next patch.
    """
    gravest: dict[str, Level] = {}
    for change in changes:
        path = str(change.span.path)
        if path not in gravest or ORDER.index(change.level) < ORDER.index(gravest[path]):
            gravest[path] = change.level
    for _, was, now in keys(_documents(old), _documents(new)):
        if was is None or now is None or was.digest == now.digest:
            continue
        least = _raised(was.version, gravest.get(now.path, Level.WORDING))
        enough = _number(now.version) >= _number(least)
        yield Numbered(now.path, now.id, was.version, now.version, "" if enough else least)


def _raised(version: str, level: Level) -> str:
    major, minor, patch = _number(version)
    if level is Level.SAFETY:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if level is Level.MEANING else f"{major}.{minor}.{patch + 1}"


def _number(version: str) -> tuple[int, int, int]:
    parts = [int(part) for part in version.partition("-")[0].partition("+")[0].split(".") if part.isdigit()]
    major, minor, patch = (*parts, 0, 0, 0)[:3]
    return major, minor, patch


def _stories(old: CompiledBundle, new: CompiledBundle, stories: Stories) -> Iterator[Story]:
    for name, (before, after) in sorted(stories.items()):
        held = after or before
        if held is None:
            continue
        if before is None or after is None:
            which = "the old" if before is None else "the new"
            yield Story(name, held.path, "unreadable", f"{which} version cannot read it")
            continue
        yield _story(name, replay(old, before), replay(new, after))


def _story(name: str, one: Replay, other: Replay) -> Story:
    path = other.scenario.path
    if one.passed != other.passed:
        failure = next(iter((*other.failures, *one.failures)))
        return Story(name, path, "now passes" if other.passed else "now fails", failure.message)
    if _outcome(one) != _outcome(other):
        return Story(name, path, "differs", "it goes another way, within what it expects")
    if _words(one) != _words(other):
        return Story(name, path, "other words")
    return Story(name, path, "same")


def _outcome(found: Replay) -> object:
    return (
        [(e.turn.states, [u.prompt for u in e.turn.utterances], [a.name for a in e.turn.actions],
          e.turn.session.disposition, e.turn.prevented) for e in found.exchanges],
        [(d.outcome, d.denying, d.next_allowed) for _, d in found.decisions],
    )  # fmt: skip


def _words(found: Replay) -> object:
    return [e.turn.text for e in found.exchanges]
