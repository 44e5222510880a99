"""What can be asked: frozen, validated when made, hashable.

A question that exists is a valid one; every refusal is raised here, so the command line, the API
and the pages refuse alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from locator import travel
from locator.errors import BadCoordinate, BadCount, BadDatum, BadRadius, BadTime, BadValue
from locator.filters import Filters

DATUMS = ("wgs84", "gcj02", "bd09", "cgcs2000")
MOST_ANSWERS = 1000
LONGEST_M = 100_000.0
"""Of a service radius."""
LONGEST_MIN = 240.0
MOST_FOLD = 50
FARTHEST_M = 20_040_000.0
"""Just over half way round the Earth; a larger `within` cannot mean anything."""


@dataclass(frozen=True, slots=True)
class NearestQuestion:
    """Which k suitable sites are nearest to a place, and will they be open on arrival?

    `lon`, `lat` are in `datum`, and so are the coordinates of the answer.
    """

    lon: float
    lat: float
    k: int = 10
    filters: Filters = Filters()
    at: datetime | None = None
    """When; None is now. Must carry an offset."""
    within_m: float | None = None
    """Farthest distance, inclusive; None is no limit."""
    by: str = "walk"
    network: bool = False
    datum: str = "wgs84"
    accuracy_m: float | None = None
    """How vague the asker's position is; only widens what is said, never the order."""

    def __post_init__(self) -> None:
        check_datum(self.datum)
        check_lonlat(self.lon, self.lat)
        check_count("k", self.k, most=MOST_ANSWERS)
        if self.by not in travel.WAYS:
            raise BadValue("by", self.by, zh="应为 walk（步行）或 ride（电动车）", en="must be walk or ride")
        for name, metres in (("within", self.within_m), ("accuracy_m", self.accuracy_m)):
            if metres is not None and not 0 < metres <= FARTHEST_M:
                raise BadRadius(name, metres, zh=f"应为大于 0、不超过 {FARTHEST_M:.0f} 的米数",
                                en=f"must be metres, above 0 and at most {FARTHEST_M:.0f}")
        if self.at is not None and self.at.utcoffset() is None:
            raise BadValue("at", self.at, zh="时间缺少时区", en="the time must carry an offset")


@dataclass(frozen=True, slots=True)
class SearchQuestion:
    """Which sites and places go by these words: characters, pinyin, initials, a code, an address?"""

    text: str
    k: int = 10
    audience: str = "public"

    def __post_init__(self) -> None:
        check_count("k", self.k, most=MOST_ANSWERS)
        if not self.text.strip():
            raise BadValue("q", self.text, zh="请输入名称、地址、拼音或首字母", en="give a name, address, pinyin or initials")


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


def check_datum(datum: str) -> None:
    """Refuse a datum that is not one of `DATUMS`."""
    if datum not in DATUMS:
        raise BadDatum("datum", datum, zh=f"应为 {'、'.join(DATUMS)} 之一", en=f"must be one of {', '.join(DATUMS)}")


def check_lonlat(lon: float, lat: float, *, names: tuple[str, str] = ("lon", "lat")) -> None:
    """Refuse a pair that is not finite degrees in range; say so when it looks swapped.

    Longitudes run from -180 to 180 and latitudes from -90 to 90, both inclusive.
    """
    for name, value, limit in ((names[0], lon, 180.0), (names[1], lat, 90.0)):
        if not math.isfinite(value):
            raise BadCoordinate(name, value, zh="应为一个有限的度数", en="must be a finite number of degrees")
        if abs(value) > limit:
            if name == names[1] and abs(value) <= 180 and abs(lon) <= 90:
                raise BadCoordinate(
                    name, value, zh=f"纬度应在 -90 到 90 之间；经纬度可能写反了：先经度 {value:g}，后纬度 {lon:g}",
                    en=f"latitude must be within -90 to 90; the pair looks swapped: longitude {value:g} first, then latitude {lon:g}")
            raise BadCoordinate(name, value, zh=f"应在 -{limit:g} 到 {limit:g} 度之间", en=f"must be within -{limit:g} to {limit:g} degrees")


def check_box(name: str, box: tuple[float, float, float, float]) -> None:
    """Refuse a box that is not west, south, east, north in degrees; one over the date line is two boxes.

    It may be a line or a point.
    """
    west, south, east, north = box
    check_lonlat(west, south, names=(name, name))
    check_lonlat(east, north, names=(name, name))
    if west > east:
        raise BadCoordinate(name, ",".join(map(str, box)), zh="应先西南角、后东北角；跨 180 度经线的范围请分成两半",
                            en="must be the south-west corner, then the north-east one; ask for the two halves of a box over the date line")
    if south > north:
        raise BadCoordinate(name, ",".join(map(str, box)), zh="应先西南角、后东北角", en="must be the south-west corner, then the north-east one")


def check_count(name: str, value: int, *, most: int) -> None:
    """Refuse a number of answers that is not within 1 to `most`."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise BadCount(name, value, zh=f"应为 1 到 {most} 的整数", en=f"must be a whole number from 1 to {most}")
