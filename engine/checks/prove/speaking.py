"""The last half of a turn: everything planned is asked of the rules, and required prompts are put in.

Mirrors :mod:`engine.runtime.speaking`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.bundle import MustSay, OnlySay, Rule
from engine.checks.prove.knowledge import Knowledge, Test
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.slices import Item, conditions_of
from engine.checks.prove.truth import FALSE, NEVER, TRUE, UNKNOWN, read_by
from engine.expressions.tree import ALWAYS

Spoken = tuple[tuple[str, str], ...]
"""What is said, in order: prompt, and the rule that required it or ''."""

MOST_WAYS = 64


@dataclass(frozen=True, slots=True)
class Breach:
    """A goal that fires on a part of a plan.

    Args:
        rule: The goal's place in the slice.
        part: The place in the plan.
        inserted: The prompt it fires on, where a ``must_say`` rule put that in, else ''.
        inserted_by: That rule, or ''.
        certain: Whether it fires whatever the slice leaves open.
    """

    rule: int
    part: int
    inserted: str
    inserted_by: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What gating came to: the goals that fire, and what may have been heard of it, as bits, most of it first.

    What is certainly held back ends the call and is not among that.
    """

    breaches: tuple[Breach, ...]
    heard: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _About:
    """A rule as it stands for one item."""

    rule: Rule
    place: int  # among the goals, or -1
    when: Test
    unless: Test | None
    only_say: bool
    kind: int  # alike for what asks the same

    @property
    def said(self) -> int:
        """Return the prompts it asks about, as bits."""
        return self.when.said | (self.unless.said if self.unless else 0)

    def fires(self, known: int, said: int, asked: int, heard: int) -> int:
        """Return TRUE, FALSE, or both."""
        when = self.when(known, said, asked, heard)
        unless = FALSE if self.unless is None else self.unless(known, said, asked, heard)
        may = when & (TRUE | UNKNOWN) and unless & (FALSE | UNKNOWN)
        may_not = when & FALSE or unless & TRUE
        return (TRUE if may else 0) | (FALSE if may_not else 0)


@dataclass(frozen=True, slots=True)
class _Way:
    """What was said so far, which followed prompts that makes said, and what was taken to be so on the way.

    What is not followed stays as it is while one thing is asked about: a rule that fired for it does so again.
    """

    spoken: Spoken
    said: int
    held_back: bool = False
    taken: frozenset[tuple[int, int, bool]] = frozenset()


_Key = tuple[tuple[int, ...], int, int, int]


