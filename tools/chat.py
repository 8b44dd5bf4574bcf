"""Talk to a flow at the terminal: ``callwright chat``.

Exit status: 0 the call ended or the input did, 2 the command was called
wrongly, 3 a bundle or the given facts could not be read.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from engine.bundle import CompiledBundle
from engine.rehearsal.reading import Findings
from engine.rehearsal.scenario import PACE
from engine.rehearsal.situation import Situation, read_situation
from engine.rehearsal.transcript import turn_lines
from engine.runtime.session import CallSession, Event
from engine.runtime.step import start, step
from engine.source.tree import Map, Text
from engine.terms import EventKind, Kind
from tools.bundles import Opened, open_bundle, read_mapping
from tools.console import CouldNotRead, bundle_option, count, moment, show

MOST_BYTES = 4_000
"""As much of one line as is read at a time."""

HELP = """Type what the callee says. A line that begins with / is an event:
  /silence  /voicemail  /call_screener  /new_person  /hung_up
  /dtmf 123          keys pressed
  /heard 0.5 words   words that cut in when half of the agent's words were heard
  /intent NAME       an intent, given directly
  /why               show or hide the reasons of each turn
  /help  /quit"""


@click.command()
@click.option("--flow", "flow", metavar="ID", help="The flow to talk to. Default: the only one, or `collections`.")
@click.option("--given", "file", type=click.Path(path_type=Path), metavar="FILE",
              help="YAML with `given:` and, as wanted, `at:` and `zones:`; a scenario will do. Default: the bundle's "
              "first scenario of the flow.")  # fmt: skip
@click.option("--at", metavar="TIME", callback=moment, help="When the call begins. Default: now.")
@click.option("--locale", metavar="NAME", help="The language, as en-US. Default: the bundle's first.")
@click.option("--why", is_flag=True, help="Show each turn's decisions, the rules that fired and what they read.")
@bundle_option
def chat(
    flow: str | None, file: Path | None, at: datetime | None, locale: str | None, why: bool, folder: Path | None
) -> None:
    """Be the callee: type, and see what the agent says, what the rules hold back and what comes of it."""
    opened = open_bundle(folder)
    bundle = opened.bundle
    name = _one_of("flow", flow, tuple(bundle.flows), "collections")
    language = _one_of("locale", locale, bundle.locales, bundle.locales[0] if bundle.locales else "")
    given = _given(opened, file, name)
    begins = at or datetime.now(UTC)
    session = start(bundle, "chat", name, language, begins, given.facts, given.zones or None)
    _Chat(bundle, session, begins, pace=PACE if at else None, why=why).talk()


def _one_of(what: str, wanted: str | None, known: tuple[str, ...], default: str) -> str:
    if not known:
        raise CouldNotRead(f"the bundle has no {what} to talk in")
    if wanted is None:
        return default if default in known else known[0]
    if wanted not in known:
        listed = ", ".join(known)
        raise click.BadParameter(f"there is no {what} `{wanted}`; there is {listed}", param_hint=f"--{what}")
    return wanted


def _given(opened: Opened, file: Path | None, flow: str) -> Situation:
    if file is not None:
        root, texts = read_mapping(file)
        whence = str(file)
    else:
        scenarios = opened.sources.of(Kind.SCENARIO)
        story = next((d for d in scenarios if d.root.get(Text("flow")) == Text(flow)), None)
        root, texts = (story.root, opened.texts) if story else (Map(), opened.texts)
        whence = str(story.path) if story else "nothing"
    found = Findings()
    situation = read_situation(root, opened.bundle.vocabulary, found, default=datetime.now(UTC))
    problems = found.all()
    if problems:
        show(problems, texts)
        raise CouldNotRead(f"the call did not begin: {count(len(problems), 'thing')} in `{whence}` could not be read")
    click.echo(f"What is known of the callee comes from {whence}. Type /help for help.\n")
    return situation


@dataclass
class _Chat:
    """One conversation; ``pace`` is how far apart turns are, or None for the clock's own time."""

    bundle: CompiledBundle
    session: CallSession
    now: datetime
    pace: timedelta | None
    why: bool

    def talk(self) -> None:
        self._take(Event(EventKind.ANSWERED, self.now))
        for line in _lines():
            if self.session.ended or line == "/quit":
                return
            event = self._event(line.strip())
            if event is not None:
                self._take(event)
            if self.session.ended:
                return

    def _take(self, event: Event) -> None:
        turn = step(self.bundle, self.session, event)
        self.session = turn.session
        click.echo("\n".join(turn_lines(turn, self.bundle, verbose=self.why)) + "\n")

    def _time(self) -> datetime:
        self.now = self.now + self.pace if self.pace else datetime.now(UTC)
        return self.now

    def _event(self, line: str) -> Event | None:
        """Return the event that *line* tells; None where it is a command or nothing."""
        if not line.startswith("/"):
            return Event(EventKind.WORDS, self._time(), text=line) if line else None
        word, _, rest = line[1:].partition(" ")
        rest = rest.strip()
        plain = (EventKind.SILENCE, EventKind.VOICEMAIL, EventKind.CALL_SCREENER, EventKind.NEW_PERSON,
                 EventKind.HUNG_UP)  # fmt: skip
        if word in plain and not rest:
            return Event(EventKind(word), self._time())
        if word == "dtmf" and rest and set(rest) <= set("0123456789*#"):
            return Event(EventKind.DTMF, self._time(), digits=rest)
        if word == "heard":
            return self._cut_in(rest)
        if word == "intent" and rest in {spec.id for specs in self.bundle.intents.values() for spec in specs}:
            return Event(EventKind.INTENTS, self._time(), intents=(rest,))
        if word == "why":
            self.why = not self.why
            click.echo(f"Reasons are {'shown' if self.why else 'hidden'}.\n")
        else:
            click.echo(f"{'' if word == 'help' else f'`{line}` is not understood. '}{HELP}\n")
        return None

    def _cut_in(self, rest: str) -> Event | None:
        part, _, words = rest.partition(" ")
        try:
            played = float(part)
        except ValueError:
            played = -1.0
        if not 0 <= played <= 1 or not words.strip():
            click.echo("Write how much was heard, from 0 to 1, and the words: /heard 0.5 who is this\n")
            return None
        return Event(EventKind.WORDS, self._time(), text=words.strip(), played=played)


def _lines() -> Iterator[str]:
    """Yield what is typed, line by line, with a prompt where a person types it."""
    typed = sys.stdin.isatty()
    while True:
        if typed:
            click.echo("  Callee  ", nl=False)
        data = sys.stdin.buffer.readline(MOST_BYTES)
        if not data:
            return
        line = data.decode("utf-8", "replace").strip()
        if not typed:
            click.echo(f"  Callee  {line}")
        yield line
