"""Compare what happened with what was expected; each failure stands at its YAML line."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from engine.bundle import Vocabulary
from engine.expressions.values import format_value
from engine.rehearsal.expectations import ActionExpectation, CallExpectation, DialExpectation, ReplyExpectation
from engine.rehearsal.reading import Names
from engine.rehearsal.scenario import Dial, Line
from engine.runtime.decision import Decision
from engine.runtime.session import Action, CallSession, Turn
from engine.source.finding import Finding
from engine.source.span import Span
from engine.terms import Outcome

RULE = "failed-expectation"
DENIALS = ("deny", "only_between")
"""The effects by which a rule denies a dial."""


def reply_failures(expects: ReplyExpectation, turn: Turn) -> tuple[Finding, ...]:
    """Return each expectation of a reply that *turn* does not meet."""
    said = [u.prompt for u in turn.utterances]
    heard = list(turn.understanding.accepted) if turn.understanding else []
    found: list[Finding] = []
    if expects.heard is not None and sorted(expects.heard.items) != sorted(heard):
        readings = turn.understanding.readings[:3] if turn.understanding else ()
        scores = ", ".join(f"`{r.intent}` {r.score:.2f}" for r in readings) or "no intent at all"
        found.append(_differs(expects.heard, "heard", heard, f"the best readings were {scores}"))
    if expects.says is not None and list(expects.says.items) != said:
        found.append(_differs(expects.says, "said", said, _why_not(turn)))
    if expects.says_any is not None and not set(expects.says_any.items) & set(said):
        message = f"expected one of {_list(expects.says_any.items)} to be said, but the agent said {_list(said)}"
        found.append(Finding(expects.says_any.span, RULE, message, _why_not(turn)))
    if expects.state is not None and expects.state != turn.session.state:
        message = f"expected the state `{expects.state}`, but the call is in `{turn.session.state}`"
        found.append(Finding(expects.state.span, RULE, message, _why_not(turn)))
    return tuple(found)


def over(line: Line, session: CallSession) -> Finding:
    """Return that *line* was never reached, since the call had ended."""
    message = f"the call had already ended with `{session.disposition}`, so this was never heard"
    return Finding(line.span, RULE, message, "delete the line, or mend what ends the call before it")


def dial_failures(dial: Dial, decision: Decision) -> tuple[Finding, ...]:
    """Return each expectation of a dial that *decision* does not meet."""
    return tuple(_dial(dial.expects, decision))


def _dial(expects: DialExpectation, decision: Decision) -> Iterator[Finding]:
    denied_by = sorted({f.rule for f in decision.fired if f.enforced and f.effect in DENIALS})
    reasons = f"denied by {_list(denied_by)}" if denied_by else "no rule denies it"
    if expects.allowed is not None and expects.allowed[1] != (decision.outcome is Outcome.ALLOW):
        wanted = "to be allowed" if expects.allowed[1] else "not to be allowed"
        message = f"expected the call {wanted}, but the decision is `{decision.outcome}`"
        yield Finding(expects.allowed[0], RULE, message, reasons)
    if expects.denied_by is not None:
        wanted_rules = sorted(str(name) for name in expects.denied_by.items)
        if wanted_rules != denied_by:
            yield _differs(expects.denied_by, "denied by", denied_by, "")
        elif wanted_rules and decision.outcome is not Outcome.DENY:
            message = f"expected a denial, but the decision is `{decision.outcome}`"
            yield Finding(expects.denied_by.span, RULE, message, reasons)
    if expects.next_allowed is not None and expects.next_allowed[1] != decision.next_allowed:
        wanted = _when(expects.next_allowed[1])
        message = f"expected the next allowed time to be {wanted}, but it is {_when(decision.next_allowed)}"
        change = f"these must change first: {_list(decision.must_change)}" if decision.must_change else ""
        yield Finding(expects.next_allowed[0], RULE, message, change)
    if expects.route_human is not None and expects.route_human[1] != (decision.outcome is Outcome.ROUTE_HUMAN):
        wanted = "to go to a person" if expects.route_human[1] else "not to go to a person"
        message = f"expected the call {wanted}, but the decision is `{decision.outcome}`"
        yield Finding(expects.route_human[0], RULE, message, reasons)
    routed = sorted({f.rule for f in decision.fired if f.enforced and f.effect == "route"})
    if expects.routed_by is not None and sorted(str(name) for name in expects.routed_by.items) != routed:
        yield _differs(expects.routed_by, "left to a person by", routed, "")
    would = sorted({f.rule for f in decision.fired if not f.enforced and f.effect in (*DENIALS, "route")})
    if expects.would_deny is not None and sorted(str(name) for name in expects.would_deny.items) != would:
        yield _differs(expects.would_deny, "would be denied by", would, "")
    warned = sorted({f.rule for f in decision.fired if f.effect == "warn"})
    if expects.warns is not None and sorted(str(name) for name in expects.warns.items) != warned:
        yield _differs(expects.warns, "warned by", warned, "")


def call_failures(
    expects: CallExpectation, session: CallSession, turns: Sequence[Turn], words: Vocabulary
) -> tuple[Finding, ...]:
    """Return each expectation of the whole call that did not hold. *words* say how values are shown."""
    return tuple(_call(expects, session, turns, words))


def _call(
    expects: CallExpectation, session: CallSession, turns: Sequence[Turn], words: Vocabulary
) -> Iterator[Finding]:
    said = [u.prompt for turn in turns for u in turn.utterances]
    prevented = sorted({rule for turn in turns for rule in turn.prevented})
    if expects.ends is not None and expects.ends != session.disposition:
        actual = f"it ended with `{session.disposition}`" if session.ended else f"it is still in `{session.state}`"
        yield Finding(expects.ends.span, RULE, f"expected the call to end with `{expects.ends}`, but {actual}")
    yield from _missing(expects.disclosed, session.disclosed, "to be disclosed, but it was not")
    yield from _present(expects.never_disclosed, session.disclosed, "never to be disclosed, but it was", turns)
    yield from _missing(expects.says, said, "to be said, but it was not")
    yield from _present(expects.never_says, said, "never to be said, but it was", turns)
    if expects.actions is not None:
        yield from _actions(*expects.actions, [action for turn in turns for action in turn.actions], words)
    if expects.suppressions is not None:
        yield from _suppressions(*expects.suppressions, turns)
    if expects.prevented is not None and sorted(str(name) for name in expects.prevented.items) != prevented:
        yield _differs(expects.prevented, "held back by", prevented, "")
    for name, value in expects.derived:
        fact = words.facts[str(name)]
        actual_value = session.facts.get(fact.name, fact.initially)
        if actual_value != value:
            wanted, was = format_value(value, fact.type), format_value(actual_value, fact.type)
            yield Finding(name.span, RULE, f"expected `{name}` to be `{wanted}`, but it is `{was}`")
    if expects.max_turns is not None and len(turns) > expects.max_turns[1]:
        message = f"expected no more turns than {expects.max_turns[1]}, but the call took {len(turns)}"
        yield Finding(expects.max_turns[0], RULE, message)


def _missing(expected: Names | None, actual: Iterable[str], wish: str) -> Iterator[Finding]:
    for name in expected.items if expected else ():
        if str(name) not in actual:
            yield Finding(name.span, RULE, f"expected `{name}` {wish}")


def _present(expected: Names | None, actual: Iterable[str], wish: str, turns: Sequence[Turn]) -> Iterator[Finding]:
    for name in expected.items if expected else ():
        if str(name) in actual:
            by = next((u.prompt for t in turns for u in t.utterances if name in (u.prompt, *u.discloses)), "")
            yield Finding(name.span, RULE, f"expected `{name}` {wish}", f"the prompt `{by}` did it" if by else "")


def _actions(
    span: Span, expected: Sequence[ActionExpectation], actual: Sequence[Action], words: Vocabulary
) -> Iterator[Finding]:
    if [str(e.name) for e in expected] != [a.name for a in actual]:
        wanted, came = _list(str(e.name) for e in expected), _list(a.name for a in actual)
        yield Finding(span, RULE, f"expected the actions {wanted}, but there came {came}")
        return
    for one, action in zip(expected, actual, strict=True):
        for name, value in one.arguments.items():
            if action.arguments.get(name) != value:
                kind = words.actions[action.name].arguments[name]
                wanted, was = format_value(value, kind), format_value(action.arguments.get(name), kind)
                message = f"expected `{name}` of `{one.name}` to be `{wanted}`, but it is `{was}`"
                yield Finding(one.name.span, RULE, message)
        due = action.due.date() if action.due else None
        if one.due is not None and one.due != due:
            was = f"it is due on `{due}`" if due else "no day is set for it"
            yield Finding(one.name.span, RULE, f"expected `{one.name}` to be due on `{one.due}`, but {was}")


def _suppressions(span: Span, expected: Sequence[tuple[str, str]], turns: Sequence[Turn]) -> Iterator[Finding]:
    actual = sorted({(s.scope, s.reason) for turn in turns for s in turn.suppressions})
    left = list(actual)
    for scope, reason in expected:
        match = next((pair for pair in left if pair[1] == reason and scope in ("", pair[0])), None)
        if match is not None:
            left.remove(match)
        elif not any(pair[1] == reason and scope in ("", pair[0]) for pair in actual):
            yield Finding(span, RULE, f"expected `{reason}` to be suppressed, but there came {_pairs(actual)}")
    for pair in left:
        if not any(pair[1] == reason and scope in ("", pair[0]) for scope, reason in expected):
            yield Finding(span, RULE, f"`{pair[1]}` was suppressed for the {pair[0]}, which was not expected")


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return _list(f"{scope}: {reason}" for scope, reason in pairs)


def _differs(expected: Names, verb: str, actual: Sequence[str], help: str) -> Finding:
    message = f"expected {_list(expected.items)} to be {verb}, but it was {_list(actual)}"
    if verb.endswith("by"):
        message = f"expected it to be {verb} {_list(expected.items)}, but it was {_list(actual)}"
    return Finding(expected.span, RULE, message, help)


def _why_not(turn: Turn) -> str:
    if turn.prevented:
        return f"what was planned was held back by {_list(turn.prevented)}"
    heard = turn.understanding.accepted if turn.understanding else ()
    return f"what was heard is {_list(heard)}, in `{turn.states[0] if turn.states else turn.session.state}`"


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing"


def _when(at: datetime | None) -> str:
    return f"`{at.isoformat()}`" if at else "never"
