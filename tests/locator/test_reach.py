"""What is within a walk, as polygons: told rightly wherever it is farther from the true edge than the tolerance."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from locator import reach
from locator.errors import BadRadius
from tests.locator.test_network import CORNER, network, on, snap

GRID = [(x * 120, y * 90) for y in range(4) for x in range(4)], [
    *((4 * y + x, 4 * y + x + 1) for y in range(4) for x in range(3)), *((4 * y + x, 4 * y + x + 4) for y in range(3) for x in range(4))]


def area(found) -> float:
    return sum(polygon.area for polygon in found)


def test_from_the_middle_of_one_long_street_reach_is_what_geometry_says():
    """Along a street with m metres left at its middle, ground is within reach that is |x| + |y| <= m away: a square on its tip."""
    net = network([(-1_000, 0), (1_000, 0)], [(0, 1)])

    [found] = reach.polygons(net, on((0, 0.5, 0)), 200, tolerance_m=2)

    assert found.area == pytest.approx(2 * 200**2, rel=0.01)
    assert found.bounds == pytest.approx([CORNER[0] - 200, CORNER[1] - 200, CORNER[0] + 200, CORNER[1] + 200], abs=3)


def test_ground_too_far_from_every_street_is_a_hole():
    net = network([(-300, -300), (300, -300), (300, 300), (-300, 300)], [(0, 1), (1, 2), (2, 3), (3, 0)])

    [found] = reach.polygons(net, on((0, 0.5, 0)), 2_000, tolerance_m=3, within_m=100)

    assert len(found.interiors) == 1
    assert shapely.Polygon(found.interiors[0]).area == pytest.approx(400**2, rel=0.02)


def test_places_far_apart_have_polygons_of_their_own_the_largest_first():
    net = network([(0, 0), (400, 0), (5_000, 0), (5_400, 0)], [(0, 1), (2, 3)])

    found = reach.polygons(net, on((0, 0.5, 60), (1, 0.5, 0)), 100, tolerance_m=3)

    assert [round(math.sqrt(p.area / 2)) for p in found] == [pytest.approx(100, abs=4), pytest.approx(40, abs=4)]
    assert all(p.is_valid for p in found)


def test_what_cannot_be_reached_is_no_polygon():
    net = network(*GRID)

    assert reach.polygons(net, on((-1, 0, math.inf)), 100, tolerance_m=5) == []
    assert reach.polygons(net, on((0, 0.5, 101)), 100, tolerance_m=5) == []


@pytest.mark.parametrize(("limit_m", "tolerance_m", "field"), [(0, 5, "limit_m"), (-1, 5, "limit_m"), (100, 0, "tolerance_m"),
                                                             (100, math.inf, "tolerance_m"), (100, math.nan, "tolerance_m")])
def test_a_limit_or_tolerance_that_cannot_be_is_refused(limit_m, tolerance_m, field):
    with pytest.raises(BadRadius, match=field):
        reach.polygons(network(*GRID), on((0, 0.5, 0)), limit_m, tolerance_m=tolerance_m)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, len(GRID[1]) - 1), st.sampled_from([0.0, 0.3, 1.0]), st.sampled_from([0.0, 35.0])), min_size=1, max_size=3),
       st.sampled_from([30, 90, 250]), st.sampled_from([60.0, 500.0]), st.integers(0, 2**32))
def test_every_spot_is_told_rightly_that_is_farther_than_the_tolerance_from_the_true_edge(sources, limit_m, within_m, seed):
    """A spot is that far from the edge where ground closer than the tolerance is all within reach, or none of it."""
    net, tolerance_m = network(*GRID), 6.0
    found = shapely.union_all(reach.polygons(net, on(*sources), limit_m, tolerance_m=tolerance_m, within_m=within_m))
    spots = np.random.default_rng(seed).uniform((-150, -150), (510, 420), (400, 2))
    ring = np.array([(r * math.cos(a), r * math.sin(a)) for r in (0, 1.5, 3, 4.5, tolerance_m) for a in np.arange(24) * math.tau / 24])

    around = snap(net, *(spots[:, None, :] + ring).reshape(-1, 2), within_m=within_m)
    within = np.isfinite(net.nearest_m(on(*sources), around, limit_m=limit_m)[0]).reshape(len(spots), len(ring))

    shapely.prepare(found)
    told = shapely.contains_xy(found, *(spots + CORNER).T)
    assert told[within.all(axis=1)].all()
    assert not told[~within.any(axis=1)].any()


def test_where_too_many_points_would_be_looked_at_the_tolerance_is_as_much_larger_as_it_takes_and_told():
    net = network(*GRID)
    ground = shapely.box(*(CORNER - 400), *(CORNER + 800))

    found, tolerance_m = reach.spots(net, ground, tolerance_m=5.0, most=3_000)
    fine, told_m = reach.spots(net, ground, tolerance_m=5.0)

    assert (told_m, len(fine.at) > 3_000 >= len(found.at) > 300) == (5.0, True)
    assert found.step_m == pytest.approx(tolerance_m * math.sqrt(2), abs=2e-3)
    assert 10 < tolerance_m < 40


def test_the_lattice_points_of_some_ground_tell_of_all_of_it():
    net = network(*GRID)
    ground = shapely.Polygon(CORNER + np.array([(-90, -40), (410, 20), (300, 330), (130, 100), (20, 310)]))

    found, _ = reach.spots(net, ground, tolerance_m=8.0)

    drawn = shapely.union_all(reach.squares(found.at, found.step_m))
    assert shapely.difference(ground, drawn).area == pytest.approx(0.0, abs=1e-3)
    assert (shapely.distance(ground, shapely.points(found.points)) < 17 * found.step_m * math.sqrt(2)).all()
