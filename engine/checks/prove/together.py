"""What may be heard together: every choice of intents, one for all that no condition can tell apart.

A callee may say several things at once, and a host may report any number of intents for one utterance.
Conditions ask about few of them, and often about several as one ("any of these"). Of all choices that every
condition answers alike only a shortest is taken, so none is left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import read_by
from engine.expressions.tree import All, AnyOf, Condition, Not, Truth

MOST = 4_096
Formula: TypeAlias = int | bool | tuple[bool, "frozenset[Formula]"] | tuple["Formula"]
"""Twice an intent's bit; a truth; whether all or any of some hold (``True`` for all); or what must not hold.

Twice, because 1 and True are the same to a dictionary.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """What may be heard at one event.

    Args:
        some: The cases it may be, among all that differ, as bits.
        heard: The shortest choice of intents for each of these cases, as bits.
    """

    some: int
    heard: Mapping[int, int]

    def first(self, chosen: int) -> int:
        """Return the shortest choice for one of the cases *chosen*."""
        return min((self.heard[n] for n in self.heard if chosen >> n & 1), key=lambda bits: (bits.bit_count(), bits))


class Together:
    """Tells apart what may be heard, over conditions and the intents they read.

    Args:
        bits: The intents that matter, by name of the fact, each with its bit.
        events: Those of them that are events, which come alone, as bits.
        conditions: All that is asked of what was heard.

    Raises:
        TooLarge: More cases differ than are looked at.
    """

    def __init__(self, bits: Mapping[str, int], events: int, conditions: Iterable[Condition]) -> None:
        self._bits = bits
        self._questions = tuple(dict.fromkeys(q for c in conditions for q in self._asked(c)))
        self._assumed: dict[tuple[Formula, int, bool], Formula] = {}
        words = sum(bits.values()) & ~events
        cases = self._told_apart(0, words)
        for bit in bits.values():
            if bit & events:
                cases |= self._told_apart(bit, 0)
        self._numbers = {answers: number for number, answers in enumerate(cases)}
        self.cases = tuple(cases.values())
        self._memo: dict[tuple[int, int], Choices] = {}

    def choices(self, certain: int, free: int) -> Choices:
        """Return what may be heard where *certain* is, with some of *free*."""
        found = self._memo.get((certain, free))
        if found is None:
            heard = {self._numbers[answers]: bits for answers, bits in self._told_apart(certain, free).items()}
            found = self._memo[certain, free] = Choices(sum(1 << number for number in heard), heard)
        return found

    def alike(self, conditions: Iterable[Condition]) -> tuple[tuple[int, int], ...]:
        """Return the cases as groups that *conditions* answer alike: what was heard in one of them, and which."""
        asked = tuple(dict.fromkeys(q for c in conditions for q in self._asked(c)))
        groups: dict[tuple[bool, ...], tuple[int, int]] = {}
        for number, heard in enumerate(self.cases):
            key = tuple(_answer(question, heard) for question in asked)
            first, some = groups.get(key, (heard, 0))
            groups[key] = first, some | 1 << number
        return tuple(groups.values())

    def _told_apart(self, certain: int, free: int) -> dict[tuple[Formula, ...], int]:
        """Return the shortest choice of *certain* with some of *free* for each way it answers the questions."""
        start = self._questions
        for bit in self._bits.values():
            if not free & bit:
                start = tuple(self._assume(question, bit, bool(certain & bit)) for question in start)
        ways: dict[tuple[Formula, ...], int] = {start: certain}
        for bit in self._bits.values():
            if not free & bit:
                continue
            grown: dict[tuple[Formula, ...], int] = {}
            for left, heard in ways.items():
                for chosen in (heard, heard | bit):
                    after = tuple([self._assume(question, bit, bool(chosen & bit)) for question in left])
                    held = grown.get(after)
                    if held is None or chosen.bit_count() < held.bit_count():
                        grown[after] = chosen
            if len(grown) > MOST:
                raise TooLarge(f"what is heard at once can differ in more than {MOST:,} ways that matter")
            ways = grown
        return ways

    def _assume(self, formula: Formula, bit: int, holds: bool) -> Formula:
        """Return *formula* as it stands once it is known whether the intent of *bit* was heard."""
        if formula is True or formula is False:
            return formula
        key = (formula, bit, holds)
        found = self._assumed.get(key)
        if found is None:
            found = self._assumed[key] = self._assumed_anew(formula, bit, holds)
        return found

    def _assumed_anew(self, formula: Formula, bit: int, holds: bool) -> Formula:
        if isinstance(formula, int):
            return holds if formula == 2 * bit else formula
        if len(formula) == 1:
            part = self._assume(formula[0], bit, holds)
            return not part if isinstance(part, bool) else (part,)
        whole, parts = formula
        return _joined(whole, (self._assume(part, bit, holds) for part in parts))

    def _asked(self, condition: Condition) -> Iterator[Formula]:
        """Yield what *condition* asks about what was heard: its largest parts that read nothing else."""
        names = read_by(condition)
        if not any(name in self._bits for name in names):
            return
        if all(name in self._bits for name in names) and (whole := self._formula(condition)) is not None:
            yield whole
            return
        match condition:
            case Not():
                yield from self._asked(condition.part)
            case All() | AnyOf():
                own = [p for p in condition.parts if (read := read_by(p)) and all(n in self._bits for n in read)]
                formulas = [self._formula(part) for part in own]
                if own and None not in formulas:
                    yield _joined(isinstance(condition, All), (f for f in formulas if f is not None))
                    own_parts = {id(part) for part in own}
                    for part in condition.parts:
                        if id(part) not in own_parts:
                            yield from self._asked(part)
                    return
                for part in condition.parts:
                    yield from self._asked(part)
            case _:
                yield from (2 * self._bits[name] for name in names if name in self._bits)

    def _formula(self, condition: Condition) -> Formula | None:
        """Return a condition that reads nothing but what was heard as a formula; None for an unusual one."""
        match condition:
            case Truth():
                return 2 * self._bits[condition.ref.name]
            case Not():
                part = self._formula(condition.part)
                return None if part is None else (part,)
            case All() | AnyOf():
                parts = [self._formula(part) for part in condition.parts]
                if None in parts:
                    return None
                return _joined(isinstance(condition, All), (part for part in parts if part is not None))
        return None


def _joined(whole: bool, parts: Iterable[Formula]) -> Formula:
    left: set[Formula] = set()
    for part in parts:
        if isinstance(part, bool):
            if part is not whole:
                return part
        else:
            left.add(part)
    if not left:
        return whole
    return left.pop() if len(left) == 1 else (whole, frozenset(left))


def _answer(formula: Formula, heard: int) -> bool:
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, int):
        return bool(2 * heard & formula)
    if len(formula) == 1:
        return not _answer(formula[0], heard)
    whole, parts = formula
    return all(_answer(p, heard) for p in parts) if whole else any(_answer(p, heard) for p in parts)
