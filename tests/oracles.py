"""Slow and obvious versions that judge the fast ones; appended to by every room."""

from __future__ import annotations

import numpy as np
from pyproj import Geod

# --- where things are ---------------------------------------------------------------------------------


def geodesic_m(here, lonlat):
    """Return the WGS-84 geodesic metres from one (lon, lat) to each of (n, 2), by pyproj."""
    lonlat = np.asarray(lonlat, float).reshape(-1, 2)
    lons, lats = np.full(len(lonlat), float(here[0])), np.full(len(lonlat), float(here[1]))
    return Geod(ellps="WGS84").inv(lons, lats, lonlat[:, 0], lonlat[:, 1])[2]


def nearest(here, lonlat, *, k, among=None):
    """Return the k nearest rows and their metres: measure every site, sort by metres, then by row."""
    lonlat = np.asarray(lonlat, float).reshape(-1, 2)
    rows = [r for r in range(len(lonlat)) if np.isfinite(lonlat[r]).all() and (among is None or among[r])]
    metres = geodesic_m(here, lonlat[rows]) if rows else np.empty(0)
    ranked = sorted(zip(metres.tolist(), rows, strict=True))[:k]
    return [row for _, row in ranked], [m for m, _ in ranked]
