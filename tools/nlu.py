"""Measure how well words are understood: ``callwright nlu test`` and ``callwright nlu report``.

Exit status: 0, 1 the recall of protected intents fell or lies under the floor,
2 the command was called wrongly, 3 something could not be read.
"""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from engine.rehearsal.replay import replay
from engine.rehearsal.scenario import read_scenario
from engine.runtime.session import Turn
from engine.terms import Kind
from tools.bundles import open_bundle
from tools.console import FAILED, CouldNotRead, bundle_option, count, echo_json, format_option, moment
from tools.lines import read_records
from tools.measures import Judged, falls, recall_of, summary
from tools.understand import listener

LOW = 0.6
"""Scores under this are low."""


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
@bundle_option
@format_option
def report(top: int, folder: Path | None, style: str) -> None:
    """Tell how sure the recogniser was over the bundle's scenarios, and what came of it. No words are kept."""
    opened = open_bundle(folder)
    turns: list[Turn] = []
    endings: Counter[str] = Counter()
    for document in opened.sources.of(Kind.SCENARIO):
        scenario, _ = read_scenario(document, opened.bundle)
        if scenario is not None and scenario.lines:
            played = replay(opened.bundle, scenario)
            turns += [exchange.turn for exchange in played.exchanges]
            endings[turns[-1].session.disposition or "still going on"] += 1
    data = tables(turns, endings, top)
    if style == "json":
        echo_json(data)
        return
    for title, rows in data.items():
        click.echo(title.replace("_", " "))
        for name, value in rows.items():
            click.echo(f"  {name:<40} {value}")
        click.echo()


def tables(turns: list[Turn], endings: Mapping[str, int], top: int) -> dict[str, dict[str, object]]:
    """Return the histogram of best scores, low scores by intent, what the agent did on each intent, and the endings."""
    heard = [turn for turn in turns if turn.understanding and turn.understanding.readings]
    bins: Counter[int] = Counter()
    low: Counter[str] = Counter()
    every: Counter[str] = Counter()
    done: Counter[tuple[str, str]] = Counter()
    for turn in heard:
        assert turn.understanding is not None
        best = turn.understanding.readings[0]
        bins[min(9, int(best.score * 10))] += 1
        every[best.intent] += 1
        low[best.intent] += best.score < LOW
        acted = [action.name for action in turn.actions] or ["(says only)"]
        done.update((intent, action) for intent in turn.understanding.accepted or ("(unclear)",) for action in acted)
    rates = sorted(every, key=lambda name: (-low[name] / every[name], name))[:top]
    return {
        "utterances": {"total": len(heard)},
        "best_score": {f"{bin / 10:.1f} to {(bin + 1) / 10:.1f}": bins[bin] for bin in range(10)},
        "low_scores_by_intent": {name: f"{low[name]} of {every[name]}" for name in rates},
        "actions_by_intent": {f"{intent}: {action}": n for (intent, action), n in done.most_common(top)},
        "endings": dict(Counter(endings).most_common(top)),
    }


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
