"""Sums of people by area."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from locator.arrays import Codes
from locator.demand import Demand

Floats = NDArray[np.float64]


class Parts:
    """Some areas; they may overlap."""

    def __init__(self, areas: Sequence[Collection[str]], demand: Demand) -> None:
        """Take p areas, each as the codes of those whose ground it is: a point in any of them is of it."""
        self.place: NDArray[np.intp] = demand.areas.astype(np.intp) + 1
        """(n,) the column of `own` of each point's set of areas; 0 where it lies in none."""
        held = [frozenset(codes) for codes in demand.area_sets]
        self.own: NDArray[np.bool_] = np.array([[False, *(not one.isdisjoint(codes) for one in held)] for codes in areas],
                                               bool).reshape(len(areas), len(held) + 1)
        """(p, a + 1) which sets of areas belong to each part."""

    def __len__(self) -> int:
        return len(self.own)

    def sums(self, values: Floats) -> Floats:
        """Return (p,) sums of (n,) values."""
        return self.by(values, np.zeros(len(values), np.intp), 1)[:, 0]

    def by(self, values: Floats, keys: Codes, count: int, rows: NDArray[np.intp] | None = None) -> Floats:
        """Return (p, count) sums of values by key, a whole number below `count`.

        Args:
            values: (m,)
            keys: (m,)
            count: Of keys.
            rows: (m,) the points that they are of; None: all.
        """
        place = self.place if rows is None else self.place[rows]
        columns = self.own.shape[1]
        each = np.bincount(place * count + keys, values, minlength=columns * count).reshape(columns, count)
        return np.asarray(self.own.astype(np.float64) @ each)
