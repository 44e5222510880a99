"""WGS-84: Earth-centred coordinates, geodesic metres, a local metre grid.

The only trigonometry of the project. All pairs are longitude, latitude in WGS-84 degrees, and all
sites lie on the ellipsoid. `chord` is the straight line through the Earth between two such points.

What a chord says about the geodesic between its ends, whatever their direction:

    chord (m)      least_m - chord    most_m - least_m    arc_between_m is wrong by at most
        1,000            1.0 µm             0.02 µm        rounding: 5 nm
       10,000            1.0 mm             21 µm          rounding: 5 nm
       30,000           27.5 mm            0.56 mm         rounding: 5 nm
    1,000,000          1.02 km            20.9 m           (not meant for it)
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from locator.arrays import LonLat, Metres

if TYPE_CHECKING:
    from pyproj import Geod, Transformer

EQUATOR_RADIUS_M = 6_378_137.0
FLATTENING = 1 / 298.257223563
POLE_RADIUS_M = EQUATOR_RADIUS_M * (1 - FLATTENING)
ECCENTRICITY_SQUARED = FLATTENING * (2 - FLATTENING)
SECOND_ECCENTRICITY_SQUARED = ECCENTRICITY_SQUARED / (1 - ECCENTRICITY_SQUARED)

SHARPEST_RADIUS_M = POLE_RADIUS_M**2 / EQUATOR_RADIUS_M
"""The least radius of curvature in any direction anywhere: along a meridian, at the equator."""
FLATTEST_RADIUS_M = EQUATOR_RADIUS_M**2 / POLE_RADIUS_M
"""The greatest radius of curvature: any direction, at a pole."""
FARTHEST_M = math.pi * EQUATOR_RADIUS_M
"""No two points are farther apart: squeezing a sphere of the equator's radius into the ellipsoid lengthens no path."""

ARC_LIMIT_M = 30_000.0
"""Up to this chord `arc_between_m` is the geodesic but for rounding; beyond it use `geodesic_m`."""

_SQUEEZE = SECOND_ECCENTRICITY_SQUARED / POLE_RADIUS_M**2
_FIFTH_ORDER = 24**2 * 3 / 640  # 2 asin(x/2) = x + x^3/24 + 3 x^5/640
_TINY = 1e-300  # zero over zero is no rise


def ecef(lonlat: LonLat) -> NDArray[np.float64]:
    """Return (n, 3) Earth-centred metres of (n, 2) degrees on the ellipsoid; NaN where either is NaN."""
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    sin_lat, cos_lat = np.sin(lat), np.cos(lat)
    normal = EQUATOR_RADIUS_M / np.sqrt(1 - ECCENTRICITY_SQUARED * sin_lat * sin_lat)
    points = np.empty((len(lonlat), 3))
    points[:, 0] = normal * cos_lat * np.cos(lon)
    points[:, 1] = normal * cos_lat * np.sin(lon)
    points[:, 2] = normal * (1 - ECCENTRICITY_SQUARED) * sin_lat
    return points


def ecef_point(lon: float, lat: float) -> tuple[float, float, float]:
    """Return the Earth-centred metres of one pair, without the cost of arrays."""
    lon, lat = math.radians(lon), math.radians(lat)
    sin_lat, cos_lat = math.sin(lat), math.cos(lat)
    normal = EQUATOR_RADIUS_M / math.sqrt(1 - ECCENTRICITY_SQUARED * sin_lat * sin_lat)
    return (normal * cos_lat * math.cos(lon), normal * cos_lat * math.sin(lon),
            normal * (1 - ECCENTRICITY_SQUARED) * sin_lat)


def lonlat_of(points: NDArray[np.float64]) -> LonLat:
    """Return (n, 2) degrees of (n, 3) Earth-centred metres that lie on the ellipsoid; the inverse of `ecef`."""
    across = np.hypot(points[:, 0], points[:, 1])
    lat = np.arctan2(points[:, 2], (1 - ECCENTRICITY_SQUARED) * across)
    return np.column_stack([np.degrees(np.arctan2(points[:, 1], points[:, 0])), np.degrees(lat)])


