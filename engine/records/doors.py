"""Who may come in, and what was answered before: keys of the API and its idempotency keys."""

import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine.records.database import Database, Transaction
from engine.records.errors import KeyReused, StillInFlight
from engine.records.keys import KeyRing
from engine.records.plain import canonical, moment, span
from engine.records.tables import api_keys, idempotency


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the API, without its secret."""

    prefix: str
    name: str
    scopes: frozenset[str]
    expires: datetime | None
    revoked: datetime | None


class ApiKeys:
    """Keys of the form ``prefix.secret``; of the secret only a hash is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, scopes: Iterable[str], *, lasts: timedelta | None = None) -> str:
        """Make a key and return it; it cannot be shown again."""
        prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        row = {
            "prefix": prefix,
            "name": name,
            "secret_hash": sha256(secret.encode()).digest(),
            "scopes": canonical(sorted(set(scopes))),
            "created": self._database.clock,
            "expires": None if lasts is None else self._database.clock + span(lasts),
        }
        with self._database.writing() as db:
            db.execute(insert(api_keys).values(**row))
        return f"{prefix}.{secret}"

    def check(self, given: str) -> ApiKey | None:
        """Return the key that *given* is, or None when it is none, has expired or was revoked."""
        prefix, _, secret = given.partition(".")
        if not prefix.isalnum() or not prefix.isascii():
            return None
        with self._database.reading() as db:
            row = db.execute(
                select(api_keys, self._database.clock.label("now")).where(api_keys.c.prefix == prefix)
            ).one_or_none()
        offered = sha256(secret.encode(errors="replace")).digest()
        if row is None or not hmac.compare_digest(row.secret_hash, offered):
            return None
        if row.revoked is not None or (row.expires is not None and row.expires <= row.now):
            return None
        return _key(row)

    def revoke(self, prefix: str) -> bool:
        """Make a key useless from now on; return whether it was of use."""
        c = api_keys.c
        revoked = update(api_keys).where(c.prefix == prefix, c.revoked.is_(None)).values(revoked=self._database.clock)
        with self._database.writing() as db:
            return db.execute(revoked).rowcount == 1

    def list(self) -> tuple[ApiKey, ...]:
        """Return every key, oldest first."""
        with self._database.reading() as db:
            return tuple(_key(row) for row in db.execute(select(api_keys).order_by(api_keys.c.created)))


def _key(row: Any) -> ApiKey:
    expires = None if row.expires is None else moment(row.expires)
    revoked = None if row.revoked is None else moment(row.revoked)
    return ApiKey(row.prefix, row.name, frozenset(json.loads(row.scopes)), expires, revoked)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered."""

    status: int
    body: Mapping[str, Any]


class Idempotency:
    """Requests by their idempotency key, so that one sent twice has one effect and one answer.

    Source: draft-ietf-httpapi-idempotency-key-header-07.
    """

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys

    def begin(self, who: str, key: str, content: str, *, busy: timedelta = timedelta(minutes=1)) -> Answer | None:
        """Claim a key, or return the answer that was given under it.

        Args:
            who: The API key's prefix; keys of different callers never meet.
            key: What the caller sent.
            content: The request, canonical; kept as a keyed hash only.
            busy: How long a claim without an answer holds.

        Raises:
            KeyReused: The key came with another content.
            StillInFlight: The first request has not been answered yet.
        """
        name, now = f"{who}:{key}", self._database.clock
        print_ = self._keys.blind("request", content)
        with self._database.writing() as db:
            if self._database.is_postgres:
                self._database.hold(db, (self._keys.blind("idempotency", name),))
            db.execute(delete(idempotency).where(idempotency.c.key == name, idempotency.c.expires <= now))
            row = db.execute(select(idempotency).where(idempotency.c.key == name)).one_or_none()
            if row is None:
                claim = {"key": name, "fingerprint": print_, "begun": now}
                db.execute(insert(idempotency).values(**claim, expires=now + span(busy)))
                return None
        if row.fingerprint != print_:
            raise KeyReused(f"idempotency key `{key}` was used before for another request")
        if row.status is None:
            raise StillInFlight(f"the first request with idempotency key `{key}` is still being answered")
        return Answer(row.status, json.loads(self._keys.open("idempotency", "reply", name, row.reply)))

    def end(self, who: str, key: str, answer: Answer, *, lasts: timedelta = timedelta(days=1)) -> None:
        """Keep the answer to a claimed key."""
        with self._database.writing() as db:
            self.end_in(db, who, key, answer, lasts=lasts)

    def end_in(
        self, db: Transaction, who: str, key: str, answer: Answer, *, lasts: timedelta = timedelta(days=1)
    ) -> None:
        """Keep the answer to a claimed key in the transaction that had the effect."""
        name = f"{who}:{key}"
        sealed = self._keys.seal("idempotency", "reply", name, canonical(answer.body).encode())
        kept = update(idempotency).where(idempotency.c.key == name)
        expires = self._database.clock + span(lasts)
        db.execute(kept.values(status=answer.status, reply=sealed, expires=expires))

    def forget(self, who: str, key: str) -> None:
        """Give a claimed key free after a request that had no effect."""
        with self._database.writing() as db:
            db.execute(delete(idempotency).where(idempotency.c.key == f"{who}:{key}", idempotency.c.status.is_(None)))
