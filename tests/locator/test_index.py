"""Nearest and within as rules, judged by measuring every site."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from locator import earth
from locator.errors import BadCoordinate, BadCount, BadRadius
from locator.index import SiteIndex
from tests import oracles, strategies

SAME_M = 5e-8  # two distances closer than this are one: rounding of chord and geodesic together

GULOU = (116.3895, 39.9406)


def city(n, *, seed=20261122, clumps=30):
    """Return (n, 2) seeded points, denser about a few centres of Beijing's box."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform([115.7, 39.5], [117.3, 40.9], (clumps, 2))
    return centres[rng.integers(0, clumps, n)] + rng.normal(size=(n, 2)) * [0.06, 0.045]


def assert_right(rows, metres, here, lonlat, *, k, among=None):
    """Assert that an answer is the oracle's; rows may differ only where distances differ by rounding."""
    expected_rows, expected_m = oracles.nearest(here, lonlat, k=k, among=among)
    assert len(rows) == len(expected_rows) == len(set(rows.tolist()))
    np.testing.assert_allclose(metres, expected_m, rtol=0, atol=SAME_M)
    np.testing.assert_allclose(oracles.geodesic_m(here, np.asarray(lonlat)[rows]), expected_m, rtol=0, atol=SAME_M)
    assert (np.diff(metres) >= 0).all()
    same = (np.asarray(lonlat)[rows[1:]] == np.asarray(lonlat)[rows[:-1]]).all(axis=1)
    assert (rows[1:][same] > rows[:-1][same]).all()


@given(sites=strategies.lonlats(max_size=60), here=strategies.lonlat(), k=st.integers(1, 70))
@example(sites=[(0.0, 90.0), (90.0, 90.0)], here=(0.0, -90.0), k=1)
def test_the_index_agrees_with_measuring_every_site(sites, here, k):
    lonlat = np.array(sites, float).reshape(-1, 2)
    index = SiteIndex(lonlat)

    one = index.nearest(*here, k=k)
    rows, metres = index.nearest_many(np.array([here]), k=k)

    assert_right(*one, here, lonlat, k=k)
    found = rows[0] >= 0
    assert found.sum() == len(one[0])
    assert_right(rows[0][found], metres[0][found], here, lonlat, k=k)
    assert np.isinf(metres[0][~found]).all()


@settings(max_examples=40)
@given(seed=st.integers(0, 1000), here=strategies.lonlat(), k=st.integers(1, 40), share=st.sampled_from([0.0, 0.004, 0.06, 0.7]))
def test_a_tree_agrees_with_measuring_every_site_under_any_mask(seed, here, k, share):
    lonlat = np.vstack([city(3000, seed=seed), city(3000, seed=seed).round(2)])  # the second half coincides often
    among = np.random.default_rng(seed).random(len(lonlat)) < share
    index = SiteIndex(lonlat)

    assert_right(*index.nearest(*here, k=k, among=among), here, lonlat, k=k, among=among)
    assert_right(*index.subset(np.flatnonzero(among)).nearest(*here, k=k), here, lonlat, k=k, among=among)


def test_a_mask_that_passes_only_far_away_is_still_exact():
    lonlat = city(20_000)
    here = tuple(lonlat[5])
    among = oracles.geodesic_m(here, lonlat) > 60_000

    assert_right(*SiteIndex(lonlat).nearest(*here, k=12, among=among), here, lonlat, k=12, among=among)


@pytest.mark.parametrize("k", [1, 2, 7, 300, 999, 1000, 5000])
def test_equal_distances_go_by_row_also_where_the_tie_straddles_k(k):
    lonlat = np.repeat([GULOU, (116.42, 39.95)], [600, 400], axis=0)[::-1]
    index = SiteIndex(lonlat)
    expected = [*range(400, 1000), *range(400)][:k]

    rows, _ = index.nearest(*GULOU, k=k)
    many, _ = index.nearest_many(np.array([GULOU, GULOU]), k=k)
    masked, _ = index.nearest(*GULOU, k=k, among=np.arange(1000) % 2 == 0)

    assert rows.tolist() == expected
    assert many[1][: len(expected)].tolist() == expected
    assert masked.tolist() == [r for r in [*range(400, 1000), *range(400)] if r % 2 == 0][:k]


