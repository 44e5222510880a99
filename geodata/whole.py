"""A file that is there whole or not at all, even when the power fails."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from locator.errors import BadFile


def write(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Put a file in its place, over an older one of its name; `mode` as for `os.open`."""
    beside = _beside(path)
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:  # noqa: PTH123
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Give a name beside `path` for a library to write to; at the end it is `path`, which is replaced if it was there.

    Raises:
        BadFile: If the file cannot be written; nothing is left behind then.
    """
    beside = _beside(path)
    try:
        beside.touch()  # where nothing can be written, no library need find out in its own way
        beside.unlink()
        yield beside
        with beside.open("rb+") as stream:
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError as error:
        raise BadFile("file", path.name, zh=f"无法写入：{error.strerror or error}", en=f"cannot be written: {error.strerror or error}") from None
    finally:
        beside.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".{uuid.uuid4().hex}{path.suffix.lower()}")  # libraries go by the suffix
