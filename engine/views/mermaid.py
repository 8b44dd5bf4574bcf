"""A graph as Mermaid source, for pages that draw it themselves.

Names are made safe and words are quoted, since Mermaid's own reader stops at ``:``, ``"`` and ``{{``.
Source: https://mermaid.js.org/syntax/flowchart.html
"""

from collections.abc import Iterator

from engine.views.cards import label_of, orphans, outcome_words, trigger_words
from engine.views.model import Graph


def mermaid(graph: Graph) -> str:
    """Return *graph* as a Mermaid flow chart."""
    return "\n".join(_lines(graph)) + "\n"


def _lines(graph: Graph) -> Iterator[str]:
    names = {name: f"s{number}" for number, name in enumerate(graph.states, 1)}
    boxes = {box.document: f"a{number}" for number, box in enumerate(graph.anytime, 1)}
    yield "flowchart TD"
    for number, phase in enumerate(graph.phases, 1):
        inside = [name for name, state in graph.states.items() if state.phase == phase]
        indent = "  "
        if phase:
            yield f'  subgraph p{number}["{_safe(phase)}"]'
            indent = "    "
        for name in inside:
            says = "<br/>".join(_safe(s.text) for s in graph.states[name].says)
            yield f'{indent}{names[name]}["<b>{_safe(name)}</b>{"<br/>" + says if says else ""}"]'
        if phase:
            yield "  end"
    for box in graph.anytime:
        rows = "<br/>".join(_safe(f"{trigger_words(e.trigger)} {outcome_words(e)}") for e in box.exits)
        yield f'  {boxes[box.document]}[/"<b>At any moment</b><br/>{rows}"/]'
    ends = dict.fromkeys(exit.to for state in graph.states.values() for exit in state.exits if exit.kind == "end")
    ended = {name: f"e{number}" for number, name in enumerate(ends, 1)}
    yield from (f'  {safe}(["{_safe(name)}"])' for name, safe in ended.items())
    for arrow in graph.arrows:
        label = " / ".join(label_of(arrow).lines)
        written = f'-->|"{_safe(label)}"|' if label else "-->"
        yield f"  {names[arrow.source]} {written} {names[arrow.target]}"
    for name, state in graph.states.items():
        for target in ended:
            heard = [trigger_words(e.trigger) for e in state.exits if e.kind == "end" and e.to == target]
            if heard:
                yield f'  {names[name]} -->|"{_safe(" / ".join(dict.fromkeys(heard)))}"| {ended[target]}'
    lonely = orphans(graph)
    for box in graph.anytime:
        for target in dict.fromkeys(e.to for e in box.exits if e.kind == "go" and e.to in lonely):
            yield f"  {boxes[box.document]} -.-> {names[target]}"


def _safe(text: str) -> str:
    for character, written in (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;"), ("#", "&num;")):
        text = text.replace(character, written)
    return text.replace("{", "&lbrace;").replace("}", "&rbrace;")


