"""What speaks for a datum: outlines of stated areas, known sites, known places; row by row, datum by datum.

A row *fits* where it would lie right if its pair were in a datum, and is *against* where it would
plainly lie wrong; between the two it says nothing. Rows whose faults have a common cause share a
*group* and count as one: rows within one stretch of a border, which share what is wrong with its
outline; rows at one place, which share what is wrong with its coordinates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.placing import KnowsAreas
from geodata.stated import Stated
from locator import earth
from locator.arrays import Bits, LonLat
from locator.names import Place

SAME_M = 15.0
"""A row this near to a known site is at it."""
APART_M = 100.0
"""A row farther than this from where its known site is, is not."""
AROUND_M = 150.0
"""How far from the middle of a place, beyond what its own coordinates may be off, a site named after it may lie."""
VAGUEST_M = 1_000.0
"""A place whose coordinates may be off by more says nothing."""

_STRETCH_M = {"street": 250.0, "district": 2_000.0}
_LEAST_SHARE = {"street": 0.2}
# what may follow a place's name where a site is at that very place: not 建国门 in 建国门外大街
_AT = re.compile(r"$|[\s（(【\[,，、·.。\-—]|地铁|站|路口|桥|广场|商场|商圈|大厦|店|支行|分行|网点|营业|暖心|驿站|母婴|职工|工会|户外|劳动|服务"
                 r"|[东西南北]{1,2}[侧角口]")


@dataclass(frozen=True)
class Testimony:
    """What one sort of witness says of n rows under each of c datums."""

    about: str
    """``site``, ``street``, ``district`` or ``place``."""
    judged: Bits
    """(n,) rows of which it can say anything."""
    fits: NDArray[np.bool_]
    """(c, n)"""
    against: NDArray[np.bool_]
    """(c, n)"""
    groups: NDArray[np.int64]
    """(n,) rows of one number count as one."""
    least_share: float = 0.0
    """Of the rows judged, how many must speak for the better of two datums for any of them to count."""


def of_areas(about: str, codes: Sequence[str | None], asd: Sequence[LonLat], areas: KnowsAreas) -> Testimony:
    """Hold rows against the outlines of the areas they name: `codes` (n,), `asd` (n, 2) WGS-84 degrees under each datum.

    A row fits on or inside the outline, and is against beyond what the outline may be off.
    """
    n = len(codes)
    fits, against = (np.zeros((len(asd), n), np.bool_) for _ in range(2))
    judged = np.zeros(n, np.bool_)
    metres, epsg = _on_grid(asd)
    rows_of: dict[str, list[int]] = {}
    for row, code in enumerate(codes):
        if code is not None:
            rows_of.setdefault(code, []).append(row)
    finite = np.isfinite(metres[0][:, 0])
    for code, all_rows in rows_of.items():
        if not areas.tree[code].has_outline:
            continue
        rows = np.array(all_rows)[finite[all_rows]]
        import shapely

        outline = shapely.transform(areas.polygon(code), lambda pairs: earth.on_grid(pairs, epsg=epsg))
        shapely.prepare(outline)
        doubt_m = areas.doubt_m(code)
        judged[rows] = True
        for c, points in enumerate(metres):
            x, y = points[rows].T
            inside: Bits = np.asarray(shapely.intersects_xy(outline, x, y))
            fits[c, rows] = inside
            out = np.flatnonzero(~inside)
            against[c, rows[out]] = ~shapely.dwithin(outline, shapely.points(x[out], y[out]), doubt_m)
    cells = np.where(finite[:, None], metres[0], 0) // _STRETCH_M[about]
    return Testimony(about, judged, fits, against, _numbered(map(tuple, cells.tolist())),
                     _LEAST_SHARE.get(about, 0.0))


def of_sites(stated: Stated, asd: Sequence[LonLat]) -> Testimony:
    """Hold rows against where the sites they are about are known to be."""
    there = np.array([(np.nan, np.nan) if site is None or site.lon is None or site.lat is None else (site.lon, site.lat)
                      for site in stated.known], np.float64).reshape(-1, 2)
    apart = _apart(there, asd)
    return Testimony("site", np.isfinite(apart[0]), apart <= SAME_M, apart > APART_M,
                     _numbered(site.id if site is not None else None for site in stated.known))


def of_places(stated: Stated, asd: Sequence[LonLat], places: Sequence[Place]) -> Testimony:
    """Hold rows against the places they are named after: within the place's own accuracy and `AROUND_M`, or not."""
    find = _Finder(places)
    found = [find.at(name) or find.at(address) for name, address in zip(stated.names, stated.addresses, strict=True)]
    there = np.array([(np.nan, np.nan) if p is None else (p.lon, p.lat) for p in found], np.float64).reshape(-1, 2)
    reach_m = np.array([0.0 if p is None else p.accuracy_m + AROUND_M for p in found])
    apart = _apart(there, asd)
    return Testimony("place", np.isfinite(apart[0]), apart <= reach_m, apart > reach_m,
                     _numbered(p.code if p is not None else None for p in found))


class _Finder:
    """Finds the place that a site is named after."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._by_name: dict[str, Place | None] = {}
        for place in places:
            if place.accuracy_m <= VAGUEST_M and place.category not in ("area", "street"):
                for name in dict.fromkeys((place.words.zh, *place.aliases)):
                    if len(name) > 1 and not name.isascii():
                        # two places of one name tell nothing
                        self._by_name[name] = None if name in self._by_name else place
        self._lengths: dict[str, list[int]] = {}
        for length, start in sorted({(len(name), name[:2]) for name in self._by_name}, reverse=True):
            self._lengths.setdefault(start, []).append(length)
        self._start = re.compile("|".join(map(re.escape, self._lengths)) or "(?!)")
        self._seen: dict[str, Place | None] = {}

    def at(self, text: str) -> Place | None:
        """Return the one place a text is named after; the longest name wins, and a text that names two is at neither."""
        if text not in self._seen:
            self._seen[text] = self._search(text)
        return self._seen[text]

    def _search(self, text: str) -> Place | None:
        found: dict[str | None, Place | None] = {}
        start = self._start.search(text)
        while start is not None:
            at = start.start()
            for length in self._lengths[start.group()]:
                name = text[at:at + length]
                if name in self._by_name:
                    place = self._by_name[name]
                    found[None if place is None else place.code] = place if _AT.match(text, at + length) else None
                    at += length - 1
                    break
            start = self._start.search(text, at + 1)
        return next(iter(found.values())) if len(found) == 1 else None


def _apart(there: LonLat, asd: Sequence[LonLat]) -> NDArray[np.float64]:
    """Return (c, n) metres, NaN where a row is about no place."""
    apart = np.full((len(asd), len(there)), np.nan)
    rows = np.flatnonzero(np.isfinite(there[:, 0]))
    for c, pairs in enumerate(asd):
        apart[c, rows] = earth.geodesic_m(there[rows], pairs[rows])
    return apart


def _on_grid(asd: Sequence[LonLat]) -> tuple[list[NDArray[np.float64]], int]:
    """Return pairs in flat metres, and the grid's number; NaN stays NaN."""
    middle = asd[0][np.isfinite(asd[0]).all(axis=1)]
    epsg = earth.metre_grid(float(np.median(middle[:, 0]))) if len(middle) else 4548
    grids = []
    for pairs in asd:
        finite = np.isfinite(pairs).all(axis=1)
        metres = np.full(pairs.shape, np.nan)
        metres[finite] = earth.on_grid(pairs[finite], epsg=epsg)
        grids.append(metres)
    return grids, epsg


def _numbered(keys: Iterable[object]) -> NDArray[np.int64]:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)
