"""A file that appears whole or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from locator.errors import BadFile


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to; at the end it is `path`, which is replaced if it was there.

    Raises:
        BadFile: If the file cannot be written; nothing is left behind then.
    """
    unfinished = path.with_name(f".{uuid.uuid4().hex}{path.suffix.lower()}")
    try:
        unfinished.touch()  # where nothing can be written, no library need find out in its own way
        unfinished.unlink()
        yield unfinished
        with unfinished.open("rb+") as stream:
            os.fsync(stream.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise BadFile("file", path.name, zh=f"无法写入：{error.strerror or error}", en=f"cannot be written: {error.strerror or error}") from None
    finally:
        unfinished.unlink(missing_ok=True)
