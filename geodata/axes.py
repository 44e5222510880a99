"""Which half of a table's pairs is the longitude, told by the values of the whole column and never row by row.

People write "lat,lon" as often as "lon,lat", and swap two columns. In and around China a latitude lies
below 54 and a longitude above 73, so one sure row tells; a column in which some rows say one and some the
other is refused, since each of its doubtful rows would be a guess. A column that does not tell is read in
the order of its header, else longitude first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from geodata import cells
from geodata.drafts import Faults
from geodata.headers import Pair
from geodata.tables import GEOMETRY, Cell, Point, Row
from locator.errors import BadCoordinate, Refusal

WEST, EAST, SOUTH, NORTH = 73.0, 136.0, 3.0, 54.0
"""Around all of China, in whole degrees."""

_LATITUDE_FIRST = re.compile(r"纬.*经|\blat.*(?:lon|lng)|\blat.*\blong", re.IGNORECASE)


def settled(headers: Sequence[str], rows: Sequence[Row], pair: Pair | None, faults: Faults, *, header_line: int) -> Pair | None:
    """Return the pair with its halves in their true order; what is the wrong way round is told.

    One column of "lat,lon" is read so, with a warning where its header says nothing of the order. Two
    columns, and a geometry, say which half is which: rows that contradict them are errors, and where all
    do, one error says what to change. A column whose sure rows contradict each other is one error.
    """
    if pair is None:
        return None
    orders = [_latitude_first(*_halves(row, pair)) for row in rows]
    if pair.lat is not None or headers[pair.lon] == GEOMETRY:
        _refuse_swapped(headers, rows, orders, pair, faults, header_line)
        return pair
    header = _LATITUDE_FIRST.search(headers[pair.lon]) is not None
    if True in orders and False in orders:
        latitude, longitude = rows[orders.index(True)], rows[orders.index(False)]
        one, other = faults.shown_line(longitude.line), faults.shown_line(latitude.line)
        faults.wrong(latitude.line, pair.lon, BadCoordinate(
            "coordinates", ",".join(map(cells.shown, _halves(latitude, pair))),
            zh=f"这一列有的行经度在前（如第 {one} 行），有的行纬度在前（如第 {other} 行）；请统一为“经度,纬度”",
            en=f"some rows of this column have the longitude first (line {one}), some the latitude (line {other}); write all as \"lon,lat\""))
    elif True in orders and not header:
        faults.warn(header_line, pair.lon, BadCoordinate("coordinates", headers[pair.lon], zh="各行都是纬度在前、经度在后，已照此读取",
                                                         en="every row has the latitude before the longitude, and was read so"))
    return pair._replace(latitude_first=True in orders or (header and False not in orders))


def _refuse_swapped(headers: Sequence[str], rows: Sequence[Row], orders: Sequence[bool | None], pair: Pair, faults: Faults,
                    header_line: int) -> None:
    """Refuse the rows whose halves are surely swapped; those out of range are refused where they are read."""
    for row, latitude_first in zip(rows, orders, strict=True):
        there = _number(_halves(row, pair)[1]) if latitude_first else None
        if there is not None and abs(there) <= 90:
            faults.wrong(row.line, pair.lat if pair.lat is not None else pair.lon, BadCoordinate(
                "lat", there, zh="经度、纬度写反了", en="longitude and latitude are swapped"))
    if orders.count(True) > 1 and False not in orders:
        shown = headers[pair.lon] if pair.lat is None else f"{headers[pair.lon]}、{headers[pair.lat]}"
        faults.wrong(header_line, pair.lon, BadCoordinate("lon", shown, zh="每一行的经度、纬度都写反了；请对调这两列的表头，或用列对照指明",
                                                          en="every row has longitude and latitude swapped; exchange the two headers, or say so "
                                                             "by a columns mapping"))


def _halves(row: Row, pair: Pair) -> tuple[Cell, Cell]:
    """Return the two halves of a row's pair as they stand, or two of nothing."""
    held = row.cells
    if pair.lat is not None:
        return (held[pair.lon], held[pair.lat]) if max(pair.lon, pair.lat) < len(held) else (None, None)
    cell = held[pair.lon] if pair.lon < len(held) else None
    if not isinstance(cell, str | Point):
        return None, None
    try:
        return cells.pair(cell)
    except Refusal:
        return None, None


def _latitude_first(first: Cell, second: Cell) -> bool | None:
    """Whether a pair is surely latitude first (True) or longitude first (False); None when it is not sure, or has a named half."""
    a, b = _number(first), _number(second)
    if a is None or b is None or max(abs(a), abs(b)) > 180:
        return None
    if abs(a) > 90 or (WEST <= a <= EAST and SOUTH <= b <= NORTH):
        return None if abs(b) > 90 else False
    return True if abs(b) > 90 or (SOUTH <= a <= NORTH and WEST <= b <= EAST) else None


def _number(cell: Cell) -> float | None:
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    try:
        return float(cell)
    except (ValueError, OverflowError):
        return cells.bare_degrees(cell) if isinstance(cell, str) else None
