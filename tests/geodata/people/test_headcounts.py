"""Layers by group and time: from a table of headcounts, all of it or nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest

from geodata import areas as shipped
from geodata import people, vocabulary
from geodata.areas import Areas
from geodata.people import files, headcounts, spreading, store
from locator.errors import BadFile, BadValue, NotThere
from locator.words import Words
from tests.geodata.people.conftest import BEIJING

SOURCE = Words("工会调查", "union survey")


@pytest.fixture
def read(tmp_path):
    def reader(text, areas=BEIJING):
        (tmp_path / "heads.csv").write_text(text, "utf-8")
        return headcounts.read(tmp_path / "heads.csv", areas, source=SOURCE, date="2025-03")
    return reader


def read_points(home):
    (home / "people.csv").write_text("lon,lat,people\n116.41,39.91,1200\n", "utf-8")
    people.keep(home, files.read(home / "people.csv", BEIJING, vocabulary=vocabulary.load(), datum="wgs84"), BEIJING)


TABLE = "area,group,time,people\n110101,couriers,day,900\n西城区,couriers,day,1200\n海淀,couriers,night,300\n110101,cleaners,,70\n"


def test_each_group_and_time_is_a_layer_by_area(read):
    found = read(TABLE)

    assert found.errors == found.warnings == []
    assert [(layer.name, layer.group, layer.time, dict(layer.people)) for layer in found.layers] == [
        ("couriers-day", "couriers", "day", {"110101": 900, "110102": 1200}), ("couriers-night", "couriers", "night", {"110108": 300}),
        ("cleaners", "cleaners", "", {"110101": 70})]
    assert {(layer.source, layer.date) for layer in found.layers} == {(SOURCE, "2025-03")}


def test_chinese_headers_and_a_table_without_times_will_do(read):
    [layer] = read("区域,人群,人数\n朝阳区,快递员,5000\n").layers

    assert (layer.name, layer.time, dict(layer.people)) == ("快递员", "", {"110105": 5000})


@pytest.mark.parametrize(("row", "kind", "field", "said"), [
    ("110101,couriers,night,-1", BadValue, "people", "at least 0"), ("110101,couriers,night,nan", BadValue, "people", "a number"),
    ("110101,couriers,night,", BadValue, "people", "empty"), ("110101,,night,5", BadValue, "group", "empty"),
    (",couriers,night,5", BadValue, "area", "empty"),
    ("Atlantis,couriers,night,5", NotThere, "area", "no such area"), ("110302,couriers,night,5", NotThere, "area", "no outline"),
    ("110101001,couriers,night,5", NotThere, "area", "no outline"), ("110101,census,,5", BadValue, "group", "something else"),
    ("东城区,couriers,day,5", BadValue, "area", "line 2"), ("北京市,couriers,day,5", BadValue, "area", "line 2")])
def test_a_row_that_cannot_be_used_refuses_the_file_and_is_named(read, row, kind, field, said):
    found = read(f"area,group,time,people\n110101,couriers,day,900\n{row}\n")

    [error] = found.errors
    assert (type(error), error.field, error.at) == (kind, field, "heads.csv:3")
    assert said in str(error)
    assert found.layers == []


def test_a_layer_of_nobody_is_refused(read):
    [error] = read("area,group,time,people\n110101,couriers,day,0\n110102,couriers,day,0\n").errors

    assert "couriers-day adds up to 0" in str(error)


@pytest.mark.parametrize("text", ["area,group,time\n110101,couriers,day\n", "group,people\ncouriers,4\n", "area,people\n110101,4\n"])
def test_a_missing_column_is_refused_with_those_there_are(read, text):
    with pytest.raises(BadValue, match="it has: "):
        read(text)


# kept


@pytest.fixture
def home(tmp_path, home_of_census):
    """A home of its own whose census is built already."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / people.CACHE).symlink_to(home_of_census / people.CACHE)
    return tmp_path / "home"


def test_layers_are_kept_by_name_and_each_area_has_its_people_to_the_last_bit(home, read, census):
    people.keep_layers(home, read(TABLE).layers, BEIJING)

    demand = people.load(home, BEIJING, "Couriers-Day")

    assert [layer.name for layer in people.layers(home)] == ["couriers-day", "couriers-night", "cleaners"]
    assert [demand.by_area()[code] for code in ("110101", "110102", "110108")] == [900, 1200, 0]
    assert demand.total == 2100
    assert (demand.source, demand.date, demand.note) == (SOURCE, "2025-03", ("各区内均匀分布", "even within each district"))
    np.testing.assert_array_equal(demand.lonlat, census.lonlat)  # what is known of the cells, such as the way to a street, holds
    assert len({demand.version, census.version, people.load(home, BEIJING, "couriers-night").version}) == 3
    assert people.load(home, BEIJING).version == census.version  # a layer replaces nothing


