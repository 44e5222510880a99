"""What the planner's address asks: a question, whose people, and what it is pinned to; and the address again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from flask import Request, url_for

from locator import typed
from locator.atlas import Atlas
from locator.errors import BadTime, BadValue
from locator.filters import Filters
from locator.questions import CoverageQuestion
from locator.typed import BEIJING
from web import frame, values
from web.pairs import Pairs, pairs_of

RADIUS_M, MINUTES = 1000.0, 15.0
"""双15: a kilometre, or a quarter of an hour on foot."""
DOUBLE = "double15"
WHOLE = "none"
"""As `by`: the area in one line."""
IGNORED, AT, WEEK = "ignored", "at", "week"
"""How hours count."""
NOON = 12
_MANY = ("kind", "facility", "eligibility")
_TIMES = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks."""

    question: CoverageQuestion
    demand: str | None = None
    """A layer of people; None: those in use."""
    version: int | None = None
    """Of the registry that the address is pinned to."""
    people: str | None = None
    """The version of the people that it is pinned to."""
    study: str | None = None
    """The kept study that it names."""

    @classmethod
    def of(cls, request: Request, atlas: Atlas, now: datetime) -> Asked:
        """Read a request: an address of ours, or the page's form.

        Raises:
            Refusal: The first value that cannot be used, by its field.
        """
        pairs = [(name, value.strip()) for name, value in pairs_of(request) if value.strip()]
        one = dict(reversed(pairs))
        many = {name: tuple(value for given, value in pairs if given == name) for name in _MANY}
        filters = Filters.of(atlas.vocabulary, kinds=many["kind"], facilities=many["facility"], eligibility=many["eligibility"],
                             state=one.get("state"), strict=values.flag("strict", one.get("strict", "no")),
                             verified_only=values.flag("verified_only", one.get("verified_only", "no")))
        at, week = _hours(one, now)
        if filters.state not in (None, "all-day") and at is None:
            at = now.replace(second=0, microsecond=0)  # what depends on the present is asked of this minute from here on
        tree = atlas.areas
        area = tree.code(one["area"]) if "area" in one else tree.children(None)[0].code
        radius, walk = _reach(one)
        question = CoverageQuestion(filters, radius_m=radius, walk_min=walk, at=at, week=week, fold=typed.count("fold", one.get("fold", "1")),
                                    area=area, by=_tier(one.get("by"), atlas, area))
        return cls(question, one.get("demand"), values.whole("version", one["version"]) if "version" in one else None, one.get("people"),
                   one.get("study"))

    @property
    def hours(self) -> str:
        """How hours count."""
        return WEEK if self.question.week else AT if self.question.at is not None else IGNORED

    @property
    def pinned(self) -> bool:
        """Whether the address says which registry and which people."""
        return self.version is not None and self.people is not None

    def pairs(self, *, pins: bool = True) -> Pairs:
        """Return the names and values of the address, in one order whatever was typed."""
        question, filters = self.question, self.question.filters
        found = [("area", question.area or ""), ("by", question.by or WHOLE)]
        found += [("kind", code) for code in filters.kinds] + [("facility", code) for code in filters.facilities]
        found += [("eligibility", code) for code in filters.eligibility]
        found += [("state", filters.state)] if filters.state else []
        found += [(name, "1") for name in ("strict", "verified_only") if getattr(filters, name)]
        found += [("radius", plain(question.radius_m))] if question.radius_m is not None else [("minutes", plain(question.walk_min or 0))]
        found += [("at", question.at.astimezone(BEIJING).strftime(_TIMES))] if question.at is not None else []
        found += [("week", "1")] if question.week else []
        found += [("fold", str(question.fold))] if question.fold > 1 else []
        found += [("demand", self.demand)] if self.demand else []
        if pins:
            found += [(name, str(value)) for name in ("version", "people", "study") if (value := getattr(self, name)) is not None]
        return found

    def address(self, endpoint: str = "planner.study", *, pins: bool = True, also: Sequence[tuple[str, str]] = ()) -> str:
        """Return an address that asks this."""
        return frame.with_query(url_for(endpoint), [*self.pairs(pins=pins), *also])

    def asking(self, **change: object) -> Asked:
        """Return another question of the present: `radius_m`, `walk_min`, `at`, `week`, `area`, `by`, `fold`."""
        return Asked(replace(self.question, **change), self.demand)  # type: ignore[arg-type]

    def pinned_to(self, version: int, people: str, study: str) -> Asked:
        """Return the same question, pinned."""
        return replace(self, version=version, people=people, study=study)

    def on(self, moment: datetime) -> Asked:
        """Return the same at an hour."""
        return self.asking(at=moment, week=False)


def plain(number: float) -> str:
    """Return a number as one would type it."""
    return f"{number:.10g}"


def _reach(one: dict[str, str]) -> tuple[float | None, float | None]:
    """Return the radius and the minutes, one of the two; the form has both and says which is meant."""
    if one.get("preset") is not None:
        values.one_of((DOUBLE,))("preset", one["preset"])
        return RADIUS_M, None
    said = values.one_of(("radius", "minutes"))("reach", one["reach"]) if "reach" in one else None
    radius, minutes = (one.get(name) if said in (None, name) else None for name in ("radius", "minutes"))
    minutes = minutes or (one.get("walk") if said is None else None)
    if radius is None and minutes is None:
        return (None, MINUTES) if said == "minutes" else (RADIUS_M, None)
    return (None if radius is None else typed.metres("radius", radius)), (None if minutes is None else typed.minutes("minutes", minutes))


def _hours(one: dict[str, str], now: datetime) -> tuple[datetime | None, bool]:
    """Return the instant and whether it stands for its week."""
    said = values.one_of((IGNORED, AT, WEEK))("hours", one["hours"]) if "hours" in one else None
    if said == IGNORED:
        return None, False
    week = said == WEEK or (said is None and values.flag("week", one.get("week", "no")))
    if said is None and "at" not in one and not week:
        return None, False
    at = typed.moment("at", one["at"]) if "at" in one and said is None else _day_and_hour(one, now)
    at = at.astimezone(BEIJING)
    if week:  # a week by its first hour, so that all its days ask the same
        at = datetime.combine(at.date() - timedelta(days=at.weekday()), time(), BEIJING)
    return at, week


def _day_and_hour(one: dict[str, str], now: datetime) -> datetime:
    """Return the form's day and hour; noon today where they are left open."""
    day: date = values.day("date", one["date"]) if "date" in one else now.astimezone(BEIJING).date()
    hour = typed.count("hour", one.get("hour", str(NOON)))
    if not 0 <= hour <= 23:
        raise BadTime("hour", hour, zh="应为 0 到 23 的整点", en="must be a whole hour, 0 to 23")
    return datetime.combine(day, time(hour), BEIJING)


def _tier(said: str | None, atlas: Atlas, area: str) -> str | None:
    """Return the tier to list by; left open, that of the area's parts."""
    if said == WHOLE:
        return None
    inside = atlas.areas.subtree(area) - {area}
    tiers = tuple(dict.fromkeys(one.tier for one in atlas.areas if one.code in inside))
    if said is None:
        below = atlas.areas.children(area)
        return below[0].tier if below else None
    if said not in tiers:
        told = ", ".join((WHOLE, *tiers))
        raise BadValue("by", said, zh=f"这个区域里没有这一级；可选 {told}", en=f"no area of this tier lies in it; there are {told}")
    return said
