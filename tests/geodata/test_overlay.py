"""The overlay: every area that holds a point, judged by asking each outline about each point."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.overlay import Drawn, joined, overlay
from locator.demand import NOWHERE

WHOLE = st.integers(0, 6)
"""Corners and points share few values, so that many points are on edges and corners."""
boxes = st.builds(lambda x, y, wide, high: shapely.box(x, y, x + wide, y + high), WHOLE, WHOLE, st.integers(1, 4), st.integers(1, 4))
holed = st.builds(lambda x, y: shapely.box(x, y, x + 4, y + 4) - shapely.box(x + 1, y + 1, x + 2, y + 3), WHOLE, WHOLE)
areas = st.lists(st.builds(lambda outline, tier: (tier, outline), st.one_of(boxes, holed), st.sampled_from(["city", "street"])), max_size=6)
points = st.lists(st.tuples(*[st.one_of(WHOLE.map(float), st.floats(-1, 9))] * 2), max_size=30)


def drawn(made):
    return [Drawn(f"a{number}", tier, outline) for number, (tier, outline) in enumerate(made)]


def codes_of(found, row):
    return () if found.rows[row] == NOWHERE else found.sets[found.rows[row]]


@given(areas, points)
def test_a_point_lies_in_every_area_that_it_is_inside_of_and_on_an_edge_in_the_first_of_a_tier(made, spots):
    found = overlay(np.array(spots).reshape(-1, 2), drawn(made))

    for row, pair in enumerate(spots):
        held, tiers = [], set()
        for code, tier, outline in drawn(made):
            point = shapely.Point(pair)
            if outline.contains(point) or (outline.intersects(point) and tier not in tiers):
                held.append(code)
                tiers.add(tier)
        assert codes_of(found, row) == tuple(held)
    assert len(set(found.sets)) == len(found.sets)
    assert set(found.rows.tolist()) - {NOWHERE} == set(range(len(found.sets)))


@given(areas, points, st.integers(0, 30))
def test_overlays_one_after_another_are_the_overlay_of_all(made, spots, cut):
    lonlat = np.array(spots).reshape(-1, 2)

    both = joined([overlay(part, drawn(made)) for part in (lonlat[:cut], lonlat[cut:])])

    alone = overlay(lonlat, drawn(made))
    assert set(both.sets) == set(alone.sets)
    assert [codes_of(both, row) for row in range(len(spots))] == [codes_of(alone, row) for row in range(len(spots))]


@given(areas, points, st.integers(0, 30))
def test_the_overlay_of_some_points_has_the_sets_of_those_alone(made, spots, cut):
    lonlat = np.array(spots).reshape(-1, 2)

    some = overlay(lonlat, drawn(made)).where(np.arange(len(lonlat)) < cut)

    alone = overlay(lonlat[:cut], drawn(made))
    assert (some.sets, some.rows.tolist()) == (alone.sets, alone.rows.tolist())


def test_neighbours_share_nobody_who_stands_exactly_on_their_border():
    west, east = Drawn("west", "district", shapely.box(0, 0, 1, 1)), Drawn("east", "district", shapely.box(1, 0, 2, 1))

    found = overlay(np.array([(1.0, 0.5), (1.0, 1.0)]), [west, east])

    assert found.sets == (("west",),)
    assert found.rows.tolist() == [0, 0]


def test_a_point_that_is_nowhere_is_in_no_area():
    found = overlay(np.array([(np.nan, np.nan), (0.5, np.nan), (0.5, 0.5)]), [Drawn("a", "city", shapely.box(0, 0, 1, 1))])

    assert found.rows.tolist() == [NOWHERE, NOWHERE, 0]


def test_no_points_and_no_areas_are_no_overlay():
    assert len(overlay(np.empty((0, 2)), [Drawn("a", "city", shapely.box(0, 0, 1, 1))]).sets) == 0
    assert overlay(np.array([(0.0, 0.0)]), []).rows.tolist() == [NOWHERE]
    assert (len(joined([]).rows), joined([]).sets) == (0, ())


def test_points_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="shape"):
        overlay(np.zeros((2, 3)), [])
