"""The linked, lowered bundle: plain, frozen data that every reader shares.

Lint, proofs, graph, diff, replay and the runtime read these objects and
nothing else, so they cannot disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from engine.expressions.tree import ALWAYS, Condition, Expression, Value
from engine.source.span import NOWHERE, Span
from engine.terms import Ask, FactSource, Kind, Lasts, Severity, Status, ValueType

# ---------------------------------------------------------------- vocabulary


@dataclass(frozen=True, slots=True)
class Fact:
    """A declared fact, slot, counter or built-in."""

    name: str
    type: ValueType
    origin: FactSource
    about: str = ""
    values: tuple[str, ...] = ()
    of_places: bool = False
    discloses: str = ""
    spoken: bool = True
    initially: Value = None
    lasts: Lasts = Lasts.CALL
    reads: str = ""  # for slots: the kind of entity that fills it
    locates: str = ""  # zip, number or zone: this fact tells where the callee is
    identifies: str = ""  # person, household, debt, account or number: whom a contact is about
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Counter:
    """A count over the account's history.

    Args:
        counts: Kinds of contact counted (``call``, ``conversation``, ``text``, ``email``, ``voicemail`` …).
        where: Must hold of a contact's own facts for it to count.
        per: What must be the same as now (``person``, ``household``, ``debt``, ``account``, ``number``).
        window: Qualified parameter name or seconds: whole days are consecutive local dates, today included;
            anything else rolls.
        since: A datetime fact after which contacts count, or ''.
        rolls: The window is written in hours or less, so that even `24 hours` rolls.
    """

    name: str
    counts: tuple[str, ...]
    where: Condition
    per: tuple[str, ...]
    window: str | int | None
    since: str = ""
    about: str = ""
    span: Span = NOWHERE
    rolls: bool = False


@dataclass(frozen=True, slots=True)
class DisclosureClass:
    """What an utterance can give away."""

    name: str
    about: str
    spoken: bool = True
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class ActionKind:
    """An action the host can carry out, and the types of its arguments."""

    name: str
    arguments: Mapping[str, ValueType]
    about: str = ""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Disposition:
    """How a call can end."""

    name: str
    right_party: bool = False
    success: bool = False
    retry: bool = False
    about: str = ""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the engine may know, say and do."""

    places: Mapping[str, tuple[str, ...]]  # place -> itself and all it lies within
    classes: Mapping[str, DisclosureClass]
    facts: Mapping[str, Fact]  # declared, counters and built-ins, by flat name
    counters: Mapping[str, Counter]
    actions: Mapping[str, ActionKind]
    dispositions: Mapping[str, Disposition]
    protected: tuple[str, ...]  # most urgent first


# ------------------------------------------------------------------ policies


@dataclass(frozen=True, slots=True)
class Dated:
    """A parameter's value from a date on; ``value`` None means it is no longer in force."""

    starts: date
    value: Value
    source: str
    span: Span = NOWHERE
    confirm: str = ""  # what counsel must confirm


@dataclass(frozen=True, slots=True)
class Parameter:
    """A dated parameter, by its qualified name ``<policy id>.<name>``."""

    name: str
    type: ValueType
    unit: str
    values: tuple[Dated, ...]  # by start
    span: Span = NOWHERE

    def on(self, day: date) -> Value:
        """Return the value in force on *day*, or None."""
        held: Value = None
        for dated in self.values:
            if dated.starts <= day:
                held = dated.value
        return held


