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
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from locator.arrays import Bits, LonLat, Rows
from locator.columns import CodedColumn, CodedGathering, TextColumn, TextGathering, smallest
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


_TEXT = {"column": "text"}
_CODE = {"column": "code"}
_NUMBER = {"column": "number"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One place that serves the public, whole. None is unknown, never "no".

    `facilities` maps a facility code to yes, no or limited; an absent code is unknown. `basis` maps
    ``hours`` and ``facilities`` to stated, inspected or inferred. `INTERNAL_FIELDS` are
    internal: no public answer carries them.
    """

    # identity
    id: str = field(metadata=_TEXT)
    name: str = field(metadata=_TEXT)
    kind: str = field(metadata=_CODE)
    station_code: str | None = field(default=None, metadata=_TEXT)
    aliases: tuple[str, ...] = field(default=(), metadata=_CODE)
    subtype: str | None = field(default=None, metadata=_CODE)
    host: str | None = field(default=None, metadata=_CODE)
    host_brand: str | None = field(default=None, metadata=_CODE)
    parent_id: str | None = field(default=None, metadata=_TEXT)
    source: str | None = field(default=None, metadata=_CODE)
    source_id: str | None = field(default=None, metadata=_TEXT)
    # place
    lon: float | None = field(default=None, metadata=_NUMBER)
    lat: float | None = field(default=None, metadata=_NUMBER)
    source_datum: str | None = field(default=None, metadata=_CODE)
    source_lon: float | None = field(default=None, metadata=_NUMBER)
    source_lat: float | None = field(default=None, metadata=_NUMBER)
    entrance_lon: float | None = field(default=None, metadata=_NUMBER)
    entrance_lat: float | None = field(default=None, metadata=_NUMBER)
    accuracy_m: float | None = field(default=None, metadata=_NUMBER)
    address: str | None = field(default=None, metadata=_TEXT)
    district_code: str | None = field(default=None, metadata=_CODE)
    street_code: str | None = field(default=None, metadata=_CODE)
    floor: str | None = field(default=None, metadata=_CODE)
    directions: str | None = field(default=None, metadata=_TEXT)
    # service
    opening_hours: str | None = field(default=None, metadata=_CODE)
    season_from: str | None = field(default=None, metadata=_CODE)
    season_to: str | None = field(default=None, metadata=_CODE)
    slots: tuple[Slot, ...] = field(default=(), metadata=_CODE)
    eligibility: str | None = field(default=None, metadata=_CODE)
    gender: str | None = field(default=None, metadata=_CODE)
    fee: str | None = field(default=None, metadata=_CODE)
    capacity: float | None = field(default=None, metadata=_NUMBER)
    area_m2: float | None = field(default=None, metadata=_NUMBER)
    facilities: Mapping[str, str] = field(default_factory=dict, metadata={"column": "levels"})
    phone: str | None = field(default=None, metadata=_TEXT)
    photos: tuple[str, ...] = field(default=(), metadata=_CODE)
    # who and how
    visibility: str = field(default="public", metadata=_CODE)
    entry_note: str | None = field(default=None, metadata=_TEXT)
    hours_text: str | None = field(default=None, metadata=_TEXT)
    workday_rule: str = field(default="unstated", metadata=_CODE)
    basis: Mapping[str, str] = field(default_factory=dict, metadata={"column": "pairs"})
    manager: str | None = field(default=None, metadata=_TEXT)
    manager_phone: str | None = field(default=None, metadata=_TEXT)
    # trust
    status: str = field(default="active", metadata=_CODE)
    verified_on: date | None = field(default=None, metadata=_CODE)
    verified_by: str | None = field(default=None, metadata=_CODE)
    verified_how: str | None = field(default=None, metadata=_CODE)
    next_check_on: date | None = field(default=None, metadata=_CODE)
    award: str | None = field(default=None, metadata=_CODE)
    demo: bool = field(default=False, metadata=_CODE)
    """True for a record of the demonstration registry: invented or approximate, and marked everywhere."""
    version: int = field(default=0, metadata=_NUMBER)
    updated_at: datetime | None = field(default=None, metadata=_CODE)
    updated_by: str | None = field(default=None, metadata=_CODE)
    reason: str | None = field(default=None, metadata=_TEXT)

    @property
    def timetable(self) -> Timetable:
        """What `hours` evaluates."""
        return Timetable(self.opening_hours, self.season_from, self.season_to, self.workday_rule,
                         self.basis.get("hours") == "inferred", self.slots)


FIELDS: Mapping[str, dataclasses.Field[Any]] = {f.name: f for f in dataclasses.fields(Site)}
INTERNAL_FIELDS = ("manager", "manager_phone", "updated_by", "verified_by", "reason")
"""Fields that no public answer, page or file carries: staff's names, numbers and remarks."""

_COLUMN: Mapping[str, str] = {name: f.metadata["column"] for name, f in FIELDS.items()}
_WHOLE_NUMBERS = ("version", "capacity")
_NEVER_ABSENT = ("id", "name")
_BLOCK = 10_000
"""Records gathered at a time: few enough that the lists of a block do not show in memory."""


class Sites:
    """n sites by column; immutable. Row numbers are positions in this table only."""

    def __init__(self, columns: Mapping[str, Any], levels: NDArray[np.uint8], facility_codes: tuple[str, ...],
                 timetables: CodedColumn[Timetable]) -> None:
        """Take finished columns; use `Sites.of` to make them from records."""
        self._columns = columns
        self._levels = levels
        self.facility_codes = facility_codes
        self.timetables = timetables
        for held in (levels, *columns.values()):
            if isinstance(held, np.ndarray):
                held.flags.writeable = False

    def __reduce__(self) -> tuple[type[Sites], tuple[Any, ...]]:
        """Pickle as what it was made of."""
        return Sites, (self._columns, self._levels, self.facility_codes, self.timetables)

    @classmethod
    def of(cls, records: Iterable[Site], vocabulary: Vocabulary) -> Sites:
        """Build the table in one pass, holding few records at a time; row i is the i-th record.

        Facility codes the vocabulary does not know are refused by intake, so they cannot occur here;
        one that does is a KeyError.
        """
        gathering = SitesGathering(vocabulary)
        waiting = iter(records)
        while block := list(islice(waiting, _BLOCK)):
            gathering.add({name: [_pairs(v) for v in map(attrgetter(name), block)] if column in ("levels", "pairs")
                           else list(map(attrgetter(name), block)) for name, column in _COLUMN.items()})
        return gathering.sites()

    def __len__(self) -> int:
        return int(self._levels.shape[1])

    @cached_property
    def lonlat(self) -> LonLat:
        """(n, 2) WGS-84 degrees; NaN where a site has not been located."""
        pair = np.column_stack([self._columns["lon"], self._columns["lat"]])
        pair.flags.writeable = False
        return pair

    @cached_property
    def located(self) -> Bits:
        """(n,) whether the site has coordinates."""
        return np.asarray(~np.isnan(self.lonlat).any(axis=1))

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
            return np.asarray(column.codes == wanted[0])
        return np.isin(column.codes, wanted)

    def levels(self, facility: str) -> NDArray[np.uint8]:
        """Return (n,) levels of one facility: 0 unknown, 1 no, 2 limited, 3 yes."""
        return cast("NDArray[np.uint8]", self._levels[self.facility_codes.index(facility)])

    def all_levels(self, rows: Rows) -> NDArray[np.uint8]:
        """Return (f, m) levels of every facility, in the order of `facility_codes`, at (m,) rows."""
        return np.take(self._levels, rows, axis=1)

    @cached_property
    def facilities_inferred(self) -> Bits:
        """(n,) whether somebody only guessed what the site has: kept in the record, never told or asked for as fact."""
        basis = self.coded("basis")
        return np.asarray(np.array([dict(pairs).get("facilities") == "inferred" for pairs in basis.values], bool)[basis.codes])

    def offers(self, facility: str) -> Bits:
        """Return (n,) whether a site is known to have a facility, wholly or in part; a guess is no knowledge."""
        return np.asarray((self.levels(facility) >= LIMITED_LEVEL) & ~self.facilities_inferred)

    def known_facilities(self, row: int) -> dict[str, str]:
        """Return what one site is known to have or lack, by code: nothing where its facilities were only inferred."""
        return {} if self.facilities_inferred[row] else self.facilities(row)

    def facilities(self, row: int) -> dict[str, str]:
        """Return the facilities of one site's record by code, whatever their basis; an absent code is unknown."""
        levels = self._levels[:, row]
        return {self.facility_codes[i]: _ANSWER[int(levels[i])] for i in np.flatnonzero(levels).tolist()}

    def value(self, name: str, row: int) -> Any:
        """Return one field of one site, as its record holds it."""
        kind = _COLUMN[name]
        if kind == "levels":
            return self.facilities(row)
        held = self._columns[name][row]
        if kind == "number":
            if np.isnan(held):
                return None
            return int(held) if name in _WHOLE_NUMBERS else float(held)
        if name in _NEVER_ABSENT:
            return held or ""
        return dict(held) if kind == "pairs" else held

    def site(self, row: int) -> Site:
        """Return one whole record again, equal to the one the table was built from."""
        return Site(**{name: self.value(name, row) for name in FIELDS})

    def __iter__(self) -> Iterator[Site]:
        return (self.site(row) for row in range(len(self)))

    def row_of(self, site_id: str) -> int | None:
        """Return the row of an id, None when no site has it."""
        return self.text("id").row_of(site_id)

    def take(self, rows: Rows) -> Sites:
        """Return the table of `rows`, in that order."""
        rows = np.asarray(rows, np.intp)
        columns = {name: c[rows] if isinstance(c, np.ndarray) else c.take(rows) for name, c in self._columns.items()}
        return Sites(columns, np.take(self._levels, rows, axis=1), self.facility_codes, self.timetables.take(rows))

    def followed_by(self, other: Sites) -> Sites:
        """Return this table with another, of the same vocabulary, below it."""
        columns = {name: np.concatenate([c, other._columns[name]]) if isinstance(c, np.ndarray)
                   else c.followed_by(other._columns[name]) for name, c in self._columns.items()}
        return Sites(columns, np.concatenate([self._levels, other._levels], axis=1), self.facility_codes,
                     self.timetables.followed_by(other.timetables))

    def with_changes(self, changed: Sequence[Site], vocabulary: Vocabulary, *, dropped: Iterable[str] = ()) -> Sites:
        """Return the table with rows dropped by id, then records replaced in place by id, new ones added below.

        The whole table is neither re-read nor re-interned: 1 change of 200,000 sites costs copies only.
        A record that is both dropped and changed goes below. Of two records with one id the last counts.
        """
        latest = {site.id: site for site in changed}
        gone = set(dropped)
        if tuple(vocabulary.terms("facility")) != self.facility_codes:
            kept = {s.id: s for s in self if s.id not in gone}
            return Sites.of([*(kept | latest).values()], vocabulary)
        below = Sites.of(latest.values(), vocabulary)
        rows = self.rows_after(tuple(latest), dropped=gone)
        replaced = np.flatnonzero(rows >= len(self))
        if len(rows) == len(self) and np.array_equal(np.delete(rows, replaced), np.delete(np.arange(len(self)), replaced)):
            return self._with_rows(replaced, below.take(rows[replaced] - len(self)))
        return self._with_below(below, rows)

    def _with_below(self, others: Sites, rows: Rows) -> Sites:
        """Return `rows` of this table followed by another, column by column: no third whole table is ever held."""
        columns = {name: _followed_by(c, others._columns[name], rows) for name, c in self._columns.items()}
        levels = np.take(np.concatenate([self._levels, others._levels], axis=1), rows, axis=1)
        timetables = _followed_by(self.timetables, others.timetables, rows)
        return Sites(columns, levels, self.facility_codes, timetables)

    def _with_rows(self, rows: Rows, others: Sites) -> Sites:
        """Return the table with `rows` replaced by those of another; columns that stay equal are shared."""
        order = np.arange(len(self))
        order[rows] = len(self) + np.arange(len(rows))
        columns = {name: _replaced(c, others._columns[name], rows, order) for name, c in self._columns.items()}
        levels = self._levels
        if not np.array_equal(levels[:, rows], others._levels):
            levels = levels.copy()
            levels[:, rows] = others._levels
        return Sites(columns, levels, self.facility_codes, _replaced(self.timetables, others.timetables, rows, order))

    def rows_after(self, changed: Sequence[str], *, dropped: Iterable[str] = ()) -> Rows:
        """Return which rows of this table followed by the changed ones `with_changes` takes, and in what order.

        Args:
            changed: The ids of the rows below, each once.
            dropped: The ids of rows of this table to leave out.

        Returns:
            (m,) rows: those of this table from 0, the changed ones from ``len(self)``.
        """
        order = np.arange(len(self) + len(changed))
        keep = np.ones(len(order), bool)
        gone = [row for row in map(self.row_of, dropped) if row is not None]
        keep[gone] = False
        for i, site_id in enumerate(changed):
            row = self.row_of(site_id)
            if row is not None and keep[row]:
                order[row] = len(self) + i
                keep[len(self) + i] = False
        return order[keep]


class SitesGathering:
    """Gathers a table block by block and column by column, for readers that never make records."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Start an empty table."""
        self._facility_codes = tuple(vocabulary.terms("facility"))
        self._place_of = {code: i for i, code in enumerate(self._facility_codes)}
        self._levels = [np.zeros((len(self._facility_codes), 0), np.uint8)]
        self._texts = {name: TextGathering() for name, column in _COLUMN.items() if column == "text"}
        self._codes = {name: CodedGathering[Any]() for name, column in _COLUMN.items() if column in ("code", "pairs")}
        self._numbers = {name: [np.empty(0)] for name, column in _COLUMN.items() if column == "number"}

    def add(self, block: Mapping[str, Sequence[Any]]) -> None:
        """Add n sites below.

        Args:
            block: n values for every field of `FIELDS`, as records hold them, except that `facilities`
                and `basis` are tuples of (code, value) pairs sorted by code.

        Raises:
            KeyError: If a facility code is not in the vocabulary.
        """
        for name, texts in self._texts.items():
            texts.add(block[name])
        for name, codes in self._codes.items():
            codes.add(block[name])
        for name, numbers in self._numbers.items():
            numbers.append(np.array(block[name], np.float64))  # None becomes NaN
        stated: CodedColumn[tuple[tuple[str, str], ...]] = CodedColumn.of(block["facilities"])
        distinct = np.zeros((len(self._facility_codes), len(stated.values)), np.uint8)
        for i, pairs in enumerate(stated.values):
            for code, answer in pairs:
                distinct[self._place_of[code], i] = _LEVEL[answer]
        self._levels.append(np.take(distinct, stated.codes, axis=1))  # one facility's levels stay side by side

    def sites(self) -> Sites:
        """Return all that was added as one table."""
        columns: dict[str, Any] = {name: texts.column() for name, texts in self._texts.items()}
        columns |= {name: codes.column() for name, codes in self._codes.items()}
        for name, numbers in self._numbers.items():
            columns[name] = np.concatenate(numbers)
        return Sites(columns, np.concatenate(self._levels, axis=1), self._facility_codes, _timetables(columns))


def _followed_by(column: Any, others: Any, rows: Rows) -> Any:
    if isinstance(column, np.ndarray):
        return np.concatenate([column, others])[rows]
    both = column.followed_by(others)
    return both if len(rows) == len(both) else both.take(rows)  # as many: none replaced or dropped


def _replaced(column: Any, others: Any, rows: Rows, order: Rows) -> Any:
    if isinstance(column, np.ndarray):
        if np.array_equal(column[rows], others, equal_nan=True):
            return column
        column = column.copy()
        column[rows] = others
        return column
    if [column[row] for row in rows.tolist()] == list(others):
        return column
    return column.followed_by(others).take(order)


def _pairs(stated: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(stated.items()))


def _timetables(columns: Mapping[str, CodedColumn[Any]]) -> CodedColumn[Timetable]:
    """Intern what `Site.timetable` would say of every row, from columns already interned."""
    basis = columns["basis"]
    inferred = np.array([dict(pairs).get("hours") == "inferred" for pairs in basis.values], bool)
    parts = [columns[name] for name in ("opening_hours", "season_from", "season_to", "workday_rule")]
    parts += [CodedColumn(inferred[basis.codes].astype(np.uint8), (False, True)), columns["slots"]]
    codes: NDArray[np.intp] = np.zeros(len(basis), np.intp)
    rows: Rows = np.zeros(min(1, len(basis)), np.intp)
    for part in parts:  # pair by pair, so that the numbers stay small
        _, rows, codes = np.unique(codes * len(part.values) + part.codes, return_index=True, return_inverse=True)
    distinct = tuple(Timetable(*(part[row] for part in parts)) for row in rows.tolist())
    return CodedColumn(smallest(codes, len(distinct)), distinct)
