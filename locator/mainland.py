"""Where public maps carry the GCJ-02 offset: China's mainland, its coast and the South China Sea islands.

The usual test is a rectangle (73.66 to 135.05 east, 3.86 to 53.55 north), which also shifts Seoul,
Hanoi, Ulaanbaatar, Kathmandu, half of India and Taiwan. This is a line instead:

- the land border, generalised from Natural Earth 1:10m (public domain) and good to about 9 km; it
  follows that source and takes no position on any border;
- the sea, drawn by hand well outside the coast and outside everyone else's;
- Hong Kong, Macao, Taiwan, Kinmen and Matsu are outside: their public maps use WGS-84. The line
  follows the Shenzhen River to about 0.3 km, and lies 2 km outside Macao.

A jump at the line could not be undone: a place inside, shifted, would land on a place outside,
unshifted, and one GCJ-02 pair would mean both. So the offset is whole up to the line, and outside it
fades to nothing within `FADE_M`. There it is nobody's: 2 km beyond a line good to 9 km. Where the
line is sharper, that strip is the bank of Hong Kong south of the Shenzhen River, up to 2 km deep
(Sheung Shui and Yuen Long are outside it), and a strip of Zhuhai around Macao (Gongbei, Wanzai, the east of
Hengqin); Macao itself is never shifted.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from locator.arrays import LonLat

FADE_M = 2_000.0
"""More than any offset near the line (1.7 km, BD-09 in the north-east), or the fade could not be undone."""

_METRES_A_DEGREE = 111_000.0
_POINTS_AT_ONCE = 512

_WEST, _SOUTH, _EAST, _NORTH = 73.0, 3.0, 136.0, 54.5
_CELLS_A_DEGREE = 4
_OUTSIDE, _INSIDE, _NEAR = 0, 1, 2

_SOUTH_CHINA_SEA = "110.5,18 110.5,7 111.5,3.86 113,3.86 113.5,6 116.2,7.6 116.4,11 116.4,18"

_MAINLAND = """
99.95,21.72 99.94,22.05 99.17,22.13 99.36,22.5 99.31,22.75 99.41,22.93 99.54,22.93 99.33,23.13 99.23,23.06 98.86,23.18
98.86,23.61 98.66,23.96 98.87,24.15 98.11,24.1 97.62,23.85 97.52,23.94 97.72,24.15 97.69,24.37 97.51,24.46 97.54,24.74
97.77,24.83 97.7,25.07 97.8,25.24 98.05,25.31 98.14,25.61 98.31,25.56 98.5,25.83 98.69,25.85 98.55,26.09 98.7,26.16
98.76,26.62 98.68,27.59 98.41,27.69 98.29,27.54 98.13,28.12 97.67,28.51 97.53,28.53 97.32,28.22 96.9,28.36 96.7,28.59
96.56,28.59 96.49,28.42 96.44,28.61 96.58,28.81 96.35,29.1 96.17,29.11 96.34,29.28 95.79,29.35 95.28,29.05 94.6,29.32
94.29,29.15 94.35,29.02 94.25,28.93 93.19,28.52 92.68,28.13 92.63,27.92 91.98,27.73 91.63,27.76 91.64,27.94
91.29,28.09 91.01,27.97 90.48,28.07 90.59,28.23 90.23,28.36 89.92,28.32 89.46,28.05 88.89,27.32 88.74,27.53 88.82,28
88.61,28.11 88.12,27.86 87.37,27.81 86.68,28.11 86.42,27.91 86.15,28.16 86.11,27.93 85.96,27.89 85.69,28.34
85.09,28.31 85.16,28.6 84.81,28.54 84.45,28.73 84.23,28.91 84.09,29.26 83.52,29.19 83.17,29.62 82.84,29.66 82.16,30.06
82.09,30.33 81.39,30.38 81.35,30.16 81.1,30.02 80.98,30.26 80.18,30.56 80.17,30.79 79.4,31.02 79.08,31.43 78.75,31.3
78.75,31.96 78.46,32.23 78.39,32.55 78.74,32.63 78.94,32.35 79.51,32.71 79.34,32.96 79.38,33.16 79.09,33.22 78.8,33.49
78.73,34.08 78.98,34.22 78.96,34.34 78.3,34.63 78,35.27 78.04,35.49 76.9,35.59 76.57,35.75 76.54,35.9 76.17,35.81
75.9,36.06 76.01,36.25 75.85,36.65 75.43,36.72 75.35,36.92 75.1,36.99 74.87,36.91 74.38,37.13 75.16,37.4 74.89,37.6
74.97,37.77 74.79,38.08 74.84,38.45 74.34,38.67 74.12,38.67 74.03,38.53 73.82,38.59 73.68,38.87 73.83,38.98 73.6,39.24
73.63,39.45 73.93,39.59 73.82,39.79 73.98,40.04 74.86,40.32 74.84,40.51 75.21,40.44 75.56,40.63 75.68,40.29
76.24,40.44 76.33,40.35 76.86,41.01 78.08,41.04 78.66,41.53 79.84,42 80.23,42.03 80.14,42.65 80.25,42.82 80.55,42.88
80.37,43.03 80.79,43.15 80.34,44.12 80.36,44.65 80.5,44.72 79.86,44.9 81.67,45.35 81.95,45.14 82.24,45.23 82.54,45.12
82.63,45.42 82.29,45.53 83.02,47.21 83.9,46.97 84.66,46.98 84.74,46.81 85.5,47.05 85.68,47.28 85.52,47.94 85.72,48.36
86.55,48.52 86.75,48.72 86.73,48.99 87.12,49.13 87.82,49.16 87.87,48.97 87.74,48.87 88.06,48.71 87.98,48.55 88.5,48.39
88.59,48.2 89.04,47.99 89.54,48.03 89.75,47.82 90.05,47.88 90.34,47.66 90.47,47.31 90.88,46.94 91.05,46.57 90.89,46.3
91,46.02 90.71,45.75 90.65,45.49 90.87,45.19 93.52,44.95 94.7,44.34 95.4,44.28 95.32,44.02 95.54,43.96 95.87,43.25
96.32,42.91 96.36,42.72 97.19,42.79 99.47,42.56 100.02,42.67 101.53,42.54 102.03,42.18 103.07,42 103.69,41.76
104.5,41.87 104.5,41.66 104.98,41.59 106.77,42.28 108.18,42.45 109.49,42.45 110.41,42.77 110.97,43.32 111.93,43.7
111.84,43.94 111.4,44.35 111.84,45.04 112.41,45.06 112.75,44.87 113.6,44.74 114.09,44.96 114.53,45.39 115.67,45.45
116.17,45.71 116.57,46.29 117.34,46.36 117.4,46.57 117.8,46.52 118.27,46.72 118.72,46.68 118.85,46.76 119.32,46.61
119.87,46.67 119.9,46.9 119.7,47.16 118.54,47.97 117.77,47.99 117.36,47.65 116.82,47.88 116.24,47.86 115.92,47.69
115.58,47.91 115.51,48.13 115.8,48.24 115.79,48.51 116.68,49.82 117.84,49.51 118.64,49.95 119.32,50.09 119.36,50.34
119.15,50.4 120.1,51.66 120.65,51.91 120.78,52.12 120.63,52.35 120.73,52.54 120.08,52.59 120.07,52.78 120.84,53.27
123.28,53.57 123.88,53.49 124.87,53.11 125.13,53.2 125.62,53.06 125.73,52.98 125.65,52.88 126.09,52.77 125.99,52.59
126.34,52.39 126.44,52.28 126.32,52.2 126.56,52.13 126.44,52 126.91,51.39 126.81,51.29 126.98,51.31 126.93,51.06
127.29,50.75 127.33,50.33 127.59,50.21 127.51,49.82 127.85,49.58 128.67,49.61 129.12,49.35 129.48,49.42 130.2,48.88
130.67,48.87 130.53,48.62 130.76,48.49 130.82,48.29 130.66,48.1 130.96,47.7 132.53,47.71 132.67,47.95 133.08,48.1
133.52,48.09 133.74,48.25 134.39,48.38 134.72,48.26 134.56,48.01 134.77,47.71 134.56,47.47 134.18,47.33 134.22,47.1
133.85,46.48 133.9,46.26 133.69,46.14 133.48,45.63 133.18,45.49 133.1,45.11 132.92,45.03 131.85,45.34 131.43,44.96
130.93,44.84 131.107,44.417 131.115,44.435 131.14,44.446 131.169,44.358 131.15,44.35 131.131,44.358 131.26,44.05
131.16,43.53 131.28,43.38 131.1,42.91 130.41,42.74 130.57,42.62 130.53,42.53 130.26,42.71 130.24,42.9 129.88,43
129.7,42.44 129.34,42.45 128.9,42.03 128.03,41.99 128.3,41.58 128.209,41.466 128.226,41.459 128.163,41.389
128.158,41.402 128.14,41.38 127.13,41.52 126.93,41.8 126.68,41.74 126.52,41.35 126.01,40.9 124.89,40.49 124.36,40.09
123.8,38.9 123.8,34.5 124,32.5 124,30 123.5,28.5 122.6,27.2 121.42,26.41 121.5,26.6 120.6,26.42 120.4,26.42
120.1,26.32 119.93,26.3 119.89,26.19 119.88,25.92 120.5,25.8 119.4,25.06 118.97,24.41 118.9,24.45 118.5,24.54
118.38,24.54 118.27,24.48 118.19,24.45 118.2,24.36 118.4,23.9 118.75,23.9 118.9,24.03 118.9,23.9 118.6,23.2 118,22.6
117.5,21.8 116,21.3 114.6,21.4 114.52,21.38 114.52,22.35 114.45,22.44 114.46,22.55 114.43,22.57 114.24,22.55
114.22,22.54 114.23,22.56 114.18,22.56 114.17,22.56 114.16,22.56 114.15,22.54 114.13,22.54 114.12,22.53 114.11,22.53
114.09,22.53 114.09,22.52 114.07,22.52 114.06,22.5 114,22.5 113.97,22.48 113.94,22.45 113.89,22.43 113.83,22.41
113.83,22.14 113.88,21.18 113.69,21.12 113.62,22.1 113.59,22.1 113.61,22.12 113.61,22.13 113.57,22.22 113.54,22.24
113.51,22.22 113.5,22.18 113.52,22.1 113.5,22.1 113.41,21.03 113,20.9 112,20 111.3,18.5 110.7,17.7 109,17.6 108.1,18.7
108.25,21.2 107.83,21.64 107.35,21.6 106.99,21.82 107.01,21.93 106.65,21.97 106.53,22.44 106.8,22.78 106.67,22.87
106.28,22.85 106.08,22.98 105.85,22.91 105.29,23.37 104.87,23.16 104.7,22.82 104.34,22.69 104.24,22.83 104.07,22.78
103.96,22.51 103.65,22.8 103.5,22.58 103.32,22.79 103.01,22.43 102.44,22.77 102.22,22.41 101.84,22.38 101.71,22.49
101.51,22.25 101.8,21.63 101.71,21.32 101.82,21.23 101.72,21.14 101.52,21.24 101.25,21.19 101.12,21.76 100.62,21.47
100.34,21.53 100.19,21.43 100.14,21.66 100.063,21.684 99.996,21.687 100.001,21.704
"""


def in_heartland(lon: float, lat: float) -> bool:
    """Return whether one point is well inside, more than 15 km from the line: there `share` is 1."""
    if not (_WEST < lon < _EAST and _SOUTH < lat < _NORTH):
        return False
    return bool(_cells()[int((lat - _SOUTH) * _CELLS_A_DEGREE), int((lon - _WEST) * _CELLS_A_DEGREE)] == _INSIDE)


def share(lonlat: LonLat) -> NDArray[np.float64]:
    """Return how much of the offset applies at (n, 2) degrees: 1 inside and on the line, 0 beyond the fade.

    Continuous everywhere. A NaN has a share of 0.
    """
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    shares = np.zeros(len(lonlat))
    boxed = np.flatnonzero((lon > _WEST) & (lon < _EAST) & (lat > _SOUTH) & (lat < _NORTH))
    row, column = ((lat[boxed] - _SOUTH) * _CELLS_A_DEGREE).astype(int), ((lon[boxed] - _WEST) * _CELLS_A_DEGREE).astype(int)
    cells = _cells()[row, column]
    shares[boxed] = cells == _INSIDE
    near = boxed[cells == _NEAR]
    for start in range(0, len(near), _POINTS_AT_ONCE):
        some = near[start:start + _POINTS_AT_ONCE]
        shares[some] = np.maximum(*(_share(lonlat[some], ring) for ring in _rings()))
    return shares


@lru_cache(maxsize=1)
def _cells() -> NDArray[np.uint8]:
    """Return a raster of quarter degrees: inside, outside, or near enough to a line to have to ask it."""
    rows, columns = round((_NORTH - _SOUTH) * _CELLS_A_DEGREE), round((_EAST - _WEST) * _CELLS_A_DEGREE)
    cells = np.full((rows, columns), _OUTSIDE, np.uint8)
    lats = _SOUTH + (np.arange(rows) + 0.5) / _CELLS_A_DEGREE
    lons = _WEST + (np.arange(columns) + 0.5) / _CELLS_A_DEGREE
    for ring in _rings():
        for row, lat in enumerate(lats.tolist()):
            at = np.flatnonzero((ring[:-1, 1] > lat) != (ring[1:, 1] > lat))
            (x, y), (next_x, next_y) = ring[at].T, ring[at + 1].T
            crossings = np.sort(x + (lat - y) * (next_x - x) / (next_y - y))
            cells[row, np.searchsorted(crossings, lons) % 2 == 1] = _INSIDE
    touched = np.zeros((rows + 2, columns + 2), bool)
    for ring in _rings():
        steps = np.linspace(0, 1, 200, endpoint=False)[:, None, None]  # no edge is 12 degrees long: 0.06 apart at most
        along = ((ring[:-1] + steps * (ring[1:] - ring[:-1])).reshape(-1, 2) - (_WEST, _SOUTH)) * _CELLS_A_DEGREE
        touched[along[:, 1].astype(int) + 1, along[:, 0].astype(int) + 1] = True
    tall = touched[:-2] | touched[1:-1] | touched[2:]
    cells[tall[:, :-2] | tall[:, 1:-1] | tall[:, 2:]] = _NEAR
    cells.flags.writeable = False
    return cells


def _share(lonlat: LonLat, ring: LonLat) -> NDArray[np.float64]:
    """Return the share one closed ring gives (n, 2) points."""
    east = ring[:, 0] - lonlat[:, :1]  # (n, e) from each point to each corner, degrees
    north = ring[:, 1] - lonlat[:, 1:]
    x, y, next_x, next_y = east[:, :-1], north[:, :-1], east[:, 1:], north[:, 1:]
    crosses = (y > 0) != (next_y > 0)
    right = np.zeros(crosses.shape, bool)
    at, edge = np.nonzero(crosses)
    right[at, edge] = x[at, edge] - y[at, edge] * (next_x[at, edge] - x[at, edge]) / (next_y[at, edge] - y[at, edge]) > 0
    shares = (np.count_nonzero(right, axis=1) % 2).astype(np.float64)
    outside = np.flatnonzero(shares == 0)
    narrow = np.cos(np.radians(lonlat[outside, 1:]))  # a degree of longitude there, in degrees of latitude
    x, y = x[outside] * narrow, y[outside]
    along_x, along_y = next_x[outside] * narrow - x, next_y[outside] - y
    part = np.clip(-(x * along_x + y * along_y) / (along_x * along_x + along_y * along_y), 0, 1)
    apart = np.hypot(x + part * along_x, y + part * along_y).min(axis=1) * _METRES_A_DEGREE
    shares[outside] = np.maximum(1 - apart / FADE_M, 0)
    return np.asarray(shares, dtype=np.float64)


@lru_cache(maxsize=1)
def _rings() -> tuple[LonLat, ...]:
    rings = []
    for text in (_MAINLAND, _SOUTH_CHINA_SEA):
        corners = [tuple(map(float, pair.split(","))) for pair in text.split()]
        rings.append(np.array([*corners, corners[0]]))
    return tuple(rings)
