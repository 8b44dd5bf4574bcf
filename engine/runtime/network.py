"""The rules network: one question's rules, decided by durable_rules.

The only importer of the engine. It is used in the one way in which it is exact:
single-fact rules in disjunctive form over flat, typed, always present fields;
one fixed session and fact, retracted after each decision; at most 48 rules a
shard; an always-true rule last in each, which proves that the evaluation ran to
its end. Field and rule names, and texts, are ours by the time they reach it.

Source: Forgy, Rete (1982), for the algorithm; durable_rules 2.0.28 for its limits.
"""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from weakref import finalize

import durable_rules_engine

from engine.bundle import Atom, NetworkSpec
from engine.expressions.tree import Value
from engine.runtime.fields import LIMIT, Maker, encode_text, writer

SHARD = 48
MOST_FIELDS = 200

_DONE = "done"
_RETRACTION = '{"sid":"s","id":"f"}'
_OPERATORS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}


class EngineFault(Exception):
    """The engine gave no sound answer; whoever asked must deny."""


@dataclass(frozen=True, slots=True)
class _Shard:
    """Some of the rules, as the engine's JSON, and how the fields they read are written."""

    definition: str
    write: Maker


class Network:
    """The rules of one question, loaded in the engine.

    Each decision has a set of engine handles to itself for as long as it takes, so any number
    of threads may ask at once. The engine's memory is given back by :meth:`close`, or when nobody
    holds the network any more.

    Raises:
        ValueError: Two field names are the same to the engine, or a rule reads more fields than fit.
    """

    def __init__(self, spec: NetworkSpec) -> None:
        self._rules = tuple(spec.rules)
        names = {field.name: f"f{number}" for number, field in enumerate(spec.fields)}
        check_names((*names.values(), "k", "id", "sid"))
        self._shards = tuple(_shards(spec, names))
        self._idle: deque[tuple[object, ...]] = deque()
        self._closed = False
        finalize(self, _release, self._idle).atexit = False

    def decide(self, facts: Mapping[str, Value]) -> frozenset[str]:
        """Return the ids of the rules that fire.

        Args:
            facts: Canonical values; a missing one, or None, is unknown.

        Raises:
            EngineFault: A fact has not its type, or the engine failed. The network can be asked again.
        """
        if self._closed:
            raise EngineFault("the network is closed")
        try:
            messages = ["{" + shard.write(facts) + '"k":1,"sid":"s","id":"f"}' for shard in self._shards]
        except (TypeError, ValueError) as error:
            raise EngineFault(f"a fact has not its type: {error}") from error
        handles = self._take()
        fired: set[str] = set()
        try:
            for handle, message in zip(handles, messages, strict=True):
                fired.update(_ask(handle, message))
        except _ENGINE_ERRORS as error:
            raise EngineFault(f"the rules engine failed: {error}") from error
        self._idle.append(handles)
        return frozenset(self._rules[int(name.partition("_")[0][1:])] for name in fired)

    def close(self) -> None:
        """Give back what idle handles hold. A handle that failed is never touched again."""
        self._closed = True
        _release(self._idle)

    def _take(self) -> tuple[object, ...]:
        try:
            return self._idle.pop()
        except IndexError:
            pass
        try:
            return tuple(durable_rules_engine.create_ruleset("rules", s.definition) for s in self._shards)
        except _ENGINE_ERRORS as error:
            raise EngineFault(f"the rules engine could not be built: {error}") from error


_ENGINE_ERRORS = (durable_rules_engine.error, MemoryError, SystemError, TypeError, ValueError, OSError)


def check_names(names: tuple[str, ...]) -> None:
    """Check that the engine tells *names* apart: it knows them by a 32-bit hash.

    Raises:
        ValueError: It does not.
    """
    seen: dict[int, str] = {}
    for name in names:
        other = seen.setdefault(engine_hash(name), name)
        if other != name:
            raise ValueError(f"`{name}` and `{other}` are the same to the rules engine")


def engine_hash(name: str) -> int:
    """Return the engine's hash of *name*: 32-bit FNV-1a over signed bytes, as its C core computes it."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = ((value ^ (byte if byte < 128 else byte - 256)) * 0x01000193) & 0xFFFFFFFF
    return value


def _release(idle: deque[tuple[object, ...]]) -> None:
    """Free the handles of *idle*. A fact is put in first: the engine crashes when it frees what met none."""
    while idle:
        for handle in idle.pop():
            durable_rules_engine.assert_fact(handle, '{"k":1,"sid":"s","id":"f"}')
            durable_rules_engine.delete_state(handle, "s")
            durable_rules_engine.delete_ruleset(handle)


def _ask(handle: object, message: str) -> Iterator[str]:
    """Yield the names of the rules that match *message*, once the engine has shown that it finished."""
    names: list[str] = []
    state = durable_rules_engine.assert_fact(handle, message)[1]
    begun = durable_rules_engine.start_action_for_state(handle, state)
    result = begun[1] if begun is not None else None
    while result is not None:
        names.append(result[2 : result.index('"', 2)])
        result = durable_rules_engine.complete_and_start_action(handle, state)
    durable_rules_engine.retract_fact(handle, _RETRACTION)
    if not names or names.pop() != _DONE:
        raise ValueError("it stopped before its end")
    yield from names


def _shards(spec: NetworkSpec, names: Mapping[str, str]) -> Iterator[_Shard]:
    """Yield the rules in shards of at most 48 conjuncts and 200 fields."""
    order = {field.name: number for number, field in enumerate(spec.fields)}

    def shard(rules: Mapping[str, object], read: set[int]) -> _Shard:
        fields = [spec.fields[number] for number in sorted(read)]
        return _Shard(_definition(rules), writer((field, names[field.name]) for field in fields))

    rules: dict[str, object] = {}
    fields: set[int] = set()
    for number, form in enumerate(spec.rules.values()):
        for way, conjunct in enumerate(form):
            read = {order[name] for atom in conjunct for name in (atom.field, atom.other) if name}
            if len(read) > MOST_FIELDS:
                raise ValueError(f"a rule reads more than {MOST_FIELDS} fields")
            if len(rules) == SHARD or len(fields | read) > MOST_FIELDS:
                yield shard(rules, fields)
                rules, fields = {}, set()
            rules[f"r{number}_{way}"] = {"all": [{"m": _conjunct(conjunct, names)}], "pri": 1}
            fields |= read
    yield shard(rules, fields)


def _definition(rules: Mapping[str, object]) -> str:
    return json.dumps({**rules, _DONE: {"all": [{"m": {"k": 1}}], "pri": 65535}})


def _conjunct(atoms: tuple[Atom, ...], names: Mapping[str, str]) -> object:
    return {"$and": [{"k": 1}, *(_atom(atom, names) for atom in atoms)]} if atoms else {"k": 1}


def _atom(atom: Atom, names: Mapping[str, str]) -> object:
    right: object = {"$m": names[atom.other]} if atom.other else atom.value
    if isinstance(right, str):
        right = encode_text(right)
    elif isinstance(right, int) and not isinstance(right, bool) and abs(right) > LIMIT:
        raise ValueError("a number is too large for the rules engine")
    compared = {names[atom.field]: right}
    return compared if atom.op == "==" else {_OPERATORS[atom.op]: compared}
