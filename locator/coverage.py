"""Coverage: how many people, how much ground within reach of a site, and how far the people are from it, by area.

Every figure that depends on hours is given twice, as `pool` has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from locator import bare, distances, earth, week
from locator.arrays import Bits, LonLat, Rows
from locator.atlas import Atlas
from locator.demand import Demand
from locator.ground import Ground, basis_of, metres_to
from locator.lines import Line, areas_asked, overlaps, source
from locator.outlines import Outline, OutlineOf, standing
from locator.pool import MAYBE, SURE, Pool, pool
from locator.questions import CoverageQuestion
from locator.reached import Counted, counted, reached
from locator.shares import Floats, Parts
from locator.words import Words

_MOST_NAMED = 20
_FILLED = 0.95
"""Of an area's ground, in cells: less is not that of a border, but cells that the figures do not have."""


@dataclass(frozen=True, slots=True)
class CoverageAnswer:
    """Who is reached, area by area and in all."""

    question: CoverageQuestion
    as_of: datetime
    """The instant that hours are of, or of which week they are."""
    lines: tuple[Line, ...]
    total: Line
    demand: Demand
    basis: str
    """straight: a walk is estimated from the straight line; network: along streets; radius: no walk was asked for."""
    atlas_version: int
    notes: tuple[Words, ...] = ()
    """As of `pool.Pool`, and of areas that lie over each other."""

    def as_dict(self, language: str = "zh") -> dict[str, Any]:
        """Return the public shape."""
        return {"query": self.question.as_dict(), "areas": [line.as_dict(language) for line in self.lines],
                "total": self.total.as_dict(language), "demand_source": source(self.demand, language),
                "basis": self.basis, "as_of": self.as_of.isoformat(), "version": self.atlas_version,
                "notes": [note.in_language(language) for note in self.notes]}


def coverage(question: CoverageQuestion, atlas: Atlas, ground: Ground, now: datetime, *, outline_of: OutlineOf,
             no_way_in: Bits | None = None) -> CoverageAnswer:
    """Return who has suitable sites within reach, by area.

    Sites outside an area count for people inside it. Areas are figured exactly, from arcs (`bare`); points of demand are
    in or out as a whole, and are of every area whose outline holds them; sites are counted where they stand. Where streets are
    walked, and where several sites must be open in one hour of a week, ground is that of the demand's cells; `estimated_people`
    are those whom no street is near, for whom the straight line was taken. An area without an outline has no people that
    anybody could count: its sites are counted by code.

    Args:
        question: What is asked.
        atlas: The sites, their hours, the areas.
        ground: The people.
        now: With an offset.
        outline_of: An area's outline in metres on `atlas`'s grid, with that grid's EPSG code; None where it has none.
        no_way_in: As in `pool`.

    Raises:
        NotThere: If the area is none.
        BadValue: If no area of the tier lies in the area.
    """
    codes, whole = areas_asked(question, atlas.areas)
    found = pool(question, atlas, now, no_way_in=no_way_in)
    sites = atlas.sites.lonlat[found.rows]
    readings = [(SURE, found.sure, found.sure_week)] + ([(MAYBE, found.maybe, found.maybe_week)] if found.hourly else [])
    within = reached(question, ground, sites)
    names = [*codes, whole]
    parts = Parts([[code] for code in names], ground.demand)
    outlines = [outline_of(code) for code in names]
    people = parts.sums(ground.demand.people).tolist()
    lines: list[dict[str, Any]] = [{} for _ in names]
    if found.hourly and basis_of(question, ground) != "network":
        ground.nearest_m(sites)  # of whichever are open later, only those whose nearest is not are looked for again
    for suffix, chosen, words in readings:
        reading = counted(within, chosen, words, question.fold)
        _fill(lines, people, suffix, reading, sites[chosen], question, ground, parts, outlines)
        _name_lone(lines, suffix, reading, ground.demand, parts, found, atlas)
    stand = standing(outlines[:-1], outlines[-1], sites)
    *made, total = (_line(code, atlas, some, figures, found.rows, count)
                    for code, some, figures, count in zip(names, people, lines, stand, strict=True))
    return CoverageAnswer(question, question.at or now, tuple(made), total, ground.demand, basis_of(question, ground), atlas.version,
                          (*found.notes, *overlaps(codes, ground.demand)))


