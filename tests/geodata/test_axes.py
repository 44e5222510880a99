"""Which half is the longitude is told by a whole column, never guessed row by row."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import cells, intake
from geodata.intake import Intake
from locator.errors import BadCoordinate
from locator.vocabulary import Vocabulary


@pytest.fixture
def read(tmp_path: Path, vocabulary: Vocabulary):
    def reader(text: str) -> Intake:
        (tmp_path / "a.tsv").write_text(text, encoding="utf-8", newline="")
        return intake.read(tmp_path / "a.tsv", vocabulary=vocabulary, kind="warm_station", datum="wgs84")

    return reader


def pairs(found: Intake) -> list[tuple[float | None, float | None]]:
    assert [str(e) for e in found.errors] == []
    return [(site.lon, site.lat) for site in found.sites]


def test_a_column_of_latitude_before_longitude_is_read_so_with_a_warning(read):
    found = read("名称\t坐标\na\t39.9,116.4\nb\t40.1 116.3\n")

    assert pairs(found) == [(116.4, 39.9), (116.3, 40.1)]
    assert [w.field for w in found.warnings] == ["坐标 (coordinates)"]


def test_one_sure_row_tells_for_the_doubtful_ones_too(read):
    assert pairs(read("name\tcoordinates\na\t39.9,116.4\nb\t10,20\n")) == [(116.4, 39.9), (20, 10)]


def test_the_header_tells_where_no_row_does_and_longitude_is_first_where_neither_tells(read):
    assert pairs(read("name\tlat,lng\na\t10,20\n")) == [(20, 10)]
    assert pairs(read("name\t纬经度\na\t10,20\n")) == [(20, 10)]
    assert pairs(read("name\t经纬度\na\t10,20\n")) == [(10, 20)]


def test_values_go_before_a_header_that_is_wrong(read):
    assert pairs(read("name\tlat,lng\na\t116.4,39.9\n")) == [(116.4, 39.9)]


def test_a_column_that_mixes_both_orders_is_refused_naming_a_row_of_each(read):
    found = read("name\t坐标\na\t116.4,39.9\nb\t39.9,116.4\nc\t10,20\n")

    assert found.sites == []
    assert (found.errors[0].at, found.errors[0].value) == ("a.tsv:3", "39.9,116.4")
    assert "line 2" in found.errors[0].words.en


def test_halves_that_say_which_they_are_need_no_column(read):
    assert pairs(read("name\t坐标\na\tN39.9 E116.4\nb\tE116.4,N39.9\nc\t纬度:39.9；经度:116.4\n")) == [(116.4, 39.9)] * 3


def test_two_columns_swapped_in_every_row_are_refused_with_the_advice_once(read):
    found = read("name\t经度\t纬度\na\t39.9\t116.4\nb\t43.8\t87.6\n")

    assert found.sites == []
    assert [(e.at, e.value) for e in found.errors] == [("a.tsv:3", 87.6), ("a.tsv:1", "经度、纬度"), ("a.tsv:2", 116.4)]
    assert "exchange the two headers" in found.errors[1].words.en


def test_a_row_swapped_among_right_ones_is_an_error_even_where_both_numbers_are_in_range(read):
    found = read("name\t经度\t纬度\na\t116.4\t39.9\nb\t43.8\t87.6\nc\t39.9\t116.4\n")

    assert [(e.at, type(e)) for e in found.errors] == [("a.tsv:3", BadCoordinate), ("a.tsv:4", BadCoordinate)]


@pytest.mark.parametrize("said", ["116°23'29\"", "116度23分29秒", "E116°23′29″", "116-23-29", "116:23:29", "116 23 29", "116°23′29",
                                  "东经：116°23′29″", "116°23′29″E", "经度116°23′29″", "１１６°２３′２９″", "116°23.48333333′"])
def test_degrees_minutes_and_seconds_are_read_in_any_usual_writing(said: str):
    assert cells.degrees("lon", said) == pytest.approx(116 + 23 / 60 + 29 / 3600, abs=1e-9)


@pytest.mark.parametrize("said", ["116.23.29", "116-23-99", "116.5-23", "116°23.5′29″", "-", "1e999x", "116°-23′", "度"])
def test_degrees_that_no_one_writes_so_are_refused(said: str):
    with pytest.raises(BadCoordinate):
        cells.degrees("lon", said)


@pytest.mark.parametrize("said", ["39°54′27″N116°23′29″E", "N39°54′27″E116°23′29″", "北纬39°54′27″东经116°23′29″", "116 23 29 39 54 27",
                                  "POINT(116.391389 39.9075)", "116.391389,39.9075,50", "116°23′29″，39°54′27″", "116.391389/39.9075"])
def test_both_halves_of_one_cell_are_told_apart(said: str):
    lon, lat = cells.pair(said)

    assert (cells.degrees("lon", lon), cells.degrees("lat", lat)) == pytest.approx((116.391389, 39.9075), abs=1e-6)


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 59),
       st.sampled_from(["{}°{}′{}″", "{}度{}分{}秒", "{}-{}-{}", "E{}°{}'{}\"", "{} {} {}"]))
def test_every_degree_minute_and_second_comes_back(degrees: int, minutes: int, seconds: int, writing: str):
    assert cells.degrees("lon", writing.format(degrees, minutes, seconds)) == degrees + minutes / 60 + seconds / 3600
