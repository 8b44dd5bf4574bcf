"""Jobs and parties to test with."""

from engine.records.job import NewJob, Retry
from engine.records.keys import KeyRing
from engine.records.parties import Parties

KEYS = KeyRing({"test": bytes(range(32))})


def parties(n: int = 1, *, account: int | None = None) -> Parties:
    """Give the parties of the n-th person."""
    number = f"+1617555{n % 10000:04d}"
    return Parties(f"account-{account if account is not None else n}", f"person-{n}", number, (f"debt-{n}",))


def job(n: int = 1, *, account: int | None = None, **given: object) -> NewJob:
    """Give a job that calls the n-th person."""
    return NewJob(parties(n, account=account), **{"retry": Retry(3, 0.0, 0.0), **given})  # type: ignore[arg-type]
