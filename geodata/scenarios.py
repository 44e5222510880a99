"""What a side of a comparison may be: the registry now, on a day, without some sites, with proposed ones, at another hour; or a result.

The hours of both sides are those of the instant that the question asks about, but for a side that names its own; what a
day changes is which sites there were, what they had, and what others had found by then.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import numpy as np
from rapidfuzz import process

from geodata import snapshot
from geodata.areas import Areas
from geodata.registry import Registry
from geodata.registry.rows import BEIJING
from locator import typed
from locator.arrays import Bits
from locator.atlas import Atlas
from locator.errors import BadCoordinate, BadTime, BadValue, NotThere
from locator.quality import Told
from locator.questions import CoverageQuestion
from locator.sides import Proposal, Side
from locator.trust import Trust
from locator.words import Words

NOW, DAY, WITHOUT, WITH, AT, RESULT = "now", "day", "without", "with", "at", "result"
MOST_POINTS = 200
"""Of a WITH that states its points."""

_NOWS = ("now", "现在")
_DATE = re.compile(r"\d{4}-\d{1,2}(-\d{1,2})?([T ].*)?")
_SCENARIO = re.compile(r"(without|with)(?:\s*[:：]\s*|\s+|$)(.*)", re.IGNORECASE | re.DOTALL)
_AT = re.compile(r"at\s*[:：]\s*(.*)", re.IGNORECASE | re.DOTALL)
_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_PAIR = re.compile(rf"\s*{_NUMBER}\s*,\s*{_NUMBER}\s*")
_POINT = re.compile(rf"\s*({_NUMBER})\s*,\s*({_NUMBER})\s*(?:,\s*(.*?)\s*)?", re.DOTALL)
_NAMELESS = re.compile(r"[-+\d.,，\s]*")
"""What is no name but more of a pair."""
_ENDS_NAME = re.compile(r"[;；\s]+")
_PLACES = 6
_LONGEST_NAME = 60
_MOST_CHARACTERS = 6_000
"""Of a side with names, as an address holds it: servers take a line of 8,000."""
_LIKE = 50.0
"""Of 100: how like a wrong id another must be to be offered."""
_BETWEEN = re.compile(r"[,，、;；\s]+")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One side, understood."""

    sort: str
    """NOW, DAY, WITHOUT, WITH, AT or RESULT."""
    on: date | datetime | None = None
    """Of a DAY: that day's end, or that instant. Of AT: the instant whose hours count."""
    ids: tuple[str, ...] = ()
    """Of WITHOUT."""
    path: Path | None = None
    """Of WITH and RESULT."""
    points: tuple[tuple[float, float], ...] = ()
    """Of a WITH without a file: (longitude, latitude) WGS-84."""
    names: tuple[str, ...] = ()
    """Of its points, "" where one has none; empty where none has."""


def understood(field: str, said: str, *, files: bool = True) -> Scenario:
    """Return what somebody means by a word for a side.

    Args:
        field: What the word is called; a refusal names it.
        said: ``now``; a day or an instant; ``at:INSTANT``; ``without:ID,ID``; ``with:LON,LAT;LON,LAT,NAME``; ``with:FILE``; or the path of a
            result (``.json``).
        files: Whether it may name a file: not where a stranger says it.

    Raises:
        BadValue: If it is none of these, or names no site or no file.
        BadTime: If there is no such day or instant.
        BadCoordinate: If a pair is not degrees in range.
    """
    word = said.strip()
    if word.casefold() in _NOWS:
        return Scenario(NOW)
    if _DATE.fullmatch(word):
        return Scenario(DAY, on=_day(field, word))
    if (at := _AT.fullmatch(word)) is not None:
        return Scenario(AT, on=typed.moment(field, at[1].strip()))
    scenario = _SCENARIO.fullmatch(word)
    if scenario is not None:
        rest = scenario[2].strip()
        if scenario[1].lower() == WITH and _PAIR.match(rest):
            return _stated(field, rest)
        if scenario[1].lower() == WITH and rest and files:
            return Scenario(WITH, path=Path(rest))
        ids = tuple(dict.fromkeys(one for one in _BETWEEN.split(rest) if one))
        if scenario[1].lower() == WITHOUT and ids:
            return Scenario(WITHOUT, ids=ids)
        zh, en = ("、with:点.csv", ", with:points.csv") if files else ("", "")
        raise BadValue(field, said, zh=f"应写明站点编号或拟建的点，如 without:ID,ID、with:116.40,39.90;116.41,39.92{zh}",
                       en=f"must name sites or proposed points: without:ID,ID, with:116.40,39.90;116.41,39.92{en}")
    if word.lower().endswith(".json") and files:
        return Scenario(RESULT, path=Path(word))
    zh, en = ("", "")
    if files:
        zh, en = "、with:点.csv，或 nuanxin coverage 的结果（.json）", ", with:points.csv, or a result of nuanxin coverage (.json)"
    raise BadValue(field, said, zh=f"应为 now、日期（2026-01-31）、at:2026-01-31T23:00、without:ID,ID、with:116.40,39.90{zh}",
                   en=f"must be now, a date (2026-01-31), at:2026-01-31T23:00, without:ID,ID, with:116.40,39.90{en}")


