"""The registry as an administrator looks through it: every site, whatever its status, filtered and in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from locator.arrays import Bits, Rows
from locator.columns import CodedColumn, TextColumn
from locator.errors import BadValue
from locator.filters import Filters, matching
from locator.sites import Sites

SORTS = ("updated", "name", "code", "kind", "status", "area", "verified")
"""updated: the newest first; verified: never first, then the longest ago; the others ascending, absent last."""

_CODED = {"kind": ("kind",), "status": ("status",), "area": ("district_code", "street_code"), "verified": ("verified_on",)}


@dataclass(frozen=True, slots=True)
class Listing:
    """Which sites are wanted. Nothing set: every one there is. Of several values of a field any will do, of facilities all."""

    filters: Filters = Filters(audience="internal")
    """Kinds, facilities, eligibility and areas."""
    statuses: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    visibility: str | None = None
    verified_before: date | None = None
    """Verified before that day, or never."""
    without_hours: bool = False
    """No hours that can be read."""
    unlocated: bool = False
    """No coordinates: to be located."""
    demo: bool | None = None
    sort: str = "updated"

    def __post_init__(self) -> None:
        if self.sort not in SORTS:
            raise BadValue("sort", self.sort, zh=f"应为 {'、'.join(SORTS)} 之一", en=f"must be one of {', '.join(SORTS)}")


def listed(listing: Listing, sites: Sites) -> Bits:
    """Return (n,) which sites are wanted."""
    passes = matching(listing.filters, sites)
    for name, wanted in (("status", listing.statuses), ("host", listing.hosts)):
        if wanted:
            passes &= sites.has(name, wanted)
    if listing.visibility is not None:
        passes &= sites.has("visibility", (listing.visibility,))
    if listing.demo is not None:
        passes &= sites.has("demo", (listing.demo,))
    if listing.verified_before is not None:
        before = listing.verified_before
        passes &= _of_values(sites.coded("verified_on"), lambda day: day is None or day < before)
    if listing.without_hours:
        passes &= _of_values(sites.coded("opening_hours"), lambda hours: hours is None)
    if listing.unlocated:
        passes &= ~sites.located
    return passes


def counts(sites: Sites, name: str, among: Bits) -> dict[Any, int]:
    """Return how many of some sites have each value of a coded column; values that none has are left out."""
    column = sites.coded(name)
    found = np.bincount(column.codes[among], minlength=len(column.values))
    return {value: int(count) for value, count in zip(column.values, found.tolist(), strict=True) if count}


def order(sites: Sites, readings: TextColumn, sort: str) -> Rows:
    """Return (n,) rows in order; equal ones stay in the registry's order. Names go by their reading, then as written."""
    if sort == "updated":
        return np.argsort(-sites.number("version"), kind="stable")
    if sort == "name":
        return _by_texts([(f"{reading or '~'} {name or ''}") for reading, name in zip(readings, sites.text("name"), strict=True)])
    if sort == "code":
        return _by_texts([code or "\U0010ffff" for code in sites.text("station_code")])
    columns = [sites.coded(name) for name in reversed(_CODED[sort])]
    return np.lexsort([_places(column, absent_first=sort == "verified") for column in columns])


def _by_texts(texts: list[str]) -> Rows:
    return np.array(sorted(range(len(texts)), key=texts.__getitem__), np.intp)


def _places(column: CodedColumn[Any], *, absent_first: bool) -> Rows:
    """Return (n,) the place of each value among the distinct ones."""
    distinct = range(len(column.values))
    absent = -1 if absent_first else 1
    ranked = sorted(distinct, key=lambda i: (absent, "") if column.values[i] is None else (0, str(column.values[i])))
    place = np.empty(len(ranked), np.intp)
    place[ranked] = np.arange(len(ranked))
    return place[column.codes]


def _of_values(column: CodedColumn[Any], passes: Any) -> Bits:
    """Return (n,) whether a value passes, each distinct one judged once."""
    if not column.values:
        return np.zeros(len(column), bool)
    return np.array([passes(value) for value in column.values], bool)[column.codes]
