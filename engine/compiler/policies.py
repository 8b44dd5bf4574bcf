"""Policy documents to rules, each with everything that decides whether it fires."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine.bundle import (
    Derive,
    Policy,
    Rule,
    Vocabulary,
    in_force,
)
from engine.compiler.concerns import concerns
from engine.compiler.context import Notes, items, text
from engine.compiler.effects import EffectReader, World, named_by, read_by
from engine.compiler.parameters import day_of
from engine.compiler.scopes import own_parameters
from engine.compiler.tables import Row, link_tables
from engine.expressions.parse import names_read, parse_condition
from engine.expressions.scope import Scope
from engine.expressions.tree import (
    ALWAYS,
    All,
    Compare,
    Condition,
    Constant,
    Member,
    Ref,
    Truth,
)
from engine.source.documents import Document
from engine.source.span import Span
from engine.source.tree import Map, Node, Text
from engine.terms import Ask, FactSource, Severity, Status, ValueType

_TODAY = Ref("clock.today", ValueType.DATE)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What all rules of one policy share."""

    policy: Policy
    world: World
    scope: Scope
    applies: tuple[Condition, ...]


def link_policy(document: Document, world: World, notes: Notes) -> tuple[Policy, tuple[Rule, ...]]:
    """Return the policy that *document* states and its rules, one for each row where a rule has ``each``."""
    scope = world.scope.with_names(own_parameters(document.id, world.parameters))
    root = document.root
    place = text(root, "place")
    applies: list[Condition] = []
    if place:
        if place not in world.vocabulary.places:
            notes.unknown(place, "place", world.vocabulary.places)
        held = next((f for f in world.vocabulary.facts.values() if f.of_places), None)
        if held is None:
            notes.error(
                place.span,
                "no-places-fact",
                "the policy has a `place`, but no fact says where an account is",
                "declare a fact of type `set` with `of: place`",
            )
        else:
            applies.append(Member(Constant(str(place), ValueType.TEXT), Ref(held.name, ValueType.SET), place.span))
    written = root.get(Text("applies_when"))
    own = ALWAYS
    if written is not None:
        condition, found = parse_condition(written, scope)
        notes.extend(found)
        if condition is not None:
            own = condition
            applies.append(condition)
            _refuse_flow_facts(written, names_read(condition), world.vocabulary, notes)
    policy = Policy(
        str(document.id),
        str(document.version),
        str(document.title),
        str(place),
        Status(text(root, "status", "in_force")),
        own,
        document.id.span,
        regulation=str(text(root, "regulation")),
        confirm=str(text(root, "confirm")),
    )
    tables = link_tables(document, world.scope.names, world.vocabulary.places, world.vocabulary.classes, notes)
    frame = _Frame(policy, world, scope, tuple(applies))
    rules: list[Rule] = []
    for name, body in items(root.get(Text("rules"))):
        assert isinstance(body, Map)
        each = text(body, "each")
        if not each:
            rules.append(_rule(name, body, frame, None, notes))
        elif each not in tables:
            notes.unknown(each, "table", tables)
        else:
            rules += [_rule(name, body, frame, row, notes) for row in tables[each]]
    return policy, tuple(rules)


