"""What maps are drawn with: the field, its scale and north, outlines, names, sites, polygons with their holes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from geodata.study_files import palette
from geodata.study_files.contents import Contents
from geodata.study_pictures.sheet import BODY, SMALL, Sheet, Size

MARKS: Final = {"no": ("x", palette.NO, palette.NO), "unknown": ("D", palette.UNKNOWN, palette.UNKNOWN_EDGE),
                "yes": ("o", palette.YES, "#ffffff")}
"""Of sites, by how they count; drawn in this order: what counts lies on top."""
NUMBERED: Final = 10
"""So many areas not served carry their number."""
HALO: Final = [patheffects.withStroke(linewidth=2.2, foreground=palette.HALO)]
_METRES_A_DEGREE: Final = 111_320.0
_CLEAR: Final = 16.0
"""Points between the middle of a number and that of a name."""
_PAPER_SQ_IN: Final = 9.6 * 5.4
"""Of the paper that marks are measured on."""
_BAR_SHARE: Final = 0.22
"""Of the map's width, at most, for the scale bar."""


def frame(axes: Axes, sheet: Sheet, box: Sequence[float]) -> None:
    """Fit the field to an area; the shorter side is given what it lacks, so that the map fills its paper."""
    west, south, east, north = box
    middle, across = (south + north) / 2, math.cos(math.radians((south + north) / 2))
    field = axes.get_position()
    ratio = field.width * sheet.width_in / (field.height * sheet.height_in)
    wide, tall = max((east - west) * 1.06, 0.01), max((north - south) * 1.06, 0.01)
    wide = max(wide, tall * ratio / across)
    tall = wide * across / ratio
    centre = (west + east) / 2
    axes.set_xlim(centre - wide / 2, centre + wide / 2)
    axes.set_ylim(middle - tall / 2, middle + tall / 2)
    axes.set_aspect(1 / across)
    axes.set_facecolor(palette.SEA)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(palette.GRID)
    _scale(axes, sheet, wide * across * _METRES_A_DEGREE)
    _north(axes)


def _scale(axes: Axes, sheet: Sheet, width_m: float) -> None:
    """Draw a bar of a round length, its ends marked."""
    most = width_m * _BAR_SHARE
    step = 10 ** math.floor(math.log10(most))
    metres = next(step * part for part in (5, 2, 1) if step * part <= most)
    share = metres / width_m
    label = f"{metres / 1000:g} " + sheet.words("公里", "km") if metres >= 1000 else f"{metres:g} " + sheet.words("米", "m")
    for left, right, colour in ((0.0, 0.5, palette.INK), (0.5, 1.0, "#ffffff")):
        axes.plot([0.03 + share * left, 0.03 + share * right], [0.045, 0.045], color=palette.INK, linewidth=5, transform=axes.transAxes, zorder=9,
                  solid_capstyle="butt")
        axes.plot([0.03 + share * left, 0.03 + share * right], [0.045, 0.045], color=colour, linewidth=3, transform=axes.transAxes, zorder=9,
                  solid_capstyle="butt")
    axes.text(0.03 + share / 2, 0.06, label, transform=axes.transAxes, ha="center", va="bottom", fontsize=BODY - 1, color=palette.INK, zorder=9,
              path_effects=HALO)


def _north(axes: Axes) -> None:
    axes.annotate("N", (0.96, 0.97), (0.96, 0.885), xycoords="axes fraction", textcoords="axes fraction", ha="center", va="center", fontsize=BODY + 1,
                  fontweight="bold", color=palette.INK, zorder=9,
                  arrowprops={"arrowstyle": "-|>", "color": palette.INK, "linewidth": 1.6, "mutation_scale": 16})


def borders(axes: Axes, contents: Contents, taken: Sequence[tuple[float, float]] = ()) -> None:
    """Draw the land under everything and the outlines of the areas over the ground; names where there is room, beside what is `taken`."""
    lines = contents.lines or [{"code": area.code} for area in contents.areas.tree if area.tier == "district"]
    shapes = {line["code"]: shape for line in lines if (shape := contents.outline_of(line["code"])) is not None}
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    window = shapely.box(west, south, east, north)
    for code, shape in shapes.items():
        draw(axes, shapely.geometry.mapping(shape), facecolor=palette.LAND, edgecolor="none", zorder=1)
        draw(axes, shapely.geometry.mapping(shape), facecolor="none", edgecolor=palette.OUTLINE, linewidth=0.9, zorder=3)
        seen = shape.intersection(window)
        if not seen.is_empty and seen.area > 0.004 * window.area and len(shapes) > 1:
            at = max(getattr(seen, "geoms", [seen]), key=lambda part: part.area).representative_point()
            away = _away(axes, (at.x, at.y), taken)
            axes.annotate(contents.name_of(code).removesuffix(" District"), (at.x, at.y), (0, away), textcoords="offset points", fontsize=SMALL,
                          color=palette.OUTLINE, ha="center", va="center", zorder=7, path_effects=HALO)


