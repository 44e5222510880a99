"""Is this record one we already have? The same question at entry, in an import, and over a whole registry.

Candidates are found by place (the exact index: every record of the kind within `REACH` radii, the
`MOST_NEAR` nearest where there are more) and, however far apart or without coordinates, by an equal
code, phone, address with number, or name as it is read. `locator.sameness` weighs them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata import readings
from geodata.profiles import Profiles, radius_m
from locator import earth
from locator.arrays import Rows
from locator.atlas import Atlas
from locator.likeness import digits
from locator.sameness import POSSIBLE, Profile, Reason, compare, reasons, verdict

REACH = 3.0
"""Records of a kind are compared up to so many times its radius: a point in the wrong datum is 500 m off."""
MOST_NEAR = 64
MOST_ALIKE = 20
"""A phone, name or address that more records than this share tells nothing about any of them."""
MOST_KEPT = 5
"""The best matches of a record that are told."""

_ROWS_A_STEP = 2_000
Progress = Callable[[int, int], None]


class Match(NamedTuple):
    """Two records that may be one site."""

    row: int
    other: int
    verdict: str
    """same, likely or possible"""
    bits: float
    distance_m: float | None
    """None where one of the two has no coordinates."""
    reasons: tuple[Reason, ...]


def between(rows: Sequence[Profile], known: Sequence[Profile], *, progress: Progress | None = None) -> list[Match]:
    """Return which of some records may be which of the known ones.

    Returns:
        For each record in turn its best matches, at most `MOST_KEPT`, best first; equal ones in the order
        of `known`.
    """
    return list(_found(rows, known, _Candidates(known), earlier_only=False, progress=progress))


def among(rows: Sequence[Profile], *, progress: Progress | None = None) -> list[Match]:
    """Return which records of a list may be which *earlier* ones of the same list; as `between`."""
    return list(_found(rows, rows, _Candidates(rows), earlier_only=True, progress=progress))


def of_record(record: Profile, atlas: Atlas, profiles: Profiles, *, most: int = MOST_KEPT) -> list[Match]:
    """Return which sites of an atlas one record may be, best first: quick enough to be asked at every keystroke.

    Args:
        record: What has been typed so far (`Profiles.of_values`); the site of its own id is left out.
        atlas: Where to look; a match's `other` is a row of `atlas.sites`.
        profiles: What made `record`.
        most: How many, at most.
    """
    sites = atlas.sites
    rows = [row for row in dict.fromkeys(_rows_like(record, atlas)) if record.id is None or sites.value("id", row) != record.id]
    known = [profiles.of_row(sites, row) for row in rows]
    found = weighed([record], known, np.zeros(len(rows), np.intp), np.arange(len(rows)), most=most)
    return [match._replace(other=rows[match.other]) for match in found]


def _rows_like(record: Profile, atlas: Atlas) -> Iterator[int]:
    """Yield candidates for one record, some of them twice: as `_Candidates` finds them, without an index of its own."""
    sites = atlas.sites
    if record.lonlat is not None:
        reach_m = REACH * radius_m(record.kind)
        near, _ = atlas.index.within(*record.lonlat, radius_m=reach_m, among=sites.has("kind", (record.kind,)))
        yield from near[:MOST_NEAR].tolist()
    if record.station_code is not None and (row := sites.text("station_code").row_of(record.station_code)) is not None:
        yield row
    if record.source_id is not None:
        yield from sites.text("source_id").rows_with(record.source_id)[:MOST_ALIKE]
    if record.phone:
        # people part a number by signs; its last four digits stay together
        called = sites.text("phone").rows_with(record.phone[-4:])
        yield from [row for row in called if digits(sites.value("phone", row)) == record.phone][:MOST_ALIKE]
    for said in _said_of(record):
        if len(said) > 1:
            yield from [found.row for found in atlas.site_names.search(said, MOST_ALIKE)]


def _said_of(record: Profile) -> Iterator[str]:
    """Yield what to search for by name: a record that has a place is asked for by its characters only, for the sake of time."""
    called, placed = record.names[0][0], record.address
    yield called
    if record.lonlat is None:
        yield readings.reading(called).partition("|")[0].replace(" ", "")
        yield placed.road + placed.number if placed.number else ""


def groups(matches: Sequence[Match]) -> list[list[int]]:
    """Return the rows that matches tie together, each group and all groups in ascending order."""
    leader: dict[int, int] = {}

    def led(row: int) -> int:
        while leader.setdefault(row, row) != row:
            leader[row] = leader[leader[row]]
            row = leader[row]
        return row

    for match in matches:
        a, b = sorted((led(match.row), led(match.other)))
        leader[b] = a
    found: dict[int, list[int]] = {}
    for row in sorted(leader):
        found.setdefault(led(row), []).append(row)
    return list(found.values())


def _found(rows: Sequence[Profile], known: Sequence[Profile], candidates: _Candidates, *, earlier_only: bool,
           progress: Progress | None) -> Iterator[Match]:
    for start in range(0, len(rows), _ROWS_A_STEP):
        some = rows[start:start + _ROWS_A_STEP]
        row, other = candidates.of(some)
        kept = other < row + start if earlier_only else slice(None)
        row, other = row[kept], other[kept]
        yield from weighed(some, known, row, other, first=start)
        if progress is not None:
            progress(start + len(some), len(rows))


def weighed(some: Sequence[Profile], known: Sequence[Profile], row: Rows, other: Rows, *, first: int = 0,
            most: int = MOST_KEPT) -> Iterator[Match]:
    """Yield the matches among candidate pairs: (p,) rows of `some`, counted from `first`, ascending, and (p,) of `known`."""
    if not len(row):
        return
    left, right = [some[i] for i in row.tolist()], [known[i] for i in other.tolist()]
    metres = _apart_m(left, right)
    result = compare(left, right, metres, np.array([radius_m(profile.kind) for profile in left]))
    likely = np.flatnonzero(result.bits >= POSSIBLE)
    likely = likely[np.lexsort((other[likely], -result.bits[likely], row[likely]))]
    # the place of each among the matches of its row
    nth = np.arange(len(likely)) - np.searchsorted(row[likely], row[likely])
    for i in likely[nth < most].tolist():
        bits, apart = float(result.bits[i]), float(metres[i])
        yield Match(int(row[i]) + first, int(other[i]), verdict(bits) or "", bits, None if np.isnan(apart) else apart,
                    reasons(result, i, apart))


def _apart_m(some: Sequence[Profile], others: Sequence[Profile]) -> NDArray[np.float64]:
    here, there = _points(some), _points(others)
    return np.asarray(earth.arc_between_m(np.linalg.norm(here - there, axis=1), there[:, 2], here[:, 2]))


def _points(profiles: Sequence[Profile]) -> NDArray[np.float64]:
    nowhere = (np.nan, np.nan)
    return earth.ecef(np.array([profile.lonlat or nowhere for profile in profiles], np.float64).reshape(-1, 2))


class _Candidates:
    """Known records by place and by what may be equal."""

    def __init__(self, known: Sequence[Profile]) -> None:
        from scipy.spatial import cKDTree  # 30 MB that a server, which asks about one record at a time, does without

        points = _points(known)
        by_kind: dict[str, list[int]] = {}
        self._by_key: dict[Hashable, list[int]] = {}
        for i, profile in enumerate(known):
            if profile.lonlat is not None:
                by_kind.setdefault(profile.kind, []).append(i)
            for key in _keys(profile):
                self._by_key.setdefault(key, []).append(i)
        self._trees = {kind: (cKDTree(points[which]), np.array(which)) for kind, which in by_kind.items()}

    def of(self, rows: Sequence[Profile]) -> tuple[Rows, Rows]:
        """Return pairs, each once: (p,) places in `rows`, ascending, and (p,) known records."""
        pairs = [self._equal(rows)]
        by_kind: dict[str, list[int]] = {}
        for i, profile in enumerate(rows):
            if profile.lonlat is not None and profile.kind in self._trees:
                by_kind.setdefault(profile.kind, []).append(i)
        for kind, which in by_kind.items():
            pairs.append(self._near(kind, np.array(which), _points([rows[i] for i in which])))
        found = np.unique(np.concatenate(pairs), axis=0)
        return found[:, 0], found[:, 1]

    def _near(self, kind: str, which: Rows, points: NDArray[np.float64]) -> NDArray[np.intp]:
        tree, known = self._trees[kind]
        reach_m = REACH * radius_m(kind)
        counts = tree.query_ball_point(points, reach_m, return_length=True)
        few = np.flatnonzero(counts <= MOST_NEAR)
        lists = tree.query_ball_point(points[few], reach_m)
        found = [np.column_stack([np.repeat(which[few], counts[few]), known[list(chain.from_iterable(lists))]])
                 if counts[few].any() else np.empty((0, 2), np.intp)]
        many = np.flatnonzero(counts > MOST_NEAR)
        if len(many):
            _, nearest = tree.query(points[many], MOST_NEAR)
            found.append(np.column_stack([np.repeat(which[many], MOST_NEAR), known[nearest.ravel()]]))
        return np.concatenate(found)

    def _equal(self, rows: Sequence[Profile]) -> NDArray[np.intp]:
        found = [(i, other) for i, profile in enumerate(rows) for key in _keys(profile)
                 if len(others := self._by_key.get(key, ())) <= MOST_ALIKE for other in others]
        return np.array(found, np.intp).reshape(-1, 2)


def _keys(profile: Profile) -> Iterator[Hashable]:
    """Yield what a record and another of the same site may have in common wherever they are said to be."""
    if profile.station_code is not None:
        yield "code", profile.station_code
    if profile.source_id is not None:
        yield "source", profile.source, profile.source_id
    if profile.phone:
        yield "phone", profile.kind, profile.phone
    if profile.address.number:
        yield "address", profile.kind, profile.road_read, profile.address.number
    if profile.alone_in is not None:
        yield "alone", profile.kind, profile.alone_in
    for _, spoken in profile.names:
        if len(spoken) > 1:
            yield "name", profile.kind, spoken
