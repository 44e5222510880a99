"""Corrections laid over a table: cells that somebody has put right, and rows left out. The file stays as it came."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping

from geodata.tables import Cell, Row, Table

LEFT_OUT = "leave out"
"""The decision that a row is not to be imported."""


def corrected(table: Table, cells: Mapping[tuple[int, int], str], left_out: Collection[int] = ()) -> Table:
    """Return a table with other cells at some (line, column), and without some lines.

    A column beyond the row's end lengthens it, within the headers; what names no cell changes nothing. A
    blank correction empties its cell.
    """
    by_line: dict[int, dict[int, str]] = {}
    for (line, place), text in cells.items():
        if 0 <= place < len(table.headers):
            by_line.setdefault(line, {})[place] = text
    if not by_line and not left_out:
        return table
    rows = [_corrected(row, by_line[row.line]) if row.line in by_line else row for row in table.rows if row.line not in left_out]
    return dataclasses.replace(table, rows=rows)


def _corrected(row: Row, texts: Mapping[int, str]) -> Row:
    cells: list[Cell] = list(row.cells)
    for place, text in texts.items():
        cells.extend([None] * (place + 1 - len(cells)))
        cells[place] = text if text.strip() else None
    return Row(row.line, cells)
