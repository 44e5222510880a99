"""What a vague position makes of distances, times and arrivals.

The rule: a phone that says it is right within `accuracy_m` metres may be anywhere in that circle, so a
site at d metres may be anything from d - accuracy_m (not below 0) to d + accuracy_m away. From
`RANGED_FROM_M` on both ends are told; below, the straight line's own error, a tenth of the way and
more, is the larger one and a single figure says enough. One arrives in any minute from that of the near end
to that of the far end; a state holds on arrival only if it holds in every one of them. Above
`VAGUE_M` the page says that its list is for a wide circle. The order of a list never changes.
"""

from __future__ import annotations

from typing import NamedTuple

RANGED_FROM_M = 50.0
VAGUE_M = 300.0


class Reach(NamedTuple):
    """The least and the greatest distance to a site, metres; equal where the position is good."""

    near_m: float
    far_m: float

    @property
    def ranged(self) -> bool:
        """Whether both ends are told."""
        return self.near_m != self.far_m


def reach(distance_m: float, accuracy_m: float | None) -> Reach:
    """Return how near and how far a site may be, by the rule above."""
    if accuracy_m is None or accuracy_m < RANGED_FROM_M:
        return Reach(distance_m, distance_m)
    return Reach(max(0.0, distance_m - accuracy_m), distance_m + accuracy_m)


def vague(accuracy_m: float | None) -> bool:
    """Return whether a position is too vague for a list to be about one place."""
    return accuracy_m is not None and accuracy_m > VAGUE_M
