"""One archive of an installation: the registry at one version, the files beside it, checksums, a manifest.

A backup is a zip file, so that any system can open it. It holds whatever a person put into the home
and could not be made again. It does not hold secrets that are better made anew (keys), nor what the
program makes by itself (caches, locks, logs), nor other backups.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from fnmatch import fnmatch
from hashlib import sha256
from importlib.metadata import version as version_of
from pathlib import Path, PurePosixPath
from typing import IO

from geodata.registry import copying
from geodata.registry.database import FILE, SCHEMA, Database
from geodata.registry.rows import BEIJING
from geodata.registry.view import View
from locator.errors import BadFile

MANIFEST = "manifest.json"
FORMAT = 1
FOLDER = "backups"
"""Of the home: where the program puts the backups it makes by itself."""
LEFT_OUT = (f"{FILE}*", "snapshot.cache*", "snapped.cache*", "*.lock", "*.key", "*.pem", "*.zip", "*.log", ".*", "*.sock", "secret*")
"""Names of files that are not in a backup: the registry goes in by itself; the others are no part of it."""
FOLDERS_LEFT_OUT = (FOLDER, "restore.unfinished", "logs", "run", "uploads", "jobs", "studies", "demand.cache")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself."""

    format: int
    program: str
    schema: str
    version: int
    """The registry's."""
    committed_at: str | None
    """When that version was committed; None for a registry without any."""
    sites: int
    made_at: str
    files: dict[str, dict[str, int | str]]
    """Every other file of the archive: its `bytes` and its `sha256`."""


def write(file: Path, home: Path, database: Database) -> Manifest:
    """Back an installation up into one file, while it is served and edited.

    The archive is complete, read back and on the disk before it gets its name; it is readable by its
    owner only. An older archive of the same name is replaced; any other file is not.

    Raises:
        NotBuilt: If there is no registry, or a server keeps it.
        BadFile: If `file` exists and is not a backup.
        Unavailable: If the registry cannot be read, or is damaged.
        OSError: If the archive cannot be written; then nothing is left of it.
    """
    copying.path_of(database, "backup", "pg_dump")
    if file.exists():
        _check_replaceable(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
        copied = Path(folder) / FILE
        copying.take(database, copied)
        members = {FILE: copied, **{str(path.relative_to(home).as_posix()): path for path in beside(home)}}
        unfinished = Path(folder) / "archive"
        with unfinished.open("xb") as stream:
            os.fchmod(stream.fileno(), 0o600)
            manifest = _packed(stream, members, copied)
            stream.flush()
            os.fsync(stream.fileno())
        with opened(unfinished) as (_, said):
            if said != manifest:
                raise BadFile("file", str(file), zh="写好的备份读回来不一致，未保留", en="reads back differently than written; not kept")
        unfinished.replace(file)
    sync_folder(file.parent)
    return manifest


def beside(home: Path) -> Iterator[Path]:
    """Return the files of a home that belong into a backup, the registry apart, in the order of their names."""
    for path in sorted(home.rglob("*")) if home.is_dir() else ():
        parts = path.relative_to(home).parts
        if (path.is_file() and not path.is_symlink() and parts[0] not in FOLDERS_LEFT_OUT
                and not any(fnmatch(part, pattern) for part in parts for pattern in LEFT_OUT)):
            yield path


@contextmanager
def opened(file: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open an archive whose every byte has been compared with its manifest.

    Raises:
        BadFile: If it is not a backup, is of a newer program, or anything in it differs.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive, file)
            for name, told in manifest.files.items():
                with archive.open(name) as member:
                    found = {"bytes": archive.getinfo(name).file_size, "sha256": _digest(member)}
                if found != told:
                    raise _damaged(file, name)
            yield archive, manifest
    except FileNotFoundError:
        raise BadFile("file", str(file), zh="没有这个文件", en="there is no such file") from None
    except (zipfile.BadZipFile, EOFError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise BadFile("file", str(file), zh=f"不是备份，或已损坏（{error}）", en=f"is not a backup, or is damaged ({error})") from None


def stamped(why: str) -> str:
    """Return a file name for a backup that the program makes by itself."""
    return f"{why}-{datetime.now(BEIJING):%Y%m%d-%H%M%S-%f}.zip"


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk before going on."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _check_replaceable(file: Path) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            _manifest(archive, file)
    except (zipfile.BadZipFile, BadFile, OSError, EOFError):
        raise BadFile("file", str(file), zh="已有这个文件，且不是备份，不覆盖；请换一个名字",
                      en="exists and is not a backup: it is not overwritten; take another name") from None


def _packed(stream: IO[bytes], members: dict[str, Path], copied: Path) -> Manifest:
    told: dict[str, dict[str, int | str]] = {}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, path in members.items():
            digest, size = sha256(), 0
            with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
                while block := source.read(_BLOCK):
                    digest.update(block)
                    size += target.write(block)
            told[name] = {"bytes": size, "sha256": digest.hexdigest()}
        manifest = _described(copied, told)
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
    return manifest


def _described(copied: Path, files: dict[str, dict[str, int | str]]) -> Manifest:
    place = Database(copied.parent, f"sqlite:///{copied}")
    schema = place.schema()
    with place.reading() as reading:
        view = View(reading)
        version, at = view.newest()
        sites = view.count()
    return Manifest(FORMAT, version_of("nuanxin"), schema or "", version, at, sites,
                    datetime.now(BEIJING).isoformat(timespec="seconds"), files)


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        said = json.loads(archive.read(MANIFEST))
        if not isinstance(said["format"], int) or said["format"] > FORMAT or said["schema"] > SCHEMA:
            raise BadFile("file", str(file), zh=f"由更新的程序写成（{said['program']}，版式 {said['schema']}）；请升级程序",
                          en=f"was written by a newer program ({said['program']}, schema {said['schema']}); upgrade this one")
        manifest = Manifest(**said)
        names = set(manifest.files)
    except (KeyError, ValueError, TypeError) as error:
        raise BadFile("file", str(file), zh=f"不是本程序的备份（{MANIFEST} 缺失或读不懂）",
                      en=f"is not a backup of this program ({MANIFEST} is missing or cannot be read)") from error
    listed = [info.filename for info in archive.infolist()]
    for name in (*names, *listed):
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
            raise _damaged(file, name)
    if sorted(listed) != sorted({*names, MANIFEST}) or FILE not in names:
        raise _damaged(file, ", ".join(sorted(names ^ set(listed) - {MANIFEST})) or FILE)
    return manifest


def _digest(stream: IO[bytes]) -> str:
    digest = sha256()
    while block := stream.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _damaged(file: Path, name: str) -> BadFile:
    return BadFile("file", str(file), zh=f"备份已损坏：其中的 {name} 与清单不符", en=f"the backup is damaged: {name} in it differs from its manifest")
