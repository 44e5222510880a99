"""The emptiest circle of each of some areas, told as an answer: where it is, how large, which site ends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from locator import earth, emptiest, pockets
from locator.arrays import Rows
from locator.atlas import Atlas
from locator.emptiest import Circle
from locator.outlines import Outline, OutlineOf

_QUARTER = 64
"""Chords of a quarter of a circle, where its ground is told by share."""


def circles(codes: Sequence[str], rows: Rows, atlas: Atlas, outline_of: OutlineOf) -> dict[str, dict[str, Any]]:
    """Return the emptiest circle of each area that has one, by its code: none has where there is no site, or no outline.

    Args:
        codes: Of the areas.
        rows: (s,) of the sites that count.
        atlas: Of which they are rows.
        outline_of: As in `coverage`.

    Returns:
        As in the JSON: `lon` and `lat` of its centre in WGS-84, `radius_m`, `nearest_site`, and `outside_share`, how much of its
        ground lies outside the area.
    """
    drawn = {code: outline for code in dict.fromkeys(codes) if (outline := outline_of(code)) is not None}
    if not drawn:
        return {}
    epsg = next(iter(drawn.values())).epsg
    circles = emptiest.emptiest_of([outline.geometry for outline in drawn.values()], pockets.on_grid(atlas.sites.lonlat[rows], epsg))
    found = {code: (outline, circle) for (code, outline), circle in zip(drawn.items(), circles, strict=True) if circle is not None}
    return {code: _circle(outline, circle, rows, atlas) for code, (outline, circle) in found.items()}


def _circle(outline: Outline, found: Circle, rows: Rows, atlas: Atlas) -> dict[str, Any]:
    [[lon, lat]] = earth.off_grid(np.array([(found.x, found.y)]), epsg=outline.epsg).tolist()
    disc = shapely.Point(found.x, found.y).buffer(found.radius_m, quad_segs=_QUARTER)
    inside = shapely.intersection(outline.geometry, disc).area / disc.area
    return {"lon": lon, "lat": lat, "radius_m": found.radius_m, "outside_share": round(max(1 - inside, 0.0), 4),
            "nearest_site": atlas.sites.value("id", int(rows[found.row]))}
