"""A table of points with people: all of it or nothing, every fault with line, field and value."""

from __future__ import annotations

import csv
import io
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.people import files, points
from locator.datum import from_wgs84
from locator.demand import NOWHERE
from locator.errors import BadCoordinate, BadDatum, BadFile, BadTime, BadValue
from tests.geodata.people.conftest import BEIJING


@pytest.fixture
def read(tmp_path, vocabulary):
    def reader(text, name="people.csv", **options):
        (tmp_path / name).write_text(text, "utf-8")
        return files.read(tmp_path / name, BEIJING, vocabulary=vocabulary, **options)
    return reader


def test_each_row_is_a_point_with_its_people_in_its_district(read):
    found = read("lon,lat,people\n116.41,39.91,1200\n116.30,39.98,0\n116.31,39.99,7.5\n", datum="wgs84", source="街道办", date="2024-06")

    figures = found.figures
    assert found.errors == found.warnings == []
    assert figures.lonlat.tolist() == [[116.41, 39.91], [116.30, 39.98], [116.31, 39.99]]
    assert figures.people.tolist() == [1200.0, 0.0, 7.5]
    assert [found.lies_in.sets[row][0] for row in found.lies_in.rows] == BEIJING.finest_of(figures.lonlat) == ["110101", "110108", "110108"]
    assert (figures.cell_m2, figures.source, figures.date) == (None, ("街道办", "街道办"), "2024-06")
    assert figures.note.en == "points as given"


@pytest.mark.parametrize(("text", "options"), [
    ("经度,纬度,人数\n116.41,39.91,12\n", {}), ("坐标;人口\n116.41,39.91;12\n", {}), ("lon,lat,pop,names\n116.41,39.91,12人,x\n", {}),
    ("lon,lat,骑手,people\n116.41,39.91,12,99\n", {"people": "骑手"})])
def test_headers_are_understood_as_those_of_stations_are(read, text, options):
    figures = read(text, datum="wgs84", **options).figures

    assert (figures.lonlat.tolist(), figures.people.tolist()) == ([[116.41, 39.91]], [12.0])


def test_geojson_points_are_read_too(read):
    features = [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [116.41, 39.91]}, "properties": {"people": 12}}]

    figures = read(json.dumps({"type": "FeatureCollection", "features": features}), "people.geojson").figures

    assert (figures.lonlat.tolist(), figures.people.tolist()) == ([[116.41, 39.91]], [12.0])


@pytest.mark.parametrize(("row", "kind", "field", "value"), [
    ("116.4,39.9,-3", BadValue, "people", "-3"), ("116.4,39.9,nan", BadValue, "people", "nan"), ("116.4,39.9,inf", BadValue, "people", "inf"),
    ("116.4,39.9,", BadValue, "people", None), ("116.4,39.9,许多", BadValue, "people", "许多"), ("nan,39.9,3", BadCoordinate, "lon", None),
    ("116.4,,3", BadCoordinate, "lat", None), ("181,39.9,3", BadCoordinate, "lon", None), ("-180.5,39.9,3", BadCoordinate, "lon", None),
    ("116.4,91,3", BadCoordinate, "lat", None)])
def test_a_row_that_cannot_be_used_refuses_the_file_and_is_named(read, row, kind, field, value):
    found = read(f"lon,lat,people\n116.41,39.91,5\n{row}\n", datum="wgs84")

    [error] = found.errors
    assert (type(error), error.field, error.at) == (kind, field, "people.csv:3")
    assert value is None or error.value == value
    assert found.figures is None


def test_every_fault_is_told_at_once(read):
    found = read("lon,lat,people\n116.41,39.91,-5\n999,39.9,1\n116.4,39.9,x\n116.4,39.9,1\n", datum="wgs84")

    assert [error.at for error in found.errors] == ["people.csv:2", "people.csv:3", "people.csv:4"]


def test_nobody_at_all_is_refused(read):
    [error] = read("lon,lat,people\n116.41,39.91,0\n", datum="wgs84").errors

    assert (error.field, error.at) == ("people", "people.csv")
    assert "adds up to 0" in str(error)


@pytest.mark.parametrize(("text", "kind", "said"), [
    ("lon,lat,kind\n116.4,39.9,x\n", BadValue, "lon、lat、kind"), ("lon,people\n116.4,3\n", BadFile, "lat"), ("lon,lat,people\n", BadFile, "no rows"),
    ("", BadFile, "empty")])
def test_a_file_without_its_columns_is_refused_and_what_it_has_is_named(read, text, kind, said):
    with pytest.raises(kind) as refused:
        read(text, datum="wgs84")

    assert said in str(refused.value)