def in_force(parameter: str) -> str:
    """Return the name of the bool that says whether *parameter* has a value today."""
    return f"{parameter}@in_force"


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with places for facts, checked at compile time.

    Args:
        source: The Jinja2 text.
        names: Every fact or parameter it names, in any branch.
        bound: Names fixed by a table's row.
    """

    source: str
    names: tuple[str, ...] = ()
    bound: tuple[tuple[str, str], ...] = ()
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Deny:
    """The call may not be placed."""

    reason: Template


@dataclass(frozen=True, slots=True)
class OnlyBetween:
    """The call may be placed only at a local time in [opens, closes)."""

    opens: Expression
    closes: Expression


@dataclass(frozen=True, slots=True)
class RouteHuman:
    """Only a person may place the call."""

    reason: Template


@dataclass(frozen=True, slots=True)
class Warn:
    """Say so in the decision."""

    reason: Template


@dataclass(frozen=True, slots=True)
class Derive:
    """A fact gets a value."""

    fact: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Suppress:
    """No further calls, in a scope."""

    scope: str
    reason: str


@dataclass(frozen=True, slots=True)
class EndCall:
    """The call ends in this turn."""

    disposition: str
    say: str = ""


@dataclass(frozen=True, slots=True)
class Do:
    """The host carries out an action, at once or within a time."""

    action: str
    arguments: tuple[tuple[str, Expression], ...] = ()
    within: int | None = None
    bank_days: bool = False  # ``within`` counts bank days, else seconds


@dataclass(frozen=True, slots=True)
class NeverSay:
    """No utterance that discloses one of the classes, and none of the prompts."""

    classes: frozenset[str]
    prompts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MustSay:
    """A prompt that must have been heard before something is said, done or ended."""

    prompt: str
    classes: frozenset[str] = frozenset()
    prompts: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    anything: bool = False
    end: bool = False


@dataclass(frozen=True, slots=True)
class OnlySay:
    """Nothing but these prompts; none at all ends the call silently."""

    prompts: frozenset[str]


@dataclass(frozen=True, slots=True)
class NeverDo:
    """None of these actions."""

    actions: frozenset[str]


Effect: TypeAlias = (
    Deny | OnlyBetween | RouteHuman | Warn | Derive | Suppress | EndCall | Do | NeverSay | MustSay | OnlySay | NeverDo
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, with everything that decides whether it fires in ``when`` and ``unless``.

    ``when`` already holds the policy's place, ``applies_when``, its dates, that its
    parameters are in force and what the effect itself is about (the classes of a
    ``never_say``, the hours of an ``only_between`` …); ``written`` is the author's own
    condition. A tightening rule fires unless ``when`` is false or ``unless`` is true;
    one that derives fires only if ``when`` is true and ``unless`` is false.
    """

    id: str
    policy: str
    ask: Ask
    when: Condition
    unless: Condition | None
    written: Condition
    effects: tuple[Effect, ...]
    source: str
    severity: Severity
    status: Status
    place: str
    reason: Template
    starts: date | None = None
    ends: date | None = None
    row: str = ""
    span: Span = NOWHERE
    unless_span: Span = NOWHERE
    row_span: Span = NOWHERE
    confirm: str = ""  # what counsel must confirm

    @property
    def tightening(self) -> bool:
        """Whether unknown makes it act."""
        return not any(isinstance(effect, Derive) for effect in self.effects)


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document, without its rules."""

    id: str
    version: str
    title: str
    place: str
    status: Status
    applies_when: Condition = ALWAYS
    span: Span = NOWHERE
    regulation: str = ""
    confirm: str = ""  # what counsel must confirm


# ------------------------------------------------------------- what is spoken


@dataclass(frozen=True, slots=True)
class Prompt:
    """A sentence in each locale, and what saying it gives away."""

    id: str
    texts: Mapping[str, Template]
    discloses: frozenset[str]
    declared: frozenset[str] | None = None
    because: str = ""
    owned_by_policy: bool = False
    spans: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IntentSpec:
    """What an intent sounds like in one locale. Examples keep their ``[words](slot)`` marks."""

    id: str
    patterns: tuple[str, ...]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...] = ()
    span: Span = NOWHERE
    tests: tuple[str, ...] = ()  # utterances that must be understood so; nothing is trained on them


# --------------------------------------------------------------------- flows


@dataclass(frozen=True, slots=True)
class Go:
    """Move to a state: a new visit."""

    state: str


@dataclass(frozen=True, slots=True)
class End:
    """The call ends."""

    disposition: str


@dataclass(frozen=True, slots=True)
class Again:
    """Stay; at most *times* a visit, then the next step."""

    times: int


Target: TypeAlias = Go | End | Again


@dataclass(frozen=True, slots=True)
class Step:
    """What a handler does: if ``when`` is true: set, do, say, then go, end or stay.

    ``id`` is its semantic path (``collections/ask_payment/promise/1``); an ``anytime`` step has
    the same id in every state that inherits it.
    """

    id: str
    when: Condition
    sets: tuple[tuple[str, Expression], ...]
    does: tuple[Do, ...]
    say: tuple[str, ...]
    target: Target
    span: Span = NOWHERE
    target_span: Span = NOWHERE
    say_again: bool = False  # an ``again`` with nothing to say repeats what the state says


@dataclass(frozen=True, slots=True)
class Reask:
    """A bounded answer to silence, or to words that were not understood."""

    times: int
    say: tuple[str, ...]
    then: Step
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class State:
    """A dialogue state of a linked flow.

    ``hears`` maps every event and intent that is answered here, ``anytime`` included and in
    its place, to its steps. A state that hears nothing has ``then``.
    """

    name: str
    document: str
    say: tuple[str, ...]
    hears: Mapping[str, tuple[Step, ...]]
    then: tuple[Step, ...]
    silence: Reask | None
    unclear: Reask | None
    own: frozenset[str]
    asks: frozenset[str] = frozenset()  # slots whose values are expected here
    phase: str = ""
    about: str = ""
    span: Span = NOWHERE
    say_span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Flow:
    """A call flow with its subflows linked in as ``<state>.<their state>``."""

    id: str
    version: str
    title: str
    start: str
    states: Mapping[str, State]
    blocked: Step
    subflows: tuple[str, ...] = ()
    span: Span = NOWHERE


# ------------------------------------------------------------------- networks


@dataclass(frozen=True, slots=True)
class Atom:
    """A comparison the network makes on flat fields: ``field op value``, or ``field op other field``."""

    op: str  # == != < <= > >=
    field: str
    value: bool | int | str = 0
    other: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """How one flat field of the network's message is made from facts.

    kinds: ``value`` (0 or '' when unknown), ``unknown``, ``low``/``high`` (the least and greatest it may
    be), ``may``/``may_not`` (of a bool), ``may_have``/``may_lack`` (a set's *member*, or the value of *item*),
    ``may_bank_day``/``may_not_bank_day`` (of a date).
    """

    name: str
    kind: str
    of: Expression
    member: str = ""
    item: Expression | None = None


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """The rules of one question, in disjunctive form over flat, typed, always present fields."""

    ask: Ask
    fields: tuple[Field, ...]
    rules: Mapping[str, tuple[tuple[Atom, ...], ...]]


# --------------------------------------------------------------------- bundle


@dataclass(frozen=True, slots=True)
class DocumentId:
    """A document's identity, for decisions, digests and version checks."""

    kind: Kind
    id: str
    version: str
    title: str
    path: str
    digest: str


@dataclass(frozen=True, eq=False)
class CompiledBundle:
    """A bundle, compiled: plain data, a source map, and a digest that layout does not change."""

    digest: str
    vocabulary: Vocabulary
    parameters: Mapping[str, Parameter]
    policies: Mapping[str, Policy]
    rules: Mapping[Ask, tuple[Rule, ...]]  # by id
    networks: Mapping[Ask, NetworkSpec]
    prompts: Mapping[str, Prompt]
    intents: Mapping[str, tuple[IntentSpec, ...]]  # by locale
    flows: Mapping[str, Flow]  # those a call can start in
    documents: tuple[DocumentId, ...]
    source_map: Mapping[str, Span]
    locales: tuple[str, ...]  # those in which every prompt can be said
    floors: Mapping[str, float] = field(default_factory=dict)  # by locale: the least recall of protected intents

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompiledBundle) and self.digest == other.digest

    def rule(self, rule_id: str) -> Rule:
        """Return the rule *rule_id*.

        Raises:
            KeyError: There is none.
        """
        for rules in self.rules.values():
            for rule in rules:
                if rule.id == rule_id:
                    return rule
        raise KeyError(rule_id)
