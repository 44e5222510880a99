"""Gaps as an answer: everybody who is not covered stands in exactly one, and each is told whole."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from locator import earth
from locator.coverage import coverage
from locator.errors import BadCount, BadValue, NotThere
from locator.ground import Ground, Walking
from locator.names import Place
from locator.network import Network
from locator.outlines import Outline
from locator.questions import CoverageQuestion
from locator.reached import covered, covered_by, reached
from locator.uncovered import GapsQuestion, uncovered
from locator.words import Words
from tests.conftest import a_site
from tests.locator.test_coverage import EPSG, NOON, OUTLINES, TREE, cities, city, outline_of, people_at, place, sites_at


def area_of(lonlat):
    return [next((code for code in ("1w", "1e") if OUTLINES[code].contains(shapely.Point(*at))), None) for at in lonlat.tolist()]


def told(question, atlas, ground, **rest):
    return uncovered(question, atlas, ground, NOON, outline_of=outline_of, area_of=area_of, **rest)


def ground_m2(answer):
    return sum(one.gap.area_m2 for one in (*answer.gaps, *answer.smaller))


@settings(max_examples=60)
@given(made=cities, radius_m=st.sampled_from([500.0, 2000.0, 6000.0]), by=st.sampled_from([None, "district"]), fold=st.sampled_from([1, 2, 3]))
def test_whoever_is_not_covered_is_in_exactly_one_gap(make_atlas, made, radius_m, by, fold):
    atlas, ground = city(made, make_atlas)
    asked = CoverageQuestion(radius_m=radius_m, at=NOON, by=by, fold=fold)

    answer = told(GapsQuestion(asked), atlas, ground)

    total = coverage(asked, atlas, ground, NOON, outline_of=outline_of).total
    assert answer.people == pytest.approx(total.people - total.figures["covered"])
    assert sum(gap.people_if_unknown_open for gap in answer.gaps) == pytest.approx(total.people - total.figures["covered_if_unknown_open"])
    assert [gap.people for gap in answer.gaps] == sorted((gap.people for gap in answer.gaps), reverse=True)
    assert all((gap.nearest is None) == math.isinf(gap.gap.farthest_m) for gap in answer.gaps)
    if by is None:
        assert ground_m2(answer) / 1e6 == pytest.approx(total.figures["area_km2"] - total.figures["covered_km2"])


@settings(max_examples=30)
@given(made=cities, ends=st.lists(place, min_size=2, max_size=7, unique=True), walk_min=st.sampled_from([10.0, 30.0, 60.0]),
       by=st.sampled_from([None, "district"]), fold=st.sampled_from([1, 2, 3]))
def test_along_streets_gaps_and_coverage_count_the_same_people_who_are_not_covered(make_atlas, made, ends, walk_min, by, fold):
    atlas, ground = city(made, make_atlas)
    nodes, edges = np.array(ends), np.array([(one, one + 1) for one in range(len(ends) - 1)], np.int32)
    streets = Network(nodes, edges, earth.geodesic_m(nodes[edges[:, 0]], nodes[edges[:, 1]]))
    ground = Ground(ground.demand, Walking(streets, streets.snap(ground.demand.lonlat)))
    asked = CoverageQuestion(walk_min=walk_min, at=NOON, by=by, fold=fold)

    answer = told(GapsQuestion(asked, tolerance_m=60.0), atlas, ground)

    total = coverage(asked, atlas, ground, NOON, outline_of=outline_of).total
    assert answer.basis == "network"
    assert answer.people == total.people - total.figures["covered"] == sum(gap.people for gap in answer.gaps)
    assert sum(gap.people_if_unknown_open for gap in answer.gaps) == total.people - total.figures["covered_if_unknown_open"]
    assert answer.estimated_people == total.figures["estimated_people"]
    assert 0 <= answer.estimated_m2 / 1e6 <= total.figures["area_km2"] + 1e-6
    assert all(gap.polygon.is_valid for gap in answer.gaps)


ONE_YARD = [(116.351, 39.9), (116.352, 39.9), (116.353, 39.9)]


@settings(max_examples=30)
@given(made=cities, ends=st.lists(place, min_size=2, max_size=7, unique=True), walk_min=st.sampled_from([10.0, 30.0]))
@example(made=([(at, 3) for at in ONE_YARD], [(at, "24/7") for at in ONE_YARD]), ends=[(116.34, 39.9), (116.36, 39.9)], walk_min=10.0)
def test_who_is_covered_is_whom_the_pairs_of_coverage_reach_to_the_last_one(make_atlas, made, ends, walk_min):
    atlas, ground = city(made, make_atlas)
    nodes, edges = np.array(ends), np.array([(one, one + 1) for one in range(len(ends) - 1)], np.int32)
    streets = Network(nodes, edges, earth.geodesic_m(nodes[edges[:, 0]], nodes[edges[:, 1]]))
    here = Ground(ground.demand, Walking(streets, streets.snap(ground.demand.lonlat)))
    for asked, over in ((CoverageQuestion(walk_min=walk_min), here), (CoverageQuestion(walk_min=walk_min), ground),
                        (CoverageQuestion(radius_m=2000.0), here)):
        reached_ones = {point for some in reached(asked, over, atlas.sites.lonlat).each() for point in some.points.tolist()}

        assert set(np.flatnonzero(covered(asked, over, atlas.sites.lonlat)).tolist()) == reached_ones
        some = np.arange(len(atlas.sites)) % 2 == 0
        for chosen, found in zip((some, ~some), covered_by(asked, over, atlas.sites.lonlat, (some, ~some)), strict=True):
            np.testing.assert_array_equal(found, covered(asked, over, atlas.sites.lonlat[chosen]))
        choices = (some, ~some, some | True)
        for chosen, found in zip(choices, covered_by(replace(asked, fold=2), over, atlas.sites.lonlat, choices), strict=True):
            points = [point for one in reached(asked, over, atlas.sites.lonlat[chosen]).each() for point in one.points.tolist()]
            np.testing.assert_array_equal(found, np.bincount(np.array(points, np.intp), minlength=len(ground.demand)) >= 2)


def test_the_tolerance_of_an_answer_is_told_and_along_streets_no_finer_than_25_metres(make_atlas):
    streets = Network(np.array([(116.35, 39.90), (116.36, 39.90)]), np.array([(0, 1)], np.int32), np.array([854.9]))
    people = people_at([(116.355, 39.9)], [9])
    atlas = make_atlas(sites_at([(116.35, 39.9)], ["24/7"]), areas=TREE)

    def tolerance_m(asked, ground):
        return told(asked, atlas, ground).as_dict("en")["query"]["tolerance_m"]

    walk = CoverageQuestion(walk_min=5.0)
    assert tolerance_m(GapsQuestion(walk), Ground(people)) == 1.0
    on_foot = Ground(people, Walking(streets, streets.snap(people.lonlat)))
    assert [tolerance_m(GapsQuestion(walk, tolerance_m=wish), on_foot) for wish in (None, 1.0, 80.0)] == [25.0, 25.0, 80.0]
    (gap,) = told(GapsQuestion(walk), atlas, on_foot).as_dict("en")["gaps"]
    assert (gap["people"], gap["farthest_basis"]) == (9, "estimate")


def test_an_area_as_the_streets_see_it_is_kept_until_others_need_the_room(make_atlas, monkeypatch):
    streets = Network(np.array([(116.35, 39.90), (116.36, 39.90)]), np.array([(0, 1)], np.int32), np.array([854.9]))
    people = people_at([(116.355, 39.9)], [9])
    ground = Ground(people, Walking(streets, streets.snap(people.lonlat)))

    west = ground.footing(outline_of("1w"), 50.0)

    assert ground.footing(outline_of("1w"), 50.0) is west
    assert ground.footing(outline_of("1w"), 60.0) is not west
    monkeypatch.setattr("locator.ground._MOST_SPOTS", len(west.spots.at))
    assert ground.footing(outline_of("1w"), 50.0) is west
    assert ground.footing(outline_of("1"), 50.0) is not west
    assert ground.footing(outline_of("1w"), 50.0) is not west


def test_a_network_on_another_grid_than_the_outlines_leaves_the_same_gaps(make_atlas):
    """Streets about a meridian of another zone, and the area: its outline is brought to their grid."""
    nodes = np.array([(116.35, 39.90), (116.36, 39.90), (113.0, 39.9), (113.01, 39.9), (113.02, 39.9)])
    streets = Network(nodes, np.array([(0, 1)], np.int32), np.array([854.9]))
    assert streets.epsg != outline_of("1").epsg
    people = people_at([(116.355, 39.9), (116.45, 39.9), (116.3505, 39.9)], [9, 5, 2])
    ground = Ground(people, Walking(streets, streets.snap(people.lonlat)))

    (gap,) = told(GapsQuestion(CoverageQuestion(walk_min=5.0)), make_atlas(sites_at([(116.35, 39.9)], ["24/7"]), areas=TREE), ground).gaps

    assert gap.people == 14
    assert gap.gap.area_m2 == pytest.approx(outline_of("1").geometry.area, rel=2e-3)  # that grid's metres are a little long, so far from its meridian


def test_a_gap_is_told_with_its_farthest_point_its_nearest_site_and_the_landmarks_in_it(make_atlas):
    atlas = make_atlas(sites_at([(116.35, 39.9)], ["24/7"]), areas=TREE,
                       places=[Place("far", Words("远处", "Far"), 116.49, 39.94, 100.0, "park"),
                               Place("near", Words("近处", "Near"), 116.46, 39.9, 100.0, "mall"),
                               Place("in", Words("站旁", "Beside"), 116.351, 39.9, 100.0, "mall")])
    ground = Ground(people_at([(116.45, 39.9), (116.351, 39.9)], [9, 4]))

    found = told(GapsQuestion(CoverageQuestion(radius_m=1000.0)), atlas, ground).as_dict("en")

    (gap,) = found["gaps"]
    assert (gap["rank"], gap["people"], gap["area_code"]) == (1, 9, "1e")
    assert gap["nearest_site"] == {"id": "s1", "name": "第1暖心驿站", "distance_m": gap["farthest_m"], "nth": 1}
    assert [host["name"] for host in gap["hosts"]] == ["Near", "Far"]
    assert gap["area_km2"] == pytest.approx(outline_of("1").geometry.area / 1e6 - math.pi, rel=1e-9)
    drawn = shapely.geometry.shape(gap["geometry"])
    assert drawn.is_valid
    assert not drawn.contains(shapely.Point(116.35, 39.9))
    circle = found["emptiest_circle"]
    assert circle["nearest_site"] == "s1"
    assert circle["radius_m"] == pytest.approx(gap["farthest_m"])


def test_a_tier_ends_gaps_at_its_areas_borders(make_atlas):
    answer = told(GapsQuestion(CoverageQuestion(radius_m=500.0, by="district")), make_atlas([], areas=TREE), Ground(people_at([(116.35, 39.9)], [1])))

    assert [(gap.area_code, gap.people) for gap in answer.gaps] == [("1w", 1), ("1e", 0)]


def test_each_area_of_a_tier_and_their_whole_have_an_emptiest_circle(make_atlas):
    atlas, ground = make_atlas(sites_at([(116.35, 39.9)], ["24/7"]), areas=TREE), Ground(people_at([(116.35, 39.9)], [1]))

    found = told(GapsQuestion(CoverageQuestion(radius_m=500.0, by="district")), atlas, ground).as_dict("en")

    assert [circle["code"] for circle in found["emptiest_circles"]] == ["1w", "1e", "1"]  # the zone has no outline
    for circle in found["emptiest_circles"]:
        alone = told(GapsQuestion(CoverageQuestion(radius_m=500.0, area=circle["code"])), atlas, ground).as_dict("en")["emptiest_circle"]
        assert {**alone, "code": circle["code"], "name": circle["name"]} == circle
    assert found["emptiest_circle"]["radius_m"] == found["emptiest_circles"][2]["radius_m"] == max(c["radius_m"] for c in found["emptiest_circles"])


def drawn(*codes):
    return lambda code: outline_of(code) if code in codes else None


@settings(max_examples=30)
@given(made=cities, radius_m=st.sampled_from([500.0, 2000.0, 6000.0]),
       outlines=st.sampled_from([("1",), ("1", "1w"), ("1", "1e"), ("1", "1w", "1e")]))
def test_whoever_is_not_covered_is_in_a_gap_however_few_areas_of_the_tier_are_drawn(make_atlas, made, radius_m, outlines):
    atlas, ground = city(made, make_atlas)
    asked = CoverageQuestion(radius_m=radius_m, by="district")

    answer = uncovered(GapsQuestion(asked), atlas, ground, NOON, outline_of=drawn(*outlines), area_of=area_of)

    total = coverage(asked, atlas, ground, NOON, outline_of=outline_of).total
    assert answer.people == pytest.approx(total.people - total.figures["covered"])
    assert ground_m2(answer) / 1e6 == pytest.approx(total.figures["area_km2"] - total.figures["covered_km2"])


def test_where_no_area_of_the_tier_is_drawn_the_gaps_are_those_of_the_area_itself(make_atlas):
    atlas, ground = make_atlas(sites_at([(116.35, 39.9)], ["24/7"]), areas=TREE), Ground(people_at([(116.45, 39.9), (116.32, 39.9)], [9, 4]))

    def gaps_by(tier):
        return uncovered(GapsQuestion(CoverageQuestion(radius_m=1000.0, by=tier)), atlas, ground, NOON, outline_of=drawn("1"), area_of=area_of).gaps

    assert [gap.people for gap in gaps_by("district")] == [13]
    assert gaps_by("district") == gaps_by(None)


def test_along_streets_gaps_are_also_of_the_ground_that_no_area_of_the_tier_is_drawn_on(make_atlas):
    streets = Network(np.array([(116.35, 39.90), (116.36, 39.90)]), np.array([(0, 1)], np.int32), np.array([854.9]))
    people = people_at([(116.355, 39.9), (116.45, 39.9)], [9, 5])
    ground, atlas = Ground(people, Walking(streets, streets.snap(people.lonlat))), make_atlas(sites_at([(116.35, 39.9)], ["24/7"]), areas=TREE)

    answer = uncovered(GapsQuestion(CoverageQuestion(walk_min=5.0, by="district"), tolerance_m=60.0), atlas, ground, NOON,
                       outline_of=drawn("1", "1w"), area_of=area_of)

    assert (answer.people, answer.estimated_people) == (14, 5)
    assert {gap.area_code for gap in answer.gaps} == {"1w", "1e"}


def corners_left(make_atlas, *people, by="district"):
    """Return the answer where one site reaches all of the west but its corners, each of a quarter of a hectare, and nothing of the east."""
    radius_m = math.dist(*earth.on_grid(np.array([(116.35, 39.9), (116.30, 39.85)]), epsg=EPSG).tolist()) - 50.0
    question = CoverageQuestion(radius_m=radius_m, by=by, area="1w" if by is None else None)
    return told(GapsQuestion(question), make_atlas(sites_at([(116.35, 39.9)], ["24/7"]), areas=TREE),
                Ground(people_at([one[:2] for one in people], [one[2] for one in people])))


def test_slivers_are_counted_and_told_in_sum_but_not_listed_beside_larger_gaps(make_atlas):
    answer = corners_left(make_atlas, (116.45, 39.9, 7), (116.30005, 39.85005, 0.25))

    found = answer.as_dict("en")
    assert [gap["area_code"] for gap in found["gaps"]] == ["1e"]
    assert (found["count"], found["people"]) == (5, 7.25)
    assert (found["smaller"]["count"], found["smaller"]["people"]) == (4, 0.25)
    assert 0.005 < found["smaller"]["area_km2"] < 4 * found["smaller"]["below_km2"] == 0.04
    assert all(one.gap.area_m2 < 10_000 for one in answer.smaller)


def test_a_sliver_with_a_person_in_it_is_listed(make_atlas):
    found = corners_left(make_atlas, (116.45, 39.9, 7), (116.30005, 39.85005, 1)).as_dict("en")

    assert [(gap["rank"], gap["people"], gap["area_code"]) for gap in found["gaps"]] == [(1, 7, "1e"), (2, 1, "1w")]
    assert (found["count"], found["smaller"]["count"]) == (5, 3)


def test_where_all_gaps_are_slivers_they_are_listed_never_passed_over(make_atlas):
    found = corners_left(make_atlas, (116.35, 39.9, 7), by=None).as_dict("en")

    assert (len(found["gaps"]), found["count"], found["smaller"]["count"]) == (4, 4, 0)


def test_a_gap_over_several_areas_names_them_those_with_most_people_first(make_atlas):
    def areas_of(*people, by=None):
        ground = Ground(people_at([one[:2] for one in people], [one[2] for one in people]))
        found = told(GapsQuestion(CoverageQuestion(radius_m=500.0, by=by)), make_atlas([], areas=TREE), ground).as_dict("en")
        return [(area["code"], area["name"], area["people"]) for gap in found["gaps"] for area in gap["areas"]]

    assert areas_of((116.35, 39.9, 3), (116.36, 39.9, 1), (116.45, 39.9, 9)) == [("1e", "East", 9), ("1w", "West", 4)]
    assert areas_of((116.35, 39.9, 3), (116.45, 39.9, 0)) == [("1w", "West", 3)]
    assert areas_of((116.35, 39.9, 3), by="district") == [("1w", "West", 3), ("1e", "East", 0)]


def test_only_the_first_are_listed_and_all_are_counted(make_atlas):
    asked = GapsQuestion(CoverageQuestion(radius_m=500.0, by="district"), top=1)

    found = told(asked, make_atlas([], areas=TREE), Ground(people_at([(116.35, 39.9)], [1]))).as_dict("zh")

    assert (len(found["gaps"]), found["count"]) == (1, 2)
    assert found["gaps"][0]["farthest_m"] is None
    assert found["emptiest_circle"] is None


def test_hours_that_nobody_knows_count_as_closed_and_are_told_apart(make_atlas):
    atlas = make_atlas([a_site(1, lon=116.35, lat=39.9, opening_hours=None)], areas=TREE)

    (gap,) = told(GapsQuestion(CoverageQuestion(radius_m=500.0, at=NOON)), atlas, Ground(people_at([(116.35, 39.9)], [5]))).gaps

    assert (gap.people, gap.people_if_unknown_open) == (5, 0)


def test_an_area_that_is_wholly_covered_has_no_gap(make_atlas):
    answer = told(GapsQuestion(CoverageQuestion(radius_m=90_000.0)), make_atlas(sites_at([(116.35, 39.9)], ["24/7"]), areas=TREE),
                  Ground(people_at([(116.35, 39.9)], [5])))

    assert (answer.gaps, answer.count, answer.people) == ((), 0, 0)


def test_an_area_without_an_outline_is_refused_in_words(make_atlas):
    with pytest.raises(NotThere, match="has no outline"):
        told(GapsQuestion(CoverageQuestion(radius_m=500.0, area="1z")), make_atlas([], areas=TREE), Ground(people_at([(116.35, 39.9)], [5])))


@pytest.mark.parametrize(("fields", "refusal"), [({"top": 0}, BadCount), ({"top": True}, BadCount)])
def test_a_number_of_gaps_that_is_none_is_refused(fields, refusal):
    with pytest.raises(refusal):
        GapsQuestion(CoverageQuestion(radius_m=500.0), **fields)


def test_where_several_sites_are_near_at_once_is_asked_of_an_instant_not_of_a_week():
    with pytest.raises(BadValue, match=r"fold '2': .*by the hour"):
        GapsQuestion(CoverageQuestion(radius_m=500.0, fold=2, week=True))


def test_of_several_sites_a_gap_is_told_with_the_one_that_is_so_many_th_nearest_and_the_circle_stays_that_of_the_nearest(make_atlas):
    atlas = make_atlas(sites_at([(116.35, 39.9), (116.35, 39.9), (116.36, 39.9)], ["24/7"] * 3), areas=TREE)
    ground = Ground(people_at([(116.45, 39.9), (116.351, 39.9), (116.3605, 39.9)], [9, 4, 2]))

    once, twice = (told(GapsQuestion(CoverageQuestion(radius_m=400.0, fold=fold)), atlas, ground).as_dict("en") for fold in (1, 2))

    (one,), (two,) = once["gaps"], twice["gaps"]
    assert (one["people"], two["people"]) == (9, 11)
    assert (one["nearest_site"]["id"], one["nearest_site"]["nth"]) == ("s3", 1)
    assert (two["nearest_site"]["id"], two["nearest_site"]["nth"]) == ("s1", 2)
    assert two["nearest_site"]["distance_m"] == two["farthest_m"] > one["farthest_m"]
    assert two["area_km2"] == pytest.approx(outline_of("1").geometry.area / 1e6 - 0.16 * math.pi, rel=1e-9)
    assert twice["emptiest_circle"] == once["emptiest_circle"]


def test_ground_that_two_sites_share_by_two_millimetres_is_a_hole_of_its_polygon(make_atlas):
    sites = np.array([(116.35, 39.9), (116.37, 39.91)])
    apart_m = math.dist(*earth.on_grid(sites, epsg=EPSG).tolist())
    question = GapsQuestion(CoverageQuestion(radius_m=apart_m / 2 + 0.001, fold=2))

    (gap,) = told(question, make_atlas(sites_at(sites.tolist(), ["24/7"] * 2), areas=TREE), Ground(people_at([(116.45, 39.9)], [3]))).gaps

    assert gap.polygon.is_valid
    assert len(gap.gap.polygon.interiors) == len(gap.polygon.interiors) == 1
    assert gap.people == 3


@pytest.mark.parametrize("turned_deg", [0, 17, 45])
@pytest.mark.parametrize("neck_m", [3e-9, 1e-6, 0.001, 0.003, 0.006, 0.02, 1.0])
def test_two_yards_that_a_neck_joins_are_one_polygon_with_the_ground_of_both_however_narrow_it_is(make_atlas, neck_m, turned_deg):
    neck = shapely.box(1000, 500 - neck_m / 2, 1010, 500 + neck_m / 2)
    yards = shapely.union_all([shapely.box(0, 0, 1000, 1000), neck, shapely.box(1010, 0, 1910, 1000)])
    [corner] = earth.on_grid(np.array([(116.38, 39.88)]), epsg=EPSG)
    outline = shapely.transform(shapely.affinity.rotate(yards, turned_deg, origin=(0, 0)), lambda points: points + corner)
    ground = Ground(people_at(earth.off_grid(shapely.get_coordinates(outline.representative_point()), epsg=EPSG), [7]))

    answer = uncovered(GapsQuestion(CoverageQuestion(radius_m=500.0)), make_atlas([], areas=TREE), ground, NOON, area_of=area_of,
                       outline_of=lambda code: Outline(outline, EPSG) if code == "1" else None)

    (gap,) = answer.as_dict("en")["gaps"]
    drawn = shapely.geometry.shape(gap["geometry"])
    assert drawn.geom_type == "Polygon"
    assert drawn.is_valid
    on_grid_m2 = shapely.transform(drawn, lambda points: earth.on_grid(points, epsg=EPSG)).area
    assert gap["area_km2"] == pytest.approx(1.9, rel=1e-5)
    assert on_grid_m2 / 1e6 == pytest.approx(gap["area_km2"], rel=2e-5)


@pytest.mark.parametrize("on_foot", [False, True])
def test_where_fewer_sites_suit_than_are_asked_for_all_is_one_gap_and_nothing_is_the_farthest(make_atlas, on_foot):
    people = people_at([(116.35, 39.9), (116.45, 39.9)], [5, 6])
    streets = Network(np.array([(116.35, 39.90), (116.36, 39.90)]), np.array([(0, 1)], np.int32), np.array([854.9]))
    ground = Ground(people, Walking(streets, streets.snap(people.lonlat)) if on_foot else None)

    found = told(GapsQuestion(CoverageQuestion(walk_min=5.0, fold=2)), make_atlas(sites_at([(116.35, 39.9)], ["24/7"]), areas=TREE), ground)

    (gap,) = found.as_dict("en")["gaps"]
    assert (gap["people"], gap["farthest_m"], gap["nearest_site"]) == (11, None, None)
    assert gap["area_km2"] == pytest.approx(outline_of("1").geometry.area / 1e6, rel=1e-4)
    assert found.circle["radius_m"] > 1000


def test_a_point_that_the_grid_puts_a_hand_beside_a_gap_belongs_to_it(make_atlas):
    atlas = make_atlas(sites_at([(116.35, 39.9)], ["24/7"]), areas=TREE)
    degrees = 1000.0 / 111_000
    rim = np.array([(116.35, 39.9 + degrees * (1 + step * 1e-5)) for step in range(-400, 400)])

    answer = told(GapsQuestion(CoverageQuestion(radius_m=1000.0)), atlas, Ground(people_at(rim, np.ones(len(rim)))))

    total = coverage(CoverageQuestion(radius_m=1000.0), atlas, Ground(people_at(rim, np.ones(len(rim)))), NOON, outline_of=outline_of).total
    assert answer.people == total.people - total.figures["covered"] > 0
