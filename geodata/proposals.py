"""Sites that might be, from any table that stations may come in: where each is, with an id and a name if it has them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from geodata import coordinates, spreadsheets
from geodata.areas import Areas
from geodata.drafts import Faults
from geodata.examples import is_example
from geodata.fields import FieldReaders
from geodata.headers import Recogniser
from geodata.row_pairs import RowPairs, text_at
from geodata.tables import Table, too_many
from locator.datum import to_wgs84
from locator.errors import BadCoordinate, BadFile, BadValue, Refusal, TooManyRows
from locator.sides import Proposal
from locator.vocabulary import Vocabulary

_EXAMPLES = 10
"""Rows that may stand beside those that count: a template has one."""


class Read(NamedTuple):
    """What a file comes to."""

    proposals: tuple[Proposal, ...]
    """Empty where there is any error."""
    errors: list[Refusal]
    warnings: list[Refusal]
    examples: int = 0
    """So many of the warnings are of rows that were taken for a template's example."""
    undecided: bool = False
    """Whether one of the errors is that nothing says what the file's coordinates are in."""
    datums: frozenset[str] = frozenset()
    """What its pairs were taken to be in: `datum`, but for those of which the file says another."""


def read(path: Path, areas: Areas, *, vocabulary: Vocabulary, datum: str | None, taken: Collection[str], most: int | None = None) -> Read:
    """Read proposed sites: all of a file, or nothing.

    Args:
        path: The file, as `spreadsheets.read` reads it: a pair of coordinates a row; an id (else a station's own number, else
            ``new-`` and the line) and a name, where it has them. An example is passed over, with a warning (`examples`).
        areas: Where they lie.
        vocabulary: Names the columns as stations have them.
        datum: What the pairs are in, where neither a header nor a column says; None: as the file says, or its evidence shows.
        taken: Ids that sites have.
        most: Rows; None: as many as a file may have. Reading stops soon after them.

    Raises:
        TooManyRows: If there are more than `most`, or more than a file may have.
        BadFile: If the file as a whole cannot be read, or has no row.
    """
    recogniser = Recogniser(vocabulary)
    table = _table(path, recogniser, most)
    known = recogniser.columns(table.name, table.headers)
    faults = Faults(table, known)
    rows = [row for row in table.rows if not is_example(row, known, faults, spreadsheet=table.spreadsheet)]
    examples = len(table.rows) - len(rows)
    if not rows:
        raise BadFile("file", table.name, zh="没有一行数据", en="has no row", at=table.name)
    if most is not None and len(rows) > most:
        raise _too_many(table.name, most)
    chosen = coordinates.choose(table, known, faults, given=datum, areas=areas, existing=None, places=(), source=None)
    if chosen.pair is None:
        if not faults.errors:
            faults.wrong(table.header_line, None, BadCoordinate("lon", None, zh="没有经纬度列", en="there is no column of coordinates"))
        return Read((), faults.errors, faults.warnings, examples)
    pairs = RowPairs(known, faults, chosen.pair, chosen.datum, FieldReaders(vocabulary))
    found: dict[str, tuple[str, tuple[float, float]]] = {}
    datums = set()
    for row in rows:
        pair = pairs.read(row)
        datums |= set() if pair is None else {pair.datum}
        one = text_at(row, known.fields.get("id")) or text_at(row, known.fields.get("station_code")) or f"new-{table.shown_line(row.line)}"
        if one in taken or one in found:
            whose = ("已有站点用了这个编号", "a site has this id") if one in taken else ("前面的行用了这个编号", "an earlier row has this id")
            faults.wrong(row.line, known.fields.get("id"), BadValue("id", one, zh=whose[0], en=whose[1]))
        elif pair is not None:
            lon, lat = to_wgs84(np.array([pair[:2]], np.float64), pair.datum)[0].tolist()
            found[one] = text_at(row, known.fields.get("name")) or one, (lon, lat)
    return Read(() if faults.errors else _proposals(found, areas), faults.errors, faults.warnings, examples, chosen.undecided, frozenset(datums))


def _table(path: Path, recogniser: Recogniser, most: int | None) -> Table:
    if most is None:
        return spreadsheets.read(path, recogniser.target)
    try:
        return spreadsheets.read(path, recogniser.target, most_rows=most + _EXAMPLES)
    except TooManyRows:
        raise _too_many(path.name, most) from None


def _too_many(name: str, most: int) -> TooManyRows:
    return too_many(name, f"这里最多 {most} 个点，文件的行数更多；请分成几个文件，或在命令行用 nuanxin compare now with:文件",
                    f"at most {most} points may be here, and it has more rows: split it, or use nuanxin compare now with:FILE")


def _proposals(found: dict[str, tuple[str, tuple[float, float]]], areas: Areas) -> tuple[Proposal, ...]:
    lies_in: Sequence[str | None] = areas.finest_of(np.array([lonlat for _, lonlat in found.values()]))
    return tuple(Proposal(one, name, *lonlat, (code,) if code else ())
                 for (one, (name, lonlat)), code in zip(found.items(), lies_in, strict=True))
