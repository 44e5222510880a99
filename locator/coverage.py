"""Who is reached: people, ground and distances of areas, for a radius or a walk, at an hour, over a week.

Every figure that depends on hours is given twice: as it is, where hours that nobody knows count as closed, and as
it is if they are open. A point exactly on the radius is reached; the people of a point are reached together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
import shapely

from locator import bare, distances, doors, earth, travel, week
from locator.arrays import Bits, LonLat, Metres, Rows
from locator.atlas import Atlas
from locator.demand import Demand
from locator.errors import BadCount, BadRadius, BadTime, BadValue
from locator.filters import Filters
from locator.hours import CLOCK, State, minute_of
from locator.index import SiteIndex
from locator.network import Network, Snapped
from locator.shares import Floats, Parts
from locator.strips import Reached, Strips
from locator.words import Words

LONGEST_M = 100_000.0
LONGEST_MIN = 240.0
MOST_FOLD = 50
SURE, MAYBE = "", "_if_unknown_open"
"""What a figure's name ends in: unknown hours as closed, and as open."""

_KEPT = 4
_MOST_NAMED = 20


class Outline(NamedTuple):
    """An area's ground."""

    geometry: shapely.Geometry
    """A valid polygon or multipolygon, metres."""
    epsg: int
    """Of the grid that the metres are on."""


class OutlineOf(Protocol):
    """Gives an area's outline."""

    def __call__(self, code: str) -> Outline | None:
        """Return the outline of a code; None where it has none."""


@dataclass(frozen=True, slots=True)
class CoverageQuestion:
    """Who has a suitable site within reach?"""

    filters: Filters = Filters()
    radius_m: float | None = None
    walk_min: float | None = None
    """On foot at 5 km/h; exactly one of the two."""
    at: datetime | None = None
    """Only sites that are open then; must carry an offset. None: hours do not count, unless `week`."""
    week: bool = False
    """Every hour of the week that `at`, or now, lies in."""
    fold: int = 1
    """Within reach of at least so many."""
    area: str | None = None
    by: str | None = None
    """A tier of areas: one line for each of that tier in the area."""

    def __post_init__(self) -> None:
        if (self.radius_m is None) == (self.walk_min is None):
            raise BadRadius("radius", self.radius_m, zh="请给出半径（米）或步行时间（分钟），二者之一",
                            en="give a radius in metres or a walk in minutes, one of the two")
        for name, value, most, zh, en in (("radius", self.radius_m, LONGEST_M, "米数", "metres"),
                                          ("walk", self.walk_min, LONGEST_MIN, "分钟数", "minutes")):
            if value is not None and not 0 < value <= most:
                raise BadRadius(name, value, zh=f"应为大于 0、不超过 {most:,.0f} 的{zh}", en=f"must be {en}, above 0 and at most {most:,.0f}")
        if not isinstance(self.fold, int) or isinstance(self.fold, bool) or not 1 <= self.fold <= MOST_FOLD:
            raise BadCount("fold", self.fold, zh=f"应为 1 到 {MOST_FOLD} 的整数", en=f"must be a whole number from 1 to {MOST_FOLD}")
        if self.at is not None and self.at.utcoffset() is None:
            raise BadTime("at", self.at, zh="时间缺少时区，例如 +08:00", en="the time must carry an offset, e.g. +08:00")

    def as_dict(self) -> dict[str, Any]:
        """Return the public shape."""
        filters = self.filters
        return {"radius_m": self.radius_m, "walk_min": self.walk_min, "at": self.at.isoformat() if self.at else None, "week": self.week,
                "fold": self.fold, "area": self.area, "by": self.by, "kind": list(filters.kinds), "facility": list(filters.facilities),
                "eligibility": list(filters.eligibility), "state": filters.state, "strict": filters.strict,
                "verified_only": filters.verified_only}

    @property
    def straight_m(self) -> float:
        """The radius; of a walk, how far it leads in a straight line by `travel`'s estimate."""
        return self.radius_m if self.radius_m is not None else (self.walk_min or 0.0) / travel.minutes_a_metre("walk")

    @property
    def longest_m(self) -> float:
        """How far one goes in a walk, along streets."""
        return (self.walk_min or 0.0) * travel.SPEED_M_PER_MIN["walk"]


