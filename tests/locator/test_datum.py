"""Datums as rules: shifted in the mainland only, and every conversion can be undone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from locator import datum, earth, mainland
from locator.errors import BadDatum
from tests import strategies

SHIFTING = ("gcj02", "bd09")
MILLIMETRE = 0.001

IN_THE_MAINLAND = {
    "天安门": (116.3975, 39.9087), "上海": (121.4737, 31.2304), "乌鲁木齐": (87.6168, 43.8256), "拉萨": (91.1409, 29.6456),
    "喀什": (75.99, 39.47), "漠河": (122.53, 52.97), "抚远": (134.29, 48.36), "丹东": (124.38, 40.13), "珲春": (130.36, 42.86),
    "满洲里": (117.44, 49.59), "二连浩特": (111.97, 43.65), "绥芬河": (131.15, 44.40), "霍尔果斯": (80.41, 44.21),
    "瑞丽": (97.85, 24.01), "河口": (103.96, 22.53), "凭祥": (106.76, 22.10), "罗湖口岸": (114.118, 22.533),
    "福田口岸": (114.055, 22.520), "蛇口": (113.915, 22.480), "珠海香洲": (113.56, 22.27), "厦门": (118.15, 24.48),
    "平潭": (119.79, 25.50), "舟山": (122.2, 30.0), "三亚": (109.5, 18.25), "永兴岛": (112.34, 16.83),
}
ELSEWHERE = {
    "香港中环": (114.158, 22.282), "尖沙咀": (114.170, 22.297), "上水": (114.128, 22.501), "元朗": (114.03, 22.445),
    "香港机场": (113.914, 22.309), "澳门": (113.543, 22.193), "氹仔": (113.558, 22.156), "路环": (113.565, 22.120),
    "台北": (121.56, 25.03), "高雄": (120.30, 22.62), "澎湖": (119.57, 23.57), "金门": (118.32, 24.44),
    "南竿": (119.94, 26.16), "东引": (120.49, 26.37),
    "Seoul": (126.98, 37.57), "Pyongyang": (125.75, 39.03), "Vladivostok": (131.90, 43.12), "Ulaanbaatar": (106.90, 47.90),
    "Irkutsk": (104.30, 52.30), "Almaty": (76.90, 43.25), "Bishkek": (74.60, 42.87), "Kathmandu": (85.32, 27.71),
    "Thimphu": (89.64, 27.47), "Delhi": (77.20, 28.60), "Dhaka": (90.40, 23.80), "Mandalay": (96.10, 21.97),
    "Hanoi": (105.85, 21.03), "Vientiane": (102.60, 17.97), "Bangkok": (100.50, 13.75), "Manila": (120.98, 14.60),
    "Naha": (127.68, 26.21), "Fukuoka": (130.40, 33.59), "Tokyo": (139.69, 35.69), "London": (-0.13, 51.51),
    "Sydney": (151.21, -33.87), "south-west corner": (73.66, 3.86), "south-east corner": (135.05, 3.86),
    "north-west corner": (73.66, 53.55), "north-east corner": (135.05, 53.55), "north pole": (0.0, 90.0),
}


def apart_m(one, other):
    return earth.geodesic_m(np.asarray(one, float), np.asarray(other, float))


def near_the_line():
    """Return points on both sides of the line, most within the fade."""
    corners = np.vstack(mainland._rings())

    def beside(corner, part, east, north):
        start, end = corners[corner], corners[corner + 1]
        return tuple((start + part * (end - start) + (east, north)).tolist())

    small = st.floats(-0.03, 0.03)
    return st.builds(beside, st.integers(0, len(corners) - 2), st.floats(0, 1), small, small)


@pytest.mark.parametrize("name", SHIFTING)
@given(st.lists(strategies.lonlat() | st.tuples(st.floats(73, 136), st.floats(3, 54)), min_size=1, max_size=20))
@example([(179.99999, 89.99999), (0.0, -90.0)])
def test_there_and_back_is_the_same_place_everywhere(name, points):
    lonlat = np.array(points, float)

    there_and_back = datum.to_wgs84(datum.from_wgs84(lonlat, name), name)
    back_and_there = datum.from_wgs84(datum.to_wgs84(lonlat, name), name)

    assert apart_m(lonlat, there_and_back).max() < MILLIMETRE
    assert apart_m(lonlat, back_and_there).max() < MILLIMETRE


@pytest.mark.parametrize("name", SHIFTING)
@settings(max_examples=40)
@given(points=st.lists(near_the_line(), min_size=1, max_size=5))
def test_there_and_back_is_the_same_place_across_the_line_too(name, points):
    lonlat = np.array(points, float)

    there_and_back = datum.to_wgs84(datum.from_wgs84(lonlat, name), name)
    back_and_there = datum.from_wgs84(datum.to_wgs84(lonlat, name), name)

    assert apart_m(lonlat, there_and_back).max() < MILLIMETRE
    assert apart_m(lonlat, back_and_there).max() < MILLIMETRE


@pytest.mark.parametrize("name", SHIFTING)
def test_no_offset_at_the_line_is_as_wide_as_the_fade(name):
    line = np.vstack(mainland._rings())

    east, north = datum._offset(name)(line[:, 0], line[:, 1])

    assert np.hypot(east * np.cos(np.radians(line[:, 1])), north).max() * 111_320 < 0.8 * mainland.FADE_M


@pytest.mark.parametrize("name", SHIFTING)
@pytest.mark.parametrize("place", IN_THE_MAINLAND)
def test_the_mainland_is_shifted_whole(place, name):
    point = np.array([IN_THE_MAINLAND[place]])

    [metres] = apart_m(point, datum.from_wgs84(point, name))

    assert mainland.share(point)[0] == 1
    assert 100 < metres < 2000


@pytest.mark.parametrize("name", SHIFTING)
@pytest.mark.parametrize("place", ELSEWHERE)
def test_hong_kong_macao_taiwan_and_abroad_are_never_shifted(place, name):
    point = np.array([ELSEWHERE[place]])

    assert datum.from_wgs84(point, name).tolist() == point.tolist()
    assert datum.to_wgs84(point, name).tolist() == point.tolist()
    assert datum.convert(point, "gcj02", "bd09").tolist() == point.tolist()


def test_beyond_the_line_the_offset_fades_over_two_kilometres_and_never_jumps():
    crossing = np.column_stack([np.full(4000, 114.12), np.linspace(22.56, 22.48, 4000)])  # 罗湖 to 上水, 2.2 m a step

    shares = mainland.share(crossing)
    shifted = datum.from_wgs84(crossing, "gcj02")

    assert (shares[0], shares[-1]) == (1, 0)
    assert (np.diff(shares) <= 0).all()
    assert np.abs(np.diff(shares)).max() < 2.3 / mainland.FADE_M
    assert apart_m(shifted[1:], shifted[:-1]).max() < 5


def test_a_point_well_inside_has_a_whole_share():
    rng = np.random.default_rng(3)
    points = rng.uniform([73, 3], [136, 54.4], (4000, 2))
    ring, sea = mainland._rings()
    judged = np.maximum(mainland._share(points, ring), mainland._share(points, sea))

    assert mainland.share(points).tolist() == judged.tolist()
    for point, share in zip(points.tolist(), judged.tolist(), strict=True):
        assert not mainland.in_heartland(*point) or share == 1


def test_cgcs_is_wgs():
    point = np.array([[116.3975, 39.9087]])

    assert datum.convert(point, "cgcs2000", "wgs84").tolist() == point.tolist()
    assert datum.convert(point, "cgcs2000", "gcj02").tolist() == datum.from_wgs84(point, "gcj02").tolist()


@given(strategies.lonlat() | strategies.in_beijing(), st.sampled_from(["wgs84", "cgcs2000", "gcj02", "bd09"]))
def test_one_pair_and_many_are_converted_alike(point, name):
    lonlat = np.array([point], float)

    assert datum.point_to_wgs84(*point, name) == pytest.approx(tuple(datum.to_wgs84(lonlat, name)[0]), abs=1e-10)
    assert datum.point_from_wgs84(*point, name) == pytest.approx(tuple(datum.from_wgs84(lonlat, name)[0]), abs=1e-10)


@given(strategies.in_beijing())
def test_gcj_to_bd_is_the_same_by_way_of_wgs(point):
    lonlat = np.array([point], float)

    direct = datum.convert(datum.from_wgs84(lonlat, "gcj02"), "gcj02", "bd09")

    np.testing.assert_allclose(direct, datum.from_wgs84(lonlat, "bd09"), rtol=0, atol=1e-9)


def test_what_is_given_is_never_changed():
    given_pairs = np.array([[116.4, 39.9], [np.nan, 39.9]])
    before = given_pairs.copy()

    for name in ("wgs84", "gcj02", "bd09"):
        there = datum.from_wgs84(given_pairs, name)
        back = datum.to_wgs84(given_pairs, name)
        assert there is not given_pairs
        assert back is not given_pairs
        assert np.isnan(there[1]).any()
        assert np.isnan(back[1]).any()
    np.testing.assert_array_equal(given_pairs, before)


def test_no_pairs_are_no_pairs():
    assert datum.convert(np.empty((0, 2)), "gcj02", "bd09").shape == (0, 2)


def test_an_unknown_datum_is_refused():
    with pytest.raises(BadDatum):
        datum.to_wgs84(np.array([[116.4, 39.9]]), "wgs72")
    with pytest.raises(BadDatum):
        datum.convert(np.array([[116.4, 39.9]]), "wgs72", "wgs72")
