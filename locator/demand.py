"""People at points: how many, where, in which area, and where the figures come from.

A row is a cell of ground or a point. Most figures are known for an area and spread evenly over its
cells: what is even is said in `Demand.note`, so that no answer seems finer than its source.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locator.arrays import Bits, Codes, LonLat
from locator.errors import BadCoordinate, BadValue
from locator.words import Words

NOWHERE = -1
"""Of `Demand.areas`: the row lies in no area that has an outline."""
_EXACT_BITS = 45
"""Of the 53 that a double holds: sums of figures up to 2^8 times the total stay exact too."""


@dataclass(frozen=True, eq=False, slots=True)
class Demand:
    """Where people are: n rows. The arrays are never written to; they may be mapped from a file."""

    lonlat: LonLat
    """(n, 2) WGS-84 degrees: the middle of a cell, or the point itself."""
    people: NDArray[np.float64]
    """(n,) people, at least 0; they need not be whole. Their sum is above 0."""
    areas: NDArray[np.int32]
    """(n,) positions in `area_sets`, or `NOWHERE`."""
    area_sets: tuple[tuple[str, ...], ...]
    """Codes of all areas with an outline that a row lies in, one of the deepest first: areas may overlap, and each combination stands once."""
    cell_m2: NDArray[np.float64] | None
    """(n,) square metres of ground a row stands for, on the local metre grid; None: rows are points."""
    source: Words
    date: str | None
    """When the figures were true, as ISO 8601 (2020-11-01, 2024-06, 2023); None: nobody said."""
    note: Words
    """What is even within what, or that nothing was spread."""
    version: str
    """A short digest: another one, other figures."""

    def __post_init__(self) -> None:
        """Refuse figures that no answer can be built on.

        Raises:
            BadValue: If people are negative, not finite, or none at all; the place is the row, from 0.
            BadCoordinate: If a pair is not finite degrees in range.
            ValueError: If the arrays do not fit each other.
        """
        n = len(self.lonlat)
        if self.lonlat.shape != (n, 2) or self.people.shape != (n,) or self.areas.shape != (n,):
            raise ValueError(f"lonlat {self.lonlat.shape}, people {self.people.shape} and areas {self.areas.shape} do not fit")
        if self.cell_m2 is not None and self.cell_m2.shape != (n,):
            raise ValueError(f"cell_m2 {self.cell_m2.shape} does not fit {n} rows")
        if n and not NOWHERE <= int(self.areas.min()) <= int(self.areas.max()) < len(self.area_sets):
            raise ValueError("areas must be positions in area_sets, or NOWHERE")
        check_people(self.people)
        check_pairs(self.lonlat)

    def __len__(self) -> int:
        return len(self.people)

    @property
    def total(self) -> float:
        """Return all people."""
        return float(self.people.sum())

    def within(self, codes: Collection[str]) -> Bits:
        """Return which rows lie in any of some areas."""
        wanted = np.array([not held.isdisjoint(codes) for held in map(frozenset, self.area_sets)] + [False])
        return wanted[self.areas]  # NOWHERE is the last: False

    def by_area(self) -> dict[str, float]:
        """Return the people of each area with an outline that any row lies in."""
        known = self.areas != NOWHERE
        found: dict[str, float] = {}
        for held, people in zip(self.area_sets, np.bincount(self.areas[known], self.people[known], len(self.area_sets)).tolist(), strict=True):
            for code in held:
                found[code] = found.get(code, 0.0) + people
        return found


def check_people(people: NDArray[np.float64]) -> None:
    """Refuse people that are not finite, negative, or none at all; the place is the row, from 0.

    Raises:
        BadValue: As said.
    """
    wrong = np.flatnonzero(~(np.isfinite(people) & (people >= 0)))
    if len(wrong):
        row = int(wrong[0])
        raise BadValue("people", float(people[row]), zh="人数应为不小于 0 的有限数", en="must be a finite number of at least 0", at=str(row))
    if not people.any():
        raise BadValue("people", 0, zh="总人数为 0，没有可以统计的人", en="adds up to 0: there is nobody to count")
    if not math.isfinite(float(people.sum())):
        raise BadValue("people", "inf", zh="总人数超出可计算的范围", en="adds up to more than can be counted")


def check_pairs(lonlat: LonLat) -> None:
    """Refuse pairs that are not finite degrees in range; the place is the row, from 0.

    Raises:
        BadCoordinate: As said.
    """
    wrong = np.flatnonzero(~((np.abs(lonlat[:, 0]) <= 180) & (np.abs(lonlat[:, 1]) <= 90)))  # NaN is in no range
    if len(wrong):
        lon, lat = lonlat[int(wrong[0])].tolist()
        raise BadCoordinate("lon, lat", f"{lon:g},{lat:g}", zh="应为经度 -180 至 180、纬度 -90 至 90 的有限数",
                            en="must be finite degrees, longitude within 180 and latitude within 90", at=str(int(wrong[0])))


def quantum(total: float) -> float:
    """Return the share of a person that all people are multiples of, a power of two.

    A total of 2^25 or fewer (33 million) has 2^-20: with people in multiples of it every sum of rows, in any
    order, is exact, so that the parts of an answer add up to its whole to the last bit.
    """
    return float(2.0 ** (math.ceil(math.log2(total)) - _EXACT_BITS)) if total > 0 else 1.0


def rounded(people: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n,) people as multiples of the `quantum` of their sum: off by half of it at most."""
    unit = quantum(float(people.sum()))
    return np.asarray(np.rint(people / unit) * unit, np.float64)


def evenly(groups: Codes, people: NDArray[np.float64], *, unit: float) -> NDArray[np.float64]:
    """Spread the people of each group evenly over its rows.

    Args:
        groups: (n,) positions in `people`, or -1: a row of no group.
        people: (k,) people of each group, at least 0.
        unit: A `quantum` of at least their sum.

    Returns:
        (n,) people, multiples of `unit`; rows of one group differ by one unit at most, the earlier ones have more;
        rows of no group have 0. They sum exactly to the group's figure, rounded to a unit (which a whole number
        below 2^25 is already).

    Raises:
        ValueError: If a group has people and no row.
    """
    rows = np.bincount(groups[groups >= 0], minlength=len(people))
    units = np.rint(people / unit).astype(np.int64)
    lacking = np.flatnonzero((rows == 0) & (units > 0))
    if len(lacking):
        raise ValueError(f"group {lacking[0]} has {people[lacking[0]]:g} people and no row")
    each, rest = np.divmod(units, np.maximum(rows, 1))
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    begin = np.searchsorted(ordered, np.arange(len(people)))
    inside = ordered >= 0
    order, ordered = order[inside], ordered[inside]
    place = np.arange(len(groups))[inside] - begin[ordered]
    spread = np.zeros(len(groups))
    spread[order] = (each[ordered] + (place < rest[ordered])) * unit
    return spread
