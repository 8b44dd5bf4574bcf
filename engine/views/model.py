"""A linked flow as people look at it: states in phases, what leads where, and what may happen at any moment.

A subflow's outcomes are no states of their own here: a step that leaves by an
outcome leads straight to what its user makes of it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.bundle import Again, CompiledBundle, End, Flow, Go, Prompt, Reask, State, Step
from engine.expressions.english import say, words
from engine.expressions.tree import ALWAYS
from engine.source.span import NOWHERE, Span
from engine.terms import EVENTS

THEN = "then"
"""The trigger of a step that is taken at once, in a state that hears nothing."""

SILENCE, UNCLEAR = "silence", "unclear"
_PLACE = re.compile(r"\{\{\s*(?P<name>[^}|]+?)\s*(?:\|[^}]*)?\}\}")
_BLOCK = re.compile(r"\{%.*?%\}\s*")


class UnknownGraph(ValueError):
    """The bundle has no such flow."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A prompt with its words; places for facts are shown as ``[name]``."""

    prompt: str
    text: str
    discloses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exit:
    """One way on: what is heard, under which condition, what is done and said, and where it leads.

    Args:
        trigger: An intent or event, ``then``, ``silence`` or ``unclear``.
        condition: In words; empty when there is none.
        kind: ``go``, ``end`` or ``again``.
        to: The state or the disposition; empty for ``again``.
        times: How often ``again`` holds in one visit.
        says: Prompts, in order.
        does: Actions, in order.
        steps: The ids of the steps it is made of, in order.
    """

    trigger: str
    condition: str
    kind: str
    to: str
    times: int
    says: tuple[Sentence, ...]
    does: tuple[str, ...]
    steps: tuple[str, ...]
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class StateView:
    """One state as drawn.

    ``exits`` are its own; silence and unclear words are among them where the state answers them in its own way.
    """

    name: str
    phase: str
    about: str
    document: str
    says: tuple[Sentence, ...]
    exits: tuple[Exit, ...]
    listens: bool
    asks: tuple[str, ...] = ()
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Anytime:
    """What may happen at any moment in the states of one flow document."""

    document: str
    exits: tuple[Exit, ...]
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """Everything that leads from one state to another."""

    source: str
    target: str
    exits: tuple[Exit, ...]


@dataclass(frozen=True, slots=True)
class Zone:
    """States on whose entry something is guaranteed, on every call that reaches them."""

    id: str
    title: str
    states: frozenset[str]


@dataclass(frozen=True, slots=True)
class Graph:
    """A flow, ready to be drawn. ``phases`` are in the order in which they are first met."""

    flow: str
    title: str
    version: str
    digest: str
    locale: str
    start: str
    phases: tuple[str, ...]
    states: Mapping[str, StateView]
    anytime: tuple[Anytime, ...]
    arrows: tuple[Arrow, ...]
    zones: tuple[Zone, ...] = ()
    entered_anytime: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # state -> triggers

    def outgoing(self, name: str) -> tuple[Arrow, ...]:
        """Return the arrows that leave the state *name*."""
        return tuple(arrow for arrow in self.arrows if arrow.source == name)


def graph_of(bundle: CompiledBundle, flow_id: str, locale: str = "", zones: tuple[Zone, ...] = ()) -> Graph:
    """Return the graph of the call flow *flow_id*, its prompts in *locale* (the bundle's first, unless given).

    Raises:
        UnknownGraph: There is no such flow, or not every prompt is written in *locale*.
    """
    if flow_id not in bundle.flows:
        raise UnknownGraph(f"there is no call flow `{flow_id}`; there is {_listed(bundle.flows)}")
    if locale and locale not in bundle.locales:
        raise UnknownGraph(f"not every prompt is written in `{locale}`; there is {_listed(bundle.locales)}")
    return _Reader(bundle, bundle.flows[flow_id], locale or next(iter(bundle.locales), "")).graph(zones)


def shown(prompt: Prompt, locale: str) -> str:
    """Return a prompt's words in *locale*, with ``[name]`` where a fact is put."""
    template = prompt.texts.get(locale) or next(iter(prompt.texts.values()))
    text = _BLOCK.sub("", template.source)
    return " ".join(_PLACE.sub(lambda found: f"[{words(found['name']).split(' ', 1)[-1]}]", text).split())


def local_name(state: str) -> str:
    """Return a state's name within its own flow document."""
    return state.rpartition(".")[2]


def is_outcome(state: str) -> bool:
    """Return whether *state* stands for a subflow's outcome."""
    return local_name(state).startswith("=")


