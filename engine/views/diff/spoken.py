"""Prompts and intents of two versions: other words, other classes, and what is recognised no longer."""

import difflib
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from engine.bundle import CompiledBundle, IntentSpec, MustSay, OnlySay, Prompt
from engine.nlu.reading import Listening
from engine.runtime.prepared import prepare
from engine.terms import Ask
from engine.views.diff.answers import Answers
from engine.views.diff.change import Change, Direction, Level, Witness
from engine.views.diff.plain import keys, plain

_MARK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def word_changes(before: str, after: str) -> str:
    """Return both texts as one: ``This call [-may-]{+might+} be recorded.``"""
    old, new = before.split(), after.split()
    found: list[str] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += old[a:b]
        else:
            gone = f"[-{' '.join(old[a:b])}-]" if b > a else ""
            come = f"{{+{' '.join(new[c:d])}+}}" if d > c else ""
            found.append(gone + come)
    return " ".join(found)


def prompt_changes(old: Answers, new: Answers, as_of: date) -> Iterator[Change]:
    """Yield a change for each prompt that is new, gone, worded otherwise, or gives away other classes."""
    legal = {**_legal(old.bundle), **_legal(new.bundle)}
    for name, was, now in keys(old.bundle.prompts, new.bundle.prompts):
        if was is None or now is None:
            held = now or was
            span = next(iter(held.spans.values()))
            what = "new prompt" if was is None else "prompt taken away"
            gone = was is not None and name in legal
            yield Change(
                Level.SAFETY if gone else Level.WORDING, "prompt", name, what, counsel=name in legal,
                direction=Direction.WEAKER if gone else Direction.NONE, source=legal.get(name, ""), span=span,
            )
            continue
        yield from _one(name, was, now, legal.get(name, ""), old, new, as_of)


def _one(
    name: str, was: Prompt, now: Prompt, law: str, old: Answers, new: Answers, as_of: date
) -> Iterator[Change]:
    span = next(iter(now.spans.values()))
    if was.discloses != now.discloses:
        lost, gained = was.discloses - now.discloses, now.discloses - was.discloses
        parts = [f"no longer counts as giving away {', '.join(sorted(lost))}"] if lost else []
        parts += [f"counts as giving away {', '.join(sorted(gained))}"] if gained else []
        less = _asked(name, was, now, old, new, as_of) if lost else None
        more = _asked(name, was, now, old, new, as_of) if gained and not lost else None
        direction = Direction.BOTH if lost and gained else Direction.WEAKER if lost else Direction.STRONGER
        yield Change(
            Level.SAFETY, "prompt", name, "; ".join(parts), direction, counsel=bool(lost), witness=less, gained=more,
            span=span,
        )
    for locale, before, after in keys(was.texts, now.texts):
        if before is None or after is None:
            what = f"{'now' if before is None else 'no longer'} written in {locale}"
            yield Change(Level.MEANING, "prompt", name, what, counsel=bool(law), source=law, span=span)
        elif " ".join(before.source.split()) != " ".join(after.source.split()):
            yield Change(
                Level.SAFETY if law else Level.WORDING, "prompt", name,
                f"says in {locale}: {word_changes(before.source, after.source)}", before=before.source,
                after=after.source, counsel=bool(law), source=law, span=span,
            )


def _legal(bundle: CompiledBundle) -> dict[str, str]:
    """Return the prompts whose words the law or a rule gives, with the source."""
    found = {name: "words that rules name" for name, prompt in bundle.prompts.items() if prompt.owned_by_policy}
    for rules in bundle.rules.values():
        for rule in rules:
            for effect in rule.effects:
                if isinstance(effect, MustSay):
                    found[effect.prompt] = rule.source
                elif isinstance(effect, OnlySay):
                    found |= dict.fromkeys(effect.prompts, rule.source)
    return found


def _asked(name: str, was: Prompt, now: Prompt, old: Answers, new: Answers, as_of: date) -> Witness | None:
    """Return the answers of both versions to saying this prompt before anything is known of the callee."""
    before = old.told(Ask.BEFORE_SPEAKING, _about(name, was.discloses), as_of)
    after = new.told(Ask.BEFORE_SPEAKING, _about(name, now.discloses), as_of)
    if before == after:
        return None
    lines = (f"asked before speaking on {as_of.isoformat()}", f"prompt: {name}", "nothing is known of the callee yet")
    return Witness("facts", lines, before, after, {"utterance.prompt": name})


def _about(name: str, discloses: frozenset[str]) -> dict[str, str | frozenset[str]]:
    return {"utterance.prompt": name, "utterance.discloses": discloses}


def intent_changes(old: CompiledBundle, new: CompiledBundle) -> Iterator[Change]:
    """Yield a change for each intent that is new, gone, or is taught other words."""
    for locale, before, after in keys(old.intents, new.intents):
        was = {spec.id: spec for spec in before or ()}
        now = {spec.id: spec for spec in after or ()}
        for name, one, other in keys(was, now):
            if plain(one) != plain(other):
                yield _intent(locale, name, one, other, old, new)


def _intent(
    locale: str, name: str, was: IntentSpec | None, now: IntentSpec | None, old: CompiledBundle, new: CompiledBundle
) -> Change:
    protected = name in old.vocabulary.protected
    lost = [w for w in _words(was) if w not in _words(now)]
    gained = [w for w in _words(now) if w not in _words(was)]
    patterns = set(was.patterns if was else ()) - set(now.patterns if now else ())
    kept = set(now.counter_examples if now else ()) - set(was.counter_examples if was else ())
    weaker = protected and bool(lost or patterns or kept or now is None)
    witness = _unheard(locale, name, was, old, new) if weaker else None
    what = "new intent" if was is None else "intent taken away" if now is None else "is taught other words"
    if lost or patterns:
        what += f"; without {', '.join(f'`{w}`' for w in (*lost, *sorted(patterns))[:3])}"
    if gained:
        what += f"; with {', '.join(f'`{w}`' for w in gained[:3])}"
    held = now or was
    assert held is not None
    return Change(
        Level.SAFETY if weaker else Level.MEANING, "intent", f"{name} ({locale})", what,
        Direction.WEAKER if weaker else Direction.NONE, counsel=weaker and now is None, witness=witness, span=held.span,
    )


def _words(spec: IntentSpec | None) -> tuple[str, ...]:
    return tuple(_MARK.sub(r"\1", example) for example in (spec.examples if spec else ()))


def _unheard(
    locale: str, name: str, was: IntentSpec | None, old: CompiledBundle, new: CompiledBundle
) -> Witness | None:
    """Return words that were taken for the intent and are not now, after both recognisers heard them."""
    hears = Listening(datetime(2026, 1, 5, 15, tzinfo=UTC), frozenset({name}))
    one, other = prepare(old).recogniser, prepare(new).recogniser
    for words in _words(was):
        heard = one.understand(words, locale, hears).accepted
        heard_now = other.understand(words, locale, hears).accepted if locale in new.intents else ()
        if name in heard and name not in heard_now:
            return Witness(
                "words", (f"the callee says “{words}”",), f"taken for {', '.join(heard)}",
                f"taken for {', '.join(heard_now) or 'nothing'}",
            )
    return None
