"""The walking network out of a real extract of Beijing: as much of it as its PROVENANCE counts, and ways that are real."""

from __future__ import annotations

import numpy as np
import pytest

from geodata import streets
from locator import earth
from tests.real.conftest import shared


@pytest.fixture(scope="module")
def built() -> streets.Built:
    return streets.read(shared("beijing_roads_osm2013/beijing_roads_2013.osm.pbf"))


def test_the_network_is_the_largest_of_101_parts(built):
    """PROVENANCE counts 67,434 nodes with all that is no motorway or platform; 22 of them are on what is built, planned or untold."""
    about = built.about

    assert (about.nodes, about.parts_left_out) == (67_412, 100)
    assert (about.edges, about.km, about.km_left_out) == (78_676, 7_266.9, 55.2)
    assert all(low - 1e-3 <= found <= high + 1e-3 for low, found, high in zip(
        (116.148, 39.788, 116.148, 39.788), about.bounds, (116.613, 40.096, 116.613, 40.096), strict=True))
    assert set(about.km_by_highway) <= streets.WALKABLE


def test_every_way_is_longer_than_the_straight_line_and_few_are_twice_as_long(built):
    network, generator = built.network, np.random.default_rng(7)
    corners = np.array([(116.33, 39.87), (116.45, 39.97)])
    here, there = (generator.uniform(*corners, (200, 2)) for _ in range(2))
    source = network.snap(here[:1])
    there_m, row = network.nearest_m(source, network.snap(there))

    straight_m = earth.geodesic_m(here[0], there)
    known = np.isfinite(there_m)

    assert known.mean() > 0.95
    assert row[known].tolist() == [0] * int(known.sum())
    assert (there_m[known] >= straight_m[known] * 0.9995).all()  # offsets are measured on the grid
    assert 1.15 < np.median(there_m[known] / straight_m[known]) < 1.45


def test_the_way_is_the_same_from_either_end(built):
    network = built.network
    ends = network.snap(np.array([(116.3912, 39.9060), (116.4337, 39.9085)]))  # Tiananmen, Jianguomen
    one, other = (ends.take(np.array([row])) for row in (0, 1))

    assert network.nearest_m(one, other)[0] == pytest.approx(network.nearest_m(other, one)[0], abs=1e-6)
