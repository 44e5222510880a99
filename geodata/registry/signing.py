"""Who is signed in just now, by session or by token, and how often signing in has failed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from geodata.registry import secrets
from geodata.registry.accounts import COLUMNS, SELECTED, Account, account_of
from geodata.registry.database import Database
from geodata.registry.rows import instant, stamp
from locator.errors import Unavailable
from locator.permissions import Grant

IDLE = timedelta(hours=1)
"""A session that was not used for so long has ended."""
LASTS = timedelta(hours=12)
"""A session ends so long after signing in, used or not: a working day."""
PENDING_LASTS = timedelta(minutes=5)
"""How long the second factor may take after the password."""
PROVED_LASTS = timedelta(minutes=10)
"""How long after giving the password it is not asked for again before a change of an account."""
TOUCHED_EVERY = timedelta(minutes=5)
"""Using a session or a token is written down so often, so `IDLE` may come so much early; a page must not wait for a long
import each time."""
FREE_FAILURES = 5
FIRST_LOCK, LONGEST_LOCK = timedelta(seconds=30), timedelta(minutes=15)
"""After `FREE_FAILURES` failures in a row a name is locked, twice as long each time."""
ATTEMPTS_KEPT = timedelta(days=1)
_PATIENCE_MS = 50


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in on one browser; `key` is what is kept of its id."""

    key: str
    account: Account
    opened_at: datetime
    seen_at: datetime
    until: datetime
    proved_at: datetime
    pending: bool

    def proved(self, at: datetime) -> bool:
        """Return whether the password was given a short while ago."""
        return at - self.proved_at < PROVED_LASTS


@dataclass(frozen=True, slots=True)
class Token:
    """A key of a program; acts for its owner within a scope."""

    id: int
    prefix: str
    account: Account
    label: str
    scope: str
    area: str | None
    created_at: datetime
    until: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    @property
    def grant(self) -> Grant:
        """What its owner may do, narrowed to the token's scope and area."""
        return Grant(self.account.role, self.account.area, self.scope, self.area)


_SESSION = "s.hash, s.opened_at, s.seen_at, s.until, s.proved_at, s.pending"
_TOKEN = "t.id, t.prefix, t.label, t.scope, t.area, t.created_at, t.until, t.used_at, t.revoked_at"  # noqa: S105


def _session(row: Sequence[Any]) -> Session:
    key, opened, seen, until, proved, pending = row[:6]
    return Session(key, account_of(row[6:]), instant(opened), instant(seen), instant(until), instant(proved), bool(pending))


def _token(row: Sequence[Any]) -> Token:
    number, prefix, label, scope, area, created, until, used, revoked = row[:9]
    return Token(number, prefix, account_of(row[9:9 + len(COLUMNS)]), label, scope, area, instant(created), instant(until),
                 instant(used) if used else None, instant(revoked) if revoked else None)


class Sessions:
    """The sessions of one registry, kept here and named by a cookie: ending one ends it at once, everywhere."""

    def __init__(self, database: Database) -> None:
        """Keep them in a registry's database."""
        self._database = database

    def open(self, account: Account, at: datetime, *, pending: bool = False) -> str:
        """Begin a session; return its id, which is kept nowhere. Old ones of anybody are swept out."""
        from sqlalchemy import delete, insert

        from geodata.registry.schema import sessions

        session_id = secrets.session_id()
        until = at + (PENDING_LASTS if pending else LASTS)
        with self._database.writing(alone=False) as connection:
            connection.execute(delete(sessions).where(sessions.c.until <= stamp(at)))
            connection.execute(insert(sessions).values(
                hash=secrets.digest(session_id), account=account.id, opened_at=stamp(at), seen_at=stamp(at), until=stamp(until),
                proved_at=stamp(at), pending=pending))
        return session_id

    def find(self, session_id: str, at: datetime) -> Session | None:
        """Return a session that has not ended, its account as it is now; None for any other id."""
        with self._database.reading() as reading:
            row = reading.one(f"SELECT {_SESSION}, {SELECTED} FROM sessions s JOIN accounts a ON a.id = s.account "  # noqa: S608
                              "WHERE s.hash = ? AND a.disabled_at IS NULL", secrets.digest(session_id))
        session = None if row is None else _session(row)
        if session is None or at >= session.until or at - session.seen_at >= IDLE:
            return None
        if at - session.seen_at >= TOUCHED_EVERY:
            self._set(session.key, _PATIENCE_MS, seen_at=stamp(at))
        return session

    def prove(self, session: Session, at: datetime) -> None:
        """Remember that the password was given again."""
        self._set(session.key, None, proved_at=stamp(at))

    def of(self, account: Account, at: datetime) -> list[Session]:
        """Return an account's sessions that have not ended, the newest first."""
        with self._database.reading() as reading:
            rows = list(reading.rows(f"SELECT {_SESSION}, {SELECTED} FROM sessions s JOIN accounts a ON a.id = s.account "  # noqa: S608
                                     "WHERE s.account = ? AND s.until > ? ORDER BY s.opened_at DESC", account.id, stamp(at)))
        return [s for s in map(_session, rows) if at - s.seen_at < IDLE and not s.pending]

    def end(self, *keys: str) -> None:
        """End sessions by what is kept of their ids."""
        from sqlalchemy import delete

        from geodata.registry.schema import sessions

        with self._database.writing(alone=False) as connection:
            connection.execute(delete(sessions).where(sessions.c.hash.in_(keys)))

    def end_all(self) -> None:
        """End every session: everybody signs in again."""
        from sqlalchemy import delete

        from geodata.registry.schema import sessions

        with self._database.writing(alone=False) as connection:
            connection.execute(delete(sessions))

    def _set(self, key: str, patience_ms: int | None, **values: Any) -> None:
        _write(self._database, "sessions", "hash", key, patience_ms, values)