def arc_between_m(chord_m: Metres, z_m: NDArray[np.float64], here_z_m: NDArray[np.float64] | float) -> Metres:
    """Return geodesic metres of chords up to `ARC_LIMIT_M`, from the Earth-centred z of both ends.

    A geodesic bends as the normal section does: where a chord c rises by dz, at a middle height z,
    its curvature is (1 + e'^2 (dz/c)^2) / (a sqrt(1 + e'^2 (z/b)^2)), by the second fundamental form
    of the quadric. An arc of it is c + c^3 curvature^2 / 24 + ...; about the middle the odd terms of
    the series vanish. z enters as a straight line about `here_z_m`. What is left out is below 5 nm
    at 30 km. The arrays broadcast.
    """
    level, slope = _bend(here_z_m)
    rise = z_m - here_z_m
    bent = SECOND_ECCENTRICITY_SQUARED * rise
    bent *= rise
    bent /= chord_m + _TINY
    bent += chord_m
    bent *= bent
    rise *= -slope
    rise += level
    bent *= rise  # now (curvature * chord)^2 / 24
    arcs = bent * _FIFTH_ORDER
    arcs += 1.0
    arcs *= bent
    arcs *= chord_m
    arcs += chord_m
    return arcs


def arcs_between_m(chords_m: list[float], z_m: list[float], here_z_m: float) -> list[float]:
    """Return `arc_between_m` of a few chords: the same figures, without the cost of arrays."""
    level, slope = _bend(here_z_m)
    e, fifth = SECOND_ECCENTRICITY_SQUARED, _FIFTH_ORDER
    metres = []
    for c, z in zip(chords_m, z_m, strict=True):
        rise = z - here_z_m
        bent = e * rise * rise / (c + _TINY) + c
        turn = bent * bent * (rise * -slope + level)
        metres.append((turn * fifth + 1.0) * turn * c + c)
    return metres


def _bend(z_m: Any) -> Any:
    """Return 1 / (24 a^2 (1 + e'^2 (z/b)^2)), and minus its slope over a half of dz."""
    raised = 1 + _SQUEEZE * z_m * z_m
    level = 1 / (24 * EQUATOR_RADIUS_M**2) / raised
    return level, level * _SQUEEZE * z_m / raised


def least_m(chord_m: Metres) -> Metres:
    """Return the least geodesic metres that chords can have, in any place and direction.

    Proof. No normal curvature is below 1 / FLATTEST_RADIUS_M, so by Blaschke's rolling theorem the
    ellipsoid is an intersection of balls of that radius; with two points it holds their spindle,
    the intersection of all such balls through both. The nearest-point projection onto the spindle
    lengthens no path, and on a surface of revolution no path between the two tips is shorter than
    a meridian: here an arc of that radius over the chord.
    """
    return np.asarray(2 * FLATTEST_RADIUS_M * np.arcsin(chord_m / (2 * FLATTEST_RADIUS_M)), dtype=np.float64)


def most_m(chord_m: Metres) -> Metres:
    """Return the most geodesic metres that chords can have, in any place and direction.

    Proof. The curvature of a geodesic is a normal curvature, nowhere above 1 / SHARPEST_RADIUS_M.
    By Schur's comparison theorem its chord is at least that of a circle of that radius for the same
    length, up to half the circle. Longer geodesics have chords within 0.01 % of its diameter; for
    those the answer is `FARTHEST_M`.
    """
    ratio = chord_m / (2 * SHARPEST_RADIUS_M)
    arcs = 2 * SHARPEST_RADIUS_M * np.arcsin(np.minimum(ratio, 1.0))
    return np.where(ratio < _DIAMETER, arcs, FARTHEST_M)


_DIAMETER = 0.9999  # sin(pi/2 * FARTHEST_M / (pi * SHARPEST_RADIUS_M)) = 0.99994 for the longest geodesic


