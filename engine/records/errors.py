"""What the records refuse, each naming the thing and its id."""


class RecordsError(Exception):
    """The records cannot do what was asked."""


class StoreAway(RecordsError):
    """The database cannot be reached, is locked for too long or has no space; trying again later may help."""


class NoStore(RecordsError):
    """What was named as the store is none: trying again does not help."""


class Raced(RecordsError):
    """Two transactions reached for the same thing at once; the one that is told so did nothing."""


class NotMigrated(RecordsError):
    """The database was made by a newer version than this one."""


class BadText(RecordsError, ValueError):
    """A text holds a character no store can keep: NUL, or half of a surrogate pair."""


class NoKey(RecordsError):
    """The encryption key is not set, or is not one."""


class SealBroken(RecordsError):
    """A sealed value is not what was sealed here: changed, moved from another place, or under a key that is gone."""


class UnknownBundle(RecordsError):
    """No bundle has this digest."""


class UnknownCall(RecordsError):
    """No call has this id."""


class TurnTaken(RecordsError):
    """The call is not at the turn the caller expected: another process took it."""


class UnknownJob(RecordsError):
    """No job has this id."""


class UnknownAttempt(RecordsError):
    """No attempt has this id."""


class UnknownEntry(RecordsError):
    """The ledger has no such entry."""


class WrongState(RecordsError):
    """The job is not in a state from which this can be done."""


class LeaseLost(RecordsError):
    """The lease ran out, was given to another worker, or the job was canceled."""


class Suppressed(RecordsError):
    """The call may not be placed: a suppression or a flag stands against it."""

    def __init__(self, job: str, reasons: tuple[str, ...]) -> None:
        super().__init__(f"job {job} may not be dialled: {', '.join(reasons)}")
        self.job = job
        self.reasons = reasons


class KeyReused(RecordsError):
    """An idempotency key came back with another content."""


class AnsweredBefore(RecordsError):
    """A request with this idempotency key was answered while this one was worked on."""
