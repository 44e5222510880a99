"""The pairs of a table's rows as degrees, each with the datum it is in; what is wrong with one is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from geodata import cells
from geodata.drafts import Faults
from geodata.fields import FieldReaders
from geodata.headers import Columns, Pair
from geodata.tables import Row, Unreadable
from locator.errors import BadCoordinate, BadDatum, Refusal, UnknownCode
from locator.questions import DATUMS, check_lonlat


class RowPair(NamedTuple):
    """A row's longitude and latitude in degrees of a datum."""

    lon: float
    lat: float
    datum: str


class RowPairs:
    """Reads the rows of one table whose columns and datum are chosen (`coordinates.choose`)."""

    def __init__(self, known: Columns, faults: Faults, pair: Pair, datum: str | None, readers: FieldReaders) -> None:
        """Read `pair` in `datum`; None: each row says its own, or it is undecided, which is an error of the whole file already."""
        self._known, self._faults, self._pair, self._datum, self._cells = known, faults, pair, datum, readers
        self._datum_field = known.datum_field(pair)

    def read(self, row: Row) -> RowPair | None:
        """Return a row's pair; None when it has an error."""
        datum = self._datum
        if self._datum_field and (said := text_at(row, self._known.fields.get(self._datum_field))):
            try:
                datum = self._cells.code("datum", "datum", said)
            except UnknownCode as unknown:
                self._wrong(row, self._datum_field, BadDatum("datum", said, zh=unknown.words.zh, en=unknown.words.en))
                return None
        places_of = (self._pair.lon, self._pair.lon if self._pair.lat is None else self._pair.lat)
        held: Sequence[Any] = [row.cells[i] if i < len(row.cells) else None for i in places_of]
        try:
            if self._pair.lat is None:
                held = cells.pair(held[0], latitude_first=self._pair.latitude_first)
            numbers = []
            for half, cell in zip(("lon", "lat"), held, strict=True):
                if cell is None or cell == "" or isinstance(cell, Unreadable):
                    raise BadCoordinate(half, None, zh="不能为空", en="must not be empty")
                numbers.append(cells.degrees(half, cells.clean(cell) if isinstance(cell, str) else cell))
            check_lonlat(*numbers)
        except Refusal as refusal:
            self._faults.wrong(row.line, places_of[refusal.field == "lat"], refusal)
            return None
        if datum is None:  # undecided, which is an error of the whole file; or a row that leaves its datum out
            if self._datum_field:
                self._wrong(row, self._datum_field, BadDatum("datum", None, zh=f"没有写明坐标系；应为 {'、'.join(DATUMS)} 之一",
                                                            en=f"is missing; must be one of {', '.join(DATUMS)}"))
            return None
        return RowPair(numbers[0], numbers[1], datum)

    def _wrong(self, row: Row, name: str, refusal: Refusal) -> None:
        self._faults.wrong(row.line, self._known.fields.get(name), refusal)


def text_at(row: Row, place: int | None) -> str:
    """Return a cell's text, cleaned; empty where there is no such cell or it holds no usable value."""
    cell = None if place is None or place >= len(row.cells) else row.cells[place]
    return "" if cell is None or isinstance(cell, Unreadable) else cells.clean(cells.shown(cell))
