"""What a rule can hold back, put in or act on, in one flow: the policies lens."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.bundle import CompiledBundle, MustSay, NeverDo, NeverSay, OnlySay, Rule
from engine.expressions.english import say
from engine.expressions.parse import names_read
from engine.expressions.tree import ALWAYS
from engine.runtime.asking import EFFECT_NAMES
from engine.terms import Ask
from engine.views.model import Exit, Graph, Sentence


@dataclass(frozen=True, slots=True)
class Touched:
    """One rule, in words, and where in the flow it bears on anything.

    ``states`` say something it concerns, or hear what it acts on; ``steps`` do; ``prompts`` and
    ``actions`` are what it concerns.
    """

    rule: str
    title: str
    policy: str
    ask: str
    effects: tuple[str, ...]
    condition: str
    unless: str
    source: str
    severity: str
    status: str
    place: str
    states: tuple[str, ...]
    steps: tuple[str, ...]
    prompts: tuple[str, ...]
    actions: tuple[str, ...]
    where: str


def lens(bundle: CompiledBundle, graph: Graph) -> tuple[Touched, ...]:
    """Return every rule with what it bears on in *graph*, by policy and rule."""
    rules = sorted((r for asked in bundle.rules.values() for r in asked), key=lambda r: (r.policy, r.id))
    return tuple(_touched(bundle, graph, rule) for rule in rules)


def _touched(bundle: CompiledBundle, graph: Graph, rule: Rule) -> Touched:
    prompts = frozenset(name for name, p in bundle.prompts.items() if _concerns(rule, name, p.discloses))
    actions = frozenset(
        name for effect in rule.effects if isinstance(effect, NeverDo | MustSay) for name in effect.actions
    )
    heard = (
        frozenset(name.removeprefix("heard.") for name in names_read(rule.when) if name.startswith("heard."))
        if rule.ask is Ask.ON_HEARING
        else frozenset()
    )
    ends = any(isinstance(e, MustSay) and e.end for e in rule.effects)
    states: dict[str, None] = {}
    steps: dict[str, None] = {}
    for state in graph.states.values():
        if any(s.prompt in prompts for s in state.says):
            states[state.name] = None
        for exit in state.exits:
            if _bears(exit, prompts, actions, heard, ends):
                states[state.name] = None
                steps |= dict.fromkeys(exit.steps)
    for box in graph.anytime:
        for exit in box.exits:
            if _bears(exit, prompts, actions, heard, ends):
                steps |= dict.fromkeys(exit.steps)
    policy = bundle.policies[rule.policy]
    return Touched(
        rule=rule.id,
        title=policy.title,
        policy=rule.policy,
        ask=rule.ask.value,
        effects=tuple(effects_of(rule)),
        condition="" if rule.written == ALWAYS else say(rule.written),
        unless="" if rule.unless is None else say(rule.unless),
        source=rule.source,
        severity=rule.severity.value,
        status=rule.status.value,
        place=rule.place,
        states=tuple(states),
        steps=tuple(steps),
        prompts=tuple(sorted(prompts & _used(graph))),
        actions=tuple(sorted(actions)),
        where=str(rule.span),
    )


def _bears(exit: Exit, prompts: frozenset[str], actions: frozenset[str], heard: frozenset[str], ends: bool) -> bool:
    return (
        any(s.prompt in prompts for s in exit.says)
        or any(name in actions for name in exit.does)
        or exit.trigger in heard
        or (ends and exit.kind == "end")
    )


def _concerns(rule: Rule, prompt: str, discloses: frozenset[str]) -> bool:
    for effect in rule.effects:
        if isinstance(effect, NeverSay) and (effect.classes & discloses or prompt in effect.prompts):
            return True
        if isinstance(effect, OnlySay) and prompt not in effect.prompts:
            return True
        if isinstance(effect, MustSay) and prompt != effect.prompt and (
            effect.anything or effect.classes & discloses or prompt in effect.prompts
        ):
            return True
    return False


def _used(graph: Graph) -> frozenset[str]:
    return frozenset(sentence.prompt for sentence in _sentences(graph))


def _sentences(graph: Graph) -> Iterator[Sentence]:
    for state in graph.states.values():
        yield from state.says
        for exit in state.exits:
            yield from exit.says
    for box in graph.anytime:
        for exit in box.exits:
            yield from exit.says


def effects_of(rule: Rule) -> Iterator[str]:
    """Yield what *rule* does, in words: ``never say: collecting, debt``."""
    for effect in rule.effects:
        name = EFFECT_NAMES[type(effect)].replace("_", " ")
        match effect:
            case NeverSay(classes, prompts):
                yield f"{name}: {', '.join(sorted((*classes, *prompts)))}"
            case MustSay():
                before = [*sorted(effect.classes), *sorted(effect.prompts), *sorted(effect.actions)]
                before += ["anything"] if effect.anything else []
                before += ["the end"] if effect.end else []
                yield f"{name} {effect.prompt} before {', '.join(before)}"
            case OnlySay(prompts):
                yield f"{name}: {', '.join(sorted(prompts)) or 'nothing'}"
            case NeverDo(actions):
                yield f"{name}: {', '.join(sorted(actions))}"
            case _:
                yield name
