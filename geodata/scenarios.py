"""What a side of a comparison may be: the registry now, on a day, without some sites, with proposed ones, at another hour; or a result.

The hours of both sides are those of the instant that the question asks about, but for a side that names its own; what a
day changes is which sites there were, what they had, and what others had found by then.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from functools import cached_property

import numpy as np
from rapidfuzz import process

from geodata import snapshot
from geodata.areas import Areas
from geodata.registry import Registry
from geodata.registry.rows import BEIJING
from geodata.side_words import AT, DAY, NOW, WITH, WITHOUT, Scenario
from locator.arrays import Bits
from locator.atlas import Atlas
from locator.errors import BadTime, BadValue, NotThere
from locator.quality import Told
from locator.questions import CoverageQuestion
from locator.sides import Proposal, Side
from locator.trust import Trust
from locator.words import Words

_LIKE = 50.0
"""Of 100: how like a wrong id another must be to be offered."""


def asked_hourly(question: CoverageQuestion, sides: Sequence[Scenario], now: datetime) -> CoverageQuestion:
    """Return the question of a comparison: where one side names its own instant, the other is asked about the question's, or about now.

    Raises:
        BadValue: If a week is asked for: it has every instant already.
    """
    if all(side.sort != AT for side in sides):
        return question
    if question.week:
        raise BadValue("week", True, zh="一边已写明时刻（at:），不能再按整周计算", en="does not go with a side that names an instant (at:)")
    return question if question.at is not None or all(side.sort == AT for side in sides) else replace(question, at=now)


def stated(side: Scenario, areas: Areas, taken: Collection[str]) -> tuple[Proposal, ...]:
    """Return the points that a WITH states as proposed sites.

    Args:
        side: What they are stated in.
        areas: Where they lie.
        taken: Ids that sites have.
    """
    lies_in = areas.finest_of(np.array(side.points, np.float64).reshape(-1, 2))
    numbers = (number for number in itertools.count(1) if f"new-{number}" not in taken)
    names = side.names or ("",) * len(side.points)
    return tuple(Proposal(f"new-{number}", name or f"拟建点 {place} (new {place})", lon, lat, (code,) if code else ())
                 for place, (number, (lon, lat), name, code) in enumerate(zip(numbers, side.points, names, lies_in, strict=False), 1))


class Sides:
    """Makes the sides of one question over one registry."""

    def __init__(self, question: CoverageQuestion, registry: Registry, atlas: Atlas, now: datetime, *, no_way_in: Bits | None = None) -> None:
        """Take the question, the registry, its newest atlas, and the time with an offset.

        Args:
            question: What both sides are asked.
            registry: For the days past.
            atlas: Its newest, or the one that is now.
            now: With an offset.
            no_way_in: (n,) of the atlas's sites, those that others found locked; None: those reported by now.
        """
        self._question, self._registry, self._atlas, self._now = question, registry, atlas, now
        self._given_shut = no_way_in

    def of(self, field: str, scenario: Scenario, proposals: tuple[Proposal, ...] = ()) -> Side:
        """Return one side; `proposals` are what the file of a WITH comes to.

        Raises:
            BadTime: If the day is before the registry's first, or has not come.
            NotThere: If there is no site of an id; the nearest id is named.
            ValueError: If the scenario is a result.
        """
        if scenario.sort == NOW:
            return self._today
        if scenario.sort == DAY and scenario.on is not None:
            return self._then(field, scenario.on)
        if scenario.sort == AT and isinstance(scenario.on, datetime):
            return self._at(scenario.on)
        if scenario.sort == WITHOUT:
            for one in scenario.ids:
                self._check_id(field, one)
            return self._today.without(Words(f"没有 {'、'.join(scenario.ids)}", f"without {', '.join(scenario.ids)}"), scenario.ids)
        if scenario.sort == WITH:
            some = len(proposals)
            words = Words(f"加上 {some} 个拟建点", f"with {some} proposed") if scenario.path is None else Words(
                f"加上 {scenario.path.name} 的 {some} 个点", f"with {some} of {scenario.path.name}")
            return self._today.joined_by(words, proposals)
        raise ValueError(scenario.sort)

    def uncounted(self, scenario: Scenario) -> tuple[str, ...]:
        """Return the sites of a WITHOUT that the question does not count anyway: of another kind, not active, not public, nowhere."""
        return tuple(one for one in scenario.ids if one not in set(self._today.ids))

    @cached_property
    def _today(self) -> Side:
        return Side.of(Words("现在", "now"), self._question, self._atlas, self._now, no_way_in=self._shut)

    @cached_property
    def _shut(self) -> Bits:
        if self._given_shut is not None:
            return self._given_shut
        return Trust(self._atlas.sites, self._atlas.vocabulary, self._registry.reports.counted(self._now), self._now.date()).no_way_in

    def _at(self, on: datetime) -> Side:
        local = on.astimezone(BEIJING)
        words = Words(f"现在的站点，{local:%Y-%m-%d %H:%M} 的开放情况", f"the sites of now, open at {local:%Y-%m-%d %H:%M}")
        return Side.of(words, replace(self._question, at=on), self._atlas, self._now, no_way_in=self._shut)

    def _then(self, field: str, on: date | datetime) -> Side:
        end = on if isinstance(on, datetime) else datetime.combine(on, time.max, BEIJING)
        if (on > self._now) if isinstance(on, datetime) else (on > self._now.astimezone(BEIJING).date()):
            raise BadTime(field, on, zh="还没有到这一天", en="has not come yet")
        atlas = snapshot.as_it_was(self._registry, on, self._atlas)
        if atlas is None:
            began = snapshot.began(self._registry)
            if began is None:
                raise BadTime(field, on, zh="登记库是空的，没有历史", en="the registry is empty: it has no past")
            first = began.astimezone(BEIJING).date().isoformat()
            raise BadTime(field, on, zh=f"登记库始于 {first}，更早的情况没有记录", en=f"the registry began on {first}; nothing earlier is on record")
        known = {one: told for one, every in self._registry.reports.counted(end).items()
                 if (told := tuple(_by_then(report, end) for report in every if report.at <= end and report.came <= end.astimezone(BEIJING).date()))}
        trust = Trust(atlas.sites, atlas.vocabulary, known, end.astimezone(BEIJING).date())
        said = on.isoformat()
        return Side.of(Words(f"登记库在 {said}", f"the registry on {said}"), self._question, atlas, self._now, no_way_in=trust.no_way_in)

    def _check_id(self, field: str, one: str) -> None:
        if self._atlas.sites.row_of(one) is not None:
            return
        near = process.extractOne(one, [other for other in self._atlas.sites.text("id") if other], score_cutoff=_LIKE)
        hint = (f"；最接近的是 {near[0]}", f"; the nearest is {near[0]}") if near else ("", "")
        raise NotThere(field, one, zh=f"没有这个编号的站点{hint[0]}", en=f"there is no site of this id{hint[1]}")


def _by_then(report: Told, end: datetime) -> Told:
    """Return a report as it stood at an instant: what was confirmed later was undecided then."""
    return report if report.confirmed_at is None or report.confirmed_at <= end else replace(report, confirmed_at=None)
