"""Exact k nearest and within, over columns, under any boolean mask.

The order is that of the WGS-84 geodesic at any distance, and ties go to the smaller row. Sites are
Earth-centred points in a kd-tree (pykdtree), which ranks by chord. A chord does not settle the geodesic: two
sites whose chords differ by less than `earth.rival_chord_m` allows (0.04 µm at 1 km, 0.56 mm at
30 km, 21 m at 1,000 km) may stand the other way round. So every answer is made in two steps:

1. fetch every site that could be among the first k. With c the k-th smallest chord, k sites are
   at most `most_m(c)` away by geodesic; a site whose `least_m` is above that cannot be among the
   first k, and neither can it tie; so fetching up to `rival_chord_m(c)` is enough. That is proved
   in `earth`, not sampled.
2. measure those by geodesic, sort by metres, then row, and cut at k. Distances within 20 nm of
   each other (`earth.ROUNDING_M`) are equal: two sites mirrored about the asker differ by rounding only.

Up to 30 km step 2 is `earth.arc_between_m`, exact but for rounding; beyond, pyproj's geodesic.

The tree walks many questions on as many threads as OpenMP is told (``OMP_NUM_THREADS``). A process that
asks single questions should say 1 before this is imported: to start threads takes longer than an answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from operator import lt
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from locator import earth
from locator.arrays import Bits, LonLat, Metres, Rows
from locator.errors import BadCoordinate, BadCount, BadRadius

if TYPE_CHECKING:
    from pykdtree.kdtree import KDTree

Point = tuple[float, float, float]

_FEW = 64
"""Measuring so many sites costs less than asking a tree."""
_MOST_FETCHED = 1024
"""A tree asked for more than this is slower than its own sites measured one by one."""
_FIRST_FETCHED = 32
"""What is fetched of a ball first: most are small."""
_FEW_ANSWERS = 32
"""Up to so many, Python's own floats are faster than arrays."""
_QUESTIONS_AT_ONCE = 1 << 17
_CACHED = 2048
"""Questions ranked at once, so that what is worked out between two steps stays in the processor's cache."""
_FETCHED_AT_ONCE = 1 << 20
_STRIP_DEGREES = 0.02
_LOOKED_AT, _MOST = 64, 0.9
_NOBODY = np.empty(0, np.intp)


