"""People at points, from any table that stations may come in: CSV, XLSX, GeoJSON of points, ...

A pair in any form that `coordinates` knows, and a column of people. All of a file, or nothing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from geodata import cells, coordinates, spreadsheets
from geodata.areas import Areas
from geodata.coordinates import Choice
from geodata.drafts import Faults
from geodata.fields import FieldReaders
from geodata.headers import Columns, Recogniser
from geodata.people.given import AS_GIVEN, PEOPLE_HEADERS, Read, people_column
from geodata.row_pairs import RowPair, RowPairs
from geodata.tables import Row, Table
from locator.datum import to_wgs84
from locator.errors import BadCoordinate, BadDatum, BadValue, Refusal
from locator.questions import DATUMS
from locator.vocabulary import Vocabulary
from locator.words import Words

MOST_ROWS = 2_000_000
"""Of a text table: a city's cells of 100 m."""


def read(path: Path, areas: Areas, *, vocabulary: Vocabulary, datum: str | None, people: str | None, source: Words, date: str | None) -> Read:
    """Read a table of points.

    Args:
        path: The file, as `spreadsheets.read` reads it.
        areas: The outlines; also evidence of an unstated datum.
        vocabulary: Names the columns of pairs as stations have them.
        datum: What the pairs are in; None: what the file says, or the evidence, else WGS-84, which is then told.
        people: The header of the column of people; None: one of `PEOPLE_HEADERS`.
        source: Where the figures come from.
        date: When they were true.

    Raises:
        BadFile: If the file as a whole cannot be read.
        BadValue: If there is no column of people.
    """
    plain = Recogniser(vocabulary)
    named = {people.strip().casefold()} if people is not None else set(PEOPLE_HEADERS)
    table = spreadsheets.read(path, lambda header: header.strip().casefold() in named or plain.target(header), most_rows=MOST_ROWS)
    place = people_column(table.headers, people, table.name)
    known = Recogniser(vocabulary, {table.headers[place]: "-"}).columns(table.name, table.headers)
    faults, chosen = _chosen(table, known, datum, areas)
    found = Read(errors=faults.errors, warnings=faults.warnings, evidence=chosen.evidence)
    if chosen.pair is None:
        if not faults.errors:
            faults.wrong(table.header_line, None, BadCoordinate("lon", None, zh="没有经纬度列", en="there is no column of coordinates"))
        return found
    pairs = RowPairs(known, faults, chosen.pair, chosen.datum, FieldReaders(vocabulary))
    read_rows = [(row, pairs.read(row), _people(row, place, faults)) for row in table.rows]
    if faults.errors:
        return found
    given = [(row.line, pair, count) for row, pair, count in read_rows if pair is not None and count is not None]
    lines = [line for line, _, _ in given]
    return found.settle(_wgs84([pair for _, pair, _ in given]), np.array([count for _, _, count in given], np.float64), areas, cell_m2=None,
                        source=source, date=date, note=AS_GIVEN, at=lambda row: table.at(lines[row]), name=table.name)


def _chosen(table: Table, known: Columns, datum: str | None, areas: Areas) -> tuple[Faults, Choice]:
    """Choose the pair and its datum; where nothing says or decides which, WGS-84 is taken, and told."""
    faults = Faults(table, known)
    chosen = coordinates.choose(table, known, faults, given=datum, areas=areas, existing=None, places=(), source=None)
    if not chosen.undecided or any(pair.datum for pair in known.pairs):
        return faults, chosen
    again = Faults(table, known)
    taken = coordinates.choose(table, known, again, given="wgs84", areas=areas, existing=None, places=(), source=None)
    again.warn(None, None, BadDatum("datum", None, zh=f"文件没有说明坐标系，按 WGS-84 读取；若不是，请用 --datum 指明：{'、'.join(DATUMS)}",
                                    en=f"the file does not say its datum; read as WGS-84. If it is another, say --datum: {', '.join(DATUMS)}"))
    return again, taken


def _people(row: Row, place: int, faults: Faults) -> float | None:
    cell = row.cells[place] if place < len(row.cells) else None
    try:
        if cell is None or (isinstance(cell, str) and not cells.clean(cell)):
            raise BadValue("people", None, zh="不能为空；没有人请写 0", en="must not be empty; write 0 for nobody")
        return cells.number("people", cell)
    except Refusal as refusal:
        faults.wrong(row.line, place, refusal)
        return None


def _wgs84(pairs: list[RowPair]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    degrees = np.array([pair[:2] for pair in pairs], np.float64).reshape(-1, 2)
    datums = np.array([pair.datum for pair in pairs])
    for datum in set(datums.tolist()):
        degrees[datums == datum] = to_wgs84(degrees[datums == datum], datum)
    return degrees
