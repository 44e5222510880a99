"""A table of raw cells with the lines people see: what every file format is read into.

A raw cell is what the file holds, neither cleaned nor understood; `intake` does both. The limits
here bound the time and memory that any file may take; a refusal names the limit it met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeAlias

from locator.errors import BadFile, Refusal, TooManyRows
from locator.words import Words

MOST_FILE_BYTES = 64 << 20
MOST_ROWS = 200_000
MOST_COLUMNS = 300
LONGEST_CELL = 32_767
"""Characters; what Excel itself can hold."""
GEOMETRY = "geometry"
"""The header of the column that holds a geographic file's points."""


class Unreadable(NamedTuple):
    """A cell that holds something without a usable value: a formula never calculated, a line instead of a point."""

    shown: str
    words: Words

    def __str__(self) -> str:
        return self.shown


class Point(NamedTuple):
    """A geometry of a geographic file: two numbers in the file's own order, longitude first."""

    lon: object
    lat: object

    def __str__(self) -> str:
        return f"{self.lon},{self.lat}"


Cell: TypeAlias = "str | float | bool | date | Point | Unreadable | Mapping[str, object] | Sequence[object] | None"


class Row(NamedTuple):
    """One row: the number its reader sees (line, sheet row or feature) and one cell a column."""

    line: int
    cells: Sequence[Cell]


class Part(NamedTuple):
    """One of several sheets or layers that were joined: what it is called, and what was added to its line numbers."""

    title: str
    offset: int


@dataclass(frozen=True)
class Table:
    """One file's rows under its headers.

    A row may have fewer cells than there are headers (the rest are empty) or more (a fault of the row).
    """

    name: str
    headers: tuple[str, ...]
    rows: Sequence[Row]
    header_line: int = 1
    datum: str | None = None
    """What the file's own format says of its coordinates; None for a spreadsheet."""
    spreadsheet: bool = True
    """True where a text may have been marked with an apostrophe to keep it from being a formula."""
    warnings: list[Refusal] = field(default_factory=list)
    parts: tuple[Part, ...] = ()
    """The sheets or layers it was joined from, in order; empty for a single one. Lines are then unique, not as people see them."""

    def at(self, line: int) -> str:
        """Name one row's place: ``stations.csv:12``; of a joined table ``stations.xlsx[西城]:12``."""
        shown = self.shown_line(line)
        return f"{self.name}{shown}" if self.parts else f"{self.name}:{shown}"

    def shown_line(self, line: int) -> str:
        """Return the number that people see: ``12``; of a joined table ``[西城]:12``."""
        part = next((part for part in reversed(self.parts) if part.offset < line), None)
        return str(line) if part is None else f"[{part.title}]:{line - part.offset}"


def refuse(name: str, zh: str, en: str, *, line: int | None = None) -> BadFile:
    """Make the refusal of a whole file."""
    return BadFile("file", name, zh=zh, en=en, at=name if line is None else f"{name}:{line}")


def too_many(name: str, zh: str, en: str) -> TooManyRows:
    """Make the refusal of a file that has more rows than are read; the words name how many may be."""
    return TooManyRows("file", name, zh=zh, en=en, at=name)


def too_long(text: str) -> Unreadable:
    """Stand in for a text longer than a cell may be, without keeping it."""
    return Unreadable(text[:60], Words(f"单元格超过 {LONGEST_CELL:,} 个字符", f"the cell has more than {LONGEST_CELL:,} characters"))


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing, or blanks alone."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