class SiteIndex:
    """Where n sites are; complete when constructed, never changed, safe to share between threads.

    Row numbers are those of the table the coordinates came from. A row with a coordinate that is
    not finite is never returned, so it need not be there at all.
    """

    __slots__ = ("_heights", "_points", "_rows", "_tree")

    def __init__(self, lonlat: LonLat, *, tree: bool = True) -> None:
        """Index sites at (n, 2) WGS-84 degrees.

        Args:
            lonlat: (n, 2) degrees; n may be 0.
            tree: False measures every site for every question, and builds nothing. Right for a
                process that asks once.
        """
        lonlat = np.asarray(lonlat, np.float64).reshape(-1, 2)
        there = np.isfinite(lonlat).all(axis=1)
        rows = None if there.all() else np.flatnonzero(there)
        self._fill(earth.ecef(lonlat if rows is None else lonlat[rows]), rows, tree=tree)

    @classmethod
    def _of(cls, points: NDArray[np.float64], rows: Rows, *, tree: bool) -> Self:
        index = cls.__new__(cls)
        index._fill(points, rows, tree=tree)  # noqa: SLF001 - a second constructor
        return index

    def _fill(self, points: NDArray[np.float64], rows: Rows | None, *, tree: bool) -> None:
        self._points = points
        self._points.flags.writeable = False
        self._heights = points[:, 2]
        self._rows = rows  # ascending, so that the order of places is the order of rows; None: the same
        self._tree = _tree(points) if tree and len(points) > _FEW else None

    def __len__(self) -> int:
        """Return how many sites can be answered."""
        return len(self._points)

    def subset(self, rows: Rows) -> SiteIndex:
        """Return an index of only those rows; its answers are still row numbers of the whole table.

        It has a tree if this one has.

        Args:
            rows: (m,) row numbers of the whole table, in any order; those this index does not have are left out.
        """
        rows = np.unique(np.asarray(rows, np.intp))
        if self._rows is None:
            places = rows[(rows >= 0) & (rows < len(self._points))]
            kept = places
        else:
            places = np.searchsorted(self._rows, rows)
            found = np.flatnonzero(places < len(self._rows))
            places = places[found][self._rows[places[found]] == rows[found]]
            kept = self._rows[places]
        return SiteIndex._of(self._points[places], kept, tree=self._tree is not None)

    def nearest(self, lon: float, lat: float, *, k: int, within_m: float = math.inf,
                among: Bits | None = None) -> tuple[Rows, Metres]:
        """Return the k sites nearest to a point, nearest first; equal distances by row.

        Args:
            lon: WGS-84 degrees.
            lat: WGS-84 degrees.
            k: How many; fewer come back where fewer are there.
            within_m: Farthest geodesic metres, inclusive.
            among: (n,) of the whole table; only rows where it is true. None: all.

        Returns:
            (m,) rows and (m,) geodesic metres, m <= k, ascending.

        Raises:
            BadCount: If k is below 1.
            BadRadius: If `within_m` is negative or NaN.
            BadCoordinate: If a coordinate is not finite.
        """
        _check_count(k)
        _check_radius("within", within_m)
        here = _point(lon, lat)
        if among is not None and self._rows is not None:
            among = among[self._rows]
        places, chords = self._rivals(here, k, among)
        places, metres = self._ranked((lon, lat), here, places, chords)
        if within_m < math.inf:
            k = min(k, int(np.searchsorted(metres, within_m, side="right")))
        return self._named(places[:k]), metres[:k]

    def within(self, lon: float, lat: float, *, radius_m: float, among: Bits | None = None) -> tuple[Rows, Metres]:
        """Return every site within a radius of a point, nearest first; equal distances by row.

        A site exactly on the radius is within: one whose metres, as `nearest` gives them, are <= `radius_m`.

        Returns:
            (m,) rows and (m,) geodesic metres, ascending.

        Raises:
            BadRadius: If `radius_m` is negative or NaN.
            BadCoordinate: If a coordinate is not finite.
        """
        _check_radius("radius_m", radius_m)
        here = _point(lon, lat)
        places, chords = self._ball(here, earth.chord_within_m(radius_m))
        if among is not None:
            kept = among[self._named(places)]
            places, chords = places[kept], chords[kept]
        places, metres = self._ranked((lon, lat), here, places, chords)
        count = int(np.searchsorted(metres, radius_m, side="right"))
        return self._named(places[:count]), metres[:count]

    def nearest_many(self, lonlat: LonLat, *, k: int, among: Bits | None = None) -> tuple[Rows, Metres]:
        """Return the k sites nearest to each of many points; the same answers as `nearest` one by one.

        Args:
            lonlat: (q, 2) WGS-84 degrees; a point with a NaN has no nearest site.
            k: How many.
            among: (n,) of the whole table; only rows where it is true. None: all.

        Returns:
            (q, k) rows, -1 where there are fewer than k, and (q, k) geodesic metres, inf there.

        Raises:
            BadCount: If k is below 1.
        """
        _check_count(k)
        if among is not None:
            return self.subset(np.flatnonzero(among)).nearest_many(lonlat, k=k)
        lonlat = np.asarray(lonlat, np.float64).reshape(-1, 2)
        asked = np.isfinite(lonlat).all(axis=1)
        filled = min(k, len(self))
        rows, metres = np.empty((len(lonlat), k), np.intp), np.empty((len(lonlat), k))
        rows[:, filled:], metres[:, filled:] = -1, np.inf
        rows[~asked], metres[~asked] = -1, np.inf
        if filled:
            tree = self._tree if self._tree is not None else _tree(self._points)
            answered, measured = rows[:, :filled], metres[:, :filled]
            for turn in _turns(lonlat, np.flatnonzero(asked)):
                for some, places, distances in self._ranked_many(tree, lonlat[turn], filled):
                    answered[turn[some]], measured[turn[some]] = self._named(places), distances
        return rows, metres

    # One question ---------------------------------------------------------------------------------

    def _rivals(self, here: Point, k: int, among: Bits | None) -> tuple[Rows, Metres]:
        """Return every place that could be among the first k (of those where `among` is true), and its chord."""
        there = len(self) if among is None else int(np.count_nonzero(among))
        fetch = min(k + 1, there)
        if self._tree is not None and there > _FEW:
            point, left_out = np.array((here,)), None if among is None else ~among
            while fetch <= _MOST_FETCHED:
                chords, places = _fetched(self._tree, point, fetch, left_out)
                if fetch <= k:
                    return places, chords
                limit = earth.rival_chord_m(float(chords[k - 1]))
                if chords[-1] > limit:  # what was not fetched is farther still
                    count = k if chords[k] > limit else int(chords.searchsorted(limit, "right"))
                    return places[:count], chords[:count]
                if fetch == there:
                    return places, chords
                fetch = min(4 * fetch, there)
        return _first(*self._chords(here, None if among is None else np.flatnonzero(among)), k)

    def _ball(self, here: Point, limit_m: float) -> tuple[Rows, Metres]:
        """Return every place whose chord is at most `limit_m`, and its chord."""
        fetch = _FIRST_FETCHED
        if self._tree is not None and limit_m < math.inf:
            point = np.array((here,))
            while fetch <= min(_MOST_FETCHED, len(self)):
                chords, places = _fetched(self._tree, point, fetch, None)
                if chords[-1] > limit_m:
                    count = int(chords.searchsorted(limit_m, "right"))
                    return places[:count], chords[:count]
                fetch *= 4
        places, chords = self._chords(here, None)
        kept = chords <= limit_m
        return places[kept], chords[kept]

    def _chords(self, here: Point, places: Rows | None) -> tuple[Rows, Metres]:
        points = self._points if places is None else self._points.take(places, axis=0)
        squares = points[:, 0] - here[0]  # column by column: rows of three are slow to sum
        squares *= squares
        for axis in (1, 2):
            apart = points[:, axis] - here[axis]
            apart *= apart
            squares += apart
        return np.arange(len(points)) if places is None else places, np.sqrt(squares, out=squares)

    def _ranked(self, lonlat: tuple[float, float], here: Point, places: Rows, chords: Metres) -> tuple[Rows, Metres]:
        """Return places by geodesic metres, then by row, and those metres."""
        if len(places) <= _FEW_ANSWERS:
            listed = chords.tolist()
            arcs = earth.arcs_between_m(listed, self._heights[places].tolist(), here[2])
            if max(listed, default=0.0) <= earth.ARC_LIMIT_M and _ascending(arcs):
                return places, np.array(arcs)
        metres = earth.arc_between_m(chords, self._heights[places], here[2])
        far = chords > earth.ARC_LIMIT_M
        if far.any():
            metres[far] = earth.geodesic_m(np.array(lonlat), earth.lonlat_of(self._points[places[far]]))
        order = np.lexsort((places, metres))
        metres = metres[order]
        ties = np.append(0, np.cumsum(np.diff(metres) > earth.ROUNDING_M)) if len(order) else order
        return places[order][np.lexsort((places[order], ties))], metres

    def _named(self, places: Rows) -> Rows:
        return places if self._rows is None else self._rows[places]

    # Many questions -------------------------------------------------------------------------------

    def _ranked_many(self, tree: KDTree, lonlat: LonLat, k: int) -> Iterator[tuple[Rows | slice, Rows, Metres]]:
        """Yield, for some of the points at a time, (q, k) places and metres: as `_rivals`, `_ranked` for each.

        What is yielded later for a point replaces what was yielded before.
        """
        here = earth.ecef(lonlat)
        fetch = min(k + 1, len(self))
        chords, found = _asked(tree, here, fetch)
        kept = k if fetch < len(self) else fetch
        for start in range(0, len(lonlat), _CACHED):
            some = slice(start, start + _CACHED)
            places, metres = self._rank_many(lonlat[some], here[some], found[some, :kept], chords[some, :kept])
            yield some, places[:, :k], metres[:, :k]
        waiting = _unsettled(chords, k) if fetch < len(self) else _NOBODY
        while len(waiting) and fetch < _MOST_FETCHED:
            fetch = min(4 * fetch, len(self))
            later = []
            for part in np.array_split(waiting, -(-len(waiting) * fetch // _FETCHED_AT_ONCE)):
                chords, found = _asked(tree, here[part], fetch)
                places, metres = self._rank_many(lonlat[part], here[part], found, chords)
                yield part, places[:, :k], metres[:, :k]
                later.append(part[_unsettled(chords, k)] if fetch < len(self) else _NOBODY)
            waiting = np.concatenate(later)
        for one in waiting.tolist():
            point = (float(here[one, 0]), float(here[one, 1]), float(here[one, 2]))
            places, metres = self._ranked((lonlat[one, 0], lonlat[one, 1]), point, *self._rivals(point, k, None))
            yield slice(one, one + 1), places[None, :k], metres[None, :k]

    def _rank_many(self, lonlat: LonLat, here: NDArray[np.float64], places: Rows, chords: Metres) -> tuple[Rows, Metres]:
        """Return (q, m) places by metres, then by row, and those metres."""
        metres = earth.arc_between_m(chords, self._heights[places], here[:, 2:])
        far = np.flatnonzero(chords[:, -1] > earth.ARC_LIMIT_M)
        if len(far):
            question, column = np.nonzero(chords[far] > earth.ARC_LIMIT_M)
            question = far[question]
            sites = earth.lonlat_of(self._points[places[question, column]])
            metres[question, column] = earth.geodesic_m(lonlat[question], sites)
        mixed = np.flatnonzero((np.diff(metres, axis=1) <= earth.ROUNDING_M).any(axis=1))
        if len(mixed):
            order = np.argsort(metres[mixed], axis=1)
            sorted_m = metres[mixed] = np.take_along_axis(metres[mixed], order, axis=1)
            ranked = np.take_along_axis(places[mixed], order, axis=1)
            ties = np.cumsum(np.diff(sorted_m, axis=1, prepend=sorted_m[:, :1]) > earth.ROUNDING_M, axis=1)
            places = places.copy()
            places[mixed] = np.take_along_axis(ranked, np.lexsort((ranked, ties), axis=1), axis=1)
        return places, metres


def _tree(points: NDArray[np.float64]) -> KDTree:
    from pykdtree.kdtree import KDTree  # here: a process that asks once needs none

    return KDTree(points)


def _asked(tree: KDTree, points: NDArray[np.float64], fetch: int) -> tuple[Metres, Rows]:
    """Return (q, fetch) ascending chords and the places they lead to; `fetch` is at most the tree's size."""
    chords, places = tree.query(points, fetch)
    return chords.reshape(-1, fetch), places.reshape(-1, fetch).astype(np.intp)


def _fetched(tree: KDTree, point: NDArray[np.float64], fetch: int, left_out: Bits | None) -> tuple[Metres, Rows]:
    """Return the same for one (1, 3) point as (fetch,), of places that are not left out; there must be so many."""
    chords, places = tree.query(point, fetch, mask=left_out)
    return (chords, places.astype(np.intp)) if fetch == 1 else (chords[0], places[0].astype(np.intp))


def _ascending(metres: list[float]) -> bool:
    """Return whether each is above the one before; equal ones are not."""
    tie_m = earth.ROUNDING_M
    return all(map(lt, metres, [later - tie_m for later in metres[1:]]))


def _first(places: Rows, chords: Metres, k: int) -> tuple[Rows, Metres]:
    """Return those that could be among the first k."""
    if len(places) <= k:
        return places, chords
    kept = np.flatnonzero(chords <= earth.rival_chord_m(float(np.partition(chords, k - 1)[k - 1])))
    return places[kept], chords[kept]


def _unsettled(chords: Metres, k: int) -> Rows:
    """Return for which of (q, m) ascending chords a site that was not fetched may beat or tie the k-th."""
    return np.flatnonzero(chords[:, -1] <= _rival_chords_m(chords[:, k - 1]))


def _rival_chords_m(chords: Metres) -> Metres:
    """Return at least `earth.rival_chord_m` of each chord.

    The cubic bounds it: with r and R the sharpest and flattest radius, most(c) - least(c) is
    c^3/24 (1/r^2 - 1/R^2) and terms of the fifth order, which below 1,000 km add under 0.3 %.
    """
    spread = (earth.SHARPEST_RADIUS_M**-2 - earth.FLATTEST_RADIUS_M**-2) / 24 * 1.01
    rivals = chords + spread * (chords * chords * chords) + 2 * earth.ROUNDING_M
    far = np.flatnonzero(chords > 1e6)
    if len(far):
        rivals[far] = [earth.rival_chord_m(c) for c in chords[far].tolist()]
    return rivals


def _turns(lonlat: LonLat, asked: Rows) -> list[Rows]:
    """Return the questions in turns, neighbours together: a tree walked twice the same way is in the cache."""
    if len(asked) > _CACHED and not _follow_each_other(lonlat, asked):
        strip = np.floor(lonlat[asked, 1] / _STRIP_DEGREES)
        asked = asked[np.argsort(strip * 1e4 + lonlat[asked, 0])]
    return [asked[start:start + _QUESTIONS_AT_ONCE] for start in range(0, len(asked), _QUESTIONS_AT_ONCE)]


def _follow_each_other(lonlat: LonLat, asked: Rows) -> bool:
    """Return whether most questions are already beside the one before, as the cells of a grid are; a few of them are looked at."""
    some = asked[1::_LOOKED_AT]
    return bool((np.abs(lonlat[some] - lonlat[asked[:-1:_LOOKED_AT]][:len(some)]) < _STRIP_DEGREES).all(axis=1).mean() > _MOST)


def _point(lon: float, lat: float) -> Point:
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise BadCoordinate("lon, lat", (lon, lat), zh="应为有限的度数", en="must be finite degrees")
    return earth.ecef_point(lon, lat)


def _check_count(k: int) -> None:
    if k < 1:
        raise BadCount("k", k, zh="应为不小于 1 的整数", en="must be a whole number, 1 or more")


def _check_radius(name: str, metres: float) -> None:
    if not metres >= 0:
        raise BadRadius(name, metres, zh="应为不小于 0 的米数", en="must be metres, 0 or more")
