"""WGS-84, GCJ-02, BD-09 and CGCS2000, each way.

    pair in       used by                                    from WGS-84 in Beijing
    wgs84         GPS, OpenStreetMap, this project inside    0
    cgcs2000      surveys, 天地图                            0: the frames agree to some centimetres
    gcj02         AMap, Tencent, public maps by law          504 to 609 m
    bd09          Baidu, on top of GCJ-02                    1,357 m

Outside China's mainland nothing is shifted, in either chain; `mainland` says where that is, what
happens in Hong Kong, Macao and Taiwan, and how the offset fades over 2 km beyond the line so that
every conversion can be undone. Forward is the published formula. Back is its inverse by iteration,
to 0.01 mm and better; there and back is the same point everywhere.

Source: the formulas as in coordtransform and gcoord, with which this agrees to 1e-9 degrees. Both
shift abroad, and their own way back misses by up to 3.3 m.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from locator import mainland
from locator.arrays import LonLat
from locator.errors import BadDatum

Degrees = NDArray[np.float64]
Pair = tuple[float, float]

NAMES: Mapping[str, str] = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09", "cgcs2000": "CGCS2000"}
"""What people call each, in every language."""

_KRASOVSKY_M = 6_378_245.0
_KRASOVSKY_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BAIDU = math.pi * 3000.0 / 180.0

_CLOSE_INSIDE, _CLOSE_AT_FRINGE = 1e-9, 1e-12
"""Degrees of a last step. Inside, a round leaves under a hundredth of the error; at the fringe up to 0.8 of it."""
_MOST_ROUNDS = 500
"""Five are enough inside, some hundred at the fringe."""


def to_wgs84(lonlat: LonLat, datum: str) -> LonLat:
    """Return (n, 2) WGS-84 degrees of pairs in `datum`; a new array, NaN where either is NaN.

    Raises:
        BadDatum: Unless datum is wgs84, cgcs2000, gcj02 or bd09.
    """
    offset = _offset(datum)
    given = np.array(lonlat, np.float64).reshape(-1, 2)
    if offset is None:
        return given
    found = given.copy()
    moving = np.flatnonzero(np.isfinite(given).all(axis=1))
    for _ in range(_MOST_ROUNDS):
        # the place p for which p + offset(p) is the pair given; the offset changes far slower than p
        added, share = _shared(found[moving], offset)
        nearer = given[moving] - added
        step = np.abs(nearer - found[moving]).max(axis=1, initial=0.0)
        found[moving] = nearer
        moving = moving[step > np.where(share == 1, _CLOSE_INSIDE, _CLOSE_AT_FRINGE)]
        if not len(moving):
            break
    return found


def from_wgs84(lonlat: LonLat, datum: str) -> LonLat:
    """Return (n, 2) degrees in `datum` of WGS-84 pairs; a new array, NaN where either is NaN.

    Raises:
        BadDatum: Unless datum is wgs84, cgcs2000, gcj02 or bd09.
    """
    offset = _offset(datum)
    given = np.array(lonlat, np.float64).reshape(-1, 2)
    return given if offset is None else given + _shared(given, offset)[0]


def convert(lonlat: LonLat, source: str, target: str) -> LonLat:
    """Return (n, 2) degrees in the datum `target` of pairs in the datum `source`; a new array."""
    if source == target:
        _offset(source)
        return np.array(lonlat, np.float64).reshape(-1, 2)
    return from_wgs84(to_wgs84(lonlat, source), target)


def point_to_wgs84(lon: float, lat: float, datum: str) -> Pair:
    """Return what `to_wgs84` does, for one pair, without the cost of arrays."""
    if _offset(datum) is None:
        return lon, lat
    if not mainland.in_heartland(lon, lat):
        [[there_lon, there_lat]] = to_wgs84(np.array([[lon, lat]]), datum).tolist()
        return there_lon, there_lat
    found_lon, found_lat = lon, lat
    for _ in range(_MOST_ROUNDS):
        east, north = _point_offset(found_lon, found_lat, datum)
        step = max(abs(lon - east - found_lon), abs(lat - north - found_lat))
        found_lon, found_lat = lon - east, lat - north
        if step <= _CLOSE_INSIDE:
            break
    return found_lon, found_lat


def point_from_wgs84(lon: float, lat: float, datum: str) -> Pair:
    """Return what `from_wgs84` does, for one pair, without the cost of arrays."""
    if _offset(datum) is None:
        return lon, lat
    if not mainland.in_heartland(lon, lat):
        [[there_lon, there_lat]] = from_wgs84(np.array([[lon, lat]]), datum).tolist()
        return there_lon, there_lat
    east, north = _point_offset(lon, lat, datum)
    return lon + east, lat + north


Offset = Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]


def _offset(datum: str) -> Offset | None:
    """Return what a datum adds to WGS-84 degrees inside; None for nothing."""
    if datum in ("wgs84", "cgcs2000"):
        return None
    if datum == "gcj02":
        return _gcj_offset
    if datum == "bd09":
        return _bd_offset
    raise BadDatum("datum", datum, zh="应为 wgs84、gcj02、bd09、cgcs2000 之一",
                   en="must be one of wgs84, gcj02, bd09, cgcs2000")


def _shared(lonlat: LonLat, offset: Offset) -> tuple[LonLat, Degrees]:
    """Return (n, 2) degrees to add, and the (n,) shares: all of the offset inside, some at the fringe, none outside."""
    added = np.zeros_like(lonlat)
    share = mainland.share(lonlat)
    inside = np.flatnonzero(share)
    if len(inside):
        added[inside] = np.column_stack(offset(lonlat[inside, 0], lonlat[inside, 1])) * share[inside, None]
    return added, share


def _gcj_offset(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = (np.sin(6 * np.pi * x) + np.sin(2 * np.pi * x)) * 20
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + (
        wave + np.sin(np.pi * y) * 20 + np.sin(np.pi / 3 * y) * 40
        + np.sin(np.pi / 12 * y) * 160 + np.sin(np.pi / 30 * y) * 320) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + (
        wave + np.sin(np.pi * x) * 20 + np.sin(np.pi / 3 * x) * 40
        + np.sin(np.pi / 12 * x) * 150 + np.sin(np.pi / 30 * x) * 300) * 2 / 3
    upright = np.radians(lat)
    squared = 1 - _KRASOVSKY_ECCENTRICITY_SQUARED * np.sin(upright) ** 2
    meridian_m = _KRASOVSKY_M * (1 - _KRASOVSKY_ECCENTRICITY_SQUARED) / (squared * np.sqrt(squared))
    parallel_m = _KRASOVSKY_M / np.sqrt(squared) * np.cos(upright)
    return np.degrees(east / parallel_m), np.degrees(north / meridian_m)


def _bd_offset(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    east, north = _gcj_offset(lon, lat)
    x, y = lon + east, lat + north
    length = np.hypot(x, y) + 0.00002 * np.sin(y * _BAIDU)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BAIDU)
    return length * np.cos(angle) + 0.0065 - lon, length * np.sin(angle) + 0.006 - lat


def _point_offset(lon: float, lat: float, datum: str) -> Pair:
    """Return `_gcj_offset` or `_bd_offset` of one pair, in Python's own floats: ten times as fast."""
    pi, sin = math.pi, math.sin
    x, y = lon - 105.0, lat - 35.0
    root = math.sqrt(abs(x))
    wave = (sin(6 * pi * x) + sin(2 * pi * x)) * 20
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + (
        wave + sin(pi * y) * 20 + sin(pi / 3 * y) * 40 + sin(pi / 12 * y) * 160 + sin(pi / 30 * y) * 320) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + (
        wave + sin(pi * x) * 20 + sin(pi / 3 * x) * 40 + sin(pi / 12 * x) * 150 + sin(pi / 30 * x) * 300) * 2 / 3
    upright = math.radians(lat)
    squared = 1 - _KRASOVSKY_ECCENTRICITY_SQUARED * sin(upright) ** 2
    meridian_m = _KRASOVSKY_M * (1 - _KRASOVSKY_ECCENTRICITY_SQUARED) / (squared * math.sqrt(squared))
    parallel_m = _KRASOVSKY_M / math.sqrt(squared) * math.cos(upright)
    east, north = math.degrees(east / parallel_m), math.degrees(north / meridian_m)
    if datum == "gcj02":
        return east, north
    x, y = lon + east, lat + north
    length = math.hypot(x, y) + 0.00002 * sin(y * _BAIDU)
    angle = math.atan2(y, x) + 0.000003 * math.cos(x * _BAIDU)
    return length * math.cos(angle) + 0.0065 - lon, length * math.sin(angle) + 0.006 - lat
