"""Small maps without a script: outlines and points as a drawing that any browser shows and any printer prints.

The only coordinates in a page are those of the picture; nothing typed by a person is part of it but as text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from locator.arrays import LonLat
from locator.names import Place
from web import catalogue
from web.held import Held

WINDOW_M = 5_000.0
"""Side of the close-up: an offset of 500 m is a tenth of it."""
_LEAST_M = 200.0
"""Side of the smallest picture of what may be the same."""
METRES_A_DEGREE = 111_320.0
_MOST_NAMES = 7
_FITS, _FAILS, _SILENT = "fits", "fails", "silent"


class Label(NamedTuple):
    """A name on a picture."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What a template draws: paths in the units of its own box."""

    width: float
    height: float
    land: str = ""
    """Outlines, one path."""
    dots: Mapping[str, str] = field(default_factory=dict)
    """Class → a path of points."""
    labels: Sequence[Label] = ()
    title: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Class → how many points there are of it, those beyond the edge too."""


class View:
    """Puts WGS-84 degrees on a flat picture: straight, true to shape at its middle."""

    def __init__(self, west: float, south: float, east: float, north: float, width: float) -> None:
        """Show a box of degrees in a picture of a width."""
        self._west, self._north = west, north
        self._east, self._south = east, south
        shrink = math.cos(math.radians((south + north) / 2))
        self._y = width / max((east - west) * shrink, 1e-9)
        self._x = self._y * shrink
        self.width, self.height = width, round(max((north - south) * self._y, 1.0), 1)

    @classmethod
    def around(cls, lon: float, lat: float, side_m: float, width: float) -> View:
        """Show a square about a place."""
        up = side_m / 2 / METRES_A_DEGREE
        across = up / math.cos(math.radians(lat))
        return cls(lon - across, lat - up, lon + across, lat + up, width)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Return where a pair is in the picture."""
        return round((lon - self._west) * self._x, 1), round((self._north - lat) * self._y, 1)

    def shows(self, lon: float, lat: float) -> bool:
        """Return whether a pair is in the picture."""
        return self._west <= lon <= self._east and self._south <= lat <= self._north

    def land(self, outlines: Mapping[str, Any]) -> str:
        """Return the rings of a GeoJSON that touch the picture, as one path."""
        path = []
        for feature in outlines["features"]:
            geometry = feature["geometry"]
            for polygon in geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]:
                for ring in polygon:
                    degrees = np.asarray(ring, float)
                    (west, south), (east, north) = degrees.min(axis=0), degrees.max(axis=0)
                    if west <= self._east and east >= self._west and south <= self._north and north >= self._south:
                        path.append("M" + "L".join("{:g} {:g}".format(*self.at(lon, lat)) for lon, lat in degrees.tolist()) + "Z")
        return "".join(path)

    def dots(self, points: Iterable[tuple[float, float]]) -> str:
        """Return points as one path of round ends; points in the same tenth of a unit are one."""
        spots = dict.fromkeys(self.at(lon, lat) for lon, lat in points if self.shows(lon, lat))
        return "".join(f"M{x:g} {y:g}h0" for x, y in spots)


def outlines(held: Held, home: Path) -> Mapping[str, Any]:
    """Return the districts' outlines, read once an atlas."""
    return held.derived("outlines_read", lambda _: orjson.loads(catalogue.outlines(held, home)))


def of_points(points: Sequence[tuple[float, float, str]], land: Mapping[str, Any], *, width: float = 640) -> Picture | None:
    """Return all of some (longitude, latitude, class) on one picture that just holds them; None for no point."""
    if not points:
        return None
    lonlat = np.array([point[:2] for point in points], float)
    (west, south), (east, north) = lonlat.min(axis=0), lonlat.max(axis=0)
    margin = max(0.06 * max(east - west, north - south), 0.004)
    view = View(float(west - margin), float(south - margin), float(east + margin), float(north + margin), width)
    classes = dict.fromkeys(point[2] for point in points)
    dots = {name: view.dots((lon, lat) for lon, lat, said in points if said == name) for name in classes}
    return Picture(width, view.height, view.land(land), dots,
                   counts={name: sum(point[2] == name for point in points) for name in classes})


def of_matches(lon: float, lat: float, others: Sequence[tuple[float, float, str]], land: Mapping[str, Any]) -> Picture:
    """Return one place in the middle, with some (longitude, latitude, name) about it that may be the same."""
    away_m = [max(abs(x - lon) * math.cos(math.radians(lat)), abs(y - lat)) * METRES_A_DEGREE for x, y, _ in others]
    view = View.around(lon, lat, max(_LEAST_M, 2.6 * max(away_m, default=0.0)), 300)
    labels = [Label(*view.at(x, y), name) for x, y, name in others]
    dots = {"duplicate": view.dots((x, y) for x, y, _ in others), "new": view.dots([(lon, lat)])}
    return Picture(view.width, view.height, view.land(land), dots, labels)


def of_candidates(drawn: Sequence[Mapping[str, Any]], land: Mapping[str, Any], places: Sequence[Place], language: str, *,
                  names: Sequence[str]) -> list[Picture]:
    """Return one close-up a candidate, all of the same place: where the candidates differ most plainly.

    Points inside the district they state, outside it, and of rows that state none are told apart; landmarks
    stand beside them to compare with.
    """
    if not drawn:
        return []
    middle = _middle(drawn)
    view = View.around(*middle, WINDOW_M, 300)
    ground, labels = view.land(land), _labels(view, places, language)
    pictures = []
    for c, name in enumerate(names):
        sorts: dict[str, list[tuple[float, float]]] = {_FAILS: [], _SILENT: [], _FITS: []}
        for one in drawn:
            said = one["fits"][c]
            sorts[_SILENT if said is None else _FITS if said else _FAILS].append((one["at"][c][0], one["at"][c][1]))
        pictures.append(Picture(view.width, view.height, ground, {sort: view.dots(points) for sort, points in sorts.items() if points}, labels, name,
                                {sort: len(points) for sort, points in sorts.items()}))
    return pictures


def _middle(drawn: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Return the place that has most rows about it: of those that tell the candidates apart, if there are any."""
    telling = [one for one in drawn if len(set(one["fits"])) > 1] or drawn
    at: LonLat = np.array([one["at"][1] for one in telling], float)
    few = at[np.linspace(0, len(at) - 1, min(len(at), 300)).astype(int)]
    flat = few * (METRES_A_DEGREE * math.cos(math.radians(float(few[0, 1]))), METRES_A_DEGREE)
    near = (np.abs(flat[:, None] - flat[None]).max(axis=2) < WINDOW_M / 2.5).sum(axis=1)
    lon, lat = few[int(near.argmax())].tolist()
    return lon, lat


def _labels(view: View, places: Sequence[Place], language: str) -> list[Label]:
    found: list[Label] = []
    for place in places:
        if len(found) == _MOST_NAMES:
            break
        if view.shows(place.lon, place.lat):
            x, y = view.at(place.lon, place.lat)
            if not any(abs(x - other.x) < 70 and abs(y - other.y) < 18 for other in found) and 8 < y < view.height - 8 and x < view.width - 60:
                found.append(Label(x, y, place.words.in_language(language)))
    return found