def test_sites_mirrored_about_the_asker_tie_although_rounding_sets_them_apart():
    east_first = np.array([(116.401, 39.9), (116.399, 39.9)])
    crowd = np.add(city(1000), [3.0, 0.0])

    for lonlat in (east_first, east_first[::-1], np.vstack([east_first, crowd]), np.vstack([east_first[::-1], crowd])):
        index = SiteIndex(lonlat)
        assert index.nearest(116.4, 39.9, k=2)[0].tolist() == [0, 1]
        assert index.nearest(116.4, 39.9, k=1)[0].tolist() == [0]
        assert index.nearest_many(np.array([[116.4, 39.9]]), k=1)[0].tolist() == [[0]]
        assert index.within(116.4, 39.9, radius_m=100)[0].tolist() == [0, 1]


def test_ten_thousand_sites_at_one_place_all_tie():
    lonlat = np.tile(GULOU, (10_000, 1))

    rows, metres = SiteIndex(lonlat).nearest(116.39, 39.94, k=1000)

    assert rows.tolist() == list(range(1000))
    assert np.ptp(metres) == 0


@pytest.mark.parametrize("here", [(121.47, 31.23), (104.07, 30.67), (87.6, 43.8), (-0.13, 51.5), (-58.4, -34.6), (-63.6, -40.0)])
def test_sites_a_continent_away_are_ranked_by_the_geodesic_not_the_chord(here):
    lonlat = np.vstack([city(4000), city(500).round(3)])
    index = SiteIndex(lonlat)

    assert_right(*index.nearest(*here, k=25), here, lonlat, k=25)
    rows, metres = index.nearest_many(np.array([here] * 3), k=25)
    assert_right(rows[2], metres[2], here, lonlat, k=25)


def test_two_sites_whose_chords_lie_the_other_way_round_are_ranked_by_the_geodesic():
    here = (116.391, 39.907)
    north = np.array(earth_point(here, 0.0, 29_000.0))
    east = np.array(earth_point(here, 90.0, 29_000.0 - 5e-5))  # nearer by 50 µm; its chord is longer
    chords = np.linalg.norm(earth.ecef(np.array([north, east])) - earth.ecef(np.array([here])), axis=1)
    lonlat = np.vstack([north, east, np.add(city(2000, clumps=3), [0, 20])])

    rows, _ = SiteIndex(lonlat).nearest(*here, k=1)
    many, _ = SiteIndex(lonlat).nearest_many(np.array([here]), k=1)

    assert chords[0] < chords[1]
    assert rows.tolist() == many[0].tolist() == [1]


def earth_point(here, bearing, metres):
    from tests.locator.test_earth import GEOD

    return GEOD.fwd(*here, bearing, metres)[:2]


@given(sites=strategies.lonlats(max_size=40), here=strategies.lonlat(), radius_m=st.floats(0, 2.1e7) | st.floats(0, 5e4))
def test_within_is_every_site_whose_metres_are_at_most_the_radius(sites, here, radius_m):
    lonlat = np.array(sites, float).reshape(-1, 2)
    index = SiteIndex(lonlat)
    every, every_m = index.nearest(*here, k=max(len(sites), 1))

    rows, metres = index.within(*here, radius_m=radius_m)

    assert rows.tolist() == every[every_m <= radius_m].tolist()
    assert metres.tolist() == every_m[every_m <= radius_m].tolist()


@pytest.mark.parametrize("n", [200, 5000])
def test_a_site_exactly_on_the_radius_is_within(n):
    index = SiteIndex(city(n))
    rows, metres = index.nearest(*GULOU, k=50)

    within, _ = index.within(*GULOU, radius_m=float(metres[-1]))
    nearest, _ = index.nearest(*GULOU, k=1000, within_m=float(metres[-1]))
    short, _ = index.within(*GULOU, radius_m=float(np.nextafter(metres[-1], 0)))

    assert within.tolist() == nearest.tolist() == rows.tolist()
    assert short.tolist() == rows[:-1].tolist()


def test_within_keeps_to_a_mask():
    lonlat = city(5000)
    among = np.arange(5000) % 3 == 0
    index = SiteIndex(lonlat)

    rows, _ = index.within(*lonlat[0], radius_m=20_000, among=among)

    assert rows.tolist() == [r for r in index.within(*lonlat[0], radius_m=20_000)[0].tolist() if r % 3 == 0]


def test_rows_without_coordinates_are_never_returned_and_keep_their_numbers():
    lonlat = city(1000)
    lonlat[::3, 0] = np.nan
    lonlat[1::3, 1] = np.inf
    index = SiteIndex(lonlat)

    rows, _ = index.nearest(*GULOU, k=1000)
    masked, _ = index.nearest(*GULOU, k=5, among=np.arange(1000) < 500)
    part, _ = index.subset(np.array([0, 1, 2, 5, 999, 4000])).nearest(*GULOU, k=9)

    assert len(index) == len(rows) == 333
    assert (rows % 3 == 2).all()
    assert (masked < 500).all()
    assert sorted(part.tolist()) == [2, 5]


