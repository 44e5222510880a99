"""Names for the array types that pass between rooms."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

LonLat: TypeAlias = NDArray[np.float64]
"""(n, 2) degrees, longitude first, WGS-84 unless a name says otherwise."""

Metres: TypeAlias = NDArray[np.float64]
"""(n,) metres along the WGS-84 geodesic unless a name says otherwise."""

Rows: TypeAlias = NDArray[np.intp]
"""(n,) row numbers into one table, from 0, valid for that table only."""

Bits: TypeAlias = NDArray[np.bool_]
"""(n,) one truth a row."""

Codes: TypeAlias = NDArray[np.integer[Any]]
"""(n,) positions in a list of distinct values."""

Minutes: TypeAlias = NDArray[np.int64]
"""(n,) whole minutes since 1970-01-01 00:00 on Beijing's clock (UTC+8, no summer time since 1991)."""

States: TypeAlias = NDArray[np.uint8]
"""(n,) values of `hours.State`."""

Words64: TypeAlias = NDArray[np.uint64]
"""(n, w) bits of each row: bit h is bit h % 64 of word h // 64."""
