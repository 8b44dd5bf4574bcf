"""Vocabulary documents to the words of a bundle."""

from collections import deque

from engine.bundle import ActionKind, Counter, DisclosureClass, Disposition, Fact, Vocabulary
from engine.compiler.context import Notes, items, mapping, text, texts
from engine.expressions.tree import ALWAYS
from engine.expressions.values import parse_value
from engine.source.documents import Document
from engine.source.tree import Map, Node, Seq, Text
from engine.terms import FactSource, Lasts, ValueType

ENTITIES = ("money", "date", "dob", "zip", "ssn4", "digits", "phone", "time", "earliest", "address", "text")
SUPPRESSION_FLAGS = ("dnc", "cease_contact", "legal_hold")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def link_vocabulary(documents: tuple[Document, ...], notes: Notes) -> Vocabulary:
    """Merge *documents* into one vocabulary, without counters' conditions and without built-ins."""
    places: dict[str, tuple[str, ...]] = {}
    classes: dict[str, DisclosureClass] = {}
    facts: dict[str, Fact] = {}
    actions: dict[str, ActionKind] = {}
    dispositions: dict[str, Disposition] = {}
    protected: list[str] = []
    for document in documents:
        root = document.root
        places |= _places(mapping(root, "places"), notes)
        for name, body in items(root.get(Text("classes"))):
            assert isinstance(body, Map)
            classes[name] = DisclosureClass(name, text(body, "about"), text(body, "spoken") != "never", name.span)
        for name, body in items(root.get(Text("actions"))):
            actions[name] = ActionKind(name, _arguments(body), _about(body), name.span)
        for name, body in items(root.get(Text("dispositions"))):
            assert isinstance(body, Map)
            dispositions[name] = Disposition(
                name,
                right_party=text(body, "right_party") == "true",
                success=text(body, "success") == "true",
                retry=text(body, "retry") == "true",
                about=text(body, "about"),
                span=name.span,
            )
        protected += [name for name in texts(root.get(Text("protected"))) if name not in protected]
    for document in documents:
        for name, body in items(document.root.get(Text("facts"))):
            assert isinstance(body, Map)
            if name in facts:
                notes.error(name.span, "declared-twice", f"`{name}` is declared twice", "keep one declaration")
                continue
            facts[name] = _fact(name, body, classes, places, notes)
            if facts[name].of_places and any(other.of_places for other in facts.values() if other.name != name):
                notes.error(
                    name.span,
                    "places-twice",
                    f"`{name}` is a second fact that says where an account is",
                    "keep one: a policy's `place` is looked for in it",
                )
    return Vocabulary(places, classes, facts, {}, actions, dispositions, tuple(protected))


def _about(body: Node) -> str:
    return text(body, "about") if isinstance(body, Map) else ""


def _arguments(body: Node) -> dict[str, ValueType]:
    return {
        name: ValueType(kind)
        for name, kind in items(body)
        if isinstance(kind, Text) and name != "about" and str(kind) in set(map(str, ValueType))
    }


def _places(body: Map, notes: Notes) -> dict[str, tuple[str, ...]]:
    parents: dict[str, tuple[Text, ...]] = {
        str(name): texts(value.get(Text("within"))) if isinstance(value, Map) else () for name, value in body.items()
    }
    found: dict[str, tuple[str, ...]] = {}
    told: set[str] = set()
    for name in parents:
        line, queue = {name: None}, deque(parents[name])
        while queue:
            parent = queue.popleft()
            if parent not in parents:
                notes.unknown(parent, "place", parents)
            elif parent == name:
                if told.isdisjoint(line):
                    by = f", by way of {' and '.join(f'`{p}`' for p in list(line)[1:4])}" if len(line) > 1 else ""
                    message = f"`{name}` lies within itself{by}"
                    notes.error(parents[name][0].span, "place-within-itself", message, "break the circle")
                told |= set(line)
            elif parent not in line:
                line[str(parent)] = None
                queue += parents[parent]
        found[name] = tuple(line)
    return found


