"""The nearest suitable sites: filters, hours, arrival."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locator import earth
from locator.filters import Filters
from locator.finder import arrivals, arrivals_from
from locator.hours import State, minute_of
from locator.typed import BEIJING
from tests import oracles
from tests.conftest import a_site

WEDNESDAY_TEN = minute_of(datetime(2026, 3, 4, 10, 0, tzinfo=BEIJING))
HERE = (116.40, 39.90)


ANYTHING = Filters()


def nearest(atlas, filters=ANYTHING, k=10, minute=WEDNESDAY_TEN, **options):
    rows, metres = atlas.finder.nearest(*HERE, filters=filters, minute=minute, k=k, **options)
    return rows.tolist(), metres.tolist()


def test_without_filters_every_active_public_located_site_suits_whatever_its_state(make_atlas):
    atlas = make_atlas([
        a_site(1), a_site(2, opening_hours="Mo-Fr 20:00-21:00"), a_site(3, opening_hours=None),
        a_site(4, status="draft"), a_site(5, status="closed"), a_site(6, visibility="internal"),
        a_site(7, lon=None, lat=None, status="active")])

    rows, _ = nearest(atlas)

    assert rows == [0, 1, 2]


def test_internal_sites_suit_an_internal_audience(make_atlas):
    atlas = make_atlas([a_site(1, visibility="internal"), a_site(2)])

    rows, _ = nearest(atlas, Filters(audience="internal"))

    assert rows == [0, 1]


def test_several_kinds_mean_any_and_several_facilities_mean_all(make_atlas):
    atlas = make_atlas([
        a_site(1, facilities={"water": "yes", "toilet": "yes"}),
        a_site(2, facilities={"water": "yes"}),
        a_site(3, kind="mother_baby_room", facilities={"water": "limited", "toilet": "yes"}),
        a_site(4, kind="reading_room", facilities={"water": "yes", "toilet": "yes"}),
        a_site(5, facilities={"water": "no", "toilet": "yes"})])

    rows, _ = nearest(atlas, Filters(kinds=("mother_baby_room", "warm_station"), facilities=("toilet", "water")))

    assert rows == [0, 2]  # limited passes; no and unknown do not


def test_a_facility_that_was_only_inferred_is_not_one_that_is_there(make_atlas):
    guessed = {"facilities": {"water": "yes"}, "basis": {"facilities": "inferred"}}
    atlas = make_atlas([a_site(1, **guessed), a_site(2, facilities={"water": "yes"}, basis={"hours": "inferred"})])

    assert nearest(atlas, Filters(facilities=("water",)))[0] == [1]
    assert [atlas.sites.known_facilities(row) for row in (0, 1)] == [{}, {"water": "yes"}]
    assert atlas.sites.site(0).facilities == {"water": "yes"}


def test_open_now_keeps_unknown_unless_strict(make_atlas):
    atlas = make_atlas([a_site(1), a_site(2, opening_hours="Mo-Fr 20:00-21:00"), a_site(3, opening_hours=None)])

    assert nearest(atlas, Filters(state="open"))[0] == [0, 2]
    assert nearest(atlas, Filters(state="open", strict=True))[0] == [0]


def test_open_on_arrival_leaves_out_what_closes_before_one_gets_there(make_atlas):
    closing_soon = a_site(1, lon=116.42, opening_hours="Mo-Su 08:00-10:10")  # 1.7 km: some 26 minutes on foot
    opening_soon = a_site(2, lon=116.43, opening_hours="Mo-Su 10:20-18:00")
    atlas = make_atlas([closing_soon, opening_soon])

    assert nearest(atlas, Filters(state="open"))[0] == [0]
    assert nearest(atlas, Filters(state="open-on-arrival"))[0] == [1]
    assert nearest(atlas, Filters(state="open-on-arrival"), by="ride")[0] == [0]  # there in 9 minutes


def test_all_day_means_the_24_hours_of_the_day_asked_about(make_atlas):
    atlas = make_atlas([a_site(1, opening_hours="24/7"), a_site(2, opening_hours="Mo-Su 06:00-23:00"),
                        a_site(3, opening_hours="We 00:00-24:00; Th off")])

    assert nearest(atlas, Filters(state="all-day", strict=True))[0] == [0, 2]
    assert nearest(atlas, Filters(state="all-day", strict=True), minute=WEDNESDAY_TEN + 1440)[0] == [0]


def test_a_filter_that_nothing_passes_answers_nothing(make_atlas):
    atlas = make_atlas([a_site(1)])

    for filters in (Filters(kinds=("mother_baby_room",)), Filters(areas=("110101",)), Filters(verified_only=True)):
        assert nearest(atlas, filters) == ([], [])
    assert nearest(make_atlas([])) == ([], [])


def test_the_second_within_a_minute_counts_towards_arrival():
    just_under_a_minute_m = np.array([66.0])

    assert arrivals(just_under_a_minute_m, minute=0, second=0.0, by="walk").tolist() == [0]
    assert arrivals(just_under_a_minute_m, minute=0, second=30.0, by="walk").tolist() == [1]


@pytest.mark.parametrize("by", ["walk", "ride"])
@pytest.mark.parametrize("spread", [0.0, 0.02, 0.5, 20.0])
def test_one_arrives_when_measuring_every_way_says_so_however_few_are_measured(by, spread):
    rng = np.random.default_rng(20261125)
    lonlat = np.array([116.4, 39.9]) + rng.uniform(-spread, spread, (2000, 2))
    metres = earth.geodesic_m(np.array([116.4, 39.9]), lonlat)

    for second in (0.0, 30.5):
        found = arrivals_from(116.4, 39.9, lonlat, minute=1000, second=second, by=by)

        assert (found == arrivals(metres, minute=1000, second=second, by=by)).all()



HOURS = st.sampled_from(["24/7", None, "Mo-Fr 09:00-17:00", "Mo-Su 10:05-10:30", "Mo-Su 08:00-10:20,10:40-23:00",
                         "We off; Mo-Su 09:00-21:00", "Mo-Su 22:00-06:00"])
RECORDS = st.lists(st.builds(
    dict, lon=st.floats(116.2, 116.6), lat=st.floats(39.8, 40.0), opening_hours=HOURS,
    kind=st.sampled_from(["warm_station", "mother_baby_room"]), status=st.sampled_from(["active", "active", "closed"]),
    facilities=st.dictionaries(st.sampled_from(["water", "toilet"]), st.sampled_from(["yes", "no", "limited"]))), max_size=40)
FILTERS = st.builds(Filters, kinds=st.sampled_from([(), ("warm_station",)]), facilities=st.sampled_from([(), ("water",)]),
                    state=st.sampled_from([None, "open", "open-on-arrival", "all-day"]), strict=st.booleans())


@given(records=RECORDS, filters=FILTERS, minute=st.integers(0, 3 * 1440), k=st.integers(1, 50),
       by=st.sampled_from(["walk", "ride"]))
@settings(max_examples=150)
def test_the_finder_agrees_with_judging_every_site(make_atlas, records, filters, minute, k, by):
    atlas = make_atlas([a_site(i, **record) for i, record in enumerate(records)])
    minute += WEDNESDAY_TEN

    rows, metres = atlas.finder.nearest(*HERE, filters=filters, minute=minute, k=k, by=by)

    every_m = oracles.geodesic_m(HERE, atlas.sites.lonlat) if records else np.empty(0)
    expected = sorted((m, row) for row, m in enumerate(every_m) if _suits(atlas, row, m, filters, minute, by))[:k]
    assert rows.tolist() == [row for _, row in expected]
    np.testing.assert_allclose(metres, [m for m, _ in expected], rtol=0, atol=0.001)


def _suits(atlas, row, metre, filters, minute, by):
    site = atlas.sites.site(row)
    if site.status != "active" or (filters.kinds and site.kind not in filters.kinds):
        return False
    if any(site.facilities.get(f) not in ("yes", "limited") for f in filters.facilities):
        return False
    code = int(atlas.sites.timetables.codes[row])
    if filters.state is None:
        return True
    if filters.state == "all-day":
        midnight = minute - minute % 1440
        states = {atlas.hours.opening(code, m).state for m in range(midnight, midnight + 1440, 5)}
        return states == {State.OPEN} if filters.strict else State.CLOSED not in states
    seconds = 0.0 if filters.state == "open" else metre * 1.25 / {"walk": 5 / 3.6, "ride": 15 / 3.6}[by]
    state = atlas.hours.opening(code, minute + int(seconds // 60)).state
    return state == State.OPEN if filters.strict else state != State.CLOSED


def test_answers_stay_right_after_the_clock_moved_on(make_atlas):
    atlas = make_atlas([a_site(1, opening_hours="Mo-Su 09:00-10:01"), a_site(2)])
    open_now = Filters(state="open")

    assert nearest(atlas, open_now)[0] == [0, 1]
    assert nearest(atlas, open_now, minute=WEDNESDAY_TEN + 1)[0] == [1]
    assert nearest(atlas, open_now)[0] == [0, 1]


@pytest.mark.parametrize("sites", [10, 400])
def test_many_different_filters_do_not_pile_up(make_atlas, sites):
    atlas = make_atlas([a_site(i, facilities={"water": "yes"} if i % 9 == 0 else {}) for i in range(sites)])

    for minute in range(600):
        nearest(atlas, Filters(state="open", facilities=("water",)), minute=WEDNESDAY_TEN + minute)

    assert len(atlas.finder._kept) <= 256
