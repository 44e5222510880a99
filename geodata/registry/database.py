"""Where a registry is kept: a SQLite file in its home, or a server named by a URL.

Reading is plain tuples from the driver's own cursor, in one consistent snapshot: a command that only
asks must not wait for SQLAlchemy to be imported (0.4 s). Writing is SQLAlchemy Core, one writer at a
time. What a driver raises leaves here as a refusal.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locator.errors import NotBuilt, Refusal, Unavailable

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

FILE = "registry.sqlite"
SCHEMA = "0004"
"""The newest migration; a test holds it against `migrations/`."""
MIGRATIONS = Path(__file__).parent / "migrations"
"""The steps from nothing to `SCHEMA`."""

_BUSY_MS = 10_000
_PRAGMAS = ("PRAGMA foreign_keys = ON", "PRAGMA synchronous = FULL",
            "PRAGMA secure_delete = ON")  # what was taken back or has expired must not be read off a freed page
_WRITERS_LOCK = 0x6E75616E  # any number that nobody else locks: "nuan"


class Reading:
    """One consistent snapshot, read with plain SQL in which every parameter is written ``?``."""

    def __init__(self, connection: Any, mark: str) -> None:
        """Take a driver's connection inside a transaction, and how its SQL writes a parameter."""
        self._connection = connection
        self._mark = mark

    def rows(self, sql: str, *parameters: object) -> Iterator[tuple[Any, ...]]:
        """Return rows one by one."""
        for block in self.blocks(sql, *parameters):
            yield from block

    def blocks(self, sql: str, *parameters: object, size: int = 5000) -> Iterator[list[tuple[Any, ...]]]:
        """Return rows in lists of at most `size`."""
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(sql.replace("?", self._mark), parameters)
            while block := cursor.fetchmany(size):
                yield block

    def damage(self) -> list[str]:
        """Return what SQLite finds wrong with its file; empty for a server, which looks after itself."""
        if self._mark != "?":
            return []
        found = [str(row[0]) for row in self.rows("PRAGMA integrity_check(20)") if row[0] != "ok"]
        return found + [f"{table} row {row} -> {parent}" for table, row, parent, _ in self.rows("PRAGMA foreign_key_check")]

    def one(self, sql: str, *parameters: object) -> tuple[Any, ...] | None:
        """Return the first row, None if there is none."""
        return next(self.rows(sql, *parameters), None)


