"""The tables, the same on SQLite and PostgreSQL.

Moments are microseconds since 1970 (:mod:`engine.records.plain`). A column
named ``…_key`` is a keyed look-up hash; a binary column is sealed
(:mod:`engine.records.keys`). Nothing else may hold personal data.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

#: The newest migration.
SCHEMA = "0001"

metadata = MetaData()

bundles = Table(
    "bundles",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("texts", Text, nullable=False),  # {path: text}: what the digest stands for
    Column("added", BigInteger, nullable=False),
    Column("activated", BigInteger),  # the newest is what new calls run under
)
Index("bundles_by_activation", bundles.c.activated, bundles.c.digest)  # so that no text is read to find it

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("idempotency", Text, unique=True),
    Column("fingerprint", Text, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("flags", Text, nullable=False, server_default=""),
    Column("ready", BigInteger, nullable=False),  # when it may be leased: due, next try, or the end of its lease
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("most_tries", SmallInteger, nullable=False),
    Column("retry_base", Float, nullable=False),
    Column("retry_cap", Float, nullable=False),
    Column("worker", Text, nullable=False, server_default=""),
    Column("token", Text),
    Column("deadline", BigInteger),  # no heartbeat prolongs a lease past it
    Column("account_key", Text, nullable=False),
    Column("person_key", Text, nullable=False),
    Column("number_key", Text, nullable=False),
    Column("payload", LargeBinary),  # none when retention removed it
    # A lease walks over what earlier ones left in the index until it is vacuumed, however large the table is.
    postgresql_with={"autovacuum_vacuum_scale_factor": 0.01, "autovacuum_vacuum_threshold": 1000},
)
_OPEN = text("state IN ('queued', 'waiting_retry', 'leased')")
_WAITING = text("state IN ('queued', 'waiting_retry', 'leased') AND flags = ''")
_LIVE = text("state IN ('leased', 'running')")
Index("jobs_next", jobs.c.priority, jobs.c.ready, jobs.c.id, sqlite_where=_WAITING, postgresql_where=_WAITING)
Index(  # for a worker of one campaign, which else would walk over what is due of all others
    "jobs_next_of_campaign",
    jobs.c.campaign,
    jobs.c.flags,
    jobs.c.priority,
    jobs.c.ready,
    jobs.c.id,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index("jobs_one_live_lease", jobs.c.account_key, unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE)
Index(
    "jobs_running",
    jobs.c.ready,
    sqlite_where=text("state = 'running'"),
    postgresql_where=text("state = 'running'"),
)
Index("jobs_by_state", jobs.c.state, jobs.c.id)
Index("jobs_by_campaign", jobs.c.campaign, jobs.c.state, jobs.c.id)

job_subjects = Table(  # the account, person, number and debts of a job, so that changing a job's state stays cheap
    "job_subjects",
    metadata,
    Column("job", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("subject_key", Text, primary_key=True),
)
Index("job_subjects_by_subject", job_subjects.c.subject_key)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("job", Text, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("lease", Text, nullable=False),  # hash of the lease under which it was made: one attempt each
    Column("number", SmallInteger, nullable=False),  # which of the job's tries
    Column("worker", Text, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("account_key", Text, nullable=False),
    Column("person_key", Text, nullable=False),
    Column("number_key", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("rules", Text, nullable=False, server_default="[]"),  # those that denied it
    Column("entry", BigInteger),  # of the ledger
    Column("decided", BigInteger, nullable=False),
    Column("placed", BigInteger),
    Column("answered", BigInteger),
    Column("ended", BigInteger),
    Column("result", Text, nullable=False, server_default=""),  # what the line said
    Column("call", Text, nullable=False, server_default=""),
    Column("disposition", Text, nullable=False, server_default=""),
    UniqueConstraint("job", "lease", name="one_attempt_a_lease"),
)
Index("attempts_by_time", attempts.c.decided)
Index("attempts_by_account", attempts.c.account_key)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # call, conversation, text, email, voicemail …
    Column("at", BigInteger, nullable=False),
    Column("account_key", Text, nullable=False),
    Column("person_key", Text, nullable=False),
    Column("number_key", Text, nullable=False),
    Column("household_key", Text, nullable=False, server_default=""),
    Column("attempt", Text, nullable=False, server_default=""),
    Column("facts", LargeBinary),
)
Index("contacts_by_household", contacts.c.household_key, contacts.c.at)
Index("contacts_by_account", contacts.c.account_key, contacts.c.at)
Index("contacts_by_person", contacts.c.person_key, contacts.c.at)
Index("contacts_by_number", contacts.c.number_key, contacts.c.at)
Index("contacts_by_attempt", contacts.c.attempt)
Index("contacts_by_time", contacts.c.at)

calls = Table(
    "calls",
    metadata,
    Column("id", Text, primary_key=True),
    Column("bundle", Text, ForeignKey("bundles.digest"), nullable=False),
    Column("flow", Text, nullable=False),
    Column("campaign", Text, nullable=False, server_default=""),
    Column("job", Text, nullable=False, server_default=""),
    Column("attempt", Text, nullable=False, server_default=""),
    Column("account_key", Text, nullable=False),
    Column("person_key", Text, nullable=False),
    Column("number_key", Text, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger),
    Column("turn", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("disposition", Text, nullable=False, server_default=""),
    Column("right_party", Boolean, nullable=False),
    Column("disclosed", Text, nullable=False, server_default="[]"),
    Column("parties", LargeBinary),
    Column("session", LargeBinary),
)
Index("calls_by_time", calls.c.started)
Index("calls_by_account", calls.c.account_key)
Index("calls_by_job", calls.c.job)

turns = Table(
    "turns",
    metadata,
    Column("call", Text, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    Column("intents", Text, nullable=False),  # [[intent, score, accepted] …]
    Column("states", Text, nullable=False),
    Column("steps", Text, nullable=False),
    Column("rules", Text, nullable=False),
    Column("prevented", Text, nullable=False),
    Column("prompts", Text, nullable=False),
    Column("actions", Text, nullable=False),  # names only
    Column("faults", Text, nullable=False),
)
Index("turns_by_time", turns.c.at)

promises = Table(
    "promises",
    metadata,
    Column("id", Text, primary_key=True),
    Column("call", Text, nullable=False),
    Column("account_key", Text, nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("seconds", Integer, nullable=False),  # from the answer to the promise
    Column("amount", BigInteger, nullable=False),  # cents
    Column("due", Integer, nullable=False),  # day number
    Column("cleared", BigInteger, nullable=False, server_default="0"),  # cents, in time
)
Index("promises_by_time", promises.c.made)
Index("promises_by_account", promises.c.account_key)

suppressions = Table(
    "suppressions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("subject_key", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger),
    Column("lifted", BigInteger),
    Column("rule", Text, nullable=False, server_default=""),
    Column("call", Text, nullable=False, server_default=""),
    Column("heard", BigInteger),  # when it was asked for, for the latency
    Column("subject", LargeBinary),
)
_STANDING = text("lifted IS NULL")
Index(
    "suppressions_once",
    suppressions.c.subject_key,
    suppressions.c.scope,
    suppressions.c.reason,
    unique=True,
    sqlite_where=_STANDING,
    postgresql_where=_STANDING,
)
Index("suppressions_by_reason", suppressions.c.reason, suppressions.c.id)

known = Table(
    "known",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("subject_key", Text, primary_key=True),
    Column("fact", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("origin", Text, nullable=False),
    Column("value", LargeBinary, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # dial, turn, suppression …
    Column("outcome", Text, nullable=False),
    Column("rules", Text, nullable=False),
    Column("bundle", Text, nullable=False),
    Column("account_key", Text, nullable=False),
    Column("call", Text, nullable=False),
    Column("attempt", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),  # sealed with its own key
    Column("hash", LargeBinary, nullable=False),
    Column("key", LargeBinary),  # of the body, itself sealed; destroyed by retention, and not part of the chain
)
Index("ledger_by_account", ledger.c.account_key, ledger.c.seq)
Index("ledger_by_call", ledger.c.call, ledger.c.seq)
Index("ledger_by_time", ledger.c.at)

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("public", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("prefix", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("revoked", BigInteger),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("begun", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("status", SmallInteger),
    Column("reply", LargeBinary),
)
Index("idempotency_by_end", idempotency.c.expires)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),  # the call's, job's or attempt's id
    Column("created", BigInteger, nullable=False),
    Column("ready", BigInteger, nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("delivered", BigInteger),
    Column("given_up", BigInteger),
    Column("payload", LargeBinary),
)
_UNSENT = text("delivered IS NULL AND given_up IS NULL")
Index("outbox_next", outbox.c.ready, outbox.c.id, sqlite_where=_UNSENT, postgresql_where=_UNSENT)

retention_classes = Table(
    "retention_classes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("days", Integer, nullable=False),
)