class Tokens:
    """The bearer tokens of one registry."""

    def __init__(self, database: Database) -> None:
        """Keep them in a registry's database."""
        self._database = database

    def add(self, account: Account, *, label: str, scope: str, area: str | None, until: datetime, at: datetime) -> str:
        """Make a token; return it: it is shown once and kept nowhere."""
        from sqlalchemy import insert

        from geodata.registry.schema import tokens

        token = secrets.token()
        with self._database.writing(alone=False) as connection:
            connection.execute(insert(tokens).values(
                hash=secrets.digest(token), prefix=token[:9], account=account.id, label=" ".join(label.split())[:60], scope=scope,
                area=area, created_at=stamp(at), until=stamp(until)))
        return token

    def find(self, token: str, at: datetime) -> Token | None:
        """Return a token that is good now, of an account that is; None for anything else."""
        if not token.startswith(secrets.TOKEN_SIGN):
            return None
        found = self._read("t.hash = ? AND t.revoked_at IS NULL AND a.disabled_at IS NULL AND t.until > ?",
                           secrets.digest(token), stamp(at))
        if not found:
            return None
        if found[0].used_at is None or at - found[0].used_at >= TOUCHED_EVERY:
            _write(self._database, "tokens", "id", found[0].id, _PATIENCE_MS, {"used_at": stamp(at)})
        return found[0]

    def all(self, account: Account | None = None) -> list[Token]:
        """Return every token, or those of one account, revoked ones too, the oldest first."""
        return self._read("1 = 1") if account is None else self._read("t.account = ?", account.id)

    def revoke(self, number: int, at: datetime) -> None:
        """End a token."""
        _write(self._database, "tokens", "id", number, None, {"revoked_at": stamp(at)})

    def _read(self, condition: str, *values: object) -> list[Token]:
        with self._database.reading() as reading:
            return [_token(row) for row in reading.rows(
                f"SELECT {_TOKEN}, {SELECTED} FROM tokens t JOIN accounts a ON a.id = t.account "  # noqa: S608
                f"WHERE {condition} ORDER BY t.id", *values)]


class Attempts:
    """Failed sign-ins in a row, by name: the same for a name that no account goes by."""

    def __init__(self, database: Database) -> None:
        """Keep them in a registry's database."""
        self._database = database

    def locked_for(self, name: str, at: datetime) -> timedelta:
        """Return how long a name is still locked; zero if it is not."""
        with self._database.reading() as reading:
            row = reading.one("SELECT locked_until FROM attempts WHERE name_hash = ?", secrets.digest(name))
        return max(timedelta(0), instant(row[0]) - at) if row and row[0] else timedelta(0)

    def failed(self, name: str, at: datetime) -> timedelta:
        """Count a failure; return how long the name is locked now. Names quiet for a day are forgotten."""
        from sqlalchemy import delete, insert, select

        from geodata.registry.schema import attempts

        key = secrets.digest(name)
        with self._database.writing(alone=False) as connection:
            connection.execute(delete(attempts).where(attempts.c.at <= stamp(at - ATTEMPTS_KEPT)))
            row = connection.execute(select(attempts.c.failed).where(attempts.c.name_hash == key).with_for_update()).first()
            failed = 1 + (row.failed if row else 0)
            locked = lock_after(failed)
            connection.execute(delete(attempts).where(attempts.c.name_hash == key))
            connection.execute(insert(attempts).values(
                name_hash=key, failed=failed, at=stamp(at), locked_until=stamp(at + locked) if locked else None))
        return locked

    def succeeded(self, name: str) -> None:
        """Forget a name's failures."""
        from sqlalchemy import delete

        from geodata.registry.schema import attempts

        with self._database.writing(alone=False) as connection:
            connection.execute(delete(attempts).where(attempts.c.name_hash == secrets.digest(name)))


def lock_after(failures: int) -> timedelta:
    """Return how long a name is locked after so many failures in a row.

    ======== ====================================
    failures locked for
    ======== ====================================
    1 - 4    not
    5        30 s
    6        60 s
    ...      twice as long each time, at most 15 min
    ======== ====================================
    """
    if failures < FREE_FAILURES:
        return timedelta(0)
    doublings = min(failures - FREE_FAILURES, math.ceil(math.log2(LONGEST_LOCK / FIRST_LOCK)))
    return min(LONGEST_LOCK, FIRST_LOCK * int(2 ** doublings))


def _write(database: Database, table: str, by: str, key: object, patience_ms: int | None, values: dict[str, Any]) -> None:
    """Change one row; with a patience, let it be if others are writing."""
    from sqlalchemy import update

    from geodata.registry.schema import metadata

    target = metadata.tables[table]
    change = update(target).where(target.c[by] == key).values(**values)
    try:
        if patience_ms is None:
            with database.writing(alone=False) as connection:
                connection.execute(change)
        else:
            with database.writing(alone=False, patience_ms=patience_ms) as connection:
                connection.execute(change)
    except Unavailable:
        if patience_ms is None:
            raise
