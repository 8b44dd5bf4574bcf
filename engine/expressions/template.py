"""Sentences with places for facts: checked when a bundle is compiled, rendered in a call.

A sentence is Jinja2's syntax cut down to text, ``{{ fact }}`` with one filter of
a closed set, and ``if`` over our own conditions. What Jinja2 runs is rebuilt from
what was checked: text, choices, and names of strings made beforehand. No call,
attribute, loop or author's expression reaches it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.expressions.evaluate import evaluate, undecided_by
from engine.expressions.lexing import Unreadable, template_tree
from engine.expressions.parse import names_read
from engine.expressions.reader import Reader, Refused, dotted, place_of
from engine.expressions.scope import Scope
from engine.expressions.spoken import FILTERS, spoken
from engine.expressions.tree import Condition, Name, Value
from engine.expressions.values import describe
from engine.source.finding import Finding
from engine.source.tree import Text
from engine.terms import ValueType

LONGEST_OUTPUT = 2_000

_STRAY = re.compile(r"\{#|#\}|\{%-?\s*(raw|endraw)\b")
_UNSPOKEN = (ValueType.BOOL, ValueType.DATETIME)


class UnknownFact(Exception):
    """A sentence cannot be said: it names a fact that is unknown, or too long to say."""

    def __init__(self, name: str) -> None:
        super().__init__(f"`{name}` is unknown, or too long to say")
        self.name = name


@dataclass(frozen=True, slots=True)
class TemplateTree:
    """A sentence that may be said.

    Args:
        source: Its text, with every name as it is found at run time.
        names: The facts and parameters it names, in any branch, in order; a table's columns are not among them.
    """

    source: str
    names: tuple[str, ...]


def parse_template(text: Text, scope: Scope) -> tuple[TemplateTree | None, tuple[Finding, ...]]:
    """Return the sentence *text* writes, or None and what is wrong with it.

    A fact that is never spoken may not be named at all: ``secret-in-prompt``.
    """
    stray = _STRAY.search(text)
    if stray:
        found = Finding(
            text.at(stray.start(), len(stray[0])),
            "not-allowed-in-sentences",
            f"`{stray[0]}` cannot be used in a sentence",
            "leave it out",
        )
        return None, (found,)
    try:
        tree = template_tree(str(text))
    except Unreadable as error:
        return None, (Finding(text.at(error.offset), "unreadable-sentence", error.message, error.help),)
    writer = _Writer(Reader(scope, text.at))
    writer.rebuilt(tree)
    if writer.findings:
        return None, tuple(writer.findings)
    return TemplateTree(_at_run_time(str(text), tree, scope), tuple(writer.names)), ()


def render(source: str, facts: Mapping[str, Value], types: Mapping[str, ValueType], locale: str) -> str:
    """Return the sentence *source* in words.

    Args:
        source: As :func:`parse_template` gave it, or as written where every name is its own run-time name.
        facts: Canonical values by run-time name; a missing one, or None, is unknown.
        types: The type of each name.
        locale: ``en-US`` or ``es-US``.

    Raises:
        UnknownFact: What it says depends on an unknown fact, or is longer than 2,000 characters.
        ValueError: *source* is no sentence of the language.
    """
    known = tuple((name, types[name]) for name in _names_in(source) if name in types)
    return _program(source, known).run(facts, locale)


@dataclass(frozen=True, slots=True)
class _Shown:
    """One place for a fact: its name at run time, its type, and how it is said."""

    name: str
    type: ValueType
    filter: str


@dataclass(frozen=True, eq=False)
class _Program:
    """A sentence compiled: Jinja2 chooses among texts that are made beforehand."""

    template: jinja2.Template
    shown: tuple[_Shown, ...]
    conditions: tuple[Condition, ...]

    def run(self, facts: Mapping[str, Value], locale: str) -> str:
        if not self.shown and not self.conditions:
            return self._always
        texts: dict[str, str | bool] = {}
        for number, place in enumerate(self.shown):
            value = facts.get(place.name)
            if value is not None:
                say = FILTERS[place.filter][0] if place.filter else spoken
                texts[f"s{number}"] = say(value, place.type, locale)
        for number, condition in enumerate(self.conditions):
            held = evaluate(condition, facts)
            if held is not None:
                texts[f"c{number}"] = held
        try:
            said = self.template.render(texts)
        except jinja2.UndefinedError as error:
            raise UnknownFact(self._unknown(str(error), facts)) from error
        if len(said) > LONGEST_OUTPUT:
            raise UnknownFact(max(self.shown, key=lambda place: len(str(facts.get(place.name)))).name)
        return said

    @cached_property
    def _always(self) -> str:
        """Return what a sentence without a place for a fact says."""
        return self.template.render()

    def _unknown(self, error: str, facts: Mapping[str, Value]) -> str:
        kind, number = re.findall(r"'([sc])(\d+)'", error)[0]
        if kind == "s":
            return self.shown[int(number)].name
        return undecided_by(self.conditions[int(number)], facts)[0]


class _Writer:
    """Checks a sentence and rebuilds it of texts, choices and numbered places."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.findings: list[Finding] = []
        self.shown: list[_Shown] = []
        self.conditions: list[Condition] = []
        self.names: dict[str, None] = {}

    @cached_property
    def _at_run_time(self) -> Mapping[str, Name]:
        scope = self.reader.scope
        return {found.name: found for name in scope.names if (found := scope.find(name)) is not None}

    def rebuilt(self, tree: nodes.Template) -> nodes.Template:
        return nodes.Template(self._body(tree.body), lineno=1)

    def _body(self, body: Sequence[nodes.Node]) -> list[nodes.Node]:
        return [made for node in body if (made := self._statement(node)) is not None]

    def _statement(self, node: nodes.Node) -> nodes.Node | None:
        try:
            if isinstance(node, nodes.Output):
                return nodes.Output([self._output(part) for part in node.nodes], lineno=1)
            if isinstance(node, nodes.If):
                return self._if(node)
            raise self._refused(
                node,
                "of what stands in `{% %}`, only `if` can be used in a sentence",
                "write text, `{{ facts }}` and `{% if … %}`",
            )
        except Refused as refused:
            self.findings.append(refused.finding)
            return None

    def _if(self, node: nodes.If) -> nodes.If:
        test, body = self._test(node.test), self._body(node.body)
        branches = [made for branch in node.elif_ if isinstance(made := self._statement(branch), nodes.If)]
        return nodes.If(test, body, branches, self._body(node.else_), lineno=1)

    def _output(self, node: nodes.Expr) -> nodes.Expr:
        match node:
            case nodes.TemplateData():
                return nodes.TemplateData(node.data, lineno=1)
            case nodes.Const(value=str(text)):
                return nodes.TemplateData(text, lineno=1)
            case nodes.Name() | nodes.Getattr():
                return self._place(node, "")
            case nodes.Filter():
                return self._filter(node)
            case nodes.CondExpr():
                first, test = self._output(node.expr1), self._test(node.test)
                other = self._output(node.expr2) if node.expr2 is not None else nodes.TemplateData("", lineno=1)
                return nodes.CondExpr(test, first, other, lineno=1)
        raise self._refused(
            node,
            "only a fact, with at most one filter, can stand between `{{` and `}}`",
            "write `{{ account.balance | money }}`",
        )

    def _filter(self, node: nodes.Filter) -> nodes.Expr:
        known = ", ".join(f"`{name}`" for name in FILTERS)
        if node.name not in FILTERS:
            raise self._refused(node, f"`{node.name}` is not a filter", f"filters are {known}")
        if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs or node.node is None:
            raise self._refused(node, f"`{node.name}` takes nothing in brackets", f"write `| {node.name}`")
        return self._place(node.node, node.name)

    def _place(self, node: nodes.Expr, filter: str) -> nodes.Expr:
        written = dotted(node)
        if written is None:
            raise self._refused(node, "a filter follows a fact", "write `{{ account.balance | money }}`")
        name = self.reader.named(node, written)
        self._note(name, node)
        if not _of_row(name):
            self._check_type(node, written, name, filter)
        self.shown.append(_Shown(name.name, name.type, filter))
        return nodes.Name(f"s{len(self.shown) - 1}", "load", lineno=1)

    def _test(self, node: nodes.Node) -> nodes.Expr:
        condition = self.reader.condition(node)
        for name in names_read(condition):
            if name in self._at_run_time:
                self._note(self._at_run_time[name], node)
        self.conditions.append(condition)
        return nodes.Name(f"c{len(self.conditions) - 1}", "load", lineno=1)

    def _note(self, name: Name, node: nodes.Node) -> None:
        if not name.spoken:
            span = self.reader.at(place_of(node), len(name.name))
            raise Refused(
                Finding(
                    span,
                    "secret-in-prompt",
                    f"`{name.name}` is never spoken",
                    "leave it out: its class is `spoken: never`",
                )
            )
        if not _of_row(name):
            self.names[name.name] = None

    def _check_type(self, node: nodes.Expr, written: str, name: Name, filter: str) -> None:
        span = self.reader.at(place_of(node), len(written))
        if filter and name.type not in FILTERS[filter][1]:
            raise Refused(
                Finding(
                    span,
                    "wrong-type",
                    f"`{written}` is {describe(name.type)}: `{filter}` cannot say it",
                    "leave the filter out, or use the one of its type",
                )
            )
        if not filter and name.type in _UNSPOKEN:
            raise Refused(
                Finding(
                    span,
                    "wrong-type",
                    f"`{written}` is {describe(name.type)}: it cannot be said",
                    "choose words for it with `{% if %}`, or name a date or a time",
                )
            )

    def _refused(self, node: nodes.Node, message: str, help: str) -> Refused:
        return Refused(Finding(self.reader.at(place_of(node), 1), "not-allowed-in-sentences", message, help))


