"""Folders of the home that only this installation's own user may read: what they hold is replaced whole.

For work under way and files that people hand in. Several processes may use one at once: who changes
something holds its lock, who only reads sees the old state or the new one.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from geodata import whole


def folder(path: Path) -> Path:
    """Return a folder, made with what is above it if it is not there; nobody else may look into it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def write(path: Path, said: Any) -> None:
    """Replace a file by plain values as JSON."""
    text(path, json.dumps(said, ensure_ascii=False, separators=(",", ":")))


def text(path: Path, said: str) -> None:
    """Replace a file by a text. What a power cut may lose is the latest state, never the whole file."""
    whole.write(path, said.encode(), mode=0o600)


def read(path: Path) -> Any:
    """Return what `write` wrote; None where there is nothing."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock, waiting for whoever holds it; the system lets go of it when a process dies."""
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600)) as stream:  # noqa: PTH123
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def held(path: Path) -> bool:
    """Return whether some process holds a lock just now."""
    try:
        with path.open() as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
