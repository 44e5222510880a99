"""An XLS workbook's sheets as raw values, read by calamine in a process of its own.

The old format cannot be counted before a library reads it, as XLSX can, and a broken file makes the
library panic, loop, or ask for more memory than there is. So the process has bounded memory and time,
and whatever happens to it is a refusal here.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from geodata.census import MOST_CELLS
from geodata.package import MOST_UNPACKED_BYTES
from geodata.tables import refuse
from locator.errors import BadFile

MOST_MEMORY_BYTES = 1 << 30
MOST_SECONDS = 60

_CHILD = Path(__file__).with_name("xls_child.py")
_MADE: Mapping[str, Callable[[Any], object]] = {"datetime": datetime.fromisoformat, "date": date.fromisoformat, "time": time.fromisoformat,
         "timedelta": lambda seconds: timedelta(seconds=seconds)}


class OldSheet(NamedTuple):
    """One worksheet: its rows from the first line of the sheet on, `indent` columns from its left edge."""

    title: str
    hidden: bool
    indent: int
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]]
    rows: Sequence[Sequence[Any]]


def sheets(path: Path) -> list[OldSheet]:
    """Return every worksheet, hidden ones too.

    Raises:
        BadFile: If it is no XLS workbook, is encrypted or broken, or takes more than `MOST_SECONDS`,
            `MOST_MEMORY_BYTES`, `census.MOST_CELLS` or `package.MOST_UNPACKED_BYTES` characters.
    """
    name = path.name
    limits = (MOST_MEMORY_BYTES, MOST_CELLS, MOST_UNPACKED_BYTES // 2)
    try:
        done = subprocess.run([sys.executable, "-I", str(_CHILD), str(path.absolute()), *map(str, limits)],  # noqa: S603
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=MOST_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise _too_large(name) from None
    # whatever else ends a line elsewhere (U+0085, U+2028) is part of a cell here
    *lines, rest = done.stdout.decode("utf-8", "replace").split("\n")
    last = _line(lines[-1]) if lines and not rest else None  # a rest: it died in the middle of a line
    if isinstance(last, dict) and last.get("refused") == "password":
        raise refuse(name, "文件有密码；请去掉密码后再导入", "is encrypted; remove the password first")
    if isinstance(last, dict) and last.get("refused") == "large":
        raise _too_large(name)
    if done.returncode == -signal.SIGABRT:  # what the library does when it gets no memory
        raise _too_large(name)
    if done.returncode or last != "end":
        why = last.get("why", "") if isinstance(last, dict) else ""
        raise refuse(name, f"XLS 内容已损坏；请用 Excel 或 WPS 另存为 .xlsx。{why}", f"the XLS content is broken; save it as .xlsx. {why}".strip())
    return _sheets(lines[:-1])


def _sheets(lines: Sequence[str]) -> list[OldSheet]:
    found: list[OldSheet] = []
    rows: list[Any] = []
    for line in lines:
        said = _line(line)
        if isinstance(said, list):
            rows.append(said)
        elif "title" in said:
            rows = []
            found.append(OldSheet(said["title"], said["hidden"], said["indent"],
                                  [((top, left), (bottom, right)) for (top, left), (bottom, right) in said["merged"]], rows))
    return found


def _line(line: str) -> Any:
    return json.loads(line, object_hook=_value)


def _value(said: dict[str, Any]) -> Any:
    (key, value), *more = said.items()
    return _MADE[key](value) if not more and key in _MADE else said


def _too_large(name: str) -> BadFile:
    return refuse(name, f"内容过大：最多 {MOST_CELLS:,} 个单元格、{MOST_SECONDS} 秒；请另存为 .xlsx，或分成几个文件",
                  f"is too large: at most {MOST_CELLS:,} cells and {MOST_SECONDS} seconds; save it as .xlsx, or split it")
