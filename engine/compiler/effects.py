"""What a rule does: the effects of each question, read from YAML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

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
    RouteHuman,
    Suppress,
    Template,
    Vocabulary,
    Warn,
)
from engine.compiler.actions import link_actions
from engine.compiler.context import Notes, mapping, text, texts
from engine.compiler.tables import Row
from engine.expressions.parse import expression_names, parse_expression
from engine.expressions.scope import Scope
from engine.expressions.template import parse_template
from engine.expressions.tree import (
    Expression,
)
from engine.source.tree import Map, Seq, Text
from engine.terms import Ask, FactSource, ValueType
from engine.terms import Scope as SuppressionScope

_PLACE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")

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
class EffectReader:
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
                expression = self._expression(value, fact.type, frozenset(fact.values))
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

    def _expression(self, written: Text, wanted: ValueType, values: frozenset[str] = frozenset()) -> Expression | None:
        expression, found = parse_expression(written, self.scope, wanted, values)
        self.notes.extend(found)
        return expression


def read_by(effect: Effect) -> tuple[str, ...]:
    """Return the names that *effect*'s expressions read."""
    match effect:
        case OnlyBetween(opens, closes):
            return (*expression_names(opens), *expression_names(closes))
        case Derive(_, value):
            return expression_names(value)
        case Do():
            return tuple(n for _, value in effect.arguments for n in expression_names(value))
    return ()


def named_by(effects: tuple[Effect, ...]) -> tuple[str, ...]:
    """Return what the words of *effects* name."""
    said = [effect.reason for effect in effects if isinstance(effect, Deny | Warn | RouteHuman)]
    return tuple(name for template in said for name in template.names)
