"""The emptiest circle: never smaller than what a fine grid finds, and never by more than the grid's step larger."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from locator.emptiest import corners, emptiest, emptiest_of
from locator.errors import BadValue

SQUARE = shapely.box(0, 0, 1000, 1000)
DONUT = SQUARE.difference(shapely.box(300, 300, 700, 700))
TWO = shapely.MultiPolygon([shapely.box(0, 0, 300, 900), shapely.box(500, 100, 1000, 700)])
L = shapely.Polygon([(0, 0), (1000, 0), (1000, 200), (200, 200), (200, 1000), (0, 1000)])
STEP = 10.0
GRID = np.stack(np.meshgrid(np.arange(0, 1000 + STEP, STEP), np.arange(0, 1000 + STEP, STEP)), axis=-1).reshape(-1, 2)
real = st.floats(-200, 1200, allow_subnormal=False)
whole = st.integers(-2, 12).map(lambda n: n * 100.0)
points = st.one_of(st.lists(st.tuples(real, real), min_size=1, max_size=25), st.lists(st.tuples(whole, whole), min_size=1, max_size=25))


@settings(max_examples=150)
@given(st.sampled_from([SQUARE, DONUT, TWO, L]), points)
def test_it_is_what_a_fine_grid_finds_to_the_grids_step_and_never_less(outline, sites):
    sites = np.array(sites, float)
    inside = GRID[shapely.intersects_xy(outline, GRID)]
    best = np.hypot(*(inside[:, None] - sites[None]).transpose(2, 0, 1)).min(axis=1).max()

    found = emptiest(outline, sites)

    assert best - 1e-9 <= found.radius_m <= best + STEP * math.sqrt(2)
    assert shapely.dwithin(outline, shapely.Point(found.x, found.y), 1e-6)
    assert np.hypot(*(sites - (found.x, found.y)).T).min() == pytest.approx(found.radius_m, abs=1e-6)
    assert math.dist(sites[found.row], (found.x, found.y)) == pytest.approx(found.radius_m, abs=1e-6)


@settings(max_examples=60)
@given(st.lists(st.sampled_from([SQUARE, DONUT, TWO, L, shapely.Polygon(), shapely.box(2000, 2000, 2100, 2050)]), max_size=4),
       st.one_of(points, st.just([])))
def test_those_of_many_areas_are_those_of_each(outlines, sites):
    sites = np.array(sites, float).reshape(-1, 2)

    found = emptiest_of(outlines, sites)

    assert [None if one is None else pytest.approx(one.radius_m) for one in found] == [
        alone and alone.radius_m for alone in (emptiest(outline, sites) for outline in outlines)]


def test_one_site_leaves_the_farthest_corner():
    assert emptiest(SQUARE, np.array([(100.0, 100.0)])) == (1000.0, 1000.0, pytest.approx(900 * math.sqrt(2)), 0)


def test_of_equally_empty_circles_the_most_western_then_southern_is_told():
    assert emptiest(SQUARE, np.array([(500.0, 500.0)]))[:2] == (0.0, 0.0)


def test_equal_sites_are_one_and_the_first_row_is_named():
    assert emptiest(SQUARE, np.array([(500.0, 0.0)] * 3)).row == 0


@pytest.mark.parametrize(("outline", "sites"), [(shapely.Polygon(), [(1.0, 1.0)]), (SQUARE, [])])
def test_no_area_or_no_site_has_no_emptiest_circle(outline, sites):
    assert emptiest(outline, np.array(sites, float).reshape(-1, 2)) is None


def test_what_is_no_valid_area_is_refused_in_words():
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])

    with pytest.raises(BadValue, match="Self-intersection"):
        emptiest(bow_tie, np.zeros((1, 2)))
    with pytest.raises(BadValue, match="must be a Polygon"):
        emptiest(shapely.LineString([(0, 0), (1, 1)]), np.zeros((1, 2)))


def test_every_part_of_an_area_beyond_a_distance_has_its_farthest_point_among_the_corners():
    sites = np.array([(500.0, 500.0)])
    found = corners(SQUARE, cKDTree(sites), beyond_m=600.0)

    assert sorted(map(tuple, found.points.tolist())) == [(0.0, 0.0), (0.0, 1000.0), (1000.0, 0.0), (1000.0, 1000.0)]
    assert (found.metres == math.hypot(500, 500)).all()


@pytest.mark.parametrize("apart_m", [1e-12, 1e-9, 1e-6, 1e-4])
def test_sites_that_nearly_coincide_on_an_edge_are_told_apart_or_not_but_always_answered(apart_m):
    sites = np.array([1500.0, 0.0]) + np.random.default_rng(0).normal(size=(3, 2)) * apart_m

    circle = emptiest(shapely.box(0, 0, 3000, 3000), sites)

    assert circle.radius_m == pytest.approx(np.hypot(1500, 3000), abs=1e-3)
