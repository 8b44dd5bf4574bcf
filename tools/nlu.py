"""Measure how well words are understood: ``callwright nlu test`` and ``callwright nlu report``.

Exit status: 0, 1 the recall of protected intents fell or lies under the floor,
2 the command was called wrongly, 3 something could not be read.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from engine.nlu.tally import LOW, Heard, Hearing, Intent, tally
from engine.rehearsal.replay import replay
from engine.rehearsal.scenario import read_scenario
from engine.terms import Kind
from tools.bundles import Opened, open_bundle
from tools.console import FAILED, CouldNotRead, bundle_option, count, echo_json, format_option, moment
from tools.lines import read_records
from tools.measures import Judged, falls, recall_of, summary
from tools.understand import listener


@click.group()
def nlu() -> None:
    """Measure how well words are understood."""


@nlu.command()
@click.argument("dataset", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE", help="What --format json said before.")
@click.option("--floor", type=click.FloatRange(0, 1), help="The least recall of protected intents together.")
@click.option("--flow", metavar="ID", help="The flow that states belong to. Default: `collections`.")
@click.option("--locale", metavar="NAME", help="The language where a line names none. Default: the bundle's first.")
@click.option("--at", metavar="TIME", callback=moment, help="The local time where a line names none. Default: now.")
@click.option("--top", type=click.IntRange(0), default=10, help="How many confusions to list. Default: 10.")
@bundle_option
@format_option
def test(
    dataset: Path, baseline: Path | None, floor: float | None, flow: str | None, locale: str | None,
    at: datetime | None, top: int, folder: Path | None, style: str,
) -> None:  # fmt: skip
    """Compare what is accepted with what ought to be, for each utterance of DATASET.

    DATASET is JSON lines: {"text": "…", "intents": ["…"]} and, as wanted, "locale", "state", "at"; `intents` are
    all those that ought to be accepted, [] where none. Exit status 1: the recall of protected intents lies under the
    floor, or under the baseline's.
    """
    ear = listener(open_bundle(folder, scenarios=False).bundle, flow, locale, at)
    protected = ear.bundle.vocabulary.protected
    judged = []
    for record in read_records(dataset):
        if record.intents is None:
            raise CouldNotRead(f'{record.where}: it is not said what ought to be accepted: add "intents": []')
        try:
            heard = ear.hear(record.text, locale=record.locale, state=record.state, at=record.at)
        except ValueError as wrong:
            raise CouldNotRead(f"{record.where}: {wrong}") from wrong
        judged.append(Judged(record.where, record.text, frozenset(record.intents), heard))
    if not judged:
        raise CouldNotRead("there is nothing to measure: the dataset is empty")
    known = {spec.id for specs in ear.bundle.intents.values() for spec in specs}
    for name in sorted(frozenset().union(*(one.wanted for one in judged)) - known):
        click.echo(f"there is no intent `{name}`: what is labelled so counts as not understood", err=True)
    measured = summary(judged, protected)
    before = _baseline(baseline) if baseline else {}
    fallen = falls(measured, before, protected)
    together = measured["protected_recall"]
    under = floor is not None and isinstance(together, float) and together < floor
    if style == "json":
        echo_json({**measured, "fallen": list(fallen), "under_floor": under})
    else:
        _print(measured, before, top)
        for one in judged:
            missed = (one.wanted - one.accepted) & set(protected)
            if missed:
                click.echo(f"missed {', '.join(sorted(missed))}: {one.text} ({one.where})")
        if fallen:
            click.echo(f"the recall fell: {', '.join(fallen)}")
        if under:
            click.echo(f"the recall of protected intents is under the floor of {floor}")
    if fallen or under:
        raise SystemExit(FAILED)


@nlu.command()
@click.option("--top", type=click.IntRange(1), default=10, help="How many rows of each table. Default: 10.")
@click.option("--database", "url", metavar="URL", envvar="CALLWRIGHT_DATABASE",
              help="The store of the calls: sqlite:///PATH or postgresql://… . Default: CALLWRIGHT_DATABASE.",
              )  # fmt: skip
@click.option("--since", metavar="TIME", callback=moment, help="Look at what was said from then on. Default: at all.")
@bundle_option
@format_option
def report(top: int, url: str | None, since: datetime | None, folder: Path | None, style: str) -> None:
    """Tell a supervisor how well callees were understood, and what came of it. No words of theirs are kept.

    It looks at stored calls: how sure the best reading was, how often an intent was heard with a low score, what the
    agent did when it acted on it, and how these calls ended. Where no database is named it replays the bundle's
    scenarios instead, and says so.
    """
    if url:
        from tools.stores import opened_hearing

        source, found = "stored calls", opened_hearing(url, since)
    elif since is not None:
        raise click.UsageError("--since looks at stored calls: name their --database")
    else:
        source, found = "replayed scenarios", tally(_replayed(open_bundle(folder)))
    if style == "json":
        echo_json({"source": source, **asdict(found), "intents": [_row(one) for one in found.intents[:top]]})
    else:
        click.echo("\n".join(_told(source, found, top)))


def _replayed(opened: Opened) -> Iterator[Heard]:
    for document in opened.sources.of(Kind.SCENARIO):
        scenario, _ = read_scenario(document, opened.bundle)
        if scenario is None or not scenario.lines:
            continue
        turns = [exchange.turn for exchange in replay(opened.bundle, scenario).exchanges]
        outcome = turns[-1].session.disposition or ""
        for turn in turns:
            if turn.understanding:
                readings = [(r.intent, r.score, r.accepted) for r in turn.understanding.readings]
                yield Heard(scenario.id, readings, [action.name for action in turn.actions], outcome)


def _row(one: Intent) -> dict[str, object]:
    return {**asdict(one), "low_rate": round(one.low / one.heard, 4) if one.heard else None}


def _told(source: str, found: Hearing, top: int) -> Iterator[str]:
    """Yield the lines that a supervisor reads."""
    yield f"{count(found.turns, 'turn')} with words in {count(sum(found.outcomes.values()), 'call')} ({source})"
    if not found.turns:
        yield "nothing was heard yet"
        return
    yield f"  not understood, so asked again: {found.not_understood} ({_percent(found.not_understood, found.turns)})"
    yield "\nhow sure the best reading was, from 0 to 1"
    widest = max(found.histogram)
    for step, number in enumerate(found.histogram):
        bar = "#" * -(-30 * number // max(1, widest))
        bounds = f"{step / 10:.1f} to {(step + 1) / 10:.1f}"
        yield f"  {bounds} {number:>8} {_percent(number, found.turns):>5}  {bar}".rstrip()
    yield f"\nintents, the most often heard first; a score under {LOW:.2f} is low"
    yield f"  {'intent':<26} {'heard':>7} {'acted on':>9} {'low':>7} {'rate':>6}"
    for one in found.intents[:top]:
        rate = _percent(one.low, one.heard) if one.heard else "-"
        yield f"  {one.intent:<26} {one.heard:>7} {one.accepted:>9} {one.low:>7} {rate:>6}"
    yield "\nwhat the agent did when it acted on an intent"
    for one in found.intents[:top]:
        if one.actions:
            did = ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in one.actions.items())
            yield f"  {one.intent:<26} {did}"
    yield "\nhow these calls ended"
    for outcome, number in list(found.outcomes.items())[:top]:
        yield f"  {outcome.replace('_', ' '):<26} {number:>7}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%" if whole else "-"


def _baseline(file: Path) -> Mapping[str, object]:
    try:
        data = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as wrong:
        raise CouldNotRead(f"the baseline `{file}` is not what `nlu test --format json` writes") from wrong
    if not isinstance(data, Mapping):
        raise CouldNotRead(f"the baseline `{file}` is not what `nlu test --format json` writes")
    return data


def _print(measured: Mapping[str, object], before: Mapping[str, object], top: int) -> None:
    click.echo(count(_number(measured["utterances"]), "utterance"))
    for name in ("exactly_right", "protected_recall", "calibration_error"):
        click.echo(f"  {name.replace('_', ' '):<22} {_share(measured[name])}{_delta(measured[name], before.get(name))}")
    intents = measured["intents"]
    assert isinstance(intents, Mapping)
    click.echo(f"  {'intent':<26} {'wanted':>6} {'precision':>9} {'recall':>9}")
    for name, entry in intents.items():
        delta = _delta(entry["recall"], recall_of(before, name))
        precision, recall = _share(entry["precision"]), _share(entry["recall"])
        click.echo(f"  {name:<26} {entry['wanted']:>6} {precision:>9} {recall:>9}{delta}")
    confused = measured["confusions"]
    assert isinstance(confused, list)
    for entry in confused[:top]:
        wanted, accepted = entry["wanted"] or "(nothing)", entry["accepted"] or "(nothing)"
        click.echo(f"  {wanted} was taken for {accepted}: {count(entry['times'], 'time')}")


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _share(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, int | float) else "-"


def _delta(now: object, before: object) -> str:
    if isinstance(now, int | float) and isinstance(before, int | float):
        return f"  ({now - before:+.4f})"
    return ""
