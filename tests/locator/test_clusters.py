"""What a map draws of a box: every suitable site in it once, in its cell."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from locator import datum
from locator.clusters import MOST_WITHOUT, ClustersQuestion, clusters
from locator.errors import BadCoordinate, BadCount, BadDatum, BadValue
from locator.filters import Filters
from locator.hours import State
from locator.mercator import DEEPEST_ZOOM, MOST_CELLS, Box, Grid
from locator.quality import Told
from locator.trust import Trust
from tests import oracles, strategies
from tests.conftest import a_site

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)  # a Wednesday, 10:00 in Beijing
WORLD, BEIJING = Box(-180, -90, 180, 90), Box(115, 39, 118, 42)


def asked(atlas, box=BEIJING, zoom=10, **more):
    return clusters(ClustersQuestion(box, zoom, **more), atlas, NOW)


@st.composite
def boxes(draw):
    """Return a box, often with its edges on points that are drawn too."""
    (a, b), (c, d) = draw(strategies.lonlat()), draw(strategies.lonlat())
    return Box(min(a, c), min(b, d), max(a, c), max(b, d))


# --- the cells of a box -------------------------------------------------------------------------------


@given(points=strategies.lonlats(min_size=1), box=boxes(), zoom=st.integers(0, 3), some=st.randoms(use_true_random=False))
@example(points=[(180.0, 90.0), (-180.0, -90.0), (180.0, -90.0)], box=WORLD, zoom=0, some=None)
@example(points=[(116.4, 39.9)] * 3, box=Box(116.4, 39.9, 116.4, 39.9), zoom=3, some=None)
def test_the_cells_of_a_box_are_those_that_putting_every_site_into_its_cell_gives(points, box, zoom, some):
    among = np.array([some is None or some.random() < 0.8 for _ in points])

    cells = Grid(np.array(points)).cells(box, zoom=zoom, among=among)

    found = sorted(sorted(part.tolist()) for part in np.split(cells.rows, cells.starts[1:]) if len(part))
    assert found == sorted(oracles.in_cells(points, box, zoom, among).values())
    assert cells.counts.sum() == len(cells.rows)
    assert np.array_equal(np.column_stack([cells.lon, cells.lat]), np.array(points)[cells.rows])


@given(points=st.lists(strategies.in_beijing(), min_size=1, max_size=40), zoom=st.integers(0, 14))
def test_the_cells_of_a_city_are_right_at_every_zoom(points, zoom):
    box = Box(115.7, 39.7, 115.7 + 90 / 2 ** zoom, 39.7 + 60 / 2 ** zoom)
    cells = Grid(np.array(points)).cells(box, zoom=zoom, among=np.ones(len(points), bool))

    found = sorted(sorted(part.tolist()) for part in np.split(cells.rows, cells.starts[1:]) if len(part))
    assert found == sorted(oracles.in_cells(points, box, zoom, [True] * len(points)).values())


def test_a_site_exactly_on_an_edge_or_a_corner_is_inside():
    grid = Grid(np.array([(116.0, 39.0), (116.5, 39.0), (117.0, 40.0), (117.0, np.nextafter(40.0, 41))]))

    assert sorted(grid.cells(Box(116, 39, 117, 40), zoom=8, among=np.ones(4, bool)).rows) == [0, 1, 2]


def test_a_site_without_coordinates_is_in_no_box():
    grid = Grid(np.array([(np.nan, np.nan), (0.0, 0.0)]))

    assert grid.cells(WORLD, zoom=0, among=np.ones(2, bool)).rows.tolist() == [1]


def test_sites_at_the_poles_and_on_both_sides_of_the_date_line_are_counted():
    grid = Grid(np.array([(0.0, 90.0), (0.0, -90.0), (180.0, 0.0), (-180.0, 0.0)]))

    assert len(grid.cells(WORLD, zoom=2, among=np.ones(4, bool)).rows) == 4


# --- the answer ---------------------------------------------------------------------------------------


@given(points=st.lists(strategies.in_beijing(), min_size=1, max_size=40), zoom=st.integers(6, 11), datum_=st.sampled_from(["wgs84", "gcj02"]))
def test_the_answer_counts_every_site_once_and_draws_it_where_it_is(make_atlas, points, zoom, datum_):
    atlas = make_atlas([a_site(i, lon=lon, lat=lat, opening_hours=("24/7", "off", None)[i % 3]) for i, (lon, lat) in enumerate(points)])

    told = asked(atlas, Box(115.5, 39.5, 117.1, 40.6), zoom, datum=datum_).as_dict()

    lonlat = datum.from_wgs84(np.array(points), datum_)
    groups = list(oracles.in_cells(lonlat, (115.5, 39.5, 117.1, 40.6), zoom, [True] * len(points)).values())
    assert told["total"] == sum(map(len, groups)) == sum(c["count"] for c in told["cells"]) + len(told["sites"])
    assert sorted(c["count"] for c in told["cells"]) == sorted(len(rows) for rows in groups if len(rows) > 1)
    assert {(s["id"], s["lon"], s["lat"]) for s in told["sites"]} == {
        (f"s{rows[0]}", *lonlat[rows[0]].tolist()) for rows in groups if len(rows) == 1}
    for rows in groups:
        mean = pytest.approx(lonlat[rows].mean(axis=0).tolist(), abs=1e-6)
        assert len(rows) == 1 or len(rows) in [c["count"] for c in told["cells"] if [c["lon"], c["lat"]] == mean]
    for cell in told["cells"]:
        west, south, east, north = cell["bbox"]
        assert west <= cell["lon"] <= east
        assert south <= cell["lat"] <= north
        assert sum(cell["states"].values()) == cell["count"]


def test_a_cell_says_how_many_of_its_sites_are_in_each_state(make_atlas):
    hours = ["24/7", "24/7", "off", None, "Mo-Fr 09:00-17:00"]
    atlas = make_atlas([a_site(i, lon=116.4 + i * 1e-4, opening_hours=text) for i, text in enumerate(hours)])

    [cell] = asked(atlas, zoom=8).as_dict()["cells"]

    assert cell == {"lon": pytest.approx(116.4002), "lat": 39.9, "count": 5, "states": {"unknown": 1, "closed": 1, "open": 3},
                    "bbox": pytest.approx([116.4, 39.9, 116.4004, 39.9], abs=1.1e-6)}


@pytest.mark.parametrize("filters", [
    Filters(), Filters(kinds=("warm_station",)), Filters(facilities=("water",)), Filters(eligibility=("everyone",)), Filters(areas=("110101",)),
    Filters(verified_only=True), Filters(state="open"), Filters(state="open", strict=True), Filters(state="all-day", strict=True)], ids=str)
def test_the_same_filters_let_the_same_sites_pass_as_in_the_list(make_atlas, filters):
    atlas = make_atlas([
        a_site(1, facilities={"water": "limited"}, eligibility="everyone"), a_site(2, kind="mother_baby_room", district_code="110101"),
        a_site(3, opening_hours="Mo-Fr 12:00-13:00", verified_on=NOW.date()), a_site(4, opening_hours=None),
        a_site(5, status="draft"), a_site(6, visibility="internal"), a_site(7, status="closed"), a_site(8, lon=None, lat=None)])
    minute = int(NOW.timestamp() // 60) + 480

    listed, _ = atlas.finder.nearest(116.4, 39.9, filters=filters, minute=minute, k=100)

    assert sorted(asked(atlas, filters=filters).cells.rows) == sorted(listed)


def test_open_on_arrival_is_open_at_once_for_a_box_is_nowhere_to_start_from(make_atlas):
    atlas = make_atlas([a_site(1, opening_hours="Mo-Su 10:05-12:00"), a_site(2)])

    assert asked(atlas, filters=Filters(state="open-on-arrival")).cells.rows.tolist() == [1]


def test_the_hour_asked_about_decides_the_state(make_atlas):
    atlas = make_atlas([a_site(1, opening_hours="Mo-Su 09:00-12:00")])
    evening = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)

    assert asked(atlas).as_dict()["sites"][0]["state"] == "open"
    assert asked(atlas, at=evening).as_dict()["sites"][0]["state"] == "closed"


def test_sites_that_the_map_draws_already_are_not_counted_again(make_atlas):
    atlas = make_atlas([a_site(i) for i in range(5)])

    answer = asked(atlas, without=("s1", "s3", "gone meanwhile"))

    assert sorted(answer.cells.rows) == [0, 2, 4]
    assert answer.total == 3
    assert asked(atlas).total == 5  # and nobody else's answer is changed by it


def test_a_box_without_a_site_is_an_empty_answer(make_atlas):
    told = asked(make_atlas([a_site(1)]), Box(0, 0, 1, 1)).as_dict()

    assert (told["total"], told["cells"], told["sites"]) == (0, [], [])


def test_a_new_version_of_the_registry_is_drawn_anew_and_one_that_moved_nothing_is_not(make_atlas):
    before = make_atlas([a_site(1), a_site(2)])
    asked(before)
    renamed = make_atlas([a_site(1, name="新名"), a_site(2)], previous=before)
    moved = make_atlas([a_site(1, lon=100.0), a_site(2)], previous=before)

    assert renamed.grid("wgs84") is before.grid("wgs84")
    assert asked(moved).cells.rows.tolist() == [1]


# --- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("refusal", "box", "zoom", "more"), [
    (BadCount, BEIJING, -1, {}), (BadCount, BEIJING, DEEPEST_ZOOM + 1, {}), (BadValue, BEIJING, DEEPEST_ZOOM, {}),
    (BadValue, WORLD, 5, {}), (BadCoordinate, Box(170, 0, -170, 1), 3, {}), (BadCoordinate, Box(0, 2, 1, 1), 3, {}),
    (BadCoordinate, Box(0, -91, 1, 1), 3, {}), (BadCoordinate, Box(0, 0, float("nan"), 1), 3, {}), (BadDatum, BEIJING, 9, {"datum": "x"}),
    (BadValue, BEIJING, 9, {"at": datetime(2026, 3, 4, 10)}),  # noqa: DTZ001 - without an offset, that is the point
    (BadCount, BEIJING, 9, {"without": ("x",) * (MOST_WITHOUT + 1)})])
def test_what_cannot_be_drawn_is_refused(refusal, box, zoom, more):
    with pytest.raises(refusal):
        ClustersQuestion(box, zoom, **more)


def test_a_box_may_have_room_for_as_many_cells_as_a_screen_of_4096_pixels_and_no_more():
    side = 360 / 4  # of a cell at zoom 0
    zoom, across = 4, int(MOST_CELLS ** 0.5)
    assert across * side / 2 ** zoom == 360

    ClustersQuestion(Box(-180, -85, 180, 85), zoom)
    with pytest.raises(BadValue, match="16384"):
        ClustersQuestion(Box(-180, -85, 180, 85), zoom + 1)


@given(states=st.lists(st.sampled_from(["24/7", "off", None]), min_size=1, max_size=12), locked=st.sets(st.integers(0, 11)), strict=st.booleans(),
       state=st.sampled_from([None, "open"]))
def test_no_site_that_others_found_no_way_in_by_is_counted_open(make_atlas, states, locked, strict, state):
    atlas = make_atlas([a_site(n, lon=116.4 + n % 3 * 0.01, opening_hours=hours) for n, hours in enumerate(states)])
    told = [Told("gone", NOW, NOW.date(), person) for person in ("a", "b")]
    trust = Trust(atlas.sites, atlas.vocabulary, {f"s{n}": told for n in locked}, NOW.date())

    answer = clusters(ClustersQuestion(BEIJING, 10, Filters(strict=strict, state=state)), atlas, NOW, trust=trust)

    expected = np.zeros(3, int)
    for n, hours in enumerate(states):
        by_hours = {"24/7": State.OPEN, "off": State.CLOSED, None: State.UNKNOWN}[hours]
        suits = state is None or by_hours == State.OPEN or (by_hours == State.UNKNOWN and not strict)
        if suits and not (strict and n in locked):
            expected[State.UNKNOWN if n in locked and by_hours == State.OPEN else by_hours] += 1
    assert answer.states.sum(axis=0).tolist() == expected.tolist()
    assert trust.no_way_in.tolist() == [n in locked for n in range(len(states))]
