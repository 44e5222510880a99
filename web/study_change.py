"""A comparison as the map's script draws it: who gains and who loses on squares no finer than a screen shows, and the sites that do it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import orjson

from geodata.studies import Study
from locator.atlas import Atlas
from locator.pool import MAYBE, SURE
from web import planner_sides, planner_studies, study_drawn
from web.i18n import gettext

MOST_SQUARES = 20_000
_CELL_DEGREES = 0.0009
"""A hundred metres: the demand's own cells."""
_STRETCH = 1.3
"""A degree of latitude is so much longer than one of longitude here; squares on the map are nearly square."""


class Read(NamedTuple):
    """A comparison without its points, which may be forty megabytes, and the squares that they are drawn as."""

    change: Mapping[str, Any]
    squares: list[dict[str, Any]]
    step: list[float]


def read(study: Study, language: str) -> Read:
    """Return a comparison; one that was read lately is not read again."""
    return _read(study.key, language)


@lru_cache(maxsize=16)
def _read(key: str, language: str) -> Read:  # a study never changes, and its key names everything it is made from
    change = dict(planner_studies.kept(key).part("change", language))
    squares, step = _squares(change.pop("points"))
    return Read(change, squares, step)


def drawn(study: Study, atlas: Atlas, drawn_in: str, language: str) -> bytes:
    """Return squares with the people who gain and lose on them, the sites that make the difference, proposed points, as JSON."""
    change, squares, step = read(study, language)
    sites = [{**site, "lon": lon, "lat": lat, "counts": sign} for name, sign in (("lost_by", "no"), ("gained_by", "yes"))
             for site in change["total"][name] if (place := _place(site["id"], atlas)) is not None for lon, lat in [place]]
    sides = planner_sides.Sides(planner_sides.WITH, study.asked.before, study.asked.after) if study.asked.after.startswith("with:") else None
    proposed = [{"lon": lon, "lat": lat, "name": name or gettext("proposed site")} for lon, lat, name in sides.points] if sides is not None else []
    places = [*sites, *proposed, *squares]
    lons, lats = [one["lon"] for one in places], [one["lat"] for one in places]
    bounds = [min(lons), min(lats), max(lons), max(lats)] if places else None
    found = {"bounds": bounds, "sites": sites, "gaps": [], "circle": None, "outline": None, "points": squares, "step": step, "proposed": proposed}
    return orjson.dumps(found if drawn_in == "wgs84" else study_drawn.moved(found, drawn_in), option=orjson.OPT_SERIALIZE_NUMPY)


def unmoved(change: Mapping[str, Any], sides: planner_sides.Sides, fold: int) -> str:
    """Return why nobody gains and nobody loses; empty where somebody does, in either reading of unknown hours.

    Args:
        change: What the page tells of a comparison.
        sides: What is compared.
        fold: How many sites are asked for.
    """
    total = change["total"]
    moved = [total[f"{name}{suffix}"] for name in ("gained", "lost") for suffix in (SURE, MAYBE) if f"{name}{suffix}" in total]
    if total["people"] is None or any(moved):
        return ""
    if sides.before != planner_sides.NOW or sides.way not in (planner_sides.WITHOUT, planner_sides.WITH):
        return gettext("Nobody gains and nobody loses: the same people are served on both sides.")
    if sides.way == planner_sides.WITHOUT:
        return (gettext("Nobody loses: other sites serve the same people, or these do not suit what is asked.") if fold == 1 else
                gettext("Nobody loses: whoever has at least {n} sites within reach has as many without these, and the others had fewer before."))\
            .format(n=fold)
    several, beyond = len(sides.points), len(sides.points) - (total["sites_after"] - total["sites_before"])
    if beyond == several:
        return gettext("Nobody gains: every proposed point lies outside {area}, and serves nobody in it who is not served already.")\
            .format(area=total["name"])
    why = (gettext("Nobody gains: whoever is near a proposed point has a site already, or nobody is near.") if fold == 1 else
           gettext("Nobody gains: at least {n} sites are asked for, and whoever is near the proposed points has so many already, "
                   "or has fewer even with them.").format(n=fold))
    return why + (gettext(" Of the proposed points, {n} lie outside {area}.").format(n=beyond, area=total["name"]) if beyond else "")


def _place(site_id: str, atlas: Atlas) -> tuple[float, float] | None:
    row = atlas.sites.row_of(site_id)
    if row is None or not bool(atlas.sites.located[row]):
        return None
    lon, lat = atlas.sites.lonlat[row].tolist()
    return lon, lat


def _squares(points: list[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[float]]:
    """Return squares by their middle with the people who gain and lose there, few enough to be drawn; and their sides in degrees.

    A few points are squares of their own; of more, those of a larger square are told together.
    """
    moved = [point for point in points if point["change"] is not None]
    if len(moved) <= MOST_SQUARES:
        return [{"lon": point["lon"], "lat": point["lat"], "gained": point["people"] if point["change"] == "gained" else 0.0,
                 "lost": point["people"] if point["change"] == "lost" else 0.0} for point in moved], [_CELL_DEGREES * _STRETCH, _CELL_DEGREES]
    lonlat = np.array([(point["lon"], point["lat"]) for point in moved]).reshape(-1, 2)
    people = np.array([point["people"] for point in moved])
    gains = np.array([point["change"] == "gained" for point in moved], bool)
    step = _CELL_DEGREES * 2
    while True:
        sides = np.array([step * _STRETCH, step])
        cells, which = np.unique(np.floor(lonlat / sides), axis=0, return_inverse=True)
        if len(cells) <= MOST_SQUARES:
            break
        step *= 2
    gained, lost = (np.bincount(which.reshape(-1)[some], people[some], minlength=len(cells)) for some in (gains, ~gains))
    middles = ((cells + 0.5) * sides).round(6).tolist()
    return [{"lon": lon, "lat": lat, "gained": more, "lost": fewer}
            for (lon, lat), more, fewer in zip(middles, gained.round(2).tolist(), lost.round(2).tolist(), strict=True)], sides.tolist()
