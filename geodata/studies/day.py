"""The 24 hours of a day: who is reached in each, and the ground that nobody, or too few, reach; what a slider over the hours plays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import orjson
import shapely

from geodata.planning import Basis
from geodata.studies import drawn
from locator import earth, gaps, pockets, shares, week
from locator.afoot import Afoot
from locator.arrays import Bits
from locator.ground import basis_of
from locator.hours import CLOCK
from locator.pool import Pool, pool
from locator.questions import CoverageQuestion
from locator.reached import reached

HOURS = 24
TOLERANCE_M = 10.0
"""Of the gaps; simplifying them adds as much."""
ON_FOOT_M = 50.0
"""Of the gaps of a walk along streets."""


def day(question: CoverageQuestion, basis: Basis, shut: Bits, asked_of: tuple[Sequence[str], str],
        tell: Callable[[int, int], None]) -> dict[str, Any]:
    """Return the part ``day``: of the day that the question's instant lies in, each hour by its first minute.

    Hours in which the same sites are open share a ground: its gaps are figured once, as those of `uncovered` but coarser.

    Args:
        question: What is asked; it names an instant.
        basis: What it is figured from.
        shut: (n,) as in `pool.pool`.
        asked_of: The codes of the lines, each of which tells its people, and of the area that they are of, which tells its ground too.
        tell: Told how many of the hours are done, and of how many.
    """
    if question.at is None:
        raise ValueError("the hours of no day")
    midnight = question.at.astimezone(CLOCK).replace(hour=0, minute=0, second=0, microsecond=0)
    asked = replace(question, week=False, at=midnight)
    pools = [_at(asked, basis, midnight + timedelta(hours=hour), shut) for hour in range(HOURS)]
    codes, area = asked_of
    grounds, which = _grounds(pools)
    told = []
    for number, first in enumerate(grounds):
        tell(sum(one < number for one in which), HOURS)
        told.append({"gaps": _gaps(question, pools[first], basis, area), "open": np.flatnonzero(pools[first].sure).tolist(),
                     "unknown": np.flatnonzero(pools[first].maybe & ~pools[first].sure).tolist()})
    *lines, total = _lines(question, pools, basis, [*codes, area])
    people, surely, perhaps = total["people"], total["covered"], total["covered_if_unknown_open"]
    hours = [{"hour": hour, "people": surely[hour] if surely else None, "people_if_unknown_open": perhaps[hour] if perhaps else None,
              "share": surely[hour] / people if people else None,
              "share_if_unknown_open": perhaps[hour] / people if people else None, "ground": ground}
             for hour, ground in enumerate(which)]
    return {"date": midnight.date().isoformat(), "area": area, "population": people, "hours": hours, "lines": lines, "grounds": told,
            "sites": drawn.sites(pools[0], basis.atlas),
            "notes": {language: [note.in_language(language) for note in pools[0].notes] for language in ("zh", "en")}}


def _at(asked: CoverageQuestion, basis: Basis, moment: datetime, shut: Bits) -> Pool:
    return pool(replace(asked, at=moment), basis.atlas, moment, no_way_in=shut)


def _grounds(pools: list[Pool]) -> tuple[list[int], list[int]]:
    """Return the first hour of each set of open sites, and which of these sets each hour has."""
    number: dict[bytes, int] = {}
    which = [number.setdefault(found.sure.tobytes() + found.maybe.tobytes(), len(number)) for found in pools]
    return [which.index(each) for each in range(len(number))], which


def _lines(question: CoverageQuestion, pools: list[Pool], basis: Basis, codes: Sequence[str]) -> list[dict[str, Any]]:
    """Return each area's people, and how many of them are reached in each hour: surely, and if unknown hours are open; None without an outline."""
    bits = np.zeros((len(pools[0].rows), week.HOURS), bool)  # both readings of a day fit into the hours of a week, and are counted as those
    for hour, found in enumerate(pools):
        bits[:, hour], bits[:, HOURS + hour] = found.sure, found.maybe
    demand, areas = basis.ground.demand, basis.atlas.areas
    within = reached(question, basis.ground, basis.atlas.sites.lonlat[pools[0].rows])
    parts = shares.Parts([[code] for code in codes], demand)
    counts = week.people_by_hour(week.covered(within, week.packed(bits), fold=question.fold), demand.people, parts)
    return [{"code": code, "people": people if drawn_there else None, "covered": own[:HOURS] if drawn_there else None,
             "covered_if_unknown_open": own[HOURS:2 * HOURS] if drawn_there else None}
            for code, people, own in zip(codes, parts.sums(demand.people).tolist(), counts.tolist(), strict=True)
            for drawn_there in [areas[code].has_outline]]


def _gaps(question: CoverageQuestion, found: Pool, basis: Basis, area: str) -> orjson.Fragment | None:
    """Return what no open site reaches, or fewer than are asked for, as one MultiPolygon; None without an outline."""
    outline = basis.outline_of(area)
    if outline is None:
        return None
    lonlat = basis.atlas.sites.lonlat[found.rows[found.sure]]
    if basis.ground.walking is not None and basis_of(question, basis.ground) == "network":
        footing, network = basis.ground.footing(outline, ON_FOOT_M), basis.ground.walking.network
        afoot = Afoot(network, lonlat, question.longest_m, question.fold)
        walked = afoot.gaps(footing, np.empty((0, 2)))  # nobody in them: who is reached is told by hour
        degrees = shapely.transform([one.gap.polygon for one in walked.gaps], lambda points: earth.off_grid(points, epsg=network.epsg))
        left = drawn.on_grid(list(degrees), outline.epsg)
    else:
        centres = pockets.on_grid(lonlat, outline.epsg)
        left = gaps.polygons(outline.geometry, centres, question.straight_m, fold=question.fold, tolerance_m=TOLERANCE_M).tolist()
    return drawn.simple([shapely.MultiPolygon(left)], outline.epsg, tolerance_m=TOLERANCE_M)[0]
