"""Whole copies of a SQLite registry, taken and put back while others read and write it.

Both ways are SQLite's online backup: one transaction, so that a copy is of one version, and a registry
that is replaced is the old one or the new one to everybody, also after a kill. A server's database
has tools of its own for this.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from geodata.registry.database import Database
from locator.errors import NotBuilt, Unavailable

WAIT_S = 10.0
"""How long a writer is waited for."""


def path_of(database: Database, doing: str, instead: str) -> Path:
    """Return the file of a registry.

    Args:
        database: The registry's.
        doing: The command that wanted it, for the refusal.
        instead: The database's own tool for the same.

    Raises:
        NotBuilt: If a server keeps it.
    """
    if database.path is None:
        raise NotBuilt("NUANXIN_DATABASE", str(database),
                       zh=f"nuanxin {doing} 只管 SQLite 登记库；PostgreSQL 请用 {instead}，数据目录里的文件另行复制",
                       en=f"nuanxin {doing} is for SQLite registries; for PostgreSQL use {instead}, and copy the home's files beside it")
    return database.path


def take(database: Database, to: Path) -> None:
    """Copy a registry to a new file of its own, one consistent version; nobody waits for it.

    Raises:
        NotBuilt: If there is no registry, or a server keeps it.
        Unavailable: If it cannot be read, or the copy is found damaged.
    """
    path = path_of(database, "backup", "pg_dump")
    with database.refusing():
        if not path.exists():
            raise database.not_built()
        with closing(_opened(path)) as source, closing(sqlite3.connect(to)) as target:
            source.backup(target, progress=_patience())
            # a copy is one file: what is beside it would be lost on the way
            target.execute("PRAGMA journal_mode = DELETE")
    verify(to)


def put_back(database: Database, source: Path) -> None:
    """Replace the content of a registry by that of a file, in one transaction; made if there is none.

    Raises:
        Unavailable: If it cannot be written just now; then it is as it was.
    """
    path = path_of(database, "restore", "pg_restore")
    with database.refusing():
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(source)) as held, closing(sqlite3.connect(path, timeout=WAIT_S)) as target:
            target.execute("PRAGMA journal_mode = WAL")
            target.execute("PRAGMA synchronous = FULL")
            held.backup(target, progress=_patience())
            target.execute("PRAGMA wal_checkpoint(PASSIVE)")


def verify(path: Path) -> None:
    """Read every page of a file.

    Raises:
        Unavailable: If SQLite finds it damaged.
    """
    place = Database(path.parent, f"sqlite:///{path}")
    with place.reading() as reading:
        damage = reading.damage()
    if damage:
        raise Unavailable("registry", str(path), zh=f"登记库已损坏（{damage[0]}）", en=f"the registry is damaged ({damage[0]})")


def damaged(path: Path) -> bool:
    """Return whether a file is no whole registry; False for one that only cannot be read just now."""
    try:
        verify(path)
    except Unavailable as refusal:
        cause = refusal.__cause__
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the higher bits say more closely where
        return cause is None or code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return False


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=WAIT_S)


def _patience() -> Callable[[int, int, int], None]:
    """Return what ends a copy that waits for a lock too long: the driver alone would wait for ever."""
    until = time.monotonic() + WAIT_S
    code = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

    def look(status: int, _remaining: int, _total: int) -> None:
        if status in code and time.monotonic() > until:
            raise sqlite3.OperationalError("database is locked")

    return look
