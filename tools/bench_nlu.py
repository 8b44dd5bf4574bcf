"""How well words are understood, beside published figures: ``python -m tools.bench_nlu [--data FOLDER]``.

The generated utterances of every intent are measured in any case: what was accepted of what was meant, and what was
meant of what was accepted. FOLDER holds ``clinc150``, ``banking77``, ``hwu64_autofaq`` and ``recognizers_specs`` as
their authors publish them; what is not there is left out. The statistical layer alone is measured on the three sets
of intents, the grammar of days on the Recognizers' specifications, and the whole recogniser of the bundle on
CLINC150's utterances that mean nothing to it.
"""

import csv
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from time import thread_time

import click
import numpy as np
from numpy.typing import NDArray

from engine.expressions.tree import Value
from engine.nlu.calibration import temperature
from engine.nlu.dates import days
from engine.nlu.encoder import NAMED, Encoder, encoder_named, scores, train_meaning
from engine.nlu.english import ENGLISH
from engine.nlu.evaluate import Labelled, calibration_error, evaluate
from engine.nlu.figures import figures
from engine.nlu.linear import Floats, softmax, train
from engine.nlu.reading import Listening
from engine.nlu.words import read
from engine.runtime.prepared import prepare
from tests.engine.nlu.generator import utterances
from tools.bundles import open_bundle
from tools.console import bundle_option

Rows = list[tuple[str, str]]  # text, label
Scorer = Callable[[Rows], Floats]


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER")
@click.option("--every", type=click.IntRange(1), default=1, help="Measure one of so many generated utterances.")
@click.option("--fuzz", type=click.IntRange(0), default=0, help="Also read this many utterances of nonsense.")
@click.option("--encoder", type=click.Choice(NAMED), help="Also hear with this encoder, of the extra `nlu`.")
@bundle_option
def bench_nlu(data: Path | None, every: int, fuzz: int, encoder: str | None, folder: Path | None) -> None:
    """Print accuracy, calibration, days read and utterances wrongly taken for protected ones."""
    hearing = encoder_named(encoder or "")
    for line in chain(generated(every, folder, hearing), measure(data, folder, hearing) if data else ()):
        click.echo(line)
    if fuzz:
        click.echo(nonsense(fuzz, folder))


def generated(every: int, folder: Path | None = None, encoder: Encoder | None = None) -> Iterator[str]:
    """Yield how the generated utterances of each language are understood, one of *every*, and each intent's row."""
    bundle = open_bundle(folder).bundle
    ear = prepare(bundle, encoder=encoder).recogniser
    protected = frozenset(bundle.vocabulary.protected)
    at = datetime(2026, 11, 18, 10, tzinfo=UTC)
    known: dict[str, Value] = {"party.first_name": "Alex", "account.balance": 480_00}
    for locale in bundle.locales:
        cases = [
            replace(case, listening=Listening(at, asks=_asked(case), facts=known))
            for case in list(utterances())[::every]
            if case.locale == locale
        ]
        report = evaluate(ear, cases, protected, at)
        meant = Counter(intent for case in cases for intent in case.means)
        taken = Counter(i for one in report.judged for i in one.understanding.accepted if one.case.means)
        right = Counter(i for one in report.judged for i in one.case.means & set(one.understanding.accepted))
        wrong = sum(1 for one in report.judged if one.forbidden)
        yield (
            f"{locale}: {len(cases)} generated utterances, {wrong} forbidden; accepted of protected intents "
            f"{100 * report.protected_recall:.2f} %, of others {100 * report.recall(set(meant) - protected):.2f} %"
        )
        for intent in sorted(meant):
            precision = 100 * right[intent] / taken[intent] if taken[intent] else 100.0
            yield (
                f"  {intent:<20} {meant[intent]:>6} meant, {100 * report.recall([intent]):6.2f} % accepted, "
                f"{precision:6.2f} % of what was accepted"
            )


def _asked(case: Labelled) -> frozenset[str]:
    return frozenset({"heard.dob", "heard.zip", "heard.ssn4"}) if "give_identifier" in case.means else frozenset()


