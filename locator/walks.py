"""From one place to sites on foot: along the network where it comes near both ends, else by the straight line."""

from __future__ import annotations

import numpy as np

from locator import travel
from locator.arrays import LonLat, Metres, Rows
from locator.network import SNAP_M, Network

_FIRST_LIMIT, _MORE = 2.0, 4.0
"""How many times the straight line is searched first, and by how much more where that does not get there."""


class Walks:
    """Ways from one place, asked for a few sites at a time."""

    def __init__(self, network: Network, lon: float, lat: float, sites: LonLat, *, by: str) -> None:
        """Take where one starts, in WGS-84 degrees, and (n, 2) where all sites are."""
        self._network, self._sites, self._by = network, sites, by
        self._here = network.snap(np.array([[lon, lat]]))

    def metres(self, rows: Rows, straight_m: Metres) -> Metres:
        """Return metres along the network to some sites; NaN where it does not come near both ends, or does not join them.

        Args:
            rows: (k,) of the sites.
            straight_m: (k,) geodesic metres to them.
        """
        there = self._network.snap(self._sites[rows])
        limit_m = _FIRST_LIMIT * float(straight_m.max(initial=0.0)) + SNAP_M
        longest_m = float(self._network.length_m.sum()) + 2 * SNAP_M
        while True:
            found_m, _ = self._network.nearest_m(self._here, there, limit_m=limit_m)
            if limit_m > longest_m or not self._here.found.any() or np.isfinite(found_m[there.found]).all():
                return np.where(np.isfinite(found_m), found_m, np.nan)
            limit_m *= _MORE

    def minutes(self, rows: Rows, straight_m: Metres) -> Metres:
        """Return minutes to some sites: on foot along the network where it is known, else as `travel` estimates."""
        estimated = travel.minutes(straight_m, by=self._by)
        if self._by != "walk":
            return estimated
        walk_m = self.metres(rows, straight_m)
        return np.where(np.isfinite(walk_m), walk_m / travel.SPEED_M_PER_MIN["walk"], estimated)

    def known(self, rows: Rows, straight_m: Metres) -> list[float | None]:
        """Return `metres` with None where they are not known."""
        return [metre if metre == metre else None for metre in self.metres(rows, straight_m).tolist()]  # NaN alone differs from itself
