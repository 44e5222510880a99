"""The walking network out of an OpenStreetMap extract: what is walked along, what hangs together, kept whole or not at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import osmium
import pytest

from geodata import osm, streets
from locator import earth
from locator.errors import BadFile
from tests.geodata.test_osm import STEP, Extract


@pytest.fixture
def extract(tmp_path: Path) -> Extract:
    return Extract(tmp_path / "city.osm.pbf")


def way_m(network, start, end) -> float:
    """Return the metres on foot between two spots of the little grid."""
    spots = np.array([start, end]) * STEP + (116.4, 39.9)
    begin, stop = (network.snap(spots[row:row + 1], within_m=1) for row in (0, 1))
    return float(network.nearest_m(begin, stop)[0][0])


@pytest.mark.parametrize(("tags", "walked"), [
    ({"highway": "residential"}, True), ({"highway": "steps"}, True), ({"highway": "trunk"}, True), ({"highway": "footway"}, True),
    ({"highway": "motorway"}, False), ({"highway": "platform"}, False), ({"highway": "construction"}, False), ({"highway": "proposed"}, False),
    ({"highway": "FIXME"}, False), ({"railway": "rail"}, False), ({}, False),
    ({"highway": "residential", "foot": "no"}, False), ({"highway": "service", "access": "private"}, False),
    ({"highway": "service", "access": "no"}, False),
    ({"highway": "service", "access": "private", "foot": "yes"}, True), ({"highway": "service", "access": "customers"}, True),
    ({"highway": "trunk", "motorroad": "yes"}, False), ({"highway": "residential", "oneway": "yes"}, True)])
def test_what_is_walked_along_is_a_matter_of_its_tags(tags, walked):
    assert streets.walkable(tags) == walked


def test_a_one_way_street_is_walked_both_ways(extract):
    network = streets.read(extract.way((0, 0), (1, 0), (2, 0), highway="residential", oneway="yes").write()).network

    assert way_m(network, (0, 0), (2, 0)) == pytest.approx(way_m(network, (2, 0), (0, 0)))
    assert way_m(network, (0, 0), (2, 0)) == pytest.approx(earth.geodesic_m(np.array([116.4, 39.9]), np.array([[116.402, 39.9]]))[0], abs=1e-3)


def test_ways_meet_where_they_share_a_node_and_not_where_they_only_cross(extract):
    extract.way((0, 0), (1, 0), (2, 0), highway="residential").way((1, 0), (1, 1), highway="residential")
    extract.way((0.5, -1), (0.5, 1), (1, 1), highway="residential")  # a bridge over the first

    network = streets.read(extract.write()).network

    round_m = sum(way_m(network, *ends) for ends in (((0.25, 0), (1, 0)), ((1, 0), (1, 1)), ((1, 1), (0.5, 1)), ((0.5, 1), (0.5, 0.5))))
    assert way_m(network, (0.25, 0), (0.5, 0.5)) == pytest.approx(round_m, abs=1e-6)
    assert round_m > 200


def test_the_longest_part_is_the_network_and_the_rest_is_told_with_its_length_and_place(extract):
    extract.way((0, 0), (10, 0), highway="residential")
    for x in range(3):  # more streets, but shorter ones
        extract.way((x, 5), (x + 1, 5), highway="footway")
    extract.way((20, 5), (21, 5), highway="path")

    built = streets.read(extract.write())

    assert (built.about.nodes, built.about.edges, built.about.parts_left_out) == (2, 1, 2)
    assert built.about.km == pytest.approx(0.9, abs=0.05)
    assert [(part.km, part.lon, part.lat) for part in built.about.largest_left_out] == [
        (pytest.approx(0.26, abs=0.01), 116.4015, 39.905), (pytest.approx(0.09, abs=0.01), 116.4205, 39.905)]
    assert built.about.km_left_out == pytest.approx(0.34, abs=0.06)
    assert built.about.km_by_highway == {"residential": built.about.km}


def test_a_street_drawn_twice_is_one_and_a_node_named_twice_is_no_street(extract):
    extract.way((0, 0), (0, 0), (1, 0), highway="residential").way((1, 0), (0, 0), highway="footway")

    assert streets.read(extract.write()).about.edges == 1


def test_where_a_way_leaves_the_extract_it_is_not_walked(tmp_path):
    writer = osmium.SimpleWriter(str(tmp_path / "cut.osm.pbf"))
    for number in (1, 2, 4, 5, 6):
        writer.add_node(osmium.osm.mutable.Node(id=number, location=(116.4 + number * STEP, 39.9)))
    writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2, 3, 4, 5, 6], tags={"highway": "road"}))
    writer.close()

    about = streets.read(tmp_path / "cut.osm.pbf").about

    assert (about.edges, about.parts_left_out) == (2, 1)


def test_what_an_editor_has_not_numbered_yet_is_part_of_the_network(tmp_path):
    path = Extract(tmp_path / "new.osm.pbf", first_id=-4).way((0, 0), (1, 0), (2, 0), highway="residential").write()

    assert streets.read(path).about.nodes == 3


def test_what_is_kept_is_what_was_read_mapped_into_memory(extract, tmp_path):
    built = streets.read(extract.way((0, 0), (1, 0), (1, 1), highway="residential").write(), dated=date(2026, 3, 1))

    streets.store(built, tmp_path / "home")
    kept = streets.load(tmp_path / "home")

    for name in ("nodes", "edges", "length_m"):
        assert np.array_equal(getattr(kept, name), getattr(built.network, name))
        assert isinstance(getattr(kept, name).base, np.memmap)
    assert streets.about(tmp_path / "home") == built.about
    assert (built.about.source, built.about.dated, built.about.credit) == ("city.osm.pbf", "2026-03-01", osm.CREDIT)
    assert [p.name for p in (tmp_path / "home").iterdir()] == [streets.NAME]


def test_the_network_is_the_same_object_until_another_is_built(extract, tmp_path):
    assert streets.load(tmp_path) is None
    streets.store(streets.read(extract.way((0, 0), (1, 0), highway="residential").write()), tmp_path)
    first = streets.load(tmp_path)
    assert streets.load(tmp_path) is first

    streets.store(streets.read(extract.way((1, 0), (2, 0), highway="residential").write()), tmp_path)

    assert (len(first.edges), len(streets.load(tmp_path).edges)) == (1, 2)


@pytest.mark.parametrize("content", [b"", b"<html>", b"PK\x03\x04" + bytes(200)])
def test_a_file_that_is_no_extract_is_refused(tmp_path, content):
    (tmp_path / "city.osm.pbf").write_bytes(content)

    with pytest.raises(BadFile, match=r"city.osm.pbf.*文件不完整.*not the whole file"):
        streets.read(tmp_path / "city.osm.pbf")


def test_an_extract_that_was_cut_anywhere_is_refused(extract):
    """Cut between two of its blocks a file is whole to osmium, but the streets come last and are not there."""
    path = extract.way((0, 0), (1, 0), highway="residential").write()
    content = path.read_bytes()

    for length in range(0, len(content), 11):
        path.write_bytes(content[:length])
        with pytest.raises(BadFile, match=r"city.osm.pbf.*文件不完整.*not the whole file"):
            streets.read(path)


@pytest.mark.parametrize("tags", [{"highway": "motorway"}, {"highway": "FIXME"}, {"building": "yes"}])
def test_an_extract_without_walkable_ways_is_refused(extract, tags):
    with pytest.raises(BadFile, match=r"没有可步行的道路.*no walkable way"):
        streets.read(extract.way((0, 0), (1, 0), **tags).write())


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadFile, match="no such file"):
        streets.read(tmp_path / "none.osm.pbf")


@pytest.mark.parametrize("content", [b"", b"network", b"PK\x03\x04" + bytes(200)])
def test_a_kept_file_that_is_damaged_is_refused_with_what_to_do(tmp_path, content):
    (tmp_path / streets.NAME).write_bytes(content)

    with pytest.raises(BadFile, match="nuanxin network build"):
        streets.load(tmp_path)


def test_a_kept_file_that_was_cut_anywhere_is_refused(extract, tmp_path):
    streets.store(streets.read(extract.way((0, 0), (1, 0), (2, 0), highway="residential").write()), tmp_path)
    whole = (tmp_path / streets.NAME).read_bytes()

    for length in range(0, len(whole), 37):
        (tmp_path / streets.NAME).write_bytes(whole[:length])
        with pytest.raises(BadFile, match="nuanxin network build"):
            streets.load(tmp_path)
