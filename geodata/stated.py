"""What a table's rows say about where they are, before anybody knows what their coordinates are in.

Columns for `evidence`, read without a word about faults: `drafting` reads the same cells and tells
every one of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geodata import cells
from geodata.headers import Columns, Pair
from geodata.identities import Existing, KnownSites
from geodata.placing import KnowsAreas
from geodata.tables import Row, Table, Unreadable
from locator.arrays import LonLat
from locator.errors import NotThere, Refusal
from locator.questions import check_lonlat
from locator.sites import Site

_BLANKS = re.compile(r"\s+")
_NOWHERE = (np.nan, np.nan)


@dataclass(frozen=True)
class Stated:
    """n rows of one table; every sequence has one entry a row."""

    lines: Sequence[int]
    pairs: Mapping[Pair, LonLat]
    """Columns of coordinates → (n, 2) degrees in whatever they are in; NaN where a row has no readable pair."""
    districts: Sequence[str | None]
    """The code of the district a row names, in its column or at the beginning of its address."""
    streets: Sequence[str | None]
    names: Sequence[str]
    addresses: Sequence[str]
    known: Sequence[Site | None]
    """The site already known by the row's key, or by its name and address together."""


def read(table: Table, known: Columns, *, pairs: Sequence[Pair], areas: KnowsAreas | None, existing: Existing | None,
         source: str | None) -> Stated:
    """Read what the rows say.

    Args:
        table: The rows.
        known: Their columns.
        pairs: The columns of coordinates to read.
        areas: Names districts and streets; None: no row names one.
        existing: The sites already known, by id; of a function nothing is asked.
        source: Where rows that do not say come from.
    """
    def column(name: str) -> list[str]:
        place = known.fields.get(name)
        return [""] * len(table.rows) if place is None else [_said(row, place) for row in table.rows]

    names, addresses = column("name"), column("address")
    districts: list[str | None] = [None] * len(names)
    streets = districts
    if areas is not None:
        naming = _Areas(areas)
        districts = [naming.district(said, address) for said, address in zip(column("district_code"), addresses, strict=True)]
        streets = [naming.street(district, said, address)
                   for district, said, address in zip(districts, column("street_code"), addresses, strict=True)]
    return Stated([row.line for row in table.rows], {pair: _degrees(table.rows, pair) for pair in pairs}, districts, streets, names,
                  addresses, _known(existing, names, addresses, {k: column(k) for k in ("id", "station_code", "source", "source_id")}, source))


def _said(row: Row, place: int) -> str:
    """Return a cell's text, "" for none."""
    cell = row.cells[place] if place < len(row.cells) else None
    if cell is None or isinstance(cell, Unreadable):
        return ""
    text = cells.clean(cells.shown(cell))
    return "" if text == cells.CLEAR_WORD else text


def _degrees(rows: Sequence[Row], pair: Pair) -> LonLat:
    return np.array([_pair(row, pair) for row in rows], np.float64).reshape(-1, 2)


def _pair(row: Row, pair: Pair) -> tuple[float, float]:
    """Return one row's degrees, NaN for what is no pair of longitude and latitude, and for the (0, 0) of what was never located."""
    found: Sequence[Any] = [row.cells[place] if place is not None and place < len(row.cells) else None for place in (pair.lon, pair.lat)]
    try:
        if pair.lat is None:
            found = cells.pair(found[0], latitude_first=pair.latitude_first)
        lon, lat = _number("lon", found[0]), _number("lat", found[1])
        check_lonlat(lon, lat)
    except Refusal:
        return _NOWHERE
    return (lon, lat) if (lon, lat) != (0.0, 0.0) else _NOWHERE


def _number(name: str, cell: Any) -> float:
    try:
        return float(cell)  # nearly always; what else float() takes, `check_lonlat` or `drafting` refuses
    except (TypeError, ValueError):
        return cells.degrees(name, cells.clean(cell) if isinstance(cell, str) else cell)


class _Areas:
    """Reads districts and streets out of what a row says; each distinct saying once."""

    def __init__(self, areas: KnowsAreas) -> None:
        self._areas = areas
        self._codes: dict[tuple[str | None, str], str | None] = {}
        self._at_start = _beginning(areas, "district")
        self._streets = _beginning(areas, "street") if any(a.tier == "street" and a.has_outline for a in areas.tree) else None

    def district(self, said: str, address: str) -> str | None:
        if said:
            code = self._code(None, said)
            return code if code is not None and self._areas.tree[code].tier == "district" else None
        found = self._at_start.match(address)
        return self._code(None, found["area"]) if found else None

    def street(self, district: str | None, said: str, address: str) -> str | None:
        if self._streets is None or district is None:
            return None
        if not said:
            before = self._at_start.match(address)
            found = self._streets.match(address[before.end():]) if before else None
            said = found["area"] if found else ""
        return self._code(district, said) if said else None

    def _code(self, under: str | None, said: str) -> str | None:
        key = under, said
        if key not in self._codes:
            within = "" if under is None else self._areas.tree[under].words.zh
            try:
                self._codes[key] = self._areas.code(within + said)
            except NotThere:
                self._codes[key] = None
        return self._codes[key]


def _beginning(areas: KnowsAreas, tier: str) -> re.Pattern[str]:
    """Matches the name of an area of one tier at the beginning of an address, after its city's; whole names only."""
    tree = areas.tree
    cities = {name for area in tree if area.tier == "city" for name in (area.words.zh, area.words.zh.removesuffix("市"))}
    named = {name for area in tree if area.tier == tier for name in (area.words.zh, *area.aliases) if not name.isascii() and len(name) > 2}

    def any_of(texts: Iterable[str]) -> str:
        return "|".join(re.escape(text) for text in sorted(texts, key=lambda text: (-len(text), text)))

    return re.compile(rf"\s*(?:{any_of(cities) or '(?!)'})?\s*(?P<area>{any_of(named) or '(?!)'})")


def _known(existing: Existing | None, names: Sequence[str], addresses: Sequence[str], keys: Mapping[str, Sequence[str]],
           source: str | None) -> list[Site | None]:
    if not isinstance(existing, Mapping) or not existing:
        return [None] * len(names)
    by_key = KnownSites(existing)
    by_words: dict[tuple[str, str], Site | None] = {}
    for site in existing.values():
        if site.address:
            words = (_plain(site.name), _plain(site.address))
            by_words[words] = None if words in by_words else site  # two of the same words tell nothing

    def find(site_id: str, code: str, number_of: str, number: str, name: str, address: str) -> Site | None:
        if site_id or code or number:
            return (by_key.by_id(site_id) if site_id else by_key.by_key("station_code", code)[0] if code
                    else by_key.by_key("source", number_of or source, number)[0])
        return by_words.get((_plain(name), _plain(address))) if name and address else None

    columns = zip(keys["id"], keys["station_code"], keys["source"], keys["source_id"], names, addresses, strict=True)
    return [found if found is not None and not found.demo else None for found in (find(*row) for row in columns)]


def _plain(text: str) -> str:
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).casefold()
