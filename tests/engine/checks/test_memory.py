"""What a check says it reads is all that decides what it finds, so that it may be remembered by that."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from checks.bundles import AS_OF, checked, with_example

from engine.bundle import CompiledBundle, IntentSpec, Prompt, Template
from engine.checks.catalogue import CHECKS, Check
from engine.checks.memory import Digests, Memories
from engine.checks.prove.limits import Budget
from engine.checks.run import run
from engine.compiler import compile_bundle
from engine.source.read import read_texts
from engine.terms import Kind

SAYING = [check for check in CHECKS if check.reads is not None]
BUDGET = Budget()


class Notebook:
    """Remembers for as long as a test runs."""

    def __init__(self) -> None:
        self.held: dict[str, object] = {}

    def read(self, key: str) -> object:
        return self.held.get(key)

    def write(self, key: str, value: object) -> None:
        self.held[key] = value


def without(bundle: CompiledBundle, reads: tuple[Kind, ...]) -> CompiledBundle:
    """Return *bundle* with something else in place of all that is not read."""

    def other(prompt: Prompt) -> Prompt:
        texts = {
            locale: Template("Quite something else. " + " ".join(f"{{{{ {n} }}}}" for n in sorted(t.names)), t.names)
            for locale, t in prompt.texts.items()
        }
        return replace(prompt, texts=texts, because="else")

    def unheard(spec: IntentSpec) -> IntentSpec:
        return replace(spec, patterns=(), examples=(f"something else {spec.id}",), counter_examples=(), tests=())

    if Kind.PROMPTS not in reads:
        bundle = replace(bundle, prompts={name: other(p) for name, p in bundle.prompts.items()})
    if Kind.INTENTS not in reads:
        bundle = replace(bundle, intents={at: tuple(map(unheard, specs)) for at, specs in bundle.intents.items()})
    if Kind.FLOW not in reads:
        bundle = replace(bundle, flows={})
    return bundle


@pytest.mark.parametrize("example", ["flagged", "instead"])
@pytest.mark.parametrize("check", SAYING, ids=lambda check: check.name)
def test_what_a_check_does_not_read_does_not_matter_to_it(check: Check, example: str) -> None:
    assert check.reads is not None
    texts, marked = with_example(getattr(check.page, example))
    sources = read_texts(texts)
    compiled = compile_bundle(sources)
    changed = without(compiled.need(), check.reads)
    report = run(sources, replace(changed, digest="something else"), (), AS_OF, only=(check.name,))
    assert bool(report.findings) is bool(marked)


@pytest.mark.parametrize("check", SAYING, ids=lambda check: check.name)
def test_a_finding_is_not_hidden_by_what_is_remembered(check: Check) -> None:
    memories = Memories(Notebook(), Notebook())
    good, bad = (read_texts(with_example(example)[0]) for example in (check.page.instead, check.page.flagged))
    for sources in (good, bad, good):
        bundle = compile_bundle(sources).need()
        found = [
            [f for f in run(sources, bundle, (), AS_OF, only=(check.name,), memories=memory).findings]
            for memory in (memories, Memories())
        ]
        assert found[0] == found[1]
        assert bool(found[0]) is (sources is bad)


def test_what_was_found_clean_is_not_looked_at_again() -> None:
    texts, _ = with_example("")
    notebook = Notebook()
    sources = read_texts(texts)
    bundle = compile_bundle(sources).need()
    run(sources, bundle, (), AS_OF, memories=Memories(notebook))
    before = set(notebook.held)
    assert before
    run(sources, bundle, (), AS_OF, memories=Memories(notebook))
    assert set(notebook.held) == before
    for key in before:
        notebook.held[key] = False
    run(sources, bundle, (), AS_OF, memories=Memories(notebook))
    assert all(notebook.held.values())


@pytest.mark.parametrize(
    ("file", "old", "new", "kept"),
    [
        ("flows/call/prompts.yaml", "One moment", "A moment", {(), (Kind.FLOW,), (Kind.INTENTS,)}),
        ("flows/call/flow.yaml", "silence: {times: 2", "silence: {times: 1", {(), (Kind.INTENTS,), (Kind.PROMPTS,)}),
        ("policies/rules.yaml", "source:", "source: not a", set()),
    ],
)
def test_an_edit_counts_where_it_is_read(file: str, old: str, new: str, kept: set[tuple[Kind, ...]]) -> None:
    texts, _ = with_example("")
    path = PurePosixPath(file)
    assert old in texts[path]
    keys = []
    for edited in (texts, {**texts, path: texts[path].replace(old, new, 1)}):
        sources = read_texts(edited)
        digests = Digests(sources, compile_bundle(sources).need())
        asked: tuple[tuple[Kind, ...], ...] = ((), (Kind.FLOW,), (Kind.INTENTS,), (Kind.PROMPTS,))
        keys.append({reads: digests.clean("x", reads, AS_OF, BUDGET) for reads in asked})
    assert {reads for reads in keys[0] if keys[0][reads] == keys[1][reads]} == kept


def test_a_check_that_could_not_decide_is_not_remembered() -> None:
    texts, _ = with_example("")
    report = checked(texts)
    assert not report.unsure
    notebook = Notebook()
    sources = read_texts(texts)
    bundle = compile_bundle(sources).need()
    for _ in range(2):
        short = run(sources, bundle, (), AS_OF, budget=Budget(1, 1), memories=Memories(notebook))
        assert short.unsure
