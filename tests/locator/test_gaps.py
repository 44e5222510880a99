"""Gaps: exact areas, whole regions, nothing lost at an edge, nothing made of rounding."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from locator.bare import uncovered_m2
from locator.emptiest import emptiest
from locator.errors import BadRadius, BadValue
from locator.gaps import gaps, gaps_of
from tests import oracles

R = 500.0
SQUARE = shapely.box(0, 0, 3000, 3000)
DONUT = SQUARE.difference(shapely.box(1000, 1000, 2000, 2000))
TWO = shapely.MultiPolygon([shapely.box(0, 0, 900, 2600), shapely.box(1500, 300, 3000, 2100)])
STAR = shapely.Polygon([(0, 1500), (1200, 1800), (1500, 3000), (1800, 1800), (3000, 1500), (1800, 1200), (1500, 0), (1200, 1200)])
AREAS = [SQUARE, DONUT, TWO, STAR]
real = st.floats(-600, 3600, allow_subnormal=False)
whole = st.integers(-2, 14).map(lambda n: n * 250.0)
points = st.one_of(st.lists(st.tuples(real, real), max_size=16), st.lists(st.tuples(whole, whole), max_size=16))
"""Anywhere, and on a lattice: circles meet in threes, touch each other, touch the outline, pass through its corners."""


def rings_of(outline):
    return [list(ring.coords)[:-1] for ring in shapely.get_rings(shapely.get_parts(outline))]


def distances(at, sites):
    return np.hypot(*(np.array(at)[:, None] - np.array(sites)[None]).transpose(2, 0, 1)).min(axis=1)


@settings(max_examples=100)
@given(st.sampled_from(AREAS), points)
def test_areas_are_those_of_closed_form_slabs_to_a_billionth(outline, sites):
    found = gaps(outline, np.array(sites, float).reshape(-1, 2), R)

    exact = oracles.uncovered_m2(rings_of(outline), sorted(set(sites)), R)
    assert sum(gap.area_m2 for gap in found) == pytest.approx(exact, abs=outline.area * 1e-8)
    [bare] = uncovered_m2([outline], np.array(sites, float).reshape(-1, 2), R)
    assert bare == pytest.approx(sum(gap.area_m2 for gap in found), rel=1e-12, abs=1e-3)


@settings(max_examples=60)
@given(points)
def test_gaps_asked_together_are_those_of_each_area_alone(sites):
    sites = np.array(sites, float).reshape(-1, 2)

    together = gaps_of([*AREAS, shapely.Polygon()], sites, R)

    assert together[-1] == []
    for outline, found in zip(AREAS, together[:-1], strict=True):
        alone = gaps(outline, sites, R)
        # what is nudged for one and not for the other may leave a thread between two circles that touch
        ours, theirs = ([gap for gap in some if gap.area_m2 > 1.0] for some in (found, alone))
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            assert one.area_m2 == pytest.approx(other.area_m2, rel=1e-6, abs=0.1)
            assert one.farthest_m == pytest.approx(other.farthest_m, abs=0.01)


@settings(max_examples=60)
@given(points)
def test_areas_asked_together_are_left_as_bare_as_each_alone(sites):
    sites = np.array(sites, float).reshape(-1, 2)

    together = uncovered_m2([*AREAS, shapely.Polygon()], sites, R)

    alone = [uncovered_m2([outline], sites, R)[0] for outline in AREAS]
    np.testing.assert_allclose(together, [*alone, 0.0], rtol=1e-8, atol=0.1)  # centres may be nudged for one and not for the other


@settings(max_examples=100)
@given(st.sampled_from(AREAS), points)
def test_every_point_of_a_fine_grid_lies_in_a_gap_or_within_the_radius(outline, sites):
    found = gaps(outline, np.array(sites, float).reshape(-1, 2), R, tolerance_m=0.01)
    grid = np.stack(np.meshgrid(np.arange(7, 3000, 61.3), np.arange(11, 3000, 61.3)), axis=-1).reshape(-1, 2)
    grid = grid[shapely.contains_xy(outline, grid)]
    apart = distances(grid, sites) if sites else np.full(len(grid), np.inf)
    clear = np.abs(apart - R) > 0.02

    within = np.zeros(len(grid), int)
    for gap in found:
        within += shapely.contains_xy(gap.polygon, grid)

    np.testing.assert_array_equal(within[clear], (apart > R)[clear])


@settings(max_examples=100)
@given(st.sampled_from(AREAS), points)
def test_gaps_are_valid_apart_from_each_other_and_no_slivers(outline, sites):
    found = gaps(outline, np.array(sites, float).reshape(-1, 2), R, tolerance_m=0.1)

    for gap in found:
        assert gap.polygon.is_valid
        assert gap.area_m2 > 1e-3
        assert gap.polygon.area == pytest.approx(gap.area_m2, abs=gap.polygon.length * 0.1 + 1e-6)
        assert shapely.intersection(gap.polygon, outline).area == pytest.approx(gap.polygon.area, rel=1e-9, abs=1e-6)
    assert [gap.area_m2 for gap in found] == sorted((gap.area_m2 for gap in found), reverse=True)


@settings(max_examples=100)
@given(st.sampled_from(AREAS), points.filter(bool))
def test_the_farthest_point_of_a_gap_is_farther_than_any_of_a_fine_grid_in_it(outline, sites):
    for gap in gaps(outline, np.array(sites, float), R, tolerance_m=0.1):
        west, south, east, north = gap.polygon.bounds
        grid = np.stack(np.meshgrid(np.linspace(west, east, 25), np.linspace(south, north, 25)), axis=-1).reshape(-1, 2)
        grid = grid[shapely.contains_xy(gap.polygon, grid)]

        assert gap.farthest_m > R
        assert distances([gap.farthest], sites)[0] == pytest.approx(gap.farthest_m, abs=1e-6)
        assert math.dist(gap.farthest, sites[gap.row]) == pytest.approx(gap.farthest_m, abs=1e-6)
        assert shapely.dwithin(gap.polygon, shapely.Point(gap.farthest), 0.2)
        if len(grid):
            assert distances(grid, sites).max() <= gap.farthest_m + 1e-6


@pytest.mark.parametrize("turned", [False, True])
def test_of_sites_equally_far_from_the_farthest_point_the_smallest_row_is_told(turned):
    corners = np.array([(-1000.0, -1000.0), (1000.0, -1000.0), (1000.0, 1000.0), (-1000.0, 1000.0)])
    (gap,) = gaps(shapely.box(-400, -400, 400, 400), corners[::-1] if turned else corners, 900.0)

    assert (gap.row, gap.farthest_m) == (0, pytest.approx(1000 * math.sqrt(2)))
    assert emptiest(shapely.box(-400, -400, 400, 400), corners).row == 0


def test_a_hole_keeps_three_corners_however_large_the_tolerance():
    (gap,) = gaps(shapely.box(-2000, -2000, 2000, 2000), np.array([(-50.0, 0.0), (50.0, 0.0)]), 500.0, tolerance_m=5000.0)

    assert gap.polygon.is_valid
    assert len(gap.polygon.interiors) == 1


def test_no_site_leaves_the_area_whole_and_nowhere_is_nearest():
    (only,) = gaps(DONUT, np.empty((0, 2)), R)

    assert only.polygon.equals(DONUT)
    assert (only.area_m2, only.farthest_m, only.row) == (DONUT.area, math.inf, -1)
    assert DONUT.contains(shapely.Point(only.farthest))


def test_an_empty_area_has_no_gap():
    assert gaps(shapely.Polygon(), np.zeros((3, 2)), R) == []


def test_one_disc_leaves_a_round_hole():
    (only,) = gaps(SQUARE, np.array([(1500.0, 1500.0)]), R)

    assert only.area_m2 == pytest.approx(SQUARE.area - math.pi * R * R, rel=1e-12)
    assert len(only.polygon.interiors) == 1


def test_nested_gaps_are_told_apart():
    angle = np.linspace(0, 2 * math.pi, 24, endpoint=False)
    ring = np.column_stack([1500 + 1300 * np.cos(angle), 1500 + 1300 * np.sin(angle)])

    outer, *corners, inner = sorted(gaps(shapely.box(-1000, -1000, 4000, 4000), ring, R), key=lambda gap: -gap.area_m2)

    assert corners == []
    assert len(outer.polygon.interiors) == 1
    assert shapely.Polygon(outer.polygon.interiors[0]).contains(inner.polygon)


def test_discs_that_touch_part_the_gaps_between_them():
    lattice = np.array([(x * 1000.0, y * 1000.0) for x in range(4) for y in range(4)])

    assert [round(gap.area_m2) for gap in gaps(SQUARE, lattice, R)] == [round(1e6 - math.pi * R * R)] * 9


def test_discs_that_cover_an_area_to_its_last_corner_leave_nothing():
    lattice = np.array([(x * 500.0, y * 500.0) for x in range(7) for y in range(7)])

    assert gaps(SQUARE, lattice, R) == []


@pytest.mark.parametrize("radius_m", [0.0, -5.0, math.nan, math.inf])
def test_a_radius_that_is_none_is_refused(radius_m):
    with pytest.raises(BadRadius):
        gaps(SQUARE, np.zeros((1, 2)), radius_m)


def test_a_radius_larger_than_the_area_leaves_nothing_and_one_smaller_than_a_step_leaves_all():
    assert gaps(SQUARE, np.zeros((1, 2)), 1e7) == []
    (only,) = gaps(SQUARE, np.array([(10.0, 10.0)]), 1e-3, tolerance_m=1.0)
    assert only.area_m2 == pytest.approx(SQUARE.area - math.pi * 1e-6, rel=1e-12)


@pytest.mark.parametrize("tolerance_m", [0.0, -1.0, math.nan])
def test_a_tolerance_that_is_none_is_refused(tolerance_m):
    with pytest.raises(BadValue, match="tolerance"):
        gaps(SQUARE, np.zeros((1, 2)), R, tolerance_m=tolerance_m)


def test_a_bow_tie_is_refused():
    with pytest.raises(BadValue, match="not valid"):
        gaps(shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]), np.zeros((1, 2)), R)