def _away(axes: Axes, at: tuple[float, float], taken: Sequence[tuple[float, float]]) -> float:
    """Return how many points above or below its place a name is clear of the numbers."""
    place = axes.transData.transform(at)
    per_point = axes.get_figure().dpi / 72  # type: ignore[union-attr]
    for away in (0.0, -_CLEAR, _CLEAR, -1.8 * _CLEAR, 1.8 * _CLEAR):
        near = [other for other in axes.transData.transform(np.array(taken).reshape(-1, 2)) / per_point
                if abs(other[0] - place[0] / per_point) < 2 * _CLEAR and abs(other[1] - place[1] / per_point - away) < 0.9 * _CLEAR]
        if not near:
            return away
    return 0.0


def sites(axes: Axes, found: Sequence[Mapping[str, Any]], size: Size) -> list[str]:
    """Draw sites by how they count; return which sorts there are, in the order of drawing."""
    sorts = []
    for sort, (marker, fill, edge) in MARKS.items():
        place = np.array([(site["lon"], site["lat"]) for site in found if site["counts"] == sort]).reshape(-1, 2)
        if len(place):
            sorts.append(sort)
            large = point_size(len(found), size) * (0.6 if sort == "no" else 1.0)
            edges = 0.7 if len(found) <= 500 or marker == "x" else 0.35 if len(found) <= 3000 else 0.12
            axes.scatter(place[:, 0], place[:, 1], s=large, marker=marker, c=fill, edgecolors=None if marker == "x" else edge,
                         linewidths=edges, zorder=4)
    return sorts


def point_size(count: int, size: Size) -> float:
    """Return the area of a mark, in square points: smaller where there are many, as large as the paper allows."""
    paper = size.width / size.dpi * size.height / size.dpi / _PAPER_SQ_IN
    return float(np.clip(12_000 / max(count, 1), 1.6, 60.0)) * paper


def numbers(axes: Axes, found: Sequence[Mapping[str, Any]]) -> list[tuple[float, float]]:
    """Number the first of the areas not served; return where the numbers stand."""
    taken = []
    for gap in reversed(found[:NUMBERED]):
        shape = shapely.geometry.shape(gap["geometry"])
        at = max(getattr(shape, "geoms", [shape]), key=lambda part: part.area).representative_point()
        taken.append((at.x, at.y))
        axes.text(at.x, at.y, str(gap["rank"]), fontsize=BODY, fontweight="bold", color="#ffffff", ha="center", va="center", zorder=8,
                  bbox={"boxstyle": "circle,pad=0.25", "facecolor": palette.GAP_EDGE, "edgecolor": "#ffffff", "linewidth": 1})
    return taken


def draw(axes: Axes, geometry: Mapping[str, Any], **look: Any) -> None:
    """Draw polygons of GeoJSON, their holes left open; `look` as of a patch."""
    axes.add_patch(PathPatch(_path(geometry), **look))


def _path(geometry: Mapping[str, Any]) -> Path:
    """Return polygons with their holes as one path; parts that are no polygon are left out."""
    corners: list[NDArray[np.float64]] = []
    codes: list[NDArray[np.uint8]] = []
    parts = geometry.get("geometries") or [geometry]
    for part in parts:
        if part["type"] not in ("Polygon", "MultiPolygon"):
            continue
        for polygon in part["coordinates"] if part["type"] == "MultiPolygon" else [part["coordinates"]]:
            for place, ring in enumerate(polygon):
                corners.append(_turned(np.asarray(ring, float)[:, :2], outer=place == 0))
                code = np.full(len(ring), Path.LINETO, np.uint8)
                code[0], code[-1] = Path.MOVETO, Path.CLOSEPOLY
                codes.append(code)
    return Path(np.concatenate(corners), np.concatenate(codes)) if corners else Path(np.empty((0, 2)))


def _turned(ring: NDArray[np.float64], *, outer: bool) -> NDArray[np.float64]:
    """Return a ring against the clock, or with it for a hole: paper and screen leave open what is wound both ways."""
    x, y = (ring - ring[0]).T
    return ring if (np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]) > 0) == outer else ring[::-1]


def bounds(contents: Contents, told: Mapping[str, Any] | None) -> list[float]:
    """Return the box of the area asked of; of the sites, or of everything, where it has no outline."""
    code = contents.total.get("code") or contents.query["area"] or next((one.code for one in contents.areas.tree if one.parent is None), None)
    shape = contents.outline_of(code) if code else None
    if shape is not None:
        return list(shape.bounds)
    return around((told or {}).get("sites") or []) or [73.0, 18.0, 135.0, 54.0]


def around(points: Sequence[Mapping[str, Any]]) -> list[float] | None:
    """Return the box of points with some room around it, 10 km across at least; None for none."""
    if not points:
        return None
    place = np.array([(point["lon"], point["lat"]) for point in points])
    (west, south), (east, north) = place.min(axis=0), place.max(axis=0)
    more_x, more_y = max(0.06 - (east - west) / 2, (east - west) * 0.08), max(0.045 - (north - south) / 2, (north - south) * 0.08)
    return [west - more_x, south - more_y, east + more_x, north + more_y]
