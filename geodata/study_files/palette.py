"""The colours of every map, chart and style of a study: told apart by colour-blind eyes and in grey; the page's map has the same.

What a colour says, a shape, a line or a word says too.
"""

from __future__ import annotations

from typing import Final

SERVED: Final = "#0b6fa8"
"""People who are reached; whoever gains."""
NOT_SERVED: Final = "#c7482a"
LOST: Final = "#b3261e"
MAYBE: Final = "#8fbfdc"
"""Reached if unknown hours are open."""
YES: Final = "#0a6a3a"
UNKNOWN: Final = "#ffcf4d"
UNKNOWN_EDGE: Final = "#4a2d00"
NO: Final = "#6b6f76"
"""Sites: counted, hours unknown, closed then."""
CIRCLE: Final = "#5b2a86"
OUTLINE: Final = "#2c3e50"
GAP_EDGE: Final = "#7a2a12"
RAMP: Final = ("#fde3b0", "#fbb871", "#ee8048", "#c94a2b", "#8c1c22")
"""Areas not served, from least to most people; told apart by lightness alone."""
HEAT: Final = ("#fff7e8", "#d5e6ef", "#8fbfdc", "#4595c4", "#0b6fa8", "#083e63")
"""Shares from 0 to 1."""
LAND: Final = "#fdfaf5"
SEA: Final = "#ece3d6"
INK: Final = "#211a15"
SOFT: Final = "#5c5148"
GRID: Final = "#e0d2c0"
HALO: Final = "#fffefc"
"""Around words on a map."""

_SHARES: Final = (0.01, 0.05, 0.2, 0.5)


def breaks(most: float) -> list[int]:
    """Return the round lower ends of all shades but the first, ascending, from the most people of one area not served."""
    found: list[int] = []
    for share in _SHARES:
        value = max(most * share, 1.0)
        step = 1
        while step * 10 <= value:
            step *= 10
        limit = max(1, round(value / step) * step)
        if not found or limit > found[-1]:
            found.append(limit)
    return found


def shade(people: float, limits: list[int]) -> str:
    """Return the colour of an area not served."""
    return RAMP[sum(people >= limit for limit in limits)]
