"""Random calls against a bundle, judged by ear: ``python -m tools.soak --calls 100000 --seed 1``.

Intents, events, slot values and interruptions are drawn at random, often out of any
sensible order. The judge reads only what went in (raw events and the host's facts) and the
text that came out; it shares no code with the engine. A call is a breach when words about a
debt are spoken before two identifiers were rightly given by the person then on the line.

Exit status: 0 nothing found, 1 a breach, a hang or a fault (the seed and the call are printed).
"""

import multiprocessing
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import click

from engine.bundle import CompiledBundle
from engine.compiler import compile_bundle
from engine.expressions.tree import Value
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import start, step
from engine.source.read import read_folder
from engine.terms import EventKind
from tools.bundles import shipped

AT = datetime(2026, 3, 10, 19, 0, tzinfo=UTC)
FACTS: dict[str, Value] = {
    "agent.name": "Robin",
    "agency.name": "ABC Services",
    "agency.name_is_neutral": True,
    "agency.contact_person": "Pat Jones",
    "agency.callback_number": "5125550100",
    "voice.kind": "ai",
    "party.first_name": "Alexandria",
    "party.last_name": "Doe",
    "party.zip": "78701",
    "party.dob": datetime(1985, 5, 3).toordinal(),
    "party.ssn4": "4471",
    "party.house_number": "1297",
    "party.location_known": False,
    "number.phone": "5125550142",
    "number.kind": "mobile",
    "account.places": frozenset({"TX"}),
    "account.balance": 741397,
    "account.flags": frozenset(),
    "debt.creditor": "Zephyr Bank",
    "debt.time_barred": False,
    "debt.kind": "consumer",
    "debt.validation_sent": True,
    "debt.validation_ends_on": datetime(2026, 1, 31).toordinal(),
}
RIGHT = {f"heard.{name}": f"party.{name}" for name in ("dob", "zip", "ssn4", "house_number")}
WRONG: dict[str, Value] = {
    "heard.dob": datetime(1990, 1, 1).toordinal(),
    "heard.zip": "10001",
    "heard.ssn4": "0000",
    "heard.house_number": "1",
}
OTHER_PERSON = {"new_person", "person_change", "third_party", "wrong_party"}
TELLING = re.compile(
    r"\b(debts?|owe[ds]?|owing|balances?|collector|collect(ing|ion)?|creditors?|past due|overdue|installments?|zephyr"
    r"|deudas?|debe[ns]?|adeuda\w*|saldos?|cobr\w+|acreedor\w*|vencid\w+|cuotas?)\b|7,413|\$ ?\d",
    re.IGNORECASE,
)
MOST_TURNS = 200


@dataclass
class Judge:
    """Remembers, from raw events alone, whether the person on the line has given two right identifiers."""

    given: dict[str, object] = field(default_factory=dict)
    known: bool = False

    def hear(self, event: Event) -> None:
        """Take in one raw event."""
        named = {str(event.kind), *event.intents}
        for slot, value in event.slots.items():
            if slot in RIGHT:
                self.given[slot] = value
        if event.kind is EventKind.DTMF:
            self.given |= {slot: event.digits for slot, fact in RIGHT.items() if FACTS[fact] == event.digits}
        if sum(value == FACTS[RIGHT[slot]] for slot, value in self.given.items()) >= 2:
            self.known = True
        if named & OTHER_PERSON:
            self.given, self.known = {}, False

    def objects_to(self, spoken: str) -> str:
        """Return the telling words in *spoken*, or '' where they may be said."""
        found = TELLING.search(spoken)
        return found[0] if found and not self.known else ""


@dataclass(frozen=True)
class Found:
    """What one batch of calls came to."""

    calls: int
    turns: int
    talked: int  # calls in which the debt was spoken of
    wrong: tuple[str, ...]


def draw(random_: random.Random, bundle: CompiledBundle, session: CallSession) -> Event:
    """Return a random event: mostly an intent the state listens for, else anything at all."""
    at = AT + timedelta(seconds=7 * session.turn)
    played = random_.choice((None, None, None, 0.0, random_.random()))
    kinds = [k for k in EventKind if k not in (EventKind.WORDS, EventKind.INTENTS, EventKind.HUNG_UP)]
    if random_.random() < 0.05:
        return Event(random_.choice(kinds), at, digits="4471", slots=slots(random_), played=played)
    state = bundle.flows[session.flow].states.get(session.state)
    everything = sorted({spec.id for specs in bundle.intents.values() for spec in specs})
    own = sorted(set(state.own) & set(everything)) if state is not None else []
    wanted = own if own and random_.random() < 0.85 else everything
    count = 1 if wanted is own or random_.random() < 0.6 else random_.choice((2, 3))
    intents = tuple(dict.fromkeys(random_.choice(wanted) for _ in range(count)))
    return Event(EventKind.INTENTS, at, intents=intents, slots=slots(random_), played=played)


