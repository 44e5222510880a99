"""What the planner's form says, value by value: how far, at which hours, by which areas."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from locator import typed
from locator.areas import AreaTree
from locator.atlas import Atlas
from locator.errors import BadTime, BadValue
from locator.typed import BEIJING
from web import auth, values

RADIUS_M, MINUTES = 1000.0, 15.0
"""双15: a kilometre, or a quarter of an hour on foot."""
DOUBLE = "double15"
WHOLE = "none"
"""As `by`: the area in one line."""
IGNORED, AT, WEEK = "ignored", "at", "week"
"""How hours count."""
NOON = 12


def parts(tree: AreaTree, area: str) -> str | None:
    """Return the tier of an area's parts to list it by: that of the first with an outline, where they are of several tiers.

    None where half of the parts or more have no outlines, so that nothing could be told of these; and where there are none.
    """
    below = tree.children(area)
    drawn = [one for one in below if one.has_outline]
    return drawn[0].tier if 2 * len(drawn) > len(below) else None


def own_area(tree: AreaTree, *, by: str | None = None) -> str:
    """Return the area that whoever asks looks after; the whole where that has no parts of a tier that is asked for."""
    root, person = tree.children(None)[0].code, auth.user()
    if person is None or person.account.area not in tree:
        return root
    own = person.account.area
    fits = by in (None, WHOLE) or any(tree[code].tier == by for code in tree.subtree(own) - {own})
    return own if fits else root


def plain(number: float) -> str:
    """Return a number as one would type it."""
    return f"{number:.10g}"


def reach(one: Mapping[str, str]) -> tuple[float | None, float | None]:
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


def hours(one: Mapping[str, str], now: datetime) -> tuple[datetime | None, bool]:
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


def _day_and_hour(one: Mapping[str, str], now: datetime) -> datetime:
    """Return the form's day and hour; noon today where they are left open."""
    day: date = values.day("date", one["date"]) if "date" in one else now.astimezone(BEIJING).date()
    hour = typed.count("hour", one.get("hour", str(NOON)))
    if not 0 <= hour <= 23:
        raise BadTime("hour", hour, zh="应为 0 到 23 的整点", en="must be a whole hour, 0 to 23")
    return datetime.combine(day, time(hour), BEIJING)


def tier(said: str | None, atlas: Atlas, area: str) -> str | None:
    """Return the tier to list by; left open, or of another area than this one, that of the area's parts.

    The form keeps what was chosen for a city when one of its districts is chosen.

    Raises:
        BadValue: If no area at all is of this tier.
    """
    if said == WHOLE:
        return None
    inside = atlas.areas.subtree(area) - {area}
    tiers = tuple(dict.fromkeys(one.tier for one in atlas.areas if one.code in inside))
    if said is None or (said not in tiers and any(one.tier == said for one in atlas.areas)):
        return parts(atlas.areas, area)
    if said not in tiers:
        told = ", ".join((WHOLE, *tiers))
        raise BadValue("by", said, zh=f"这个区域里没有这一级；可选 {told}", en=f"no area of this tier lies in it; there are {told}")
    return said
