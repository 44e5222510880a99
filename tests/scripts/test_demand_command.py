"""`nuanxin demand`: own figures in place of the census, layers beside it, all of a file or nothing."""

from __future__ import annotations

import pytest

from geodata import people
from geodata.areas import Areas, census

POINTS = "lon,lat,people\n116.41,39.91,1200\n116.30,39.98,30\n121.47,31.23,8\n"
HEADS = "area,group,time,people\n东城区,快递员,白天,900\n西城区,快递员,白天,1200\n海淀区,快递员,夜间,300\n"


@pytest.fixture(scope="session")
def census_cache(tmp_path_factory):
    home = tmp_path_factory.mktemp("census-of-commands")
    people.census(home, Areas.load())
    return home / people.CACHE


@pytest.fixture
def shell(empty, census_cache):
    (empty.home / people.CACHE).symlink_to(census_cache)
    return empty


@pytest.fixture
def points(tmp_path):
    (tmp_path / "people.csv").write_text(POINTS, "utf-8")
    return str(tmp_path / "people.csv")


@pytest.fixture
def heads(tmp_path):
    (tmp_path / "heads.csv").write_text(HEADS, "utf-8")
    return str(tmp_path / "heads.csv")


def test_without_anything_given_the_census_is_the_demand_and_is_told_as_even_within_each_district(shell):
    told = shell.answer("demand", "info")

    assert {row["code"]: row["people"] for row in told["areas"]} == census()
    assert told["demand"] | {"version": ""} == {
        "name": None, "source": "第七次全国人口普查各区常住人口", "date": "2020-11-01", "note": "各区内均匀分布",
        "rows": 1_641_007, "people": 21_893_095.0, "outside": 0.0, "cells": True, "version": ""}
    assert "各区内均匀分布" in shell("demand", "info").stdout
    assert "even within each district" in shell("--language", "en", "demand", "info").stdout


def test_a_file_replaces_the_census_and_reset_brings_it_back(shell, points):
    done = shell("demand", "build", points, "--datum", "wgs84", "--source", "街道办", "--date", "2024-06")

    assert done.exit_code == 0, done.output
    assert "3 rows, 1,238 people (points as given)" in done.stdout
    assert "people.csv:4" in done.stderr
    told = shell.answer("demand", "info")
    assert {row["name"]: row["people"] for row in told["areas"]} == {"东城区": 1200, "海淀区": 30}
    assert (told["demand"]["source"], told["demand"]["date"], told["demand"]["outside"]) == ("街道办", "2024-06", 8)
    assert [one["name"] for one in shell.answer("demand", "list")["demand"] if one["in_use"]] == ["own"]

    assert "Back to the census" in shell("demand", "reset").stdout
    assert [one["name"] for one in shell.answer("demand", "list")["demand"]] == ["census"]


@pytest.mark.parametrize(("line", "said"), [
    ("116.41,39.91,-1", "people.csv:5: people '-1': must be at least 0"), ("116.41,39.91,nan", "people.csv:5: people 'nan'"),
    ("116.41,139.91,1", "people.csv:5: lat '139.91'")])
def test_a_wrong_row_keeps_all_out_and_names_line_field_and_value(shell, points, tmp_path, line, said):
    shell("demand", "build", points, "--datum", "wgs84")
    (tmp_path / "people.csv").write_text(POINTS + line + "\n", "utf-8")

    done = shell("demand", "build", points, "--datum", "wgs84")

    assert done.exit_code == 1
    assert said in done.stderr
    assert "什么也没有写入" in done.stderr
    assert shell.answer("demand", "info")["demand"]["people"] == 1238


def test_a_dry_run_writes_nothing(shell, points, heads):
    for words in (("build", points), ("layers", heads)):
        assert "nothing was written" in shell("demand", *words, "--dry-run").stdout

    assert not (shell.home / people.FOLDER).exists()


def test_layers_are_loaded_listed_told_and_taken_out(shell, heads):
    done = shell("demand", "layers", heads, "--date", "2025-03", "--source", "工会调查")

    assert "2 layers (快递员-白天 2,100, 快递员-夜间 300)" in done.stdout
    listed = shell.answer("demand", "list")["demand"]
    assert [(one["name"], one["group"], one["time"], one["people"], one["in_use"]) for one in listed] == [
        ("census", None, None, 21_893_095, True), ("快递员-白天", "快递员", "白天", 2100, False), ("快递员-夜间", "快递员", "夜间", 300, False)]
    told = shell.answer("demand", "info", "快递员-白天")
    assert {row["code"]: row["people"] for row in told["areas"]} == {"110101": 900, "110102": 1200}
    assert (told["demand"]["source"], told["demand"]["date"]) == ("工会调查", "2025-03")

    assert shell("demand", "drop", "快递员-白天").exit_code == 0
    assert [one["name"] for one in shell.answer("demand", "list")["demand"]] == ["census", "快递员-夜间"]


@pytest.mark.parametrize("words", [("info", "nobody"), ("drop", "nobody"), ("build", "none.csv"), ("build", "none.tif"), ("build", "none.geojson"),
                                   ("layers", "none.csv"), ("build", "none.docx"), ("layers", "none.csv", "--date", "soon")])
def test_what_is_not_there_is_refused(shell, words):
    done = shell("demand", *words)

    assert done.exit_code == 1
    assert done.exception is not None
    assert not (shell.home / people.FOLDER).exists()


def test_lists_are_csv_for_programs(shell, heads):
    shell("demand", "layers", heads)

    assert shell("demand", "list", "--format", "csv").stdout.splitlines()[0] == "name,group,time,people,date,source,in_use"
    assert "110101,东城区,900.0" in shell("demand", "info", "快递员-白天", "--format", "csv").stdout