class Speaker:
    """Gates plans, over one slice."""

    def __init__(self, knowledge: Knowledge, discloses: Mapping[str, frozenset[str]]) -> None:
        self.knowledge = knowledge
        self._discloses = discloses
        self.items: list[Item] = []
        self._numbers: dict[Item, int] = {}
        self._prompts: dict[str, int] = {}
        self._actions: dict[str, int] = {}
        self._bans: list[tuple[_About, ...]] = []
        self._musts: list[tuple[_About, ...]] = []
        self._overrides: list[tuple[_About, ...]] = []
        self._reads: dict[int, tuple[int, int, int]] = {}
        self._gated: dict[tuple[int, ...], tuple[tuple[int, ...], int, int, dict[_Key, Verdict]]] = {}

    def number(self, item: Item) -> int:
        """Return the number of *item*."""
        found = self._numbers.get(item)
        if found is None:
            found = self._numbers[item] = len(self.items)
            self.items.append(item)
            part = self.knowledge.slice
            self._bans.append(self._about(item, part.goals, True))
            self._musts.append(self._about(item, part.inserts, False))
            self._overrides.append(self._about(item, part.overrides, False))
        return found

    def prompt(self, prompt: str) -> int:
        """Return the number of saying *prompt*."""
        found = self._prompts.get(prompt)
        if found is None:
            found = self._prompts[prompt] = self.number(
                Item(prompt, discloses=self._discloses.get(prompt, frozenset()))
            )
        return found

    def action(self, action: str) -> int:
        """Return the number of doing *action*."""
        found = self._actions.get(action)
        if found is None:
            found = self._actions[action] = self.number(Item(action=action))
        return found

    def _about(self, item: Item, rules: tuple[Rule, ...], goals: bool) -> tuple[_About, ...]:
        found = []
        facts = item.facts()
        for place, rule in enumerate(rules):
            when, unless, kind, _ = self.knowledge.slice.left.of(rule, facts)
            if when == NEVER or unless == ALWAYS:
                continue
            exempt = None if unless == NEVER else self.knowledge.test(unless)
            only_say = any(isinstance(effect, OnlySay) for effect in rule.effects)
            found.append(_About(rule, place if goals else -1, self.knowledge.test(when), exempt, only_say, kind))
        return tuple(found)

    def concerned(self, item: int) -> bool:
        """Return whether any rule of the slice can concern *item*, or its being said matters."""
        return bool(self._bans[item] or self._musts[item] or self.items[item].prompt in self.knowledge.prompt_bits)

    def forbidden(self, item: int) -> bool:
        """Return whether a goal can fire on *item*, or on what must be said before it."""
        seen: set[int] = set()
        waiting = [item]
        while waiting:
            one = waiting.pop()
            if self._bans[one]:
                return True
            if one not in seen:
                seen.add(one)
                said = (e.prompt for must in self._musts[one] for e in must.rule.effects if isinstance(e, MustSay))
                waiting += map(self.prompt, said)
        return False

    def reads(self, item: int) -> int:
        """Return the clusters that decide whether *item* may be said, and what must be said before it, as bits."""
        return self._asks(item)[0]

    def asked(self, item: int) -> int:
        """Return the prompts whose having been said just before decides about *item*, as bits."""
        return self._asks(item)[1]

    def words(self, item: int) -> int:
        """Return the intents and events whose having been heard decides about *item*, as bits."""
        return self._asks(item)[2]

    def _asks(self, item: int) -> tuple[int, int, int]:
        """Return what decides about *item*, as bits: clusters, prompts said just before, and intents heard."""
        found = self._reads.get(item)
        if found is None:
            self._reads[item] = (0, 0, 0)
            rules = [about.rule for group in self.about(item) for about in group]
            names = {name for rule in rules for c in conditions_of(rule) for name in read_by(c)}
            knowledge = self.knowledge
            found = (
                knowledge.mask(names),
                sum(bit for name, bit in knowledge.prompt_bits.items() if f"asked.{name}" in names),
                sum(bit for name, bit in knowledge.heard_bits.items() if f"heard.{name}" in names),
            )
            for must in self._musts[item]:
                for effect in must.rule.effects:
                    if isinstance(effect, MustSay):
                        found = _with(found, self._asks(self.prompt(effect.prompt)))
            self._reads[item] = found
        return found

    def gate(self, items: tuple[int, ...], known: int, said: int, asked: int, heard: int) -> Verdict:
        """Return what comes of planning *items*, which all concern a rule."""
        found = self._gated.get(items)
        if found is None:
            asks = (0, 0, 0)
            for item in items:
                asks = _with(asks, self._asks(item))
            places = tuple(p for p in range(len(self.knowledge.clusters)) if asks[0] >> p & 1)
            found = self._gated[items] = (places, asks[1], asks[2], {})
        places, asked_bits, heard_bits, memo = found
        regions = self.knowledge.regions(known)
        key = (tuple([regions[place] for place in places]), said, asked & asked_bits, heard & heard_bits)
        verdict = memo.get(key)
        if verdict is None:
            verdict = memo[key] = _Gate(self, known, asked, heard).pass_all(items, said)
        return verdict

    def about(self, item: int) -> tuple[tuple[_About, ...], tuple[_About, ...], tuple[_About, ...]]:
        """Return the goals, the insertions and the overriding rules that can concern *item*."""
        return self._bans[item], self._musts[item], self._overrides[item]


