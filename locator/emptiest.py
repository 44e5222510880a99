"""The largest circle about a point of an area with no site in it, and where else one is far from every site.

Within one site's Voronoi cell the distance to that site is convex, so over an area it is largest at a corner: a
Voronoi vertex inside the area, a corner of the outline, or a point of the outline that is equally far from two
sites. Only these are looked at. An edge of the outline whose ends are nearest to one site lies in one cell, which
is convex; the others are cut where the nearest two of their ends are equally far, again wherever a third is nearer.

Equal radii need no other diagram. Method: Toussaint, "Computing largest empty circles with location constraints",
Int. J. Comput. Inf. Sci. 12 (1983).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree

from locator import hiding
from locator.arrays import Rows
from locator.errors import BadValue

Floats = NDArray[np.float64]
_FAR = 50.0
"""So many times the extent away, four points that are no sites keep the diagram bounded and change it nowhere near."""
_AT_ONCE = 512
_STEPS = 32
"""Parts of a box each way, from whose middles it is found how far a nearest site can be."""
_EQUAL = 1e-9
_EQUAL_M = 1e-6
"""Of distances to sites that nearly coincide rounding is no small share."""


class Circle(NamedTuple):
    """A circle with no site in it."""

    x: float
    y: float
    """Its centre, metres on the plane of the question."""
    radius_m: float
    row: int
    """The nearest site; of several the smallest row."""


class Corners(NamedTuple):
    """Points of an area and how far they are from every site."""

    points: Floats
    """(c, 2) metres."""
    metres: Floats
    """(c,) to the nearest site."""


def emptiest(outline: shapely.Geometry, sites: Floats) -> Circle | None:
    """Return the largest circle whose centre lies in an area and which has no site inside.

    Args:
        outline: A valid polygon or multipolygon, metres; its boundary belongs to it.
        sites: (n, 2) metres, in the area or not; equal ones are one.

    Returns:
        The circle; None where there is no site or no area, so that there is no largest one. Of several equally
        large circles the one whose centre is farthest west, then south.

    Raises:
        BadValue: If the outline is not a valid polygon or multipolygon.
    """
    return emptiest_of([outline], sites)[0]


def emptiest_of(outlines: Sequence[shapely.Geometry], sites: Floats) -> list[Circle | None]:
    """Return `emptiest` of each of some areas among the same sites, of which one diagram is made for all."""
    tree = cKDTree(np.asarray(sites, np.float64).reshape(-1, 2))
    for outline in outlines:
        check_outline(outline)
    edged = {place: _on_outline(outline, tree.data, tree) for place, outline in enumerate(outlines) if tree.n and not outline.is_empty}
    found: list[Circle | None] = [None] * len(outlines)
    if not edged:
        return found
    inner = _about([outlines[place] for place in edged], tree, min(float(edge.metres.max()) for edge in edged.values()))
    for place, edge in edged.items():
        points, metres = _with_inside(outlines[place], edge, inner, only_farthest=True)
        best = np.lexsort((points[:, 1], points[:, 0], -metres))[0]
        x, y = points[best].tolist()
        found[place] = Circle(x, y, float(metres[best]), int(first_of_nearest(tree, points[[best]])[0]))
    return found


def corners(outline: shapely.Geometry, tree: cKDTree, *, beyond_m: float, inner: Corners | None = None) -> Corners:
    """Return the points of an area at which it may be farthest from every site, beyond some metres.

    Each part of the area that is farther than these from every site has its own farthest point among them.

    Args:
        outline: As in `emptiest`.
        tree: Of all sites.
        beyond_m: Metres.
        inner: What `vertices` found beyond `beyond_m`, in the area and about it; None: that is looked for here.
    """
    check_outline(outline)
    if outline.is_empty or not tree.n:
        return Corners(np.empty((0, 2)), np.empty(0))
    points, metres = _with_inside(outline, _on_outline(outline, tree.data, tree), inner or _about([outline], tree, beyond_m), only_farthest=False)
    return Corners(points[metres > beyond_m], metres[metres > beyond_m])


def _about(outlines: Sequence[shapely.Geometry], tree: cKDTree, beyond_m: float) -> Corners:
    """Return the Voronoi vertices about some areas that are farther than `beyond_m` from every site."""
    west, south, east, north = zip(*(outline.bounds for outline in outlines), strict=True)
    seen = tree.data[~hiding.hidden(tree.data, beyond_m)] if beyond_m > 0 else tree.data
    return vertices(seen, (min(west), min(south), max(east), max(north)), tree, beyond_m=beyond_m)


def _with_inside(outline: shapely.Geometry, edge: Corners, inner: Corners, *, only_farthest: bool) -> Corners:
    points, metres = (np.concatenate([a, b]) for a, b in zip(edge, _inside(outline, inner, only_farthest=only_farthest), strict=True))
    return Corners(points, metres)


def first_of_nearest(tree: cKDTree, points: Floats) -> Rows:
    """Return (p,) the nearest of the sites in a tree to each of (p, 2) points; of those equally far but for rounding the smallest row."""
    equal = tree.query_ball_point(points, tree.query(points)[0] * (1 + _EQUAL))
    return np.fromiter(map(min, equal), np.intp, len(points))


def check_outline(outline: shapely.Geometry) -> None:
    """Refuse what is no area.

    Raises:
        BadValue: If it is not a valid polygon or multipolygon; says where it is not.
    """
    if not isinstance(outline, shapely.Polygon | shapely.MultiPolygon):
        raise BadValue("area", outline.geom_type, zh="应为面（Polygon 或 MultiPolygon）", en="must be a Polygon or MultiPolygon")
    if not outline.is_valid:
        why = shapely.is_valid_reason(outline)
        raise BadValue("area", why, zh=f"边界无效：{why}", en=f"the outline is not valid: {why}")


def edges(outline: shapely.Geometry) -> tuple[Floats, Floats, Rows]:
    """Return (e, 2) where every edge of an outline begins and ends, and (e,) which of its rings it is of."""
    rings = shapely.get_rings(shapely.get_parts(outline))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    goes_on = np.flatnonzero(ring[1:] == ring[:-1])
    goes_on = goes_on[(points[goes_on] != points[goes_on + 1]).any(axis=1)]
    return points[goes_on], points[goes_on + 1], ring[goes_on]


def _on_outline(outline: shapely.Geometry, sites: Floats, tree: cKDTree) -> Corners:
    """Return the outline's corners, and its points that are equally far from two sites and nearer to none."""
    start, end, _ = edges(outline)
    metres, near = tree.query(start)
    points, far = [start], [metres]
    begin_row, end_row = near, tree.query(end)[1]
    while True:
        split = begin_row != end_row
        if not split.any():
            break
        start, end, begin_row, end_row = start[split], end[split], begin_row[split], end_row[split]
        cut = _equally_far(start, end, sites[begin_row], sites[end_row])
        metres, near = tree.query(cut)
        ours = np.hypot(*(cut - sites[begin_row]).T)
        met = metres >= ours * (1 - _EQUAL) - _EQUAL_M
        points, far = [*points, cut[met]], [*far, metres[met]]
        third = ~met
        start, end = np.concatenate([start[third], cut[third]]), np.concatenate([cut[third], end[third]])
        begin_row, end_row = (np.concatenate([begin_row[third], near[third]]), np.concatenate([near[third], end_row[third]]))
    return Corners(np.concatenate(points), np.concatenate(far))


