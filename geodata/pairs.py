"""Both pairs of a row, when a file gives two: which datums they are in, and where they disagree.

GCJ-02 moves a point in Beijing by some 550 m and BD-09 by some 1,360 m, each its own way, so the vector between
two pairs of one place names both their datums, if they are not in the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from geodata.headers import Pair
from geodata.stated import Stated
from locator import earth
from locator.arrays import LonLat, Metres
from locator.datum import NAMES, to_wgs84
from locator.words import Words

DISAGREE_M = 5.0
"""Two pairs of one row farther apart than this, both in WGS-84, are not the same place: the row is told of."""

_DATUMS: Final = ("wgs84", "gcj02", "bd09")
_NEAR_M = 30.0
_MOST, _FEW = 0.75, 0.25


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the vector between two pairs says."""

    rows: int
    """With both pairs."""
    datum: str | None
    """What the pair in question is in; None: no two datums explain the vector, or several do."""
    other: str | None
    """What the other pair is in."""
    within: int
    """Rows whose pairs are then within 30 m of each other."""
    median_m: float
    """How far they are apart, in the middle; under the datums the headers name where none was found."""

    @property
    def words(self) -> Words:
        """The same in words."""
        if self.datum is None or self.other is None:
            return Words(f"{self.rows} 行有两组坐标，它们之差与任何两种坐标系都不符，或不足以分辨。",
                         f"{self.rows} rows have two pairs, and the vectors between them fit no two datums, or more than one choice.")
        zh, en = NAMES[self.datum], NAMES[self.other]
        return Words(f"{self.rows} 行有两组坐标：作为 {zh} 与 {en}，{self.within} 行相差不到 {_NEAR_M:g} 米（中位数 {self.median_m:.1f} 米）。",
                     f"{self.rows} rows have two pairs: as {zh} and {en}, {self.within} agree within {_NEAR_M:g} m (median {self.median_m:.1f} m).")


def agreement(stated: Stated, pair: Pair) -> Agreement | None:
    """Return what the first of the other pairs says of `pair`; None where a file has no other, or no row has both.

    What a header names is held to: the vector must fit it, or nothing is decided.
    """
    for other in stated.pairs:
        if other == pair:
            continue
        both = np.isfinite(stated.pairs[pair]).all(axis=1) & np.isfinite(stated.pairs[other]).all(axis=1)
        if both.any():
            return _identify(stated.pairs[pair][both], stated.pairs[other][both], _choices(pair), _choices(other))
    return None


def _choices(pair: Pair) -> tuple[str, ...]:
    if pair.datum is None:
        return _DATUMS
    return ("wgs84",) if pair.datum == "cgcs2000" else (pair.datum,)


def _identify(one: LonLat, two: LonLat, ones: Sequence[str], twos: Sequence[str]) -> Agreement:
    apart = {(a, b): earth.geodesic_m(to_wgs84(one, a), to_wgs84(two, b)) for a, b in product(_DATUMS, _DATUMS)}
    share = {datums: float((metres <= _NEAR_M).mean()) for datums, metres in apart.items()}
    likeliest = max(share, key=lambda datums: share[datums])
    rivals = [s for datums, s in share.items() if datums != likeliest]
    a, b = likeliest
    if share[likeliest] < _MOST or max(rivals) > _FEW or a not in ones or b not in twos:
        return Agreement(len(one), None, None, 0, float(np.median(apart[ones[0], twos[0]])))
    return Agreement(len(one), a, b, int((apart[likeliest] <= _NEAR_M).sum()), float(np.median(apart[likeliest])))


def apart_m(stated: Stated, taken: Pair, datum: str, other: Pair) -> Metres:
    """Return (n,) metres between two pairs of each row once both are WGS-84; NaN where a row lacks one."""
    return earth.geodesic_m(to_wgs84(stated.pairs[taken], datum), to_wgs84(stated.pairs[other], other.datum or datum))
