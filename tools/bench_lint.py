"""How fast checking and proving are: ``python -m tools.bench_lint``.

Every figure is the processor time of one run, after the libraries are loaded. It says whether it is of the first
time, in a process that has seen no bundle before, of an unchanged bundle, whose report is kept, or after an edit, in
a process that goes on, as ``lint --watch`` does.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from time import process_time

import click

from engine.checks.prove.limits import Budget
from engine.checks.run import Report, run
from engine.compiler import compile_bundle
from engine.source.read import read_texts
from tools.bundles import find
from tools.console import bundle_option
from tools.look import collecting_later, look

Texts = dict[PurePosixPath, str]
AS_OF = date(2026, 3, 10)
BANS = 8

_VOCABULARY = """\
callwright: 1
kind: vocabulary
id: words
version: 1.0.0
title: Words
places: {{US: {{}}}}
classes:
{classes}
facts:
  account.places: {{type: set, of: place, from: host}}
{facts}
dispositions: {{done: {{}}, blocked: {{}}}}
protected: [human]
"""
_HEAD = "callwright: 1\nkind: {kind}\nid: {id}\nversion: 1.0.0\ntitle: Bench\n"


def bundle(states: int, flows: int = 1, transitions: int = 6) -> Texts:
    """Return a bundle of *flows* flows of *states* states each, and eight rules that all hold."""
    classes = "\n".join(f"  c{n}: {{about: class {n}}}" for n in range(BANS))
    facts = "\n".join(f"  ok{n}: {{type: bool, from: policy, initially: false, lasts: person}}" for n in range(BANS))
    rules = "".join(
        f"  open{n}: {{ask: on_hearing, when: heard.i{n % 5}, derive: {{ok{n}: 'true'}}, source: x, severity: house}}\n"
        f"  ban{n}: {{ask: before_speaking, never_say: [c{n}], unless: ok{n}, source: x, severity: house}}\n"
        for n in range(BANS)
    )
    words = "".join(
        f"  i{n}:\n    examples:\n" + "".join(f"      - word {n} {m}\n" for m in range(6)) for n in range(5)
    )
    words += "  human:\n    examples:\n" + "".join(f"      - a person {m}\n" for m in range(6))
    said = "  plain: Well.\n" + "".join(
        f"  p{n}:\n    text: That is {n}.\n    discloses: [c{n}]\n" for n in range(BANS)
    )
    texts = {
        PurePosixPath("policies/vocabulary.yaml"): _VOCABULARY.format(classes=classes, facts=facts),
        PurePosixPath("policies/rules.yaml"): _HEAD.format(kind="policy", id="us") + "place: US\nrules:\n" + rules,
        PurePosixPath("flows/intents.yaml"): _HEAD.format(kind="intents", id="i") + "locale: en-US\nintents:\n" + words,
        PurePosixPath("flows/prompts.yaml"): _HEAD.format(kind="prompts", id="p") + "locale: en-US\nprompts:\n" + said,
    }
    for number in range(flows):
        texts[PurePosixPath(f"flows/f{number}/flow.yaml")] = _flow(number, states, transitions)
    return texts


def _flow(number: int, states: int, transitions: int) -> str:
    lines = [_HEAD.format(kind="flow", id=f"f{number}") + "start: s0", "blocked: {say: plain, end: blocked}",
             "silence: {times: 2, say: plain, then: {end: done}}", "unclear: {times: 2, say: plain, then: {end: done}}",
             "anytime:", "  human: {say: plain, end: done}", "states:"]  # fmt: skip
    for state in range(states):
        lines += [f"  s{state}:", "    say: plain", "    hears:"]
        for n in range(min(5, transitions - 1)):
            there, rule = (state * (n + 2) + n + 1) % states, (state + n) % BANS
            lines.append(f"      i{n}:")
            lines.append(f"        - {{when: ok{rule}, say: p{rule}, go: s{there}}}")
            lines.append(f"        - {{go: s{(state + 1) % states}}}")
    return "\n".join(lines) + "\n"


def check(texts: Texts) -> Report:
    """Return the report on a bundle held in memory."""
    with collecting_later():
        sources = read_texts(texts)
        compiled = compile_bundle(sources)
        return run(sources, compiled.bundle, compiled.findings, AS_OF, budget=Budget(400_000, 4_000_000))


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time *work* takes."""
    begun = process_time()
    work()
    return process_time() - begun


def first(work: Callable[[], object]) -> float:
    """Return the processor time *work* takes in a process of its own, which has done nothing before."""
    check(bundle(2))  # what is imported late is not counted
    return seconds(work)


def apart(work: Callable[[], object]) -> float:
    """Return :func:`first` of *work*."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(first, work).result()


def beside(what: str, taken: float, limit: float) -> str:
    """Return a figure beside its limit, and how much of it that is."""
    return f"{what:<64} {taken:7.2f} s   limit {limit:g} s   {taken / limit:.2f} of it"


@click.command()
@bundle_option
def bench(folder: Path | None) -> None:
    """Print how long checking and proving take beside their limits, and how that grows with a flow."""
    grown = []
    for states in (10, 30, 100, 300, 1_000):
        grown.append(apart(partial(check, bundle(states))) / states)
        click.echo(f"{states:5} states, 8 rules, one flow: {grown[-1] * 1000:.2f} ms a state")
    click.echo(f"from 10 to 1,000 states the time of a state grows {grown[-1] / grown[0]:.2f} times")
    click.echo(beside("300 states, 2,000 transitions and more, 8 rules: first time", grown[3] * 300, 3))
    many = bundle(30, flows=50)
    lines = many[PurePosixPath("flows/f0/flow.yaml")].count("\n")
    click.echo(beside(f"50 flows of {lines} lines: first time", apart(partial(check, many)), 2))
    with TemporaryDirectory() as room:
        for line in _shipped(find(folder), Path(room)):
            click.echo(line)


def _shipped(place: Path, room: Path) -> Iterator[str]:
    """Yield figures of a whole bundle in a copy of its own under *room*.

    Its recogniser was taught before, and asked how it hears the bundle's own sentences; nothing else is kept.
    """
    copied = room / "bundle"
    for name in ("flows", "policies", "scenarios"):
        if (place / name).is_dir():
            shutil.copytree(place / name, copied / name)
    before = os.environ.get("CALLWRIGHT_CACHE")
    os.environ["CALLWRIGHT_CACHE"] = str(room / "cache")
    try:
        look(copied, AS_OF)
        shutil.rmtree(room / "cache" / "checked")
        name = f"the bundle in {place}"
        yield beside(f"{name}: first time", apart(partial(look, copied, AS_OF)), 1)
        yield beside(f"{name}: unchanged", seconds(partial(look, copied, AS_OF)), 0.1)
        said = next(f for f in sorted(copied.rglob("*.yaml")) if "kind: prompts" in f.read_text("utf-8"))
        said.write_text(said.read_text("utf-8") + "# edited\n", "utf-8")
        yield beside(f"{name}: after an edit of words", seconds(partial(look, copied, AS_OF)), 0.1)
        flow = next(f for f in sorted(copied.rglob("*.yaml")) if "silence: {times: 2" in f.read_text("utf-8"))
        flow.write_text(flow.read_text("utf-8").replace("silence: {times: 2", "silence: {times: 1", 1), "utf-8")
        yield beside(f"{name}: after an edit of a flow", seconds(partial(look, copied, AS_OF)), 0.1)
    finally:
        os.environ.pop("CALLWRIGHT_CACHE")
        if before is not None:
            os.environ["CALLWRIGHT_CACHE"] = before


if __name__ == "__main__":
    bench()
