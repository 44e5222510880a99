"""Regions: each point in the one that holds it, judged one by one."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from locator import regions

place = st.one_of(st.tuples(st.floats(-20, 120), st.floats(-20, 120)),
                  st.tuples(st.integers(-2, 12).map(lambda n: n * 10.0), st.integers(-2, 12).map(lambda n: n * 10.0)))
RING = shapely.box(0, 0, 60, 60).difference(shapely.box(20, 20, 40, 40))
REGIONS = [shapely.Polygon(RING), shapely.box(20, 20, 40, 40), shapely.box(60, 0, 100, 100), shapely.Polygon([(0, 60), (55, 100), (0, 100)])]


@settings(max_examples=100)
@given(st.lists(place, max_size=300), st.sampled_from([0.0, 3.0]))
def test_each_point_is_in_the_first_region_that_has_it_or_else_in_the_nearest_within_the_rim(points, rim_m):
    points = np.array(points, float).reshape(-1, 2)

    found = regions.of_points(points, REGIONS, rim_m=rim_m)

    for point, number in zip(shapely.points(points).tolist(), found.tolist(), strict=True):
        metres = shapely.distance(point, REGIONS)
        if metres.min() == 0:
            assert number == int(np.argmin(metres))
        elif 0 < metres.min() <= rim_m:
            assert metres[number] == metres.min()
        else:
            assert number == -1


def test_many_points_of_one_tile_and_one_point_of_many_are_told_alike():
    rng = np.random.default_rng(3)
    points = np.concatenate([rng.normal((30, 30), 1e-3, (500, 2)), rng.uniform(-20, 120, (500, 2))])

    found = regions.of_points(points, REGIONS)

    holds = np.array([shapely.intersects_xy(region, points) for region in REGIONS])
    np.testing.assert_array_equal(found, np.where(holds.any(axis=0), holds.argmax(axis=0), -1))


def test_no_points_and_no_regions_are_in_nothing():
    assert regions.of_points(np.empty((0, 2)), REGIONS).tolist() == []
    assert regions.of_points(np.zeros((2, 2)), [], rim_m=5.0).tolist() == [-1, -1]
