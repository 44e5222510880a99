"""Gaps of several sites: ground that fewer than k of them reach, judged by plain loops over points and discs, and by shapely over sets of k."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from locator import emptiest, farthest
from locator.bare import uncovered_m2
from locator.gaps import gaps, gaps_of, polygons
from tests import oracles
from tests.locator.test_gaps import AREAS, DONUT, SQUARE, R, points, rings_of

close = st.lists(st.one_of(st.tuples(st.floats(0, 3000), st.floats(0, 3000)), st.sampled_from([(900.0, 900.0), (1200.0, 900.0), (2100.0, 1500.0)])),
                 max_size=24)
"""Close enough that many discs lie on each other, some of them about one centre."""
sets = st.one_of(points, close)
folds = st.sampled_from([2, 3, 4])
GRID = np.stack(np.meshgrid(np.arange(7, 3000, 61.3), np.arange(11, 3000, 61.3)), axis=-1).reshape(-1, 2)


def asked(outline, sites, fold, **rest):
    return gaps(outline, np.array(sites, float).reshape(-1, 2), R, fold=fold, **rest)


def nth_m(at, sites, nth):
    """Return how far the n-th nearest site is from a point."""
    return sorted(math.dist(at, site) for site in sites)[nth - 1] if len(sites) >= nth else math.inf


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(AREAS), sets, folds)
def test_areas_are_those_of_closed_form_slabs_to_a_hundred_millionth(outline, sites, fold):
    found = sum(gap.area_m2 for gap in asked(outline, sites, fold))

    assert found == pytest.approx(oracles.uncovered_m2(rings_of(outline), sites, R, fold), abs=outline.area * 1e-8)
    assert found == pytest.approx(uncovered_m2([outline], np.array(sites, float).reshape(-1, 2), R, fold=fold)[0], rel=1e-12, abs=1e-2)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(AREAS), st.lists(st.tuples(st.floats(0, 3000), st.floats(0, 3000)), max_size=7), st.sampled_from([2, 3]))
def test_areas_are_what_is_left_beside_all_that_any_k_of_the_discs_share(outline, sites, fold):
    round_ones = [shapely.Point(site).buffer(R, quad_segs=4096) for site in sites]
    deep = shapely.union_all([shapely.intersection_all(some) for some in itertools.combinations(round_ones, fold)])

    left = shapely.difference(outline, deep)

    found = asked(outline, sites, fold)
    assert sum(gap.area_m2 for gap in found) == pytest.approx(left.area, rel=1e-6)
    parts = [part for part in shapely.get_parts(left) if part.area > 1.0]
    assert sorted(gap.area_m2 for gap in found if gap.area_m2 > 1.0) == pytest.approx(sorted(part.area for part in parts), rel=1e-5, abs=2.0)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(AREAS), sets, folds)
def test_every_point_of_a_fine_grid_is_in_one_gap_or_has_so_many_sites_within_the_radius(outline, sites, fold):
    found = asked(outline, sites, fold, tolerance_m=0.01)
    grid = GRID[shapely.contains_xy(outline, GRID)]
    apart = np.array([nth_m(at, sites, fold) for at in grid.tolist()])
    clear = np.abs(apart - R) > 0.02

    within = np.zeros(len(grid), int)
    for gap in found:
        within += shapely.contains_xy(gap.polygon, grid)

    np.testing.assert_array_equal(within[clear], (apart > R)[clear])


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(AREAS), sets, folds, st.sampled_from([0.1, 5.0, 400.0]))
def test_gaps_are_valid_apart_from_each_other_and_no_slivers(outline, sites, fold, tolerance_m):
    found = asked(outline, sites, fold, tolerance_m=tolerance_m)

    for gap in found:
        assert gap.polygon.is_valid
        assert gap.area_m2 > 1e-3
        assert gap.polygon.area == pytest.approx(gap.area_m2, abs=gap.polygon.length * tolerance_m + 1e-6)
        if tolerance_m < 1:
            assert shapely.intersection(gap.polygon, outline).area == pytest.approx(gap.polygon.area, rel=1e-9, abs=1e-6)
    assert [gap.area_m2 for gap in found] == sorted((gap.area_m2 for gap in found), reverse=True)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(AREAS), sets.filter(lambda sites: len(sites) >= 2), folds)
def test_no_point_of_a_gap_has_its_k_th_nearest_site_a_metre_farther_away_than_the_one_that_is_told(outline, sites, fold):
    for gap in asked(outline, sites, fold, tolerance_m=0.1):
        if len(sites) < fold:
            assert (gap.farthest_m, gap.row) == (math.inf, -1)
            continue
        west, south, east, north = gap.polygon.bounds
        grid = np.stack(np.meshgrid(np.linspace(west, east, 25), np.linspace(south, north, 25)), axis=-1).reshape(-1, 2)
        grid = [*grid[shapely.contains_xy(gap.polygon, grid)].tolist(), *map(list, gap.polygon.exterior.coords)]

        assert gap.farthest_m == pytest.approx(nth_m(gap.farthest, sites, fold), abs=1e-6)
        assert gap.farthest_m == pytest.approx(math.dist(gap.farthest, sites[gap.row]), abs=1e-6)
        assert gap.farthest_m > R - 1e-5
        assert shapely.dwithin(gap.polygon, shapely.Point(gap.farthest), 1e-6)
        assert max(nth_m(at, sites, fold) for at in grid) <= gap.farthest_m + farthest.TOLERANCE_M


@settings(max_examples=40, deadline=None)
@given(sets, folds)
def test_gaps_asked_together_are_those_of_each_area_alone(sites, fold):
    together = gaps_of([*AREAS, shapely.Polygon()], np.array(sites, float).reshape(-1, 2), R, fold=fold)

    assert together[-1] == []
    for outline, found in zip(AREAS, together[:-1], strict=True):
        ours, theirs = ([gap.area_m2 for gap in some if gap.area_m2 > 1.0] for some in (found, asked(outline, sites, fold)))
        assert ours == pytest.approx(theirs, rel=1e-6, abs=0.1)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([*AREAS, shapely.Polygon()]), sets, st.sampled_from([1, 2, 3]))
def test_the_polygons_alone_are_those_of_the_gaps_and_cost_no_search_for_a_farthest_point(outline, sites, fold):
    sites = np.array(sites, float).reshape(-1, 2)
    whole = gaps(outline, sites, R, fold=fold, tolerance_m=10.0)

    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(farthest, "farthest")
        patch.delattr(emptiest, "vertices")
        patch.delattr(emptiest, "corners")
        alone = polygons(outline, sites, R, fold=fold, tolerance_m=10.0).tolist()

    assert [shapely.equals_exact(one, gap.polygon) for one, gap in zip(alone, whole, strict=True)] == [True] * len(whole)


def test_two_discs_that_meet_leave_a_hole_where_they_share_ground_however_small_it_is_beside_the_tolerance():
    for apart_m in (100.0, 700.0, 998.0):
        (only,) = asked(SQUARE, [(1500 - apart_m / 2, 1500), (1500 + apart_m / 2, 1500)], 2, tolerance_m=50.0)

        lens_m2 = 2 * R**2 * math.acos(apart_m / (2 * R)) - apart_m / 2 * math.sqrt(4 * R**2 - apart_m**2)
        assert only.area_m2 == pytest.approx(SQUARE.area - lens_m2, rel=1e-12)
        assert only.polygon.is_valid
        assert len(only.polygon.interiors) == 1


def test_sites_at_one_spot_count_one_by_one():
    one, other = asked(SQUARE, [(1500, 1500)] * 2, 2), asked(SQUARE, [(1500, 1500)], 1)

    assert [gap.area_m2 for gap in one] == pytest.approx([gap.area_m2 for gap in other])
    assert asked(SQUARE, [(1500, 1500)] * 2, 3)[0].area_m2 == SQUARE.area


def test_discs_that_only_touch_share_no_ground():
    (only,) = asked(SQUARE, [(1000, 1500), (2000, 1500)], 2)

    assert only.area_m2 == pytest.approx(SQUARE.area, abs=0.1)


def test_a_disc_across_the_edge_counts_inside_the_area_alone():
    (only,) = asked(SQUARE, [(0, 1500), (0, 1500), (-2000, 0)], 2)

    assert only.area_m2 == pytest.approx(SQUARE.area - math.pi * R**2 / 2, rel=1e-12)
    assert len(only.polygon.interiors) == 0


def test_a_gap_where_one_site_is_near_but_not_two_is_told_inside_what_two_reach():
    ring = [(1500 + 1300 * math.cos(turn * math.tau / 24), 1500 + 1300 * math.sin(turn * math.tau / 24)) for turn in range(24)]
    inner = asked(shapely.box(-1000, -1000, 4000, 4000), [*ring, *ring, (1500, 1500)], 2)

    assert len(inner) == 2  # the one in the middle reaches its ground alone
    assert shapely.Polygon(inner[0].polygon.interiors[0]).contains(inner[1].polygon)


@pytest.mark.parametrize("sites", [[], [(1500, 1500)]])
def test_fewer_sites_than_are_asked_for_leave_the_area_whole_and_none_is_the_k_th_nearest(sites):
    (only,) = asked(DONUT, sites, 2)

    assert only.polygon.equals(DONUT)
    assert (only.area_m2, only.farthest_m, only.row) == (DONUT.area, math.inf, -1)
    assert DONUT.contains(shapely.Point(only.farthest))


def test_of_an_area_that_is_equally_far_all_round_some_point_of_its_edge_is_told():
    (only,) = asked(shapely.Point(0, 0).buffer(5000, quad_segs=256), [(0, 0), (0, 0), (1, 1)], 2)

    assert only.farthest_m == pytest.approx(5000, abs=1e-6)
    assert math.hypot(*only.farthest) == pytest.approx(5000, abs=1.0)


def test_sites_equally_far_but_for_rounding_are_counted_by_row():
    sites = np.array([(0.0, 3.0), (3.0, 0.0), (0.0, -3.0 - 1e-12), (1.0, 0.0)])

    assert [farthest.nth_nearest(cKDTree(sites), np.zeros((1, 2)), nth).tolist() for nth in (1, 2, 3, 4)] == [[3], [0], [1], [2]]


def test_the_site_that_is_told_is_the_k_th_nearest_to_the_farthest_point():
    (only,) = asked(shapely.box(0, 0, 3000, 100), [(2900, 50), (0, 50), (100, 50)], 2)

    assert (only.row, only.farthest_m) == (2, pytest.approx(math.dist((3000, 0), (100, 50))))
