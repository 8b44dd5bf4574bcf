"""What the dialogue can do in one turn, written out once for all slices of a flow.

A path is one way through the steps of a turn: what was asked on the way and how
it was answered, what was set, and what is said and done. Slices leave out of it
what does not matter to them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from engine.bundle import Again, Flow, Go, Reask, State, Step
from engine.checks.prove.truth import placeless
from engine.expressions.tree import ALWAYS, Condition, Expression, Ref, Truth
from engine.terms import EVENTS, EventKind, ValueType

MOST_PATHS = 200
"""Most paths for each state, on average."""
SILENCE, UNCLEAR, HUNG_UP = "silence", "unclear", "hung_up"
STAYS = ""
"""Where a path leads that ends where it began."""


class Unfoldable(Exception):
    """Raised where the paths of a flow cannot be written out: there are too many, or they run in circles."""


class Asked(NamedTuple):
    """A condition on the way: whether its step was taken, or passed over."""

    condition: Condition
    taken: bool


class Given(NamedTuple):
    """Facts that a step sets."""

    sets: tuple[tuple[str, Expression], ...]


class Said(NamedTuple):
    """A prompt that a step or a state says."""

    prompt: str


class Done(NamedTuple):
    """An action."""

    action: str


class Over(NamedTuple):
    """The end of the call."""


Part: TypeAlias = Asked | Given | Said | Done | Over


class Path(NamedTuple):
    """One way through a turn: its parts in order, and the state that listens next, STAYS, or None at the end."""

    parts: tuple[Part, ...]
    leads: str | None


Paths: TypeAlias = tuple[Path, ...]


class Happening(NamedTuple):
    """One thing that can happen in a state.

    Args:
        trigger: The event or intent; ``unclear`` stands for all that the state does not hear by name.
        event: Whether it is an event.
        right: Whether it is a protected intent.
        paths: What is followed.
        gone: What is followed where by a rule another person has taken the phone.
        other: What a change of person reads, though it may not be followed.
    """

    trigger: str
    event: bool
    right: bool
    paths: Paths
    gone: tuple[Paths, ...]
    other: Paths


@dataclass(frozen=True, slots=True)
class Hears:
    """What a state makes of all that can happen in it.

    Args:
        handlers: The paths of each thing it hears by name.
        silence: Those followed when nothing is heard.
        unclear: Those followed when what was heard is none of these.
        rights: The protected intents it hears by name, the most urgent first.
        happenings: All that can happen in it.
    """

    handlers: tuple[tuple[str, Paths], ...]
    silence: Paths
    unclear: Paths
    rights: tuple[str, ...]
    happenings: tuple[Happening, ...]


class Written:
    """The paths of one flow: those a call begins with, and those of each state that listens.

    Args:
        flow: The flow.
        protected: The intents that go before all others, the most urgent first.
        conditions: Conditions met before, without their places, so that equal ones are one and the same; added to.
        paths: Lists of paths met before, likewise.
        hears: What states made of all that can happen, by the lists of paths that is; likewise.
        happens: What happened, by what is followed; likewise.

    Raises:
        Unfoldable: They cannot be written out.
    """

    def __init__(
        self,
        flow: Flow,
        protected: tuple[str, ...],
        conditions: dict[Condition, Condition],
        paths: dict[Paths, Paths],
        hears: dict[object, Hears],
        happens: dict[object, Happening],
    ) -> None:
        self._states: Mapping[str, State] = flow.states
        self._protected = protected
        self._conditions = conditions
        self._paths = paths
        self._heard = hears
        self._happens = happens
        self._known: dict[int, Condition] = {}
        self._entered: dict[str, Paths] = {}
        self._entering: set[str] = set()
        self._followed: dict[tuple[int, tuple[str, ...], int], Paths] = {}
        self._left = MOST_PATHS * len(flow.states)
        self.first = self._once(self._enter(flow.start))
        self.entered = self._happening(Happening("", False, False, self.first, (self.first,), ()))
        self.states = {
            state.name: self._hears(state)
            for state in flow.states.values()
            if not state.then or state.name == flow.start
        }

    def every(self) -> Iterator[tuple[str, Paths]]:
        """Yield each list of paths with what is heard where it is followed, or '' where that may be anything."""
        yield "", self.first
        for hears in self.states.values():
            yield from hears.handlers
            yield "", hears.silence
            yield "", hears.unclear

    def heard(self, name: str) -> Condition:
        """Return that *name*, ``heard.<trigger>``, is so."""
        bare = Truth(Ref(name, ValueType.BOOL, False))
        return self._conditions.setdefault(bare, bare)

    def _once(self, paths: Paths) -> Paths:
        return self._paths.setdefault(paths, paths)

    def _hears(self, state: State) -> Hears:
        asked = state.silence if SILENCE not in state.hears else None
        silence = self._follow(state, state.hears.get(SILENCE, ()), asked or state.unclear)
        unclear = self._follow(state, state.hears.get(UNCLEAR, ()), state.unclear)
        handlers = {name: self._follow(state, steps, state.unclear) for name, steps in state.hears.items()}
        key = tuple((name, id(paths)) for name, paths in handlers.items()), id(silence), id(unclear)
        found = self._heard.get(key)
        if found is None:
            rights = tuple(name for name in self._protected if name in handlers)
            happenings = tuple(self._happenings(handlers, silence, unclear, rights))
            found = self._heard[key] = Hears(tuple(handlers.items()), silence, unclear, rights, happenings)
        return found

    def _happenings(
        self, handlers: Mapping[str, Paths], silence: Paths, unclear: Paths, rights: tuple[str, ...]
    ) -> Iterator[Happening]:
        """Yield all that can happen: events, what is heard by name, and what is not.

        That another person has the phone goes before all but events and rights.
        """
        other = handlers.get(EventKind.NEW_PERSON, ())
        for event in EVENTS:
            if event != HUNG_UP or event in handlers:
                paths = silence if event == SILENCE else handlers.get(event, unclear)
                yield self._happening(Happening(event, True, False, paths, (paths,), ()))
        for name, paths in handlers.items():
            if name not in EVENTS:
                right = name in rights
                gone = other if other and not right else paths
                yield self._happening(Happening(name, False, right, paths, (gone,), other))
        either: tuple[Paths, ...] = (other,) if other else (unclear,)
        if other and len(rights) < len(self._protected):
            either = unclear, other
        yield self._happening(Happening(UNCLEAR, False, False, unclear, either, other))

    def _happening(self, one: Happening) -> Happening:
        """Return *one*, the same object wherever the same happens."""
        key = one.trigger, one.right, id(one.paths), tuple(map(id, one.gone)), id(one.other)
        return self._happens.setdefault(key, one)

    def _follow(self, state: State, steps: tuple[Step, ...], reask: Reask | None) -> Paths:
        key = (id(steps), state.say, id(reask))
        found = self._followed.get(key)
        if found is None:
            found = self._followed[key] = self._once(tuple(self._through(steps, state.say, reask)))
        return found

    def _through(self, steps: tuple[Step, ...], say: tuple[str, ...], reask: Reask | None) -> Iterator[Path]:
        passed: tuple[Part, ...] = ()
        for step in steps:
            always = step.when == ALWAYS
            before = passed if always else (*passed, Asked(self._condition(step), True))
            for path in self._take(step, say, STAYS):
                yield Path((*before, *path.parts), path.leads)
            if not isinstance(step.target, Again):
                if always:
                    return
                passed = (*passed, Asked(self._condition(step), False))
        if reask is not None:
            again = tuple(map(Said, reask.say or say))
            yield Path((*passed, *again), STAYS)
            for path in self._take(reask.then, say, STAYS):
                yield Path((*passed, *path.parts), path.leads)

    def _condition(self, step: Step) -> Condition:
        found = self._known.get(id(step))
        if found is None:
            bare = placeless(step.when)
            found = self._known[id(step)] = self._conditions.setdefault(bare, bare)
        return found

    def _take(self, step: Step, say: tuple[str, ...], here: str) -> Iterator[Path]:
        """Yield the paths of *step*, taken in a state that says *say* and is called *here*."""
        self._left -= 1
        parts: tuple[Part, ...] = (
            *((Given(step.sets),) if step.sets else ()),
            *(Done(do.action) for do in step.does),
            *map(Said, step.say),
        )
        match step.target:
            case Go(state=there):
                entered = self._enter(there)
                self._left -= len(entered)
                for path in entered:
                    yield Path((*parts, *path.parts), path.leads)
            case Again():
                yield Path((*parts, *map(Said, say if step.say_again else ())), here)
            case _:
                yield Path((*parts, Over()), None)
        if self._left < 0:
            raise Unfoldable

    def _enter(self, name: str) -> Paths:
        """Return the paths that come of entering the state *name*."""
        found = self._entered.get(name)
        if found is not None:
            return found
        if name in self._entering:
            raise Unfoldable
        self._entering.add(name)
        state = self._states[name]
        said = tuple(map(Said, state.say))
        ways: list[Path] = [] if state.then else [Path(said, name)]
        passed: tuple[Part, ...] = ()
        for step in state.then:
            always = step.when == ALWAYS
            before = passed if always else (*passed, Asked(self._condition(step), True))
            ways += [Path((*said, *before, *p.parts), p.leads) for p in self._take(step, state.say, name)]
            if always:
                break
            passed = (*passed, Asked(self._condition(step), False))
        self._entering.discard(name)
        found = self._entered[name] = tuple(ways)
        return found
