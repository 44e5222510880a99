"""Which days are public holidays or make-up working days: a dated table, and past its end "unknown".

China's State Council announces each year's holidays and 调休 (weekend days worked in exchange) late
in the year before. A year that has not been announced cannot be guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from locator.errors import BadValue
from locator.words import Words

Kind = Literal["holiday", "makeup", "plain", "unknown"]
HOLIDAY, MAKEUP_WORKDAY, SCHOOL_HOLIDAY = "holiday", "makeup_workday", "school_holiday"
PLAIN_CODE, HOLIDAY_CODE, MAKEUP_CODE, UNKNOWN_CODE = 0, 1, 2, 3
_KINDS: tuple[Kind, ...] = ("plain", "holiday", "makeup", "unknown")
_CODE = {HOLIDAY: HOLIDAY_CODE, MAKEUP_WORKDAY: MAKEUP_CODE}
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


class Day(NamedTuple):
    """What the table says of one day; `name` is the festival of a holiday or make-up day."""

    kind: Kind
    name: Words | None


class Calendar:
    """A dated table of holidays, immutable. It speaks for whole years: its first to its last row's.

    A day inside those years that has no row is plain; a day outside them is unknown. School holidays
    (`SH`), where rows of them exist, speak for their own years in the same way; without rows they are
    unknown on every day.
    """

    def __init__(self, rows: Iterable[tuple[date, str, Words]]) -> None:
        """Take rows of date, kind (holiday, makeup_workday or school_holiday) and name, in any order.

        Raises:
            BadValue: If a kind is another one, a day is both holiday and make-up day, or a year between
                the first and the last has no row at all.
        """
        official: dict[int, tuple[int, Words]] = {}
        school: set[int] = set()
        for day, kind, name in rows:
            number = day.toordinal() - _EPOCH_ORDINAL
            if kind == SCHOOL_HOLIDAY:
                school.add(number)
                continue
            if kind not in _CODE:
                raise BadValue("type", kind, zh=f"应为 {HOLIDAY}、{MAKEUP_WORKDAY} 或 {SCHOOL_HOLIDAY}",
                               en=f"must be {HOLIDAY}, {MAKEUP_WORKDAY} or {SCHOOL_HOLIDAY}")
            if official.setdefault(number, (_CODE[kind], name))[0] != _CODE[kind]:
                raise BadValue("date", day, zh="同一天既是节假日又是调休上班日", en="is both a holiday and a make-up working day")
        self._official = official
        self._school = school
        self._years = _whole_years(official)
        self._school_years = _whole_years(school)

    @property
    def first(self) -> date | None:
        """The first day the table speaks for; None when it is empty."""
        return date(self._years[0], 1, 1) if self._years else None

    @property
    def last(self) -> date:
        """The last day the table speaks for; `date.min` when it is empty."""
        return date(self._years[1], 12, 31) if self._years else date.min

    def day(self, day: date) -> Day:
        """Return what the table says of `day`."""
        found = self._official.get(day.toordinal() - _EPOCH_ORDINAL)
        if found is not None:
            return Day(_KINDS[found[0]], found[1])
        return Day("plain" if _within(self._years, day.year) else "unknown", None)

    def unknown_in(self, first: date, days: int) -> date | None:
        """Return the first of some days, from `first` on, that the table does not speak for; None where it speaks for all."""
        codes = self.kinds(first.toordinal() - _EPOCH_ORDINAL, days)
        unknown = np.flatnonzero(codes == UNKNOWN_CODE)
        return first + timedelta(days=int(unknown[0])) if len(unknown) else None

    def is_school_holiday(self, day: date) -> bool | None:
        """Return whether schools are on holiday, None where no table says."""
        return day.toordinal() - _EPOCH_ORDINAL in self._school if _within(self._school_years, day.year) else None

    def kinds(self, first_day: int, days: int) -> NDArray[np.uint8]:
        """Return (days,) 0 plain, 1 holiday, 2 make-up working day, 3 unknown.

        `first_day` counts days since 1970-01-01.
        """
        codes = np.full(days, UNKNOWN_CODE, np.uint8)
        codes[_mask(self._years, first_day, days)] = PLAIN_CODE
        for i in range(days):
            found = self._official.get(first_day + i)
            if found is not None:
                codes[i] = found[0]
        return codes

    def school(self, first_day: int, days: int) -> NDArray[np.uint8]:
        """Return (days,) 0 school day, 1 school holiday, 3 unknown; `first_day` as in `kinds`."""
        codes = np.full(days, UNKNOWN_CODE, np.uint8)
        codes[_mask(self._school_years, first_day, days)] = PLAIN_CODE
        for i in range(days):
            if first_day + i in self._school and codes[i] == PLAIN_CODE:
                codes[i] = HOLIDAY_CODE
        return codes

    @cached_property
    def _identity(self) -> tuple[object, ...]:
        return tuple(sorted(self._official.items())), tuple(sorted(self._school))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)


def _whole_years(numbers: Iterable[int]) -> tuple[int, int] | None:
    years = {date.fromordinal(n + _EPOCH_ORDINAL).year for n in numbers}
    if not years:
        return None
    missing = sorted(set(range(min(years), max(years))) - years)
    if missing:
        raise BadValue("date", missing[0], zh=f"节假日表缺少 {missing[0]} 年", en=f"the table has no row of {missing[0]}")
    return min(years), max(years)


def _within(years: tuple[int, int] | None, year: int) -> bool:
    return years is not None and years[0] <= year <= years[1]


def _mask(years: tuple[int, int] | None, first_day: int, days: int) -> NDArray[np.bool_]:
    numbers = np.arange(first_day, first_day + days)
    if years is None:
        return np.zeros(days, bool)
    first = date(years[0], 1, 1).toordinal() - _EPOCH_ORDINAL
    last = date(years[1], 12, 31).toordinal() - _EPOCH_ORDINAL
    return (numbers >= first) & (numbers <= last)
