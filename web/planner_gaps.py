"""The ground that is not served, as the planner's page tells it: each part with its story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from locator.areas import AreaTree
from web import phrases
from web.i18n import language
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
    """The address that asks what a site there would do."""

    @property
    def km2(self) -> str:
        """Its ground."""
        ground = self.told["area_km2"]
        return f"{ground:,.0f}" if ground >= 100 else f"{ground:,.1f}" if ground >= 1 else f"{ground:,.2f}"

    @property
    def farthest(self) -> str | None:
        """How far its farthest point is from a site; None where there is no site at all."""
        metres = self.told["farthest_m"]
        return None if metres is None else phrases.distance(metres)


def told(part: Mapping[str, Any], asked: Asked, tree: AreaTree) -> list[Gap]:
    """Return the ground not served, that with most people first; at most `MOST`."""
    return [Gap(one["rank"], one, area_name(one["area_code"], tree), *_proposal(one, asked)) for one in part["gaps"][:MOST]]


def _proposal(one: Mapping[str, Any], asked: Asked) -> tuple[str, str]:
    """Return where a site might be, its landmark nearest to the middle of its people, and the address that asks what it would do.

    Without a landmark it is the farthest point, which has no name.
    """
    place = one["hosts"][0] if one["hosts"] else one
    point = f"{place['lon']:.5f},{place['lat']:.5f}"
    return (place["name"] if one["hosts"] else ""), compared(asked, ("way", "with"), ("points", point))


def compared(asked: Asked, *also: tuple[str, str]) -> str:
    """Return the address that compares what is asked with something."""
    return asked.address("planner.compare", pins=False, also=also)


def area_name(code: str | None, tree: AreaTree) -> str:
    """Return an area's name, with the one it lies in where that is not the whole."""
    if code is None or code not in tree:
        return ""
    return " ".join(tree[one].words.in_language(language()) for one in tree.path(code)[1:] or [code])
