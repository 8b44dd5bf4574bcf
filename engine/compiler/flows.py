"""Flow documents to linked flows: subflows in place, interrupts in every state, every target checked."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from engine.bundle import Again, End, Flow, Go, Reask, State, Step, Target, Vocabulary
from engine.compiler.actions import link_actions
from engine.compiler.context import Notes, items, mapping, steps_of, text, texts
from engine.compiler.guards import check_unknowns
from engine.expressions.parse import names_read, parse_condition, parse_expression
from engine.expressions.scope import Scope
from engine.expressions.tree import ALWAYS, Condition, Constant, Expression
from engine.source.documents import Document
from engine.source.span import Span
from engine.source.tree import Map, Node, Text
from engine.terms import FactSource, ValueType

TARGETS = ("go", "end", "again", "outcome")
MOST_LINKED_STATES = 20_000


@dataclass(frozen=True, slots=True)
class World:
    """What flows may refer to."""

    vocabulary: Vocabulary
    prompts: frozenset[str]
    intents: frozenset[str]
    events: frozenset[str]
    locales: tuple[str, ...]
    scope: Scope
    documents: Mapping[str, Document]


@dataclass(frozen=True, slots=True)
class _Within:
    """Where a flow document is being linked: the call flow itself, or a state that uses it."""

    document: Document
    prefix: str
    anytime: tuple[Mapping[str, tuple[Step, ...]], ...]
    defaults: Mapping[str, Node]
    outer: "_Within | None" = None
    outcomes: Mapping[str, str] = field(default_factory=dict)  # outcome -> state that goes on
    used: tuple[str, ...] = ()


def _check_circles(states: Mapping[str, State], notes: Notes) -> None:
    """Add a finding for each circle of states that go on by themselves: the call would never listen again."""
    onward = {
        state.name: [s.target.state for s in state.then if isinstance(s.target, Go) and s.target.state in states]
        for state in states.values()
        if state.then
    }
    left = {name: {t for t in then if t in onward} for name, then in onward.items()}
    before: dict[str, list[str]] = {}
    for name, then in left.items():
        for target in then:
            before.setdefault(target, []).append(name)
    ended = [name for name, then in left.items() if not then]
    while ended:
        target = ended.pop()
        onward.pop(target)
        for name in before.get(target, ()):
            left[name].discard(target)
            if not left[name]:
                ended.append(name)
    told: set[str] = set()
    for name, circle in _around(onward).items():
        if name in told:
            continue
        told |= circle
        by = [f"`{other}`" for other in onward if other in circle - {name}]
        notes.error(
            states[name].span,
            "circle-without-hearing",
            f"from `{name}` the flow can come back to `{name}` without listening in between"
            + (f", by {' and '.join(by[:3])}" if by else ""),
            "let one of the states on the way hear something",
        )


def _check_dead_air(linker: "_Linker", notes: Notes) -> None:
    """Add a finding if states answer no silence, and one if states answer nothing that is not understood."""
    for states, rule, case, setting in (
        (linker.no_silence, "no-silence-handling", "hears silence", "silence: {times: 2, say: are_you_there"),
        (linker.no_unclear, "no-unclear-handling", "does not understand", "unclear: {times: 2, say: sorry_again"),
    ):
        if states:
            more = f", nor in {len(states) - 1} more" if len(states) > 1 else ""
            notes.error(
                states[0].span,
                rule,
                f"nothing is said when `{states[0]}` {case}{more}",
                f"add `{setting}, then: {{end: no_response}}}}` to the flow",
            )


def _around(onward: Mapping[str, list[str]]) -> dict[str, set[str]]:
    """Return the names from which a walk along *onward* comes back, each with all on such a walk."""
    ahead = {name: _reached(onward, name) for name in onward}
    return {name: {n for n in there if name in ahead[n]} for name, there in ahead.items() if name in there}


def _reached(onward: Mapping[str, list[str]], name: str) -> set[str]:
    seen: set[str] = set()
    queue = list(onward[name])
    while queue:
        here = queue.pop()
        if here in onward and here not in seen:
            seen.add(here)
            queue += onward[here]
    return seen


def check_use(documents: tuple[Document, ...], linked: Iterable[Flow], notes: Notes) -> None:
    """Warn of each subflow that no call flow uses: nothing in it is linked, so nothing of it was checked."""
    used = {name for flow in linked for name in flow.subflows}
    for document in documents:
        if is_subflow(document) and document.id not in used:
            notes.warn(
                document.id.span,
                "unused-flow",
                f"no call flow uses `{document.id}`, so nothing in it was checked",
                "use it from a state, as `use: " + document.id + "`, or delete it",
            )


def is_subflow(document: Document) -> bool:
    """Return whether any step of *document* leaves by an outcome; a flow with a ``blocked`` is a call flow."""
    return Text("blocked") not in document.root and any(Text("outcome") in s for s in _all_steps(document.root))


def link_flow(document: Document, world: World, notes: Notes) -> Flow:
    """Return the call flow of *document*, with the subflows it uses linked in."""
    root = document.root
    defaults = {key: root[Text(key)] for key in ("silence", "unclear") if Text(key) in root}
    linker = _Linker(world, notes)
    within = _Within(document, "", (), defaults, used=(str(document.id),))
    linker.states_of(within)
    _check_dead_air(linker, notes)
    blocked_body = mapping(root, "blocked")
    if Text("blocked") not in root:
        notes.error(
            document.id.span,
            "missing-setting",
            f"the flow `{document.id}` has no `blocked`",
            "add what to say and how to end when a rule forbids what was planned, as "
            "`blocked: {say: cannot_continue, end: ended_by_rule}`",
        )
    blocked = linker.step(blocked_body, f"{document.id}/blocked", within)
    for setting in ("when", "set"):
        if Text(setting) in blocked_body:
            notes.error(
                blocked_body.key(setting).span,
                "blocked-must-end",
                f"`blocked` takes no `{setting}`: it is what happens when all else is forbidden",
                "take it out",
            )
    if not isinstance(blocked.target, End):
        notes.error(
            blocked_body.span, "blocked-must-end", "`blocked` must end the call", "give it `end: ended_by_rule`"
        )
    start = text(root, "start")
    states = mapping(root, "states")
    if start not in states:
        notes.unknown(start, "state", states, f"{document.id}/start")
    _check_circles(linker.found, notes)
    return Flow(
        str(document.id),
        str(document.version),
        str(document.title),
        linker.entered(start, states, ""),
        linker.found,
        blocked,
        tuple(dict.fromkeys(linker.subflows)),
        document.id.span,
    )


class _Linker:
    """Links one call flow; holds the states found so far."""

    def __init__(self, world: World, notes: Notes) -> None:
        self.world = world
        self.notes = notes
        self.found: dict[str, State] = {}
        self.subflows: list[str] = []
        self.no_silence: list[Text] = []
        self.no_unclear: list[Text] = []

    def entered(self, name: Text, states: Map, prefix: str) -> str:
        """Return the state that going to *name* leads to: a subflow's start for a state that uses one."""
        path, body = prefix + name, states.get(name)
        while isinstance(body, Map) and Text("use") in body:
            document = self.world.documents.get(text(body, "use"))
            if document is None or path.count(".") > len(self.world.documents):
                break
            start = text(document.root, "start")
            path, body = f"{path}.{start}", mapping(document.root, "states").get(start)
        return path

    def states_of(self, within: _Within) -> None:
        """Link every state of the document of *within*."""
        document, root = within.document, within.document.root
        states = mapping(root, "states")
        base = f"{document.id}"
        own_anytime = {
            str(trigger): self._steps(steps_of(body), f"{base}/anytime/{trigger}", within)
            for trigger, body in items(root.get(Text("anytime")))
            if self._known_trigger(trigger)
        }
        here = replace(within, anytime=(own_anytime, *within.anytime))
        for name, body in states.items():
            if not isinstance(body, Map):
                continue
            if len(self.found) > MOST_LINKED_STATES:
                self.notes.error(
                    name.span,
                    "too-many-states",
                    "the linked flow has more states than can be checked",
                    "use fewer subflows inside subflows",
                )
                return
            if Text("use") in body:
                self._use(name, body, here)
            else:
                self.found[within.prefix + name] = self._state(name, body, here)

    def _state(self, name: Text, body: Map, within: _Within) -> State:
        document = within.document
        base = f"{document.id}/{name}"
        own: dict[str, tuple[Step, ...]] = {}
        for trigger, handler in items(body.get(Text("hears"))):
            if self._known_trigger(trigger):
                own[str(trigger)] = self._steps(steps_of(handler), f"{base}/{trigger}", within)
        then = self._onward(body.get(Text("then")), f"{base}/then", within)
        silence = self._reask("silence", body, base, within)
        unclear = self._reask("unclear", body, base, within)
        listens = Text("hears") in body
        if listens and Text("then") in body:
            self.notes.error(
                body.key("then").span,
                "hears-and-then",
                f"`{name}` both hears and goes on by itself",
                "keep `hears` or `then`",
            )
        if not listens and not then:
            self.notes.error(
                name.span,
                "missing-setting",
                f"the state `{name}` neither hears nor goes on",
                "give it `hears`, or `then` with what comes next",
            )
        if listens and silence is None:
            self.no_silence.append(name)
        if listens and unclear is None:
            self.no_unclear.append(name)
        hears = self._merged(own, within) if listens else {}
        asks = {str(slot) for slot in texts(body.get(Text("asks")))}
        for slot in texts(body.get(Text("asks"))):
            fact = self.world.vocabulary.facts.get(slot)
            if fact is None or fact.origin is not FactSource.HEARD:
                slots = [f.name for f in self.world.vocabulary.facts.values() if f.origin is FactSource.HEARD]
                self.notes.unknown(slot, "slot", slots)
        for steps in own.values():
            for step in steps:
                asks |= {n for n in names_read(step.when) if self._is_slot(n)}
        return State(
            name=within.prefix + name,
            document=str(document.id),
            say=self._prompts(body, within),
            hears=hears,
            then=then if not listens else (),
            silence=silence if listens else None,
            unclear=unclear if listens else None,
            own=frozenset(own),
            asks=frozenset(asks),
            phase=str(text(body, "phase")),
            about=str(text(body, "about")),
            span=name.span,
            say_span=body[Text("say")].span if Text("say") in body else name.span,
        )

    def _is_slot(self, name: str) -> bool:
        fact = self.world.vocabulary.facts.get(name)
        return fact is not None and fact.origin is FactSource.HEARD

    def _merged(self, own: Mapping[str, tuple[Step, ...]], within: _Within) -> dict[str, tuple[Step, ...]]:
        """Return what a state answers: protected interrupts, then its own handlers, then other interrupts."""
        inherited: dict[str, tuple[Step, ...]] = {}
        for level in reversed(within.anytime):
            inherited |= level
        protected = set(self.world.vocabulary.protected)
        merged = {t: s for t, s in inherited.items() if t in protected or t not in own}
        return merged | {t: s for t, s in own.items() if t not in merged}

    def _use(self, name: Text, body: Map, within: _Within) -> None:
        wanted = text(body, "use")
        document = self.world.documents.get(wanted)
        if document is None:
            self.notes.unknown(wanted, "flow", self.world.documents)
            return
        if wanted in within.used:
            self.notes.error(
                wanted.span,
                "flow-uses-itself",
                f"`{wanted}` uses itself, at once or through another flow",
                "break the circle",
            )
            return
        self.subflows.append(str(wanted))
        prefix = f"{within.prefix}{name}."
        written = mapping(body, "outcomes")
        raised = {str(step[Text("outcome")]) for step in _all_steps(document.root) if Text("outcome") in step}
        for missing in sorted(raised - set(map(str, written))):
            self.notes.error(
                written.span if written else name.span,
                "outcome-not-handled",
                f"`{wanted}` can end with the outcome `{missing}`, which `{name}` does not handle",
                f"add `{missing}` to its `outcomes`",
            )
        outcomes: dict[str, str] = {}
        for outcome, handler in written.items():
            if outcome not in raised:
                self.notes.unknown(outcome, "outcome", raised)
            state = f"{prefix}={outcome}"
            outcomes[str(outcome)] = state
            then = self._onward(handler, f"{within.document.id}/{name}/{outcome}", within)
            self.found[state] = State(
                state,
                str(within.document.id),
                (),
                {},
                then,
                None,
                None,
                frozenset(),
                phase=str(text(body, "phase")),
                span=outcome.span,
            )
        defaults = dict(within.defaults) | {k: body[Text(k)] for k in ("silence", "unclear") if Text(k) in body}
        inner = _Within(document, prefix, within.anytime, defaults, within, outcomes, (*within.used, str(wanted)))
        start = text(document.root, "start")
        if start not in mapping(document.root, "states"):
            self.notes.unknown(start, "state", mapping(document.root, "states"))
        self.states_of(inner)

    def _known_trigger(self, trigger: Text) -> bool:
        if trigger in self.world.intents or trigger in self.world.events:
            return True
        self.notes.unknown(trigger, "intent", (*self.world.intents, *self.world.events))
        return False

    def _reask(self, kind: str, body: Map, base: str, within: _Within) -> Reask | None:
        own = body.get(Text(kind))
        written = own if own is not None else within.document.root.get(Text(kind), within.defaults.get(kind))
        owner = within
        if own is None and written is not None:
            base = f"{within.document.id}"
            while owner.outer is not None and Text(kind) not in owner.document.root:
                owner = owner.outer
            if owner is not within:
                base = f"{owner.document.id}"
        if not isinstance(written, Map):
            return None
        then = written.get(Text("then"))
        step = self.step(then if isinstance(then, Map) else Map((), written.span), f"{base}/{kind}/then", owner)
        self._refuse_again((step,))
        return Reask(_whole(text(written, "times", "0")), self._prompts(written, within), step, written.span)

    def _onward(self, handler: Node | None, base: str, within: _Within) -> tuple[Step, ...]:
        """Return the steps of a place where nothing is heard: none of them can stay."""
        steps = self._steps(steps_of(handler), base, within)
        self._refuse_again(steps)
        return steps

    def _refuse_again(self, steps: tuple[Step, ...]) -> None:
        for step in steps:
            if isinstance(step.target, Again):
                self.notes.error(
                    step.target_span,
                    "again-without-hearing",
                    "`again` stays where something was heard, and nothing is heard here",
                    "go to a state, or end the call",
                )

    def _steps(self, bodies: tuple[Map, ...], base: str, within: _Within) -> tuple[Step, ...]:
        steps = tuple(self.step(body, f"{base}/{n}", within) for n, body in enumerate(bodies, 1))
        for (body, step), later in itertools.pairwise(zip(bodies, steps, strict=True)):
            if Text("when") not in body and not isinstance(step.target, Again):
                self.notes.error(
                    later[1].span,
                    "shadowed-step",
                    "this step can never be taken: the one before it always is",
                    "give the step before it a `when`, or delete this one",
                )
        if steps and steps[-1].when != ALWAYS:
            self.notes.error(
                steps[-1].span,
                "steps-leave-a-gap",
                "the last step has a `when`, so there may be nothing to do",
                "add a step without `when` at the end",
            )
        self.notes.extend(check_unknowns(steps, self.world.vocabulary))
        return steps

    def step(self, body: Map, path: str, within: _Within) -> Step:
        """Return one step. Its target is checked; a missing one is a finding and ends the call."""
        when: Condition = ALWAYS
        if Text("when") in body:
            condition, found = parse_condition(body[Text("when")], self.world.scope)
            self.notes.extend(found)
            when = condition if condition is not None else ALWAYS
            for name in names_read(when):
                if name in self.world.vocabulary.counters or name.startswith("utterance."):
                    self.notes.error(
                        body[Text("when")].span,
                        "fact-not-there-yet",
                        f"`{name}` is not known in a flow",
                        "use another fact",
                    )
        target, span = self._target(body, within)
        say = self._prompts(body, within)
        return Step(
            id=path,
            when=when,
            sets=self._sets(body),
            does=link_actions(body, self.world.vocabulary, self.world.scope, self.notes),
            say=say,
            target=target,
            span=body.span,
            target_span=span,
            say_again=isinstance(target, Again) and not say,
        )

    def _target(self, body: Map, within: _Within) -> tuple[Target, Span]:
        key = next((key for key in body if key in TARGETS), None)
        if key is None:
            return End(""), body.span
        value = body[key]
        assert isinstance(value, Text)
        if key == "again":
            return Again(_whole(value)), value.span
        if key == "end":
            if value not in self.world.vocabulary.dispositions:
                self.notes.unknown(value, "disposition", self.world.vocabulary.dispositions)
            return End(str(value)), value.span
        if key == "outcome":
            state = within.outcomes.get(str(value))
            if state is None and within.outer is None:
                self.notes.error(
                    value.span,
                    "outcome-without-user",
                    f"the flow is left by `{value}`, but it is a call flow",
                    "use `end`, or use this flow from another flow",
                )
            return (Go(state) if state else End("")), value.span
        states = mapping(within.document.root, "states")
        if value not in states:
            self.notes.unknown(value, "state", states)
            return End(""), value.span
        return Go(self.entered(value, states, within.prefix)), value.span

    def _prompts(self, body: Map, within: _Within) -> tuple[str, ...]:
        said = texts(body.get(Text("say")))
        for prompt in said:
            if prompt not in self.world.prompts:
                self.notes.unknown(prompt, "prompt", self.world.prompts)
        return tuple(map(str, said))

    def _sets(self, body: Map) -> tuple[tuple[str, Expression], ...]:
        found: list[tuple[str, Expression]] = []
        for name, value in mapping(body, "set").items():
            fact = self.world.vocabulary.facts.get(name)
            if name == "call.locale" and isinstance(value, Text):
                if value not in self.world.locales:
                    self.notes.error(
                        value.span,
                        "unknown-locale",
                        f"not every prompt is written in `{value}`",
                        "use one of: " + ", ".join(self.world.locales),
                    )
                found.append(("call.locale", Constant(str(value), ValueType.TEXT, value.span)))
            elif fact is None:
                self.notes.unknown(name, "fact", self.world.vocabulary.facts)
            elif fact.origin is not FactSource.FLOW:
                self.notes.error(
                    name.span,
                    "flow-may-not-set",
                    f"`{name}` comes from `{fact.origin}`; a flow cannot set it",
                    "set a fact declared `from: flow`; no rule may read it",
                )
            elif isinstance(value, Text):
                expression, wrong = parse_expression(value, self.world.scope, fact.type, frozenset(fact.values))
                self.notes.extend(wrong)
                if expression is not None:
                    found.append((fact.name, expression))
        return tuple(found)


def _whole(written: Text) -> int:
    return int(written) if written.isdigit() else 0


def _all_steps(node: Node) -> list[Map]:
    """Return every mapping below *node* that has a target, without recursion."""
    found, stack = [], [node]
    while stack:
        here = stack.pop()
        if isinstance(here, Map):
            if any(Text(key) in here for key in TARGETS):
                found.append(here)
            stack += here.values()
        elif not isinstance(here, Text):
            stack += here
    return found