class Database:
    """A registry's database. Safe to use from several threads and processes."""

    def __init__(self, home: Path, url: str | None = None) -> None:
        """Name the place; nothing is opened yet."""
        self.path: Path | None = home / FILE
        if url and url.startswith("sqlite:///"):
            self.path = Path(url.removeprefix("sqlite:///"))
        elif url:
            self.path = None
        self._url = url

    def __str__(self) -> str:
        if self.path is not None:
            return str(self.path)
        from sqlalchemy import make_url

        return make_url(self._url or "").render_as_string(hide_password=True)

    # --- reading ------------------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Read in one consistent snapshot, whatever others write meanwhile.

        Raises:
            NotBuilt: If there is no registry.
            Unavailable: If it cannot be read just now.
        """
        with self.refusing():
            if self.path is None:
                with self._engine.connect().execution_options(isolation_level="REPEATABLE READ") as borrowed:
                    yield Reading(borrowed.connection, "%s")
                return
            if not self.path.exists():
                raise self.not_built()
            # mode=rw: a file that is gone since must not come back empty
            connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None,
                                         timeout=_BUSY_MS / 1000, check_same_thread=False)
            with closing(connection):
                connection.execute("BEGIN")
                yield Reading(connection, "?")

    def check_schema(self) -> None:
        """Refuse a registry that this program does not understand.

        Raises:
            NotBuilt: If there is none, or it is older or newer than this program.
        """
        found = self.schema()
        if found is None:
            raise self.not_built()
        if found < SCHEMA:
            raise NotBuilt("registry", str(self), zh=f"登记库是旧版式 {found}（现为 {SCHEMA}）；请运行 nuanxin init 升级",
                           en=f"has the older schema {found} (now {SCHEMA}); run nuanxin init to upgrade it")
        if found > SCHEMA:
            raise NotBuilt("registry", str(self), zh=f"登记库由更新的程序写成（版式 {found}，本程序只懂 {SCHEMA}）；请升级程序",
                           en=f"was written by a newer program (schema {found}, this one knows {SCHEMA}); upgrade it")

    def schema(self) -> str | None:
        """Return the migration the database is at, None where no registry has been made."""
        if self.path is not None and not self.path.exists():
            return None
        with self.reading() as reading:
            tables = ("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'" if self.path
                      else "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'alembic_version'")
            if reading.one(tables) is None:
                return None
            row = reading.one("SELECT version_num FROM alembic_version")
            return None if row is None else str(row[0])

    def not_built(self) -> NotBuilt:
        """Return the refusal that there is no registry here."""
        return NotBuilt("registry", str(self), zh="还没有登记库；请先运行 nuanxin init", en="there is no registry yet; run nuanxin init")

    # --- writing ------------------------------------------------------------------------------------

    @cached_property
    def _engine(self) -> Engine:
        from sqlalchemy import URL, create_engine, event

        if self.path is None:
            return create_engine(self._url or "")
        engine = create_engine(URL.create("sqlite", database=str(self.path)),
                               connect_args={"timeout": _BUSY_MS / 1000, "isolation_level": None})

        @event.listens_for(engine, "connect")
        def _(connection: Any, _record: object) -> None:
            for pragma in _PRAGMAS:
                connection.execute(pragma)

        @event.listens_for(engine, "begin")
        def _(connection: Connection) -> None:
            patience_ms = connection.get_execution_options().get("patience_ms", _BUSY_MS)
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(patience_ms)}")
            # the driver would begin late and without the lock, and then fail in the middle
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        return engine

    @contextmanager
    def writing(self, *, alone: bool = True, patience_ms: int | None = None) -> Iterator[Connection]:
        """Write in one transaction; it ends with `commit`, or undone by anything raised.

        Args:
            alone: Wait for every other writer, so that versions count up. A server need not keep those
                waiting who write no sites; SQLite's writers always wait for each other.
            patience_ms: How long to wait for another writer of SQLite's; None: as long as any statement waits.

        Raises:
            Unavailable: If it cannot be written just now; then nothing has been.
        """
        with self.refusing():
            if self.path is not None and not self.path.exists():
                raise self.not_built()
            patience = {} if patience_ms is None else {"patience_ms": patience_ms}
            with self._engine.execution_options(**patience).begin() as connection:
                if self.path is None and alone:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")
                yield connection

    def settle(self, *, patience_ms: int = _BUSY_MS) -> bool:
        """Bring what was written into SQLite's file, and empty the log beside it: what was overwritten is then in neither.

        Returns:
            Whether that was done; False where others kept the file busy for `patience_ms`, and for a server.
        """
        if self.path is None:
            return False
        try:
            with closing(sqlite3.connect(self.path, timeout=patience_ms / 1000, isolation_level=None)) as connection:
                busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                return not busy
        except sqlite3.OperationalError:  # somebody reads or writes for long: what was asked for is done all the same
            return False

    def migrate(self) -> None:
        """Make the registry, or bring it to this program's schema: all of it or nothing; idempotent.

        Raises:
            NotBuilt: If it was written by a newer program.
            Unavailable: If it cannot be written.
        """
        from alembic import command
        from alembic.config import Config

        found = self.schema()
        if found is not None and found >= SCHEMA:
            self.check_schema()
            return
        settings = Config()
        settings.set_main_option("path_separator", "os")
        settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with self.refusing():
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with closing(sqlite3.connect(self.path, timeout=_BUSY_MS / 1000)) as connection:
                    connection.execute("PRAGMA journal_mode = WAL")  # kept in the file; needs no transaction open
            with self._engine.begin() as connection:
                if self.path is None:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")
                settings.attributes["connection"] = connection
                command.upgrade(settings, "head")

    def close(self) -> None:
        """Let go of every connection kept for writing."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    # --- refusals -----------------------------------------------------------------------------------

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Turn what a driver raises into a refusal."""
        try:
            yield
        except Refusal:
            raise
        except OSError as error:
            raise self._unavailable(error) from error
        except Exception as error:
            if not isinstance(error, self._driver_errors()):
                raise
            raise self._unavailable(getattr(error, "orig", None) or error) from error

    def _driver_errors(self) -> tuple[type[Exception], ...]:
        found: Sequence[type[Exception]] = [sqlite3.Error]
        if self.path is None or "_engine" in self.__dict__:
            from sqlalchemy.exc import DBAPIError

            found = [*found, DBAPIError]
            if self.path is None:
                found = [*found, self._engine.dialect.loaded_dbapi.Error]
        return tuple(found)

    def _unavailable(self, error: BaseException) -> Unavailable:
        said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        otherwise = ("登记库现在无法读写", "the registry cannot be read or written just now")
        zh, en = next(((zh, en) for sign, zh, en in _REASONS if sign in said), otherwise)
        return Unavailable("registry", str(self), zh=f"{zh}（{said}）", en=f"{en} ({said})")


_REASONS = (
    ("locked", "登记库正被别的程序占用，请稍后再试；什么都没有写入", "another program is writing; try again; nothing was written"),
    ("is full", "磁盘已满；什么都没有写入", "the disk is full; nothing was written"),
    ("disk I/O", "磁盘读写出错；什么都没有写入", "the disk failed; nothing was written"),
    ("No space left", "磁盘已满；什么都没有写入", "the disk is full; nothing was written"),
    ("readonly", "登记库是只读的；什么都没有写入", "the registry is read-only; nothing was written"),
    ("Permission denied", "没有权限读写登记库", "no permission to read or write the registry"),
    ("unable to open", "打不开登记库", "the registry cannot be opened"),
    ("not a database", "这个文件不是登记库，或已损坏；请从备份恢复", "this file is not a registry, or is damaged; restore a backup"),
    ("malformed", "登记库已损坏；请从备份恢复", "the registry is damaged; restore a backup"),
)