def _equally_far(start: Floats, end: Floats, one: Floats, other: Floats) -> Floats:
    """Return where each edge, whose start is nearer to `one` and whose end is nearer to `other`, is equally far from both."""
    way, apart = end - start, other - one
    along = (way * apart).sum(axis=1)
    past = (apart * ((one + other) / 2 - start)).sum(axis=1)
    share = np.clip(past / np.where(along == 0, 1.0, along), 0.0, 1.0)
    return np.asarray(start + way * share[:, None])


def vertices(sites: Floats, bounds: tuple[float, float, float, float], tree: cKDTree, *, beyond_m: float) -> Corners:
    """Return the Voronoi vertices in a box that are farther than `beyond_m` from every site, those farthest first.

    Args:
        sites: (n, 2) among which are all that are nearest to some such point.
        bounds: West, south, east, north.
        tree: Of all sites.
        beyond_m: Metres.
    """
    box = np.array([bounds[:2], bounds[2:]])
    distinct, _ = hiding.distinct(_near(box, sites, tree))
    low, high = np.minimum(distinct.min(axis=0), box[0]), np.maximum(distinct.max(axis=0), box[1])
    middle, away = (low + high) / 2, _FAR * max(float((high - low).max()), 1.0)
    ghosts = middle + away * np.array([(1.0, 0.1), (-0.1, 1.0), (-1.0, -0.1), (0.1, -1.0)])
    points = _centres(np.concatenate([distinct, ghosts]) - middle) + middle
    points = points[((points >= box[0]) & (points <= box[1])).all(axis=1)]  # what lies on a line has none: NaN
    metres = tree.query(points)[0]
    far = np.flatnonzero(metres > beyond_m)
    far = far[np.argsort(-metres[far], kind="stable")]
    return Corners(points[far], metres[far])


def _centres(points: Floats) -> Floats:
    """Return (t, 2) the centres of the circles through the corners of each Delaunay triangle: the Voronoi vertices."""
    corners = points[Delaunay(points).simplices]
    (bx, by), (cx, cy) = ((corners[:, corner] - corners[:, 0]).T for corner in (1, 2))
    b, c = bx * bx + by * by, cx * cx + cy * cy
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(corners[:, 0] + np.column_stack([cy * b - by * c, bx * c - cx * b]) / (2 * (bx * cy - by * cx))[:, None])


def _inside(outline: shapely.Geometry, found: Corners, *, only_farthest: bool) -> Corners:
    """Return those of some points, the farthest first, that lie in the area, or some of them with the farthest of all."""
    west, south, east, north = outline.bounds
    x, y = found.points.T
    about = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
    shapely.prepare(outline)
    inside = []
    for begin in range(0, len(about), _AT_ONCE):
        some = about[begin:begin + _AT_ONCE]
        some = some[shapely.intersects_xy(outline, found.points[some])]
        inside.append(some)
        if only_farthest and len(some):
            break
    kept = np.concatenate(inside) if inside else np.empty(0, np.intp)
    return Corners(found.points[kept], found.metres[kept])


def _near(box: Floats, sites: Floats, tree: cKDTree) -> Floats:
    """Return the sites that may be nearest to some point of a box."""
    steps = (box[1] - box[0]) / _STEPS
    middles = box[0] + steps * (np.stack(np.meshgrid(np.arange(_STEPS), np.arange(_STEPS)), axis=-1).reshape(-1, 2) + 0.5)
    farthest = (tree.query(middles)[0].max() + np.hypot(*steps) / 2) * (1 + _EQUAL)  # of any point of the box from its nearest site
    beside = np.maximum(np.maximum(box[0] - sites, sites - box[1]), 0.0)
    kept: Floats = sites[np.hypot(beside[:, 0], beside[:, 1]) <= farthest]
    return kept
