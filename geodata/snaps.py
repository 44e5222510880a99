"""Where many points are on the walking network: snapped once, kept in the home, and mapped into memory from then on.

What is kept is a copy that may be deleted at any time; it is used only for the very network and points it was made of.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np

from geodata import mapped, streets
from locator.arrays import LonLat
from locator.errors import BadFile
from locator.network import SNAP_M, Snapped

NAME = "snapped.cache"
_FORMAT = 1


def of_points(home: Path, lonlat: LonLat, version: str) -> Snapped | None:
    """Return where points are on the installation's network; None where none was built.

    Args:
        home: Where the network is, and the copy.
        lonlat: (n, 2) WGS-84 degrees.
        version: A name of exactly these points, such as `Demand.version`.

    Raises:
        BadFile: If the network's file is damaged.
    """
    network, about = streets.load(home), streets.about(home)
    if network is None or about is None:
        return None
    key = {"format": _FORMAT, "network": about.version, "points": version, "count": len(lonlat), "within_m": SNAP_M}
    with contextlib.suppress(ValueError, EOFError, OSError):  # whatever is wrong with a copy, it can be made again
        said, (edge, share, offset_m) = mapped.read(home / NAME, 3)
        if said == key:
            return Snapped(edge, share, offset_m)
    snapped = network.snap(lonlat, within_m=SNAP_M)
    with contextlib.suppress(BadFile):  # a full or read-only disk must not keep anybody from an answer
        mapped.write(home / NAME, key, [np.asarray(column) for column in snapped])
    return snapped