def test_an_empty_index_answers_empty():
    for index in (SiteIndex(np.empty((0, 2))), SiteIndex(np.full((3, 2), np.nan)), SiteIndex(city(9)).subset(np.array([], int))):
        assert index.nearest(*GULOU, k=3)[0].tolist() == []
        assert index.within(*GULOU, radius_m=1e9)[0].tolist() == []
        rows, metres = index.nearest_many(np.array([GULOU]), k=3)
        assert rows.tolist() == [[-1, -1, -1]]
        assert np.isinf(metres).all()


def test_a_mask_that_passes_nothing_answers_empty():
    assert len(SiteIndex(city(5000)).nearest(*GULOU, k=3, among=np.zeros(5000, bool))[0]) == 0


@pytest.mark.parametrize("n", [1, 2, 100, 5000])
def test_many_questions_are_answered_as_one_by_one(n):
    lonlat = city(n)
    index = SiteIndex(lonlat)
    here = np.vstack([city(3000, seed=5), np.add(city(40, seed=6), [5.0, 4.0]), [[np.nan, 40.0]]])
    among = np.arange(n) % 2 == 0

    for mask in (None, among):
        rows, metres = index.nearest_many(here, k=4, among=mask)

        for q in range(0, len(here) - 1, 37):
            one, one_m = index.nearest(*here[q], k=4, among=mask)
            assert rows[q][: len(one)].tolist() == one.tolist()
            np.testing.assert_allclose(metres[q][: len(one)], one_m, rtol=0, atol=2e-9)
        assert (rows[-1] == -1).all()


def test_a_subset_of_a_subset_still_answers_with_rows_of_the_whole_table():
    lonlat = city(4000)
    index = SiteIndex(lonlat)

    part = index.subset(np.arange(0, 4000, 2)[::-1]).subset(np.arange(0, 4000, 3))
    among = np.arange(4000) % 5 == 0

    assert_right(*part.nearest(*GULOU, k=20), GULOU, lonlat, k=20, among=np.arange(4000) % 6 == 0)
    assert_right(*part.nearest(*GULOU, k=20, among=among), GULOU, lonlat, k=20, among=np.arange(4000) % 30 == 0)


def test_an_index_without_a_tree_gives_the_same_answers():
    lonlat = np.vstack([city(3000), city(1000).round(2)])
    among = np.arange(4000) % 7 == 0
    quick, slow = SiteIndex(lonlat), SiteIndex(lonlat, tree=False)

    for mask in (None, among):
        assert quick.nearest(*GULOU, k=40, among=mask)[0].tolist() == slow.nearest(*GULOU, k=40, among=mask)[0].tolist()
        assert (quick.within(*GULOU, radius_m=9000, among=mask)[0].tolist()
                == slow.within(*GULOU, radius_m=9000, among=mask)[0].tolist())
    assert quick.nearest_many(lonlat[:9], k=3)[0].tolist() == slow.nearest_many(lonlat[:9], k=3)[0].tolist()


def test_what_cannot_be_asked_is_refused():
    index = SiteIndex(city(10))

    with pytest.raises(BadCount):
        index.nearest(*GULOU, k=0)
    with pytest.raises(BadCount):
        index.nearest_many(np.array([GULOU]), k=-1)
    with pytest.raises(BadRadius):
        index.within(*GULOU, radius_m=-1.0)
    with pytest.raises(BadRadius):
        index.nearest(*GULOU, k=1, within_m=float("nan"))
    with pytest.raises(BadCoordinate):
        index.nearest(float("nan"), 39.9, k=1)


def test_a_huge_k_is_every_site_once():
    rows, _ = SiteIndex(city(3000)).nearest(*GULOU, k=10**9)

    assert sorted(rows.tolist()) == list(range(3000))


def test_many_questions_have_the_same_answers_in_the_order_of_a_grid_and_in_none():
    east, north = np.meshgrid(np.arange(116.2, 116.6, 0.004), np.arange(39.8, 40.1, 0.004))
    cells, index = np.column_stack([east.ravel(), north.ravel()]), SiteIndex(city(500))
    mixed = np.random.default_rng(5).permutation(len(cells))

    rows, metres = index.nearest_many(cells, k=2)
    mixed_rows, mixed_metres = index.nearest_many(cells[mixed], k=2)

    np.testing.assert_array_equal(rows[mixed], mixed_rows)
    np.testing.assert_array_equal(metres[mixed], mixed_metres)
