"""How fast checking and proving are: ``python -m tools.bench_lint``.

Every figure is the processor time of one run, after the libraries are loaded.
"""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path, PurePosixPath
from time import process_time

import click

from engine.checks.prove.limits import Budget
from engine.checks.run import Report, run
from engine.compiler import compile_bundle
from engine.source.read import read_folder, read_texts
from tools.bundles import find
from tools.console import bundle_option

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
    sources = read_texts(texts)
    compiled = compile_bundle(sources)
    return run(sources, compiled.bundle, compiled.findings, AS_OF, budget=Budget(400_000, 4_000_000))


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time *work* takes."""
    begun = process_time()
    work()
    return process_time() - begun


@click.command()
@bundle_option
def bench(folder: Path | None) -> None:
    """Print how long checking and proving take, and how that grows with a flow."""
    for states in (10, 30, 100, 300, 1_000):
        texts = bundle(states)
        click.echo(f"{states:5} states, 8 rules, one flow   {seconds(partial(check, texts)):.2f} s")
    many = bundle(30, flows=50)
    lines = many[PurePosixPath("flows/f0/flow.yaml")].count("\n")
    click.echo(f"50 flows of {lines} lines   {seconds(partial(check, many)):.2f} s")
    place = find(folder)
    texts = dict(read_folder(place, scenarios=False).texts)
    click.echo(f"the bundle in {place}   {seconds(partial(check, texts)):.2f} s")


if __name__ == "__main__":
    bench()