def measure(data: Path, folder: Path | None = None, encoder: Encoder | None = None) -> Iterator[str]:
    """Yield a line for each figure, with what others have published."""
    clinc = data / "clinc150" / "data_full.json"
    if clinc.exists():
        full = {k: [(t, i) for t, i in v] for k, v in json.loads(clinc.read_text("utf-8")).items()}
        yield _clinc(full, encoder)
        yield _strangers([t for t, _ in full["oos_test"]], folder)
    banking = data / "banking77" / "banking_data"
    if banking.exists():
        rows = [_csv(banking / f"{part}.csv", 0, 1, header=True) for part in ("train", "test")]
        yield _plain("BANKING77", rows[0], rows[1], "BERT 93.7, USE with ConveRT 93.4", encoder)
    hwu = data / "hwu64_autofaq" / "data"
    if hwu.exists():
        rows = [_csv(hwu / f"hwu_small_{part}.csv", 2, 0, header=False) for part in ("train", "test")]
        yield _plain("HWU64, 10 examples", rows[0], rows[1], "Dialogflow 64.0, LUIS 67.3, Watson 77.6", encoder)
    specs = data / "recognizers_specs" / "Specs" / "DateTime" / "English" / "DateParser.json"
    if specs.exists():
        yield _days(json.loads(specs.read_text("utf-8-sig")))


def nonsense(count: int, folder: Path | None = None) -> str:
    """Return what *count* utterances of any characters, and of the bundle's own words at random, cost."""
    bundle = open_bundle(folder).bundle
    ear = prepare(bundle).recogniser
    known = sorted({w for s in bundle.intents["en-US"] for e in s.examples for w in e.split()})
    dice = random.Random(0)
    took: list[float] = []
    for _ in range(count):
        if dice.random() < 0.5:
            text = "".join(chr(dice.choice(_PLANES)(dice)) for _ in range(dice.randrange(450)))
        else:
            text = " ".join(dice.choices(known, k=dice.randrange(1, 80)))
        began = thread_time()
        ear.understand(text, "en-US", Listening(datetime(2026, 11, 18, 10, tzinfo=UTC)))
        took.append(1000 * (thread_time() - began))
    took.sort()
    return f"{count} utterances of nonsense: p99.9 {took[len(took) * 999 // 1000]:.1f} ms, at most {took[-1]:.1f} ms"


_PLANES: tuple[Callable[[random.Random], int], ...] = (
    lambda dice: dice.randrange(32, 127),
    lambda dice: dice.randrange(0xD800),
    lambda dice: dice.randrange(0xE000, 0x110000),
)


def _csv(path: Path, text: int, label: int, *, header: bool) -> Rows:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [(row[text], row[label]) for row in csv.reader(stream) if len(row) > max(text, label)]
    return rows[1:] if header else rows


def _fit(rows: Rows) -> tuple[tuple[str, ...], Sequence[Sequence[str]], NDArray[np.int8]]:
    labels = tuple(sorted({label for _, label in rows}))
    column = {label: i for i, label in enumerate(labels)}
    targets = np.full((len(rows), len(labels)), -1, np.int8)
    targets[np.arange(len(rows)), [column[label] for _, label in rows]] = 1
    return labels, [read(text, ENGLISH).texts for text, _ in rows], targets


def _scorer(
    labels: tuple[str, ...], sentences: Sequence[Sequence[str]], targets: NDArray[np.int8], encoder: Encoder | None
) -> tuple[Scorer, float]:
    """Return what scores rows after training on *sentences*, and the temperature of its scores."""
    model = train(sentences, targets, labels)

    def by_words(rows: Rows) -> Floats:
        return np.stack([model.scores(model.space.vector(read(text, ENGLISH).texts)) for text, _ in rows])

    if encoder is None:
        return by_words, temperature(sentences, targets, labels)
    weights, share, sharpness = train_meaning(sentences, targets, labels, encoder)

    def by_both(rows: Rows) -> Floats:
        embedded = encoder.encode([" ".join(read(text, ENGLISH).texts) for text, _ in rows])
        result: Floats = (1 - share) * by_words(rows) + share * scores(embedded, weights)
        return result

    return by_both, sharpness