class Pool(NamedTuple):
    """The sites that a question counts: those that suit, and when they let people in."""

    rows: Rows
    """(s,) of the whole table, ascending."""
    sure: Bits
    """(s,) open at the instant, or in some hour of the week; all where hours do not count."""
    maybe: Bits
    """(s,) the same where unknown hours are open."""
    sure_week: week.Words64 | None
    """(s, 3) hours of the week; None where it is not asked for."""
    maybe_week: week.Words64 | None
    hourly: bool
    """Whether hours count at all."""


class Counted(NamedTuple):
    """What one reading of the hours leaves."""

    covered: Bits
    """(n,) which points have at least `fold` sites within reach."""
    lone: Rows
    """(n,) the only site within reach of a point, as a position in the pool; -1 where there is none or another."""
    by_hour: week.Words64 | None


def pool(question: CoverageQuestion, atlas: Atlas, now: datetime, *, no_way_in: Bits | None = None) -> Pool:
    """Return the sites that a question counts.

    Args:
        question: What is asked. A state among its filters asks for an instant: now, where none is given.
        atlas: What is known.
        now: With an offset.
        no_way_in: (n,) sites that others found locked, moved or gone: whether they are open is unknown.
    """
    filters, at = question.filters, question.at or now
    minute = minute_of(at)
    lasting = filters if filters.state == "all-day" else filters.lasting()
    rows = np.flatnonzero(atlas.finder.suitable(lasting, minute).passes)
    codes = atlas.sites.timetables.codes[rows]
    unsure = no_way_in[rows] if no_way_in is not None else np.zeros(len(rows), bool)
    if question.week:
        sure, maybe = (words[codes] for words in week.open_bits(atlas.hours, week.monday_of(at.astimezone(CLOCK).date())))
        sure[unsure] = 0
        return Pool(rows, (sure != 0).any(axis=1), (maybe != 0).any(axis=1), sure, maybe, True)
    if question.at is None and filters.state in (None, "all-day"):
        return Pool(rows, np.ones(len(rows), bool), np.ones(len(rows), bool), None, None, False)
    states = doors.states(atlas.hours, minute, doors.with_staff_time(atlas.hours))[codes]
    return Pool(rows, (states == State.OPEN) & ~unsure, states != State.CLOSED, None, None, True)


class Walking(NamedTuple):
    """The streets, and where the points of demand are on them."""

    network: Network
    points: Snapped


class _Nearest(NamedTuple):
    """The nearest of s sites to each of n points."""

    sites: LonLat
    metres: Metres
    rows: Rows

    def among(self, some: LonLat) -> Rows | None:
        """Return (s + 1,) which of some sites each of these is, -1 where it is none, and at last; None if one of them is not here."""
        ours, theirs = (np.ascontiguousarray(sites).view(np.complex128).ravel() for sites in (self.sites, some))
        order = np.argsort(theirs, kind="stable")
        place = np.minimum(np.searchsorted(theirs, ours, sorter=order), max(len(theirs) - 1, 0))
        where = np.full(len(ours) + 1, -1, np.intp)  # the last for points that have no site
        if len(theirs):
            found = order[place]
            same = theirs[found] == ours
            where[:-1][same] = found[same]
        return where if np.isin(theirs, ours).all() else None


@dataclass(frozen=True)
class Ground:
    """Demand, ready to be asked many times."""

    demand: Demand
    walking: Walking | None = None
    """None: a walk is estimated from the straight line."""
    _nearest: dict[bytes, _Nearest] = field(default_factory=dict, repr=False)

    @cached_property
    def strips(self) -> Strips:
        """Where its points are."""
        return Strips(self.demand.lonlat)

    def nearest_m(self, sites: LonLat) -> Metres:
        """Return (n,) geodesic metres from every point to the nearest of (s, 2) sites; inf where there is none."""
        key = sites.tobytes()
        if key not in self._nearest:
            found = self._searched(sites)
            while len(self._nearest) >= _KEPT:
                self._nearest.pop(next(iter(self._nearest)))
            self._nearest[key] = found
        self._nearest[key] = self._nearest.pop(key)  # the one asked for last goes last
        return self._nearest[key].metres

    def _searched(self, sites: LonLat) -> _Nearest:
        """Search for the nearest sites; where some are known of more sites, only for points whose nearest is not among these."""
        more = [(known, where) for known in self._nearest.values() if (where := known.among(sites)) is not None]
        if not more:
            rows, metres = SiteIndex(sites).nearest_many(self.demand.lonlat, k=1)
            return _Nearest(sites, metres[:, 0], rows[:, 0])
        known, where = min(more, key=lambda one: len(one[0].sites))
        metres, rows = known.metres.copy(), where[known.rows]
        lost = np.flatnonzero(rows < 0)
        some, some_m = SiteIndex(sites).nearest_many(self.demand.lonlat[lost], k=1)
        metres[lost], rows[lost] = some_m[:, 0], some[:, 0]
        return _Nearest(sites, metres, rows)


