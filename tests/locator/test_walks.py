"""The nearest places with a walking network: how far and how long it is to walk there, where the network knows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from locator import answers, earth, travel
from locator.errors import NotBuilt
from locator.filters import Filters
from locator.questions import NearestQuestion
from tests.conftest import SOME_DAY, a_site
from tests.locator.test_network import CORNER, EPSG, network

RIVER = network([(0, 0), (1_000, 0), (1_000, 100), (0, 100)], [(0, 1), (1, 2), (2, 3)])
"""Two streets along a river, 100 m apart, with one bridge at their far end."""


def at(x: float, y: float) -> tuple[float, float]:
    lon, lat = earth.off_grid(np.array([[x, y]]) + CORNER, epsg=EPSG)[0].tolist()
    return lon, lat


def site(number: int, x: float, y: float, **fields):
    lon, lat = at(x, y)
    return a_site(number, lon=lon, lat=lat, **fields)


def asked(make_atlas, sites, *, x: float = 0, y: float = 0, net=RIVER, **question):
    lon, lat = at(x, y)
    return answers.nearest(NearestQuestion(lon, lat, network=True, **question), make_atlas(sites), SOME_DAY, network=net)


def test_over_the_river_is_near_by_the_straight_line_and_far_on_foot(make_atlas):
    [over, along] = asked(make_atlas, [site(1, 0, 100), site(2, 500, 0)]).as_dict("en")["sites"]

    assert (over["id"], along["id"]) == ("s1", "s2")  # nearest is by the straight line
    assert (over["distance_m"], over["walk_m"], over["minutes_basis"]) == (pytest.approx(100, abs=0.1), pytest.approx(2_100, abs=1), "network")
    assert (over["minutes"], along["minutes"]) == (pytest.approx(2_100 / 5_000 * 60, abs=0.06), pytest.approx(500 / 5_000 * 60, abs=0.06))


def test_where_the_network_does_not_come_near_both_ends_the_straight_line_is_used(make_atlas):
    far = [site(1, 0, -700), site(2, 100, 0)]

    assert [near["walk_m"] is None for near in asked(make_atlas, far).as_dict("en")["sites"]] == [False, True]
    for near in asked(make_atlas, far, x=-900).as_dict("en")["sites"]:
        assert (near["walk_m"], near["minutes_basis"]) == (None, "estimate")
        assert near["minutes"] == pytest.approx(travel.minutes(near["distance_m"], by="walk"), abs=0.05)


def test_parts_that_no_way_joins_are_told_by_the_straight_line(make_atlas):
    apart = network([(0, 0), (100, 0), (0, 60), (100, 60)], [(0, 1), (2, 3)])

    [near] = asked(make_atlas, [site(1, 50, 60)], net=apart).as_dict("en")["sites"]

    assert (near["walk_m"], near["minutes_basis"]) == (None, "estimate")


def test_an_e_bike_is_told_the_way_on_foot_and_its_own_estimate(make_atlas):
    [near] = asked(make_atlas, [site(1, 0, 100)], by="ride").as_dict("en")["sites"]

    assert (near["walk_m"], near["minutes_basis"]) == (pytest.approx(2_100, abs=1), "estimate")
    assert near["minutes"] == pytest.approx(travel.minutes(100.0, by="ride"), abs=0.06)


def test_open_on_arrival_goes_by_the_way_that_is_walked(make_atlas):
    """At 10:00 a door over the river closes at 10:10: 2 minutes off by the straight line, 25 on foot."""
    over, along = site(1, 0, 100, opening_hours="Mo-Su 08:00-10:10"), site(2, 500, 0, opening_hours="Mo-Su 08:00-10:10")

    found = asked(make_atlas, [over, along], filters=Filters(state="open-on-arrival"))

    assert [near.id for near in found.sites] == ["s2"]
    assert [near.state_on_arrival for near in asked(make_atlas, [over, along]).sites] == ["closed", "open"]


def test_without_a_network_the_question_is_refused_with_what_to_do(make_atlas):
    with pytest.raises(NotBuilt, match="nuanxin network build"):
        asked(make_atlas, [], net=None)


def test_whoever_asks_for_no_network_is_told_none(make_atlas):
    lon, lat = at(0, 0)
    [near] = answers.nearest(NearestQuestion(lon, lat), make_atlas([site(1, 0, 100)]), SOME_DAY, network=RIVER).as_dict("en")["sites"]

    assert (near["walk_m"], near["minutes_basis"]) == (None, "estimate")


def test_no_suitable_site_is_no_answer(make_atlas):
    assert asked(make_atlas, []).as_dict("en")["sites"] == []


def test_a_way_round_much_longer_than_the_straight_line_is_found(make_atlas):
    ring = network([(0, 0), (20_000, 0), (20_000, 10), (0, 10)], [(0, 1), (1, 2), (2, 3)])

    [near] = asked(make_atlas, [site(1, 0, 10)], net=ring).as_dict("en")["sites"]

    assert near["walk_m"] == pytest.approx(40_010, rel=1e-3)
    assert math.isfinite(near["minutes"])
