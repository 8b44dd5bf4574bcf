"""Rules that the reader and the compiler find by themselves, before any check: their names, codes and pages."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Earlier:
    """A rule of reading and linking: its short form, and what it says."""

    code: str
    page: str
    waivable: bool = False


EARLIER: Mapping[str, Earlier] = {
    "unreadable-file": Earlier(
        "YML001", "The file cannot be opened or is not UTF-8 text. Unknown is not clean: status 3."
    ),
    "duplicate-key": Earlier("YML002", "One key stands twice; the last would win without a word. Delete one."),
    "anchors-not-allowed": Earlier("YML005", "Anchors, aliases and merge keys hide text. Write it out."),
    "tags-not-allowed": Earlier("YML005T", "Tags such as `!!str` are not part of the language. Write the value alone."),
    "too-deep-or-large": Earlier("YML006", "A file is at most 1 MB, 40 levels deep and 200,000 values."),
    "hidden-characters": Earlier(
        "YML007", "A character that cannot be seen makes reviewers read other text. Delete it."
    ),
    "text-cut-at-hash": Earlier("YML008", "Text after ` #` is silently lost. Put the sentence in quotes."),
    "unclosed-quote": Earlier(
        "YML009", "A quotation mark is opened and not closed; the place shown is where it opens."
    ),
    "comma-splits-text": Earlier("YML010", "A comma in brackets begins another item. Write a list with dashes."),
    "backslash-in-quotes": Earlier("YML011", "A backslash in double quotes is swallowed. Use single quotes."),
    "unquoted-braces": Earlier("YML012", "A sentence that begins with braces must stand in quotes or after `>-`."),
    "unknown-setting": Earlier(
        "SCH010", "The setting does not exist here, so a typing mistake would mean the default."
    ),
    "missing-setting": Earlier("SCH011", "Something that must be said is not said."),
    "missing-key": Earlier("SCH011K", "A required setting is missing."),
    "wrong-kind": Earlier("SCH012", "One sort of value stands where another is needed, as a text for a list."),
    "wrong-shape": Earlier("SCH012S", "One sort of value stands where another is needed, as a text for a list."),
    "wrong-type": Earlier("SCH012T", "The value is not of the type that its place expects."),
    "out-of-range": Earlier("SCH013", "The number lies outside what is allowed here."),
    "unknown-state": Earlier("FLW101", "A step goes to a state that does not exist; the call would stop there."),
    "circle-without-hearing": Earlier("FLW105", "A circle of states that hear nothing would talk for ever."),
    "no-silence-handling": Earlier("FLW110", "Nothing is said when the callee is silent."),
    "no-unclear-handling": Earlier("FLW110U", "Nothing is said when the callee is not understood."),
    "shadowed-step": Earlier("FLW114S", "The step before this one is always taken."),
    "steps-leave-a-gap": Earlier("FLW115", "The last step has a condition, so there may be nothing to do."),
    "unknown-not-handled": Earlier("FLW118", "A condition may meet a fact that is unknown; handle `is unknown` first."),
    "outcome-not-handled": Earlier("FLW119", "A subflow can leave by an outcome that its user does not handle."),
    "unknown-name": Earlier("SLT201", "A condition or sentence names what nobody declared."),
    "secret-in-prompt": Earlier("PRV503", "A sentence names a fact that is never spoken."),
    "not-translated": Earlier("PRM404", "A prompt is missing in one of the languages."),
    "protected-not-described": Earlier("INT308D", "A right of the callee has no words in one of the languages."),
    "unknown-intent": Earlier("INT302I", "A state answers an intent that does not exist."),
    "unknown-fact": Earlier("POL606", "A rule names a fact that does not exist; it would never match."),
    "unknown-action": Earlier("POL606A", "A rule or step names an action that does not exist."),
    "authority-missing": Earlier("POL607A", "A rule names no source, and nobody can defend it in an audit."),
    "blocked-must-end": Earlier("POL603E", "What is done when a rule holds a turn back must end the call."),
    "unknown-disposition": Earlier("OUT412D", "A call ends with a disposition that does not exist."),
    "condition-too-complex": Earlier(
        "POL616", "A condition has more alternatives than the rules engine takes. Split it."
    ),
}
