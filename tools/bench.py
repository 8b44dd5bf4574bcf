"""What a turn costs: ``make bench``.

The calls of some scenarios are conducted once while everything that reaches
durable_rules is written down, and every move of the dialogue. Then three things
are timed in turn, in this process: the whole ``step``, durable_rules alone on
the very same rules and facts, and transitions alone on the very same moves.
CPU time of this thread; the lower the better.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from os import sysconf
from pathlib import Path
from time import thread_time_ns

import click
import durable_rules_engine
from transitions import Machine

from engine.bundle import Again, CompiledBundle, Go
from engine.rehearsal.replay import begin, events
from engine.rehearsal.scenario import Scenario, read_scenario
from engine.runtime.codec import to_json
from engine.runtime.machine import ENDED, answers
from engine.runtime.prepared import forget
from engine.runtime.session import CallSession, Event
from engine.runtime.step import step
from engine.terms import EventKind, Kind
from tools.bundles import open_bundle, read_scenarios
from tools.console import CouldNotRead, bundle_option, echo_json, format_option

STORIES = ("scenarios/promises", "scenarios/rights", "scenarios/verification")


@dataclass
class Written:
    """What reached the rules engine: (definition of a ruleset, message)."""

    asked: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Work:
    """One turn.

    Args:
        session: The call before it.
        words: What happened, with the callee's words.
        intents: The same with what those words were understood as, given directly.
        asked: What the rules engine was asked: (definition of a ruleset, message).
        moves: The ids of the steps the dialogue took.
    """

    session: CallSession
    words: Event
    intents: Event
    asked: tuple[tuple[str, str], ...]
    moves: tuple[str, ...]


@contextmanager
def listening(heard: Written) -> Iterator[None]:
    """Write down in *heard* what is asserted to rulesets that are created meanwhile."""
    create, assert_fact = durable_rules_engine.create_ruleset, durable_rules_engine.assert_fact
    definitions: dict[object, str] = {}

    def created(name: str, definition: str) -> object:
        handle = create(name, definition)
        definitions[handle] = definition
        return handle

    def asserted(handle: object, message: str) -> object:
        heard.asked.append((definitions[handle], message))
        return assert_fact(handle, message)

    durable_rules_engine.create_ruleset, durable_rules_engine.assert_fact = created, asserted
    try:
        yield
    finally:
        durable_rules_engine.create_ruleset, durable_rules_engine.assert_fact = create, assert_fact


def recorded(bundle: CompiledBundle, stories: Sequence[Scenario]) -> tuple[Work, ...]:
    """Conduct the calls of *stories* on rulesets made anew, and return the work of each turn."""
    work: list[Work] = []
    heard = Written()
    forget()
    with listening(heard):
        for story in stories:
            session = begin(bundle, story)
            for event, _ in events(story):
                if session.ended:
                    break
                heard.asked.clear()
                turn = step(bundle, session, event)
                given = event
                if turn.understanding is not None:
                    heard_as = turn.understanding
                    slots = {slot.slot: slot.values[0] for slot in heard_as.slots if len(slot.values) == 1}
                    given = replace(event, kind=EventKind.INTENTS, text="", intents=heard_as.accepted, slots=slots)
                work.append(Work(session, event, given, tuple(heard.asked), turn.steps))
                session = turn.session
    return tuple(work)


def bare_rules(work: Sequence[Work]) -> tuple[Callable[[], object], ...]:
    """Return, for each turn, durable_rules alone on its rules and facts: assert, collect what fires, retract."""
    definitions = dict.fromkeys(definition for one in work for definition, _ in one.asked)
    rulesets = {d: durable_rules_engine.create_ruleset("bare", d) for d in definitions}

    def asking(questions: tuple[tuple[object, str], ...]) -> Callable[[], object]:
        def ask() -> None:
            for ruleset, message in questions:
                state = durable_rules_engine.assert_fact(ruleset, message)[1]
                begun = durable_rules_engine.start_action_for_state(ruleset, state)
                fired = begun[1] if begun is not None else None
                while fired is not None:
                    fired = durable_rules_engine.complete_and_start_action(ruleset, state)
                durable_rules_engine.retract_fact(ruleset, '{"sid":"s","id":"f"}')

        return ask

    return tuple(asking(tuple((rulesets[d], message) for d, message in one.asked)) for one in work)


class _Caller:
    """What transitions moves."""

    state = ""


def bare_moves(bundle: CompiledBundle, work: Sequence[Work]) -> tuple[Callable[[], object], ...]:
    """Return, for each turn, transitions alone on its moves: no guards, no words, no rules."""
    machines = {name: _machine(bundle, name) for name in bundle.flows}

    def moving(one: Work) -> Callable[[], object]:
        machine = machines[one.session.flow]
        start = one.session.state or bundle.flows[one.session.flow].start
        triggers = [machine.events[name] for name in one.moves if name in machine.events]
        caller = _Caller()

        def move() -> None:
            caller.state = start
            for trigger in triggers:
                trigger.trigger(caller)

        return move

    return tuple(moving(one) for one in work)


def _machine(bundle: CompiledBundle, name: str) -> Machine:
    flow = bundle.flows[name]
    machine = Machine(
        model=None, states=[*flow.states, ENDED], initial=flow.start, auto_transitions=False,
        ignore_invalid_triggers=True,
    )  # fmt: skip
    for state in flow.states.values():
        for steps in answers(state).values():
            for one in steps:
                goes = one.target.state if isinstance(one.target, Go) else None
                machine.add_transition(one.id, state.name, goes or (None if _stays(one.target) else ENDED))
    return machine


def _stays(target: object) -> bool:
    return isinstance(target, Again)


def timed(turns: Sequence[Callable[[], object]], rounds: int) -> list[int]:
    """Return the CPU time of every call of every turn over *rounds*, in nanoseconds, after one round to warm up."""
    for turn in turns:
        turn()
    spent = []
    for _ in range(rounds):
        for turn in turns:
            before = thread_time_ns()
            turn()
            spent.append(thread_time_ns() - before)
    return spent


@dataclass(frozen=True, slots=True)
class Figure:
    """How long something takes, in milliseconds of CPU."""

    name: str
    median: float
    p99: float


def figure(name: str, spent: Sequence[int]) -> Figure:
    """Return the median and the 99th percentile of *spent*."""
    ordered = sorted(spent)
    return Figure(name, ordered[len(ordered) // 2] / 1e6, ordered[len(ordered) * 99 // 100] / 1e6)


def measure(bundle: CompiledBundle, stories: Sequence[Scenario], rounds: int) -> tuple[int, tuple[Figure, ...]]:
    """Return how many turns there are, and the figures: a step from words, from intents, and the two libraries bare."""
    work = recorded(bundle, stories)
    from_words = [partial(step, bundle, one.session, one.words) for one in work]
    from_intents = [partial(step, bundle, one.session, one.intents) for one in work]
    return len(work), (
        figure("step, from words", timed(from_words, rounds)),
        figure("step, from intents", timed(from_intents, rounds)),
        figure("bare durable_rules", timed(bare_rules(work), rounds)),
        figure("bare transitions", timed(bare_moves(bundle, work), rounds)),
    )


def resident() -> float:
    """Return the resident memory of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * sysconf("SC_PAGE_SIZE") / 1e6


