"""Change: who gains and who loses, judged by plain loops over every person, site and hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locator import earth, week
from locator.change import change
from locator.coverage import coverage
from locator.demand import Demand
from locator.ground import Ground, Walking
from locator.hours import CLOCK, State, minute_of
from locator.lines import areas_asked
from locator.network import Network
from locator.questions import CoverageQuestion
from locator.sides import Proposal, Side
from locator.words import Words
from tests.conftest import a_site
from tests.locator.test_coverage import NOON, TREE, outline_of
from tests.oracles import geodesic_m

THEN, SINCE = Words("前", "before"), Words("后", "after")
EXPRESSIONS = ["24/7", "Mo-Fr 09:00-17:00", "Mo-Su 22:00-02:00", None, "Sa-Su 10:00-11:30"]
PASSING = {"": (State.OPEN,), "_if_unknown_open": (State.OPEN, State.UNKNOWN)}

place = st.tuples(st.floats(116.301, 116.499), st.floats(39.851, 39.949))
# of each site where it is before and after, and its hours then: None is not there
standing = st.one_of(st.none(), st.tuples(place, st.sampled_from(EXPRESSIONS)))
cities = st.tuples(st.lists(st.tuples(place, st.integers(1, 50)), min_size=1, max_size=20),
                   st.lists(st.one_of(st.tuples(standing, standing), standing.map(lambda one: (one, one))), max_size=7))


def people_at(*people):
    points = np.array([one[:2] for one in people], float).reshape(-1, 2)
    areas = np.where(points[:, 0] < 116.4, 0, 1).astype(np.int32)
    return Ground(Demand(points, np.array([one[2] for one in people], float), areas, (("1w", "1"), ("1e", "1")), None,
                         Words("试", "a test"), "2026-01-01", Words("点", "points"), "v"))


def atlas_of(make_atlas, standings):
    return make_atlas([a_site(number, lon=one[0][0], lat=one[0][1], opening_hours=one[1], district_code="1w" if one[0][0] < 116.4 else "1e")
                       for number, one in enumerate(standings) if one is not None], areas=TREE)


def changed(question, before, after, ground):
    """Return the change between two atlases."""
    sides = (Side.of(words, question, atlas, NOON) for words, atlas in ((THEN, before), (SINCE, after)))
    return change(question, *sides, TREE, ground, areas_asked(question, before.areas), NOON, outline_of=outline_of)


def reaching(atlas, point, radius_m, passing, at):
    """The ids within the radius of a point that let people in at an instant; whatever their hours where that is None."""
    codes = atlas.sites.timetables.codes
    return {atlas.sites.value("id", row) for row in range(len(atlas.sites))
            if geodesic_m(point, atlas.sites.lonlat[row:row + 1])[0] <= radius_m
            and (at is None or atlas.hours.state_at(int(codes[row]), minute_of(at)) in passing)}


def judged(found, demand, moves, suffix):
    """Hold every line against (point, gained, lost, ids that grew, ids that shrank) of a plain loop."""
    for line in (*found.lines, found.total):
        if line.people is None:
            continue
        mine = set(np.flatnonzero(demand.within({line.code})).tolist())
        for what, place in (("gained", 1), ("lost", 2)):
            some = [move for move in moves if move[place] and move[0] in mine]
            assert line.figures[what + suffix] == sum(demand.people[move[0]] for move in some)
            ids = set().union(*(move[place + 2] for move in some))
            told = {one["id"]: (one["people"], one["people_by_it_alone"]) for one in line.figures[f"{what}_by{suffix}"]}
            assert told == {one: (sum(demand.people[move[0]] for move in some if one in move[place + 2]),
                                  sum(demand.people[move[0]] for move in some if move[place + 2] == {one})) for one in ids}
    change_of = {(point["lon"], point["lat"]): point[f"change{suffix}"] for point in found.points()}
    for row, gains, loses, _, _ in moves:
        assert change_of.get(tuple(demand.lonlat[row].tolist())) == ("gained" if gains else "lost" if loses else None)


@settings(max_examples=80)
@given(made=cities, radius_m=st.sampled_from([500.0, 2000.0, 6000.0]), fold=st.sampled_from([1, 2, 3]),
       hour=st.one_of(st.none(), st.integers(0, 400)))
def test_who_gains_and_loses_and_by_which_sites_is_what_plain_loops_say(make_atlas, made, radius_m, fold, hour):
    ground = people_at(*((*where, count) for where, count in made[0]))
    before, after = (atlas_of(make_atlas, [pair[side] for pair in made[1]]) for side in (0, 1))
    at = None if hour is None else NOON + timedelta(minutes=37 * hour)

    found = changed(CoverageQuestion(radius_m=radius_m, at=at, fold=fold, by="district"), before, after, ground)

    for suffix, passing in PASSING.items() if at is not None else [("", ())]:
        moves = []
        for row, point in enumerate(ground.demand.lonlat):
            then, since = (reaching(atlas, point, radius_m, passing, at) for atlas in (before, after))
            was, now = len(then) >= fold, len(since) >= fold
            moves.append((row, now and not was, was and not now, since - then, then - since))
        judged(found, ground.demand, moves, suffix)
    assert ("gained_if_unknown_open" in found.total.figures) == (at is not None)


@settings(max_examples=12)
@given(made=cities, radius_m=st.sampled_from([2000.0, 6000.0]), fold=st.sampled_from([1, 2]))
def test_over_a_week_hours_gained_and_lost_are_those_of_each_instant(make_atlas, made, radius_m, fold):
    ground = people_at(*((*where, count) for where, count in made[0]))
    before, after = (atlas_of(make_atlas, [pair[side] for pair in made[1]]) for side in (0, 1))
    demand = ground.demand
    monday = datetime.combine(week.monday_of(NOON.date()), datetime.min.time(), CLOCK)

    found = changed(CoverageQuestion(radius_m=radius_m, at=NOON, week=True, fold=fold), before, after, ground)

    for suffix, passing in PASSING.items():
        by_hour = [[[reaching(atlas, point, radius_m, passing, monday + timedelta(hours=hour)) for hour in range(week.HOURS)]
                    for atlas in (before, after)] for point in demand.lonlat[:3]]
        some = replace(demand, people=np.where(np.arange(len(demand)) < 3, demand.people, 0.0))
        few = changed(CoverageQuestion(radius_m=radius_m, at=NOON, week=True, fold=fold), before, after, Ground(some)).total.figures
        moves = []
        gained, lost = [0.0] * week.HOURS, [0.0] * week.HOURS
        for row, (then, since) in enumerate(by_hour):
            was, now = [len(ids) >= fold for ids in then], [len(ids) >= fold for ids in since]
            for hour in range(week.HOURS):
                gained[hour] += demand.people[row] * (now[hour] and not was[hour])
                lost[hour] += demand.people[row] * (was[hour] and not now[hour])
            moves.append((row, any(now) and not any(was), any(was) and not any(now),
                          set().union(*(new - old for old, new in zip(then, since, strict=True))),
                          set().union(*(old - new for old, new in zip(then, since, strict=True)))))
        assert (few[f"gained_by_hour{suffix}"], few[f"lost_by_hour{suffix}"]) == (gained, lost)
        assert few[f"gained{suffix}"] == sum(demand.people[move[0]] for move in moves if move[1])
        assert few[f"lost{suffix}"] == sum(demand.people[move[0]] for move in moves if move[2])
        for what, place in (("gained", 1), ("lost", 2)):
            told = {one["id"]: one["people"] for one in few[f"{what}_by{suffix}"]}
            ids = set().union(*(move[place + 2] for move in moves if move[place]))
            assert told == {one: sum(demand.people[move[0]] for move in moves if move[place] and one in move[place + 2]) for one in ids}
    assert found.total.people == demand.people.sum()


def test_before_and_after_are_the_figures_of_coverage_and_differ_by_who_gains_and_loses(make_atlas):
    before = atlas_of(make_atlas, [((116.35, 39.9), "24/7"), None])
    after = atlas_of(make_atlas, [None, ((116.45, 39.9), None)])
    ground = people_at((116.35, 39.9, 3), (116.45, 39.9, 5))
    question = CoverageQuestion(radius_m=500.0, at=NOON, by="district")

    found = changed(question, before, after, ground)

    for side, atlas in (("before", before), ("after", after)):
        alone = coverage(question, atlas, ground, NOON, outline_of=lambda _: None)
        for mine, line in zip((*found.lines, found.total), (*alone.lines, alone.total), strict=True):
            for suffix in PASSING:
                assert mine.figures[f"sites_{side}"] == line.figures["sites"]
                assert mine.figures[f"coverage_share_{side}{suffix}"] == line.figures[f"coverage_share{suffix}"] or mine.people is None
    total = found.total.figures
    assert (total["covered_before"], total["covered_after"], total["gained"], total["lost"]) == (3, 0, 0, 3)
    assert (total["covered_after_if_unknown_open"], total["gained_if_unknown_open"], total["lost_if_unknown_open"]) == (5, 5, 3)


def test_a_walk_goes_along_streets_on_both_sides_as_in_coverage(make_atlas):
    # one street runs from (116.35, 39.90) east to 116.36 and back west 0.001 degrees farther north
    nodes = np.array([(116.35, 39.90), (116.36, 39.90), (116.36, 39.901), (116.35, 39.901)])
    edges = np.array([(0, 1), (1, 2), (2, 3)], np.int32)
    streets = Network(nodes, edges, earth.geodesic_m(nodes[edges[:, 0]], nodes[edges[:, 1]]))
    demand = people_at((116.35, 39.901, 5), (116.357, 39.90, 7), (116.35, 39.893, 4)).demand
    ground = Ground(demand, Walking(streets, streets.snap(demand.lonlat)))
    before, after = (atlas_of(make_atlas, [((116.35, lat), "24/7")]) for lat in (39.90, 39.901))
    question = CoverageQuestion(walk_min=12.0, by="district")

    found = changed(question, before, after, ground)

    # across the gap between the street's two arms it is 111 m in a straight line and 1,820 m on foot
    assert (found.basis, found.total.figures["gained"], found.total.figures["lost"]) == ("network", 5, 11)
    for side, atlas in (("before", before), ("after", after)):
        alone = coverage(question, atlas, ground, NOON, outline_of=lambda _: None)
        assert found.total.figures[f"coverage_share_{side}"] == alone.total.figures["coverage_share"]
    assert [line.figures["estimated_people"] for line in (*found.lines, found.total)] == [4, 0, None, 4]


def test_two_equal_sides_change_nothing(make_atlas):
    atlas = atlas_of(make_atlas, [((116.35, 39.9), "24/7")])

    found = changed(CoverageQuestion(radius_m=500.0), atlas, atlas, people_at((116.35, 39.9, 3)))

    assert found.points() == []
    assert (found.total.figures["gained"], found.total.figures["gained_by"], found.total.figures["covered_after"]) == (0, [], 3)


def test_a_site_that_moves_is_one_site_that_some_gain_and_others_lose(make_atlas):
    before, after = (atlas_of(make_atlas, [((lon, 39.9), "24/7")]) for lon in (116.35, 116.36))
    ground = people_at((116.348, 39.9, 3), (116.355, 39.9, 7), (116.362, 39.9, 5))

    total = changed(CoverageQuestion(radius_m=600.0), before, after, ground).total.figures

    assert total["gained_by"] == [{"id": "s0", "name": "第0暖心驿站", "people": 5, "people_by_it_alone": 5}]
    assert total["lost_by"] == [{"id": "s0", "name": "第0暖心驿站", "people": 3, "people_by_it_alone": 3}]
    assert total["covered_before"] == 10


def test_without_some_sites_only_who_had_no_other_loses(make_atlas):
    atlas = atlas_of(make_atlas, [((116.35, 39.9), "24/7"), ((116.3505, 39.9), "24/7"), ((116.45, 39.9), "24/7")])
    question = CoverageQuestion(radius_m=500.0)
    now = Side.of(THEN, question, atlas, NOON)
    ground = people_at((116.35, 39.9, 3), (116.45, 39.9, 5))

    found = change(question, now, now.without(SINCE, {"s0", "s2", "never-there"}), TREE, ground, areas_asked(question, atlas.areas), NOON,
                   outline_of=outline_of)

    assert (found.total.figures["lost"], found.total.figures["gained"]) == (5, 0)
    assert [one["id"] for one in found.total.figures["lost_by"]] == ["s2"]
    assert found.points() == [{"lon": 116.45, "lat": 39.9, "people": 5, "area_code": "1e", "change": "lost"}]


@pytest.mark.parametrize("more", [{}, {"at": NOON}, {"week": True}])
def test_a_proposed_site_suits_and_is_open_whenever_it_is_asked_for(make_atlas, more):
    question = CoverageQuestion(radius_m=500.0, **more)
    now = Side.of(THEN, question, atlas_of(make_atlas, [((116.35, 39.9), "24/7")]), NOON)
    ground = people_at((116.35, 39.9, 3), (116.45, 39.9, 5))
    there = now.joined_by(SINCE, [Proposal("p1", "新", 116.45, 39.9, ("1e",))])

    found = change(question, now, there, TREE, ground, (["1w", "1e"], "1"), NOON, outline_of=outline_of)

    assert (found.total.figures["gained"], found.total.figures["lost"]) == (5, 0)
    assert found.total.figures["gained_by"] == [{"id": "p1", "name": "新", "people": 5, "people_by_it_alone": 5}]
    assert [(line.figures["sites_before"], line.figures["sites_after"]) for line in found.lines] == [(1, 1), (0, 1)]
    if question.week:
        assert found.total.figures["gained_by_hour"] == [5] * week.HOURS


def test_a_proposal_needs_an_id_of_its_own(make_atlas):
    now = Side.of(THEN, CoverageQuestion(radius_m=500.0), atlas_of(make_atlas, [((116.35, 39.9), "24/7")]), NOON)

    with pytest.raises(ValueError, match="id of its own"):
        now.joined_by(SINCE, [Proposal("s0", "", 116.45, 39.9)])


def test_an_area_without_an_outline_or_without_people_says_so(make_atlas):
    atlas = make_atlas([replace(a_site(1, lon=116.45, lat=39.9), district_code="1z")], areas=TREE)
    ground = people_at((116.45, 39.9, 3))

    found = changed(CoverageQuestion(radius_m=500.0, by="district"), make_atlas([], areas=TREE), atlas, ground)

    lines = {line.code: line.as_dict("en") for line in found.lines}
    assert (lines["1z"]["sites_before"], lines["1z"]["sites_after"], lines["1z"]["people"], lines["1z"]["gained"]) == (0, 1, None, None)
    assert "no outline" in lines["1z"]["note"]
    assert (lines["1w"]["people"], lines["1w"]["gained"], lines["1w"]["coverage_share_after"]) == (0, 0, None)
    assert "nobody" in lines["1w"]["note"]
    assert lines["1e"]["gained"] == 3


def test_only_the_points_of_the_area_that_was_asked_for_are_told(make_atlas):
    atlas = atlas_of(make_atlas, [((116.399, 39.9), "24/7")])

    found = changed(CoverageQuestion(radius_m=500.0, area="1w"), make_atlas([], areas=TREE), atlas, people_at((116.399, 39.9, 3), (116.401, 39.9, 5)))

    assert [(point["people"], point["area_code"]) for point in found.points()] == [(3, "1w")]
    assert found.total.figures["gained"] == 3


def test_the_answer_says_what_was_compared(make_atlas):
    question = CoverageQuestion(radius_m=500.0)
    told = changed(question, make_atlas([], areas=TREE), make_atlas([], areas=TREE, version=2), people_at((116.4, 39.9, 3))).as_dict("en")

    assert told["before"] == {"what": "before", "sites": 0, "version": 1}
    assert told["after"] == {"what": "after", "sites": 0, "version": 2}
    assert told["query"]["radius_m"] == 500
    assert (told["demand_source"]["source"], told["basis"], told["as_of"]) == ("a test", "radius", NOON.isoformat())
