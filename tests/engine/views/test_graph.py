"""A flow as a graph: what is drawn, in every format."""

import re
import time
from xml.etree import ElementTree

import pytest

from engine.bundle import Go
from engine.views.cards import arrows_drawn, card_of, width_of, wrap
from engine.views.dot import drawn, read_layout
from engine.views.drawing import NotDrawn, lay_out, png
from engine.views.mermaid import mermaid
from engine.views.model import UnknownGraph, graph_of, is_outcome
from engine.views.outline import described, outline
from engine.views.svg import svg
from tests.engine.runtime.calls import edited, small
from tests.engine.views.graphs import long_flow, small_drawn, small_graph

SVG = "{http://www.w3.org/2000/svg}"


def test_every_state_and_every_step_of_the_flow_is_in_the_graph() -> None:
    graph, flow = small_graph(), small().flows["call"]
    assert set(graph.states) == {name for name in flow.states if not is_outcome(name)}
    told = {s for state in graph.states.values() for e in state.exits for s in e.steps}
    told |= {s for box in graph.anytime for e in box.exits for s in e.steps}
    steps = {s.id for state in flow.states.values() for steps in (*state.hears.values(), state.then) for s in steps}
    assert steps <= told


def test_an_outcome_leads_straight_to_what_its_user_makes_of_it() -> None:
    arrow = next(a for a in small_graph().arrows if a.source == "verify.dob")
    assert arrow.target == "ask_payment"
    assert arrow.exits[0].steps == ("check/dob/give_identifier/1", "call/verify/verified/1")
    assert arrow.exits[0].condition == "party verified"


def test_interrupts_are_one_box_and_no_arrows() -> None:
    graph = small_graph()
    assert [box.document for box in graph.anytime] == ["call"]
    assert {"stop_calling", "wrong_party", "voicemail", "silence", "unclear"} <= {
        e.trigger for e in graph.anytime[0].exits
    }
    assert not any("/anytime/" in step for a in graph.arrows for e in a.exits for step in e.steps)
    assert graph.entered_anytime == {"greeting": ("new_person",)}


def test_a_state_that_answers_silence_its_own_way_says_so() -> None:
    own = edited(
        "flows/call/flow.yaml",
        "  read_back:\n    say: readback\n",
        "  read_back:\n    say: readback\n    silence: {times: 1, say: are_you_there, then: {go: greeting}}\n",
    )
    exits = graph_of(own, "call").states["read_back"].exits
    assert [(e.kind, e.to) for e in exits if e.trigger == "silence"] == [("again", ""), ("go", "greeting")]
    assert not [e for e in small_graph().states["read_back"].exits if e.trigger == "silence"]


def test_zones_hold_where_identity_is_sure_and_nowhere_else() -> None:
    zones = {zone.id: zone.states for zone in small_graph().zones}
    assert zones["sure-party.verified"] == {"ask_payment", "read_back"}
    assert zones["may-collecting-debt-payment"] == {"ask_payment", "read_back"}


def test_a_way_round_the_check_takes_the_zone_away() -> None:
    from engine.views.zones import zones_of
    from tests.engine.views.graphs import AS_OF

    open_ = edited("flows/call/flow.yaml", "identity_confirmed: {go: verify}", "identity_confirmed: {go: ask_payment}")
    assert [z.id for z in zones_of(open_, "call", AS_OF) if "ask_payment" in z.states] == []


def test_unknown_flows_and_locales_are_named() -> None:
    with pytest.raises(UnknownGraph, match="there is no call flow `calls`; there is `call`"):
        graph_of(small(), "calls")
    with pytest.raises(UnknownGraph, match="not every prompt is written in `es-US`"):
        graph_of(small(), "call", "es-US")


def test_the_same_graph_gives_the_same_bytes() -> None:
    one, other = small_drawn(), small_drawn()
    assert one.dot == other.dot
    assert svg(one, lay_out(one)) == svg(other, lay_out(other))


