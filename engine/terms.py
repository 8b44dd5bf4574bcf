"""The field's closed word lists.

One name per thing, everywhere: YAML, code, API, dashboard and reports.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What a document holds."""

    VOCABULARY = "vocabulary"
    POLICY = "policy"
    PROMPTS = "prompts"
    FLOW = "flow"
    INTENTS = "intents"
    SCENARIO = "scenario"


class ValueType(StrEnum):
    """The types of facts, parameters, columns and expressions.

    Values are held in one canonical form each (see :mod:`engine.expressions.values`):
    ``bool``; ``int``; money as integer cents; text and enum as ``str``; set as
    ``frozenset[str]``; date as proleptic Gregorian day number
    (``date.toordinal``); time as seconds after midnight; datetime as whole
    seconds since 1970-01-01T00:00Z; duration as seconds. Unknown is ``None``.
    """

    BOOL = "bool"
    INT = "int"
    MONEY = "money"
    TEXT = "text"
    ENUM = "enum"
    SET = "set"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    DURATION = "duration"


class FactSource(StrEnum):
    """Who supplies a fact."""

    HOST = "host"
    FLOW = "flow"
    HEARD = "heard"
    POLICY = "policy"
    LEDGER = "ledger"
    CLOCK = "clock"
    ENGINE = "engine"


class Lasts(StrEnum):
    """How long a fact is remembered."""

    TURN = "turn"
    PERSON = "person"
    CALL = "call"


class Ask(StrEnum):
    """The questions rules answer."""

    BEFORE_DIALING = "before_dialing"
    ON_HEARING = "on_hearing"
    BEFORE_SPEAKING = "before_speaking"
    AFTER_CALL = "after_call"


class Severity(StrEnum):
    """How grave a breach of a rule would be."""

    STATUTORY = "statutory"
    REGULATORY = "regulatory"
    HOUSE = "house"


class Status(StrEnum):
    """Whether a policy binds. The last two are recorded as "would deny", never enforced."""

    IN_FORCE = "in_force"
    HOUSE_RULE = "house_rule"
    PROPOSED = "proposed"
    STAYED = "stayed"

    @property
    def enforced(self) -> bool:
        """Whether a rule of this status takes effect."""
        return self in (Status.IN_FORCE, Status.HOUSE_RULE)


class EventKind(StrEnum):
    """What can happen in a call. All but ``words`` and ``intents`` are handled like intents under these names."""

    WORDS = "words"
    INTENTS = "intents"
    ANSWERED = "answered"
    SILENCE = "silence"
    VOICEMAIL = "voicemail"
    CALL_SCREENER = "call_screener"
    DTMF = "dtmf"
    NEW_PERSON = "new_person"
    HUNG_UP = "hung_up"


EVENTS = tuple(str(kind) for kind in EventKind if kind not in (EventKind.WORDS, EventKind.INTENTS))
"""Events beside words, handled like intents under these names."""


class Scope(StrEnum):
    """What a suppression covers."""

    NUMBER = "number"
    PHONE = "phone"
    PERSON = "person"
    DEBT = "debt"
    ACCOUNT = "account"


class Outcome(StrEnum):
    """What a decision says. Deny beats route_human beats allow."""

    ALLOW = "allow"
    ROUTE_HUMAN = "route_human"
    DENY = "deny"


class Polarity(StrEnum):
    """Yes or no, as far as the words say."""

    YES = "yes"
    NO = "no"
    MIXED = "mixed"
    UNKNOWN = "unknown"


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    LEASED = "leased"
    RUNNING = "running"
    WAITING_RETRY = "waiting_retry"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DEAD_LETTER = "dead_letter"
    CANCELED = "canceled"
    REVIEW = "review"