def rival_chord_m(chord_m: float) -> float:
    """Return the chord beyond which no point can be as near, by geodesic, as one at `chord_m`.

    It is where `least_m` reaches `most_m(chord_m)`: 0.04 µm farther at 1 km, 0.56 mm at 30 km, 21 m
    at 1,000 km; infinite near the antipode.
    """
    ratio = chord_m / (2 * SHARPEST_RADIUS_M)
    if ratio >= _DIAMETER:
        return math.inf
    return chord_within_m(2 * SHARPEST_RADIUS_M * math.asin(ratio))


def chord_within_m(distance_m: float) -> float:
    """Return the chord beyond which every point is farther than `distance_m` by geodesic."""
    if distance_m >= FARTHEST_M:
        return math.inf
    return 2 * FLATTEST_RADIUS_M * math.sin(distance_m / (2 * FLATTEST_RADIUS_M)) + 2 * ROUNDING_M


ROUNDING_M = 2e-8
"""More than rounding does to a chord (4 nm) or a geodesic (15 nm, Karney 2013): distances closer than this are equal."""


def geodesic_m(here: LonLat, lonlat: LonLat) -> Metres:
    """Return metres along the WGS-84 geodesic from one point to each of many.

    Args:
        here: (2,) degrees, or (n, 2) to measure pair by pair.
        lonlat: (n, 2) degrees.

    Source: Karney (2013), doi:10.1007/s00190-012-0578-z, as in PROJ; good to 15 nm.
    """
    starts = np.broadcast_to(here, lonlat.shape)
    _, _, metres = _geod().inv(starts[:, 0].copy(), starts[:, 1].copy(), lonlat[:, 0].copy(), lonlat[:, 1].copy())
    return np.asarray(metres, dtype=np.float64)


def azimuth_deg(here: LonLat, lonlat: LonLat) -> NDArray[np.float64]:
    """Return (n,) degrees clockwise from north, 0 <= azimuth < 360, in which the geodesic from one point to each leaves it.

    Args:
        here: (2,) degrees, or (n, 2) pair by pair.
        lonlat: (n, 2) degrees. A point where one stands has no direction: NaN.
    """
    starts = np.broadcast_to(here, lonlat.shape)
    forward, _, metres = _geod().inv(starts[:, 0].copy(), starts[:, 1].copy(), lonlat[:, 0].copy(), lonlat[:, 1].copy())
    azimuth = np.asarray(forward, dtype=np.float64) % 360.0
    return np.where(np.asarray(metres) < ROUNDING_M, np.nan, np.where(azimuth < 360.0, azimuth, 0.0))


@lru_cache(maxsize=1)
def _geod() -> Geod:
    from pyproj import Geod  # here, so that a question about near sites never waits for it

    return Geod(a=EQUATOR_RADIUS_M, rf=1 / FLATTENING)


def metre_grid(lon: float) -> int:
    """Return the EPSG number of the flat metre grid for a longitude.

    In China's longitudes CGCS2000 in 3-degree Gauss-Kruger zones (Beijing: 4548), elsewhere the UTM
    zone of the northern hemisphere. Lengths are true to 0.04 % within a zone of either.
    """
    if 73.5 <= lon < 136.5:
        return 4534 + int((lon - 73.5) // 3)
    return 32601 + int((lon + 180) // 6) % 60


def on_grid(lonlat: LonLat, *, epsg: int) -> NDArray[np.float64]:
    """Return (n, 2) metres east and north on a flat grid; CGCS2000 and WGS-84 are one datum here."""
    east, north = _transformer(epsg).transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([east, north])


def off_grid(metres: NDArray[np.float64], *, epsg: int) -> LonLat:
    """Return (n, 2) degrees of metres east and north on a flat grid; the inverse of `on_grid`."""
    lon, lat = _transformer(epsg).transform(metres[:, 0], metres[:, 1], direction="INVERSE")
    return np.column_stack([lon, lat])


@lru_cache(maxsize=64)
def _transformer(epsg: int) -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs(4326, epsg, always_xy=True)