def basis_of(question: CoverageQuestion, ground: Ground) -> str:
    """Return what a question's distances are measured along: radius, straight (a walk's estimate) or network."""
    return "radius" if question.radius_m is not None else "straight" if ground.walking is None else "network"


def reached(question: CoverageQuestion, ground: Ground, sites: LonLat) -> list[Reached]:
    """Return which points each of (s, 2) sites reaches, each pair once.

    A walk goes along streets where both ends are on them, else along the straight line that its estimate leads.
    """
    if not len(sites):
        return []
    straight = ground.strips.reached(sites, question.straight_m)
    if basis_of(question, ground) != "network" or ground.walking is None or question.walk_min is None:
        return list(straight)
    network, points = ground.walking
    snapped = network.snap(sites)
    targets, sources, _ = network.pairs(snapped, points, limit_m=question.longest_m)
    found = [Reached(targets, sources)]
    for some in straight:
        off = ~(points.found[some.points] & snapped.found[some.sites])
        found.append(Reached(some.points[off], some.sites[off]))
    return found


def covered(question: CoverageQuestion, ground: Ground, sites: LonLat) -> Bits:
    """Return (n,) which points any of (s, 2) sites reaches: those of `reached`, without the pairs."""
    if not len(sites):
        return np.zeros(len(ground.demand), bool)
    if basis_of(question, ground) != "network" or ground.walking is None or question.walk_min is None:
        return ground.strips.covered(sites, question.straight_m)
    network, points = ground.walking
    snapped = network.snap(sites)
    metres, _ = network.nearest_m(snapped, points, limit_m=question.longest_m)
    found = np.isfinite(metres) | (~points.found & ground.strips.covered(sites, question.straight_m))
    return found if snapped.found.all() else found | ground.strips.covered(sites[~snapped.found], question.straight_m)


def metres_to(question: CoverageQuestion, ground: Ground, sites: LonLat) -> Metres:
    """Return (n,) how far each point is from the nearest of (s, 2) sites, inf where there is none.

    Geodesic, or on foot where streets are walked: along them where both ends are on them, else the straight line's estimate.
    """
    if not len(sites):
        return np.full(len(ground.demand), np.inf)
    if basis_of(question, ground) != "network" or ground.walking is None:
        return ground.nearest_m(sites)
    network, points = ground.walking
    snapped = network.snap(sites)
    metres, _ = network.nearest_m(snapped, points)
    off = ~points.found
    metres[off] = ground.nearest_m(sites)[off] * travel.DETOUR_FACTOR
    if not snapped.found.all():
        metres[~off] = np.minimum(metres[~off], ground.nearest_m(sites[~snapped.found])[~off] * travel.DETOUR_FACTOR)
    return metres


def counted(pairs: Iterator[Reached], chosen: Bits, words: week.Words64 | None, count: int, fold: int) -> Counted:
    """Return which of n points are covered by the sites of a reading; see `Counted`."""
    if words is not None:
        kept = [_of(some, chosen) for some in pairs]
        hours = week.covered(iter(kept), words, count, fold=fold)
        _, lone = _counts(iter(kept), count)
        return Counted((hours != 0).any(axis=1), lone, hours)
    counts, lone = _counts((_of(some, chosen) for some in pairs), count)
    return Counted(counts >= fold, lone, None)


def _of(some: Reached, chosen: Bits) -> Reached:
    if chosen.all():
        return some
    kept = chosen[some.sites]
    return Reached(some.points[kept], some.sites[kept])