def test_the_version_is_known_before_any_figures_are_read_or_any_grid_is_built(tmp_path, home, read, monkeypatch):
    people.keep_layers(home, read(TABLE).layers, BEIJING)
    read_points(home)
    names = (None, people.CENSUS, "couriers-day", "cleaners")
    versions = [people.load(home, BEIJING, name).version for name in names]
    for building in ("spread", "over"):
        monkeypatch.delattr(spreading, building)
    monkeypatch.delattr(store, "read")

    assert [people.version(home, BEIJING, name) for name in names] == versions
    assert len(set(versions)) == len(versions)
    assert people.version(tmp_path, BEIJING) == people.version(None, BEIJING) == versions[1]
    with pytest.raises(NotThere, match="couriers-day"):
        people.version(home, BEIJING, "courier-day")


def test_layers_are_added_replaced_and_taken_out_by_name(home, read):
    people.keep_layers(home, read(TABLE).layers, BEIJING)
    more = read("area,group,time,people\n110105,couriers,day,5\n110105,drivers,day,8\n").layers

    people.keep_layers(home, more, BEIJING, add=True)
    people.drop_layer(home, "cleaners")

    assert {layer.name: layer.total for layer in people.layers(home)} == {"couriers-day": 5, "couriers-night": 300, "drivers-day": 8}
    people.keep_layers(home, more[:1], BEIJING)
    assert [layer.name for layer in people.layers(home)] == ["couriers-day"]


def test_an_unknown_layer_is_refused_with_the_nearest(home, read):
    people.keep_layers(home, read(TABLE).layers, BEIJING)

    for ask in (lambda name: people.load(home, BEIJING, name), lambda name: people.drop_layer(home, name)):
        with pytest.raises(NotThere, match="couriers-night"):
            ask("courier-night")


def test_the_census_is_there_by_its_name(home, census):
    assert people.load(home, BEIJING, people.CENSUS).version == census.version


def test_an_area_that_holds_no_cell_refuses_the_layer_and_nothing_is_written(tmp_path, read):
    outline = {"type": "Polygon", "coordinates": [[[116.4001, 39.9001], [116.4002, 39.9001], [116.4002, 39.9002], [116.4001, 39.9001]]]}
    feature = {"type": "Feature", "geometry": outline, "properties": {"code": "110101901", "name": "小院", "parent": "110101"}}
    (tmp_path / "areas.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    shipped.load_file(tmp_path / "areas.geojson", tmp_path)
    areas = Areas.load(tmp_path)

    with pytest.raises(NotThere, match="too small"):
        people.keep_layers(tmp_path, read("area,group,people\n小院,couriers,5\n", areas).layers, areas)

    assert people.layers(tmp_path) == ()


def test_another_city_that_the_census_does_not_know_has_cells_of_its_own(tmp_path, read):
    outline = {"type": "Polygon", "coordinates": [[[113.6, 34.7], [113.63, 34.7], [113.63, 34.73], [113.6, 34.73], [113.6, 34.7]]]}
    feature = {"type": "Feature", "geometry": outline, "properties": {"code": "410105", "name": "金水区", "parent": None}}
    (tmp_path / "areas.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    shipped.load_file(tmp_path / "areas.geojson", tmp_path)
    areas = Areas.load(tmp_path)
    people.keep_layers(tmp_path, read("area,group,people\n金水区,couriers,500\n", areas).layers, areas)

    demand = people.load(tmp_path, areas, "couriers")

    assert demand.total == 500
    assert demand.version == people.version(tmp_path, areas, "couriers")
    assert set(areas.finest_of(demand.lonlat)) == {"410105"}
    assert demand.cell_m2.sum() == pytest.approx(0.03**2 * 111_320 * 110_940 * np.cos(np.radians(34.715)), rel=0.05)


def test_damaged_layers_are_refused_and_say_what_to_do(home):
    (home / people.FOLDER).mkdir()
    for content in ("{", "[1]", '[{"name": "x"}]'):
        (home / people.FOLDER / people.LAYERS).write_text(content)

        with pytest.raises(BadFile, match="run nuanxin demand"):
            people.layers(home)
