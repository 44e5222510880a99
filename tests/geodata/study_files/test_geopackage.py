"""A study's GeoPackage: what other programs find in it, layers, figures, and styles that QGIS uses by itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pyogrio
import pytest
import shapely

from geodata.study_files import palette
from locator.earth import geodesic_m
from tests import studies


def styles_of(path):
    with closing(sqlite3.connect(path)) as base:
        rows = base.execute("SELECT f_table_name, f_geometry_column, styleQML, useAsDefault, f_table_schema FROM layer_styles").fetchall()
    return {name: (ElementTree.fromstring(qml), geometry, default, schema) for name, geometry, qml, default, schema in rows}


def test_it_has_the_layers_of_a_study_in_degrees_and_a_table_of_method(night, written):
    path = written(night, ".gpkg")

    assert {name for name, _ in pyogrio.list_layers(path)} == {"areas", "gaps", "sites", "emptiest_circle", "method", "layer_styles"}
    for name in ("areas", "gaps", "sites", "emptiest_circle"):
        assert pyogrio.read_info(path, layer=name)["crs"] == "EPSG:4326"
    method = pyogrio.read_dataframe(path, layer="method")
    said = dict(zip(method["item"], method["value"], strict=True))
    assert said["登记库版本"] == "7"
    assert said["人口来源"] == "试点人口"


def test_its_figures_are_those_of_the_answer(night, written):
    path = written(night, ".gpkg")

    areas, gaps = (pyogrio.read_dataframe(path, layer=name) for name in ("areas", "gaps"))

    assert areas["code"].tolist() == [line["code"] for line in night.coverage["areas"]]
    for name in ("people", "covered", "coverage_share", "covered_if_unknown_open", "area_km2", "covered_km2"):
        want = [line[name] for line in night.coverage["areas"]]
        assert [None if value != value else value for value in areas[name].tolist()] == want, name
    assert areas.geometry.isna().sum() == 1  # the development area has no outline
    assert gaps["people"].tolist() == [gap["people"] for gap in night.gaps["gaps"]]
    assert gaps["rank"].tolist() == list(range(1, len(gaps) + 1))
    assert gaps.geometry.is_valid.all()
    assert all(shape.equals(shapely.geometry.shape(gap["geometry"])) for shape, gap in zip(gaps.geometry, night.gaps["gaps"], strict=True))


def test_every_layer_brings_a_style_that_is_used_without_asking(night, written):
    path = written(night, ".gpkg")
    found = styles_of(path)

    assert set(found) == {"areas", "gaps", "sites", "emptiest_circle"}
    for name, (root, geometry, default, schema) in found.items():
        assert (root.tag, geometry, default, schema) == ("qgis", "geom", 1, "")
        with closing(sqlite3.connect(path)) as base:
            assert base.execute("SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (name,)).fetchone() == ("geom",)
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'").fetchone() == ("attributes",)


def test_areas_not_served_are_graduated_by_people_and_every_one_has_a_class(night, written):
    path = written(night, ".gpkg")
    renderer = styles_of(path)["gaps"][0].find("renderer-v2")
    ranges = [(float(one.get("lower")), float(one.get("upper"))) for one in renderer.iter("range")]

    assert (renderer.get("type"), renderer.get("attr")) == ("graduatedSymbol", "people")
    assert all(end == begin for (_, end), (begin, _) in pairwise(ranges))
    assert all(any(low <= gap["people"] <= high for low, high in ranges) for gap in night.gaps["gaps"])
    assert all("人" in one.get("label") for one in renderer.iter("range"))
    symbols = {symbol.get("name") for symbol in renderer.iter("symbol")}
    assert symbols == {one.get("symbol") for one in renderer.iter("range")}


def test_sites_are_categorised_by_whether_they_count_each_with_a_shape_of_its_own(night, written):
    renderer = styles_of(written(night, ".gpkg"))["sites"][0].find("renderer-v2")

    assert (renderer.get("type"), renderer.get("attr")) == ("categorizedSymbol", "counts")
    assert [one.get("value") for one in renderer.iter("category")] == ["yes", "unknown", "no"]
    shapes = [prop.get("v") for prop in renderer.iter("prop") if prop.get("k") == "name"]
    assert len(set(shapes)) == 3


def test_a_symbol_says_the_same_to_older_and_to_newer_editions(night, written):
    for root, *_ in styles_of(written(night, ".gpkg")).values():
        for layer in root.iter("layer"):
            older = {prop.get("k"): prop.get("v") for prop in layer.iter("prop")}
            newer = {option.get("name"): option.get("value") for option in layer.find("Option")}
            assert older == newer


def test_columns_go_by_chinese_names_with_their_units(night, written):
    path = written(night, ".gpkg")
    fields = list(pyogrio.read_info(path, layer="areas")["fields"])
    aliases = {alias.get("field"): alias for alias in styles_of(path)["areas"][0].iter("alias")}

    assert list(aliases) == fields
    assert aliases["covered"].get("name") == "覆盖人口（人）"
    assert [int(alias.get("index")) for alias in aliases.values()] == list(range(1, len(fields) + 1))


def test_the_emptiest_circle_is_drawn_as_round_as_its_radius_says(night, written):
    rows = list(pyogrio.read_dataframe(written(night, ".gpkg"), layer="emptiest_circle").itertuples())
    for row in rows:
        metres = geodesic_m(np.array([(row.lon, row.lat)] * 360), np.array(row.geometry.exterior.coords[:-1]))
        assert metres == pytest.approx(row.radius_m, abs=0.02)
    assert (rows[-1].code, rows[-1].radius_m) == ("110000", pytest.approx(night.circle["radius_m"]))


def test_a_comparison_has_the_points_that_gain_or_lose(compared, written):
    path = written(compared, ".gpkg")
    points = pyogrio.read_dataframe(path, layer="change_points")

    assert set(points["change"].dropna()) == {"lost"}
    assert points["people"].sum() == sum(point["people"] for point in compared.change["points"])
    categories = [one.get("value") for one in styles_of(path)["change_points"][0].iter("category")]
    assert categories == ["gained", "lost"]
    assert "covered_before" in pyogrio.read_info(path, layer="areas")["fields"]


def test_a_study_without_any_site_is_a_file_too(make_atlas, written):
    path = written(studies.study(make_atlas, empty=True), ".gpkg")

    assert {name for name, _ in pyogrio.list_layers(path)} == {"areas", "gaps", "method", "layer_styles"}
    assert "nearest_site" not in pyogrio.read_info(path, layer="gaps")["fields"]


def test_shades_are_told_apart_and_their_limits_are_round():
    assert palette.breaks(2_076_795) == [20_000, 100_000, 400_000, 1_000_000]
    assert palette.breaks(0) == [1]
    assert [palette.shade(people, palette.breaks(100)) for people in (0, 1, 5, 20, 50)] == list(palette.RAMP)