def _stated(field: str, said: str) -> Scenario:
    found = [_POINT.fullmatch(point) for point in re.split("[;；]", said) if point.strip()]
    points = [(float(one[1]), float(one[2])) for one in found if one is not None and abs(float(one[1])) <= 180 and abs(float(one[2])) <= 90]
    names = tuple(one[3] or "" for one in found if one is not None)
    if len(found) > MOST_POINTS:
        raise BadCoordinate(field, said, zh=f"有 {len(found):,} 个点，最多 {MOST_POINTS} 个；更多的请用 nuanxin compare now with:文件",
                            en=f"there are {len(found):,} points; at most {MOST_POINTS}: for more, nuanxin compare now with:FILE")
    if len(points) < len(found) or any(name and not is_name(name) for name in names):
        raise BadCoordinate(
            field, said, zh=f"应为不超过 {MOST_POINTS} 对“经度,纬度”（WGS-84），可带不超过 {_LONGEST_NAME} 个字的名称，以分号隔开，"
                            "如 with:116.40,39.90;116.41,39.92,新站",
            en=f"must be up to {MOST_POINTS} pairs of longitude and latitude (WGS-84), each with a name of up to {_LONGEST_NAME} characters "
               "or none, with semicolons between: with:116.40,39.90;116.41,39.92,New")
    return Scenario(WITH, points=tuple(points), names=names if any(names) else ())


def is_name(said: str) -> bool:
    """Return whether a point may be called so: no more figures of a pair, and no longer than it may be."""
    return _NAMELESS.fullmatch(said) is None and len(said) <= _LONGEST_NAME


def joined_by(points: Sequence[tuple[float, float]], names: Sequence[str] = ()) -> str:
    """Return the word for the registry joined by proposed points, as `understood` takes it.

    Args:
        points: (longitude, latitude) WGS-84.
        names: Of the points, in their order; "" where one has none. They are kept where the word with all of them is one that an
            address can hold, and left out otherwise: the points then go by their number. A semicolon in a name becomes a space.
    """
    pairs = [pair(point) for point in points]
    kept = [_ENDS_NAME.sub(" ", name).strip()[:_LONGEST_NAME] for name in names] or [""] * len(pairs)
    kept = [name if is_name(name) else "" for name in kept]
    told = f"{WITH}:" + ";".join(f"{point},{name}" if name else point for point, name in zip(pairs, kept, strict=True))
    return told if len(quote(told)) <= _MOST_CHARACTERS else f"{WITH}:" + ";".join(pairs)


def pair(point: tuple[float, float]) -> str:
    """Return a pair as one types it."""
    return ",".join(f"{degrees:.{_PLACES}f}".rstrip("0").rstrip(".") for degrees in point)


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


def _day(field: str, word: str) -> date | datetime:
    if "T" in word or " " in word:
        return typed.moment(field, word)
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise BadTime(field, word, zh="没有这一天；应为 2026-01-31 这样的日期", en="there is no such day; write it like 2026-01-31") from None


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
