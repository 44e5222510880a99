"""What can be asked, and what is refused."""

from __future__ import annotations

import math
from datetime import datetime

import pytest

from locator.errors import BadCoordinate, BadCount, BadDatum, BadRadius, BadValue, Refusal, UnknownCode
from locator.filters import Filters
from locator.questions import NearestQuestion, SearchQuestion
from locator.typed import BEIJING


def test_a_swapped_pair_is_refused_and_said_to_look_swapped():
    with pytest.raises(BadCoordinate) as refused:
        NearestQuestion(lon=39.9, lat=116.4)

    assert refused.value.field == "lat"
    assert "116.4" in refused.value.words.zh
    assert "swapped" in refused.value.words.en


@pytest.mark.parametrize(("lon", "lat", "field"), [
    (181, 0, "lon"), (-180.1, 0, "lon"), (0, 90.1, "lat"), (math.nan, 0, "lon"), (0, math.inf, "lat"), (500, 400, "lon")])
def test_a_coordinate_out_of_range_is_refused_by_name(lon, lat, field):
    with pytest.raises(BadCoordinate) as refused:
        NearestQuestion(lon=lon, lat=lat)

    assert refused.value.field == field


@pytest.mark.parametrize(("lon", "lat"), [(180, 90), (-180, -90), (0, 0)])
def test_the_edges_of_the_world_are_within_it(lon, lat):
    NearestQuestion(lon=lon, lat=lat)


@pytest.mark.parametrize("k", [0, -1, 10**9, 1001, True])
def test_a_count_outside_1_to_1000_is_refused(k):
    with pytest.raises(BadCount, match="1000"):
        NearestQuestion(lon=0, lat=0, k=k)


@pytest.mark.parametrize("metres", [0.0, -5.0, math.nan, math.inf, 1e9])
def test_a_distance_limit_must_be_positive_and_finite(metres):
    with pytest.raises(BadRadius):
        NearestQuestion(lon=0, lat=0, within_m=metres)


def test_an_unknown_datum_way_or_state_is_refused(vocabulary):
    with pytest.raises(BadDatum):
        NearestQuestion(lon=0, lat=0, datum="mars")
    with pytest.raises(BadValue):
        NearestQuestion(lon=0, lat=0, by="swim")
    with pytest.raises(BadValue):
        Filters.of(vocabulary, state="ajar")


def test_a_time_must_carry_an_offset():
    with pytest.raises(BadValue):
        NearestQuestion(lon=0, lat=0, at=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
    NearestQuestion(lon=0, lat=0, at=datetime(2026, 1, 1, tzinfo=BEIJING))


def test_an_unknown_kind_is_refused_with_the_nearest_known_one(vocabulary):
    with pytest.raises(UnknownCode) as refused:
        Filters.of(vocabulary, kinds=("warm_statoin",))

    assert "warm_station" in refused.value.words.zh
    assert "the nearest is warm_station" in refused.value.words.en


def test_filters_are_understood_in_chinese_english_and_by_synonym(vocabulary):
    asked = Filters.of(vocabulary, kinds=("母婴室", "Warm station", "warm-station"), facilities=("厕所",))

    assert asked.kinds == ("mother_baby_room", "warm_station")
    assert asked.facilities == ("toilet",)


def test_equal_filters_in_another_order_are_the_same_question(vocabulary):
    assert (Filters.of(vocabulary, facilities=("water", "toilet"))
            == Filters.of(vocabulary, facilities=("toilet", "water", "toilet")))


def test_an_empty_search_is_refused():
    with pytest.raises(BadValue):
        SearchQuestion("   ")


def test_a_refusal_names_place_field_value_and_what_would_be_right_in_both_languages():
    refusal = BadCount("k", "十\x1b[31m", zh="应为整数", en="must be whole").placed("a.csv:3")

    assert refusal.sentence("zh") == "a.csv:3: k '十�[31m': 应为整数"
    assert refusal.sentence("en-GB").endswith("must be whole")
    assert isinstance(refusal, Refusal)
