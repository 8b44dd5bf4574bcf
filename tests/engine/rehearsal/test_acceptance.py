"""What the engine promises at large: nothing forbidden is said, memory stays flat, threads lose nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

import pytest

from engine.bundle import CompiledBundle
from engine.compiler import compile_bundle
from engine.rehearsal.record import as_line
from engine.rehearsal.replay import replay
from engine.rehearsal.scenario import Scenario, read_scenario
from engine.source.read import read_folder, read_texts
from engine.terms import Kind
from tests.engine.rehearsal.stories import story
from tools.bench import memory

FLOW = PurePosixPath("flows/collections/flow.yaml")


def told(bundle: CompiledBundle, root: Path, folder: str) -> list[Scenario]:
    """Return the shipped scenarios of *folder*."""
    sources = read_folder(root)
    wanted = (d for d in sources.of(Kind.SCENARIO) if d.path.is_relative_to(f"scenarios/{folder}"))
    return [scenario for document in wanted if (scenario := read_scenario(document, bundle)[0]) is not None]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("    say: greeting\n", "    say: [greeting, balance]\n", id="said at the greeting"),
        pytest.param("{go: verify}", "{say: balance, go: verify}", id="said on the way to verification"),
        pytest.param("{go: verify}", "{go: ask_payment}", id="verification passed over"),
    ],
)
def test_with_the_shipped_flow_edited_the_balance_is_not_said_before_verification(
    root: Path, old: str, new: str
) -> None:
    texts = dict(read_folder(root).texts)
    assert old in texts[FLOW]
    texts[FLOW] = texts[FLOW].replace(old, new)
    bundle = compile_bundle(read_texts(texts)).need()
    held_back = 0
    for scenario in told(bundle, root, "promises")[:4]:
        for exchange in replay(bundle, scenario).exchanges:
            turn = exchange.turn
            verified = turn.session.facts.get("party.verified") is True
            assert verified or not {"debt", "payment", "collecting"} & set(turn.session.disclosed)
            held_back += bool(turn.prevented) and not verified
    assert held_back


def test_twenty_thousand_sessions_leave_memory_flat(
    small: CompiledBundle, record_property: Callable[[str, object], None]
) -> None:
    calls = [
        story(small, "call:\n  - event: stop_calling\nexpect: {ends: stop_requested}\n"),
        story(small, "call:\n  - event: voicemail\nexpect: {ends: voicemail_left}\n"),
    ]
    warm, end = memory(small, calls, 20_000)
    record_property("memory", f"20,000 sessions: {warm:.1f} MB after 2,000, {end:.1f} MB at the end")
    assert end - warm < 5, f"{warm:.1f} MB became {end:.1f} MB"


def test_eight_threads_lose_no_rule(shipped: CompiledBundle, root: Path) -> None:
    stories = told(shipped, root, "promises")[:6] + told(shipped, root, "rights")[:6]
    alone = [as_line(replay(shipped, one).exchanges) for one in stories]
    assert any('"fired":[{' in line for line in alone)
    with ThreadPoolExecutor(8) as pool:
        rounds = list(pool.map(lambda _: [as_line(replay(shipped, one).exchanges) for one in stories], range(8)))
    assert all(one == alone for one in rounds)


def test_every_shipped_call_replays_to_the_same_bytes(shipped: CompiledBundle, root: Path) -> None:
    for scenario in told(shipped, root, "rights"):
        assert as_line(replay(shipped, scenario).exchanges) == as_line(replay(shipped, scenario).exchanges)