def _counts(pairs: Iterator[Reached], count: int) -> tuple[Rows, Rows]:
    """Return (n,) how many sites reach each point, and the only one, or -1."""
    counts, total = np.zeros(count, np.int64), np.zeros(count)
    for some in pairs:
        counts += np.bincount(some.points, minlength=count)
        total += np.bincount(some.points, some.sites, minlength=count)
    return counts, np.where(counts == 1, total, -1).astype(np.intp)


# --- the answer ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One area's figures."""

    code: str
    words: Words
    sites: int
    """Suitable sites that are recorded there, whatever their hours."""
    people: float | None
    """None where the area has no outline, so that nobody can say who lives in it."""
    figures: Mapping[str, Any]
    """Named as in the JSON; those that depend on hours once more with `MAYBE` at their end."""
    note: Words | None = None

    def as_dict(self, language: str) -> dict[str, Any]:
        """Return the public shape."""
        return {"code": self.code, "name": self.words.in_language(language), "people": self.people, "sites": self.sites, **self.figures,
                "note": self.note.in_language(language) if self.note else None}


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

    def as_dict(self, language: str = "zh") -> dict[str, Any]:
        """Return the public shape."""
        return {"query": self.question.as_dict(), "areas": [line.as_dict(language) for line in self.lines],
                "total": self.total.as_dict(language), "demand_source": source(self.demand, language),
                "basis": self.basis, "as_of": self.as_of.isoformat(), "version": self.atlas_version}


def source(demand: Demand, language: str) -> dict[str, Any]:
    """Return where figures of people come from, as every answer that counts them says it."""
    return {"source": demand.source.in_language(language), "date": demand.date, "note": demand.note.in_language(language),
            "version": demand.version}


def coverage(question: CoverageQuestion, atlas: Atlas, ground: Ground, now: datetime, *, outline_of: OutlineOf,
             no_way_in: Bits | None = None) -> CoverageAnswer:
    """Return who has suitable sites within reach, by area.

    Sites outside an area count for people inside it. Areas are figured exactly, from arcs (`gaps`); points of demand are
    in or out as a whole. Where streets are walked, ground is that of the demand's cells, and `estimated_people` are those whom no
    street is near, for whom the straight line was taken. An area without an outline has no people that anybody could count: its
    sites are counted by code.

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
    codes, whole = areas_asked(question, atlas)
    found = pool(question, atlas, now, no_way_in=no_way_in)
    sites = atlas.sites.lonlat[found.rows]
    readings = [(SURE, found.sure, found.sure_week)] + ([(MAYBE, found.maybe, found.maybe_week)] if found.hourly else [])
    pairs = reached(question, ground, sites)
    names = [*codes, whole]
    parts = Parts([atlas.areas.subtree(code) for code in names], ground.demand)
    outlines = [outline_of(code) for code in names]
    lines: list[dict[str, Any]] = [{} for _ in names]
    for suffix, chosen, words in readings:
        reading = counted(iter(pairs), chosen, words, len(ground.demand), question.fold)
        _fill(lines, suffix, reading, metres_to(question, ground, sites[chosen]), ground, parts, question, sites[chosen], outlines)
        _name_lone(lines, suffix, reading, ground.demand, parts, found, atlas)
    *made, total = (_line(code, atlas, figures, found.rows, outline is not None)
                    for code, figures, outline in zip(names, lines, outlines, strict=True))
    return CoverageAnswer(question, question.at or now, tuple(made), total, ground.demand, basis_of(question, ground), atlas.version)


def areas_asked(question: CoverageQuestion, atlas: Atlas) -> tuple[list[str], str]:
    """Return the codes of the lines, and of the area that they are of."""
    roots = atlas.areas.children(None)
    whole = atlas.areas.code(question.area) if question.area is not None else roots[0].code
    if question.by is None:
        return [whole], whole
    inside = atlas.areas.subtree(whole)
    found = [area.code for area in atlas.areas if area.code in inside and area.tier == question.by]
    if not found:
        tiers = ", ".join(dict.fromkeys(area.tier for area in atlas.areas if area.code in inside))
        raise BadValue("by", question.by, zh=f"这个区域里没有这一级；有 {tiers}", en=f"no area of this tier lies in it; there are {tiers}")
    return found, whole


def _fill(lines: list[dict[str, Any]], suffix: str, reading: Counted, metres: Metres, ground: Ground, parts: Parts,
          question: CoverageQuestion, sites: LonLat, outlines: Sequence[Outline | None]) -> None:
    """Add one reading's figures to each line."""
    demand = ground.demand
    people = parts.sums(demand.people)
    covered = parts.sums(np.where(reading.covered, demand.people, 0.0))
    quantiles = distances.quantiles(metres, demand.people, parts, (0.5, 0.9))
    hours = week.people_by_hour(reading.by_hour, demand.people, parts) if reading.by_hour is not None else None
    estimated = None
    if basis_of(question, ground) == "network" and ground.walking is not None:
        estimated = parts.sums(np.where(ground.walking.points.found, 0.0, demand.people))
        covered_m2 = _cells_m2(reading, demand, parts)
    else:
        covered_m2 = _covered_m2(outlines, sites, question)
    for number, line in enumerate(lines):
        outline, some = outlines[number], people[number]
        line.setdefault("_people", float(some))
        ground_m2 = float(outline.geometry.area) if outline is not None else None
        own_m2 = covered_m2[number] if ground_m2 is not None else None
        line[f"covered{suffix}"] = float(covered[number]) if outline is not None else None
        line[f"coverage_share{suffix}"] = covered[number] / some if some else None
        line.setdefault("area_km2", None if ground_m2 is None else ground_m2 / 1e6)
        line[f"covered_km2{suffix}"] = None if own_m2 is None else own_m2 / 1e6
        line[f"area_share{suffix}"] = None if not ground_m2 or own_m2 is None else own_m2 / ground_m2
        for name, metre in zip(("median_m", "p90_m"), quantiles[number].tolist(), strict=True):
            line[f"{name}{suffix}"] = metre if np.isfinite(metre) else None
        if hours is not None:
            line[f"by_hour{suffix}"] = (hours[number] / some).tolist() if some else None
        if estimated is not None:
            line.setdefault("estimated_people", float(estimated[number]) if outline is not None else None)


