"""The page in a real browser: reached by keyboard, overlaid, walked, and quiet on the network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from engine.bundle import CompiledBundle
from engine.rehearsal.replay import replay
from engine.rehearsal.scenario import read_scenario
from engine.terms import Kind
from engine.views.dot import drawn
from engine.views.drawing import lay_out
from engine.views.lens import lens
from engine.views.model import Graph, graph_of
from engine.views.overlays import Counts, counted, trail_of, united
from engine.views.page import Over, page
from engine.views.play import play
from engine.views.zones import zones_of
from tests.browser import browser
from tests.engine.runtime.calls import AT, FACTS, edited, small
from tests.engine.views.graphs import AS_OF, ROOT, long_flow, small_graph
from tools.bundles import read_scenarios

SIZES = ((1440, 900), (390, 844))

OVERLAPS = """() => {
  const rect = (e) => e.getBoundingClientRect();
  const meet = (x, y, by) => x.left < y.right - by && y.left < x.right - by
    && x.top < y.bottom - by && y.top < x.bottom - by;
  const parts = "header button, header input, header h1, .tabs button, .stage, aside, .hint";
  const found = [], boxes = [...document.querySelectorAll(parts)].filter((e) => e.offsetParent !== null);
  for (const a of boxes) for (const b of boxes) {
    if (a === b || a.contains(b) || b.contains(a)) continue;
    if (meet(rect(a), rect(b), 1)) found.push((a.id || a.className || a.tagName) + " over " + (b.id || b.className));
  }
  const states = [...document.querySelectorAll(".state, .anytime")];
  for (const a of states) for (const b of states) {
    const cards = [a, b].map((g) => rect(g.querySelector(".card")));
    if (a.id < b.id && meet(cards[0], cards[1], 0)) found.push(a.id + " over " + b.id);
  }
  for (const g of states) {
    const card = rect(g.querySelector(".card"));
    for (const text of g.querySelectorAll("text.name, text.says, text.heard, text.led")) {
      const t = rect(text);
      const out = t.right > card.right + 1 || t.bottom > card.bottom + 1;
      if (out) found.push("out of " + g.id + ": " + text.textContent);
    }
    for (const row of g.querySelectorAll(".row")) {
      const heard = rect(row.querySelector(".heard")), led = rect(row.querySelector(".led"));
      if (heard.right > led.left) found.push("row " + row.textContent);
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the window");
  return found;
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


def written(folder: Path, name: str, graph: Graph, over: Over) -> str:
    found = drawn(graph)
    file = folder / f"{name}.html"
    file.write_text(page(found, lay_out(found), over), "utf-8")
    return file.as_uri()


def trails(bundle: CompiledBundle, place: Path) -> tuple:  # type: ignore[type-arg]
    found = []
    for document in read_scenarios((place,), place).of(Kind.SCENARIO):
        scenario, _ = read_scenario(document, bundle)
        if scenario is not None and scenario.lines:
            found.append(trail_of(replay(bundle, scenario)))
    return tuple(found)


def opened(chromium: Browser, address: str, size: tuple[int, int] = SIZES[0], scheme: str = "light") -> Page:
    seen: list[str] = []
    tab = chromium.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)  # type: ignore[arg-type]
    tab.on("request", lambda request: seen.append(request.url))
    tab.on("pageerror", lambda error: seen.append(f"error: {error}"))
    tab.on("console", lambda message: seen.append(f"console: {message.text}"))
    tab.goto(address)
    tab.seen = seen  # type: ignore[attr-defined]
    return tab


def asked_for(tab: Page) -> list[str]:
    """Return everything the page asked for, and every word of complaint, but the page itself."""
    return [url for url in tab.seen if url != tab.url.partition("#")[0] and not url.startswith("data:,")]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def told(folder: Path) -> str:
    """Return the small flow's page with everything laid over it."""
    bundle = small()
    other = edited("flows/call/flow.yaml", "refuse: {say: goodbye, end: refused}", "refuse: {go: read_back}")
    graph, marks = united(graph_of(other, "call"), small_graph())
    went = trails(bundle, ROOT / "tests" / "engine" / "rehearsal" / "told")
    walk = play(bundle, "call", "en-US", AT, FACTS, ("America/Chicago",))
    traffic = Counts(10, {"greeting": 10, "verify.zip": 4}, {"call/greeting/identity_confirmed/1": 4})
    return written(folder, "small", graph, Over(lens(bundle, graph), counted(went), went, traffic, marks, walk))


@pytest.mark.parametrize("size", SIZES, ids=["1440", "390"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overlaps_and_no_request_leaves(
    chromium: Browser, told: str, size: tuple[int, int], scheme: str
) -> None:
    tab = opened(chromium, told, size, scheme)
    for name in ("state", "layers", "rules", "play"):
        tab.click(f"#tab-{name}")
        assert tab.evaluate(OVERLAPS) == []
    assert asked_for(tab) == []
    tab.close()


def test_shipped_flows_stand_on_their_own_pages(chromium: Browser, folder: Path, shipped: CompiledBundle) -> None:
    for name in shipped.flows:
        graph = graph_of(shipped, name, zones=zones_of(shipped, name, AS_OF))
        address = written(folder, name, graph, Over(lens(shipped, graph)))
        for size in SIZES:
            for scheme in ("light", "dark"):
                tab = opened(chromium, address, size, scheme)
                assert tab.evaluate(OVERLAPS) == []
                assert asked_for(tab) == []
                if size == SIZES[0] and scheme == "light":
                    assert reached_by_tab(tab, len(graph.states)) == set(graph.states)
                tab.close()


def reached_by_tab(tab: Page, states: int) -> set[str]:
    """Press Tab until the picture is left; return every state that was focused on the way."""
    found: set[str] = set()
    tab.focus("#theme")
    for _ in range(states + 12):
        tab.keyboard.press("Tab")
        name = tab.evaluate("document.activeElement.dataset.state || ''")
        if name:
            assert tab.evaluate("document.activeElement.getAttribute('aria-label').length > 5")
            found.add(name)
    return found


def test_arrow_keys_walk_the_transitions(chromium: Browser, told: str) -> None:
    tab = opened(chromium, told)
    tab.focus('[data-state="greeting"]')
    walked = ["greeting"]
    for _ in range(4):
        tab.keyboard.press("ArrowRight")
        walked.append(tab.evaluate("document.activeElement.dataset.state"))
    assert walked == ["greeting", "verify.zip", "verify.dob", "ask_payment", "read_back"]
    tab.keyboard.press("ArrowLeft")
    assert tab.evaluate("document.activeElement.dataset.state") == "ask_payment"
    tab.keyboard.press("Home")
    assert tab.evaluate("document.activeElement.dataset.state") == "greeting"
    tab.close()


def test_overlays_toggle(chromium: Browser, told: str) -> None:
    tab = opened(chromium, told)
    tab.click("#tab-layers")
    assert tab.locator(".zone.on").count() == 2
    tab.uncheck("[id='zone-sure-party.verified']")
    assert tab.locator(".zone.on").count() == 1
    tab.check("#layer-coverage")
    assert tab.locator(".state.some").count() + tab.locator(".state.none").count() == 5
    tab.uncheck("#layer-coverage")
    assert tab.locator(".state.some, .state.none, .count").count() == 0
    tab.check("#layer-traffic")
    assert tab.locator('[data-state="verify.zip"] .count').text_content() == "40%"
    tab.uncheck("#layer-traffic")
    assert tab.locator(".state.changed").count() == 1
    tab.uncheck("#layer-marks")
    assert tab.locator(".state.changed").count() == 0
    tab.close()


def test_a_rule_shows_what_it_can_hold_back(chromium: Browser, told: str) -> None:
    tab = opened(chromium, told)
    tab.click("#tab-rules")
    tab.click('[data-rule="us.rpv"]')
    assert set(tab.locator(".state.lit").evaluate_all("all => all.map((g) => g.dataset.state)")) == {
        "ask_payment",
        "read_back",
    }
    assert "12 CFR 1006.6(d)(1)" in (tab.text_content("#panel-rules") or "")
    tab.click('[data-rule="us.rpv"]')
    assert tab.locator(".lit").count() == 0
    tab.close()


def test_one_call_is_drawn_over_the_flow(chromium: Browser, told: str) -> None:
    tab = opened(chromium, told)
    tab.click("#tab-call")
    tab.select_option("#call", "0")
    lit = set(tab.locator(".state.lit").evaluate_all("all => all.map((g) => g.dataset.state)"))
    assert "greeting" in lit
    assert tab.locator("#panel-call .turn").count() > 1
    tab.close()


def test_a_call_is_walked_by_clicking_what_the_callee_says(chromium: Browser, told: str) -> None:
    tab = opened(chromium, told)
    tab.click("#tab-play")
    tab.click("#begin")
    assert "Hello, may I speak with Alex?" in (tab.text_content("#panel-play") or "")
    for words in ("identity confirmed", "the right zip", "the right dob"):
        tab.locator("#offers button", has_text=words).first.click()
    assert "$240.00" in (tab.text_content("#panel-play") or "")
    tab.locator("#offers button", has_text="refuse").first.click()
    assert tab.text_content("#panel-play .ended") == "ended: refused"
    tab.close()


def test_a_hundred_states_open_at_once(chromium: Browser, folder: Path) -> None:
    graph = graph_of(long_flow(100), "call")
    tab = opened(chromium, written(folder, "long", graph, Over()))
    assert tab.locator(".state").count() == 100
    assert tab.evaluate("performance.now()") < 3000
    tab.close()


def test_words_of_an_author_cannot_become_part_of_the_page(chromium: Browser, folder: Path) -> None:
    hostile = edited(
        "flows/call/flow.yaml", "title: A small call", "title: '</script><script>window.hit=1</script><b>x'"
    )
    tab = opened(
        chromium, written(folder, "hostile", graph_of(hostile, "call"), Over(lens(hostile, graph_of(hostile, "call"))))
    )
    assert tab.evaluate("window.hit") is None
    assert tab.locator("h1").text_content() == "</script><script>window.hit=1</script><b>x"
    tab.close()