def slots(random_: random.Random) -> dict[str, Value]:
    """Return some slot values: identifiers right or wrong, amounts and dates."""
    found: dict[str, Value] = {}
    for slot, fact in RIGHT.items():
        chance = random_.random()
        if chance < 0.5:
            found[slot] = FACTS[fact] if chance < 0.4 else WRONG[slot]
    if random_.random() < 0.5:
        found["promise.amount"] = random_.choice((5000, 741397, 10**9, 1))
    if random_.random() < 0.5:
        found["promise.date"] = AT.toordinal() + random_.choice((-3, 0, 1, 5, 20, 400))
    return found


def one_call(random_: random.Random, bundle: CompiledBundle, flow: str, locale: str) -> tuple[int, bool, str]:
    """Conduct one call; return its turns, whether the debt was spoken of, and what went wrong, or ''."""
    facts = {name: value for name, value in FACTS.items() if random_.random() > 0.01}
    facts["debt.time_barred"] = random_.random() < 0.1
    session = start(bundle, "soak", flow, locale, AT, facts)
    judge, talked, told = Judge(), False, list[str]()
    first = random_.choice((EventKind.ANSWERED,) * 8 + (EventKind.VOICEMAIL, EventKind.CALL_SCREENER))
    event = Event(first, AT)
    while True:
        judge.hear(event)
        turn: Turn = step(bundle, session, event)
        session = turn.session
        told.append(f"{event.kind}{list(event.intents)} {sorted(event.slots)} -> {turn.text}")
        objection = judge.objects_to(turn.text)
        talked = talked or bool(TELLING.search(turn.text))
        if objection:
            return session.turn, talked, f"`{objection}` was spoken too early:\n  " + "\n  ".join(told[-6:])
        if turn.faults:
            return session.turn, talked, f"a fault: {turn.faults[0]}"
        if session.ended:
            return session.turn, talked, ""
        if session.turn > MOST_TURNS:
            return session.turn, talked, "the call did not end"
        event = draw(random_, bundle, session)


def batch(root: Path, seed: int, size: int, number: int) -> Found:
    """Conduct the *number*-th *size* calls of *seed*."""
    bundle = compile_bundle(read_folder(root, scenarios=False)).need()
    random_ = random.Random(f"{seed}/{number}")
    flows = sorted(bundle.flows)
    results = [one_call(random_, bundle, random_.choice(flows), random_.choice(bundle.locales)) for _ in range(size)]
    wrong = tuple(f"seed {seed}, batch {number}: {w}" for _, _, w in results if w)
    return Found(size, sum(t for t, _, _ in results), sum(talked for _, talked, _ in results), wrong)


def soak(root: Path, calls: int, seed: int, workers: int, size: int = 1000) -> Iterator[Found]:
    """Yield what each batch of *calls* random calls came to, as batches finish."""
    sizes = [min(size, calls - done) for done in range(0, calls, size)]
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        jobs = [pool.apply_async(partial(batch, root, seed, n, number)) for number, n in enumerate(sizes)]
        for job in jobs:
            yield job.get()


@click.command()
@click.option("--calls", default=100_000, show_default=True, help="How many calls.")
@click.option("--seed", default=1, show_default=True, help="Where the random numbers start.")
@click.option("--workers", default=2, show_default=True, help="How many processes.")
@click.option("--bundle", "root", type=click.Path(exists=True, path_type=Path), help="The bundle's folder.")
def main(calls: int, seed: int, workers: int, root: Path | None) -> None:
    """Conduct random calls and listen for a word too early."""
    done = turns = talked = 0
    wrong: list[str] = []
    click.echo(f"seed {seed}")
    with click.progressbar(length=calls, label="calls") as bar:
        for found in soak(root or shipped(), calls, seed, workers):
            done, turns, talked = done + found.calls, turns + found.turns, talked + found.talked
            wrong += found.wrong
            bar.update(found.calls)
    click.echo(f"{done:,} calls, {turns:,} turns; the debt was spoken of in {talked:,}; {len(wrong)} went wrong")
    for line in wrong[:5]:
        click.echo(line)
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