class _Gate:
    """Asks about one plan, thing by thing."""

    def __init__(self, speaker: Speaker, known: int, asked: int, heard: int) -> None:
        self._speaker = speaker
        self._known = known
        self._asked = asked
        self._heard = heard
        self._breaches: dict[Breach, None] = {}
        self._part = 0

    def pass_all(self, items: tuple[int, ...], said: int) -> Verdict:
        """Return the verdict on *items*."""
        ways = [_Way((), said)]
        for part, item in enumerate(items):
            self._part = part
            found: dict[_Way, None] = {}
            for way in ways:
                found |= dict.fromkeys(replace(after, taken=frozenset()) for after in self._say(item, way))
            ways = list(found)
            if len(ways) > MOST_WAYS:
                raise TooLarge(f"what must be said first can be put in in more than {MOST_WAYS} ways")
        heard: dict[int, None] = {}
        for spoken in dict.fromkeys(way.spoken for way in ways if not way.held_back):
            heard |= dict.fromkeys(self._reaches(spoken))
        return Verdict(tuple(self._breaches), tuple(heard))

    def _reaches(self, spoken: Spoken) -> list[int]:
        """Return what is heard of *spoken*, wherever it is cut off, all of it first."""
        bits = self._speaker.knowledge.prompt_bits
        found = [0]
        for prompt, _ in spoken:
            found.append(found[-1] | bits.get(prompt, 0))
        return found[::-1]

    def _fires(self, about: _About, way: _Way) -> int:
        return about.fires(self._known, way.said, self._asked, self._heard)

    def _say(
        self, item: int, way: _Way, ancestors: tuple[str, ...] = (), rivals: tuple[str, ...] = (), by: str = ""
    ) -> list[_Way]:
        """Return the ways *item* can be said after *way*, with what must be said before it.

        *ancestors* are prompts already being put in, *rivals* are to be said before the same thing as this one, which
        the rule *by* puts in.
        """
        inserted = self._speaker.items[item].prompt if by else ""
        if way.held_back:
            return [way]
        bans, _, overrides = self._speaker.about(item)
        found: list[_Way] = []
        for ready in self._prepared(item, way, ancestors, rivals):
            if ready.held_back:
                found.append(ready)
                continue
            certain = False
            for ban in bans:
                fires = self._fires(ban, ready)
                if fires & TRUE and not (inserted and ban.only_say):
                    certain = certain or fires == TRUE
                    self._breaches[Breach(ban.place, self._part, inserted, by, fires == TRUE)] = None
            if certain:
                found.append(replace(ready, held_back=True))
                continue
            dropped = [self._fires(override, ready) for override in overrides] if inserted else []
            if any(fires & TRUE for fires in dropped):
                found.append(ready)
                if TRUE in dropped:
                    continue
            prompt = self._speaker.items[item].prompt
            if prompt:
                bit = self._speaker.knowledge.prompt_bits.get(prompt, 0)
                found.append(replace(ready, spoken=(*ready.spoken, (prompt, by)), said=ready.said | bit))
            else:
                found.append(ready)
        return found

    def _prepared(self, item: int, way: _Way, ancestors: tuple[str, ...], rivals: tuple[str, ...]) -> list[_Way]:
        """Return the ways to have said what must be said before *item*."""
        bans, musts, _ = self._speaker.about(item)
        if not musts:
            return [way]
        done: list[_Way] = []
        waiting = [way]
        while waiting:
            now = waiting.pop()
            if now.held_back or any(self._fires(ban, now) == TRUE for ban in bans):
                done.append(now)
                continue
            for then, required in self._required(item, now, ancestors, rivals):
                for after in self._insert(item, required, then, ancestors):
                    if not required or len(after.spoken) == len(now.spoken):
                        done.append(after)
                    else:
                        waiting.append(after)
        return list(dict.fromkeys(done))

    def _required(
        self, item: int, way: _Way, ancestors: tuple[str, ...], rivals: tuple[str, ...]
    ) -> list[tuple[_Way, tuple[tuple[str, str], ...]]]:
        """Return what must be said before *item*, each prompt with its rule, in each way that may be."""
        ways: list[tuple[_Way, tuple[tuple[str, str], ...]]] = [(way, ())]
        subject = self._speaker.items[item].prompt
        for must, prompt in self._asked_for(item):
            if prompt in ancestors:
                continue
            grown = []
            for before, required in ways:
                for after, fires in self._decided(must, before):
                    if not fires or prompt not in rivals:
                        grown.append((after, (*required, (must.rule.id, prompt)) if fires else required))
                        continue
                    for then, waits in self._waits(prompt, subject, after):
                        grown.append((then, required if waits else (*required, (must.rule.id, prompt))))
            ways = grown
        return ways

    def _asked_for(self, item: int) -> list[tuple[_About, str]]:
        """Return the prompts that rules may require before *item*."""
        musts = self._speaker.about(item)[1]
        return [(m, effect.prompt) for m in musts for effect in m.rule.effects if isinstance(effect, MustSay)]

    def _decided(self, about: _About, way: _Way) -> list[tuple[_Way, bool]]:
        """Return whether *about* fires after *way*; where that is open, both, as it was taken before if it was."""
        fires = self._fires(about, way)
        if fires != TRUE | FALSE:
            return [(way, fires == TRUE)]
        mark = about.kind, way.said & about.said
        for yes in (True, False):
            if (*mark, yes) in way.taken:
                return [(way, yes)]
        return [(replace(way, taken=way.taken | {(*mark, yes)}), yes) for yes in (True, False)]

    def _waits(self, prompt: str, other: str, way: _Way) -> list[tuple[_Way, bool]]:
        """Return whether *prompt* may itself be said only after *other*."""
        ways = [(way, False)]
        for must, needed in self._asked_for(self._speaker.prompt(prompt)):
            if needed == other:
                ways = [
                    (after, waits or fires) for before, waits in ways for after, fires in self._decided(must, before)
                ]
        return ways

    def _insert(
        self, item: int, required: tuple[tuple[str, str], ...], way: _Way, ancestors: tuple[str, ...]
    ) -> list[_Way]:
        bits = self._speaker.knowledge.prompt_bits
        subject = self._speaker.items[item].prompt
        ways = [way]
        for rule, prompt in required:
            number = self._speaker.prompt(prompt)
            bit = bits.get(prompt, 0)
            rivals = tuple(other for _, other in required if other != prompt)
            above = (*ancestors, subject, prompt)
            ways = [
                after
                for now in ways
                for after in ([now] if now.said & bit else self._say(number, now, above, rivals, rule))
            ]
        return ways


def _with(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    return one[0] | other[0], one[1] | other[1], one[2] | other[2]
