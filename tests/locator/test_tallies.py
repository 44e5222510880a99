"""What each filter costs: counts and ways out, judged by asking the finder one question after another."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locator import answers, tallies
from locator.filters import Filters
from locator.quality import Told
from locator.questions import NearestQuestion
from locator.sites import Slot
from locator.tallies import Part
from locator.trust import Trust
from locator.typed import BEIJING
from tests.conftest import a_site

NOW = datetime(2026, 3, 4, 10, 0, 30, tzinfo=BEIJING)
HOURS = ("24/7", "Mo-Fr 09:00-10:10", None, "Mo-Fr 20:00-21:00", "Mo-Su 00:00-10:01")
KINDS, HAS = ("warm_station", "mother_baby_room"), ("hot_water", "toilet", "wifi")
FILTERS = st.builds(
    Filters, kinds=st.lists(st.sampled_from(KINDS), max_size=1).map(tuple), facilities=st.sets(st.sampled_from(HAS)).map(tuple),
    eligibility=st.sampled_from([(), ("everyone",)]), state=st.sampled_from([None, "open", "open-on-arrival", "all-day"]),
    strict=st.booleans(), verified_only=st.booleans())


@pytest.fixture(scope="module")
def atlas(make_atlas):
    """Return sixty sites that differ in everything a filter looks at, some hidden, drafts, or nowhere."""
    return make_atlas([a_site(
        n, lon=None if n % 29 == 0 else 116.4 + (n * 7 % 31) * 0.003, lat=39.9 + (n * 11 % 17) * 0.002, kind=KINDS[n % 5 == 0],
        opening_hours=HOURS[n * 3 % 5], facilities={f: ("yes", "no", "limited")[(n + i) % 3] for i, f in enumerate(HAS) if (n >> i) % 2},
        eligibility=(None, "everyone")[n % 4 == 1], verified_on=(None, NOW.date())[n % 7 == 2], district_code=("110101", "110105")[n % 2],
        visibility=("public", "internal")[n % 13 == 0], status=("active", "draft")[n % 17 == 0]) for n in range(60)])


def asked(filters, radius_m=None, by="walk"):
    return NearestQuestion(116.43, 39.915, 1000, filters, within_m=radius_m, by=by)


@settings(max_examples=60)
@given(FILTERS, st.sampled_from([300.0, 2000.0, None]), st.sampled_from(["walk", "ride"]), st.sampled_from([(), ("110105",)]))
def test_a_tally_is_how_many_the_finder_would_list(atlas, filters, radius_m, by, areas):
    listed = answers.nearest(asked(replace(filters, areas=areas), radius_m, by), atlas, NOW).rows

    question = asked(Filters(areas=areas), by=by)

    assert tallies.tally(question, [filters, Filters()], atlas, NOW, radius_m=radius_m)[0] == len(listed)


@settings(max_examples=60)
@given(FILTERS, st.sampled_from([2000.0, None]), st.sets(st.integers(0, 59)))
def test_a_site_that_others_found_no_way_in_by_is_counted_as_the_list_tells_it(atlas, filters, radius_m, locked):
    told = [Told("locked", NOW, NOW.date(), person) for person in ("a", "b")]
    trust = Trust(atlas.sites, atlas.vocabulary, {f"s{n}": told for n in locked}, NOW.date())
    listed = answers.nearest(asked(filters, radius_m), atlas, NOW, trust).rows

    count = tallies.tally(asked(Filters()), [filters], atlas, NOW, radius_m=radius_m, trust=trust)[0]

    assert count == sum(not (filters.strict and trust.of(row).no_way_in) for row in listed)


def test_where_only_a_site_others_found_locked_is_open_it_is_asking_for_what_is_known_that_leaves_nothing(make_atlas):
    atlas = make_atlas([a_site(1, opening_hours="24/7")])
    told = [Told("locked", NOW, NOW.date(), person) for person in ("a", "b")]
    trust = Trust(atlas.sites, atlas.vocabulary, {"s1": told}, NOW.date())
    parts = [Part(Filters(state="open")), Part(Filters(state="open"), known=True)]

    assert [way.parts for way in tallies.ways_out(NearestQuestion(116.4, 39.9), parts, atlas, NOW, trust=trust)] == [(1,)]
    assert tallies.ways_out(NearestQuestion(116.4, 39.9), parts, atlas, NOW) == []


STAFF = (Slot("00:00-10:20", "staff_only"), Slot("10:20-24:00", "staffed"))


@pytest.mark.parametrize(("state", "strict", "count"), [("open", False, 2), ("open", True, 1), ("open-on-arrival", False, 3), ("all-day", True, 3)])
def test_time_for_staff_only_is_not_counted_as_open_and_ends_before_one_arrives_from_afar(make_atlas, state, strict, count):
    atlas = make_atlas([a_site(1, opening_hours="24/7"), a_site(2, opening_hours=None), a_site(4, opening_hours="24/7", slots=STAFF),
                        a_site(1, id="near", opening_hours="24/7", slots=STAFF)])

    # 2.3 km and 28 minutes to s4, which is the visitors' by then; 300 m and 4 minutes to the other, which is not
    here = NearestQuestion(116.4135, 39.9, 1000, by="walk")

    assert tallies.tally(here, [Filters(state=state, strict=strict)], atlas, NOW, radius_m=None) == [count]


def test_where_only_time_for_staff_is_left_hiding_what_is_closed_leaves_nothing(make_atlas):
    atlas = make_atlas([a_site(1, opening_hours="24/7", slots=(Slot("24/7", "staff_only"),))])
    parts = [Part(Filters(state="open-on-arrival")), Part(Filters(state="open-on-arrival"), known=True)]

    assert [way.parts for way in tallies.ways_out(NearestQuestion(116.4, 39.9), parts, atlas, NOW)] == [(0,)]


def parts_of(filters, within_m):
    """Return everything a filter asks for, and how the finder is asked without each."""
    found = [(Part(Filters(facilities=(f,))), {"facilities": f}) for f in filters.facilities]
    if filters.kinds:
        found.append((Part(Filters(kinds=filters.kinds)), {"kinds": ()}))
    if filters.eligibility:
        found.append((Part(Filters(eligibility=filters.eligibility)), {"eligibility": ()}))
    if filters.verified_only:
        found.append((Part(Filters(verified_only=True)), {"verified_only": False}))
    if filters.state:
        found.append((Part(Filters(state=filters.state)), {"state": None}))
        if filters.strict:
            found.append((Part(Filters(state=filters.state), known=True), {"strict": False}))
    if within_m:
        found.append((Part(within_m=within_m), {"within_m": None}))
    return found


def without(question, changes):
    filters, within_m = question.filters, question.within_m
    for change in changes:
        for name, value in change.items():
            if name == "within_m":
                within_m = None
            elif name == "facilities":
                filters = replace(filters, facilities=tuple(f for f in filters.facilities if f != value))
            else:
                filters = replace(filters, **{name: value})
    return replace(question, filters=filters, within_m=within_m)


@settings(max_examples=60)
@given(FILTERS, st.sampled_from([None, 40.0]))
def test_the_ways_out_are_the_smallest_that_work_when_each_is_tried(atlas, filters, within_m):
    question = asked(filters, within_m)
    parts = parts_of(filters, within_m)
    if answers.nearest(question, atlas, NOW).rows:
        return

    ways = tallies.ways_out(question, [part for part, _ in parts], atlas, NOW)

    for size in range(1, len(parts) + 1):
        tried = {chosen: answers.nearest(without(question, [parts[i][1] for i in chosen]), atlas, NOW)
                 for chosen in combinations(range(len(parts)), size)}
        working = {chosen: (len(found.rows), round(found.distances_m[0], 3)) for chosen, found in tried.items() if found.rows}
        if working:
            # to give up the state gives up knowing it too: then the finder finds what fails both, and neither part alone does
            both = [i for i, (part, _) in enumerate(parts) if part.filters.state]
            exact = {chosen for chosen in working if not (len(both) == 2 and both[0] in chosen)}
            told = {way.parts: (way.sites, round(way.nearest_m, 3)) for way in ways}
            assert all(told[chosen] == working[chosen] for chosen in exact)
            assert set(told) <= set(working)
            return
    assert ways == []


def test_two_filters_that_only_together_find_nothing_are_each_a_way_out(make_atlas):
    atlas = make_atlas([a_site(1, facilities={"wifi": "yes"}), a_site(2, facilities={"toilet": "yes"})])
    parts = [Part(Filters(facilities=(f,))) for f in ("wifi", "toilet")]

    ways = tallies.ways_out(NearestQuestion(116.4, 39.9), parts, atlas, NOW)

    assert [(way.parts, way.sites) for way in ways] == [((1,), 1), ((0,), 1)]


def test_where_no_single_filter_helps_the_smallest_pair_is_told(make_atlas):
    atlas = make_atlas([a_site(1, facilities={"wifi": "yes"}), a_site(2)])
    parts = [Part(Filters(facilities=(f,))) for f in ("wifi", "toilet", "books")]

    ways = tallies.ways_out(NearestQuestion(116.4, 39.9), parts, atlas, NOW)

    assert [way.parts for way in ways] == [(1, 2)]
    assert ways[0].nearest_m == pytest.approx(answers.nearest(NearestQuestion(116.4, 39.9), atlas, NOW).distances_m[0])


def test_where_there_is_no_site_at_all_there_is_no_way_out(make_atlas):
    assert tallies.ways_out(NearestQuestion(116.4, 39.9), [Part(Filters(kinds=("warm_station",)))], make_atlas([]), NOW) == []