def _fact(
    name: Text, body: Map, classes: dict[str, DisclosureClass], places: dict[str, tuple[str, ...]], notes: Notes
) -> Fact:
    kind = ValueType(text(body, "type", "text"))
    origin = FactSource(text(body, "from", "host"))
    of_places = text(body, "of") == "place"
    values = tuple(map(str, texts(body.get(Text("values")))))
    if kind is ValueType.ENUM and not values:
        notes.error(name.span, "missing-values", f"`{name}` is an enum without `values`", "list its values")
    discloses = text(body, "discloses")
    if discloses and discloses not in classes:
        notes.unknown(discloses, "class", classes)
    initially = body.get(Text("initially"))
    start = None
    if isinstance(initially, Text | Seq):
        try:
            start = parse_value(initially, kind, values)
        except ValueError as wrong:
            notes.error(initially.span, "wrong-type", str(wrong), f"write a value of type {kind}")
    spoken = text(body, "spoken") != "never" and classes.get(discloses, _OPEN).spoken
    return Fact(
        name=str(name),
        type=kind,
        origin=origin,
        about=text(body, "about"),
        values=tuple(places) if of_places else values,
        of_places=of_places,
        discloses=str(discloses),
        spoken=spoken,
        initially=start,
        lasts=Lasts(text(body, "lasts", "call")),
        reads=_entity(name, kind, text(body, "reads")) if origin is FactSource.HEARD else "",
        locates=_locates(name, origin, text(body, "locates")),
        identifies=str(text(body, "identifies")),
        span=name.span,
    )


def _locates(name: Text, origin: FactSource, written: Text) -> str:
    if written or origin is not FactSource.HOST:
        return str(written)
    return "zip" if name.rpartition(".")[2] == "zip" else ""


_OPEN = DisclosureClass("", "")


def _entity(name: Text, kind: ValueType, written: Text) -> str:
    if written:
        return str(written)
    tail = name.rpartition(".")[2]
    if tail in ENTITIES and tail != "text":
        return tail
    return str(kind) if kind in (ValueType.MONEY, ValueType.DATE, ValueType.TIME) else "text"


def counters_of(documents: tuple[Document, ...]) -> dict[str, tuple[Text, Map]]:
    """Return the written counters by name."""
    return {
        str(name): (name, body)
        for document in documents
        for name, body in items(document.root.get(Text("counters")))
        if isinstance(body, Map)
    }


def counter_fact(counter: Counter) -> Fact:
    """Return the int fact under which a counter is read."""
    return Fact(counter.name, ValueType.INT, FactSource.LEDGER, counter.about, span=counter.span)


def empty_counter(name: Text, body: Map) -> Counter:
    """Return a counter whose condition and window are still to be linked."""
    return Counter(
        str(name),
        tuple(map(str, texts(body.get(Text("counts"))))),
        ALWAYS,
        tuple(map(str, texts(body.get(Text("per"))))),
        None,
        text(body, "since"),
        text(body, "about"),
        name.span,
    )


def built_ins(
    intents: tuple[str, ...],
    prompts: tuple[str, ...],
    classes: tuple[str, ...],
    dispositions: tuple[str, ...],
    reasons: tuple[str, ...],
    locales: tuple[str, ...],
) -> dict[str, Fact]:
    """Return the facts that the engine itself supplies."""
    engine, clock = FactSource.ENGINE, FactSource.CLOCK
    flag, words = ValueType.BOOL, ValueType.TEXT
    found = [
        Fact("utterance.discloses", ValueType.SET, engine, "the classes the utterance gives away", values=classes),
        Fact("utterance.prompt", words, engine, "the prompt about to be said"),
        Fact("utterance.action", words, engine, "the action about to be done"),
        Fact("utterance.ends", flag, engine, "the call is about to end"),
        Fact("call.locale", words, engine, "the language the call is in", values=locales),
        Fact("call.turn", ValueType.INT, engine, "how many turns were taken"),
        Fact("call.state", words, engine, "the dialogue state"),
        Fact("call.disposition", ValueType.ENUM, engine, "how the call ended", values=dispositions),
        Fact("call.disclosed", ValueType.SET, engine, "the classes that were given away", values=classes),
        Fact("event.digits", words, engine, "the keys pressed"),
        Fact("new_person", flag, FactSource.POLICY, "someone else has taken the phone", lasts=Lasts.TURN),
        Fact("clock.now", ValueType.DATETIME, clock, "the present instant"),
        Fact("clock.today", ValueType.DATE, clock, "the date where the callee is"),
        Fact("clock.time", ValueType.TIME, clock, "the time where the callee is"),
        Fact("clock.weekday", ValueType.ENUM, clock, "the day of the week there", values=WEEKDAYS),
        Fact("clock.is_holiday", flag, clock, "a federal holiday there today"),
        Fact("clock.is_state_holiday", flag, clock, "a state holiday there today"),
        Fact("clock.zone", words, clock, "the time zone"),
    ]
    found += [Fact(f"heard.{i}", flag, engine, f"`{i}` was heard in this turn", lasts=Lasts.TURN) for i in intents]
    found += [Fact(f"said.{p}", flag, engine, f"`{p}` was heard to its end") for p in prompts]
    found += [Fact(f"asked.{p}", flag, engine, f"`{p}` was the last thing heard") for p in prompts]
    found += [Fact(f"suppressed.{r}", flag, FactSource.LEDGER, f"a suppression `{r}` is live") for r in reasons]
    return {fact.name: fact for fact in found}