def _rule(name: Text, body: Map, frame: _Frame, row: Row | None, notes: Notes) -> Rule:
    scope = frame.scope.with_names(row.names) if row else frame.scope
    ask = Ask(text(body, "ask", "before_dialing"))
    written, unless = _condition(body, "when", scope, notes), _condition(body, "unless", scope, notes)
    reader = EffectReader(body, frame.world, scope, row, notes)
    effects = reader.effects(ask)
    starts, ends = _day(body, "from", notes), _day(body, "until", notes)
    if starts is not None and ends is not None and ends <= starts:
        notes.error(
            body[Text("until")].span,
            "never-in-force",
            f"`{name}` ends before it begins",
            "write an `until` after its `from`",
        )
    if len({isinstance(effect, Derive) for effect in effects}) > 1:
        notes.error(
            name.span,
            "derives-and-acts",
            f"`{name}` derives a fact and does something else",
            "write two rules: what is unknown keeps a fact from being derived, but keeps nothing else from happening",
        )
    own = written or ALWAYS
    dates: list[Condition] = []
    if starts is not None:
        dates.append(Compare(">=", _TODAY, Constant(starts.toordinal(), ValueType.DATE)))
    if ends is not None:
        dates.append(Compare("<", _TODAY, Constant(ends.toordinal(), ValueType.DATE)))
    asked = [part for part in (concerns(effect) for effect in effects) if part is not None]
    read = dict.fromkeys(names_read(own) + tuple(n for e in effects for n in read_by(e)))
    held = [_holds(n) for n in read if n in frame.world.parameters]
    whole = All((*frame.applies, *dates, *held, *asked, own))
    exempt = None
    if unless is not None:
        needed = [_holds(n) for n in names_read(unless) if n in frame.world.parameters]
        exempt = All((*needed, unless)) if needed else unless
    own_reads = (*read, *names_read(unless or ALWAYS), *named_by(effects))
    reads = dict.fromkeys((*own_reads, *names_read(All(frame.applies))))
    _refuse_late_facts(name, ask, tuple(reads), frame.world.vocabulary, notes)
    _refuse_flow_facts(body, own_reads, frame.world.vocabulary, notes)
    status = Status(text(body, "status", frame.policy.status))
    where = body.get(Text("unless"))
    return Rule(
        id=f"{name}[{row.key}]" if row else str(name),
        policy=frame.policy.id,
        ask=ask,
        when=whole,
        unless=exempt,
        written=own,
        effects=effects,
        source=reader.bound(text(body, "source")),
        severity=Severity(text(body, "severity", "house")),
        status=status,
        place=frame.policy.place,
        reason=reader.reason(),
        starts=starts,
        ends=ends,
        row=row.key if row else "",
        span=name.span,
        confirm=str(text(body, "confirm")),
        unless_span=where.span if where is not None else name.span,
        row_span=row.span if row else name.span,
    )


def _holds(parameter: str) -> Condition:
    return Truth(Ref(in_force(parameter), ValueType.BOOL, False))


def _refuse_flow_facts(body: Node, read: tuple[str, ...], vocabulary: Vocabulary, notes: Notes) -> None:
    """Add a finding for each fact that a flow sets: a rule that read it would be a gate that a flow can open."""
    for fact in dict.fromkeys(read):
        found = vocabulary.facts.get(fact)
        if found is not None and found.origin is FactSource.FLOW:
            notes.error(
                _named(body, fact) or body.span,
                "rule-reads-flow-fact",
                f"`{fact}` is set by flows, so no rule may read it",
                "use a fact of another origin",
            )


def _named(body: Node, name: str) -> Span | None:
    """Return the first text of *body* in which *name* stands."""
    if isinstance(body, Text):
        return body.span if name in body else None
    parts = body.values() if isinstance(body, Map) else body
    return next((span for part in parts if (span := _named(part, name)) is not None), None)


def _refuse_late_facts(name: Text, ask: Ask, read: tuple[str, ...], vocabulary: Vocabulary, notes: Notes) -> None:
    """Add a finding for each fact that is not known yet, or no longer, when the rule is asked."""
    absent = _NOT_THERE[ask]
    for fact in read:
        found = vocabulary.facts.get(fact)
        unheard = ask is Ask.BEFORE_DIALING and found is not None and found.origin is FactSource.HEARD
        if unheard or fact.startswith(absent) or (ask is not Ask.BEFORE_DIALING and fact in vocabulary.counters):
            notes.error(
                name.span,
                "fact-not-there-yet",
                f"`{fact}` is not known in a rule asked `{ask}`",
                "ask the rule at another time, or use another fact",
            )


_NOT_THERE: Mapping[Ask, tuple[str, ...]] = {
    Ask.BEFORE_DIALING: (
        "heard.",
        "said.",
        "asked.",
        "event.",
        "utterance.",
        "call.disposition",
        "call.disclosed",
        "call.locale",
        "call.turn",
        "call.state",
    ),
    Ask.ON_HEARING: ("utterance.", "call.disposition"),
    Ask.BEFORE_SPEAKING: ("call.disposition",),
    Ask.AFTER_CALL: ("utterance.",),
}


def _condition(body: Map, key: str, scope: Scope, notes: Notes) -> Condition | None:
    written = body.get(Text(key))
    if written is None:
        return None
    condition, found = parse_condition(written, scope)
    notes.extend(found)
    return condition


def _day(body: Map, key: str, notes: Notes) -> date | None:
    written = body.get(Text(key))
    return day_of(written, notes) if isinstance(written, Text) else None
