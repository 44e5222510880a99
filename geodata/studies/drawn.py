"""What a map of a study shows: gaps and outlines with as few corners as a screen needs, sites, the emptiest circle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import shapely

from geodata.areas import Areas
from locator import earth
from locator.arrays import Bits
from locator.atlas import Atlas
from locator.outlines import Outline
from locator.pool import Pool
from locator.uncovered import GapsAnswer

TOLERANCE_M = 8.0
"""So far may a drawn edge be from the gap's own, which is within the question's tolerance of the arcs."""
_DEGREE_M = 111_000.0
_DECIMALS = 5
"""Of degrees: a metre."""
YES, MAYBE, NO = "yes", "unknown", "no"


def drawn(answer: GapsAnswer | None, found: Pool, atlas: Atlas, areas: Areas, outline: Outline | None, whole: str) -> dict[str, Any]:
    """Return the part ``map``.

    Args:
        answer: The gaps, if they were asked for; its circle.
        found: The sites that count.
        atlas: Of which they are rows.
        areas: The areas by outline.
        outline: Of the area, on the metre grid; None where it has none.
        whole: Its code.
    """
    lonlat = atlas.sites.lonlat[found.rows]
    edge = areas.polygon(whole) if outline is not None else None
    gaps = [] if answer is None else [{"rank": told.rank, "people": told.people} for told in answer.gaps]
    shapes = [] if answer is None or outline is None else simple(on_grid([told.polygon for told in answer.gaps], outline.epsg), outline.epsg)
    return {"bounds": _bounds(edge, lonlat), "sites": sites(found, atlas), "fold": 1 if answer is None else answer.question.of.fold,
            "gaps": [{**gap, "geometry": shape} for gap, shape in zip(gaps, shapes, strict=True)],
            "circle": answer.circle if answer is not None else None,
            "outline": orjson.Fragment(shapely.to_geojson(_rounded(shapely.simplify(edge, TOLERANCE_M / _DEGREE_M)))) if edge is not None else None}


def sites(found: Pool, atlas: Atlas) -> list[dict[str, Any]]:
    """Return the sites that suit, whether each counts, and whether it is a demonstration record."""
    value, lonlat, demo = atlas.sites.value, atlas.sites.lonlat[found.rows].round(6).tolist(), demonstration(found, atlas).tolist()
    return [{"id": value("id", row), "name": value("name", row), "kind": value("kind", row), "lon": lon, "lat": lat, "counts": counts, "demo": demo}
            for row, (lon, lat), counts, demo in zip(found.rows.tolist(), lonlat, _counts(found.sure, found.maybe), demo, strict=True)]


def demonstration(found: Pool, atlas: Atlas) -> Bits:
    """Return (s,) which of the sites that suit are demonstration records."""
    return atlas.sites.has("demo", (True,))[found.rows]


def on_grid(polygons: Sequence[shapely.Geometry], epsg: int) -> list[shapely.Geometry]:
    """Return polygons of degrees in metres on a grid: that of a network need not be that of the outlines."""
    return list(shapely.transform(np.array(polygons, object), lambda points: earth.on_grid(points, epsg=epsg))) if polygons else []


def simple(polygons: Sequence[shapely.Geometry], epsg: int, *, tolerance_m: float = TOLERANCE_M) -> list[orjson.Fragment]:
    """Return polygons of the metre grid as GeoJSON in degrees, with fewer corners and to the nearest metre, what is narrower exactly; all valid."""
    fewer = shapely.simplify(np.array(polygons, object), tolerance_m)
    degrees = shapely.transform(fewer, lambda points: earth.off_grid(points, epsg=epsg))
    rounded = _rounded(degrees)
    wrong = np.flatnonzero(~shapely.is_valid(rounded))
    whole = shapely.set_precision(degrees[wrong], 10.0**-_DECIMALS)  # whatever of it is narrower than a metre is gone
    rounded[wrong] = np.where(shapely.is_empty(whole), degrees[wrong], whole)
    return [orjson.Fragment(text) for text in shapely.to_geojson(rounded).tolist()]


def _rounded(shapes: Any) -> Any:
    return shapely.transform(shapes, lambda points: np.round(points, _DECIMALS))


def _counts(sure: Bits, maybe: Bits) -> list[str]:
    named: list[str] = np.where(sure, YES, np.where(maybe, MAYBE, NO)).tolist()
    return named


def _bounds(edge: shapely.Geometry | None, lonlat: Any) -> list[float] | None:
    """Return west, south, east, north of an area; of the sites where it has no outline; None where there are none either."""
    if edge is not None:
        return [round(float(value), 5) for value in edge.bounds]
    if not len(lonlat):
        return None
    return np.round([*lonlat.min(axis=0), *lonlat.max(axis=0)], 5).tolist()  # type: ignore[no-any-return]