def _fill(lines: list[dict[str, Any]], people: Sequence[float], suffix: str, reading: Counted, sites: LonLat, question: CoverageQuestion,
          ground: Ground, parts: Parts, outlines: Sequence[Outline | None]) -> None:
    """Add one reading's figures to each line; `sites` are those that count in it."""
    demand = ground.demand
    covered = parts.sums(np.where(reading.covered, demand.people, 0.0))
    quantiles = distances.quantiles(metres_to(question, ground, sites), demand.people, parts, (0.5, 0.9))
    hours = week.people_by_hour(reading.by_hour, demand.people, parts) if reading.by_hour is not None else None
    on_foot = basis_of(question, ground) == "network" and ground.walking is not None
    estimated = parts.sums(np.where(ground.walking.points.found, 0.0, demand.people)) if on_foot and ground.walking is not None else None
    if on_foot or (question.week and question.fold > 1):  # several must be open in one hour: of each hour there are other discs
        covered_m2 = _cells_m2(reading, demand, parts, outlines)
    else:
        covered_m2 = _covered_m2(outlines, sites, question)
    for number, line in enumerate(lines):
        outline, some = outlines[number], people[number]
        ground_m2 = float(outline.geometry.area) if outline is not None else None
        own_m2 = covered_m2[number] if ground_m2 is not None else None
        line[f"covered{suffix}"] = float(covered[number]) if outline is not None else None
        line[f"coverage_share{suffix}"] = float(covered[number]) / some if some else None
        line.setdefault("area_km2", None if ground_m2 is None else ground_m2 / 1e6)
        line[f"covered_km2{suffix}"] = None if own_m2 is None else own_m2 / 1e6
        line[f"area_share{suffix}"] = None if not ground_m2 or own_m2 is None else own_m2 / ground_m2
        for name, metre in zip(("median_m", "p90_m"), quantiles[number].tolist(), strict=True):
            line[f"{name}{suffix}"] = metre if np.isfinite(metre) else None
        if hours is not None:
            line[f"by_hour{suffix}"] = (hours[number] / some).tolist() if some else None
        if estimated is not None:
            line.setdefault("estimated_people", float(estimated[number]) if outline is not None else None)


def _cells_m2(reading: Counted, demand: Demand, parts: Parts, outlines: Sequence[Outline | None]) -> list[float | None]:
    """Return the ground of the cells that are covered, in each part that has an outline; None where demand is of points.

    Cells lie on both sides of a border and count for the one of their middle. Where they fill an area but for that, their share
    of it is the area's: never more than all of it.
    """
    if demand.cell_m2 is None:
        return [None] * len(parts)
    cells_m2 = parts.sums(demand.cell_m2).tolist()
    covered_m2 = parts.sums(np.where(reading.covered, demand.cell_m2, 0.0)).tolist()
    found: list[float | None] = []
    for outline, own_m2, some_m2 in zip(outlines, cells_m2, covered_m2, strict=True):
        ground_m2 = float(outline.geometry.area) if outline is not None else 0.0
        filled = own_m2 >= _FILLED * ground_m2 > 0
        found.append(None if outline is None else ground_m2 * (some_m2 / own_m2) if filled else some_m2)
    return found


def _covered_m2(outlines: Sequence[Outline | None], sites: LonLat, question: CoverageQuestion) -> list[float | None]:
    """Return the ground of each area that as many sites reach as it takes; None where there is no outline."""
    found: list[float | None] = [None] * len(outlines)
    drawn = [(number, outline) for number, outline in enumerate(outlines) if outline is not None]
    if len(sites) < question.fold:
        return [None if outline is None else 0.0 for outline in outlines]
    if drawn:
        centres = earth.on_grid(sites, epsg=drawn[0][1].epsg)
        bare_m2 = bare.uncovered_m2([outline.geometry for _, outline in drawn], centres, question.straight_m, fold=question.fold)
        for (number, outline), left_m2 in zip(drawn, bare_m2, strict=True):
            found[number] = max(outline.geometry.area - left_m2, 0.0)  # of two sums of the same ground, which rounding tells apart
    return found


def _name_lone(lines: list[dict[str, Any]], suffix: str, reading: Counted, demand: Demand, parts: Parts, found: Pool, atlas: Atlas) -> None:
    """Add who depends on a single site, and on which: the most first."""
    lone = reading.lone
    alone = np.flatnonzero(lone >= 0)
    of_area, sites, people = _people_by_pair(parts.place[alone], lone[alone], demand.people[alone], len(found.rows))
    for line, own in zip(lines, parts.own, strict=True):
        here = own[of_area]
        depend = np.bincount(sites[here], people[here], minlength=len(found.rows))
        most = np.argsort(-depend, kind="stable")[:_MOST_NAMED]
        line[f"single_site{suffix}"] = {
            "people": float(depend.sum()),
            "sites": [{"id": atlas.sites.value("id", int(found.rows[site])), "name": atlas.sites.value("name", int(found.rows[site])),
                       "people": float(depend[site])} for site in most.tolist() if depend[site] > 0]}


def _people_by_pair(places: Rows, sites: Rows, people: Floats, count: int) -> tuple[Rows, Rows, Floats]:
    """Return the pairs of a deepest area and one of `count` sites that points have, and the people of each."""
    keys, which = np.unique(places * count + sites, return_inverse=True)
    return keys // max(count, 1), keys % max(count, 1), np.bincount(which, people, minlength=len(keys)).astype(np.float64)


def _line(code: str, atlas: Atlas, people: float, figures: Mapping[str, Any], rows: Rows, stand: int | None) -> Line:
    """Return one area's line; `stand` in it so many sites, or None where it has no outline."""
    has_outline, sites = stand is not None, stand
    if sites is None:
        inside = tuple(atlas.areas.subtree(code))
        sites = int((atlas.sites.has("district_code", inside) | atlas.sites.has("street_code", inside))[rows].sum())
    each = people / sites if sites and has_outline else None
    return Line.of(code, atlas.areas, people, {"sites": sites, **figures, "people_per_site": each}, has_outline=has_outline)