def _of_row(name: Name) -> bool:
    """Return whether *name* is a table's column, said as its row writes it."""
    return name.constant is not None or name.refers_to is not None


def _at_run_time(text: str, tree: nodes.Template, scope: Scope) -> str:
    """Return *text* with each name that is found under another at run time replaced by that one."""
    places: dict[int, tuple[str, str]] = {}
    for node in tree.find_all((nodes.Name, nodes.Getattr)):
        written = dotted(node)
        name = scope.names.get(written) if written else None
        if written and name is not None and name.constant is None and name.refers_to is None and name.name != written:
            start = place_of(node)
            if text.startswith(written, start):
                places[start] = (written, name.name)
    for start in sorted(places, reverse=True):
        written, found = places[start]
        text = text[:start] + found + text[start + len(written) :]
    return text


@lru_cache(maxsize=4096)
def _names_in(source: str) -> tuple[str, ...]:
    tree = template_tree(source)
    inner = {id(node.node) for node in tree.find_all(nodes.Getattr)}
    found = (dotted(node) for node in tree.find_all((nodes.Name, nodes.Getattr)) if id(node) not in inner)
    return tuple(dict.fromkeys(name for name in found if name))


@lru_cache(maxsize=4096)
def _program(source: str, known: tuple[tuple[str, ValueType], ...]) -> _Program:
    text = Text(source)
    scope = Scope({name: Name(name, type) for name, type in known})
    writer = _Writer(Reader(scope, text.at, open_words=True))
    rebuilt = writer.rebuilt(template_tree(source))
    if writer.findings:
        raise ValueError(f"this is no sentence: {writer.findings[0].message}")
    environment = _environment()
    code = environment.compile(rebuilt)
    template = jinja2.Template.from_code(environment, code, {})
    return _Program(template, tuple(writer.shown), tuple(writer.conditions))


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, autoescape=False, optimized=False, cache_size=0
    )
    environment.globals.clear()
    environment.filters.clear()
    environment.tests.clear()
    return environment