def shortest(stories: Sequence[Scenario]) -> Scenario:
    """Return the story with the fewest lines."""
    return min(stories, key=lambda story: (len(story.lines), story.id))


def memory(bundle: CompiledBundle, stories: Sequence[Scenario], sessions: int) -> tuple[float, float]:
    """Conduct *sessions* calls, and return the resident memory in MB after a tenth of them and after all."""
    warm = 0.0
    for number in range(sessions):
        story = stories[number % len(stories)]
        session = begin(bundle, story)
        for event, _ in events(story):
            if not session.ended:
                session = step(bundle, session, event).session
        if number == sessions // 10:
            warm = resident()
    return warm, resident()


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=10, help="How often each turn is timed. Default: 10.")
@click.option("--sessions", type=click.IntRange(0), default=20_000, help="Calls for the memory figure. Default: 20000.")
@bundle_option
@format_option
def bench(rounds: int, sessions: int, folder: Path | None, style: str) -> None:
    """Time a turn beside the bare libraries it stands on, on the same work in the same run."""
    opened = open_bundle(folder, scenarios=False)
    sources = read_scenarios([Path(name) for name in STORIES], opened.folder)
    told = (read_scenario(document, opened.bundle)[0] for document in sources.of(Kind.SCENARIO))
    stories = [story for story in told if story is not None and story.lines]
    if not stories:
        raise CouldNotRead("there is no call to time")
    turns, figures = measure(opened.bundle, stories, rounds)
    words, intents, rules, moves = figures
    ratios = {
        "median": intents.median / (rules.median + moves.median),
        "p99": intents.p99 / (rules.p99 + moves.p99),
        "rules_median": intents.median / rules.median,
        "moves_median": intents.median / moves.median if moves.median else None,
    }
    warm, end = memory(opened.bundle, [shortest(stories)], sessions)
    if style == "json":
        used = {"sessions": sessions, "after_a_tenth_mb": warm, "at_the_end_mb": end}
        echo_json({"turns": turns, "milliseconds": [to_json(f) for f in figures], "ratios": ratios, "memory": used})
        return
    click.echo(f"{turns} turns of {len(stories)} calls, {rounds} times each; milliseconds of CPU a turn")
    for one in figures:
        click.echo(f"  {one.name:<22} median {one.median:7.3f}   p99 {one.p99:7.3f}")
    click.echo("on the same work, a step from intents takes")
    click.echo(f"  {ratios['rules_median']:.1f} times what durable_rules takes alone")
    click.echo(
        f"  {ratios['median']:.1f} times what durable_rules and transitions take together (p99 {ratios['p99']:.1f})"
    )
    click.echo(f"understanding words takes {words.median - intents.median:.3f} ms more at the median")
    click.echo(f"{sessions} sessions in one process: {warm:.1f} MB resident after a tenth, {end:.1f} MB at the end")


if __name__ == "__main__":
    bench()
