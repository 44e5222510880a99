"""The layers of a study: tables whose rows have a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from geodata.study_files import columns
from geodata.study_files.columns import DEGREES, METRES, Column, Table
from geodata.study_files.contents import Contents

if TYPE_CHECKING:
    from shapely import Geometry

_CIRCLE = (Column("code", "区域代码"), Column("name", "区域", width=14), Column("lon", "圆心经度（WGS-84）", DEGREES),
           Column("lat", "圆心纬度（WGS-84）", DEGREES), Column("radius_m", "半径（米）", METRES),
           Column("outside_share", "在区域之外的部分", columns.SHARE, 14), Column("nearest_site", "最近的站点编号"))
_ROUND = 360
"""Points of a drawn circle: it is nowhere farther from the true one than 0.004 % of its radius."""


class Layer(NamedTuple):
    """Rows under columns, and each row's place in WGS-84 degrees."""

    name: str
    zh: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    shapes: Sequence[Geometry | None]


def layers(contents: Contents) -> list[Layer]:
    """Return the layers that a study has: areas, gaps, emptiest_circle, sites, change_points."""
    import shapely

    found = []
    for table in columns.tables(contents):
        if table.name == "areas" and contents.lines:
            own = table._replace(rows=table.rows[:len(contents.lines)])  # the total has no place
            found.append(_layer(own, [contents.outline_of(row["code"]) for row in own.rows]))
        elif table.name == "gaps" and contents.gaps is not None:
            found.append(_layer(table, [shapely.geometry.shape(gap["geometry"]) for gap in contents.gaps["gaps"]]))
        elif table.name in ("sites", "change_points"):
            found.append(_layer(table, shapely.points([[row["lon"], row["lat"]] for row in table.rows]).tolist()))
    if contents.circles:
        rows: list[dict[str, Any]] = [{column.name: told.get(column.name) for column in _CIRCLE} for told in contents.circles.values()]
        found.append(Layer("emptiest_circle", "最空旷处", _CIRCLE, rows, [circle(row["lon"], row["lat"], row["radius_m"]) for row in rows]))
    return found


def _layer(table: Table, shapes: Sequence[Geometry | None]) -> Layer:
    names = [column.name for column in table.columns]
    return Layer(table.name, table.zh, table.columns, [{name: row.get(name) for name in names} for row in table.rows], shapes)


def circle(lon: float, lat: float, radius_m: float) -> Geometry:
    """Return a circle of geodesic metres as a polygon of degrees."""
    import numpy as np
    import shapely
    from pyproj import Geod

    turns = np.linspace(0.0, 360.0, _ROUND, endpoint=False)
    x, y, _ = Geod(ellps="WGS84").fwd(np.full(_ROUND, lon), np.full(_ROUND, lat), -turns, np.full(_ROUND, radius_m))
    return shapely.Polygon(np.round(np.column_stack([x, y]), 7))
