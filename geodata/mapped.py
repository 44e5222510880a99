"""Columns in one file: a description, then each column as numpy writes an array; mapped into memory when read.

The file is there whole or not at all, and processes that read it share one copy of it in memory.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from geodata import whole

_ALIGNED = 64
"""Bytes; numpy's own header fills up to the same."""


def write(path: Path, said: Mapping[str, Any], columns: Sequence[NDArray[Any]]) -> None:
    """Put a description, which must be JSON, and columns in place of what was there.

    Raises:
        BadFile: If the file cannot be written; what was there stays.
    """
    text = json.dumps(said, ensure_ascii=False).encode()
    with whole.written(path) as unfinished, unfinished.open("wb") as file:
        np.save(file, np.frombuffer(text.ljust(len(text) + -len(text) % _ALIGNED), np.uint8))
        for column in columns:
            np.save(file, np.ascontiguousarray(column))


def read(path: Path, columns: int) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """Return the description and so many columns, which are not read until they are looked at.

    Raises:
        ValueError: If the file is not one that `write` wrote, whole.
        OSError: If it cannot be read.
    """
    with path.open("rb") as file:
        said = json.loads(np.lib.format.read_array(file, allow_pickle=False).tobytes())
        if not isinstance(said, dict):
            raise ValueError("no description")
        size = path.stat().st_size
        return said, [_mapped(file, size) for _ in range(columns)]


def _mapped(file: IO[bytes], size: int) -> NDArray[Any]:
    """Return the array that begins where a file stands, without reading it, and go on behind it."""
    np.lib.format.read_magic(file)
    shape, _, kind = np.lib.format.read_array_header_1_0(file)
    begin, length = file.tell(), int(np.prod(shape)) * kind.itemsize
    if begin + length > size:
        raise ValueError("cut short")
    file.seek(begin + length)
    return np.asarray(np.memmap(file.name, kind, "r", begin, shape)) if length else np.empty(shape, kind)
