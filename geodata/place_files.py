"""A list of places from any office's table, or from an OpenStreetMap extract, for the operator's own list.

A table needs a name (``zh``, 名称, 地名) and a pair in any form that stations may have it; ``code``, ``en``,
``accuracy_m``, ``category`` (类别), ``aliases`` (别名, separated by ``|`` or 、), ``reading``, ``source`` and
``datum`` are optional. All of a file, or nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from geodata import cells, coordinates, osm, osm_places, places, spreadsheets
from geodata.drafts import Faults
from geodata.evidence import Evidence
from geodata.fields import FieldReaders
from geodata.headers import Columns, Pair, Recogniser
from geodata.placing import KnowsAreas
from geodata.row_pairs import RowPairs, text_at
from geodata.tables import Row, Table
from locator.datum import to_wgs84
from locator.errors import BadCoordinate, BadValue, Refusal
from locator.names import Place
from locator.questions import check_datum
from locator.vocabulary import Vocabulary
from locator.words import Words

OWN_HEADERS: Final[Mapping[str, str]] = {"zh": "name", "地名": "name", "place": "name", "中文名": "name", "code": "station_code"}
_ENGLISH: Final = ("en", "name_en", "英文名", "英文")
_READING: Final = ("reading", "拼音")


@dataclass
class Read:
    """What a file comes to. Nothing has been written."""

    places: list[Place]
    """Empty where there is any error."""
    errors: list[Refusal] = field(default_factory=list)
    warnings: list[Refusal] = field(default_factory=list)
    evidence: Evidence | None = None

    @property
    def categories(self) -> Counter[str]:
        """How many places there are of each category."""
        return Counter(place.category for place in self.places)


def read(path: Path, *, vocabulary: Vocabulary, areas: KnowsAreas, datum: str | None = None) -> Read:
    """Read a file's places; those of one name and spot are one.

    Args:
        path: An ``.osm.pbf``, or a table that `spreadsheets.read` reads.
        vocabulary: Names the columns that stations have too.
        areas: Evidence of an unstated datum.
        datum: What a table's pairs are in; None: what it says itself, or the evidence.

    Raises:
        BadFile: If the file as a whole cannot be read.
        BadDatum: If `datum` is not one of `DATUMS`.
    """
    if datum is not None:
        check_datum(datum)
    if osm.is_extract(path):
        found = osm_places.read(path)
        errors: list[Refusal] = [] if found else [BadValue("file", path.name, zh="里面没有带名称的地点", en="holds nothing with a name")]
        return Read(places.merged(found), errors=errors)
    plain = Recogniser(vocabulary)
    table = spreadsheets.read(path, lambda header: _own(header) in (*OWN_HEADERS, *_ENGLISH, *_READING) or plain.target(header))
    recogniser = Recogniser(vocabulary, {h: OWN_HEADERS[_own(h)] for h in table.headers if _own(h) in OWN_HEADERS})
    known = recogniser.columns(table.name, table.headers)
    faults = Faults(table, known)
    if "name" not in known.fields:
        faults.wrong(table.header_line, None, BadValue("zh", None, zh="没有名称列（zh、名称 或 地名）", en="there is no column of names (zh, name)"))
    chosen = coordinates.choose(table, known, faults, given=datum, areas=areas, existing=None, places=(), source=None)
    if chosen.pair is None and not faults.errors:
        faults.wrong(table.header_line, None, BadCoordinate("lon", None, zh="没有经纬度列", en="there is no column of coordinates"))
    if "name" not in known.fields or chosen.pair is None:
        return Read([], errors=faults.errors, warnings=faults.warnings, evidence=chosen.evidence)
    rows = _Rows(table, known, faults, chosen.pair, chosen.datum, FieldReaders(vocabulary))
    made = [made for row in table.rows if (made := rows.read(row)) is not None]
    if faults.errors:
        return Read([], errors=faults.errors, warnings=faults.warnings, evidence=chosen.evidence)
    return Read(places.merged(made), faults.errors, faults.warnings, chosen.evidence)


class _Rows:
    """Reads the rows of one table as places; every fault of a row is told."""

    def __init__(self, table: Table, known: Columns, faults: Faults, pair: Pair, datum: str | None, cell_readers: FieldReaders) -> None:
        self._known, self._faults = known, faults
        self._pairs = RowPairs(known, faults, pair, datum, cell_readers)
        self._english = next((i for i, h in enumerate(table.headers) if _own(h) in _ENGLISH), None)
        self._reading = next((i for i, h in enumerate(table.headers) if _own(h) in _READING), None)
        self._file = table.name
        self._codes: dict[str, int] = {}

    def read(self, row: Row) -> Place | None:
        """Return a row's place; None when it has an error."""
        before = len(self._faults.errors)
        name, code = self._text(row, "name"), self._text(row, "station_code")
        if not name:
            self._wrong(row, "name", BadValue("zh", None, zh="不能为空", en="must not be empty"))
        accuracy_m = self._accuracy_m(row)
        pair = self._wgs84(row)
        if len(self._faults.errors) > before or pair is None:
            return None
        code = code or "own-" + hashlib.sha256(f"{name}|{pair[0]:.5f}|{pair[1]:.5f}".encode()).hexdigest()[:12]
        first = self._codes.setdefault(code, row.line)
        if first != row.line:
            self._wrong(row, "station_code", BadValue("code", code, zh=f"与第 {first} 行重复", en=f"is that of line {first} already"))
            return None
        aliases = cells.texts(self._text(row, "aliases")) if "aliases" in self._known.fields else ()
        return Place(code, Words(name, text_at(row, self._english) or name), *pair, accuracy_m, self._text(row, "kind") or "landmark",
                     aliases, text_at(row, self._reading), self._text(row, "source") or self._file)

    def _accuracy_m(self, row: Row) -> float:
        said = self._text(row, "accuracy_m")
        if not said:
            return places.UNSTATED_ACCURACY_M
        try:
            metres = cells.number("accuracy_m", said)
            if metres == 0:
                raise BadValue("accuracy_m", said, zh="应为大于 0 的米数", en="must be metres above 0")
        except Refusal as refusal:
            self._wrong(row, "accuracy_m", refusal)
            return places.UNSTATED_ACCURACY_M
        return metres

    def _wgs84(self, row: Row) -> tuple[float, float] | None:
        found = self._pairs.read(row)
        if found is None:
            return None
        [[lon, lat]] = to_wgs84(np.array([found[:2]]), found.datum).tolist()
        return round(lon, 7), round(lat, 7)

    def _wrong(self, row: Row, name: str, refusal: Refusal) -> None:
        self._faults.wrong(row.line, self._known.fields.get(name), refusal)

    def _text(self, row: Row, name: str) -> str:
        return text_at(row, self._known.fields.get(name))


def _own(header: str) -> str:
    return header.strip().casefold()
