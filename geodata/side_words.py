"""The words for a side of a comparison, read and written: ``now``, a day, ``at:INSTANT``, ``without:ID,ID``, ``with:LON,LAT,NAME;LON,LAT``.

What a side of such a word is, over a registry, is made by `scenarios`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import repeat
from pathlib import Path
from urllib.parse import quote

import numpy as np

from locator import questions, typed
from locator.errors import BadCoordinate, BadTime, BadValue
from locator.words import Words

NOW, DAY, WITHOUT, WITH, AT, RESULT = "now", "day", "without", "with", "at", "result"
MOST_POINTS = 200
"""Of a WITH that states its points."""
LONGEST = 8_000
"""Characters of a word that comes with an address: servers take a line of so many."""

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
_LONGEST_QUOTED = 6_000
"""Of a word with names as an address holds it, so that the rest of the address has room."""
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
    every = [point.strip() for point in re.split("[;；]", said) if point.strip()]
    if len(every) > MOST_POINTS:
        raise BadCoordinate(field, said, zh=f"有 {len(every):,} 个点，最多 {MOST_POINTS} 个；更多的请用 nuanxin compare now with:文件",
                            en=f"there are {len(every):,} points; at most {MOST_POINTS}: for more, nuanxin compare now with:FILE")
    found = [_point(field, point, place) for place, point in enumerate(every, 1)]
    names = tuple(name for _, name in found)
    return Scenario(WITH, points=tuple(point for point, _ in found), names=names if any(names) else ())


def _point(field: str, said: str, place: int) -> tuple[tuple[float, float], str]:
    """Return one point and its name; a refusal quotes that point alone, and says which it is and what is wrong with it."""
    one = _POINT.fullmatch(said)
    if one is None or (one[3] and not is_name(one[3])):
        raise BadCoordinate(
            field, said, zh=f"第 {place} 个点应为“经度,纬度”（WGS-84），可带不超过 {_LONGEST_NAME} 个字的名称，点之间以分号隔开，"
                            "如 with:116.40,39.90;116.41,39.92,新站",
            en=f"point {place} must be longitude,latitude (WGS-84), with a name of up to {_LONGEST_NAME} characters or none, "
               "and semicolons between points: with:116.40,39.90;116.41,39.92,New")
    lon, lat = float(one[1]), float(one[2])
    try:
        questions.check_lonlat(lon, lat)
    except BadCoordinate as wrong:
        half = Words("经度", "longitude") if wrong.field == "lon" else Words("纬度", "latitude")
        raise BadCoordinate(field, said, zh=f"第 {place} 个点，{half.zh}：{wrong.words.zh}",
                            en=f"point {place}, {half.en}: {wrong.words.en}") from None
    return (lon, lat), one[3] or ""


def is_name(said: str) -> bool:
    """Return whether a point may be called so: no more figures of a pair, and no longer than it may be."""
    return _NAMELESS.fullmatch(said) is None and len(said) <= _LONGEST_NAME


def word_of(points: Sequence[tuple[float, float]], names: Sequence[str] = ()) -> str:
    """Return the word for the registry joined by proposed points, as `understood` takes it.

    Args:
        points: (longitude, latitude) WGS-84.
        names: Of the points, in their order; "" where one has none. They are kept where the word with all of them is one that an
            address can hold, and left out otherwise: the points then go by their number. A semicolon in a name becomes a space.
    """
    rounded = tuple((round(lon, _PLACES), round(lat, _PLACES)) for lon, lat in points)
    kept = [_ENDS_NAME.sub(" ", name).strip()[:_LONGEST_NAME] for name in names]
    told = one_word(Scenario(WITH, points=rounded, names=tuple(name if is_name(name) else "" for name in kept)))
    return told if len(quote(told)) <= _LONGEST_QUOTED else one_word(Scenario(WITH, points=rounded))


def one_word(side: Scenario) -> str:
    """Return the one word for a side, whichever of its words was typed; `understood` gives the same side for it.

    Hours go by the minute, so an AT has no seconds; a DAY has those that were typed.

    Raises:
        ValueError: If it names a file.
    """
    if side.path is not None:
        raise ValueError(side.path)
    if side.sort == WITHOUT:
        return f"{WITHOUT}:{','.join(side.ids)}"
    if side.sort == WITH:
        pairs = [",".join(np.format_float_positional(degrees + 0.0, trim="-") for degrees in point) for point in side.points]
        return f"{WITH}:" + ";".join(f"{point},{name}" if name else point for point, name in zip(pairs, side.names or repeat(""), strict=False))
    if isinstance(side.on, datetime):
        local = side.on.astimezone(typed.BEIJING).replace(tzinfo=None)
        if side.sort == AT:
            return f"{AT}:{local.isoformat(timespec='minutes')}"
        return local.isoformat(timespec="auto" if local.second or local.microsecond else "minutes")
    return NOW if side.on is None else side.on.isoformat()


def pair(point: tuple[float, float]) -> str:
    """Return a pair as one types it."""
    return ",".join(f"{degrees:.{_PLACES}f}".rstrip("0").rstrip(".") for degrees in point)


def _day(field: str, word: str) -> date | datetime:
    if "T" in word or " " in word:
        return typed.moment(field, word)
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise BadTime(field, word, zh="没有这一天；应为 2026-01-31 这样的日期", en="there is no such day; write it like 2026-01-31") from None