def _cells_m2(reading: Counted, demand: Demand, parts: Parts) -> list[float | None]:
    """Return the ground of the cells that are covered, in each part; None where demand is of points."""
    if demand.cell_m2 is None:
        return [None] * len(parts)
    return [*parts.sums(np.where(reading.covered, demand.cell_m2, 0.0)).tolist()]


def _covered_m2(outlines: Sequence[Outline | None], sites: LonLat, question: CoverageQuestion) -> list[float | None]:
    """Return the ground of each area that a site reaches; None where it takes more than one site, or there is no outline."""
    found: list[float | None] = [None] * len(outlines)
    if question.fold > 1:
        return found
    for epsg in {outline.epsg for outline in outlines if outline is not None}:
        centres = earth.on_grid(sites, epsg=epsg) if len(sites) else np.empty((0, 2))
        own = [(number, outline.geometry) for number, outline in enumerate(outlines) if outline is not None and outline.epsg == epsg]
        bare_m2 = bare.uncovered_m2([geometry for _, geometry in own], centres, question.straight_m)
        for (number, geometry), left_m2 in zip(own, bare_m2, strict=True):
            found[number] = geometry.area - left_m2
    return found


def _name_lone(lines: list[dict[str, Any]], suffix: str, reading: Counted, demand: Demand, parts: Parts, found: Pool, atlas: Atlas) -> None:
    """Add who depends on a single site, and on which: the most first."""
    alone = np.flatnonzero(reading.lone >= 0)
    of_area, sites, people = _people_by_pair(parts.place[alone], reading.lone[alone], demand.people[alone], len(found.rows))
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


def _line(code: str, atlas: Atlas, figures: dict[str, Any], rows: Rows, has_outline: bool) -> Line:
    inside = tuple(atlas.areas.subtree(code))
    here = (atlas.sites.has("district_code", inside) | atlas.sites.has("street_code", inside))[rows]
    sites, people = int(here.sum()), figures.pop("_people")
    figures["people_per_site"] = people / sites if sites and has_outline else None
    note = None
    if not has_outline:
        note = Words("没有边界，只按代码统计站点", "has no outline: its sites are counted by code, its people cannot be")
    elif not people:
        note = Words("按所用人口数据，这里没有人", "nobody is here by these figures of people")
    return Line(code, atlas.areas[code].words, sites, people if has_outline else None, figures, note)
