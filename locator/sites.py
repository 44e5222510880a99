"""What a site is: one record, and the immutable column table of many.

`Site` is the whole record of one place; `Sites` holds n of them by column, so that questions read
arrays. Kinds, facilities and every other code come from a `Vocabulary` passed in: a new kind is a
line of data. Coordinates are WGS-84 degrees; a site without coordinates (a draft "to be located")
has None in its record and NaN in the table.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from locator.arrays import Bits, LonLat, Rows
from locator.columns import CodedColumn, TextColumn
from locator.vocabulary import Vocabulary

NO, LIMITED, YES = "no", "limited", "yes"
UNKNOWN_LEVEL, NO_LEVEL, LIMITED_LEVEL, YES_LEVEL = 0, 1, 2, 3
_LEVEL = {NO: NO_LEVEL, LIMITED: LIMITED_LEVEL, YES: YES_LEVEL}
_ANSWER = {level: answer for answer, level in _LEVEL.items()}


class Slot(NamedTuple):
    """Within opening hours, who may enter when: an OSM hours expression and a mode of entry."""

    hours: str
    mode: str
    """staffed, code, unattended or staff_only"""


class Timetable(NamedTuple):
    """All of a record that decides whether it is open; equal timetables are evaluated once (`hours`)."""

    opening_hours: str | None = None
    season_from: str | None = None
    """MM-DD, the first day; may lie after `season_to`: a winter site."""
    season_to: str | None = None
    workday_rule: str = "unstated"
    inferred: bool = False
    slots: tuple[Slot, ...] = ()


_TEXT = field(default=None, metadata={"column": "text"})
_CODE = field(default=None, metadata={"column": "code"})
_NUMBER = field(default=None, metadata={"column": "number"})
_DEGREES = field(default=None, metadata={"column": "number"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One place that serves the public, whole. None is unknown, never "no".

    `facilities` maps a facility code to yes, no or limited; an absent code is unknown. `basis` maps
    ``hours`` and ``facilities`` to stated, inspected or inferred. `manager` and `manager_phone` are
    internal: no public answer carries them.
    """

    # identity
    id: str = field(metadata={"column": "text"})
    name: str = field(metadata={"column": "text"})
    kind: str = field(metadata={"column": "code"})
    station_code: str | None = _TEXT
    aliases: tuple[str, ...] = field(default=(), metadata={"column": "code"})
    subtype: str | None = _CODE
    host: str | None = _CODE
    host_brand: str | None = _CODE
    parent_id: str | None = _TEXT
    source: str | None = _CODE
    source_id: str | None = _TEXT
    # place
    lon: float | None = _DEGREES
    lat: float | None = _DEGREES
    source_datum: str | None = _CODE
    source_lon: float | None = _DEGREES
    source_lat: float | None = _DEGREES
    entrance_lon: float | None = _DEGREES
    entrance_lat: float | None = _DEGREES
    accuracy_m: float | None = _NUMBER
    address: str | None = _TEXT
    district_code: str | None = _CODE
    street_code: str | None = _CODE
    floor: str | None = _CODE
    directions: str | None = _TEXT
    # service
    opening_hours: str | None = _CODE
    season_from: str | None = _CODE
    season_to: str | None = _CODE
    slots: tuple[Slot, ...] = field(default=(), metadata={"column": "code"})
    eligibility: str | None = _CODE
    gender: str | None = _CODE
    fee: str | None = _CODE
    capacity: float | None = _NUMBER
    area_m2: float | None = _NUMBER
    facilities: Mapping[str, str] = field(default_factory=dict, metadata={"column": "levels"})
    phone: str | None = _TEXT
    photos: tuple[str, ...] = field(default=(), metadata={"column": "code"})
    # who and how
    visibility: str = field(default="public", metadata={"column": "code"})
    entry_note: str | None = _CODE
    hours_text: str | None = _CODE
    workday_rule: str = field(default="unstated", metadata={"column": "code"})
    basis: Mapping[str, str] = field(default_factory=dict, metadata={"column": "pairs"})
    manager: str | None = _CODE
    manager_phone: str | None = _CODE
    # trust
    status: str = field(default="active", metadata={"column": "code"})
    verified_on: date | None = _CODE
    verified_by: str | None = _CODE
    verified_how: str | None = _CODE
    next_check_on: date | None = _CODE
    award: str | None = _CODE
    demo: bool = field(default=False, metadata={"column": "code"})
    """True for a record of the demonstration registry: invented or approximate, and marked everywhere."""
    version: int = field(default=0, metadata={"column": "number"})
    updated_at: datetime | None = _CODE
    updated_by: str | None = _CODE
    reason: str | None = _CODE

    @property
    def timetable(self) -> Timetable:
        """What `hours` evaluates."""
        return Timetable(self.opening_hours, self.season_from, self.season_to, self.workday_rule,
                         self.basis.get("hours") == "inferred", self.slots)


