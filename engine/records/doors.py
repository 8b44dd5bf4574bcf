"""Who may come in, and what was answered before: keys of the API and its idempotency keys."""

import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, insert, select, text, update

from engine.records.database import Database, Transaction
from engine.records.driven import Driven
from engine.records.errors import AnsweredBefore, KeyReused
from engine.records.keys import KeyRing
from engine.records.plain import canonical, moment, span
from engine.records.tables import api_keys, idempotency


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the API, without its secret. ``seen`` is the store's time when it was checked."""

    prefix: str
    name: str
    scopes: frozenset[str]
    expires: datetime | None
    revoked: datetime | None
    seen: datetime | None = None


class ApiKeys:
    """Keys of the form ``prefix.secret``; of the secret only a hash is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        c = api_keys.c
        self._held = Driven(
            database,
            select(c.secret_hash, c.name, c.scopes, c.expires, c.revoked, database.clock).where(
                c.prefix == bindparam("b_prefix")
            ),
        )

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
        row = self._held.look({"b_prefix": prefix})
        offered = sha256(secret.encode(errors="replace")).digest()
        if row is None or not hmac.compare_digest(row[0], offered):
            return None
        _, name, scopes, expires, revoked, now = row
        if revoked is not None or (expires is not None and expires <= now):
            return None
        return ApiKey(prefix, name, _scopes(scopes), _moment(expires), None, moment(now))

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
    return ApiKey(row.prefix, row.name, _scopes(row.scopes), _moment(row.expires), _moment(row.revoked))


@lru_cache(maxsize=256)
def _scopes(kept: str) -> frozenset[str]:
    return frozenset(json.loads(kept))


def _moment(stored: int | None) -> datetime | None:
    return None if stored is None else moment(stored)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered."""

    status: int
    text: str


class Idempotency:
    """Requests by their idempotency key, so that one sent twice has one effect and one answer.

    Source: draft-ietf-httpapi-idempotency-key-header-07.
    """

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys
        c, now = idempotency.c, database.clock_sql
        same = (c.key == bindparam("b_key"), c.expires > database.clock)
        self._kept = Driven(database, select(c.fingerprint, c.status, c.reply).where(*same))
        keep = text(
            "INSERT INTO idempotency (key, fingerprint, begun, expires, status, reply) "
            f"VALUES (:key, :fingerprint, {now}, {now} + :lasts, :status, :reply) "
            "ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, begun = excluded.begun, "
            "expires = excluded.expires, status = excluded.status, reply = excluded.reply "
            "WHERE idempotency.expires <= excluded.begun"
        )
        self._keep = Driven(database, keep)

    def hold(self, db: Transaction, who: str, key: str) -> None:
        """Make every other request under this key wait until the transaction ends.

        One that went on meanwhile would see what this one has taken and not yet committed, such as a job, and the
        answer that there is none could stand for both.
        """
        self._database.hold(db, (self._keys.blind("request", f"{who}:{key}"),))

    def answer(self, who: str, key: str, content: str) -> Answer | None:
        """Return the answer that was given under a key, or None when none was.

        Args:
            who: The API key's prefix; keys of different callers never meet.
            key: What the caller sent.
            content: The request, canonical; kept as a keyed hash only.

        Raises:
            KeyReused: The key came with another content.
        """
        name = f"{who}:{key}"
        row = self._kept.look({"b_key": name})
        if row is None:
            return None
        fingerprint, status, reply = row
        if fingerprint != self._keys.blind("request", content):
            raise KeyReused(f"idempotency key `{key}` was used before for another request")
        return Answer(status, self._keys.open("idempotency", "reply", name, reply).decode())

    def keep_in(
        self, db: Transaction, who: str, key: str, content: str, answer: Answer, *, lasts: timedelta = timedelta(days=1)
    ) -> None:
        """Keep an answer in the transaction that had the effect it tells of.

        Raises:
            AnsweredBefore: Another request with this key was answered meanwhile; what this one did must be undone.
        """
        name = f"{who}:{key}"
        row = {
            "key": name,
            "fingerprint": self._keys.blind("request", content),
            "lasts": span(lasts),
            "status": answer.status,
            "reply": self._keys.seal("idempotency", "reply", name, answer.text.encode()),
        }
        if self._keep.run(db, row).rowcount != 1:
            raise AnsweredBefore(f"a request with idempotency key `{key}` was answered meanwhile")
