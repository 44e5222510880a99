"""Gaps of fifteen minutes on foot along Beijing's streets of 2013: whoever is not covered stands in one, and ground is told as Dijkstra tells it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geodata import streets
from locator import earth
from locator.afoot import Afoot, footing
from tests import oracles
from tests.real.conftest import shared

LIMIT_M = 1_250.0
MIDDLE = (116.35, 39.87, 116.42, 39.93)


@pytest.fixture(scope="module")
def network():
    return streets.read(shared("beijing_roads_osm2013/beijing_roads_2013.osm.pbf")).network


@pytest.fixture(scope="module")
def told(network):
    """A few sites about the old city, people everywhere in it, and its gaps."""
    generator = np.random.default_rng(13)
    sites, people = (generator.uniform(MIDDLE[:2], MIDDLE[2:], (count, 2)) for count in (18, 4_000))
    outline = shapely.transform(shapely.box(*MIDDLE), lambda points: earth.on_grid(points, epsg=network.epsg))
    metres, _ = network.nearest_m(network.snap(sites), network.snap(people), limit_m=LIMIT_M)
    bare = people[~np.isfinite(metres)]
    left = Afoot(network, sites, LIMIT_M).gaps(footing(network, outline), earth.on_grid(bare, epsg=network.epsg))
    return sites, people, np.isfinite(metres), left


def test_everybody_who_is_not_covered_stands_in_a_gap_and_most_who_are_do_not(network, told):
    _, people, covered, left = told
    whole = shapely.union_all([one.gap.polygon for one in left.gaps])

    assert 0.3 < covered.mean() < 0.9
    assert len(left.of_point) == (~covered).sum()
    assert (left.of_point >= 0).all()
    inside = shapely.intersects_xy(whole, earth.on_grid(people, epsg=network.epsg))
    assert inside[covered].mean() < 0.1  # by the tolerance
    assert inside[~covered].mean() > 0.9
    assert all(one.gap.polygon.is_valid for one in left.gaps)


def test_the_farthest_point_of_a_gap_is_as_far_as_dijkstra_with_every_point_as_a_node_says(network, told):
    sites, _, _, left = told
    [largest, *_] = left.gaps
    assert largest.along_streets
    ends = network.on_grid[network.edges]
    begins, ends = ends[:, 0], ends[:, 1]

    def snapped(point):
        near = np.flatnonzero(np.hypot(*((begins + ends) / 2 - point).T) < 1_500)
        row, metres = oracles.nearest_segment(point, begins[near].tolist(), ends[near].tolist())
        edge = int(near[row])
        way = ends[edge] - begins[edge]
        return edge, float(np.clip((point - begins[edge]) @ way / (way @ way), 0, 1)), metres

    sources = [snapped(point) for point in earth.on_grid(sites, epsg=network.epsg)]
    ways = oracles.walks_m(len(network.nodes), network.edges.tolist(), network.length_m.tolist(), sources, [snapped(np.array(largest.gap.farthest))])

    assert largest.gap.farthest_m == pytest.approx(min(ways.values()), abs=1e-3)
    assert largest.gap.farthest_m > LIMIT_M
