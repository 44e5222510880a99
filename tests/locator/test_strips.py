"""Strips: exactly the pairs within a radius, anywhere on Earth, each once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locator.errors import BadRadius
from locator.strips import Strips
from tests.oracles import geodesic_m

near = st.tuples(st.floats(116.3, 116.5), st.floats(39.9, 40.0))
anywhere = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
at_the_seams = st.tuples(st.sampled_from([-180.0, -179.999, 179.999, 180.0, 0.0]), st.sampled_from([-90.0, -89.999, 0.0, 39.9, 89.999, 90.0]))
place = st.one_of(near, anywhere, at_the_seams)


def pairs(strips, sites, radius_m):
    found = [(p, s) for some in strips.within(sites, radius_m).each() for p, s in zip(some.points.tolist(), some.sites.tolist(), strict=True)]
    assert len(found) == len(set(found))
    return set(found)


@settings(max_examples=150)
@given(st.lists(place, max_size=30), st.lists(place, max_size=8), st.sampled_from([1.0, 250.0, 1000.0, 12_000.0, 60_000.0, 4_000_000.0]))
def test_every_pair_within_the_radius_is_found_once_and_no_other(points, sites, radius_m):
    points, sites = np.array(points, float).reshape(-1, 2), np.array(sites, float).reshape(-1, 2)

    found = pairs(Strips(points), sites, radius_m)

    for s, site in enumerate(sites):
        metres = geodesic_m(site, points)
        for p in np.flatnonzero(np.abs(metres - radius_m) > 1e-6).tolist():
            assert ((p, s) in found) == bool(metres[p] <= radius_m)


def test_a_point_exactly_on_the_radius_is_reached_and_one_a_thousandth_of_a_millimetre_beyond_is_not():
    site, point = np.array([(116.4, 39.9)]), np.array([(116.41, 39.905)])
    (metres,) = geodesic_m(site[0], point)

    assert Strips(point).covered(site, metres + 1e-7).all()
    assert not Strips(point).covered(site, metres - 1e-6).any()


@pytest.mark.parametrize("lon", [180 - 1e-8, 180 - 2e-14, -180 + 1e-8])
def test_a_point_a_hair_from_the_date_line_is_reached_from_either_side(lon):
    point = np.array([(lon, 39.9)])

    for site in (-180.0, -179.999, 179.999, 180.0):
        assert pairs(Strips(point), np.array([(site, 39.9)]), 200.0) == {(0, 0)}


def test_counts_and_covered_are_of_the_same_pairs():
    rng = np.random.default_rng(7)
    points, sites = rng.uniform((116.2, 39.8), (116.6, 40.1), (5000, 2)), rng.uniform((116.2, 39.8), (116.6, 40.1), (300, 2))
    strips = Strips(points)

    counts = strips.counts(sites, 800.0)

    assert counts.sum() == len(pairs(strips, sites, 800.0))
    np.testing.assert_array_equal(strips.covered(sites, 800.0), counts > 0)


@pytest.mark.parametrize("radius_m", [0.0, -1.0, math.nan, math.inf, 1e7])
def test_a_radius_that_is_none_is_refused(radius_m):
    with pytest.raises(BadRadius, match="5,000 km"):
        Strips(np.zeros((1, 2))).within(np.zeros((1, 2)), radius_m)


def test_no_points_and_no_sites_are_no_pairs():
    assert pairs(Strips(np.empty((0, 2))), np.zeros((1, 2)), 100.0) == set()
    assert pairs(Strips(np.zeros((1, 2))), np.empty((0, 2)), 100.0) == set()
