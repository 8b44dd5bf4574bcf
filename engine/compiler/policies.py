"""Policy documents to rules, each with everything that decides whether it fires."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine.bundle import (
    Deny,
    Derive,
    Do,
    Effect,
    EndCall,
    MustSay,
    NeverDo,
    NeverSay,
    OnlyBetween,
    OnlySay,
    Parameter,
    Policy,
    RouteHuman,
    Rule,
    Suppress,
    Template,
    Vocabulary,
    Warn,
    in_force,
)
from engine.compiler.context import Notes, items, mapping, text, texts
from engine.compiler.parameters import day_of
from engine.compiler.scopes import own_parameters
from engine.compiler.tables import Row, link_tables
from engine.expressions.parse import expression_names, names_read, parse_condition, parse_expression
from engine.expressions.scope import Scope
from engine.expressions.template import parse_template
from engine.expressions.tree import (
    ALWAYS,
    All,
    AnyOf,
    Compare,
    Condition,
    Constant,
    Expression,
    Member,
    Not,
    Ref,
    Truth,
)
from engine.expressions.values import DAY
from engine.source.documents import Document
from engine.source.span import Span
from engine.source.tree import Map, Seq, Text
from engine.terms import Ask, FactSource, Severity, Status, ValueType
from engine.terms import Scope as SuppressionScope

_PROMPT = Ref("utterance.prompt", ValueType.TEXT, False)
_ACTION = Ref("utterance.action", ValueType.TEXT, False)
_ENDS = Ref("utterance.ends", ValueType.BOOL, False)
_DISCLOSES = Ref("utterance.discloses", ValueType.SET, False)
_TODAY = Ref("clock.today", ValueType.DATE)
_TIME = Ref("clock.time", ValueType.TIME)
_SOME_PROMPT = Compare("!=", _PROMPT, Constant("", ValueType.TEXT))

_PLACE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_LONGEST_LIMIT = 3660

EFFECTS: Mapping[Ask, tuple[str, ...]] = {
    Ask.BEFORE_DIALING: ("deny", "only_between", "route", "warn"),
    Ask.ON_HEARING: ("derive", "suppress", "end_call", "do", "warn"),
    Ask.BEFORE_SPEAKING: ("never_say", "must_say", "only_say", "never_do"),
    Ask.AFTER_CALL: ("suppress", "do", "warn"),
}


@dataclass(frozen=True, slots=True)
class World:
    """What rules may refer to."""

    vocabulary: Vocabulary
    parameters: Mapping[str, Parameter]
    prompts: frozenset[str]
    scope: Scope


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
            _refuse_flow_facts(written.span, names_read(condition), world.vocabulary, notes)
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
    reader = _Reader(body, frame.world, scope, row, notes)
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
    asked = [part for part in (_about(effect) for effect in effects) if part is not None]
    read = dict.fromkeys(names_read(own) + tuple(n for e in effects for n in _effect_names(e)))
    held = [_holds(n) for n in read if n in frame.world.parameters]
    whole = All((*frame.applies, *dates, *held, *asked, own))
    exempt = None
    if unless is not None:
        needed = [_holds(n) for n in names_read(unless) if n in frame.world.parameters]
        exempt = All((*needed, unless)) if needed else unless
    own_reads = (*read, *names_read(unless or ALWAYS), *_named(effects))
    reads = dict.fromkeys((*own_reads, *names_read(All(frame.applies))))
    _refuse_late_facts(name, ask, tuple(reads), frame.world.vocabulary, notes)
    _refuse_flow_facts(name.span, own_reads, frame.world.vocabulary, notes)
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
    )


def _holds(parameter: str) -> Condition:
    return Truth(Ref(in_force(parameter), ValueType.BOOL, False))


def _refuse_flow_facts(span: Span, read: tuple[str, ...], vocabulary: Vocabulary, notes: Notes) -> None:
    """Add a finding for each fact that a flow sets: a rule that read it would be a gate that a flow can open."""
    for fact in dict.fromkeys(read):
        found = vocabulary.facts.get(fact)
        if found is not None and found.origin is FactSource.FLOW:
            notes.error(
                span,
                "rule-reads-flow-fact",
                f"`{fact}` is set by flows, so no rule may read it",
                "use a fact of another origin",
            )


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


def _about(effect: Effect) -> Condition | None:
    """Return what must be so of the thing asked about for *effect* to concern it."""
    match effect:
        case OnlyBetween(opens, closes):
            return AnyOf((Compare("<", _TIME, opens), Compare(">=", _TIME, closes)))
        case NeverSay(classes, prompts):
            return AnyOf((*_discloses(classes), *_prompts(prompts)))
        case MustSay():
            before = [*_discloses(effect.classes), *_prompts(effect.prompts), *_actions(effect.actions)]
            if effect.anything:
                before.append(_SOME_PROMPT)
            if effect.end:
                before.append(Truth(_ENDS))
            said = Truth(Ref(f"said.{effect.prompt}", ValueType.BOOL, False))
            itself = Compare("!=", _PROMPT, Constant(effect.prompt, ValueType.TEXT))
            return All((AnyOf(tuple(before)), Not(said), itself))
        case OnlySay(prompts):
            others = tuple(Compare("!=", _PROMPT, Constant(p, ValueType.TEXT)) for p in sorted(prompts))
            return All((_SOME_PROMPT, *others))
        case NeverDo(actions):
            return AnyOf(tuple(_actions(actions)))
    return None


def _discloses(classes: frozenset[str]) -> list[Condition]:
    return [Member(Constant(c, ValueType.TEXT), _DISCLOSES) for c in sorted(classes)]


def _prompts(prompts: frozenset[str]) -> list[Condition]:
    return [Compare("==", _PROMPT, Constant(p, ValueType.TEXT)) for p in sorted(prompts)]


def _actions(actions: frozenset[str]) -> list[Condition]:
    return [Compare("==", _ACTION, Constant(a, ValueType.TEXT)) for a in sorted(actions)]


def _effect_names(effect: Effect) -> tuple[str, ...]:
    match effect:
        case OnlyBetween(opens, closes):
            return (*expression_names(opens), *expression_names(closes))
        case Derive(_, value):
            return expression_names(value)
        case Do():
            return tuple(n for _, value in effect.arguments for n in expression_names(value))
    return ()


def _named(effects: tuple[Effect, ...]) -> tuple[str, ...]:
    """Return what the words of *effects* name."""
    said = [effect.reason for effect in effects if isinstance(effect, Deny | Warn | RouteHuman)]
    return tuple(name for template in said for name in template.names)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the effects of one rule."""

    body: Map
    world: World
    scope: Scope
    row: Row | None
    notes: Notes

    def bound(self, written: Text) -> str:
        """Return *written* with the row's columns filled in."""
        said = self.row.said if self.row else {}
        for place in _PLACE.finditer(written):
            if place[1] not in said:
                self.notes.error(
                    written.at(place.start(), len(place[0])),
                    "unknown-column",
                    f"a source cannot name `{place[1]}`",
                    "name a column of the table that the rule's `each` goes through",
                )
        return _PLACE.sub(lambda place: said.get(place[1], place[0]), written)

    def template(self, written: Text) -> Template:
        """Return a reason given in words."""
        tree, found = parse_template(written, self.scope)
        self.notes.extend(found)
        said = tuple(sorted((self.row.said if self.row else {}).items()))
        columns = {column for column, _ in said}
        names = tuple(n for n in tree.names if n not in columns) if tree else ()
        return Template(tree.source if tree else str(written), names, said, written.span)

    def reason(self) -> Template:
        """Return what the rule says of itself: its refusal or warning, else ``about``, else its source."""
        for key in ("deny", "warn", "about", "source"):
            written = self.body.get(Text(key))
            if isinstance(written, Text):
                return self.template(written)
        return Template("")

    def effects(self, ask: Ask) -> tuple[Effect, ...]:
        """Return the effects in the order of the language's table."""
        found: list[Effect] = []
        for key in EFFECTS[ask]:
            if Text(key) in self.body:
                found += getattr(self, f"_{key}")()
        return tuple(found)

    def _deny(self) -> list[Effect]:
        return [Deny(self.template(text(self.body, "deny")))]

    def _warn(self) -> list[Effect]:
        return [Warn(self.template(text(self.body, "warn")))]

    def _route(self) -> list[Effect]:
        return [RouteHuman(self.reason())]

    def _only_between(self) -> list[Effect]:
        ends = texts(self.body.get(Text("only_between")))
        parsed = [self._expression(end, ValueType.TIME) for end in ends]
        if len(parsed) != 2 or parsed[0] is None or parsed[1] is None:
            return []
        return [OnlyBetween(parsed[0], parsed[1])]

    def _derive(self) -> list[Effect]:
        found: list[Effect] = []
        for name, value in mapping(self.body, "derive").items():
            fact = self.world.vocabulary.facts.get(name)
            if fact is None:
                self.notes.unknown(name, "fact", self.world.vocabulary.facts)
            elif fact.origin is not FactSource.POLICY:
                self.notes.error(
                    name.span,
                    "fact-not-derivable",
                    f"`{name}` comes from `{fact.origin}`, so no rule sets it",
                    "derive a fact declared `from: policy`",
                )
            elif isinstance(value, Text):
                expression = self._expression(value, fact.type)
                if expression is not None:
                    found.append(Derive(fact.name, expression))
        return found

    def _suppress(self) -> list[Effect]:
        written = self.body.get(Text("suppress"))
        found: list[Effect] = []
        for entry in written if isinstance(written, Seq) else (written,):
            if isinstance(entry, Map):
                scope = text(entry, "scope", "person")
                if str(scope) not in set(map(str, SuppressionScope)):
                    self.notes.unknown(scope, "suppression scope", tuple(SuppressionScope))
                found.append(Suppress(str(scope), str(text(entry, "reason", "dnc"))))
        return found

    def _end_call(self) -> list[Effect]:
        written = self.body.get(Text("end_call"))
        end = text(written, "end") if isinstance(written, Map) else written
        say = text(written, "say") if isinstance(written, Map) else Text("")
        assert isinstance(end, Text)
        if end not in self.world.vocabulary.dispositions:
            self.notes.unknown(end, "disposition", self.world.vocabulary.dispositions)
        if say and say not in self.world.prompts:
            self.notes.unknown(say, "prompt", self.world.prompts)
        return [EndCall(str(end), str(say))]

    def _do(self) -> list[Effect]:
        return list(link_actions(self.body, self.world.vocabulary, self.scope, self.notes))

    def _never_say(self) -> list[Effect]:
        classes, prompts = self._said("never_say")
        return [NeverSay(classes, prompts)]

    def _only_say(self) -> list[Effect]:
        classes, prompts = self._said("only_say")
        for name in classes:
            self.notes.error(
                text(self.body, "only_say").span,
                "wrong-kind",
                f"`only_say` takes prompts, `{name}` is a class",
                "list the prompts that may be said",
            )
        return [OnlySay(prompts)]

    def _must_say(self) -> list[Effect]:
        prompt = text(self.body, "must_say")
        if prompt not in self.world.prompts:
            self.notes.unknown(prompt, "prompt", self.world.prompts)
        before = texts(self.body.get(Text("before")))
        special = {"anything", "end"}
        actions = frozenset(str(b) for b in before if b in self.world.vocabulary.actions)
        rest = [b for b in before if b not in special and b not in actions]
        classes, prompts = self._sorted(rest)
        return [MustSay(str(prompt), classes, prompts, actions, "anything" in before, "end" in before)]

    def _never_do(self) -> list[Effect]:
        actions = texts(self.body.get(Text("never_do")))
        for name in actions:
            if name not in self.world.vocabulary.actions:
                self.notes.unknown(name, "action", self.world.vocabulary.actions)
        return [NeverDo(frozenset(map(str, actions)))]

    def _said(self, key: str) -> tuple[frozenset[str], frozenset[str]]:
        return self._sorted(list(texts(self.body.get(Text(key)))))

    def _sorted(self, names: list[Text]) -> tuple[frozenset[str], frozenset[str]]:
        classes = frozenset(str(n) for n in names if n in self.world.vocabulary.classes)
        prompts = frozenset(str(n) for n in names if n in self.world.prompts and n not in classes)
        for name in names:
            if name not in classes and name not in prompts:
                self.notes.unknown(name, "class or prompt", (*self.world.vocabulary.classes, *self.world.prompts))
        return classes, prompts

    def _expression(self, written: Text, wanted: ValueType) -> Expression | None:
        expression, found = parse_expression(written, self.scope, wanted)
        self.notes.extend(found)
        return expression


