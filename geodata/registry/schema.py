"""The tables of the registry. `migrations/` makes them; a test holds the two against each other."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from geodata.registry import rows

metadata = MetaData(naming_convention={
    "pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s", "ix": "ix_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
})

commits = Table(
    "commits", metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("summary", Text, nullable=False),
)
"""One row a version of the whole registry; versions count up from 1 without holes. `summary` is JSON."""


def _column(name: str) -> Column[object]:
    kind: object = Text()
    if name in rows.NUMBERS:
        kind = Float()
    elif name in rows.FLAGS:
        kind = Boolean()
    return Column(name, kind, nullable=name not in rows.REQUIRED)  # type: ignore[arg-type]


sites = Table(
    "sites", metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    *(_column(name) for name in rows.CONTENT),
    Column("version", Integer, ForeignKey("commits.version"), nullable=False),
    Column("updated_at", String(32), nullable=False),
    Column("updated_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reading", Text, nullable=False),
    Column("removed", Boolean, nullable=False),
    UniqueConstraint("id"),
    Index(None, "version"),
)
"""Every site as it is now, and the tombstone of every site that was removed: the last it was.

`seq` is the order of sites everywhere; a reinstated site comes last, as if it were new.
"""

revisions = Table(
    "revisions", metadata,
    Column("site_id", Text, ForeignKey("sites.id"), nullable=False),
    Column("version", Integer, ForeignKey("commits.version"), nullable=False),
    Column("action", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    PrimaryKeyConstraint("site_id", "version"),
    Index(None, "version"),
)
"""What each commit did to each site it touched; never updated, never deleted. See `history`."""

# --- accounts: never part of an atlas, a snapshot or an export ----------------------------------------

accounts = Table(
    "accounts", metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("display", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("password", Text),
    Column("password_at", String(32)),
    Column("totp_secret", Text),
    Column("totp_step", Integer),
    Column("code_hash", String(64)),
    Column("code_until", String(32)),
    Column("created_at", String(32), nullable=False),
    Column("created_by", Text, nullable=False),
    Column("disabled_at", String(32)),
    Column("signed_in_at", String(32)),
    UniqueConstraint("name"),
    Index(None, "code_hash"),
)
"""Who may sign in. `password` is an argon2id hash, absent until its owner has chosen one; `totp_step` is the last
step of 30 s whose code was used; `code_hash` is the SHA-256 of a one-time code to choose a password with."""

recovery_codes = Table(
    "recovery_codes", metadata,
    Column("account", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("account", "hash"),
)
"""SHA-256 of the codes that stand in for a lost second factor; a used one is deleted."""

attempts = Table(
    "attempts", metadata,
    Column("name_hash", String(64), primary_key=True),
    Column("failed", Integer, nullable=False),
    Column("at", String(32), nullable=False),
    Column("locked_until", String(32)),
)
"""Failed sign-ins in a row by SHA-256 of the name given, whether or not an account goes by it."""

sessions = Table(
    "sessions", metadata,
    Column("hash", String(64), primary_key=True),
    Column("account", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("opened_at", String(32), nullable=False),
    Column("seen_at", String(32), nullable=False),
    Column("until", String(32), nullable=False),
    Column("proved_at", String(32), nullable=False),
    Column("pending", Boolean, nullable=False),
    Index(None, "account"),
)
"""Who is signed in, by SHA-256 of the id in the cookie. `pending`: the second factor is still to come."""

tokens = Table(
    "tokens", metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", String(64), nullable=False),
    Column("prefix", Text, nullable=False),
    Column("account", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("label", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("area", Text),
    Column("created_at", String(32), nullable=False),
    Column("until", String(32), nullable=False),
    Column("used_at", String(32)),
    Column("revoked_at", String(32)),
    UniqueConstraint("hash"),
    Index(None, "account"),
)
"""Bearer tokens by SHA-256; `prefix` is what is shown of one, `area` narrows it."""

audit = Table(
    "audit", metadata,
    Column("id", Integer, primary_key=True),
    Column("at", String(32), nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("area", Text),
    Column("outcome", Text, nullable=False),
    Index(None, "at"),
)
"""Sign-ins, changes of accounts, exports and refusals: account names and codes alone, never a position."""

# --- what workers report: never part of an atlas's file, an export or a public answer ----------------------

reports = Table(
    "reports", metadata,
    Column("id", Integer, primary_key=True),
    Column("site_id", Text, ForeignKey("sites.id"), nullable=False),
    Column("type", Text, nullable=False),
    Column("facility", Text),
    Column("rating", Integer),
    Column("note", Text),
    Column("at", String(32), nullable=False),
    Column("came", String(32), nullable=False),
    Column("day", String(10), nullable=False),
    Column("person", String(64)),
    Column("key", String(64)),
    Column("filed_by", Text),
    Column("state", Text, nullable=False),
    Column("decided_at", String(32)),
    Column("decided_by", Text),
    Column("why", Text),
    UniqueConstraint("key"),
    Index(None, "site_id"),
    Index(None, "state"),
    Index(None, "came"),
    Index(None, "person"),
)
"""What a worker said of a site: `at` when it was so, `came` when it came in, `day` that in Beijing.

`person` is a hash of the phone's random token with the secret of `day`, which is gone the day after; `key` is the
SHA-256 of what makes a retry the same report, and takes it back. `filed_by` is the account that filed it for a caller.
`note`, `why` and the two hashes are emptied after `reports.KEPT`.
"""

report_photos = Table(
    "report_photos", metadata,
    Column("report_id", Integer, ForeignKey("reports.id"), primary_key=True, autoincrement=False),
    Column("small", LargeBinary, nullable=False),
    Column("jpeg", LargeBinary, nullable=False),
)
"""The photo that came with a report, as `geodata.photos` drew it anew. The row is deleted with its report, and after `reports.KEPT`."""

report_changes = Table(
    "report_changes", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("at", String(32), nullable=False),
)
"""One row: how often anything that counts has changed in `reports`, and when last."""