def _plain(name: str, training: Rows, test: Rows, published: str, encoder: Encoder | None) -> str:
    labels, sentences, targets = _fit(training)
    began = thread_time()
    score, sharpness = _scorer(labels, sentences, targets, encoder)
    took = thread_time() - began
    found = score(test)
    right = found.argmax(axis=1) == np.array([labels.index(label) if label in labels else -1 for _, label in test])
    error = calibration_error(softmax(found, sharpness).max(axis=1), right)
    share = 100 * right.mean()
    return f"{name}: {share:.1f} right, calibration error {error:.3f}, trained in {took:.1f} s ({published})"


def _clinc(full: dict[str, Rows], encoder: Encoder | None) -> str:
    labels, sentences, targets = _fit(full["train"])
    score, sharpness = _scorer(labels, sentences, targets, encoder)

    def right(found: Floats, rows: Rows) -> NDArray[np.bool_]:
        return np.asarray(found.argmax(axis=1) == np.array([labels.index(label) for _, label in rows]))

    known, strange = score(full["val"]), score(full["oos_val"])
    good = right(known, full["val"])

    def accuracy(threshold: float) -> float:
        inside = (good & (known.max(axis=1) >= threshold)).sum()
        return float(inside + (strange.max(axis=1) < threshold).sum())

    threshold = max(sorted(set(known.max(axis=1).tolist())), key=accuracy)
    found, outside = score(full["test"]), score(full["oos_test"])
    good = right(found, full["test"])
    error = calibration_error(softmax(found, sharpness).max(axis=1), good)
    inside = good & (found.max(axis=1) >= threshold)
    apart = outside.max(axis=1) < threshold
    return (
        f"CLINC150: {100 * inside.mean():.1f} in scope / {100 * apart.mean():.1f} out of scope recognised, "
        f"calibration error {error:.3f} (Rasa 90.9 / 31.2, Dialogflow 90.8 / 26.7, BERT 96.2 / 52.3)"
    )


def _strangers(texts: list[str], folder: Path | None) -> str:
    bundle = open_bundle(folder).bundle
    ear = prepare(bundle).recogniser
    listening = Listening(datetime(2026, 11, 18, 10, tzinfo=UTC))
    protected = frozenset(bundle.vocabulary.protected)
    took: list[float] = []
    wrong = 0
    for text in texts:
        began = thread_time()
        wrong += bool(protected & set(ear.understand(text, "en-US", listening).accepted))
        took.append(1000 * (thread_time() - began))
    took.sort()
    return (
        f"CLINC150 out of scope: {wrong} of {len(texts)} taken for a protected intent; an utterance costs "
        f"{took[len(took) // 2]:.2f} ms of CPU at the median, {took[len(took) * 99 // 100]:.2f} ms at p99"
    )


def _days(cases: list[dict[str, object]]) -> str:
    right = wrong = total = 0
    for case in cases:
        wanted = _wanted(case)
        if not wanted:
            continue
        total += 1
        context = case["Context"]
        assert isinstance(context, dict)
        today = datetime.fromisoformat(context["ReferenceDateTime"]).date()
        words = read(str(case["Input"]), ENGLISH)
        read_days = [v for e in days(figures(words, ENGLISH.numerals), ENGLISH.numerals, today, "en") for v in e.values]
        right += bool(wanted & set(read_days))
        wrong += bool(read_days) and not wanted & set(read_days)
    shares = f"{100 * right / total:.1f} right, {100 * wrong / total:.1f} wrong"
    return f"Recognizers' days: {shares} of {total} (their own Python port: 80)"


def _wanted(case: dict[str, object]) -> set[object]:
    results = case["Results"]
    assert isinstance(results, list)
    found: set[object] = set()
    for result in results:
        for way in ("FutureResolution", "PastResolution"):
            text = str(result["Value"][way].get("date", "0001-01-01"))
            if text > "0002":
                found.add(datetime.fromisoformat(text).date().toordinal())
    return found


if __name__ == "__main__":
    bench_nlu()
