"""Who gains and who loses between two sets of sites: one demand, one question, point by point, and by which sites.

Both sides are asked as `coverage` asks, so that before and after are its figures. What depends on hours is given
twice, as there: unknown hours as closed, and as open. A point gains that is covered after and was not before; over a
week, covered is in any hour of it, and hours gained and lost are counted beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from locator import week
from locator.areas import AreaTree
from locator.arrays import Bits, LonLat, Rows, Words64
from locator.demand import Demand
from locator.ground import Ground, basis_of
from locator.lines import Line, overlaps, source
from locator.outlines import OutlineOf
from locator.pool import MAYBE, SURE
from locator.questions import CoverageQuestion
from locator.reached import Counted, counted, reached
from locator.shares import Floats, Parts
from locator.sides import Side
from locator.within import Reached, Within
from locator.words import Words

GAINED, LOST = "gained", "lost"
MOST_NAMED = 20
"""Sites that a line names on each side, those that make the difference to most people first."""


class _Both(NamedTuple):
    """The sites of two sides in one table: one that stands at the same place on both has one row, whatever its hours."""

    lonlat: LonLat
    """(m, 2)"""
    key: Rows
    """(m,) which id; a site that was moved has two rows of one key."""
    ids: tuple[str, ...]
    """By key."""
    names: tuple[str, ...]
    """By key; the later one."""
    of_before: Rows
    """(m,) the row in the side before, or -1."""
    of_after: Rows

    def hours(self, side: Side, rows: Rows, suffix: str) -> Words64:
        """Return (m, w) when each row counts on a side: never where it has no row there."""
        given = side.hours(suffix)
        return np.concatenate([given, np.zeros((1, given.shape[1]), np.uint64)])[rows]


@dataclass(frozen=True, slots=True, eq=False)
class ChangeAnswer:
    """Who gains and who loses, area by area, in all and point by point."""

    question: CoverageQuestion
    as_of: datetime
    before: Side
    after: Side
    lines: tuple[Line, ...]
    total: Line
    demand: Demand
    gained: Mapping[str, Bits]
    """By reading, (n,) which points of the area gain."""
    lost: Mapping[str, Bits]
    basis: str
    """As `CoverageAnswer.basis`."""
    notes: tuple[Words, ...] = ()
    """Of areas that lie over each other; those of its sides are theirs."""

    def as_dict(self, language: str = "zh") -> dict[str, Any]:
        """Return the public shape; `points` are apart."""
        sides = {name: {"what": side.words.in_language(language), "sites": len(side.ids), "version": side.version, **_open(side)}
                 for name, side in (("before", self.before), ("after", self.after))}
        return {"query": self.question.as_dict(), **sides, "areas": [line.as_dict(language) for line in self.lines],
                "total": self.total.as_dict(language), "demand_source": source(self.demand, language), "basis": self.basis,
                "as_of": self.as_of.isoformat(),
                "notes": [note.in_language(language) for note in dict.fromkeys((*self.before.notes, *self.after.notes, *self.notes))]}

    def points(self) -> list[dict[str, Any]]:
        """Return the points that gain or lose in any reading, in the order of the demand: where, how many people, which way."""
        rows = np.flatnonzero(np.logical_or.reduce([*self.gained.values(), *self.lost.values()]))
        codes = (*(held[0] for held in self.demand.area_sets), None)  # NOWHERE is the last
        lonlat, people, areas = self.demand.lonlat[rows].tolist(), self.demand.people[rows].tolist(), self.demand.areas[rows].tolist()
        return [{"lon": lon, "lat": lat, "people": some, "area_code": codes[area],
                 **{f"change{suffix}": GAINED if self.gained[suffix][row] else LOST if self.lost[suffix][row] else None for suffix in self.gained}}
                for row, (lon, lat), some, area in zip(rows.tolist(), lonlat, people, areas, strict=True)]


def _open(side: Side) -> dict[str, int]:
    """Return how many sites of a side count at the hours that are asked about, in both readings; nothing where hours do not count."""
    return {f"open{suffix}": int(bits.sum()) for suffix, bits in ((SURE, side.sure), (MAYBE, side.maybe))} if side.hourly else {}


def change(question: CoverageQuestion, before: Side, after: Side, areas: AreaTree, ground: Ground, asked: tuple[Sequence[str], str],
           now: datetime, *, outline_of: OutlineOf) -> ChangeAnswer:
    """Return who gains and who loses when the sites of one side take the place of the other's.

    A site makes a difference to a point where it counts on one side, in hours in which it does not on the other. It is
    named with the people of the points that gain (or lose) and to which it makes that difference, and with those among
    them to whom no other site does: theirs it is alone.

    Args:
        question: What both sides were asked.
        before: The sites there were.
        after: The sites there are instead.
        areas: The areas, for both.
        ground: The people, for both.
        asked: Codes of the lines, and of the area they are of: `lines.areas_asked`.
        now: With an offset; the instant where the question gives none.
        outline_of: As in `coverage`.
    """
    codes, whole = asked
    both = _together(before, after)
    within = reached(question, ground, both.lonlat)
    demand = ground.demand
    names = [*codes, whole]
    parts = Parts([[code] for code in names], demand)
    outlines = [outline_of(code) for code in names]
    known = [outline is not None for outline in outlines]
    people = parts.sums(demand.people).tolist()
    lines: list[dict[str, Any]] = [{} for _ in names]
    inside = parts.own[-1][parts.place]
    gained, lost = {}, {}
    for suffix in (SURE, MAYBE) if before.hourly else (SURE,):
        hours = both.hours(before, both.of_before, suffix), both.hours(after, both.of_after, suffix)
        then, since = (_counted(within, words, question) for words in hours)
        grew, shrank = _differing(within, both.key, *hours)
        moved = {GAINED: since.covered & ~then.covered, LOST: then.covered & ~since.covered}
        gained[suffix], lost[suffix] = moved[GAINED] & inside, moved[LOST] & inside
        _fill(lines, people, suffix, then, since, demand, parts, known)
        for what, by in ((GAINED, grew), (LOST, shrank)):
            _name(lines, f"{what}_by{suffix}", moved[what], by, both, demand, parts)
    if ground.walking is not None and question.walk_min is not None:
        _tell_estimated(lines, ~ground.walking.points.found, demand, parts, known)
    there = zip(*(side.counted_in([areas.subtree(code) for code in names], outlines) for side in (before, after)), strict=True)
    *made, total = (Line.of(code, areas, some, {"sites_before": was, "sites_after": is_now, **own}, has_outline=outline)
                    for code, some, own, outline, (was, is_now) in zip(names, people, lines, known, there, strict=True))
    return ChangeAnswer(question, question.at or now, before, after, tuple(made), total, demand, gained, lost,
                        basis_of(question, ground), overlaps(codes, demand))


def _together(before: Side, after: Side) -> _Both:
    """Put the sites of two sides into one table."""
    key_of = {one: number for number, one in enumerate(dict.fromkeys((*before.ids, *after.ids)))}
    row_before = {one: row for row, one in enumerate(before.ids)}
    match = np.array([row_before.get(one, -1) for one in after.ids], np.intp)
    there = np.flatnonzero(match >= 0)
    same = (before.lonlat[match[there]] == after.lonlat[there]).all(axis=1)
    of_after = np.full(len(before.ids), -1, np.intp)
    of_after[match[there[same]]] = there[same]
    other = np.setdiff1d(np.arange(len(after.ids)), there[same])
    name_of = dict(zip((*before.ids, *after.ids), (*before.names, *after.names), strict=True))
    keys = [key_of[one] for one in before.ids] + [key_of[after.ids[row]] for row in other.tolist()]
    return _Both(np.concatenate([before.lonlat, after.lonlat[other]]), np.array(keys, np.intp), tuple(key_of),
                 tuple(name_of[one] for one in key_of), np.concatenate([np.arange(len(before.ids)), np.full(len(other), -1)]),
                 np.concatenate([of_after, other]))


def _counted(within: Within, hours: Words64, question: CoverageQuestion) -> Counted:
    return counted(within, (hours != 0).any(axis=1), hours if question.week else None, question.fold)


def _differing(within: Within, key: Rows, then: Words64, since: Words64) -> tuple[Reached, Reached]:
    """Return the pairs of a point and an id (as a key) that count after in hours in which they do not before, and the reverse."""
    grew, shrank = ((one & ~other).any(axis=1) for one, other in ((since, then), (then, since)))
    twice = np.bincount(key, minlength=1)[key] > 1
    moved = _of_moved(within.of(twice & (grew | shrank)).whole(), key, then, since)
    alone = (within.of(which & ~twice).whole() for which in (grew, shrank))
    gained, lost = (Reached(np.concatenate([one.points, other.points]), np.concatenate([key[one.sites], other.sites]))
                    for one, other in zip(alone, moved, strict=True))
    return gained, lost


def _of_moved(pairs: Reached, key: Rows, then: Words64, since: Words64) -> tuple[Reached, Reached]:
    """Return the same of sites that were moved: one may reach a point from both of its rows."""
    order = np.lexsort((key[pairs.sites], pairs.points))
    points, rows = pairs.points[order], pairs.sites[order]
    if not len(points):
        return pairs, pairs
    first = np.flatnonzero(np.append(True, (points[1:] != points[:-1]) | (key[rows[1:]] != key[rows[:-1]])))
    had, has = (np.bitwise_or.reduceat(hours[rows], first, axis=0) for hours in (then, since))
    grew, shrank = (first[(one & ~other).any(axis=1)] for one, other in ((has, had), (had, has)))
    return Reached(points[grew], key[rows[grew]]), Reached(points[shrank], key[rows[shrank]])


def _fill(lines: list[dict[str, Any]], people: Sequence[float], suffix: str, then: Counted, since: Counted, demand: Demand, parts: Parts,
          known: Sequence[bool]) -> None:
    """Add one reading's people to each line; nothing can be said of an area without an outline."""
    sums = {name: parts.sums(np.where(which, demand.people, 0.0)).tolist() for name, which in (
        ("covered_before", then.covered), ("covered_after", since.covered), (GAINED, since.covered & ~then.covered),
        (LOST, then.covered & ~since.covered))}
    hours: dict[str, Floats] = {}
    if then.by_hour is not None and since.by_hour is not None:
        hours = {GAINED: week.people_by_hour(since.by_hour & ~then.by_hour, demand.people, parts),
                 LOST: week.people_by_hour(then.by_hour & ~since.by_hour, demand.people, parts)}
    for number, line in enumerate(lines):
        for name, each in sums.items():
            line[f"{name}{suffix}"] = each[number] if known[number] else None
        for name in ("before", "after"):
            share = sums[f"covered_{name}"][number] / people[number] if people[number] and known[number] else None
            line[f"coverage_share_{name}{suffix}"] = share
        for name, by_hour in hours.items():
            line[f"{name}_by_hour{suffix}"] = by_hour[number].tolist() if known[number] else None


def _tell_estimated(lines: list[dict[str, Any]], off: Bits, demand: Demand, parts: Parts, known: Sequence[bool]) -> None:
    """Add the people whom no street is near, for whom the straight line was taken."""
    people = parts.sums(np.where(off, demand.people, 0.0))
    for number, line in enumerate(lines):
        line["estimated_people"] = float(people[number]) if known[number] else None


def _name(lines: list[dict[str, Any]], name: str, moved: Bits, by: Reached, both: _Both, demand: Demand, parts: Parts) -> None:
    """Add which sites make the difference to each line, to most people first; equal ones in the order of the sides."""
    told = moved[by.points]
    points, keys = by.points[told], by.sites[told]
    alone = np.bincount(points, minlength=len(moved))[points] == 1
    area = parts.place[points]
    for own, line in zip(parts.own, lines, strict=True):
        here = own[area]
        people, only = (np.bincount(keys[some], demand.people[points[some]], minlength=len(both.ids)) for some in (here, here & alone))
        most = np.argsort(-people, kind="stable")[:MOST_NAMED]
        line[name] = [{"id": both.ids[key], "name": both.names[key], "people": float(people[key]), "people_by_it_alone": float(only[key])}
                      for key in most.tolist() if people[key] > 0]
