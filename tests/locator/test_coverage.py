"""Coverage: who is reached, judged by plain loops over every person, site and hour."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from locator import earth, week
from locator.areas import Area, AreaTree
from locator.coverage import coverage
from locator.demand import Demand
from locator.errors import BadCount, BadRadius, BadTime, BadValue, NotThere
from locator.filters import Filters
from locator.ground import Ground, Walking
from locator.hours import CLOCK, State, minute_of
from locator.network import Network
from locator.outlines import Outline
from locator.questions import CoverageQuestion
from locator.sites import Slot
from locator.uncovered import GapsQuestion, uncovered
from locator.words import Words
from tests.conftest import a_site
from tests.oracles import geodesic_m

EPSG = 4548
WEST, EAST = shapely.box(116.30, 39.85, 116.40, 39.95), shapely.box(116.40, 39.85, 116.50, 39.95)
TREE = AreaTree([Area("1", Words("市", "City"), None, "city", None, True), Area("1w", Words("西", "West"), "1", "district", None, True),
                 Area("1e", Words("东", "East"), "1", "district", None, True), Area("1z", Words("开发区", "Zone"), "1", "district")])
OUTLINES = {"1": shapely.union_all([WEST, EAST]), "1w": WEST, "1e": EAST}
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=CLOCK)
EXPRESSIONS = ["24/7", "Mo-Fr 09:00-17:00", "Mo-Su 22:00-02:00", None, "Sa-Su 10:00-11:30", "Mo-Fr 08:00-12:00,13:30-18:00; PH off"]


def outline_of(code):
    if code not in OUTLINES:
        return None
    return Outline(shapely.transform(OUTLINES[code], lambda points: earth.on_grid(points, epsg=EPSG)), EPSG)


def people_at(points, weights):
    points = np.array(points, float).reshape(-1, 2)
    areas = np.where(points[:, 0] < 116.4, 0, 1).astype(np.int32)
    return Demand(points, np.array(weights, float), areas, (("1w", "1"), ("1e", "1")), None, Words("试", "a test"), "2026-01-01",
                  Words("点", "points"), "v")


def sites_at(points, hours):
    return [a_site(n + 1, lon=lon, lat=lat, opening_hours=expression, district_code="1w" if lon < 116.4 else "1e")
            for n, ((lon, lat), expression) in enumerate(zip(points, hours, strict=True))]


place = st.tuples(st.floats(116.301, 116.499), st.floats(39.851, 39.949))
cities = st.tuples(st.lists(st.tuples(place, st.integers(1, 50)), min_size=1, max_size=25),
                   st.lists(st.tuples(place, st.sampled_from(EXPRESSIONS)), max_size=8))


def city(made, make_atlas):
    points, sites = made
    demand = people_at([p for p, _ in points], [w for _, w in points])
    return make_atlas(sites_at([p for p, _ in sites], [h for _, h in sites]), areas=TREE), Ground(demand)


def within(atlas, demand, radius_m):
    """(n, s) whether each site is within the radius of each point."""
    rows = [geodesic_m(point, atlas.sites.lonlat) <= radius_m for point in demand.lonlat]
    return np.array(rows).reshape(len(demand), len(atlas.sites))


@settings(max_examples=60)
@given(made=cities, radius_m=st.sampled_from([500.0, 2000.0, 6000.0]), fold=st.sampled_from([1, 2, 3]), hour=st.integers(0, 400))
def test_people_are_those_of_plain_loops_at_any_instant(make_atlas, made, radius_m, fold, hour):
    atlas, ground = city(made, make_atlas)
    at = NOON + timedelta(minutes=37 * hour)
    near = within(atlas, ground.demand, radius_m)
    states = [atlas.hours.state_at(int(code), minute_of(at)) for code in atlas.sites.timetables.codes]

    answer = coverage(CoverageQuestion(radius_m=radius_m, at=at, fold=fold, by="district"), atlas, ground, NOON, outline_of=outline_of)

    for suffix, passing in (("", (State.OPEN,)), ("_if_unknown_open", (State.OPEN, State.UNKNOWN))):
        counts = near[:, [state in passing for state in states]].sum(axis=1) if len(states) else np.zeros(len(ground.demand))
        for line in (*answer.lines, answer.total):
            mine = ground.demand.within({line.code})
            if line.people is None:
                continue
            assert line.people == ground.demand.people[mine].sum()
            assert line.figures[f"covered{suffix}"] == ground.demand.people[mine & (counts >= fold)].sum()
            assert line.figures[f"single_site{suffix}"]["people"] == ground.demand.people[mine & (counts == 1)].sum()


@settings(max_examples=10)
@given(made=cities, radius_m=st.sampled_from([2000.0, 6000.0]), fold=st.sampled_from([1, 2]), day=st.integers(0, 400))
def test_every_hour_of_a_week_is_what_that_instant_alone_would_say(make_atlas, made, radius_m, fold, day):
    atlas, ground = city(made, make_atlas)
    at = NOON + timedelta(days=day)
    monday = datetime.combine(week.monday_of(at.date()), datetime.min.time(), CLOCK)

    (line,) = coverage(CoverageQuestion(radius_m=radius_m, at=at, week=True, fold=fold), atlas, ground, NOON, outline_of=outline_of).lines

    for hour in range(0, 168, 11):
        (then,) = coverage(CoverageQuestion(radius_m=radius_m, at=monday + timedelta(hours=hour), fold=fold), atlas, ground, NOON,
                           outline_of=outline_of).lines
        for suffix in ("", "_if_unknown_open"):
            assert line.figures[f"by_hour{suffix}"][hour] == pytest.approx(then.figures[f"coverage_share{suffix}"])


@settings(max_examples=60)
@given(made=cities)
def test_distances_are_the_least_within_which_half_and_nine_tenths_live(make_atlas, made):
    atlas, ground = city(made, make_atlas)
    demand = ground.demand
    (line,) = coverage(CoverageQuestion(radius_m=500.0), atlas, ground, NOON, outline_of=outline_of).lines
    if not len(atlas.sites):
        assert line.figures["median_m"] is None
        return
    metres = np.array([geodesic_m(point, atlas.sites.lonlat).min() for point in demand.lonlat])
    for name, share in (("median_m", 0.5), ("p90_m", 0.9)):
        least = min(m for m in metres if demand.people[metres <= m].sum() >= share * demand.total * (1 - 1e-9))
        assert line.figures[name] == pytest.approx(least, abs=1e-3)


@settings(max_examples=60)
@given(made=cities, kept=st.lists(st.booleans(), min_size=8, max_size=8))
def test_the_nearest_of_fewer_sites_is_what_it_is_when_nothing_was_known_before(make_atlas, made, kept):
    atlas, ground = city(made, make_atlas)
    every = atlas.sites.lonlat
    fewer = every[np.array(kept[:len(every)], bool)]
    for sites in (every, fewer[::-1], fewer[:1], np.empty((0, 2)), every):
        np.testing.assert_array_equal(ground.nearest_m(sites), Ground(ground.demand).nearest_m(sites))


def asked(question, atlas, *people, **more):
    """Return the answer about people given as (lon, lat, how many)."""
    ground = Ground(people_at([person[:2] for person in people], [person[2] for person in people]))
    return coverage(question, atlas, ground, NOON, outline_of=outline_of, **more)


def test_no_site_is_nobody_reached_and_no_ground(make_atlas):
    (line,) = asked(CoverageQuestion(radius_m=500.0), make_atlas([], areas=TREE), (116.35, 39.9, 7)).lines

    figures = line.as_dict("en")
    assert (figures["people"], figures["covered"], figures["coverage_share"]) == (7, 0, 0)
    assert (figures["area_share"], figures["covered_km2"]) == (0, 0)
    assert (figures["median_m"], figures["sites"], figures["people_per_site"]) == (None, 0, None)


def test_ground_is_figured_from_arcs(make_atlas):
    atlas = make_atlas(sites_at([(116.35, 39.9)], ["24/7"]), areas=TREE)

    (line,) = asked(CoverageQuestion(radius_m=1000.0, area="1w"), atlas, (116.35, 39.9, 1)).lines

    assert line.figures["covered_km2"] == pytest.approx(math.pi, rel=1e-9)
    assert line.figures["area_km2"] == pytest.approx(outline_of("1w").geometry.area / 1e6)


def test_ground_that_takes_two_sites_is_where_their_discs_lie_on_each_other(make_atlas):
    atlas = make_atlas(sites_at([(116.35, 39.9), (116.35, 39.905), (116.35, 39.905)], ["24/7"] * 3), areas=TREE)
    apart = math.dist(*earth.on_grid(atlas.sites.lonlat[:2], epsg=EPSG).tolist()) / 1000
    lens_km2 = 2 * math.acos(apart / 2) - apart / 2 * math.sqrt(4 - apart * apart)

    for fold, covered_km2 in ((1, 2 * math.pi - lens_km2), (2, math.pi), (3, lens_km2), (4, 0.0)):
        (line,) = asked(CoverageQuestion(radius_m=1000.0, area="1w", fold=fold), atlas, (116.35, 39.9, 1)).lines
        assert line.figures["covered_km2"] == pytest.approx(covered_km2, rel=1e-9, abs=1e-9)


def test_over_a_week_ground_takes_two_sites_that_are_open_in_the_same_hour(make_atlas):
    points, hours = [(116.35, 39.9), (116.351, 39.9)], ("Mo-Su 08:00-12:00", "Mo-Su 13:00-18:00")
    never, always = (make_atlas(sites_at(points, own), areas=TREE) for own in (hours, hours[:1] * 2))
    asked_of = CoverageQuestion(radius_m=1000.0, fold=2, week=True)
    lonlat = np.array([(116.3503, 39.9), (116.37, 39.9)])
    on_cells = Ground(replace(people_at(lonlat, [3, 4]), cell_m2=np.full(2, 10_000.0)))

    apart, together = (coverage(asked_of, atlas, on_cells, NOON, outline_of=outline_of).total.figures for atlas in (never, always))

    assert (apart["covered"], apart["covered_km2"]) == (0, 0)
    assert (together["covered"], together["covered_km2"]) == (3, pytest.approx(0.01))
    assert asked(asked_of, always, (116.3503, 39.9, 3)).total.figures["covered_km2"] is None  # nobody says what ground a point stands for


def test_sites_outside_an_area_count_for_the_people_inside_it(make_atlas):
    atlas = make_atlas(sites_at([(116.401, 39.9)], ["24/7"]), areas=TREE)

    (line,) = asked(CoverageQuestion(radius_m=500.0, area="1w"), atlas, (116.399, 39.9, 3)).lines

    assert (line.figures["sites"], line.figures["covered"]) == (0, 3)


def test_an_area_without_an_outline_says_so_and_counts_its_sites_by_code(make_atlas):
    atlas = make_atlas([replace(a_site(1, lon=116.45, lat=39.9), district_code="1z")], areas=TREE)

    (line,) = asked(CoverageQuestion(radius_m=500.0, area="1z"), atlas, (116.45, 39.9, 3)).lines

    figures = line.figures
    assert (figures["sites"], line.people, figures["covered"], figures["coverage_share"], figures["area_km2"]) == (1, None, None, None, None)
    assert "no outline" in line.as_dict("en")["note"]
    assert "没有边界" in line.as_dict("zh")["note"]


def test_an_area_where_nobody_is_says_so(make_atlas):
    (line,) = asked(CoverageQuestion(radius_m=500.0, area="1w"), make_atlas([], areas=TREE), (116.45, 39.9, 3)).lines

    assert (line.people, line.figures["coverage_share"]) == (0, None)
    assert "nobody" in line.as_dict("en")["note"]


def test_time_for_staff_only_covers_nobody(make_atlas):
    site = a_site(1, lon=116.35, lat=39.9, opening_hours="24/7", slots=(Slot("Mo-Su 00:00-24:00", "staff_only"),))

    (line,) = asked(CoverageQuestion(radius_m=500.0, at=NOON), make_atlas([site], areas=TREE), (116.35, 39.9, 3)).lines

    assert line.figures["covered_if_unknown_open"] == 0


def test_a_site_that_others_found_locked_is_not_known_to_be_open(make_atlas):
    atlas = make_atlas(sites_at([(116.35, 39.9)], ["24/7"]), areas=TREE)

    (line,) = asked(CoverageQuestion(radius_m=500.0, at=NOON), atlas, (116.35, 39.9, 3), no_way_in=np.array([True])).lines

    assert (line.figures["covered"], line.figures["covered_if_unknown_open"]) == (0, 3)


def test_hours_that_are_all_unknown_leave_both_figures(make_atlas):
    atlas = make_atlas(sites_at([(116.35, 39.9)], [None]), areas=TREE)

    (line,) = asked(CoverageQuestion(radius_m=500.0, week=True), atlas, (116.35, 39.9, 3)).lines

    assert line.figures["by_hour"] == [0] * 168
    assert line.figures["by_hour_if_unknown_open"] == [1] * 168


def test_a_walk_of_fifteen_minutes_is_a_kilometre_by_the_national_yardstick():
    assert CoverageQuestion(walk_min=15.0).straight_m == pytest.approx(1000.0)


def on_streets(question, atlas, *people):
    """Return the answer where one street runs from (116.35, 39.90) east to 116.36 and back west 0.001 degrees farther north."""
    nodes = np.array([(116.35, 39.90), (116.36, 39.90), (116.36, 39.901), (116.35, 39.901)])
    edges = np.array([(0, 1), (1, 2), (2, 3)], np.int32)
    streets = Network(nodes, edges, earth.geodesic_m(nodes[edges[:, 0]], nodes[edges[:, 1]]))
    demand = people_at([person[:2] for person in people], [person[2] for person in people])
    ground = Ground(demand, Walking(streets, streets.snap(demand.lonlat)))
    return coverage(question, atlas, ground, NOON, outline_of=outline_of)


def test_a_walk_goes_along_streets_and_not_over_the_river_between_them(make_atlas):
    atlas = make_atlas(sites_at([(116.35, 39.90)], ["24/7"]), areas=TREE)
    across, along = (116.35, 39.901, 5), (116.357, 39.90, 7)  # 111 m and 598 m in a straight line; 1,820 m and 598 m on foot

    answer = on_streets(CoverageQuestion(walk_min=12.0), atlas, across, along)

    assert (answer.basis, answer.total.figures["covered"]) == ("network", 7)
    assert answer.total.figures["p90_m"] == pytest.approx(2 * 854.9 + 111, abs=10)
    assert answer.total.figures["estimated_people"] == 0
    assert on_streets(CoverageQuestion(walk_min=22.0), atlas, across, along).total.figures["covered"] == 12


def test_whom_no_street_is_near_is_estimated_by_the_straight_line_and_counted_as_such(make_atlas):
    atlas = make_atlas(sites_at([(116.35, 39.90)], ["24/7"]), areas=TREE)
    near, far = (116.35, 39.893, 4), (116.35, 39.88, 8)  # 777 m and 2,221 m south, no street within 500 m

    figures = on_streets(CoverageQuestion(walk_min=12.0), atlas, near, far).total.figures

    assert (figures["covered"], figures["estimated_people"]) == (4, 12)
    assert figures["median_m"] == pytest.approx(2221 * 1.25, rel=1e-3)


def cells_on(walk_min, atlas, side_m, box=(116.30, 39.85, 116.40, 39.95)):
    """Return the line of 1w, its people on square cells, one street through it, and the ground of its gaps in square kilometres."""
    low, high = earth.on_grid(np.array([box[:2], box[2:]]), epsg=EPSG)
    x, y = np.meshgrid(*(np.arange(a, b, side_m) for a, b in zip(low, high, strict=True)))
    lonlat = earth.off_grid(np.column_stack([x.ravel(), y.ravel()]), epsg=EPSG)
    lonlat = lonlat[shapely.intersects_xy(WEST, lonlat)]
    demand = replace(people_at(lonlat, np.ones(len(lonlat))), cell_m2=np.full(len(lonlat), side_m**2))
    streets = Network(np.array([(116.35, 39.90), (116.36, 39.90)]), np.array([(0, 1)], np.int32), np.array([854.9]))
    ground = Ground(demand, Walking(streets, streets.snap(demand.lonlat)))
    question = CoverageQuestion(walk_min=walk_min, area="1w")
    (line,) = coverage(question, atlas, ground, NOON, outline_of=outline_of).lines
    left = uncovered(GapsQuestion(question), atlas, ground, NOON, outline_of=outline_of, area_of=lambda points: ["1w"] * len(points))
    return line.figures, demand.cell_m2.sum() / 1e6, sum(gap.gap.area_m2 for gap in left.gaps) / 1e6


@pytest.mark.parametrize("side_m", [90.0, 250.0, 333.0, 400.0, 777.0])
def test_of_a_walk_all_ground_is_all_of_it_however_cells_lie_across_the_border(make_atlas, side_m):
    figures, cells_km2, gaps_km2 = cells_on(240.0, make_atlas(sites_at([(116.35, 39.90)], ["24/7"]), areas=TREE), side_m)

    assert cells_km2 != figures["area_km2"]
    assert (figures["coverage_share"], figures["area_share"]) == (1, 1)
    assert figures["covered_km2"] == figures["area_km2"]
    assert gaps_km2 == 0


def test_of_a_walk_covered_ground_and_gaps_are_the_whole_but_for_the_cells_on_their_edges(make_atlas):
    figures, _, gaps_km2 = cells_on(30.0, make_atlas(sites_at([(116.35, 39.90)], ["24/7"]), areas=TREE), 50.0)

    assert 0.05 < figures["area_share"] < 0.2
    assert figures["covered_km2"] + gaps_km2 == pytest.approx(figures["area_km2"], rel=0.002)


def test_ground_that_the_figures_of_people_have_no_cells_of_is_not_covered(make_atlas):
    figures, cells_km2, _ = cells_on(240.0, make_atlas(sites_at([(116.35, 39.90)], ["24/7"]), areas=TREE), 100.0, (116.30, 39.85, 116.35, 39.95))

    assert (figures["coverage_share"], figures["covered_km2"]) == (1, pytest.approx(cells_km2))
    assert figures["area_share"] == pytest.approx(0.5, abs=0.02)


def test_a_site_that_no_street_is_near_reaches_by_the_straight_line(make_atlas):
    atlas = make_atlas(sites_at([(116.35, 39.893)], ["24/7"]), areas=TREE)

    figures = on_streets(CoverageQuestion(walk_min=12.0), atlas, (116.35, 39.90, 4)).total.figures

    assert (figures["covered"], figures["estimated_people"]) == (4, 0)
    assert figures["median_m"] == pytest.approx(777 * 1.25, rel=1e-3)


def test_a_radius_does_not_ask_for_streets(make_atlas):
    atlas = make_atlas(sites_at([(116.35, 39.90)], ["24/7"]), areas=TREE)

    answer = on_streets(CoverageQuestion(radius_m=1000.0), atlas, (116.35, 39.901, 5))

    assert (answer.basis, answer.total.figures["covered"]) == ("radius", 5)
    assert "estimated_people" not in answer.total.figures


def test_without_hours_every_figure_comes_once(make_atlas):
    answer = asked(CoverageQuestion(radius_m=500.0), make_atlas(sites_at([(116.35, 39.9)], ["24/7"]), areas=TREE), (116.35, 39.9, 3)).as_dict("en")

    assert not [name for name in answer["total"] if name.endswith("_if_unknown_open")]
    assert answer["demand_source"] == {"source": "a test", "date": "2026-01-01", "note": "points", "version": "v"}


@pytest.mark.parametrize(("fields", "refusal"), [
    ({}, BadRadius), ({"radius_m": 500.0, "walk_min": 15.0}, BadRadius), ({"radius_m": 0.0}, BadRadius), ({"radius_m": -1.0}, BadRadius),
    ({"radius_m": 1e7}, BadRadius), ({"radius_m": math.nan}, BadRadius), ({"walk_min": 0.0}, BadRadius), ({"walk_min": 1e4}, BadRadius),
    ({"radius_m": 500.0, "fold": 0}, BadCount), ({"radius_m": 500.0, "fold": True}, BadCount), ({"radius_m": 500.0, "fold": 99}, BadCount),
    ({"radius_m": 500.0, "at": datetime(2026, 1, 1)}, BadTime),  # noqa: DTZ001 - that is the point
])
def test_a_question_that_means_nothing_is_refused(fields, refusal):
    with pytest.raises(refusal):
        CoverageQuestion(**fields)


def test_an_area_or_a_tier_that_is_none_is_refused(make_atlas):
    atlas, ground = make_atlas([], areas=TREE), Ground(people_at([(116.35, 39.9)], [3]))

    with pytest.raises(NotThere):
        coverage(CoverageQuestion(radius_m=500.0, area="nowhere"), atlas, ground, NOON, outline_of=outline_of)
    with pytest.raises(BadValue, match="district"):
        coverage(CoverageQuestion(radius_m=500.0, by="street"), atlas, ground, NOON, outline_of=outline_of)


def test_filters_count_as_in_the_finder(make_atlas):
    atlas = make_atlas([a_site(1, lon=116.35, lat=39.9, kind="toilet"), a_site(2, lon=116.45, lat=39.9)], areas=TREE)

    (line,) = asked(CoverageQuestion(Filters(kinds=("toilet",)), radius_m=500.0), atlas, (116.35, 39.9, 3), (116.45, 39.9, 5)).lines

    assert line.figures["covered"] == 3
