"""The attempts to call about one account, newest first."""

from engine.records.attempts import AttemptRow
from server.desk import Desk

_PART = 200


def attempts_of(desk: Desk, account: str, *, before: str = "", limit: int = 50) -> tuple[AttemptRow, ...]:
    """Return the attempts about the host's reference *account*; *before* is the last one of the page before."""
    store = desk.store
    key = store.keys.blind("account", account)
    found: dict[str, None] = {}
    after = 0
    while part := store.ledger.entries(account_key=key, after=after, limit=_PART):
        found |= dict.fromkeys(entry.attempt for entry in part if entry.kind == "dial")
        after = part[-1].seq
    ids = sorted((one for one in found if not before or one < before), reverse=True)
    return tuple(store.attempts.show(one) for one in ids[:limit])
