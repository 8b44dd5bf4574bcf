"""
No call whatsoever may run into a rule.

Every rule asked before speaking is proved in every flow: with every intent, event, silence, unclear reading and
interruption possible at every turn, any intents at once, the call going on past midnight or to its last turn. Where
a call exists that would break the rule if it were not held back at the last moment, the shortest one is shown.

A proof takes for granted that the host says where the account lies, as the gate before a call demands; that what host
and ledger say of account, person and number stays as it is while a call goes on; and that the law is as the bundle has
it, on the day asked about or any later one within a hundred years.

Flagged::

    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        hears:
          affirm: {go: balance}  # error[rule-can-be-broken]
          deny: {say: bye, end: done}
      balance:
        say: balance
        hears:
          affirm: {say: bye, end: done}

Write instead::

    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        hears:
          affirm:
            - {when: party.verified, go: balance}
            - {say: bye, end: done}
          deny: {say: bye, end: done}
      balance:
        say: balance
        hears:
          affirm: {say: bye, end: done}
"""

from collections import defaultdict
from collections.abc import Iterator

from engine.bundle import CompiledBundle, Prompt
from engine.checks.context import Context
from engine.checks.prove.proof import Proof, Verdict
from engine.source.finding import Finding, Level, Note
from engine.source.span import Span

NAME = "rule-can-be-broken"
CODE = "PRV501"
LEVEL = Level.ERROR
WAIVABLE = False


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each place that leads to a breach, whatever number of rules it breaks."""
    groups: dict[tuple[str, str], list[Proof]] = defaultdict(list)
    for proof in context.proofs:
        if proof.verdict is Verdict.BROKEN:
            groups[proof.flow, proof.where].append(proof)
    for proofs in groups.values():
        first = min(proofs, key=lambda p: (bool(p.inserted_by and p.inserted_by == p.rule), len(p.call)))
        span, subject = first.culprit, first.subject
        rule = context.bundle.rule(first.rule)
        notes = [Note(rule.span, f"the rule `{rule.id}`")]
        spoken = _spoken(context.bundle, subject)
        if spoken is not None:
            notes.insert(0, Note(spoken, "what is said"))
        if first.said_at != span:
            notes.insert(0, Note(first.said_at, "said here"))
        others = tuple(dict.fromkeys(p.rule for p in proofs if p.rule != first.rule))
        alone = "; no other rule stands in the way" if len(first.prevented) == 1 else ""
        verb = "do" if subject in context.bundle.vocabulary.actions else "say"
        put = f", put in by `{first.inserted_by}`," if first.inserted_by else ""
        yield Finding(
            span,
            NAME,
            f"a call can come to {verb} `{subject}`{put} although `{rule.id}` forbids it{alone}",
            help="lead elsewhere, or ask for what the rule wants before this (needs a person)",
            why=f"{_about(context.bundle, first.rule)} ({rule.source})".strip(),
            how=tuple(map(str, first.call)),
            notes=tuple(notes),
            where=f"{first.flow}/{first.where}/{subject}",
            also=others,
        )


def _spoken(bundle: CompiledBundle, subject: str) -> Span | None:
    prompt: Prompt | None = bundle.prompts.get(subject)
    return next(iter(prompt.spans.values()), None) if prompt else None


def _about(bundle: CompiledBundle, rule: str) -> str:
    reason = bundle.rule(rule).reason.source
    return reason or bundle.policies[bundle.rule(rule).policy].title