def test_a_text_table_may_have_as_many_rows_as_a_city_has_cells_and_no_more(read, monkeypatch):
    assert points.MOST_ROWS > 1_641_007
    monkeypatch.setattr(points, "MOST_ROWS", 2)  # the limit is the reader's own, not that of tables of sites

    assert read("lon,lat,people\n" + "116.41,39.91,5\n" * 2, datum="wgs84").errors == []
    with pytest.raises(BadFile, match="more than 2 rows"):
        read("lon,lat,people\n" + "116.41,39.91,5\n" * 3, datum="wgs84")


def test_a_table_without_coordinates_is_refused(read):
    [error] = read("name,address,people\n甲,某路 1 号,4\n", datum="wgs84").errors

    assert isinstance(error, BadCoordinate)


def test_a_column_that_is_named_and_not_there_is_refused_with_those_there_are(read):
    with pytest.raises(BadValue, match="count_2016") as refused:
        read("lon,lat,count_2016\n116.4,39.9,3\n", people="count_2019")

    assert refused.value.value == "count_2019"


def test_points_outside_every_area_are_kept_for_no_area_and_told_with_the_first_and_their_people(read):
    found = read("lon,lat,people\n116.41,39.91,5\n121.47,31.23,40\n0,0,2\n", datum="wgs84")

    [warning] = found.warnings
    assert (warning.at, warning.value) == ("people.csv:3", "121.470000,31.230000")
    assert "2 such, with 42 people" in str(warning)
    assert found.lies_in.rows.tolist()[1:] == [NOWHERE, NOWHERE]
    assert found.figures.people.sum() == 47


def test_a_file_that_lies_elsewhere_altogether_is_refused(read):
    found = read("lon,lat,people\n121.47,31.23,40\n121.48,31.23,0\n", datum="wgs84")

    [error] = found.errors
    assert (error.at, found.figures) == ("people.csv:2", None)
    assert "--datum" in str(error)
    assert "areas load" in str(error)


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "cgcs2000"])
def test_points_in_another_datum_are_brought_to_wgs84(read, datum):
    true = np.array([[116.41, 39.91], [116.30, 39.98]])
    shifted = from_wgs84(true, datum)

    figures = read("lon,lat,people\n" + "".join(f"{lon!r},{lat!r},3\n" for lon, lat in shifted.tolist()), datum=datum).figures

    np.testing.assert_allclose(figures.lonlat, true, atol=1e-8)


def test_the_datum_of_a_header_or_of_a_row_goes_before_nothing_said(read):
    lon, lat = from_wgs84(np.array([[116.41, 39.91]]), "gcj02")[0].tolist()

    headed = read(f"lon_gcj02,lat_gcj02,people\n{lon!r},{lat!r},3\n").figures
    rowed = read(f"lon,lat,datum,people\n{lon!r},{lat!r},gcj02,3\n116.41,39.91,wgs84,3\n").figures

    np.testing.assert_allclose(headed.lonlat, [[116.41, 39.91]], atol=1e-8)
    np.testing.assert_allclose(rowed.lonlat, [[116.41, 39.91]] * 2, atol=1e-8)


def test_where_nothing_says_the_datum_it_is_taken_for_wgs84_and_told(read):
    found = read("lon,lat,people\n116.41,39.91,3\n")

    [warning] = found.warnings
    assert isinstance(warning, BadDatum)
    assert "read as WGS-84" in str(warning)
    assert found.figures.lonlat.tolist() == [[116.41, 39.91]]


def test_an_unknown_datum_or_date_is_refused(read):
    with pytest.raises(BadDatum):
        read("lon,lat,people\n116.41,39.91,3\n", datum="mars")
    for date in ("2024-13", "2024-02-30", "24", "2024/06", "今年"):
        with pytest.raises(BadTime):
            read("lon,lat,people\n116.41,39.91,3\n", date=date)


@pytest.fixture(scope="module")
def one_reader(tmp_path_factory, vocabulary):
    path = tmp_path_factory.mktemp("points") / "people.csv"

    def reader(text):
        path.write_text(text, "utf-8")
        return files.read(path, BEIJING, vocabulary=vocabulary, datum="wgs84")
    return reader


@given(st.lists(st.tuples(st.floats(115.5, 117.4), st.floats(39.5, 41.0), st.floats(0, 1e7, allow_subnormal=False)), min_size=1, max_size=30))
def test_what_is_written_is_read_back_and_no_people_are_lost(one_reader, rows):
    text = io.StringIO()
    csv.writer(text).writerows([("lon", "lat", "people"), *rows])

    found = one_reader(text.getvalue())

    total = math.fsum(people for *_, people in rows)
    if found.figures is None:
        assert not any(people for *_, people in rows) or set(BEIJING.finest_of(np.array([row[:2] for row in rows if row[2]]))) == {None}
        return
    np.testing.assert_array_equal(found.figures.lonlat, [row[:2] for row in rows])
    np.testing.assert_allclose(found.figures.people, [row[2] for row in rows], rtol=0, atol=total * 2**-45)
    assert found.figures.people.sum() == found.figures.people[::-1].sum() == math.fsum(found.figures.people)
