"""Where one site is, as a drawing that needs no script and no network: for its page, and for the poster on its door.

Our own outlines, the landmarks about it and the other sites near, a ring and a scale. There are no
streets in it: `Whereabouts.beside` says in words how it lies to what people know.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
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
from web.held import Held
from web.i18n import gettext, language
from web.pictures import METRES_A_DEGREE, View

SIDES_M = (1_500.0, 2_500.0, 4_000.0, 6_000.0, 10_000.0)
"""Widths of a picture: the first that holds a few landmarks, else the last."""
_ENOUGH_LANDMARKS = 3
_MOST_OTHERS = 40
_MOST_LANDMARKS = 9
_RINGS_M = (1_000, 500, 250, 100)
_FARTHEST_LANDMARK_M = 15_000.0
_LETTER, _CHARACTER, _LINE = 9.4, 17.0, 20.0
"""What a name takes of a picture, in its units: the sheets draw it 17 high."""
_RING_WORDS = 14 / 17
"""How large the ring's words are beside a name."""
_COMPASS = 8


class _Box(NamedTuple):
    """What something takes of a picture."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, others: Iterable[_Box]) -> bool:
        return any(self.left < o.right and o.left < self.right and self.top < o.bottom and o.top < self.bottom for o in others)


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
    ring_at: Pair
    """The middle of those words' line."""
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
    spot, ring, ring_words = view.at(*here), round(ring_m * width / side_m, 1), phrases.distance(ring_m)
    door = view.at(*entrance) if entrance and view.shows(*entrance) else None
    pin = [_Box(spot[0] - 26, spot[1] - 44, spot[0] + 26, spot[1] + 14)]
    if door:
        pin.append(_Box(door[0] - 8, door[1] - 8, door[0] + 8, door[1] + 8))
    marks = _marks(view, near, pin)
    ring_at = _ring_at(spot, ring, _wide(ring_words) * _RING_WORDS, [*pin, *marks.values()])
    return Whereabouts(
        width, height, spot, door, view.land(outlines) if outlines else "", list(marks), view.dots(others),
        ring, ring_words, ring_at, [_beside(place.words, away_m, bearing) for place, away_m, bearing in near[:2]])


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


def _wide(words: str) -> float:
    """Return what words take across a picture."""
    return sum(_LETTER if c.isascii() else _CHARACTER for c in words)


def _marks(view: View, near: Sequence[tuple[Place, float, float]], taken: Sequence[_Box]) -> dict[Mark, _Box]:
    """Return the landmarks whose names fit, nearest first: none over another, over what is taken, or over the edge."""
    found: dict[Mark, _Box] = {}
    for place, _, _ in near:
        if len(found) == _MOST_LANDMARKS:
            break
        if not view.shows(place.lon, place.lat):
            continue
        x, y = view.at(place.lon, place.lat)
        name = place.words.in_language(language())
        long = _wide(name) + 12
        for anchor, left, right in (("start", x - 6, x + long), ("end", x - long, x + 6)):
            box = _Box(left, y - _LINE / 2, right, y + _LINE / 2)
            if left > 4 and right < view.width - 4 and 14 < y < view.height - 34 and not box.meets([*taken, *found.values()]):
                found[Mark(x, y, name, anchor)] = box
                break
    return found


def _ring_at(spot: Pair, ring: float, wide: float, taken: Sequence[_Box]) -> Pair:
    """Return the middle of the words just inside a ring: in the south, or in the first eighth after it that is free; if none is, in the south."""
    places = []
    for eighth in range(_COMPASS):
        east, south = math.sin(eighth * math.tau / _COMPASS), math.cos(eighth * math.tau / _COMPASS)
        x, y = spot[0] + east * (ring - 4 - wide / 2), spot[1] + south * (ring - 4 - _LINE / 2)
        places.append((round(x, 1), round(y, 1)))
        if not _Box(x - wide / 2, y - _LINE / 2, x + wide / 2, y + _LINE / 2).meets(taken):
            return places[-1]
    return places[0]


def _beside(place: Words, away_m: float, bearing: float) -> str:
    """Return how the site lies to a landmark."""
    name = place.in_language(language())
    if away_m < 100:
        return gettext("right at {place}").format(place=name)
    ways = (gettext("north"), gettext("northeast"), gettext("east"), gettext("southeast"),
            gettext("south"), gettext("southwest"), gettext("west"), gettext("northwest"))
    way = ways[round(bearing / (360 / _COMPASS)) % _COMPASS]
    return gettext("about {far} {way} of {place}").format(far=phrases.distance(round(away_m, -2) or 100), way=way, place=name)
