"""How far people are from the nearest site, by steps: what a chart of distances is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from locator.areas import AreaTree
from locator.arrays import Codes, Metres
from locator.coverage import MAYBE, SURE, CoverageQuestion, Ground, Pool, metres_to
from locator.shares import Parts
from locator.words import Words

STEP_M, LAST_M = 100.0, 3000.0
EDGES_M: Final = (*(float(edge) for edge in np.arange(0.0, LAST_M + STEP_M, STEP_M)), None)
"""Of the bins: a distance exactly on an edge is in the bin below it; the last bin has no end, and holds those who have no site at all."""
_BINS = len(EDGES_M) - 1


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
    demand = ground.demand
    parts = [(Parts([areas.subtree(code) for code in names], demand), names) for names in (codes, [whole])]
    lines: list[list[dict[str, Any]]] = [[_named(areas[code].words, code, language) for code in names] for _, names in parts]
    for suffix, chosen in ((SURE, found.sure), (MAYBE, found.maybe)) if found.hourly else ((SURE, found.sure),):
        bins = _bin_of(metres_to(question, ground, lonlat[chosen]))
        for (part, names), into in zip(parts, lines, strict=True):
            for code, line, people in zip(names, into, part.by(demand.people, bins, _BINS).tolist(), strict=True):
                line[f"people{suffix}"] = people if areas[code].has_outline else None
    return {"edges_m": EDGES_M, "areas": lines[0], "total": lines[1][0]}


def _named(words: Words, code: str, language: str) -> dict[str, Any]:
    return {"code": code, "name": words.in_language(language)}


def _bin_of(metres: Metres) -> Codes:
    bins: Codes = np.clip(np.ceil(metres / STEP_M) - 1, 0, _BINS - 1).astype(np.int32)  # inf is in the last
    return bins
