"""A union of equal discs: exact area, exact arcs, a boundary that closes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from locator import discs
from locator.discs import union
from locator.errors import BadRadius
from tests.oracles import uncovered_m2

BOX = [(-5000.0, -5000.0), (5000.0, -5000.0), (5000.0, 5000.0), (-5000.0, 5000.0)]
whole = st.integers(-20, 20).map(lambda n: n * 50.0)
real = st.floats(-1000, 1000, allow_subnormal=False)
points = st.one_of(st.lists(st.tuples(real, real), max_size=12), st.lists(st.tuples(whole, whole), max_size=14))
"""Anywhere, and on a lattice where circles meet in threes and touch."""


def lens_m2(apart, r):
    return 2 * r * r * math.acos(apart / 2 / r) - apart / 2 * math.sqrt(4 * r * r - apart * apart)


@pytest.mark.parametrize(("centres", "area"), [
    ([], 0.0),
    ([(3.0, 4.0)], math.pi),
    ([(3.0, 4.0), (3.0, 4.0)], math.pi),  # identical
    ([(0.0, 0.0), (9.0, 0.0)], 2 * math.pi),  # apart
    ([(0.0, 0.0), (1.0, 0.0)], 2 * math.pi - lens_m2(1.0, 1.0)),
])
def test_the_area_is_what_geometry_says(centres, area):
    assert union(np.array(centres, float).reshape(-1, 2), 1.0).area_m2 == pytest.approx(area, rel=1e-12, abs=1e-12)


def test_discs_that_touch_keep_each_its_whole_area():
    assert union(np.array([(0.0, 0.0), (1000.0, 0.0)]), 500.0).area_m2 == pytest.approx(2 * math.pi * 500**2, rel=1e-8)


@given(points)
def test_the_area_is_that_of_closed_form_slabs_to_a_billionth(centres):
    found = union(np.array(centres, float).reshape(-1, 2), 500.0)

    covered = 1e8 - uncovered_m2([BOX], sorted(set(centres)), 500.0)
    assert found.area_m2 == pytest.approx(covered, abs=1e8 * 1e-9)


@given(points)
def test_an_arc_is_seen_by_no_other_disc_and_goes_on_where_the_next_begins(centres):
    found = union(np.array(centres, float).reshape(-1, 2), 500.0)
    arcs = found.arcs
    centre = found.centres[arcs.disc]

    def at(turn):
        return centre + found.radius_m * np.column_stack([np.cos(arcs.start + turn), np.sin(arcs.start + turn)])

    for share in (0.01, 0.5, 0.99):
        apart = np.hypot(*(at(arcs.sweep * share)[:, None] - found.centres[None]).transpose(2, 0, 1))
        assert (apart >= found.radius_m - 1e-6).all()
    np.testing.assert_allclose(at(arcs.sweep), at(np.zeros(len(arcs.start)))[found.following], atol=1e-6)
    assert sorted(found.following.tolist()) == list(range(len(arcs.disc)))


def test_crowds_are_judged_by_all_their_neighbours_not_the_nearest_few():
    rng = np.random.default_rng(5)
    centres = rng.normal(0, 300, (400, 2))
    found = union(centres, 500.0)

    drawn = shapely.union_all(shapely.buffer(shapely.points(centres), 500.0, quad_segs=400))
    assert drawn.area < found.area_m2 < drawn.area * (1 + 1e-5)
    assert found.perimeter_m == pytest.approx(drawn.length, rel=1e-5)


@pytest.mark.parametrize("radius_m", [0.0, -1.0, math.nan, math.inf])
def test_a_radius_that_is_none_is_refused(radius_m):
    with pytest.raises(BadRadius, match="metres above 0"):
        union(np.zeros((1, 2)), radius_m)


def test_the_same_discs_in_another_order_are_the_same_union():
    centres = np.random.default_rng(3).uniform(0, 4000, (60, 2))

    assert union(centres, 500.0).area_m2 == union(centres[::-1], 500.0).area_m2


def test_circles_through_one_point_are_parted_the_same_way_every_time():
    lattice = np.array([(x * 500.0, y * 500.0) for x in range(8) for y in range(8)])
    with pytest.raises(discs.Degenerate):
        discs.exactly(lattice, 500.0)

    assert union(lattice, 500.0).area_m2 == union(lattice, 500.0).area_m2
