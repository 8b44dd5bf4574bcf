"""Documents to a compiled bundle: link everything, lower the rules, take the digest."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath

from engine.bundle import (
    CompiledBundle,
    Counter,
    DocumentId,
    Fact,
    Flow,
    IntentSpec,
    NetworkSpec,
    Parameter,
    Policy,
    Prompt,
    Rule,
    Vocabulary,
)
from engine.compiler import claims, effects, flows, policies
from engine.compiler.context import Notes, items, steps_of, text
from engine.compiler.intents import intent_ids, link_intents, recall_floors
from engine.compiler.lower import TooComplex, lower
from engine.compiler.parameters import lengths_written, link_parameters
from engine.compiler.prompts import link_prompts, prompt_ids
from engine.compiler.scopes import bundle_scope
from engine.compiler.vocabulary import (
    SUPPRESSION_FLAGS,
    built_ins,
    counter_fact,
    counters_of,
    empty_counter,
    link_vocabulary,
)
from engine.expressions.parse import names_read, parse_condition
from engine.expressions.scope import Scope
from engine.expressions.values import parse_value
from engine.source.canonical import digest, document_digest
from engine.source.documents import Document, Sources
from engine.source.finding import BundleError, Finding, Level
from engine.source.span import Span
from engine.source.tree import Map, Text
from engine.terms import EVENTS, Ask, FactSource, Kind, ValueType


@dataclass(frozen=True, slots=True)
class Compiled:
    """What compiling led to: a bundle, unless a finding is an error."""

    bundle: CompiledBundle | None
    findings: tuple[Finding, ...]

    def need(self) -> CompiledBundle:
        """Return the bundle.

        Raises:
            BundleError: Findings kept it from being compiled.
        """
        if self.bundle is None:
            raise BundleError(tuple(f for f in self.findings if _blocks(f)))
        return self.bundle


def compile_bundle(sources: Sources) -> Compiled:
    """Compile *sources*. All findings are gathered; scenarios take no part."""
    notes = Notes()
    by_kind = {kind: sources.of(kind) for kind in Kind}
    if not by_kind[Kind.VOCABULARY] and not sources.broken:
        notes.error(
            _start(sources),
            "no-vocabulary",
            "the bundle has no vocabulary",
            "add `policies/vocabulary.yaml` of kind `vocabulary`",
        )
    flow_documents = by_kind[Kind.FLOW]
    prompts = prompt_ids(by_kind[Kind.PROMPTS])
    locales = tuple(sorted({str(text(d.root, "locale")) for d in by_kind[Kind.PROMPTS]}))
    described = intent_ids(by_kind[Kind.INTENTS])
    ruled = _ruled(by_kind[Kind.VOCABULARY], by_kind[Kind.POLICY], prompts, described, locales)
    notes.extend(ruled.findings)
    vocabulary, scope = ruled.vocabulary, ruled.scope
    intents, wrong = _understood(by_kind[Kind.INTENTS], ruled)
    notes.extend(wrong)
    claims.check_targets(by_kind[Kind.PROMPTS], vocabulary, notes)
    said, complete, wrong = _said(by_kind[Kind.PROMPTS], ruled)
    notes.extend(wrong)
    claims.check_intents(by_kind[Kind.INTENTS], by_kind[Kind.VOCABULARY], complete, notes)
    flow_world = flows.World(
        vocabulary,
        prompts,
        frozenset(ruled.intents),
        frozenset(EVENTS),
        complete,
        scope,
        {str(d.id): d for d in flow_documents},
    )
    call_flows = {str(d.id): flows.link_flow(d, flow_world, notes) for d in flow_documents if not flows.is_subflow(d)}
    flows.check_use(flow_documents, call_flows.values(), notes)
    hidden = _consequences(sources)
    if not by_kind[Kind.INTENTS] and "unknown-intent" not in hidden:
        if any(f.rule == "unknown-intent" for f in notes.all()):
            notes.error(
                _start(sources),
                "no-intents",
                "no file says what callees can mean",
                "add `flows/intents.en-US.yaml` of kind `intents`",
            )
        hidden |= {"unknown-intent"}
    linked_findings = [f for f in notes.all() if f.rule not in hidden]
    findings = tuple(sorted((*sources.findings, *linked_findings), key=lambda f: (f.span, f.rule, f.message)))
    if any(_blocks(f) for f in findings):
        return Compiled(None, findings)
    own = tuple(d for d in sources.documents if d.kind is not Kind.SCENARIO)
    bundle = CompiledBundle(
        digest=digest(own),
        vocabulary=vocabulary,
        parameters=ruled.parameters,
        policies={policy.id: policy for policy in ruled.policies},
        rules=ruled.rules,
        networks=ruled.networks,
        prompts=said,
        intents=intents,
        flows=call_flows,
        documents=tuple(
            DocumentId(d.kind, str(d.id), str(d.version), str(d.title), str(d.path), document_digest(d)) for d in own
        ),
        source_map=_source_map(ruled.policies, ruled.rules, said, call_flows, vocabulary.facts),
        locales=complete,
        floors=recall_floors(by_kind[Kind.INTENTS]),
    )
    return Compiled(bundle, findings)


@dataclass(frozen=True, eq=False, slots=True)
class _Ruled:
    """What vocabulary and policies come to; one object for the same documents and names.

    Args:
        vocabulary: It, with what the engine supplies.
        declared: The facts that documents declare.
        intents: Every intent there is.
        scope: What conditions may name.
        parameters: By name.
        policies: In order.
        rules: By when they are asked.
        networks: The same, lowered.
        findings: What is wrong with them.
    """

    vocabulary: Vocabulary
    declared: Mapping[str, Fact]
    intents: tuple[str, ...]
    scope: Scope
    parameters: dict[str, Parameter]
    policies: tuple[Policy, ...]
    rules: dict[Ask, tuple[Rule, ...]]
    networks: dict[Ask, NetworkSpec]
    findings: tuple[Finding, ...]


@lru_cache(4)
def _ruled(
    vocabularies: tuple[Document, ...],
    policy_documents: tuple[Document, ...],
    prompts: frozenset[str],
    described: tuple[str, ...],
    locales: tuple[str, ...],
) -> _Ruled:
    """Link vocabulary and policies, once for the same documents and names."""
    notes = Notes()
    vocabulary = link_vocabulary(vocabularies, notes)
    declared = vocabulary.facts
    parameters = link_parameters(policy_documents, notes)
    known_intents = tuple(dict.fromkeys((*described, *vocabulary.protected)))
    own_facts = built_ins(
        (*known_intents, *EVENTS),
        tuple(sorted(prompts)),
        tuple(vocabulary.classes),
        tuple(vocabulary.dispositions),
        _reasons(policy_documents, vocabulary),
        locales,
    )
    claims.check_words(vocabularies, own_facts, notes)
    claims.check_counted(vocabularies, notes)
    facts = {**declared, **own_facts}
    counters = _counters(vocabularies, policy_documents, facts, parameters, notes)
    facts |= {name: counter_fact(counter) for name, counter in counters.items()}
    vocabulary = replace(vocabulary, facts=facts, counters=counters)
    scope = bundle_scope(facts.values(), parameters.values())
    claims.check_parameters(policy_documents, parameters, vocabulary, notes)
    world = effects.World(vocabulary, parameters, prompts, scope)
    linked = [policies.link_policy(document, world, notes) for document in policy_documents]
    rules = _by_ask([rule for _, found in linked for rule in found], notes)
    return _Ruled(
        vocabulary,
        declared,
        known_intents,
        scope,
        parameters,
        tuple(policy for policy, _ in linked),
        rules,
        _networks(rules, notes),
        notes.all(),
    )


@lru_cache(4)
def _understood(
    documents: tuple[Document, ...], ruled: _Ruled
) -> tuple[dict[str, tuple[IntentSpec, ...]], tuple[Finding, ...]]:
    """Link intents, once for the same documents and rules."""
    notes = Notes()
    return link_intents(documents, ruled.declared, notes), notes.all()


@lru_cache(4)
def _said(
    documents: tuple[Document, ...], ruled: _Ruled
) -> tuple[dict[str, Prompt], tuple[str, ...], tuple[Finding, ...]]:
    """Link prompts, once for the same documents and rules."""
    notes = Notes()
    return *link_prompts(documents, ruled.vocabulary, ruled.scope, notes), notes.all()


def _blocks(finding: Finding) -> bool:
    """Return whether *finding* keeps the bundle from being compiled: an error anywhere but in a scenario."""
    return finding.level is Level.ERROR and finding.span.path.parts[:1] != ("scenarios",)


_DEFINES: Mapping[Kind, frozenset[str]] = {
    Kind.INTENTS: frozenset({"unknown-intent", "unknown-name", "protected-not-described"}),
    Kind.PROMPTS: frozenset({"unknown-prompt", "unknown-class-or-prompt", "unknown-name", "not-translated"}),
    Kind.POLICY: frozenset({"unknown-name", "unknown-parameter"}),
    Kind.FLOW: frozenset({"unknown-flow", "unused-flow"}),
    Kind.VOCABULARY: frozenset(
        {
            "unknown-name",
            "unknown-fact",
            "unknown-place",
            "unknown-class",
            "unknown-class-or-prompt",
            "unknown-action",
            "unknown-argument",
            "unknown-disposition",
            "unknown-intent",
            "unknown-slot",
            "unknown-counter",
            "no-places-fact",
            "no-vocabulary",
            "unreadable-condition",
            "wrong-type",
        }
    ),
}


def _consequences(sources: Sources) -> frozenset[str]:
    """Return the rules whose findings only follow from a file that could not be taken in: its names are missing."""
    taken = {document.path for document in sources.documents}
    hidden = set() if sources.of(Kind.VOCABULARY) else set(_DEFINES[Kind.VOCABULARY]) - {"no-vocabulary"}
    unread = {finding.span.path: "" for finding in sources.findings if finding.span.path not in sources.texts}
    for path, written in {**unread, **sources.texts}.items():
        if path in taken or path.parts[:1] == ("scenarios",):
            continue
        kinds = [kind for kind in _DEFINES if f"kind: {kind}" in written] or list(_DEFINES)
        hidden |= {rule for kind in kinds for rule in _DEFINES[kind]}
    return frozenset(hidden)


def _start(sources: Sources) -> Span:
    return Span(next(iter(sorted(sources.texts)), PurePosixPath("policies/vocabulary.yaml")), 1, 1)


def _reasons(documents: tuple[Document, ...], vocabulary: Vocabulary) -> tuple[str, ...]:
    written: dict[str, None] = dict.fromkeys((*SUPPRESSION_FLAGS, *vocabulary.protected))
    for document in documents:
        for _, body in items(document.root.get(Text("rules"))):
            if isinstance(body, Map) and Text("suppress") in body:
                written |= dict.fromkeys(str(text(s, "reason")) for s in steps_of(body[Text("suppress")]))
    return tuple(name for name in written if name)


def _counters(
    documents: tuple[Document, ...],
    policy_documents: tuple[Document, ...],
    facts: Mapping[str, Fact],
    parameters: Mapping[str, Parameter],
    notes: Notes,
) -> dict[str, Counter]:
    scope: Scope = bundle_scope(facts.values(), ())
    bare: dict[str, list[str]] = {}
    for qualified in parameters:
        bare.setdefault(qualified.rpartition(".")[2], []).append(qualified)
    found: dict[str, Counter] = {}
    for name, (key, body) in counters_of(documents).items():
        counter = empty_counter(key, body)
        if Text("where") in body:
            where, wrong = parse_condition(body[Text("where")], scope)
            notes.extend(wrong)
            for fact in names_read(where) if where is not None else ():
                if fact in facts and facts[fact].origin not in _OF_CONTACTS:
                    notes.error(
                        body[Text("where")].span,
                        "not-of-contacts",
                        f"`{fact}` is nothing that is known of an earlier contact",
                        "use a fact declared `from: host` or `from: ledger`",
                    )
            counter = replace(counter, where=where if where is not None else counter.where)
        window = text(body, "in")
        if window:
            length = _window(window, parameters, bare, notes)
            written = lengths_written(policy_documents, length) if isinstance(length, str) else (str(window),)
            counter = replace(counter, window=length, rolls=any(_HOURS.search(one) for one in written))
        elif not counter.since:
            notes.error(
                key.span,
                "missing-setting",
                f"the counter `{name}` has no `in` and no `since`",
                "say over which time it counts, as `in: 7 days`",
            )
        if counter.since:
            _check_since(text(body, "since"), facts, notes)
        found[name] = counter
    return found


_HOURS = re.compile(r" (second|minute|hour)s?$")
_OF_CONTACTS = (FactSource.HOST, FactSource.LEDGER)


def _check_since(written: Text, facts: Mapping[str, Fact], notes: Notes) -> None:
    fact = facts.get(written)
    if fact is None:
        notes.unknown(written, "fact", facts)
    elif fact.type is not ValueType.DATETIME or fact.origin not in _OF_CONTACTS:
        notes.error(
            written.span,
            "wrong-type",
            f"`{written}` is no moment that the host or the ledger gives",
            "use a fact of type `datetime` declared `from: ledger`",
        )


def _window(
    written: Text, parameters: Mapping[str, Parameter], bare: Mapping[str, list[str]], notes: Notes
) -> str | int | None:
    candidates = [written] if written in parameters else bare.get(written, [])
    if len(candidates) == 1:
        parameter = parameters[candidates[0]]
        if parameter.type is not ValueType.DURATION:
            notes.error(
                written.span, "wrong-type", f"`{written}` is not a duration", "use a parameter of type `duration`"
            )
        return parameter.name
    if len(candidates) > 1:
        notes.error(
            written.span,
            "ambiguous-name",
            f"`{written}` is a parameter of several policies",
            "write it with its policy, as `" + candidates[0] + "`",
        )
        return None
    try:
        value = parse_value(written, ValueType.DURATION)
    except ValueError:
        notes.unknown(written, "parameter", (*parameters, *bare))
        return None
    if value == 0:
        notes.error(written.span, "wrong-type", "nothing is counted in no time", "write a length of time, as `7 days`")
    return value if isinstance(value, int) else None


def _by_ask(rules: list[Rule], notes: Notes) -> dict[Ask, tuple[Rule, ...]]:
    seen: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in seen:
            notes.error(
                rule.span, "declared-twice", f"the rule `{rule.id}` is written twice", "give each rule its own name"
            )
        seen[rule.id] = rule
    ordered = [seen[key] for key in sorted(seen)]
    return {ask: tuple(rule for rule in ordered if rule.ask is ask) for ask in Ask}


def _networks(rules: Mapping[Ask, tuple[Rule, ...]], notes: Notes) -> dict[Ask, NetworkSpec]:
    found: dict[Ask, NetworkSpec] = {}
    for ask, asked in rules.items():
        try:
            found[ask] = lower(ask, asked)
        except TooComplex as wrong:
            rule = next(r for r in asked if r.id == wrong.rule_id)
            notes.error(
                rule.span,
                "condition-too-complex",
                f"the condition of `{rule.id}` has too many alternatives, or reads too much",
                "split the rule in two",
            )
    return found


def _source_map(
    linked: Iterable[Policy],
    rules: Mapping[Ask, tuple[Rule, ...]],
    prompts: Mapping[str, Prompt],
    call_flows: Mapping[str, Flow],
    facts: Mapping[str, Fact],
) -> dict[str, Span]:
    found: dict[str, Span] = {f"policy/{p.id}": p.span for p in linked}
    found |= {f"rule/{r.id}": r.span for asked in rules.values() for r in asked}
    found |= {f"fact/{f.name}": f.span for f in facts.values()}
    for name, prompt in prompts.items():
        found |= {f"prompt/{name}/{locale}": span for locale, span in prompt.spans.items()}
    for flow in call_flows.values():
        found |= {f"state/{flow.id}/{s.name}": s.span for s in flow.states.values()}
        for state in flow.states.values():
            for steps in (*state.hears.values(), state.then):
                found |= {f"step/{step.id}": step.span for step in steps}
    return found
