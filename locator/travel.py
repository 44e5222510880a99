"""How long a straight line takes on foot or by e-bike, until a walking network is asked instead.

The national yardstick (2023) is 1 km of service radius or 15 minutes on foot. Both rules here honour
it: a pedestrian's 5 km/h over streets that are 1.25 times the straight line cover 1,000 m in exactly
15 minutes. 1.25 is in the middle of what is measured on urban street grids (1.2 to 1.4). An e-bike's
15 km/h in traffic is an assumption of ours, well under the legal 25 km/h. Answers call both
an estimate.
"""

from __future__ import annotations

from typing import overload

from locator.arrays import Metres

DETOUR_FACTOR = 1.25
SPEED_M_PER_MIN = {"walk": 5000 / 60, "ride": 15000 / 60}
WAYS = tuple(SPEED_M_PER_MIN)


def minutes_a_metre(by: str) -> float:
    """Return estimated minutes for each straight-line metre; `by` is one of `WAYS`."""
    return DETOUR_FACTOR / SPEED_M_PER_MIN[by]


@overload
def minutes(straight_m: float, *, by: str) -> float: ...
@overload
def minutes(straight_m: Metres, *, by: str) -> Metres: ...
def minutes(straight_m: float | Metres, *, by: str) -> float | Metres:
    """Return estimated minutes for straight-line metres; `by` is one of `WAYS`."""
    return straight_m * minutes_a_metre(by)
