"""Names out of an OpenStreetMap extract: streets whole, crossings once, everything else where it stands."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import osmium
import pytest

from geodata import osm, osm_places, places
from locator.errors import BadFile
from locator.names import Names, Place

STEP = 0.001
"""Degrees of the little grid: 85 m east, 111 m north."""


class Extract:
    """Writes a little extract: nodes on a grid of x, y; ways over them."""

    def __init__(self, path: Path, *, first_id: int = 1) -> None:
        self.path, self._first_id = path, first_id
        self._ways: list[osmium.osm.mutable.Way] = []
        self._tags: dict[tuple[float, float], dict[str, str]] = {}
        self._ids: dict[tuple[float, float], int] = {}

    def node(self, x: float, y: float, **tags: str) -> Extract:
        self._id(x, y)
        self._tags[x, y] = tags
        return self

    def way(self, *spots: tuple[float, float], **tags: str) -> Extract:
        self._ways.append(osmium.osm.mutable.Way(id=len(self._ways) + 1, nodes=[self._id(*spot) for spot in spots], tags=tags))
        return self

    def _id(self, x: float, y: float) -> int:
        return self._ids.setdefault((x, y), self._first_id + len(self._ids))

    def read(self) -> list[Place]:
        return osm_places.read(self.write())

    def write(self) -> Path:
        self.path.unlink(missing_ok=True)
        writer = osmium.SimpleWriter(str(self.path))
        for (x, y), number in self._ids.items():
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(116.4 + x * STEP, 39.9 + y * STEP), tags=self._tags.get((x, y), {})))
        for way in self._ways:
            writer.add_way(way)
        writer.close()
        return self.path


@pytest.fixture
def extract(tmp_path: Path) -> Extract:
    return Extract(tmp_path / "city.osm.pbf")


def test_a_street_is_all_its_ways_stands_at_its_middle_and_is_as_vague_as_it_is_long(extract):
    [street] = extract.way((0, 0), (2, 0), name="东街", highway="primary").way((2, 0), (4, 0), name="东街", highway="primary").read()

    assert (street.words.zh, street.category) == ("东街", "street")
    assert (street.lon, street.lat) == (pytest.approx(116.402), pytest.approx(39.9))
    assert street.accuracy_m in (171, 172)  # two steps of 85.5 m


def test_streets_of_one_name_far_apart_are_two_and_their_codes_differ(extract):
    found = extract.way((0, 0), (1, 0), name="文化路", highway="residential").way((50, 0), (51, 0), name="文化路", highway="residential").read()

    assert [p.words.zh for p in found] == ["文化路", "文化路"]
    assert len({p.code for p in found}) == 2


def test_a_crossing_is_where_two_named_streets_share_a_node(extract):
    extract.way((0, 0), (1, 0), (2, 0), name="东街", highway="primary").way((1, -1), (1, 0), (1, 1), name="南巷", highway="residential")
    extract.way((0, 1), (3, 1), name="北街", highway="primary")  # passes over, shares nothing

    [crossing] = [p for p in extract.read() if p.category == "crossing"]

    assert {crossing.words.zh, *crossing.aliases} == {"东街与南巷路口", "南巷与东街路口"}
    assert crossing.words.en == "东街 and 南巷"
    assert (crossing.lon, crossing.lat, crossing.accuracy_m) == (pytest.approx(116.401), pytest.approx(39.9), 30)


def test_the_carriageways_of_two_wide_roads_make_one_crossing_at_their_middle(extract):
    for y in (0, 0.3):
        extract.way((0, y), (1, y), (1.3, y), (2, y), name="长安街", highway="trunk")
    for x in (1, 1.3):
        extract.way((x, -1), (x, 0), (x, 0.3), (x, 1), name="三环", highway="trunk")

    [crossing] = [p for p in extract.read() if p.category == "crossing"]

    assert (crossing.lon, crossing.lat) == (pytest.approx(116.40115), pytest.approx(39.90015))
    assert 45 < crossing.accuracy_m < 60


def test_what_is_no_road_makes_no_street(extract):
    assert extract.way((0, 0), (1, 0), name="月台", highway="platform").way((0, 1), (1, 1), name="在建路", highway="construction").read() == []


@pytest.mark.parametrize(("tags", "category"), [
    ({"railway": "subway_entrance"}, "metro"), ({"railway": "station", "station": "subway"}, "metro"), ({"railway": "station"}, "railway"),
    ({"shop": "mall"}, "mall"), ({"leisure": "park"}, "park"), ({"amenity": "hospital"}, "hospital"), ({"tourism": "museum"}, "landmark"),
    ({"amenity": "bank"}, "landmark"), ({"place": "suburb"}, "area"), ({"aeroway": "aerodrome"}, "airport"), ({"natural": "peak"}, None)])
def test_a_named_node_has_the_category_of_its_tags(extract, tags, category):
    found = extract.node(1, 1, name="某地", **tags).read()

    assert [p.category for p in found] == ([category] if category else [])
    assert all((p.lon, p.lat, p.source) == (116.401, 39.901, osm.CREDIT) for p in found)


@pytest.mark.parametrize(("tags", "zh", "en"), [
    ({"name": "幸福大街 Xingfu Dajie"}, "幸福大街", "Xingfu Dajie"), ({"name": "东经路 (dōngjīng lù)"}, "东经路", "dōngjīng lù"),
    ({"name": "Dongjing Lu", "name:zh": "东经路", "name:en": "Dongjing Road"}, "东经路", "Dongjing Road"),
    ({"name": "5th Ring road"}, "5th Ring road", "5th Ring road"),
    ({"name": "798 Xilu"}, "798 Xilu", "798 Xilu"), ({"name": "望京SOHO"}, "望京SOHO", "望京SOHO")])
def test_names_in_two_scripts_are_told_apart(extract, tags, zh, en):
    [street] = extract.way((0, 0), (1, 0), highway="residential", **tags).read()

    assert street.words == (zh, en)


def test_entrances_of_one_station_are_one_place(extract):
    found = places.merged(extract.node(0, 0, name="东单", railway="subway_entrance").node(1, 1, name="东单", railway="subway_entrance").read())

    assert Counter(p.words.zh for p in found) == {"东单": 1}


def test_crossings_are_found_by_characters_pinyin_and_initials_in_either_order(extract, tmp_path):
    extract.way((0, 0), (1, 0), (2, 0), name="东单北大街", highway="primary").way((1, -1), (1, 0), name="金宝街", highway="primary")
    places.store(extract.read(), tmp_path)
    stored = places.load(tmp_path)
    names = Names.of_places(stored)

    for said in ("东单北大街与金宝街路口", "金宝街与东单北大街", "东单北大街 金宝街", "金宝街 东单",
                 "dongdanbeidajie jinbaojie", "jinbaojieyudongdan", "dbdjyjbj"):
        assert "crossing" in [stored[f.row].category for f in names.search(said, 3)], said


@pytest.mark.parametrize(("name", "content"), [
    ("no.osm.pbf", None), ("a.osm.pbf", b""), ("b.osm.pbf", b"PK\x03\x04" + bytes(100)), ("c.osm", b"<html>")])
def test_a_file_that_is_no_extract_is_refused(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(BadFile, match=name):
        osm_places.read(tmp_path / name)


def test_a_ways_node_outside_the_extract_is_left_out(tmp_path):
    path = tmp_path / "cut.osm.pbf"
    writer = osmium.SimpleWriter(str(path))
    writer.add_node(osmium.osm.mutable.Node(id=1, location=(116.4, 39.9)))
    writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2], tags={"name": "半条街", "highway": "road"}))
    writer.add_way(osmium.osm.mutable.Way(id=2, nodes=[2, 3], tags={"name": "外面的街", "highway": "road"}))
    writer.close()

    assert [p.words.zh for p in osm_places.read(path)] == ["半条街"]


def test_what_an_editor_has_not_numbered_yet_is_read_as_well(tmp_path):
    """New nodes have numbers below 0, of which osmium keeps no places."""
    [street] = Extract(tmp_path / "new.osm.pbf", first_id=-9).way((0, 0), (2, 0), (4, 0), name="新街", highway="residential").read()

    assert street.accuracy_m in (171, 172)
