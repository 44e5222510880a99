"""What a side of a comparison may be: the registry now, as it was on a day, without some sites, with proposed ones; or a result.

The hours of both sides are those of the instant that the question asks about; what a day changes is which sites there
were, what they had, and what others had found by then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path

from rapidfuzz import process

from geodata import snapshot
from geodata.registry import Registry
from geodata.registry.rows import BEIJING
from locator import typed
from locator.atlas import Atlas
from locator.coverage import CoverageQuestion
from locator.errors import BadTime, BadValue, NotThere
from locator.quality import Told
from locator.sides import Proposal, Side
from locator.trust import Trust
from locator.words import Words

NOW, DAY, WITHOUT, WITH, RESULT = "now", "day", "without", "with", "result"

_NOWS = ("now", "现在")
_DATE = re.compile(r"\d{4}-\d{1,2}(-\d{1,2})?([T ].*)?")
_SCENARIO = re.compile(r"(without|with)(?:\s*[:：]\s*|\s+|$)(.*)", re.IGNORECASE | re.DOTALL)
_LIKE = 50.0
"""Of 100: how like a wrong id another must be to be offered."""
_BETWEEN = re.compile(r"[,，、;；\s]+")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One side, understood."""

    sort: str
    """NOW, DAY, WITHOUT, WITH or RESULT."""
    on: date | datetime | None = None
    """Of a DAY: that day's end, or that instant."""
    ids: tuple[str, ...] = ()
    """Of WITHOUT."""
    path: Path | None = None
    """Of WITH and RESULT."""


def understood(field: str, said: str) -> Scenario:
    """Return what somebody means by a word for a side.

    Args:
        field: What the word is called; a refusal names it.
        said: ``now``; a day or an instant; ``without:ID,ID``; ``with:FILE``; or the path of a result (``.json``).

    Raises:
        BadValue: If it is none of these, or names no site or no file.
        BadTime: If there is no such day.
    """
    word = said.strip()
    if word.casefold() in _NOWS:
        return Scenario(NOW)
    if _DATE.fullmatch(word):
        return Scenario(DAY, on=_day(field, word))
    scenario = _SCENARIO.fullmatch(word)
    if scenario is not None:
        rest = scenario[2].strip()
        if scenario[1].lower() == WITH and rest:
            return Scenario(WITH, path=Path(rest))
        ids = tuple(dict.fromkeys(one for one in _BETWEEN.split(rest) if one))
        if scenario[1].lower() == WITHOUT and ids:
            return Scenario(WITHOUT, ids=ids)
        raise BadValue(field, said, zh="应写明站点编号或文件，如 without:ID,ID 或 with:点.csv",
                       en="must name sites or a file: without:ID,ID or with:points.csv")
    if word.lower().endswith(".json"):
        return Scenario(RESULT, path=Path(word))
    raise BadValue(field, said, zh="应为 now、日期（2026-01-31）、without:ID,ID、with:点.csv，或 nuanxin coverage 的结果（.json）",
                   en="must be now, a date (2026-01-31), without:ID,ID, with:points.csv, or a result of nuanxin coverage (.json)")


def _day(field: str, word: str) -> date | datetime:
    if "T" in word or " " in word:
        return typed.moment(field, word)
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise BadTime(field, word, zh="没有这一天；应为 2026-01-31 这样的日期", en="there is no such day; write it like 2026-01-31") from None


class Sides:
    """Makes the sides of one question over one registry."""

    def __init__(self, question: CoverageQuestion, registry: Registry, atlas: Atlas, now: datetime) -> None:
        """Take the question, the registry, its newest atlas, and the time with an offset."""
        self._question, self._registry, self._atlas, self._now = question, registry, atlas, now

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
        if scenario.sort == WITHOUT:
            for one in scenario.ids:
                self._check_id(field, one)
            return self._today.without(Words(f"没有 {'、'.join(scenario.ids)}", f"without {', '.join(scenario.ids)}"), scenario.ids)
        if scenario.sort == WITH and scenario.path is not None:
            some, name = len(proposals), scenario.path.name
            return self._today.joined_by(Words(f"加上 {name} 的 {some} 个点", f"with {some} of {name}"), proposals)
        raise ValueError(scenario.sort)

    def uncounted(self, scenario: Scenario) -> tuple[str, ...]:
        """Return the sites of a WITHOUT that the question does not count anyway: of another kind, not active, not public, nowhere."""
        return tuple(one for one in scenario.ids if one not in set(self._today.ids))

    @cached_property
    def _today(self) -> Side:
        trust = Trust(self._atlas.sites, self._atlas.vocabulary, self._registry.reports.counted(self._now), self._now.date())
        return Side.of(Words("现在", "now"), self._question, self._atlas, self._now, no_way_in=trust.no_way_in)

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