def link_actions(body: Map, vocabulary: Vocabulary, scope: Scope, notes: Notes) -> tuple[Do, ...]:
    """Return what ``do:`` says: a name, a list of names, or actions with their arguments."""
    written = body.get(Text("do"))
    within, bank_days = _within(body, notes)
    pairs: list[tuple[Text, Map]] = []
    if isinstance(written, Map):
        pairs = [(name, value if isinstance(value, Map) else Map((), name.span)) for name, value in written.items()]
    elif isinstance(written, Text):
        pairs = [(written, Map((), written.span))]
    elif isinstance(written, Seq):
        for entry in written:
            if isinstance(entry, Text):
                pairs.append((entry, Map((), entry.span)))
            elif isinstance(entry, Map):
                pairs += [
                    (name, value if isinstance(value, Map) else Map((), name.span)) for name, value in entry.items()
                ]
    found: list[Do] = []
    for name, given in pairs:
        action = vocabulary.actions.get(name)
        if action is None:
            notes.unknown(name, "action", vocabulary.actions)
            continue
        arguments: list[tuple[str, Expression]] = []
        for key, value in given.items():
            wanted = action.arguments.get(key)
            if wanted is None:
                notes.unknown(key, "argument", action.arguments)
            elif isinstance(value, Text):
                expression, wrong = parse_expression(value, scope, wanted)
                notes.extend(wrong)
                if expression is not None:
                    arguments.append((str(key), expression))
        missing = [key for key in action.arguments if key not in given]
        if missing:
            notes.error(
                name.span,
                "missing-argument",
                f"`{name}` is given no `{missing[0]}`",
                "give every argument the vocabulary declares: " + ", ".join(action.arguments),
            )
        found.append(Do(str(name), tuple(arguments), within, bank_days))
    return tuple(found)


def _within(body: Map, notes: Notes) -> tuple[int | None, bool]:
    written = body.get(Text("within"))
    if not isinstance(written, Text):
        return None, False
    count, _, unit = written.partition(" ")
    seconds = {"minute": 60, "hour": 3600, "day": DAY, "week": 7 * DAY}.get(unit.removesuffix("s"))
    bank_days = unit.removesuffix("s") == "bank_day"
    if not (count.isdigit() and count.isascii()) or (seconds is None and not bank_days):
        message = f"`{written}` is not a time limit"
        notes.error(written.span, "wrong-type", message, "write as `5 days` or `10 bank_days`")
        return None, False
    most = _LONGEST_LIMIT * 2 // 3 if bank_days else _LONGEST_LIMIT * DAY // (seconds or 1)
    if len(count) > 9 or int(count) > most:
        notes.error(written.span, "wrong-type", f"`{written}` is more than ten years", "write a shorter time")
        return None, False
    return int(count) * (seconds or 1), bank_days
