"""The k nearest sources on foot: those that Dijkstra from each of them puts first, whatever the streets and however many share one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locator import ranks
from tests import oracles
from tests.locator.test_network import SQUARE, network, on

WHOLE, SHARE = st.integers(0, 9).map(lambda n: n * 50.0), st.sampled_from([0.0, 0.25, 0.5, 1.0])
"""Whose sums are exact, so that many sources are equally far to the last bit."""
spot = st.tuples(st.integers(0, 6).map(lambda n: n * 100), st.integers(0, 6).map(lambda n: n * 100))
lengths = WHOLE | st.floats(0, 500)
snapped = st.tuples(st.integers(0, 30), SHARE | st.floats(0, 1), st.sampled_from([0.0, 30.0]) | st.floats(0, 200))
whole = st.tuples(st.integers(0, 30), SHARE, st.sampled_from([0.0, 30.0]))


@st.composite
def cases(draw, lengths=lengths, snapped=snapped):
    spots = draw(st.lists(spot, min_size=2, max_size=9, unique=True))
    node = st.integers(0, len(spots) - 1)
    edges = draw(st.lists(st.tuples(node, node), min_size=1, max_size=14))
    length_m = draw(st.lists(lengths, min_size=len(edges), max_size=len(edges)))
    points = [[(edge % (len(edges) + 1) - 1, share, offset if edge % (len(edges) + 1) else math.inf) for edge, share, offset in draw(some)]
              for some in (st.lists(snapped, max_size=9), st.lists(snapped, min_size=1, max_size=9))]
    return spots, edges, length_m, *points


@settings(max_examples=150, deadline=None)
@given(cases(), st.integers(1, 5))
def test_each_rank_is_that_of_a_search_from_every_source(case, fold):
    spots, edges, length_m, sources, points = case
    net = network(spots, edges, length_m)
    ways = oracles.walks_m(len(spots), edges, length_m, sources, points)

    found = ranks.of_points(net, on(*sources), ranks.of_nodes(net, on(*sources), fold), on(*points))

    for point, (metres, rows) in enumerate(zip(found.metres, found.rows.tolist(), strict=True)):
        theirs = sorted(ways.get((source, point), math.inf) if sources[source][0] >= 0 <= points[point][0] else math.inf
                        for source in range(len(sources)))
        known = [*(far for far in theirs if far < math.inf), *[math.inf] * fold][:fold]
        np.testing.assert_allclose(metres, known, atol=1e-6)
        assert [row >= 0 for row in rows] == [far < math.inf for far in known]
        assert len({row for row in rows if row >= 0}) == sum(row >= 0 for row in rows)
        for far, row in zip(metres.tolist(), rows, strict=True):
            assert row < 0 or ways[row, point] == pytest.approx(far, abs=1e-6)


@settings(max_examples=200, deadline=None)
@given(cases(WHOLE, whole), st.integers(1, 5))
def test_sources_equally_far_are_told_by_row(case, fold):
    spots, edges, length_m, sources, points = case
    net = network(spots, edges, length_m)
    ways = oracles.walks_m(len(spots), edges, length_m, sources, points)

    found = ranks.of_points(net, on(*sources), ranks.of_nodes(net, on(*sources), fold), on(*points))

    for point, rows in enumerate(found.rows.tolist()):
        there = sorted((ways[source, point], source) for source in range(len(sources))
                       if sources[source][0] >= 0 <= points[point][0] and (source, point) in ways)
        assert rows == [*(source for _, source in there[:fold]), *[-1] * (fold - len(there))]


@settings(max_examples=60, deadline=None)
@given(cases())
def test_the_first_rank_is_the_nearest_source_to_the_last_digit(case):
    spots, edges, length_m, sources, points = case
    net = network(spots, edges, length_m)

    found = ranks.of_points(net, on(*sources), ranks.of_nodes(net, on(*sources), 1), on(*points))

    metres, rows = net.nearest_m(on(*sources), on(*points))
    np.testing.assert_array_equal(found.metres[:, 0], metres)
    np.testing.assert_array_equal(found.rows[:, 0], rows)


@pytest.mark.parametrize("ends", [((0, 0.0, 0.0), (3, 1.0, 0.0)), ((3, 1.0, 0.0), (0, 0.0, 0.0))])
def test_of_two_ends_of_a_street_the_first_is_the_second_nearest_to_its_middle(ends):
    street = network([(metres, 0) for metres in range(0, 500, 100)], [(0, 1), (1, 2), (2, 3), (3, 4)], [100.0] * 4)

    found = ranks.of_nodes(street, on((2, 0.0, 0.0), *ends), 2)

    assert found.rows[2].tolist() == [0, 1]
    assert found.metres[2].tolist() == [0, 200]


def test_sources_on_one_edge_are_told_in_the_order_of_their_metres():
    net = network(*SQUARE)
    sources, points = on((0, 0.1, 0.0), (0, 0.5, 0.0), (0, 0.5, 20.0), (2, 0.5, 0.0)), on((0, 0.4, 5.0))

    found = ranks.of_points(net, sources, ranks.of_nodes(net, sources, 4), points)

    assert found.rows.tolist() == [[1, 2, 0, 3]]
    assert found.metres[0] == pytest.approx([15, 35, 35, 195])


def test_where_no_street_leads_to_so_many_the_others_are_infinitely_far():
    net = network([(0, 0), (100, 0), (500, 500), (600, 500)], [(0, 1), (2, 3)])

    found = ranks.of_nodes(net, on((0, 0.5, 0.0), (1, 0.5, 0.0)), 2)

    assert found.metres.tolist() == [[50, math.inf]] * 4
    assert found.rows.tolist() == [[0, -1], [0, -1], [1, -1], [1, -1]]
