"""Show what words are taken to mean: ``callwright understand``.

Exit status: 0, 2 the command was called wrongly or lines of the batch could not
be read, 3 a bundle, or the whole batch, could not be read.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import click

from engine.bundle import CompiledBundle
from engine.expressions.tree import Value
from engine.expressions.values import format_value
from engine.nlu.reading import Listening, Understanding
from engine.rehearsal.reading import Findings, facts
from engine.rehearsal.situation import read_situation
from engine.runtime.codec import Json, to_json
from engine.runtime.prepared import prepare
from engine.source.syntax import shorten
from engine.source.tree import Map, Node, Seq, Text
from engine.terms import EVENTS
from tools.bundles import open_bundle, read_mapping
from tools.console import USAGE, CouldNotRead, bundle_option, count, echo_json, format_option, moment, show
from tools.lines import Record, Unread, read_lines


@dataclass(frozen=True, slots=True)
class Listener:
    """Understands texts as a call in one of a bundle's flows would that knows ``facts``."""

    bundle: CompiledBundle
    flow: str
    locale: str
    at: datetime
    facts: Mapping[str, Value] = field(default_factory=dict)

    def hear(self, text: str, *, locale: str = "", state: str = "", at: datetime | None = None) -> Understanding:
        """Return what *text* means in *state*; without one, every intent is listened for.

        Raises:
            ValueError: There is no such state or locale.
        """
        language = locale or self.locale
        if language not in self.bundle.locales:
            raise ValueError(f"there is no locale `{language}`: use {', '.join(self.bundle.locales)}")
        states = self.bundle.flows[self.flow].states
        if state and state not in states:
            raise ValueError(f"the flow `{self.flow}` has no state `{state}`")
        listening = Listening(at or self.at, facts=self.facts)
        if state:
            hears = frozenset(states[state].hears) - frozenset(EVENTS)
            listening = replace(listening, hears=hears, asks=states[state].asks)
        return prepare(self.bundle).recogniser.understand(text, language, listening)


def listener(bundle: CompiledBundle, flow: str | None, locale: str | None, at: datetime | None) -> Listener:
    """Return a listener for what the options name; the bundle's first flow and locale where they name none."""
    if not bundle.flows or not bundle.locales:
        raise CouldNotRead("the bundle has no flow to listen in")
    if flow is not None and flow not in bundle.flows:
        raise click.BadParameter(f"there is no flow `{flow}`; there is {', '.join(bundle.flows)}", param_hint="--flow")
    name = flow or ("collections" if "collections" in bundle.flows else next(iter(bundle.flows)))
    return Listener(bundle, name, locale or bundle.locales[0], at or datetime.now(UTC))


@click.command()
@click.argument("text", required=False)
@click.option("--batch", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE",
              help='JSON lines, each {"text": …}; as wanted, "locale", "state", "at", "facts". `-` is standard input.',
              )  # fmt: skip
@click.option("--flow", metavar="ID", help="The flow that `--state` belongs to. Default: `collections`.")
@click.option("--state", metavar="NAME", default="", help="The state that listens. Default: any, all intents heard.")
@click.option("--locale", metavar="NAME", help="The language, as en-US. Default: the bundle's first.")
@click.option("--at", metavar="TIME", callback=moment, help="The callee's local time, for dates. Default: now.")
@click.option("--given", type=click.Path(path_type=Path), metavar="FILE",
              help="What is known of the callee: a file with `given:`, as a scenario has it. Default: nothing.",
              )  # fmt: skip
@bundle_option
@format_option
def understand(
    text: str | None, batch: Path | None, flow: str | None, state: str, locale: str | None, at: datetime | None,
    given: Path | None, folder: Path | None, style: str,
) -> None:  # fmt: skip
    """Show every reading of TEXT with its score, which of them the engine acts on, the slots, and why.

    With --batch, one line of JSON comes out for each line that goes in, in the same order; {"error": …} stands for a
    line that cannot be read, is said on standard error too, and the exit status is then 2.
    """
    if (text is None) == (batch is None):
        raise click.UsageError("give the words, in quotes, or a file of them with --batch")
    ear = listener(open_bundle(folder, scenarios=False).bundle, flow, locale, at)
    if given is not None:
        ear = replace(ear, facts=_given(given, ear.bundle))
    if batch is not None:
        wrong_lines = 0
        for line in read_lines(batch):
            answer = _answer(ear, line, state)
            if "error" in answer:
                wrong_lines += 1
                click.echo(answer["error"], err=True)
            click.echo(json.dumps(answer, ensure_ascii=False))
        if wrong_lines:
            click.echo(f"{count(wrong_lines, 'line')} could not be read", err=True)
            raise SystemExit(USAGE)
        return
    try:
        understanding = ear.hear(text or "", state=state)
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from wrong
    if style == "json":
        echo_json(as_data(understanding, ear.bundle))
    else:
        click.echo("\n".join(_lines(understanding, ear.bundle)))


