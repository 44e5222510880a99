"""The ground that is not served, as the planner's page tells it: each part with its story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geodata.areas import Areas
from geodata.study_files import wording
from locator.areas import AreaTree
from web import current, phrases, spoken, studying
from web.i18n import gettext, language
from web.planner_asked import Asked

MOST = 30
"""Told one by one; all are on the map and in the files."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One part of the ground that is not served."""

    rank: int
    told: Mapping[str, Any]
    area: str
    place: str
    """Where a site might be; empty: at its farthest point."""
    proposed: str
    """The address that asks what a site there would do, of several sites what so many would; empty where nobody is in the gap."""

    side: str
    """Which part of its area it is in; empty where that has no outline."""

    @property
    def where(self) -> str:
        """Where in its area it is, so that several in one area can be told apart: by a landmark inside, else by the side of the area."""
        return gettext("with {place} in it").format(place=self.place) if self.place else self.side

    @property
    def km2(self) -> str:
        """Its ground."""
        ground = self.told["area_km2"]
        return f"{ground:,.0f}" if ground >= 100 else f"{ground:,.1f}" if ground >= 1 else f"{ground:,.2f}"

    @property
    def people_in(self) -> str:
        """In which areas its people are, where that is more than one."""
        told = wording.people_in(self.told, "zh" if language().startswith("zh") else "en")
        return gettext(", ").join(told) if len(told) > 1 else ""

    @property
    def farthest(self) -> str | None:
        """How far its farthest point is from a site; None where there is no site at all."""
        metres = self.told["farthest_m"]
        return None if metres is None else phrases.distance(metres)

    @property
    def nth(self) -> str:
        """Which of the sites nearest to its farthest point is the one that is told."""
        return spoken.ordinal(self.told["nearest_site"]["nth"]).in_language(language())


def told(part: Mapping[str, Any], asked: Asked, tree: AreaTree) -> list[Gap]:
    """Return the ground not served, that with most people first; at most `MOST`."""
    shapes = studying.areas(current.held())
    return [Gap(one["rank"], one, area_name(one["area_code"], tree), *_proposal(one, asked), _side(one, shapes)) for one in part["gaps"][:MOST]]


def _side(one: Mapping[str, Any], shapes: Areas) -> str:
    """Return in which part of its area a gap's farthest point is: of the area's box, cut in thirds."""
    code = one["area_code"]
    if code is None or code not in shapes.tree or not shapes.tree[code].has_outline:
        return ""
    west, south, east, north = shapes.polygon(code).bounds
    across, up = ((one["lon"] - west) / (east - west) * 3, (one["lat"] - south) / (north - south) * 3)
    sides = ((gettext("its southwest"), gettext("its south"), gettext("its southeast")),
             (gettext("its west"), gettext("its middle"), gettext("its east")),
             (gettext("its northwest"), gettext("its north"), gettext("its northeast")))
    return sides[min(max(int(up), 0), 2)][min(max(int(across), 0), 2)]


def _proposal(one: Mapping[str, Any], asked: Asked) -> tuple[str, str]:
    """Return where a site might be, its landmark nearest to the middle of its people, and the address that asks what it would do.

    Without a landmark it is the farthest point, which has no name. Where several sites are asked for, one more need not be enough
    for anybody: so many are proposed at the place, which serve whoever is near.
    """
    place = one["hosts"][0] if one["hosts"] else one
    point = f"{place['lon']:.5f},{place['lat']:.5f}"
    asks = compared(asked, ("way", "with"), ("points", ";".join([point] * asked.question.fold))) if round(one["people"]) else ""
    return (place["name"] if one["hosts"] else ""), asks


def compared(asked: Asked, *also: tuple[str, str]) -> str:
    """Return the address that compares what is asked with something."""
    return asked.address("planner.compare", pins=False, also=also)


def area_name(code: str | None, tree: AreaTree) -> str:
    """Return an area's name, with the one it lies in where that is not the whole."""
    if code is None or code not in tree:
        return ""
    return " ".join(tree[one].words.in_language(language()) for one in tree.path(code)[1:] or [code])
