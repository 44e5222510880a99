"""Ways on foot: points snap to the nearest edge, first and last metres count, the nearest source is found."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locator import earth
from locator.errors import BadRadius, BadValue
from locator.network import Network, Snapped
from locator.snapping import Segments
from tests import oracles

EPSG = earth.metre_grid(116.4)
CORNER = earth.on_grid(np.array([[116.4, 39.9]]), epsg=EPSG)[0]


def network(spots, edges, length_m=None) -> Network:
    """Return a network of nodes at metres about a corner of Beijing; edges are as long as they are drawn, unless told."""
    spots, edges = np.asarray(spots, float).reshape(-1, 2), np.asarray(edges, np.int32).reshape(-1, 2)
    if length_m is None:
        length_m = np.hypot(*(spots[edges[:, 0]] - spots[edges[:, 1]]).T)
    return Network(earth.off_grid(spots + CORNER, epsg=EPSG), edges, np.asarray(length_m, float))


def snap(net: Network, *points, within_m: float = 500.0) -> Snapped:
    return net.snap(earth.off_grid(np.asarray(points, float).reshape(-1, 2) + CORNER, epsg=EPSG), within_m=within_m)


def on(*points) -> Snapped:
    """Return points given as (edge, share, offset_m)."""
    columns = np.array(points, float).reshape(-1, 3)
    return Snapped(columns[:, 0].astype(np.intp), columns[:, 1], columns[:, 2])


SQUARE = ((0, 0), (100, 0), (100, 100), (0, 100)), ((0, 1), (1, 2), (2, 3), (3, 0))


# --- snapping ---------------------------------------------------------------------------------------


def test_a_point_snaps_to_the_edge_it_is_nearest_to_and_not_to_a_node():
    snapped = snap(network(*SQUARE), (30, -7), (110, 50), (150, 150))

    assert snapped.edge.tolist() == [0, 1, 1]  # the far corner belongs to two edges: the first
    assert snapped.share == pytest.approx([0.3, 0.5, 1.0], abs=1e-6)
    assert snapped.offset_m == pytest.approx([7, 10, math.hypot(50, 50)], abs=1e-6)


def test_a_point_exactly_at_the_limit_is_on_the_network_and_one_beyond_is_not():
    segments = Segments(np.array([[0.0, 0.0]]), np.array([[100.0, 0.0]]))

    assert segments.nearest(np.array([[50.0, 8.0], [50.0, 8.001]]), within_m=8.0).row.tolist() == [0, -1]


def test_where_there_is_no_point_or_no_edge_nothing_is_snapped():
    assert snap(network(*SQUARE), (math.nan, 0)).edge.tolist() == [-1]
    assert network([], []).snap(np.array([[116.4, 39.9]])).edge.tolist() == [-1]


def test_a_long_edge_is_found_although_its_middle_is_far_and_many_middles_are_near():
    short = [((x, 90), (x + 1, 90)) for x in range(-50, 50)]
    begins, ends = (np.array([*(s[i] for s in short), end], float) for i, end in ((0, (-9_000, 80)), (1, (9_000, 80))))

    found = Segments(begins, ends).nearest(np.array([[0.0, 0.0]]))

    assert (found.row.tolist(), found.metres.tolist()) == ([100], [80.0])


coordinate = st.integers(-300, 300) | st.sampled_from([0, 40, 80])
spot = st.tuples(coordinate, coordinate)


@given(st.lists(st.tuples(spot, spot), min_size=1, max_size=30), st.lists(spot, min_size=1, max_size=20))
def test_the_nearest_segment_is_the_one_that_measuring_every_one_finds(segments, points):
    begins, ends = (np.array([s[i] for s in segments], float) for i in (0, 1))

    found = Segments(begins, ends).nearest(np.array(points, float))

    for point, row, metres in zip(points, found.row.tolist(), found.metres.tolist(), strict=True):
        expected_row, expected_m = oracles.nearest_segment(point, begins.tolist(), ends.tolist())
        assert metres == pytest.approx(expected_m, abs=1e-9)
        at_row = oracles.nearest_segment(point, begins[row:row + 1].tolist(), ends[row:row + 1].tolist())[1]
        assert at_row == pytest.approx(expected_m, abs=1e-9)
        if min((m for r, m in enumerate(each(point, begins, ends)) if r != expected_row), default=math.inf) > expected_m + 1e-9:
            assert row == expected_row


def each(point, begins, ends):
    return [oracles.nearest_segment(point, begins[r:r + 1].tolist(), ends[r:r + 1].tolist())[1] for r in range(len(begins))]


# --- ways -------------------------------------------------------------------------------------------


def test_the_first_and_the_last_metres_count_in_part():
    net = network(*SQUARE)

    metres, row = net.nearest_m(snap(net, (30, -7)), snap(net, (110, 50)))

    assert metres == pytest.approx([7 + 70 + 50 + 10], abs=1e-6)
    assert row.tolist() == [0]


def test_two_points_on_one_edge_are_as_far_as_they_stand_apart_or_less_where_there_is_a_way_round():
    net = network(*SQUARE, length_m=[1000, 100, 100, 100])

    metres, _ = net.nearest_m(on((0, 0.1, 0)), on((0, 0.2, 0), (0, 0.9, 0), (0, 0.5, 5)))

    assert metres == pytest.approx([100, 500, 405])


def test_around_a_loop_the_shorter_side_is_walked():
    net = network([(0, 0)], [(0, 0)], length_m=[400])

    assert net.nearest_m(on((0, 0.1, 0)), on((0, 0.4, 0), (0, 0.9, 0)))[0] == pytest.approx([120, 80])


def test_of_sources_equally_far_the_first_is_named():
    net = network(*SQUARE)
    sources = on((0, 1.0, 0), (0, 0.0, 0), (3, 1.0, 0), (2, 1.0, 0))

    assert net.nearest_m(sources, on((0, 0.5, 3), (3, 1.0, 0), (1, 1.0, 0)))[1].tolist() == [0, 1, 0]


def test_a_target_exactly_at_the_limit_is_reached_and_one_beyond_is_not():
    net = network(*SQUARE)

    metres, row = net.nearest_m(on((0, 0.0, 10)), on((0, 0.5, 40), (0, 0.5, 40.5), (1, 0.0, 0)), limit_m=100)

    assert (metres.tolist(), row.tolist()) == ([100.0, math.inf, math.inf], [0, -1, -1])


def test_what_is_on_no_edge_is_neither_reached_nor_reaches():
    net = network(*SQUARE)
    nowhere = on((-1, 0, math.inf))

    assert net.nearest_m(nowhere, on((0, 0, 0)))[1].tolist() == [-1]
    assert net.nearest_m(on((0, 0, 0)), nowhere)[0].tolist() == [math.inf]


@pytest.mark.parametrize("limit_m", [0.0, -1.0, math.nan])
def test_a_limit_that_is_not_above_zero_is_refused(limit_m):
    with pytest.raises(BadRadius, match="limit_m"):
        network(*SQUARE).nearest_m(on((0, 0, 0)), on((0, 0, 0)), limit_m=limit_m)


@pytest.mark.parametrize(("edges", "length_m"), [([(0, 4)], [1]), ([(-1, 0)], [1]), ([(0, 1)], [1, 2]), ([(0, 1)], [-1]), ([(0, 1)], [math.nan])])
def test_columns_that_do_not_fit_are_refused(edges, length_m):
    with pytest.raises(BadValue):
        network(SQUARE[0], edges, length_m)


WHOLE = st.sampled_from([0.0, 4.0, 4.0, 8.0, 20.0]), st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.sampled_from([0.0, 1.0])
"""Lengths, shares and offsets whose sums are exact."""
ANY = st.sampled_from([0.0, 1.0]) | st.floats(0, 50), st.sampled_from([0.0, 1.0]) | st.floats(0, 1), st.floats(0, 20)


@st.composite
def question(draw, lengths, shares, offsets):
    """A small graph with parallel edges, loops, edges of no length and separate parts; points on it."""
    count = draw(st.integers(1, 6))
    node = st.integers(0, count - 1)
    edges = draw(st.lists(st.tuples(node, node, lengths), min_size=1, max_size=10))
    point = st.tuples(st.integers(-1, len(edges) - 1), shares, offsets)
    spots = draw(st.lists(spot, min_size=count, max_size=count))
    net = network(spots, [e[:2] for e in edges], [e[2] for e in edges])
    sources, targets = (draw(st.lists(point, max_size=6)) for _ in range(2))
    return net, sources, targets, oracles.walks_m(count, net.edges.tolist(), net.length_m.tolist(), sources, targets)


@given(question(*ANY))
def test_every_target_is_as_far_as_dijkstra_with_every_point_as_a_node_says(asked):
    net, sources, targets, ways = asked

    metres, rows = net.nearest_m(on(*sources), on(*targets))

    for target, (found_m, row) in enumerate(zip(metres.tolist(), rows.tolist(), strict=True)):
        least_m = min((way for (_, to), way in ways.items() if to == target), default=math.inf)
        assert found_m == pytest.approx(least_m, abs=1e-9)
        assert (row == -1) == (least_m == math.inf)
        assert row == -1 or ways[row, target] == pytest.approx(least_m, abs=1e-9)


@given(question(*WHOLE), st.sampled_from([1.0, 2.0, 10.0, math.inf]))
def test_within_the_limit_the_source_is_the_first_of_the_nearest(asked, limit_m):
    net, sources, targets, ways = asked

    metres, rows = net.nearest_m(on(*sources), on(*targets), limit_m=limit_m)

    for target, found in enumerate(zip(metres.tolist(), rows.tolist(), strict=True)):
        reached = [(way, source) for (source, to), way in ways.items() if to == target and way <= limit_m]
        assert found == min(reached, default=(math.inf, -1))


@given(question(*WHOLE), st.sampled_from([1.0, 2.0, 10.0, 300.0, math.inf]))
def test_every_pair_within_the_limit_is_found_once_and_no_other(asked, limit_m):
    net, sources, targets, ways = asked

    found = zip(*(column.tolist() for column in net.pairs(on(*sources), on(*targets), limit_m=limit_m)), strict=True)

    assert list(found) == sorted((target, source, way) for (source, target), way in ways.items() if way <= limit_m)


def test_pairs_far_apart_are_searched_apart_and_lack_none():
    """A long street of short edges, true to the metre; many sources in many tiles."""
    count = 400
    net = network([(x * 50, 0) for x in range(count)], [(x, x + 1) for x in range(count - 1)])
    generator = np.random.default_rng(5)
    at_m, to_m = generator.uniform(0, (count - 1) * 50, (2, 300))
    points = [Snapped((m // 50).astype(np.intp), m % 50 / 50, np.full(len(m), 3.0)) for m in (at_m, to_m)]

    target, source, metres = net.pairs(*points, limit_m=600)

    apart_m = np.abs(to_m[:, None] - at_m) + 6
    assert list(zip(target.tolist(), source.tolist(), strict=True)) == [tuple(pair) for pair in np.argwhere(apart_m <= 600).tolist()]
    assert metres == pytest.approx(apart_m[target, source], abs=0.01)
