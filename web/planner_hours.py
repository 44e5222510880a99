"""The planner's page and time: the hours of its day, the heat of its week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from flask import url_for

from geodata.studies import Study
from locator.typed import BEIJING
from web import current, phrases
from web.i18n import gettext
from web.planner_asked import Asked
from web.planner_form import AT, WEEK
from web.planner_shown import OPEN


class HourLink(NamedTuple):
    """One hour of the day, as a question of its own."""

    hour: int
    address: str
    chosen: bool


class Heat(NamedTuple):
    """A week's shares, Monday 00:00 first."""

    total: list[float]
    maybe: list[float] | None
    """If unknown hours are open; None where that is the same."""
    areas: list[tuple[str, list[float]]]


def shown(asked: Asked, study: Study, coverage: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page says of hours."""
    at = asked.question.at
    day = (at or current.now()).astimezone(BEIJING).date()
    hours = [datetime.combine(day, time(hour), BEIJING) for hour in range(24)]
    chosen = at.astimezone(BEIJING) if at is not None and asked.hours == AT else None
    monday = day - timedelta(days=day.weekday())
    return {
        "day_address": url_for("planner.day", key=study.key, date=day.isoformat()),
        "day_words": gettext("{weekday}, {day}").format(weekday=phrases.weekday(day.weekday()), day=day.isoformat()),
        "hour_links": [HourLink(hour.hour, asked.on(hour).address(), hour == chosen) for hour in hours],
        "week": _heat(coverage), "week_words": gettext("from {day}").format(day=monday.isoformat()) if asked.hours == WEEK else "",
        "week_address": asked.asking(at=datetime.combine(monday, time(), BEIJING), week=True).address(),
    }


def _heat(coverage: Mapping[str, Any]) -> Heat | None:
    total = coverage["total"].get("by_hour")
    if not total:
        return None
    maybe = coverage["total"].get(f"by_hour{OPEN}")
    areas = [(line["name"], line["by_hour"]) for line in coverage["areas"] if line.get("by_hour")]
    return Heat(total, maybe if maybe != total else None, areas)
