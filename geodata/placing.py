"""Where drafts lie: their pairs turned into WGS-84, their districts and streets decided."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from geodata import cells
from geodata.drafts import Draft, Faults
from geodata.headers import Columns
from locator.areas import AreaTree
from locator.arrays import LonLat
from locator.datum import to_wgs84
from locator.errors import BadValue, NotThere
from locator.words import Words

if TYPE_CHECKING:
    from shapely import Geometry

UNMOVED_DEGREES = 1e-8
"""A millimetre: a known site this near to where it was has not moved, and keeps its very coordinates."""


class KnowsAreas(Protocol):
    """What intake asks of `geodata.areas.Areas`."""

    @property
    def tree(self) -> AreaTree:
        """Every area by code."""

    def district_of(self, lonlat: LonLat) -> list[str | None]:
        """Return the district of each of (n, 2) WGS-84 points."""

    def code(self, said: str) -> str:
        """Return the code of what somebody calls an area."""

    def polygon(self, code: str) -> Geometry:
        """Return an area's outline, WGS-84 degrees."""

    def doubt_m(self, code: str) -> float:
        """Return how far off an area's outline may be."""


def near(a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether two pairs are the same place, to the millimetre."""
    return abs(a[0] - b[0]) <= UNMOVED_DEGREES and abs(a[1] - b[1]) <= UNMOVED_DEGREES


def place(drafts: Sequence[Draft]) -> None:
    """Turn every pair into WGS-84, all of one datum at a time."""
    by_datum: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.lonlat is not None or draft.entrance is not None:
            by_datum.setdefault(draft.datum, []).append(draft)
    nowhere = (math.nan, math.nan)
    for datum, some in by_datum.items():
        for given, made in (("lonlat", "wgs84"), ("entrance", "entrance_wgs84")):
            there = [draft for draft in some if getattr(draft, given) is not None]
            if not there:
                continue
            pairs = to_wgs84(np.array([getattr(d, given) or nowhere for d in there], np.float64), datum)
            for draft, (lon, lat) in zip(there, pairs.tolist(), strict=True):
                setattr(draft, made, (lon, lat))
    _prefer_source(drafts)


def _prefer_source(drafts: Sequence[Draft]) -> None:
    """Where a row carries its source's own pair and it is the same place, take what that pair makes: it is exact."""
    own: dict[str, list[tuple[Draft, float, float]]] = {}
    for draft in drafts:
        lon, lat, datum = (draft.values.get(k) for k in ("source_lon", "source_lat", "source_datum"))
        if draft.wgs84 is not None and isinstance(lon, float) and isinstance(lat, float) and isinstance(datum, str):
            own.setdefault(datum, []).append((draft, lon, lat))
    for datum, some in own.items():
        pairs = to_wgs84(np.array([(lon, lat) for _, lon, lat in some], np.float64), datum)
        for (draft, _, _), (lon, lat) in zip(some, pairs.tolist(), strict=True):
            if draft.wgs84 is not None and near(draft.wgs84, (lon, lat)):
                draft.wgs84 = (lon, lat)


class Districts:
    """Decides drafts' districts and streets from what their rows say and where they lie."""

    def __init__(self, areas: KnowsAreas, known: Columns, faults: Faults) -> None:
        """Name areas as `areas` does; doubts go to `faults` as warnings."""
        self._areas = areas
        self._tree = areas.tree
        self._fields = known.fields
        self._faults = faults
        self._named: dict[str, str | None] = {}
        self._unknown: dict[tuple[str, str], list[int]] = {}

    def settle(self, drafts: Sequence[Draft]) -> None:
        """Give every draft its areas; a name that is no known area is told once for all its rows."""
        lonlat = np.array([d.wgs84 or (math.nan, math.nan) for d in drafts], np.float64).reshape(-1, 2)
        for draft, lies_in in zip(drafts, self._areas.district_of(lonlat), strict=True):
            self._settle_district(draft, lies_in)
            self._settle_street(draft)
        for (name, said), lines in self._unknown.items():
            self._faults.warn(lines[0], self._fields[name], BadValue(name, said, zh=f"不是已知的区域，未采用（共 {len(lines)} 行）",
                                                                     en=f"is no known area and was not used ({len(lines)} rows)"))

    def _settle_district(self, draft: Draft, lies_in: str | None) -> None:
        said = draft.district
        if said is None:
            if lies_in is not None and _moved(draft):
                draft.areas["district_code"] = lies_in
            return
        if said == cells.CLEAR_WORD:
            draft.areas["district_code"] = None
            return
        code = self._code(said)
        if code is None and _is_code(said):
            draft.areas["district_code"] = said  # another city's code is a statement of its own
        elif code is None or (code != said and draft.wgs84 is not None and lies_in is None):
            # a name alone does not say which city: outside every outline, 经开区 is not ours
            self._unknown.setdefault(("district_code", said), []).append(draft.row.line)
            if lies_in is not None:
                draft.areas["district_code"] = lies_in
        else:
            draft.areas["district_code"] = code
            if draft.wgs84 is not None and code != lies_in and self._tree[code].has_outline:
                where = self._tree[lies_in].words if lies_in is not None else Words("已知区域之外", "no known area")
                self._faults.warn(draft.row.line, self._fields["district_code"], BadValue(
                    "district_code", said, zh=f"坐标落在 {where.zh}，与所写的区不符；请核对坐标系和坐标",
                    en=f"the coordinates lie in {where.en}, not in the district stated; check datum and coordinates"))

    def _settle_street(self, draft: Draft) -> None:
        said = draft.street
        if said is None:
            return
        district = draft.areas.get("district_code") or (draft.existing.district_code if draft.existing else None)
        within = self._tree[district].words.zh if district is not None and district in self._tree else ""
        if said == cells.CLEAR_WORD:
            draft.areas["street_code"] = None
        elif _is_code(said):
            draft.areas["street_code"] = said
        elif within and (code := self._code(within + said) or self._code(said)):
            draft.areas["street_code"] = code
        else:
            self._unknown.setdefault(("street_code", said), []).append(draft.row.line)

    def _code(self, said: str) -> str | None:
        if said not in self._named:
            try:
                self._named[said] = self._areas.code(said)
            except NotThere:
                self._named[said] = None
        return self._named[said]


def as_stated(drafts: Sequence[Draft]) -> None:
    """Take districts and streets as they are written, where no areas are known."""
    for draft in drafts:
        for name, said in (("district_code", draft.district), ("street_code", draft.street)):
            if said is not None:
                draft.areas[name] = None if said == cells.CLEAR_WORD else said


def _moved(draft: Draft) -> bool:
    """Whether the row places its site where it was not before; always so for a new one."""
    was = draft.existing
    if was is None or draft.wgs84 is None or was.lon is None or was.lat is None:
        return was is None or draft.wgs84 is not None
    return not near((was.lon, was.lat), draft.wgs84)


def _is_code(said: str) -> bool:
    return said.isascii() and said.isalnum() and any(c.isdigit() for c in said)
