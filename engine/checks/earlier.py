"""Rules that are found before any check, while files are read, linked and typed: their names, codes and pages.

A page says in its first sentence what is wrong, then why it matters and how to mend it. The tests seed each of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.source.finding import Level


@dataclass(frozen=True, slots=True)
class Earlier:
    """A rule of reading, linking or typing: its short form, what it says, and how grave it is. None can be waived."""

    code: str
    page: str
    level: Level = Level.ERROR


EARLIER: Mapping[str, Earlier] = {
    # files
    "unreadable-file": Earlier(
        "YML001",
        "The file cannot be opened, or is not UTF-8 text. What was not read is not known to be right, so the status is "
        "3. Save the file as UTF-8, and let it be read.",
    ),
    "duplicate-key": Earlier(
        "YML002", "One setting stands twice in one group. The last would win without a word. Delete one of them."
    ),
    "anchors-not-allowed": Earlier(
        "YML005",
        "Anchors, aliases and merge keys let a text stand where it is not seen. Reviewers would read another file than "
        "the program does. Write the text out where it belongs.",
    ),
    "tags-not-allowed": Earlier(
        "YML014", "Tags such as `!!str`, and lines that begin with `%`, are not part of the language. Write the value."
    ),
    "too-deep-or-large": Earlier(
        "YML006",
        "A file is at most 1 MB, 40 levels deep and 200,000 values. Past that it is not read, so the status is 3. "
        "Split it.",
    ),
    "hidden-characters": Earlier(
        "YML007",
        "A character that cannot be seen, or looks like another, makes reviewers read other words than are said. "
        "Delete it, or type the plain one.",
    ),
    "tab-character": Earlier(
        "YML013", "A tab stands in the file. How wide it is differs from tool to tool. Use spaces."
    ),
    "text-cut-at-hash": Earlier(
        "YML008", "Text after a space and `#` is a comment, so the sentence ends before it. Put the sentence in quotes."
    ),
    "unclosed-quote": Earlier(
        "YML009", "A quotation mark is opened and not closed. The place shown is where it opens. Close it."
    ),
    "unclosed-bracket": Earlier(
        "YML015", "A bracket or brace is not closed where it should be. The place shown is where it opens. Close it."
    ),
    "comma-splits-text": Earlier(
        "YML010",
        "A comma inside brackets or braces begins another item, so one sentence became two. Put the sentence in "
        "quotes, or write a list with dashes.",
    ),
    "backslash-in-quotes": Earlier(
        "YML011",
        "A backslash between double quotes is swallowed, so a pattern means something else. Use single quotes.",
    ),
    "quote-inside-quotes": Earlier(
        "YML016", "A quotation mark inside a text closes it, and the text goes on. Double it, or write it after `>-`."
    ),
    "quoted-word-first": Earlier(
        "YML017",
        "A text begins with a quotation mark that closes before its end. Only a part of it is in quotes. Put quotes of "
        "the other kind around the whole.",
    ),
    "unquoted-braces": Earlier(
        "YML012", "A sentence that begins with braces is read as a group of settings. Put it in quotes, or after `>-`."
    ),
    "unquoted-colon": Earlier(
        "YML018", "A colon followed by a space starts a new setting, and cuts the sentence. Put the sentence in quotes."
    ),
    "special-start": Earlier(
        "YML019", "A text begins with a character that means something else there. Put the text in quotes."
    ),
    "bad-indentation": Earlier(
        "YML020", "A line does not line up with those it belongs to. Settings of one group begin in the same column."
    ),
    "missing-colon": Earlier("YML021", "A line has no colon, so it sets nothing. Write `name: value`."),
    "name-not-text": Earlier("YML022", "The name of a setting is a list or a group. Write `name: value`."),
    "several-documents": Earlier("YML023", "A second document begins in the file. Give it its own file."),
    "empty-file": Earlier("YML024", "The file says nothing. Begin it with `callwright: 1` and `kind:`, or delete it."),
    "no-documents": Earlier(
        "YML025", "There is no document here. A bundle holds its documents in `flows` and `policies`; name its folder."
    ),
    "wrong-folder": Earlier(
        "YML026",
        "A document lies in a folder that is not for its kind, or where none is read. Rules that nobody reads hold "
        "nothing back. Move it to the folder named.",
    ),
    # shape
    "unknown-setting": Earlier(
        "SCH010",
        "The setting does not exist here. A typing mistake would silently mean that nothing was set. Write the name "
        "that is offered, or delete it.",
    ),
    "missing-setting": Earlier("SCH011", "A setting that the place cannot do without is not there. Add it."),
    "missing-key": Earlier("SCH015", "A scenario leaves out something that it cannot do without. Add it."),
    "wrong-kind": Earlier(
        "SCH012",
        "A value of one sort stands where another is needed, as a text for a list. Write the sort that is named.",
    ),
    "wrong-shape": Earlier("SCH016", "A part of a scenario is not written in the way it is read. Write it as offered."),
    "wrong-type": Earlier(
        "SCH017", "A value or a comparison is not of the type that its place expects. It could never be right. Mend it."
    ),
    "out-of-range": Earlier("SCH013", "A number lies outside what is allowed here. Write one within the limits."),
    "duplicate-document": Earlier("SCH018", "Two documents of one kind have the same `id`. Give one another `id`."),
    "declared-twice": Earlier("SCH019", "A name is declared twice, and nobody could say which one counts. Keep one."),
    "name-taken": Earlier(
        "SCH020", "A name already means something here and would be read in its place. Choose another."
    ),
    "missing-values": Earlier("SCH021", "A fact that is one of several words does not say which words. List `values`."),
    # conditions and sentences
    "unreadable-condition": Earlier(
        "CON001",
        "A condition cannot be read. A rule that is not understood protects nobody. Write one comparison a line.",
    ),
    "not-allowed-in-conditions": Earlier(
        "CON002", "A condition uses something beyond comparisons, such as a call. Write a comparison, or derive a fact."
    ),
    "condition-too-complex": Earlier(
        "CON003", "A condition has more alternatives than the rules engine takes. Derive a fact in a rule of its own."
    ),
    "unreadable-sentence": Earlier("CON004", "A sentence cannot be read between its braces. Write `{{ fact }}`."),
    "not-allowed-in-sentences": Earlier(
        "CON005", "A sentence uses something other than facts and the filters there are. Write what is offered."
    ),
    "unknown-name": Earlier(
        "SLT201", "A condition or sentence names what nobody declared. Write the name that is offered, or declare it."
    ),
    "secret-in-prompt": Earlier(
        "PRV503", "A sentence names a fact that is never spoken, such as an identifier. Leave it out of the sentence."
    ),
    # vocabulary
    "unknown-place": Earlier(
        "VOC001", "A place is named that the vocabulary does not declare. Declare it, or mend it."
    ),
    "place-within-itself": Earlier(
        "VOC002", "A place lies within itself, at once or by way of others. Break the circle."
    ),
    "places-twice": Earlier("VOC003", "Two facts say where an account is, and a policy looks in one only. Keep one."),
    "unknown-class": Earlier("VOC004", "A class of what is given away is named that is not declared. Mend the name."),
    "unknown-fact": Earlier(
        "POL606", "A fact is named that does not exist, so a rule would never match. Mend the name."
    ),
    "unknown-counter": Earlier("VOC005", "A counter is named that the vocabulary does not declare. Mend the name."),
    "odd-contact": Earlier(
        "VOC006",
        "A counter counts a kind of contact that nobody records. It would stay at none. Mend the word.",
        Level.WARNING,
    ),
    "not-of-contacts": Earlier(
        "VOC007", "A counter asks an earlier contact for something that is not kept of it. Use what is kept."
    ),
    "no-vocabulary": Earlier("VOC008", "The bundle has no vocabulary, so no name means anything. Add one."),
    "no-places-fact": Earlier(
        "VOC009", "A policy names a place, and no fact says where an account is. Declare a set with `of: place`."
    ),
    # rules
    "unknown-parameter": Earlier("POL618", "A parameter is named that no policy declares. Mend the name."),
    "ambiguous-name": Earlier(
        "POL619", "A parameter of that name stands in several policies. Write its policy before it."
    ),
    "dates-overlap": Earlier("POL620", "Two values of a parameter start on one day. Give each its own `from`."),
    "never-in-force": Earlier("POL621", "A rule ends before it begins, so it is never in force. Mend its dates."),
    "unknown-table": Earlier("POL622", "A rule goes through a table that does not exist. Mend the name."),
    "unknown-column": Earlier("POL623", "A source names a column that the table does not have. Mend the name."),
    "wrong-row": Earlier(
        "POL624", "A row has more or fewer cells than its table has columns. Write one cell for each."
    ),
    "same-row-twice": Earlier("POL625", "A row stands twice in one table. Delete one of them."),
    "unknown-class-or-prompt": Earlier(
        "POL626", "A rule is about a class or sentence that does not exist, so it would guard nothing. Mend the name."
    ),
    "unknown-scope": Earlier(
        "TST708", "A suppression given to a scenario has a scope that does not exist. Mend the name."
    ),
    "unknown-event-or-intent": Earlier(
        "TST709", "A scenario tells an event or intent that does not exist. Mend the name."
    ),
    "unknown-time-zone": Earlier("TST710", "A scenario lies in a time zone that does not exist. Mend the name."),
    "unknown-suppression-scope": Earlier(
        "POL627", "A suppression has a scope that does not exist. Use one that is offered."
    ),
    "fact-not-derivable": Earlier("POL628", "A rule sets a fact that comes from elsewhere. Derive one `from: policy`."),
    "derives-and-acts": Earlier(
        "POL629",
        "One rule derives a fact and does something else. What is unknown keeps a fact from being derived, and keeps "
        "nothing else from happening. Write two rules.",
    ),
    "fact-not-there-yet": Earlier(
        "POL630",
        "A condition reads something that is not known when it is asked. Ask at another time, or read another.",
    ),
    "rule-reads-flow-fact": Earlier(
        "POL631",
        "A rule reads a fact that flows set, so a flow could open its own gate. Read a fact of another origin.",
    ),
    # intents
    "no-intents": Earlier("INT311", "No file says what callees can mean, so nothing is understood. Add one."),
    "unknown-intent": Earlier("INT313", "A state answers an intent or event that does not exist. Mend the name."),
    "protected-not-described": Earlier(
        "INT312", "A right of the callee has no words in one of the languages, so it is not heard. Describe it there."
    ),
    "unreadable-pattern": Earlier(
        "INT307",
        "A pattern cannot be read, or fits where nothing is said. Patterns are those of RE2, which never take long. "
        "Write words that must be there.",
    ),
    # prompts
    "not-translated": Earlier(
        "PRM404", "A sentence is missing in one of the languages, so the callee would hear another. Write it there."
    ),
    "unknown-prompt": Earlier("PRM411", "A sentence is named that nobody wrote. Write it, or mend the name."),
    "unknown-locale": Earlier(
        "PRM410", "A call is taken to a language in which not every sentence is written. Write them."
    ),
    # flows
    "unknown-state": Earlier(
        "FLW101", "A step goes to a state that does not exist, where the call would stop. Mend it."
    ),
    "circle-without-hearing": Earlier(
        "FLW105", "A circle of states that hear nothing would talk for ever. Let one of them hear, or end."
    ),
    "no-silence-handling": Earlier("FLW110", "Nothing is said when the callee is silent. Write `silence:`."),
    "no-unclear-handling": Earlier("FLW106", "Nothing is said when the callee is not understood. Write `unclear:`."),
    "shadowed-step": Earlier(
        "FLW129", "The step before this one is always taken, so this one never is. Move or delete it."
    ),
    "steps-leave-a-gap": Earlier(
        "FLW115", "The last step has a condition, so there may be nothing to do. End the list with a step without one."
    ),
    "unknown-not-handled": Earlier(
        "FLW118", "A condition may meet a fact that is unknown. Handle `is unknown` in a step before it."
    ),
    "outcome-not-handled": Earlier(
        "FLW119", "A subflow can be left by an outcome that its user does not handle. Add it under `outcomes:`."
    ),
    "unknown-outcome": Earlier("FLW120", "A state handles an outcome that its subflow never leaves by. Mend the name."),
    "outcome-without-user": Earlier(
        "FLW121", "A call flow is left by an outcome, and nobody would go on. Use `end:`, or use the flow from another."
    ),
    "unknown-flow": Earlier("FLW122", "A flow is named that does not exist. Mend the name."),
    "flow-uses-itself": Earlier("FLW123", "A flow uses itself, at once or by way of others. Break the circle."),
    "unused-flow": Earlier(
        "FLW124", "No call flow uses this subflow, so nothing in it is checked. Use it, or delete it.", Level.WARNING
    ),
    "too-many-states": Earlier(
        "FLW125", "Linked together, the flow has more states than can be checked. Use fewer subflows."
    ),
    "hears-and-then": Earlier("FLW126", "A state both hears and goes on by itself. Keep `hears:` or `then:`."),
    "again-without-hearing": Earlier("FLW127", "A step stays in a state that hears nothing. Go on, or end the call."),
    "flow-may-not-set": Earlier(
        "FLW128", "A flow sets a fact that comes from elsewhere. Only a fact declared `from: flow` may be set by one."
    ),
    "blocked-must-end": Earlier("POL632", "What is done when a rule holds a turn back does not end the call. End it."),
    "unknown-slot": Earlier("SLT207", "A state asks for a slot that does not exist. Mend the name."),
    "unknown-disposition": Earlier("OUT417", "A call ends with a disposition that does not exist. Mend the name."),
    "unknown-action": Earlier("OUT414", "A rule or step names an action that does not exist. Mend the name."),
    "unknown-argument": Earlier("OUT415", "An action is given something that it does not take. Mend the name."),
    "missing-argument": Earlier("OUT416", "An action is not given something that it needs. Give it."),
    # scenarios
    "nothing-told": Earlier("TST704", "A scenario tells neither a call nor a dial, or both. Write one of them."),
    "nothing-expected": Earlier("TST705", "A scenario expects nothing, so it can never fail. Say what must hold."),
    "not-given": Earlier("TST706", "A scenario gives a fact that is not its to give. Tell what leads to it instead."),
    "unknown-rule": Earlier("TST707", "A scenario expects a rule that does not exist. Mend the name."),
    # waivers
    "waiver-malformed": Earlier(
        "WVR800", "A waiver cannot be read. Write `rule:`, `where:` and the rest under `waivers:`."
    ),
    "waiver-expired-or-malformed": Earlier(
        "WVR801", "A waiver has ended, has no date, or would hold longer than 180 days. What it waived is found again."
    ),
    "unused-waiver": Earlier(
        "WVR802", "A waiver waives nothing. It would hide the next mistake at its place. Delete it.", Level.WARNING
    ),
    "waiver-without-reason-or-approver": Earlier(
        "WVR803",
        "A waiver does not say why, who approved it or until when, or nobody knows who wrote the text. Nobody could "
        "answer for it. Say it; `author` can be left out where git knows it.",
    ),
    "self-approved-waiver": Earlier(
        "WVR804", "Whoever wrote the text approved the waiver. Four eyes are needed. Have someone else approve it."
    ),
    "waiver-not-in-base": Earlier(
        "WVR805",
        "A waiver is new, or was changed, since the version that the change is compared with. A change cannot waive "
        "its own findings, so it takes effect once it is merged.",
        Level.NOTE,
    ),
}