class _Reader:
    """Reads one linked flow."""

    def __init__(self, bundle: CompiledBundle, flow: Flow, locale: str) -> None:
        self.bundle = bundle
        self.flow = flow
        self.locale = locale

    def graph(self, zones: tuple[Zone, ...]) -> Graph:
        states = {s.name: self._state(s) for s in self.flow.states.values() if not is_outcome(s.name)}
        ordered = self._by_nearness(states)
        arrows = tuple(_arrows(ordered.values()))
        anytime = self._anytime()
        entered: dict[str, list[str]] = {}
        for box in anytime:
            for exit in box.exits:
                if exit.kind == "go":
                    entered.setdefault(exit.to, []).append(exit.trigger)
        return Graph(
            flow=self.flow.id,
            title=self.flow.title,
            version=self.flow.version,
            digest=self.bundle.digest,
            locale=self.locale,
            start=self.flow.start,
            phases=tuple(dict.fromkeys(s.phase for s in ordered.values())),
            states=ordered,
            anytime=anytime,
            arrows=arrows,
            zones=zones,
            entered_anytime={name: tuple(dict.fromkeys(found)) for name, found in entered.items()},
        )

    def _state(self, state: State) -> StateView:
        exits: list[Exit] = []
        places = {trigger: number for number, trigger in enumerate(state.hears)}
        for trigger in sorted(state.own, key=lambda t: (t in EVENTS, places.get(t, 0), t)):
            exits += self._exits(trigger, state.hears.get(trigger, ()))
        exits += self._exits(THEN, state.then)
        for kind, reask in ((SILENCE, state.silence), (UNCLEAR, state.unclear)):
            if reask is not None and reask.then.id.count("/") > 2:
                exits += self._reask(kind, reask)
        return StateView(
            name=state.name,
            phase=self._phase(state),
            about=state.about,
            document=state.document,
            says=self._said(state.say),
            exits=tuple(exit for exit in exits if "/anytime/" not in exit.steps[0]),
            listens=bool(state.hears),
            asks=tuple(sorted(state.asks)),
            span=state.span,
        )

    def _phase(self, state: State) -> str:
        """Return the phase of *state*: its own, its user's, or the user's name."""
        if state.phase:
            return state.phase
        user = state.name.rpartition(".")[0]
        while user:
            outcome = next((s for s in self.flow.states.values() if s.name.startswith(f"{user}.=") and s.phase), None)
            if outcome is not None:
                return outcome.phase
            if "." not in user:
                return user
            user = user.rpartition(".")[0]
        return ""

    def _said(self, prompts: Iterable[str]) -> tuple[Sentence, ...]:
        found = ((name, self.bundle.prompts[name]) for name in prompts)
        return tuple(Sentence(name, shown(p, self.locale), tuple(sorted(p.discloses))) for name, p in found)

    def _exits(self, trigger: str, steps: Iterable[Step]) -> Iterator[Exit]:
        for step in steps:
            yield from self._followed(trigger, step, (), (), (), ())

    def _followed(
        self, trigger: str, step: Step, conditions: tuple[str, ...], says: tuple[Sentence, ...],
        does: tuple[str, ...], before: tuple[str, ...],
    ) -> Iterator[Exit]:
        """Yield *step* as ways on, straight through the outcomes of subflows."""
        conditions = (*conditions, *(() if step.when == ALWAYS else (say(step.when),)))
        says, does = (*says, *self._said(step.say)), (*does, *(do.action for do in step.does))
        ids = (*before, step.id)
        if isinstance(step.target, Go) and is_outcome(step.target.state):
            for later in self.flow.states[step.target.state].then:
                yield from self._followed(trigger, later, conditions, says, does, ids)
            return
        kind, to, times = "again", "", 0
        match step.target:
            case Go(state):
                kind, to = "go", state
            case End(disposition):
                kind, to = "end", disposition
            case Again(number):
                times = number
        yield Exit(trigger, ", ".join(conditions), kind, to, times, says, does, ids, step.span)

    def _reask(self, kind: str, reask: Reask) -> Iterator[Exit]:
        if reask.times:
            yield Exit(kind, "", "again", "", reask.times, self._said(reask.say), (), (f"{reask.then.id}#again",))
        yield from self._followed(kind, reask.then, (), (), (), ())

    def _anytime(self) -> tuple[Anytime, ...]:
        """Return what each document answers in every state, defaults for silence and unclear words included."""
        found: dict[str, dict[str, list[Exit]]] = {}
        where: dict[str, dict[str, None]] = {}
        for state in self.flow.states.values():
            for trigger, steps in state.hears.items():
                if steps and "/anytime/" in steps[0].id:
                    self._note(found, where, steps[0].id.partition("/")[0], state, trigger, self._exits(trigger, steps))
            for kind, reask in ((SILENCE, state.silence), (UNCLEAR, state.unclear)):
                if reask is not None and reask.then.id.count("/") == 2:
                    document = reask.then.id.partition("/")[0]
                    self._note(found, where, document, state, kind, self._reask(kind, reask))
        return tuple(
            Anytime(document, tuple(exit for exits in by.values() for exit in exits), tuple(where[document]))
            for document, by in sorted(found.items(), key=lambda item: item[0] != self.flow.id)
        )

    @staticmethod
    def _note(
        found: dict[str, dict[str, list[Exit]]], where: dict[str, dict[str, None]], document: str, state: State,
        trigger: str, exits: Iterator[Exit],
    ) -> None:
        where.setdefault(document, {})[state.name] = None
        by = found.setdefault(document, {})
        if trigger not in by:
            by[trigger] = list(exits)

    def _by_nearness(self, states: Mapping[str, StateView]) -> dict[str, StateView]:
        """Return *states* in the order in which a call meets them, those met only by interrupts last."""
        order: dict[str, None] = {}
        waiting = [self.flow.start]
        while waiting:
            name = waiting.pop(0)
            if name in order or name not in states:
                continue
            order[name] = None
            waiting += [exit.to for exit in states[name].exits if exit.kind == "go"]
        return {name: states[name] for name in (*order, *(n for n in states if n not in order))}


def _arrows(states: Iterable[StateView]) -> Iterator[Arrow]:
    for state in states:
        targets: dict[str, list[Exit]] = {}
        for exit in state.exits:
            if exit.kind == "go":
                targets.setdefault(exit.to, []).append(exit)
        for target, exits in targets.items():
            yield Arrow(state.name, target, tuple(exits))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "none"
