"""Ranges of rows as the rows that they are of."""

from __future__ import annotations

import numpy as np

from locator.arrays import Rows


def spread(begin: Rows, end: Rows) -> Rows:
    """Return every number from begin[i] to before end[i], i after i."""
    counts = end - begin
    return np.repeat(begin - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
