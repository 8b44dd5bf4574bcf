"""The register of policies: regulation, rule, scenarios that show it, and what counsel must confirm.

Markdown, made from the compiled bundle and from how its scenarios went, so that it cannot say
anything else than they do.
"""

from collections.abc import Iterable, Iterator, Mapping

from engine.bundle import CompiledBundle, Dated, Policy, Rule, Warn
from engine.expressions.tree import constants
from engine.rehearsal.replay import Replay
from engine.terms import Ask, Status

MOST_SHOWN = 3
_ASKED = {
    Ask.BEFORE_DIALING: "before a dial",
    Ask.ON_HEARING: "on hearing",
    Ask.BEFORE_SPEAKING: "before speaking",
    Ask.AFTER_CALL: "after a call",
}
_BINDS = {
    Status.IN_FORCE: "",
    Status.HOUSE_RULE: "",
    Status.PROPOSED: "proposed: recorded, not enforced",
    Status.STAYED: "stayed: recorded, not enforced",
}


def shown_by(replays: Iterable[Replay]) -> dict[str, tuple[str, ...]]:
    """Return the paths of the scenarios, passing ones only, in which each rule fired."""
    found: dict[str, dict[str, None]] = {}
    for replay in replays:
        if not replay.passed:
            continue
        decisions = [d for exchange in replay.exchanges for d in exchange.turn.decisions]
        decisions += [decision for _, decision in replay.decisions]
        for fired in (fired for decision in decisions for fired in decision.fired):
            found.setdefault(fired.rule, {})[replay.scenario.path] = None
    return {rule: tuple(sorted(paths)) for rule, paths in found.items()}


def register(bundle: CompiledBundle, shown: Mapping[str, tuple[str, ...]]) -> str:
    """Return the register as Markdown.

    Args:
        bundle: The compiled bundle.
        shown: For each rule the scenarios that show it, as :func:`shown_by` gives them.
    """
    lines = [
        "# Register of policies",
        "",
        "Made by `callwright register` from the policies and the scenarios; edit those, then make it again.",
        "It is engineering documentation and no legal advice: every statement needs counsel's confirmation before",
        "it is relied on, first of all those listed under [what counsel must confirm](#what-counsel-must-confirm).",
        "",
    ]
    for policy in sorted(bundle.policies.values(), key=lambda p: p.id):
        lines += _policy(policy, bundle, shown)
    lines += ["## What counsel must confirm", "", *_confirmations(bundle), ""]
    lines += ["## Not researched", "", *_not_researched(bundle), ""]
    return "\n".join(lines)


def _policy(policy: Policy, bundle: CompiledBundle, shown: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    rules = [rule for asked in bundle.rules.values() for rule in asked if rule.policy == policy.id]
    if not rules:
        return
    yield f"## {policy.title}"
    yield ""
    head = [f"`{policy.id}` {policy.version}", f"place: {policy.place or 'everywhere'}"]
    if policy.regulation:
        head.append(f"regulation: {policy.regulation}")
    yield "; ".join(head) + "."
    yield ""
    yield "| rule | asked | says | source | shown by |"
    yield "|---|---|---|---|---|"
    for family in _families(rules):
        yield _row(family, shown)
    yield ""


def _families(rules: Iterable[Rule]) -> Iterator[tuple[Rule, ...]]:
    """Yield the rules by name, the rows of one table together."""
    families: dict[str, list[Rule]] = {}
    for rule in sorted(rules, key=lambda r: r.id):
        families.setdefault(rule.id.partition("[")[0], []).append(rule)
    for found in families.values():
        yield tuple(found)


def _row(family: tuple[Rule, ...], shown: Mapping[str, tuple[str, ...]]) -> str:
    rule = family[0]
    name = f"`{rule.id.partition('[')[0]}`"
    if rule.row:
        name += f" ({len(family)} rows: {', '.join(r.row for r in family)})"
    notes = [_BINDS[rule.status], rule.severity.value]
    if rule.starts:
        notes.append(f"from {rule.starts}")
    if rule.ends:
        notes.append(f"until {rule.ends}")
    says = f"{rule.reason.source} ({', '.join(note for note in notes if note)})"
    sources = " · ".join(dict.fromkeys(r.source for r in family))
    scenarios = list(dict.fromkeys(path for r in family for path in shown.get(r.id, ())))
    links = [f"[{path.rpartition('/')[2].removesuffix('.yaml')}](../{path})" for path in scenarios[:MOST_SHOWN]]
    if len(scenarios) > MOST_SHOWN:
        links.append(f"and {len(scenarios) - MOST_SHOWN} more")
    cells = (name, _ASKED[rule.ask], says, sources, ", ".join(links) or "no call of the scenarios makes it act")
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _confirmations(bundle: CompiledBundle) -> Iterator[str]:
    for policy in sorted(bundle.policies.values(), key=lambda p: p.id):
        if policy.confirm:
            yield f"- `{policy.id}`: {policy.confirm}"
        rules = [rule for asked in bundle.rules.values() for rule in asked if rule.policy == policy.id]
        for family in _families(rules):
            name = family[0].id.partition("[")[0]
            unsure = dict.fromkeys(r.source for r in family if "unconfirmed" in r.source or "secondary" in r.source)
            if family[0].confirm:
                yield f"- `{name}`: {family[0].confirm}"
            for source in unsure:
                yield f"- `{name}`: the source {source}."
        for parameter in bundle.parameters.values():
            if parameter.name.startswith(f"{policy.id}."):
                yield from _unsure_values(parameter.name, parameter.values)


def _unsure_values(name: str, values: tuple[Dated, ...]) -> Iterator[str]:
    for dated in values:
        if dated.confirm:
            yield f"- `{name}` from {dated.starts}: {dated.confirm}"
        if "unconfirmed" in dated.source or "secondary" in dated.source:
            yield f"- `{name}` from {dated.starts}: the source {dated.source}."


def unresearched(bundle: CompiledBundle) -> tuple[str, ...]:
    """Return the places of which a rule only warns before a dial."""
    found: set[str] = set()
    for rule in bundle.rules[Ask.BEFORE_DIALING]:
        if rule.row and all(isinstance(effect, Warn) for effect in rule.effects):
            found |= {str(constant.value) for constant in constants(rule.written)} & set(bundle.vocabulary.places)
    return tuple(sorted(found))


def _not_researched(bundle: CompiledBundle) -> Iterator[str]:
    places = unresearched(bundle)
    if not places:
        yield "No rule warns of a place whose law was not researched."
        return
    yield f"Only federal and house rules apply in {len(places)} places; the decision to dial warns of it there:"
    yield ""
    yield ", ".join(places) + "."