FIELDS: Mapping[str, dataclasses.Field[Any]] = {f.name: f for f in dataclasses.fields(Site)}
INTERNAL_FIELDS = ("manager", "manager_phone", "updated_by", "verified_by")
"""Fields that no public answer, page or file carries."""

_COLUMN: Mapping[str, str] = {name: f.metadata["column"] for name, f in FIELDS.items()}
_WHOLE_NUMBERS = ("version", "capacity")


class Sites:
    """n sites by column; immutable. Row numbers are positions in this table only."""

    def __init__(self, columns: Mapping[str, Any], levels: NDArray[np.uint8], facility_codes: tuple[str, ...],
                 timetables: CodedColumn[Timetable]) -> None:
        """Take finished columns; use `Sites.of` to make them from records."""
        self._columns = columns
        self._levels = levels
        self.facility_codes = facility_codes
        self.timetables = timetables

    @classmethod
    def of(cls, records: Iterable[Site], vocabulary: Vocabulary) -> Sites:
        """Build the table in one pass; row i is the i-th record.

        Facility codes the vocabulary does not know are refused by intake, so they cannot occur here;
        one that does is a KeyError.
        """
        facility_codes = tuple(vocabulary.terms("facility"))
        place_of = {code: i for i, code in enumerate(facility_codes)}
        gathered: dict[str, list[Any]] = {name: [] for name, column in _COLUMN.items() if column != "levels"}
        appends = [(name, gathered[name].append) for name in gathered]
        level_rows: list[int] = []
        level_places: list[int] = []
        level_values: list[int] = []
        timetables: list[Timetable] = []
        n = 0
        for site in records:
            for name, append in appends:
                append(getattr(site, name))
            for code, answer in site.facilities.items():
                level_rows.append(n)
                level_places.append(place_of[code])
                level_values.append(_LEVEL[answer])
            timetables.append(site.timetable)
            n += 1
        levels = np.zeros((len(facility_codes), n), np.uint8)
        levels[level_places, level_rows] = level_values
        columns = {name: _column(_COLUMN[name], values) for name, values in gathered.items()}
        return cls(columns, levels, facility_codes, CodedColumn.of(timetables))

    def __len__(self) -> int:
        return self._levels.shape[1]

    @cached_property
    def lonlat(self) -> LonLat:
        """(n, 2) WGS-84 degrees; NaN where a site has not been located."""
        pair = np.column_stack([self._columns["lon"], self._columns["lat"]])
        pair.flags.writeable = False
        return pair

    @cached_property
    def located(self) -> Bits:
        """(n,) whether the site has coordinates."""
        return ~np.isnan(self.lonlat).any(axis=1)

    def text(self, name: str) -> TextColumn:
        """Return a packed text column: id, name, address, ..."""
        return cast(TextColumn, self._columns[name])

    def coded(self, name: str) -> CodedColumn[Any]:
        """Return a coded column: kind, status, eligibility, district_code, ..."""
        return cast("CodedColumn[Any]", self._columns[name])

    def number(self, name: str) -> NDArray[np.float64]:
        """Return a (n,) column of numbers; NaN is unknown."""
        return cast("NDArray[np.float64]", self._columns[name])

    def has(self, name: str, values: Iterable[object]) -> Bits:
        """Return (n,) whether coded column `name` holds any of `values`."""
        column = self.coded(name)
        wanted = [c for c in map(column.code_of, values) if c is not None]
        if len(wanted) == 1:
            return cast(Bits, column.codes == wanted[0])
        return np.isin(column.codes, wanted)

    def levels(self, facility: str) -> NDArray[np.uint8]:
        """Return (n,) levels of one facility: 0 unknown, 1 no, 2 limited, 3 yes."""
        return self._levels[self.facility_codes.index(facility)]

    def facilities(self, row: int) -> dict[str, str]:
        """Return one site's stated facilities by code; an absent code is unknown."""
        levels = self._levels[:, row]
        return {self.facility_codes[i]: _ANSWER[int(levels[i])] for i in np.flatnonzero(levels).tolist()}

    def value(self, name: str, row: int) -> Any:  # noqa: ANN401 - the type is the record field's
        """Return one field of one site, as its record holds it."""
        kind = _COLUMN[name]
        if kind == "levels":
            return self.facilities(row)
        held = self._columns[name][row]
        if kind == "number":
            if np.isnan(held):
                return None
            return int(held) if name in _WHOLE_NUMBERS else float(held)
        return dict(held) if kind == "pairs" else held

    def site(self, row: int) -> Site:
        """Return one whole record again, equal to the one the table was built from."""
        return Site(**{name: self.value(name, row) for name in FIELDS})

    def __iter__(self) -> Iterator[Site]:
        return (self.site(row) for row in range(len(self)))

    @cached_property
    def _id_order(self) -> tuple[NDArray[np.bytes_], Rows]:
        ids = np.array([(i or "").encode() for i in self.text("id")], dtype=np.bytes_)
        order = np.argsort(ids, kind="stable")
        return ids[order], order

    def row_of(self, site_id: str) -> int | None:
        """Return the row of an id, None when no site has it."""
        ids, order = self._id_order
        wanted = np.bytes_(site_id.encode("utf-8", "replace"))
        at = int(np.searchsorted(ids, wanted))
        return int(order[at]) if at < len(ids) and ids[at] == wanted else None

    def take(self, rows: Rows) -> Sites:
        """Return the table of `rows`, in that order."""
        rows = np.asarray(rows, np.intp)
        columns = {name: c[rows] if isinstance(c, np.ndarray) else c.take(rows) for name, c in self._columns.items()}
        return Sites(columns, self._levels[:, rows], self.facility_codes, self.timetables.take(rows))

    def followed_by(self, other: Sites) -> Sites:
        """Return this table with another, of the same vocabulary, below it."""
        columns = {name: np.concatenate([c, other._columns[name]]) if isinstance(c, np.ndarray)
                   else c.followed_by(other._columns[name]) for name, c in self._columns.items()}
        return Sites(columns, np.concatenate([self._levels, other._levels], axis=1), self.facility_codes,
                     self.timetables.followed_by(other.timetables))

    def with_changes(self, changed: Sequence[Site], vocabulary: Vocabulary) -> Sites:
        """Return the table with records replaced in place by id, new ones added below, in their order.

        The whole table is neither re-read nor re-interned: 1 change of 200,000 sites costs copies only.
        """
        if tuple(vocabulary.terms("facility")) != self.facility_codes:
            return Sites.of([*{s.id: s for s in (*self, *changed)}.values()], vocabulary)
        latest = {site.id: site for site in changed}
        both = self.followed_by(Sites.of(latest.values(), vocabulary))
        order = np.arange(len(both))
        added = np.ones(len(both), bool)
        for i, site_id in enumerate(latest):
            row = self.row_of(site_id)
            if row is not None:
                order[row] = len(self) + i
                added[len(self) + i] = False
        return both.take(order[added])


def _column(column: str, values: list[Any]) -> Any:  # noqa: ANN401 - one of three column types
    if column == "text":
        return TextColumn.of(values)
    if column == "number":
        numbers = np.array([np.nan if v is None else v for v in values], np.float64)
        numbers.flags.writeable = False
        return numbers
    if column == "pairs":
        return CodedColumn.of([tuple(sorted(v.items())) for v in values])
    return CodedColumn.of(values)