def _given(file: Path, bundle: CompiledBundle) -> Mapping[str, Value]:
    root, texts = read_mapping(file)
    found = Findings()
    situation = read_situation(root, bundle.vocabulary, found, default=datetime.now(UTC))
    if problems := found.all():
        show(problems, texts)
        raise CouldNotRead(f"{count(len(problems), 'thing')} in `{file}` could not be read")
    return situation.facts


def _answer(ear: Listener, line: Record | Unread, state: str) -> Mapping[str, Json]:
    if isinstance(line, Unread):
        return {"error": line.message}
    try:
        knowing = replace(ear, facts={**ear.facts, **_known(line.facts, ear.bundle)})
        understanding = knowing.hear(line.text, locale=line.locale, state=line.state or state, at=line.at)
    except ValueError as wrong:
        return {"error": f"{line.where}: {wrong}"}
    return as_data(understanding, ear.bundle)


def _known(written: Mapping[str, object], bundle: CompiledBundle) -> Mapping[str, Value]:
    """Return the facts of a line; what is null is unknown.

    Raises:
        ValueError: One is not in the vocabulary, or not of its type.
    """
    found = Findings()
    entries = Map((Text(name), _written(value)) for name, value in written.items() if value is not None)
    known = facts(entries, bundle.vocabulary, found)
    for problem in found.all():
        raise ValueError(f"{problem.message}; {problem.help}" if problem.help else problem.message)
    return known


def _written(value: object) -> Node:
    """Return a value of JSON as it would be written in a file."""
    if isinstance(value, Mapping):
        return Map((Text(name), _written(inner)) for name, inner in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return Seq(map(_written, value))
    if isinstance(value, Decimal) and value.as_tuple().exponent == -1:
        return Text(f"{value:.2f}")
    return Text(str(value).lower() if isinstance(value, bool) else str(value))


def as_data(understanding: Understanding, bundle: CompiledBundle) -> dict[str, Json]:
    """Return *understanding* as plain data; a slot's ``value`` is None where its readings differ."""
    return {
        "intents": [
            {"intent": r.intent, "score": r.score, "accepted": r.accepted, "why": list(r.why)}
            for r in understanding.readings
        ],
        "slots": {
            s.slot: {
                "value": to_json(s.values[0]) if len(s.values) == 1 else None,
                "values": [to_json(value) for value in s.values],
                "says": [format_value(value, bundle.vocabulary.facts[s.slot].type) for value in s.values],
                "start": s.start,
                "end": s.end,
                "why": s.why,
            }
            for s in understanding.slots
        },
        "polarity": str(understanding.polarity),
    }


def _lines(understanding: Understanding, bundle: CompiledBundle) -> list[str]:
    accepted = [r for r in understanding.readings if r.accepted]
    lines = [f"accepted: {', '.join(r.intent for r in accepted) or 'nothing'}; polarity: {understanding.polarity}"]
    shown = accepted + [r for r in understanding.readings if not r.accepted and (r.why or r.score >= 0.05)][:5]
    for reading in shown:
        why = f"  {'; '.join(shorten(reason, 80) for reason in reading.why)}" if reading.why else ""
        lines.append(f"  {reading.score:6.4f}  {reading.intent:<22}{'accepted' if reading.accepted else '-':<8}{why}")
    for slot in understanding.slots:
        kind = bundle.vocabulary.facts[slot.slot].type
        values = " or ".join(format_value(value, kind) for value in slot.values)
        lines.append(f"  {slot.slot} = {values}{f'  {slot.why}' if slot.why else ''}")
    return [line.rstrip() for line in lines] + [f"  {reason}" for reason in understanding.why]
