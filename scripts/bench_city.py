"""A seeded synthetic city to measure in: sites and askers, clustered in Beijing's box."""

from __future__ import annotations

import numpy as np

from locator.arrays import LonLat

SEED = 20261122
_BOX = ((115.7, 39.5), (117.3, 40.9))
_CENTRES = 60


def points(count: int, *, seed: int) -> LonLat:
    """Return (count, 2) degrees: four in five about the city's centres, the rest anywhere in the box."""
    centres = np.random.default_rng(SEED).uniform(*_BOX, (_CENTRES, 2))  # the same for sites and askers
    rng = np.random.default_rng((SEED, seed))
    clustered = centres[rng.integers(0, _CENTRES, count)] + rng.normal(size=(count, 2)) * (0.05, 0.04)
    return np.where(rng.random((count, 1)) < 0.8, clustered, rng.uniform(*_BOX, (count, 2))).round(6)
