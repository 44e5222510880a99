"""WGS-84 as rules: what a chord says about a geodesic, and that it is never wrong."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from locator import earth
from tests import oracles, strategies

GEOD = Geod(ellps="WGS84")


def chord_m(one, other):
    points = earth.ecef(np.array([one, other], float))
    return float(np.linalg.norm(points[0] - points[1]))


@given(st.lists(strategies.lonlat(), min_size=1, max_size=8))
def test_a_point_comes_back_from_earth_centred_metres(points):
    lonlat = np.array(points, float)

    back = earth.lonlat_of(earth.ecef(lonlat))

    metres = earth.geodesic_m(lonlat, back)
    assert metres.max() < 1e-7


@given(strategies.lonlat())
def test_one_pair_and_many_have_the_same_earth_centred_metres(point):
    assert earth.ecef_point(*point) == pytest.approx(tuple(earth.ecef(np.array([point], float))[0]), abs=2e-9)


def test_a_row_that_is_not_anywhere_stays_not_anywhere():
    assert np.isnan(earth.ecef(np.array([[np.nan, 39.9]]))).any()


@given(strategies.lonlat(), st.floats(0, 360), st.floats(0, earth.ARC_LIMIT_M))
def test_an_arc_between_near_points_is_the_geodesic_to_ten_nanometres(here, bearing, metres):
    lon, lat, _ = GEOD.fwd(*here, bearing, metres)
    pair = earth.ecef(np.array([here, (lon, lat)], float))
    chord = float(np.linalg.norm(pair[0] - pair[1]))

    [arc] = earth.arc_between_m(np.array([chord]), pair[1:, 2], pair[0, 2])

    assert arc == pytest.approx(float(oracles.geodesic_m(here, [(lon, lat)])[0]), abs=1e-8)
    assert earth.arcs_between_m([chord], [pair[1, 2]], pair[0, 2]) == pytest.approx([arc], abs=1e-9)


@given(strategies.lonlat(), strategies.lonlat())
def test_no_geodesic_is_shorter_or_longer_than_its_chord_allows(one, other):
    chord = np.array([chord_m(one, other)])
    [metres] = oracles.geodesic_m(one, [other])

    assert earth.least_m(chord)[0] <= metres + earth.ROUNDING_M
    assert metres <= earth.most_m(chord)[0] + earth.ROUNDING_M


@pytest.mark.parametrize("distance_m", [1.0, 1e3, 3e4, 1e6, 1e7, 1.9e7])
def test_bounds_hold_in_every_direction_and_are_nearly_met(distance_m):
    rng = np.random.default_rng(7)
    lat = np.degrees(np.arcsin(np.append(rng.uniform(-1, 1, 20_000), [0.0, 0.0])))
    lon = np.append(rng.uniform(-180, 180, 20_000), [0.0, 0.0])
    bearing = np.append(rng.uniform(0, 360, 20_000), [0.0, 90.0])
    ends = np.column_stack(GEOD.fwd(lon, lat, bearing, np.full(len(lon), distance_m))[:2])
    here = np.column_stack([lon, lat])

    chords = np.linalg.norm(earth.ecef(here) - earth.ecef(ends), axis=1)

    assert (earth.least_m(chords) <= distance_m + earth.ROUNDING_M).all()
    assert (earth.most_m(chords) >= distance_m - earth.ROUNDING_M).all()
    assert max(earth.rival_chord_m(c) for c in chords.tolist()) >= chords.max()
    assert earth.chord_within_m(distance_m) >= chords.max()


def test_near_the_antipode_every_point_is_a_rival():
    assert earth.rival_chord_m(2 * earth.SHARPEST_RADIUS_M) == np.inf
    assert earth.chord_within_m(earth.FARTHEST_M) == np.inf


def test_metres_pair_by_pair_are_those_one_by_one():
    starts = np.array([[116.39, 39.9], [0.0, 90.0]])
    ends = np.array([[116.40, 39.9], [10.0, -90.0]])

    metres = earth.geodesic_m(starts, ends)

    assert metres.tolist() == [oracles.geodesic_m(s, [e])[0] for s, e in zip(starts, ends, strict=True)]


@pytest.mark.parametrize(("lon", "epsg"), [(116.4, 4548), (115.4, 4547), (115.5, 4548), (73.5, 4534), (136.4, 4554),
                                           (0.1, 32631), (-179.9, 32601), (180.0, 32601), (179.9, 32660)])
def test_the_metre_grid_is_chosen_by_longitude(lon, epsg):
    assert earth.metre_grid(lon) == epsg


def test_a_kilometre_on_the_grid_is_a_kilometre_on_the_ground():
    lonlat = np.array([[116.391, 39.907], [116.4027, 39.907]])
    grid = earth.metre_grid(116.391)

    flat = earth.on_grid(lonlat, epsg=grid)

    assert np.hypot(*(flat[1] - flat[0])) == pytest.approx(oracles.geodesic_m(lonlat[0], lonlat[1:])[0], rel=4e-4)


def test_asking_about_near_sites_loads_neither_scipy_nor_pyproj():
    ask_once = ("import sys; import numpy as np; from locator.index import SiteIndex; "
                "index = SiteIndex(np.random.default_rng(1).uniform(0, .1, (1000, 2)), tree=False); "
                "index.nearest(.05, .05, k=10); index.subset(np.arange(500)).nearest(.05, .05, k=10); "
                "assert not {'scipy', 'pyproj'} & set(sys.modules)")

    subprocess.run([sys.executable, "-c", ask_once], check=True)


def test_the_azimuth_is_clockwise_from_north_and_none_where_one_stands():
    here = np.array([116.4, 39.9])
    there = np.array([[116.4, 39.95], [116.45, 39.9], [116.4, 39.85], [116.35, 39.9], [116.4, 39.9]])

    azimuth = earth.azimuth_deg(here, there)

    # a geodesic to the east sets out a little north of it
    np.testing.assert_allclose(azimuth[:4], [0, 90, 180, 270], atol=0.02)
    assert np.isnan(azimuth[4])


@given(strategies.lonlat(), st.floats(0, 359.99), st.floats(1, 20_000))
def test_going_out_under_an_azimuth_arrives_there(here, azimuth, metres):
    lon, lat, _ = Geod(ellps="WGS84").fwd(here[0], here[1], azimuth, metres)

    found = earth.azimuth_deg(np.asarray(here), np.array([[lon, lat]]))[0]

    assert min(abs(found - azimuth), 360 - abs(found - azimuth)) < 0.01
    assert 0 <= found < 360
