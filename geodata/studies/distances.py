"""How far people are from the nearest site, by steps: what a chart of distances is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from locator.areas import AreaTree
from locator.arrays import Metres
from locator.distances import STEP_M, by_steps
from locator.ground import Ground, metres_to
from locator.pool import MAYBE, SURE, Pool
from locator.questions import CoverageQuestion
from locator.shares import Parts

LAST_M = 3000.0
EDGES_M: Final = (*(step * STEP_M for step in range(round(LAST_M / STEP_M) + 1)), None)
"""Of the bins: a distance exactly on an edge is in the bin below it; the last bin has no end, and holds those who have no site at all."""


def distances(question: CoverageQuestion, found: Pool, lonlat: Metres, areas: AreaTree, ground: Ground, codes: Sequence[str], whole: str,
              language: str) -> dict[str, Any]:
    """Return people by metres to the nearest site that counts, for areas and for the area they are in.

    Where hours count, each comes twice, as in `coverage`. An area without an outline has no people to tell of.

    Args:
        question: What is asked.
        found: The sites that count.
        lonlat: (s, 2) where they are.
        areas: The areas.
        ground: The people.
        codes: Of the lines.
        whole: The area they are of.
        language: Of the names.
    """
    names = [*codes, whole]
    parts = Parts([[code] for code in names], ground.demand)
    lines: list[dict[str, Any]] = [{"code": code, "name": areas[code].words.in_language(language)} for code in names]
    for suffix, chosen in ((SURE, found.sure), (MAYBE, found.maybe)) if found.hourly else ((SURE, found.sure),):
        people = by_steps(metres_to(question, ground, lonlat[chosen]), ground.demand.people, parts, last_m=LAST_M)
        for line, some in zip(lines, people.tolist(), strict=True):
            line[f"people{suffix}"] = some if areas[line["code"]].has_outline else None
    return {"edges_m": EDGES_M, "areas": lines[:-1], "total": lines[-1]}
