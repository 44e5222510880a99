"""Where one site is, as a drawing that needs no script and no network: for its page, and for the poster on its door.

Our own outlines, the landmarks about it and the other sites near, a ring and a scale. There are no
streets in it: `Whereabouts.beside` says in words how it lies to what people know.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from flask import current_app

from locator import answers, earth
from locator.arrays import LonLat
from locator.datum import Pair
from locator.names import Place
from locator.questions import NearestQuestion
from locator.words import Words
from web import basemap, phrases, pictures
from web.current import Held
from web.i18n import gettext, language
from web.pictures import METRES_A_DEGREE, View

SIDES_M = (1_500.0, 2_500.0, 4_000.0, 6_000.0, 10_000.0)
"""Widths of a picture: the first that holds a few landmarks, else the last."""
_ENOUGH_LANDMARKS = 3
_MOST_OTHERS = 40
_MOST_LANDMARKS = 9
_RINGS_M = (1_000, 500, 250, 100)
_FARTHEST_LANDMARK_M = 15_000.0
_LETTER, _CHARACTER, _LINE = 7.4, 13.5, 19.0
"""What a name takes of a picture, in its units."""
_COMPASS = 8


class Mark(NamedTuple):
    """A landmark on a picture: its spot, its name, and on which side of the spot the name stands."""

    x: float
    y: float
    text: str
    anchor: str
    """start or end, as SVG has it"""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What a template draws, in the units of a box of `width` by `height` whose middle is the site."""

    width: float
    height: float
    here: Pair
    entrance: Pair | None
    land: str
    """Outlines, one path; empty where the operator's map has none of ours."""
    landmarks: Sequence[Mark]
    others: str
    """Other public sites in service, one path of round ends."""
    ring: float
    """Radius of the ring."""
    ring_words: str
    beside: Sequence[str]
    """The nearest landmarks in words: how far, and which way the site is from each."""


def of_record(held: Held, record: Mapping[str, Any], row: int, *, width: float = 640.0, height: float = 420.0) -> Whereabouts | None:
    """Return the surroundings of a site as this app's maps show it; None until it has been located."""
    if record["lon"] is None or record["lat"] is None:
        return None
    outlines = pictures.outlines(held, current_app.extensions["settings"].home) if basemap.under(current_app).outlines else None
    entrance = None if record["entrance_lon"] is None or record["entrance_lat"] is None else (record["entrance_lon"], record["entrance_lat"])
    return of_site(held, (record["lon"], record["lat"]), outlines, entrance=entrance, row=row, width=width, height=height)


def of_site(held: Held, here: Pair, outlines: Mapping[str, Any] | None, *, entrance: Pair | None = None,
            row: int | None = None, width: float = 640.0, height: float = 420.0) -> Whereabouts:
    """Return the surroundings of a place.

    Args:
        held: Landmarks and the other sites.
        here: (longitude, latitude), WGS-84.
        outlines: GeoJSON of the districts; None draws none.
        entrance: Where one goes in, if that is known.
        row: The site's own, which is no other one.
        width: Units across.
        height: Units down.
    """
    near, atlas = _landmarks(held, here), held.atlas
    side_m = next((side for side in SIDES_M if _shown(near, side, height / width) >= _ENOUGH_LANDMARKS), SIDES_M[-1])
    view = _view(here, side_m, width, height)
    around = NearestQuestion(*here, _MOST_OTHERS + 1, within_m=math.hypot(side_m, side_m * height / width) / 2)
    others = [one.lonlat for one in answers.nearest(around, atlas, atlas.as_of).sites if one.row != row]
    ring_m = next((ring for ring in _RINGS_M if ring * width / side_m < 0.4 * height), _RINGS_M[-1])
    spot = view.at(*here)
    return Whereabouts(
        width, height, spot, view.at(*entrance) if entrance and view.shows(*entrance) else None,
        view.land(outlines) if outlines else "", _marks(view, spot, near), view.dots(others),
        round(ring_m * width / side_m, 1), phrases.distance(ring_m), [_beside(place.words, away_m, bearing) for place, away_m, bearing in near[:2]])


def _view(here: Pair, side_m: float, width: float, height: float) -> View:
    up = side_m * height / width / 2 / METRES_A_DEGREE
    across = side_m / 2 / METRES_A_DEGREE / math.cos(math.radians(here[1]))
    return View(here[0] - across, here[1] - up, here[0] + across, here[1] + up, width)


def _landmarks(held: Held, here: Pair) -> list[tuple[Place, float, float]]:
    """Return (landmark, metres, degrees clockwise from north in which the site lies from it), nearest first."""
    lonlat: LonLat = held.derived("landmarks", lambda atlas: np.array([(p.lon, p.lat) for p in atlas.places], float).reshape(-1, 2))
    shrink = math.cos(math.radians(here[1]))
    flat = (np.array(here) - lonlat) * (shrink, 1.0)  # from each landmark to the site
    near = np.flatnonzero((np.abs(flat) < _FARTHEST_LANDMARK_M / METRES_A_DEGREE).all(axis=1))
    away_m = earth.geodesic_m(np.array(here), lonlat[near])
    order = np.argsort(away_m, kind="stable")
    return [(held.atlas.places[i], metres, math.degrees(math.atan2(*flat[i].tolist())) % 360)
            for i, metres in zip(near[order].tolist(), away_m[order].tolist(), strict=True)]


def _shown(near: Sequence[tuple[Place, float, float]], side_m: float, ratio: float) -> int:
    half_m = side_m / 2 * 0.86
    return sum(abs(away_m * math.sin(math.radians(bearing))) < half_m and abs(away_m * math.cos(math.radians(bearing))) < half_m * ratio
               for _, away_m, bearing in near)


def _marks(view: View, here: Pair, near: Sequence[tuple[Place, float, float]]) -> list[Mark]:
    """Return the landmarks whose names fit, nearest first: none over another, over the pin, or over the edge."""
    taken = [(here[0] - 26, here[1] - 44, here[0] + 26, here[1] + 14)]
    found: list[Mark] = []
    for place, _, _ in near:
        if len(found) == _MOST_LANDMARKS:
            break
        if not view.shows(place.lon, place.lat):
            continue
        x, y = view.at(place.lon, place.lat)
        name = place.words.in_language(language())
        long = sum(_LETTER if c.isascii() else _CHARACTER for c in name) + 12
        for anchor, left, right in (("start", x - 6, x + long), ("end", x - long, x + 6)):
            box = left, y - _LINE / 2, right, y + _LINE / 2
            inside = left > 4 and right < view.width - 4 and 14 < y < view.height - 34
            if inside and not any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken):
                taken.append(box)
                found.append(Mark(x, y, name, anchor))
                break
    return found


def _beside(place: Words, away_m: float, bearing: float) -> str:
    """Return how the site lies to a landmark."""
    name = place.in_language(language())
    if away_m < 100:
        return gettext("right at {place}").format(place=name)
    ways = (gettext("north"), gettext("northeast"), gettext("east"), gettext("southeast"),
            gettext("south"), gettext("southwest"), gettext("west"), gettext("northwest"))
    way = ways[round(bearing / (360 / _COMPASS)) % _COMPASS]
    return gettext("about {far} {way} of {place}").format(far=phrases.distance(round(away_m, -2) or 100), way=way, place=name)
