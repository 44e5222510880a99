"""An installation as a backup has it: all of it or nothing, also for a server that is running.

Everything is unpacked and proved beside the old first. Then the registry changes in one transaction,
and the files beside it are moved into place; a kill between the two is finished by whichever command
comes next (`finish`).
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from geodata import backup, snapshot
from geodata.backup import Manifest
from geodata.registry import copying
from geodata.registry.database import FILE, Database
from geodata.registry.reports import Reports
from geodata.registry.rows import BEIJING
from geodata.registry.signing import Sessions
from geodata.registry.view import View
from locator.errors import Conflict, Refusal, Unavailable

UNFINISHED = "restore.unfinished"
_LOCK = "restore.lock"
_PLAN = "plan.json"
_NEW = "new"


class Restored(NamedTuple):
    """What a restore did."""

    manifest: Manifest
    aside: Path | None
    """Where what was there before is now; None if there was nothing."""


def restore(file: Path, home: Path, database: Database, *, force: bool = False) -> Restored:
    """Make an installation what a backup holds; an older schema is brought up to date on the way.

    Files that a backup would hold and this one does not are taken away; they stay in the backup that
    is made of the present state first.

    Args:
        file: The archive.
        home: Where to.
        database: The registry to replace.
        force: Replace one that is there.

    Raises:
        BadFile: If the archive is not a backup, or is damaged.
        Conflict: If there is a registry and `force` is not set.
        NotBuilt: If a server keeps the registry.
        Unavailable: If it cannot be written just now. Nothing has changed after any of these.
    """
    path = copying.path_of(database, "restore", "pg_restore")
    with backup.opened(file) as (archive, manifest):
        if path.exists() and not force:
            raise Conflict("registry", str(database), zh="这里已有登记库；确要替换请加 --force（原来的会另存一份）",
                           en="there is a registry here; add --force to replace it (the present one is kept aside)")
        home.mkdir(parents=True, exist_ok=True)
        with _alone(home):
            work = home / UNFINISHED
            shutil.rmtree(work, ignore_errors=True)
            try:
                new = work / _NEW
                archive.extractall(new, members=list(manifest.files))
                staged = Database(new)
                copying.verify(new / FILE)
                staged.migrate()
                Sessions(staged).end_all()  # who was signed out since must not be signed in again
                Reports(staged, new).prune(now=datetime.now(BEIJING))  # what has expired since must not come back
                staged.close()
                aside = _aside(path, home, database) if path.exists() else None
                (work / _PLAN).write_text(
                    json.dumps({"version": manifest.version, "at": manifest.committed_at, "files": list(manifest.files)}),
                    "utf-8")
                copying.put_back(database, new / FILE)
            except BaseException:
                shutil.rmtree(work, ignore_errors=True)
                raise
            _move_in(home)
    return Restored(manifest, aside)


def finish(home: Path, database: Database) -> bool:
    """Finish a restore that was killed after its registry was in, undo one killed before; say if it was finished.

    One that is still going on elsewhere is left alone.
    """
    work = home / UNFINISHED
    if not work.is_dir():
        return False
    with suppress(Unavailable), _alone(home):
        if not work.is_dir():
            return False
        try:
            plan = json.loads((work / _PLAN).read_text("utf-8"))
            with database.reading() as reading:
                done = View(reading).newest() == (plan["version"], plan["at"])
        except (OSError, ValueError, KeyError, Refusal):
            done = False  # without a plan the registry was not touched
        if done:
            _move_in(home)
        else:
            shutil.rmtree(work)
        return done
    return False


def _move_in(home: Path) -> None:
    """Put the files beside the registry in their places; may be begun again after a kill."""
    work = home / UNFINISHED
    kept = set(json.loads((work / _PLAN).read_text("utf-8"))["files"])
    for path in list(backup.beside(home)):
        if path.relative_to(home).as_posix() not in kept:
            path.unlink()
    for name in sorted(kept - {FILE}):
        if (work / _NEW / name).exists():  # else it was moved before the kill
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (work / _NEW / name).replace(home / name)
    snapshot.forget(home)
    backup.sync_folder(home)
    shutil.rmtree(work)


def _aside(path: Path, home: Path, database: Database) -> Path:
    """Keep what is there: as a backup, or as the bare file where it is too damaged for that."""
    kept = home / backup.FOLDER / backup.stamped("before-restore")
    try:
        backup.write(kept, home, database)
    except Unavailable:
        if not copying.damaged(path):  # locked, or no room for a backup: what is there is still good
            raise
        kept = kept.with_suffix(".damaged")
        kept.parent.mkdir(exist_ok=True)
        there = [beside for suffix in ("", "-wal", "-shm") if (beside := path.with_name(path.name + suffix)).exists()]
        for file in there:  # the log too: whoever mends the file needs what was committed last
            shutil.copy2(file, kept.with_name(kept.name + file.name.removeprefix(path.name)))
        for file in there:  # nothing can be written into it
            file.unlink()
    return kept


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    with (home / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable("home", str(home), zh="另一个恢复正在进行", en="another restore is under way") from None
        yield
