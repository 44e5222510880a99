"""A study's shapes as a map's script takes them, moved to the datum of whatever lies under the map."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson

from geodata.studies import Study
from locator import datum

_PLACES = 6
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


def of_map(study: Study, drawn_in: str) -> bytes:
    """Return what the map of a study draws, as JSON."""
    return _moved(study.written("map"), drawn_in)


def of_day(study: Study, drawn_in: str) -> bytes:
    """Return a day of a study, as JSON."""
    return _moved(study.written("day"), drawn_in)


def _moved(written: bytes, drawn_in: str) -> bytes:
    return written if drawn_in == "wgs84" else orjson.dumps(moved(orjson.loads(written), drawn_in), option=_OPTIONS)


def moved(value: Any, drawn_in: str) -> Any:
    """Return plain values with every pair of degrees in another datum: GeoJSON, bounds, whatever has `lon` and `lat`."""
    if isinstance(value, list):
        return [moved(one, drawn_in) for one in value]
    if not isinstance(value, dict):
        return value
    found = {name: _coordinates(one, drawn_in) if name == "coordinates" else _bounds(one, drawn_in) if name == "bounds" and one else
             moved(one, drawn_in) for name, one in value.items()}
    lon, lat = found.get("lon"), found.get("lat")
    if isinstance(lon, float) and isinstance(lat, float):
        found["lon"], found["lat"] = _pairs([[lon, lat]], drawn_in)[0]
    return found


def _coordinates(value: Any, drawn_in: str) -> Any:
    if value and isinstance(value[0], list) and isinstance(value[0][0], int | float):
        return _pairs(value, drawn_in)
    return _pairs([value], drawn_in)[0] if value and isinstance(value[0], int | float) else [_coordinates(one, drawn_in) for one in value]


def _bounds(value: list[float], drawn_in: str) -> list[float]:
    west, south, east, north = value
    return [degrees for pair in _pairs([[west, south], [east, north]], drawn_in) for degrees in pair]


def _pairs(pairs: list[list[float]], drawn_in: str) -> list[list[float]]:
    found: list[list[float]] = np.round(datum.from_wgs84(np.array(pairs, np.float64), drawn_in), _PLACES).tolist()
    return found
