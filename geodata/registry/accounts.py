"""Accounts: who may sign in, as what, where; passwords as hashes, second factors, one-time codes.

Reading is plain SQL, so that a page which asks who is signed in pays no import; every change is one
transaction. The clock is an argument. Nothing here is part of an atlas or an export.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from geodata.registry import secrets
from geodata.registry.database import Database
from geodata.registry.rows import instant, stamp
from locator.errors import BadValue, Conflict, NotThere
from locator.permissions import Grant

if TYPE_CHECKING:
    from sqlalchemy import Connection

CODE_LASTS = timedelta(hours=24)
"""How long a one-time code to choose a password with is good for."""
RECOVERY_CODES = 8
_NAME = re.compile(r"[\w.@-]{2,40}")
_LONGEST_DISPLAY = 60
COLUMNS = ("id", "name", "display", "role", "area", "password", "password_at", "totp_secret", "totp_step", "code_until",
           "created_at", "created_by", "disabled_at", "signed_in_at")
SELECTED = ", ".join(f"a.{name}" for name in COLUMNS)


@dataclass(frozen=True, slots=True)
class Account:
    """One account as it stands."""

    id: int
    name: str
    display: str
    role: str
    area: str
    password: str | None
    password_at: datetime | None
    totp_secret: str | None
    totp_step: int | None
    code_until: datetime | None
    created_at: datetime
    created_by: str
    disabled_at: datetime | None
    signed_in_at: datetime | None

    @property
    def grant(self) -> Grant:
        """What it may do, and where."""
        return Grant(self.role, self.area)

    @property
    def disabled(self) -> bool:
        """Whether it was stopped."""
        return self.disabled_at is not None

    @property
    def second_factor(self) -> bool:
        """Whether signing in takes a code of an authenticator too."""
        return self.totp_secret is not None


def account_of(row: Iterable[Any]) -> Account:
    """Return the account of a row of `COLUMNS`."""
    values = dict(zip(COLUMNS, row, strict=True))
    for name in ("password_at", "code_until", "created_at", "disabled_at", "signed_in_at"):
        values[name] = None if values[name] is None else instant(values[name])
    return Account(**values)


def name_of(said: str) -> str:
    """Return a name as accounts go by it: NFKC, case folded, no blanks around.

    Raises:
        BadValue: If it is not 2 to 40 letters, digits or ``. _ @ -``.
    """
    name = unicodedata.normalize("NFKC", said).casefold().strip()
    if not _NAME.fullmatch(name):
        raise BadValue("name", said, zh="应为 2 到 40 个汉字、字母、数字或 . _ @ -", en="must be 2 to 40 letters, digits or . _ @ -")
    return name


class Accounts:
    """The accounts of one registry. Names in arguments are as `name_of` gives them."""

    def __init__(self, database: Database) -> None:
        """Keep them in a registry's database."""
        self._database = database

    # --- reading ------------------------------------------------------------------------------------

    def any(self) -> bool:
        """Say whether there is any account, stopped ones included."""
        with self._database.reading() as reading:
            return reading.one("SELECT 1 FROM accounts LIMIT 1") is not None

    def all(self) -> list[Account]:
        """Return every account, by name."""
        with self._database.reading() as reading:
            return [account_of(row) for row in reading.rows(f"SELECT {SELECTED} FROM accounts a ORDER BY a.name")]  # noqa: S608

    def find(self, name: str) -> Account | None:
        """Return an account by name."""
        return self._one("a.name = ?", name)

    def named(self, name: str) -> Account:
        """Return an account by name.

        Raises:
            NotThere: If there is none.
        """
        found = self.find(name)
        if found is None:
            raise NotThere("name", name, zh="没有这个账号", en="there is no such account")
        return found

    def invited(self, code: str, at: datetime) -> Account | None:
        """Return whose one-time code this is; None if nobody's, or it is too old, or the account is stopped."""
        account = self._one("a.code_hash = ? AND a.disabled_at IS NULL", secrets.code_digest(code))
        return account if account and account.code_until and at < account.code_until else None

    def recovery_codes_left(self, account: Account) -> int:
        """Return how many recovery codes were not used yet."""
        with self._database.reading() as reading:
            row = reading.one("SELECT count(*) FROM recovery_codes WHERE account = ?", account.id)
            return int(row[0]) if row else 0

    def _one(self, condition: str, value: str) -> Account | None:
        with self._database.reading() as reading:
            row = reading.one(f"SELECT {SELECTED} FROM accounts a WHERE {condition}", value)  # noqa: S608
        return None if row is None else account_of(row)

    # --- changing -----------------------------------------------------------------------------------

    def add(self, name: str, *, display: str, role: str, area: str, by: str, at: datetime) -> str:
        """Make an account; return the one-time code with which its owner chooses a password.

        Raises:
            Conflict: If the name is taken; names are never used again, for history goes by them.
            BadValue: If a name cannot be one.
        """
        from sqlalchemy import insert, select

        from geodata.registry.schema import accounts

        name, code = name_of(name), secrets.code()
        with self._database.writing(alone=False) as connection:
            if connection.execute(select(accounts.c.id).where(accounts.c.name == name)).first():
                raise Conflict("name", name, zh="已有这个账号；停用过的名字也不再用", en="this name is taken; one that was stopped is not used again")
            connection.execute(insert(accounts).values(
                name=name, display=_display(display) or name, role=role, area=area, created_at=stamp(at), created_by=by,
                code_hash=secrets.code_digest(code), code_until=stamp(at + CODE_LASTS)))
        return code

    def reset(self, account: Account, at: datetime) -> str:
        """Take an account's password and second factor away and end its sessions; return a one-time code to choose anew."""
        code = secrets.code()
        with self._database.writing(alone=False) as connection:
            self._update(connection, account, password=None, password_at=None, totp_secret=None, totp_step=None,
                         code_hash=secrets.code_digest(code), code_until=stamp(at + CODE_LASTS))
            self._forget(connection, account, tokens=False, at=at)
        return code

    def hand_over(self, account: Account, *, display: str, at: datetime) -> str:
        """Give an account to another person: as `reset`, and its tokens end too. Return the one-time code."""
        if not _display(display):
            raise BadValue("display", display, zh="请写接手人的姓名或岗位", en="say who takes it over")
        code = secrets.code()
        with self._database.writing(alone=False) as connection:
            self._update(connection, account, display=_display(display), password=None, password_at=None, totp_secret=None,
                         totp_step=None, code_hash=secrets.code_digest(code), code_until=stamp(at + CODE_LASTS))
            self._forget(connection, account, tokens=True, at=at)
        return code

    def choose_password(self, account: Account, hashed: str, at: datetime, *, code: str | None = None) -> None:
        """Set a password's hash, end every session, use the one-time code up.

        Raises:
            Conflict: If `code` was used in the meantime.
        """
        with self._database.writing(alone=False) as connection:
            expected = {} if code is None else {"code_hash": secrets.code_digest(code)}
            if not self._update(connection, account, expected, password=hashed, password_at=stamp(at), code_hash=None, code_until=None):
                raise Conflict("code", None, zh="这个一次性代码已用过", en="this one-time code was used already")
            self._forget(connection, account, tokens=False, at=at)

    def rehash(self, account: Account, hashed: str) -> None:
        """Keep the same password under newer parameters."""
        with self._database.writing(alone=False) as connection:
            self._update(connection, account, {"password": account.password}, password=hashed)

    def signed_in(self, account: Account, at: datetime) -> None:
        """Remember when somebody last signed in."""
        with self._database.writing(alone=False) as connection:
            self._update(connection, account, signed_in_at=stamp(at))

    def disable(self, account: Account, at: datetime) -> None:
        """Stop an account: its sessions and tokens end, its one-time code too."""
        with self._database.writing(alone=False) as connection:
            self._update(connection, account, disabled_at=stamp(at), code_hash=None, code_until=None)
            self._forget(connection, account, tokens=True, at=at)

    def enable(self, account: Account) -> None:
        """Let a stopped account sign in again, with the password it had; its tokens stay ended."""
        with self._database.writing(alone=False) as connection:
            self._update(connection, account, disabled_at=None)

    def set_second_factor(self, account: Account, secret: str | None, *, step: int | None = None) -> list[str]:
        """Ask for a code of an authenticator from now on, or (None) no longer; return fresh recovery codes.

        Args:
            account: Whose.
            secret: The authenticator's secret, Base32.
            step: The step whose code proved that the authenticator works: not to be used again.
        """
        from sqlalchemy import delete, insert

        from geodata.registry.schema import recovery_codes

        codes = [] if secret is None else [secrets.recovery_code() for _ in range(RECOVERY_CODES)]
        with self._database.writing(alone=False) as connection:
            self._update(connection, account, totp_secret=secret, totp_step=step)
            connection.execute(delete(recovery_codes).where(recovery_codes.c.account == account.id))
            if codes:
                connection.execute(insert(recovery_codes), [
                    {"account": account.id, "hash": secrets.code_digest(code)} for code in codes])
        return codes

    def use_step(self, account: Account, step: int) -> bool:
        """Use up the code of a step of 30 s; False if it, or a later one, was used before."""
        from sqlalchemy import or_, update

        from geodata.registry.schema import accounts

        with self._database.writing(alone=False) as connection:
            done = connection.execute(update(accounts).where(
                accounts.c.id == account.id, or_(accounts.c.totp_step.is_(None), accounts.c.totp_step < step)).values(totp_step=step))
            return done.rowcount == 1

    def use_recovery_code(self, account: Account, code: str) -> bool:
        """Use up a recovery code; False if it is none of the account's, or was used before."""
        from sqlalchemy import delete

        from geodata.registry.schema import recovery_codes

        with self._database.writing(alone=False) as connection:
            done = connection.execute(delete(recovery_codes).where(
                recovery_codes.c.account == account.id, recovery_codes.c.hash == secrets.code_digest(code)))
            return done.rowcount == 1

    def _update(self, connection: Connection, account: Account, expected: dict[str, Any] | None = None, **values: Any) -> bool:
        from sqlalchemy import update

        from geodata.registry.schema import accounts

        conditions = [accounts.c[name] == value for name, value in (expected or {}).items()]
        done = connection.execute(update(accounts).where(accounts.c.id == account.id, *conditions).values(**values))
        return done.rowcount == 1

    def _forget(self, connection: Connection, account: Account, *, tokens: bool, at: datetime) -> None:
        from sqlalchemy import delete, update

        from geodata.registry import schema

        connection.execute(delete(schema.sessions).where(schema.sessions.c.account == account.id))
        if tokens:
            connection.execute(update(schema.tokens).where(
                schema.tokens.c.account == account.id, schema.tokens.c.revoked_at.is_(None)).values(revoked_at=stamp(at)))


def _display(said: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in said).split())[:_LONGEST_DISPLAY]