def test_the_picture_is_well_formed_and_names_every_state() -> None:
    found = small_drawn()
    root = ElementTree.fromstring(svg(found, lay_out(found)))
    assert root.get("role") == "graphics-document document"
    states = {g.get("data-state"): g for g in root.iter(f"{SVG}g") if g.get("data-state")}
    assert set(states) == set(found.graph.states)
    for name, group in states.items():
        assert group.get("tabindex") == "0"
        assert group.get("role") == "graphics-symbol img"
        assert (group.get("aria-label") or "").startswith(f"{name}.")


def test_cards_do_not_overlap_and_lie_in_their_phase() -> None:
    found = drawn(graph_of(long_flow(40), "call"))
    layout = lay_out(found)
    boxes = list(layout.cards.values())
    for n, one in enumerate(boxes):
        for other in boxes[n + 1 :]:
            apart = (
                one.x + one.width <= other.x
                or other.x + other.width <= one.x
                or one.y + one.height <= other.y
                or other.y + other.height <= one.y
            )
            assert apart
    for name, state in found.graph.states.items():
        phase, card = layout.phases[state.phase], layout.cards[name]
        assert phase.x <= card.x
        assert card.x + card.width <= phase.x + phase.width


def test_a_hundred_states_are_drawn_in_under_three_seconds() -> None:
    bundle = long_flow(100)
    begun = time.perf_counter()
    found = drawn(graph_of(bundle, "call"))
    text = svg(found, lay_out(found))
    assert time.perf_counter() - begun < 3.0
    assert text.count('class="state') >= 100


def test_a_png_is_drawn() -> None:
    assert png(small_drawn()).startswith(b"\x89PNG\r\n")


def test_what_cannot_be_drawn_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.views.drawing.PROGRAM", "no-such-program")
    with pytest.raises(NotDrawn, match=r"install `callwright\[graph\]`"):
        lay_out(small_drawn())


def test_a_layout_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        read_layout(small_drawn(), "not json")


def test_mermaid_has_safe_names_and_quoted_words() -> None:
    text = mermaid(small_graph())
    assert text.startswith("flowchart TD\n")
    for line in text.splitlines()[1:]:
        assert re.fullmatch(
            r'\s*(subgraph p\d+\["[^"]*"\]|end|[sae]\d+(\["[^"]*"\]|\[/"[^"]*"/\]|\(\["[^"]*"\]\)|'
            r' (-->|-\.->)(\|"[^"]*"\|)? [se]\d+))',
            line,
        ), line


def test_the_outline_tells_every_way_on() -> None:
    graph = small_graph()
    text = outline(graph)
    for state in graph.states.values():
        assert f"  {state.name}" in text
        for sentence in state.says:
            assert sentence.text in text
    assert "affirm: do record promise; say “Thank you. Goodbye.” end: promise to pay" in text
    assert "AT ANY MOMENT" in text
    assert "guaranteed: party verified" in described(graph.states["ask_payment"], graph)


def test_words_are_wrapped_to_the_width_they_are_given() -> None:
    lines = wrap("one two three four five six seven eight nine ten", 60, 11, 3)
    assert len(lines) == 3
    assert all(width_of(line, 11) <= 60 for line in lines)
    assert lines[-1].endswith("…")


def test_states_led_to_from_everywhere_stand_in_rows() -> None:
    graph = graph_of(long_flow(12), "call")
    for name, state in graph.states.items():
        rows = {r.target for c in card_of(state, graph).columns for r in c.rows}
        arrows = {a.target for a in arrows_drawn(graph) if a.source == name}
        led = {e.to for e in state.exits if e.kind == "go"}
        assert led == (rows - {""}) | arrows


def test_the_linked_flow_and_its_arrows_agree() -> None:
    graph, flow = small_graph(), small().flows["call"]
    own = {
        (name, step.target.state)
        for name, state in flow.states.items()
        for trigger in state.own
        for step in state.hears[trigger]
        if isinstance(step.target, Go) and not is_outcome(step.target.state)
    }
    assert own <= {(a.source, a.target) for a in graph.arrows}
