"""What people have handed in to be imported, and how far each is: the file, how to read it, what was decided.

An upload is a folder of its own under the home, readable by nobody else: the file as it came, which is
never edited, and a record of everything said about it. Corrections of cells are part of the record and
are laid over the file each time it is read. Every change of what the reading depends on counts the
record's `revision` up; whoever changes it from an older one, in another tab, is told so. The file and
all that was read of it go when it has been imported, and after `KEPT` in any case; the record, which
then holds nothing personal but the account's name, stays for `REMEMBERED`, for undo.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from geodata import private
from geodata.corrections import LEFT_OUT
from geodata.tables import MOST_FILE_BYTES, refuse
from locator.errors import Conflict, NotThere, TooMany

FOLDER = "uploads"
"""Of the home."""
KEPT = timedelta(days=7)
REMEMBERED = timedelta(days=180)
MOST_OPEN = 20
"""Unfinished uploads of one account."""
_LONGEST_NAME = 120
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that was handed in."""

    id: str
    owner: str
    area: str
    """Where its owner's account is; those above may look at it."""
    name: str
    """What the file is called; its suffix says what it is."""
    size: int
    created_at: datetime
    revision: int = 0
    """How often what the reading depends on has changed."""
    source: str | None = None
    kind: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    """Header → field, where somebody said otherwise than it was recognised."""
    sheets: tuple[str, ...] = ()
    datum: str | None = None
    """What somebody said; None: by the file and the evidence."""
    match: str = "report"
    decisions: Mapping[str, str] = field(default_factory=dict)
    """Line → the site that a row is, ``new`` or ``leave out``."""
    corrections: Mapping[str, str] = field(default_factory=dict)
    """``line:column`` → what the cell should say."""
    purpose: str = ""
    """What the last job is or was for: look, read, commit, undo; empty before the first."""
    job: str | None = None
    version: int | None = None
    """The version of the registry that it was imported as."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """What the import did."""
    reason: str | None = None
    undone: int | None = None
    """The version that took it back."""

    @property
    def is_open(self) -> bool:
        """Whether there still is something to import."""
        return self.version is None and not self.counts

    @property
    def line_decisions(self) -> dict[int, str]:
        """The decisions by line, as `intake.read` takes them."""
        return {int(line): said for line, said in self.decisions.items() if said != LEFT_OUT}

    @property
    def left_out(self) -> frozenset[int]:
        """The lines that are not to be imported."""
        return frozenset(int(line) for line, said in self.decisions.items() if said == LEFT_OUT)

    @property
    def cells(self) -> dict[tuple[int, int], str]:
        """The corrections by (line, column)."""
        return {(int(at.partition(":")[0]), int(at.partition(":")[2])): text for at, text in self.corrections.items()}


class Uploads:
    """The uploads of one home."""

    def __init__(self, home: Path) -> None:
        """Keep them in a home."""
        self._folder = home / FOLDER

    def add(self, stream: IO[bytes], name: str, *, owner: str, area: str, at: datetime, **said: Any) -> Upload:
        """Keep a file that is handed in.

        Args:
            stream: Its bytes; read a block at a time.
            name: What it was called; a path before it does not count.
            owner: The account's name.
            area: The account's area.
            at: Now.
            said: Other fields of the record.

        Raises:
            BadFile: If it is larger than `tables.MOST_FILE_BYTES`.
            TooMany: If this account has `MOST_OPEN` unfinished ones.
        """
        if sum(upload.is_open for upload in self.all() if upload.owner == owner) >= MOST_OPEN:
            raise TooMany("file", name, zh=f"您已有 {MOST_OPEN} 个未完成的导入；请先完成或删除一些",
                          en=f"you have {MOST_OPEN} unfinished imports; finish or delete some first")
        upload_id, shown = uuid.uuid4().hex, plain_name(name)
        place = private.folder(private.folder(self._folder) / upload_id)
        try:
            size = 0
            with open(os.open(private.folder(place / "file") / shown, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:  # noqa: PTH123
                while block := stream.read(_BLOCK):
                    size += len(block)
                    if size > MOST_FILE_BYTES:
                        raise refuse(shown, f"文件超过 {MOST_FILE_BYTES >> 20} MB；请分成几个文件",
                                     f"the file has more than {MOST_FILE_BYTES >> 20} MB: split it")
                    kept.write(block)
            upload = Upload(upload_id, owner, area, shown, size, at, **said)
            private.write(place / "upload.json", _said(upload))
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        return upload

    def find(self, upload_id: str) -> Upload | None:
        """Return an upload; None if there is none of this id."""
        said = private.read(self.place(upload_id) / "upload.json") if upload_id.isalnum() else None
        return None if said is None else _upload(said)

    def named(self, upload_id: str) -> Upload:
        """Return an upload.

        Raises:
            NotThere: If there is none of this id.
        """
        found = self.find(upload_id)
        if found is None:
            raise not_there(upload_id)
        return found

    def all(self) -> list[Upload]:
        """Return every upload, the newest first."""
        found = [self.find(path.parent.name) for path in self._folder.glob("*/upload.json")]
        return sorted((upload for upload in found if upload is not None), key=lambda upload: (upload.created_at, upload.id), reverse=True)

    def change(self, upload_id: str, *, revision: int | None = None, **fields: Any) -> Upload:
        """Change what is said of an upload; return it as it is then.

        Args:
            upload_id: Which.
            revision: What the change was made from; it then counts as one more. None: the reading does not
                depend on what changes.
            fields: Fields of `Upload`.

        Raises:
            NotThere: If there is none of this id.
            Conflict: If the revision is another by now.
        """
        place = self.place(upload_id)
        if not (place / "upload.json").exists():
            raise not_there(upload_id)
        with private.locked(place / "lock"):
            upload = self.named(upload_id)
            if revision is not None:
                if revision != upload.revision:
                    raise Conflict("revision", revision, zh="这次导入在别的窗口里已被更改；下面是现在的样子，请再确认",
                                   en="this import was changed in another window; below is what it is now: please check again")
                fields["revision"] = revision + 1
            upload = dataclasses.replace(upload, **fields)
            private.write(place / "upload.json", _said(upload))
        return upload

    def finish(self, upload_id: str, **fields: Any) -> Upload:
        """Say what became of an upload, and delete its file and everything that was read of it or said about its rows."""
        upload = self.change(upload_id, decisions={}, corrections={}, columns={}, **fields)
        place = self.place(upload_id)
        shutil.rmtree(place / "file", ignore_errors=True)
        for path in place.iterdir():
            if path.name not in ("upload.json", "lock"):
                path.unlink()
        return upload

    def delete(self, upload_id: str) -> None:
        """Forget an upload altogether; nothing happens where there is none."""
        if upload_id.isalnum():
            shutil.rmtree(self.place(upload_id), ignore_errors=True)

    def prune(self, now: datetime) -> None:
        """Delete what is older than it may be kept."""
        for upload in self.all():
            if now - upload.created_at > (KEPT if upload.is_open else REMEMBERED):
                self.delete(upload.id)

    def place(self, upload_id: str) -> Path:
        """Return the folder of an upload: what is read of it is kept there."""
        return self._folder / upload_id

    def file(self, upload: Upload) -> Path:
        """Return where the file itself is."""
        return self.place(upload.id) / "file" / upload.name


def not_there(upload_id: str) -> NotThere:
    """Return the refusal of an upload that there is not, or that whoever asks may not know of."""
    return NotThere("import", upload_id, zh="没有这次导入；它可能已过期或已删除", en="there is no such import; it may have expired or been deleted")


def plain_name(name: str) -> str:
    """Return a file's name without a path and without what no name should hold; its suffix stays."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    clean = "".join(c for c in last if c.isprintable()).strip().lstrip(".") or "file"
    stem, dot, suffix = clean.rpartition(".")
    while len(clean.encode()) > _LONGEST_NAME:
        stem = stem[:-1]
        clean = f"{stem}{dot}{suffix}" if stem else suffix[-20:] or "file"
        if not stem:
            break
    return clean


def _said(upload: Upload) -> dict[str, Any]:
    return dataclasses.asdict(upload) | {"created_at": upload.created_at.isoformat()}


def _upload(said: Mapping[str, Any]) -> Upload:
    return Upload(**{**said, "created_at": datetime.fromisoformat(said["created_at"]), "sheets": tuple(said["sheets"])})
