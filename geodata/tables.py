"""A table of raw cells with the lines people see: what every file format is read into.

A raw cell is what the file holds, neither cleaned nor understood; `intake` does both. The limits
here bound the time and memory that any file may take; a refusal names the limit it met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice
from typing import NamedTuple, TypeAlias

from locator.errors import BadFile, Refusal
from locator.words import Words

MOST_FILE_BYTES = 64 << 20
MOST_ROWS = 200_000
MOST_COLUMNS = 300
LONGEST_CELL = 32_767
"""Characters; what Excel itself can hold."""
TITLE_ROWS = 10
"""How many filled rows from the top may hold the header; titles above it are passed over."""


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

    def at(self, line: int) -> str:
        """Name one row's place: ``stations.csv:12``."""
        return f"{self.name}:{line}"


def under_headers(name: str, rows: Iterable[Row], known: Callable[[str], bool], *, aligned: bool = False) -> Table:
    """Find the header among the topmost rows and gather what lies below it; blank rows are passed over.

    `aligned` says that a cell cannot slip out of its column, as it can in a CSV: what stands beyond the
    headers is then columns without a name, otherwise a fault of its row.

    The header is the first filled row if `known` says that it knows one of at least two headers in
    it; otherwise the first of the top `TITLE_ROWS` filled rows with two known headers; otherwise the
    first filled row.

    Raises:
        BadFile: If there is nothing, nothing below the header, or more than the limits allow.
    """
    written: dict[int, int] = {}
    filled = _filled(name, rows, written)
    top = list(islice(filled, TITLE_ROWS))
    if not top:
        raise refuse(name, "文件是空的；第一行应为表头，其后每行一个站点",
                     "the file is empty; the first line must be headers, then one site a line")
    chosen = _header_among(top, known)
    header = top[chosen]
    gathered = list(islice(chain(top[chosen + 1:], filled), MOST_ROWS + 1))
    if not gathered:
        raise refuse(name, "只有表头，没有数据行", "there are headers but no rows under them")
    if len(gathered) > MOST_ROWS:
        raise refuse(name, f"超过 {MOST_ROWS:,} 行；请分成几个文件", f"more than {MOST_ROWS:,} rows; split the file")
    width = max(map(len, (row.cells for row in gathered))) if aligned else min(written[header.line], MOST_COLUMNS)
    headers = tuple("" if cell is None else str(cell).strip() for cell in header.cells)
    headers += ("",) * (width - len(headers))
    warnings: list[Refusal] = []
    if chosen:
        skipped = "、".join(str(row.line) for row in top[:chosen])
        warnings.append(BadFile("header", skipped, zh="表头之上的这些行未导入", en="these lines above the header were not imported",
                                at=f"{name}:{header.line}"))
    return Table(name, headers, gathered, header.line, warnings=warnings)


def refuse(name: str, zh: str, en: str, *, line: int | None = None) -> BadFile:
    """Make the refusal of a whole file."""
    return BadFile("file", name, zh=zh, en=en, at=name if line is None else f"{name}:{line}")


def too_long(text: str) -> Unreadable:
    """Stand in for a text longer than a cell may be, without keeping it."""
    return Unreadable(text[:60], Words(f"单元格超过 {LONGEST_CELL:,} 个字符", f"the cell has more than {LONGEST_CELL:,} characters"))


def _filled(name: str, rows: Iterable[Row], written: dict[int, int]) -> Iterator[Row]:
    """Pass on the rows that hold anything, without their empty ends; note how wide the top ones were written."""
    for row in rows:
        cells = row.cells
        width = len(cells)
        while width and (cells[width - 1] is None or cells[width - 1] == "" or _blank(cells[width - 1])):
            width -= 1
        if not width:
            continue
        if len(written) < TITLE_ROWS:
            written[row.line] = len(cells)
        if width > MOST_COLUMNS:
            raise refuse(name, f"有 {width:,} 列，最多 {MOST_COLUMNS} 列", f"{width:,} columns; at most {MOST_COLUMNS} are read",
                         line=row.line)
        yield row if width == len(cells) else Row(row.line, cells[:width])


def _blank(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.strip()


def _header_among(top: Sequence[Row], known: Callable[[str], bool]) -> int:
    hits = [sum(1 for cell in row.cells if isinstance(cell, str) and known(cell)) for row in top]
    if hits[0] and len(top[0].cells) > 1:
        return 0
    return next((i for i, hit in enumerate(hits) if hit > 1), 0)
