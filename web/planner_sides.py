"""The two sides of the planner's comparison: what the form says becomes the words of `geodata.side_words`, and back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import partial
from itertools import repeat
from typing import NamedTuple

from flask import Request

from geodata import side_words
from locator import datum, questions, typed
from locator.errors import BadTime, BadValue
from locator.questions import DATUMS
from locator.typed import BEIJING
from web import values

DAYS, HOURS, WITHOUT, WITH = "days", "hours", "without", "with"
WAYS = (WITHOUT, WITH, HOURS, DAYS)
EXAMPLES, PASSED, NAMES = "examples", "passed", "names"
NOTES = (EXAMPLES, PASSED, NAMES)
"""What an address says of its proposed points beside them, as ``note``: that examples of a file were passed over; that something else in
it was passed over or filled in; that names were left out or changed."""
NOW = "now"
_WAY_OF = {side_words.WITHOUT: WITHOUT, side_words.WITH: WITH, side_words.AT: HOURS}
_TIMES = "%Y-%m-%dT%H:%M"
_BETWEEN = re.compile(r"[,，、;；\s]+")


class Point(NamedTuple):
    """A proposed point, WGS-84."""

    lon: float
    lat: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Sides:
    """Two sides, in the words that a comparison takes."""

    way: str
    before: str = ""
    after: str = ""
    notes: tuple[str, ...] = ()
    """What the points lost on their way into the words, of `NOTES`."""

    @property
    def ids(self) -> list[str]:
        """The sites that one side does without."""
        return self.after.partition(":")[2].split(",") if self.way == WITHOUT and self.after else []

    @property
    def points(self) -> list[Point]:
        """The proposed points."""
        if self.way != WITH or not self.after:
            return []
        side = side_words.understood("after", self.after, files=False)
        return [Point(*point, name) for point, name in zip(side.points, side.names or repeat(""), strict=False)]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What an address says of them."""
        return [("before", self.before), ("after", self.after), *(("note", note) for note in self.notes)] if self.after else [("way", self.way)]

    def moment(self, side: str) -> datetime | None:
        """Return the instant or day that a side names; None where it names none."""
        word = {"before": self.before, "after": self.after}[side].removeprefix("at:")
        return datetime.fromisoformat(word) if word[:1].isdigit() else None


def way_of(request: Request) -> str:
    """Return which sort of comparison a form is of, whatever else is wrong with it."""
    said = request.args.get("way", WITHOUT)
    return said if said in WAYS else WITHOUT


def of(request: Request, now: datetime) -> Sides:
    """Read two sides: as `before` and `after`, or by the fields of the form.

    Raises:
        Refusal: The first field that cannot be used.
    """
    one = {name: value.strip() for name, value in request.args.items() if value.strip()}
    if "before" in one and "after" in one:
        before, after = (_side(name, one[name]) for name in ("before", "after"))
        side_words.understood("before", before, files=False)
        way = _WAY_OF.get(side_words.understood("after", after, files=False).sort, DAYS)
        return Sides(way, before, after, tuple(note for note in NOTES if way == WITH and note in request.args.getlist("note")))
    way = values.one_of(WAYS)("way", one.get("way", WITHOUT))
    if way == WITHOUT:
        ids = list(dict.fromkeys(part for said in request.args.getlist("without") for part in _BETWEEN.split(said) if part))
        return Sides(way, NOW, f"without:{','.join(ids)}") if ids else Sides(way)
    if way == WITH:
        points = _points(one.get("points", ""), values.one_of(DATUMS)("datum", one.get("datum", "wgs84")))
        return proposing(points) if points else Sides(way)
    if way == HOURS:
        if "hour_before" not in one or "hour_after" not in one:
            return Sides(way)
        day = values.day("day", one["day"]) if "day" in one else now.astimezone(BEIJING).date()
        before, after = (f"at:{datetime.combine(day, time(_hour(name, one[name])), BEIJING):{_TIMES}}" for name in ("hour_before", "hour_after"))
        return Sides(way, before, after)
    if "from" not in one:
        return Sides(way)
    return Sides(way, values.day("from", one["from"]).isoformat(), values.day("to", one["to"]).isoformat() if "to" in one else NOW)


def proposing(points: Sequence[Point]) -> Sides:
    """Return the registry now against the same joined by proposed points; a name that the words cannot hold as it is, is noted.

    Raises:
        BadCoordinate: If they are too many.
    """
    after = side_words.word_of([point[:2] for point in points], [point.name for point in points])
    side_words.understood("points", after, files=False)
    sides = Sides(WITH, NOW, after)
    whole = all(kept.name == " ".join(given.name.split()) for kept, given in zip(sides.points, points, strict=True))
    return sides if whole else replace(sides, notes=(NAMES,))


def _side(name: str, said: str) -> str:
    if len(said) > side_words.LONGEST:
        raise BadValue(name, said, zh=f"最长 {side_words.LONGEST:,} 个字", en=f"at most {side_words.LONGEST:,} characters")
    return said


def _hour(field: str, said: str) -> int:
    hour = typed.count(field, said)
    if not 0 <= hour <= 23:
        raise BadTime(field, hour, zh="应为 0 到 23 的整点", en="must be a whole hour, 0 to 23")
    return hour


def _points(said: str, drawn_in: str) -> list[Point]:
    """Return typed pairs, perhaps with a name behind, a line or a semicolon between them."""
    found = []
    for line in re.split(r"[\n;；]", said):
        if not line.strip():
            continue
        parts = [part for part in re.split(r"[,，\s]+", line.strip(), maxsplit=2) if part]
        if len(parts) < 2 or not all(map(side_words.is_name, parts[2:])):
            raise BadValue("points", line.strip(), zh="每行一对“经度,纬度”，后面可写名称，如 116.40,39.90,新站",
                           en="a line is longitude,latitude and perhaps a name, such as 116.40,39.90,New")
        lon, lat = typed.degrees("lon", parts[0]), typed.degrees("lat", parts[1])
        typed.quoted({"lon": parts[0], "lat": parts[1]}, partial(questions.check_lonlat, lon, lat))
        moved = datum.point_to_wgs84(lon, lat, drawn_in) if drawn_in != "wgs84" else (lon, lat)
        found.append(Point(*moved, *parts[2:]))
    return found
