"""A graph as one HTML page: the picture, its outline, everything laid over it, and nothing from anywhere else."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from typing import Any

from engine.expressions.english import words
from engine.views.cards import trigger_words
from engine.views.dot import Drawn, Layout
from engine.views.lens import Touched
from engine.views.model import Exit, Graph, StateView
from engine.views.outline import said_exit, target_words
from engine.views.overlays import Counts, Marks, Passage, Trail
from engine.views.play import Play
from engine.views.svg import style, svg


@dataclass(frozen=True, slots=True)
class Over:
    """What is laid over the picture. Everything may be left out."""

    rules: tuple[Touched, ...] = ()
    coverage: Counts | None = None
    trails: tuple[Trail, ...] = ()
    traffic: Counts | None = None
    marks: Marks | None = None
    play: Play | None = None
    covered_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # state -> scenarios


def page(found: Drawn, layout: Layout, over: Over) -> str:
    """Return the page. The same inputs give the same bytes; it asks for nothing from any other place."""
    graph = found.graph
    read = files("engine.views.static").joinpath
    return (
        read("page.html").read_text("utf-8")
        .replace("{{title}}", escape(graph.title))
        .replace("{{subtitle}}", escape(f"{graph.flow} {graph.version} · {graph.locale} · bundle {graph.digest[:12]}"))
        .replace("{{style}}", style() + read("page.css").read_text("utf-8"))
        .replace("{{svg}}", svg(found, layout, alone=False))
        .replace("{{outline}}", _outline(graph))
        .replace("{{data}}", _embedded(_data(graph, over)))
        .replace("{{script}}", read("page.js").read_text("utf-8"))
    )


def _embedded(data: Mapping[str, Any]) -> str:
    """Return *data* as JSON that cannot end the element it stands in."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _data(graph: Graph, over: Over) -> dict[str, Any]:
    return {
        "start": graph.start,
        "states": {name: _state(state, graph, over) for name, state in graph.states.items()},
        "zones": [{"id": z.id, "title": z.title, "states": len(z.states)} for z in graph.zones],
        "rules": [_rule(rule) for rule in over.rules],
        "coverage": _counts(over.coverage),
        "traffic": _counts(over.traffic),
        "calls": [
            {"id": t.id, "title": t.title, "ended": words(t.ended), "turns": [_passage(p) for p in t.turns]}
            for t in over.trails
        ],
        "marks": over.marks and {
            "version": over.marks.version,
            "states": dict(over.marks.states),
            "arrows": [[a, b, mark] for (a, b), mark in over.marks.arrows.items()],
        },
        "play": over.play and _play(over.play),
    }


def _state(state: StateView, graph: Graph, over: Over) -> dict[str, Any]:
    return {
        "phase": state.phase,
        "about": state.about,
        "says": [
            {"prompt": s.prompt, "text": s.text, "discloses": [words(c) for c in s.discloses]} for s in state.says
        ],
        "exits": [_exit(exit) for exit in state.exits],
        "zones": [zone.title for zone in graph.zones if state.name in zone.states],
        "anytime": [trigger_words(t) for t in graph.entered_anytime.get(state.name, ())],
        "stories": list(over.covered_by.get(state.name, ())),
        "where": str(state.span),
        "out": list(dict.fromkeys(e.to for e in state.exits if e.to in graph.states and e.to != state.name)),
    }


def _exit(exit: Exit) -> dict[str, Any]:
    return {
        "heard": trigger_words(exit.trigger), "if": exit.condition, "kind": exit.kind, "to": exit.to,
        "led": target_words(exit), "says": [s.text for s in exit.says], "does": [words(n) for n in exit.does],
        "steps": list(exit.steps),
    }


def _rule(rule: Touched) -> dict[str, Any]:
    return {
        "id": rule.rule, "policy": rule.policy, "title": rule.title, "ask": words(rule.ask),
        "effects": list(rule.effects),
        "when": rule.condition, "unless": rule.unless, "source": rule.source, "severity": rule.severity,
        "status": words(rule.status), "place": rule.place, "states": list(rule.states), "steps": list(rule.steps),
        "prompts": list(rule.prompts), "actions": [words(a) for a in rule.actions], "where": rule.where,
    }


def _counts(counts: Counts | None) -> dict[str, Any] | None:
    if counts is None:
        return None
    return {"calls": counts.calls, "states": dict(counts.states), "steps": dict(counts.steps)}


def _passage(passage: Passage) -> dict[str, Any]:
    return {
        "callee": passage.callee, "agent": list(passage.agent), "states": list(passage.states),
        "steps": list(passage.steps), "prevented": list(passage.prevented),
    }


def _play(play: Play) -> dict[str, Any]:
    """Return a play with each passage written once."""
    numbers: dict[str, int] = {}
    passages: list[dict[str, Any]] = []

    def number(passage: Passage) -> int:
        plain = _passage(passage)
        key = json.dumps(plain, sort_keys=True)
        if key not in numbers:
            numbers[key] = len(passages)
            passages.append(plain)
        return numbers[key]

    opening = number(play.opening)
    situations = [
        [state, [[words(c.heard), c.example, number(c.passage), c.next, words(c.ended), int(c.own)] for c in choices]]
        for state, choices in play.situations
    ]
    return {"opening": opening, "situations": situations, "passages": passages}


def _outline(graph: Graph) -> str:
    parts: list[str] = []
    for phase in graph.phases:
        parts.append(f"<h3>{escape(phase or 'no phase')}</h3><dl>")
        for state in graph.states.values():
            if state.phase == phase:
                name = escape(state.name)
                parts.append(f'<dt><a href="#n_{name}" data-go="{name}">{name}</a></dt>')
                parts.append(f"<dd>{_described(state)}</dd>")
        parts.append("</dl>")
    for box in graph.anytime:
        heading = "At any moment" + ("" if box.document == graph.flow else f" in {box.document}")
        parts.append(f"<h3>{escape(heading)}</h3><ul>{_items(said_exit(e) for e in box.exits)}</ul>")
    return "".join(parts)


def _described(state: StateView) -> str:
    about = f"<p class='about'>{escape(state.about)}</p>" if state.about else ""
    says = "".join(f"<p class='said'>“{escape(s.text)}”</p>" for s in state.says)
    return f"{about}{says}<ul>{_items(said_exit(exit) for exit in state.exits)}</ul>"


def _items(lines: Iterable[str]) -> str:
    return "".join(f"<li>{escape(line)}</li>" for line in lines)
