"""Areas of one's own: under nothing, across districts, over each other. Whoever is inside an outline is of that area."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.overlay import Drawn, overlay
from locator import earth
from locator.areas import Area, AreaTree
from locator.change import change
from locator.coverage import coverage
from locator.demand import Demand
from locator.ground import Ground
from locator.lines import areas_asked
from locator.outlines import Outline, standing
from locator.questions import CoverageQuestion
from locator.sides import Side
from locator.uncovered import GapsQuestion, uncovered
from locator.words import Words
from tests.locator import test_coverage
from tests.locator.test_coverage import EPSG, NOON, sites_at, within

RADIUS_M = 1500.0
OUTLINES = {**test_coverage.OUTLINES,
            "free": shapely.box(116.38, 39.89, 116.43, 39.92),  # across the two districts, under nothing
            "z1": shapely.box(116.32, 39.87, 116.42, 39.92), "z2": shapely.box(116.36, 39.90, 116.47, 39.94),
            "z3": shapely.box(116.47, 39.86, 116.55, 39.91)}  # reaches beyond the city
TREE = AreaTree([*test_coverage.TREE, Area("free", Words("自", "Free"), None, "district", None, True),
                 Area("z1", Words("片一", "Zone 1"), "1", "zone", None, True), Area("z2", Words("片二", "Zone 2"), "1", "zone", None, True),
                 Area("z3", Words("片三", "Zone 3"), "1", "zone", None, True)])

EDGES = shapely.union_all([outline.boundary for outline in OUTLINES.values()])
off_edges = st.tuples(st.floats(116.301, 116.549), st.floats(39.851, 39.949)).filter(  # whose those on edges are is `overlay`'s
    lambda pair: not EDGES.intersects(shapely.Point(pair)))
cities = st.tuples(st.lists(st.tuples(off_edges, st.integers(1, 50)), min_size=1, max_size=25),
                   st.lists(st.tuples(off_edges, st.just("24/7")), max_size=5))


def outline_of(code):
    if code not in OUTLINES:
        return None
    return Outline(shapely.transform(OUTLINES[code], lambda points: earth.on_grid(points, epsg=EPSG)), EPSG)


def city(made, make_atlas):
    points, sites = made
    lonlat = np.array([p for p, _ in points])
    drawn = [Drawn(code, TREE[code].tier, outline) for code, outline in OUTLINES.items()]
    demand = Demand(lonlat, np.array([w for _, w in points], float), *overlay(lonlat, drawn), None, Words("试", "a test"), None,
                    Words("点", "points"), "v")
    return make_atlas(sites_at([p for p, _ in sites], [h for _, h in sites]), areas=TREE), Ground(demand)


def inside(code, lonlat):
    return np.array([OUTLINES[code].contains(shapely.Point(pair)) for pair in lonlat.tolist()], bool)


@settings(max_examples=40)
@given(made=cities, code=st.sampled_from(["free", "z1", "1w", "1"]))
def test_an_area_counts_the_people_and_the_sites_inside_its_outline_whatever_it_lies_under(make_atlas, made, code):
    atlas, ground = city(made, make_atlas)
    demand = ground.demand
    mine, covered = inside(code, demand.lonlat), within(atlas, demand, RADIUS_M).any(axis=1)

    (line,) = coverage(CoverageQuestion(radius_m=RADIUS_M, area=code), atlas, ground, NOON, outline_of=outline_of).lines

    assert line.people == demand.people[mine].sum()
    assert line.figures["covered"] == demand.people[mine & covered].sum()
    assert line.figures["sites"] == inside(code, atlas.sites.lonlat).sum()
    assert (line.note is None) == (line.people > 0)


@settings(max_examples=20)
@given(made=cities)
def test_areas_over_each_other_each_count_all_of_theirs_and_their_whole_counts_nobody_twice(make_atlas, made):
    atlas, ground = city(made, make_atlas)
    demand = ground.demand

    answer = coverage(CoverageQuestion(radius_m=RADIUS_M, by="zone"), atlas, ground, NOON, outline_of=outline_of)

    assert {line.code: line.people for line in answer.lines} == {code: demand.people[inside(code, demand.lonlat)].sum()
                                                                 for code in ("z1", "z2", "z3")}
    assert answer.total.people == demand.people[inside("1", demand.lonlat)].sum()
    in_several = sum(inside(code, demand.lonlat).astype(int) for code in ("z1", "z2", "z3")) > 1
    assert [note.en.partition(":")[0] for note in answer.notes] == ["the areas lie over each other"] * bool(in_several.any())


@settings(max_examples=30)
@given(made=cities)
def test_whoever_is_not_served_stands_in_one_gap_though_areas_lie_over_each_other_and_beyond_their_whole(make_atlas, made):
    atlas, ground = city(made, make_atlas)
    demand = ground.demand
    left = ~within(atlas, demand, RADIUS_M).any(axis=1) & inside("1", demand.lonlat)
    question = CoverageQuestion(radius_m=RADIUS_M, by="zone")

    answer = uncovered(GapsQuestion(question), atlas, ground, NOON, outline_of=outline_of, area_of=lambda points: [None] * len(points))

    assert answer.people == demand.people[left].sum()
    told = [*answer.gaps, *answer.smaller]
    at = earth.on_grid(atlas.sites.lonlat, epsg=EPSG) if len(atlas.sites) else []
    bare = outline_of("1").geometry - shapely.union_all([shapely.Point(pair).buffer(RADIUS_M, 256) for pair in at])
    assert sum(one.gap.area_m2 for one in told) == pytest.approx(bare.area, rel=1e-3, abs=1.0)


@settings(max_examples=20)
@given(made=cities, gone=st.integers(0, 4))
def test_a_comparison_counts_by_outline_too(make_atlas, made, gone):
    atlas, ground = city(made, make_atlas)
    demand, question = ground.demand, CoverageQuestion(radius_m=RADIUS_M, area="free")
    now = Side.of(Words("前", "before"), question, atlas, NOON)
    stays = np.array([one != f"s{gone + 1}" for one in now.ids], bool)
    near, mine = within(atlas, demand, RADIUS_M), inside("free", demand.lonlat)

    found = change(question, now, now.without(Words("后", "after"), {f"s{gone + 1}"}), TREE, ground, areas_asked(question, TREE), NOON,
                   outline_of=outline_of).total

    assert found.people == demand.people[mine].sum()
    assert found.figures["lost"] == demand.people[mine & near.any(axis=1) & ~near[:, stays].any(axis=1)].sum()
    sites = inside("free", atlas.sites.lonlat)
    assert (found.figures["sites_before"], found.figures["sites_after"]) == (sites.sum(), sites[stays].sum())


def test_neighbours_share_no_site_on_their_border_and_their_whole_has_each(make_atlas):
    """The middle of the city's two districts, in its own metres."""
    west, east, whole = (outline_of(code) for code in ("1w", "1e", "1"))
    border = shapely.get_coordinates(shapely.intersection(west.geometry, east.geometry))
    assert len(border) >= 2

    lonlat = earth.off_grid(border, epsg=EPSG)
    on_edges = [shapely.STRtree(shapely.points(earth.on_grid(lonlat, epsg=EPSG))).query(one.geometry, predicate="intersects") for one in (west, east)]

    first, second, all_of_them = standing([west, east], whole, lonlat)
    assert first == len(on_edges[0])
    assert first + second == len(set(on_edges[0].tolist()) | set(on_edges[1].tolist())) == all_of_them
    assert standing([None], None, lonlat) == [None, None]


def test_a_gap_of_an_area_under_nothing_is_told_by_the_deepest_area_that_most_of_its_people_are_in(make_atlas):
    atlas, ground = city(([((116.40, 39.9), 5), ((116.425, 39.91), 7), ((116.42, 39.905), 7)], []), make_atlas)
    districts = {code: shape for code, shape in OUTLINES.items() if TREE[code].tier == "district" and code != "free"}

    answer = uncovered(GapsQuestion(CoverageQuestion(radius_m=RADIUS_M, area="free")), atlas, ground, NOON, outline_of=outline_of,
                       area_of=lambda points: [next((code for code, shape in districts.items() if shape.covers(shapely.Point(pair))), None)
                                               for pair in points.tolist()])

    (gap,) = answer.as_dict()["gaps"]
    assert gap["people"] == 19
    assert gap["area_code"] == gap["areas"][0]["code"] != "free"
    assert max(gap["areas"], key=lambda area: area["people"]) == gap["areas"][0]
