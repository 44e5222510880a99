"""`nuanxin nearest` and `nuanxin search`: answers in every format, and what they refuse."""

from __future__ import annotations

import csv
import io
import json

import pytest

from scripts import nearest, search

HERE = ("116.401", "39.900")
MEMBERS = {"id", "name", "kind", "lon", "lat", "distance_m", "walk_m", "minutes", "minutes_basis", "state", "state_reason",
           "state_on_arrival", "changes_at", "facilities", "eligibility", "address", "verified_on", "demo"}


def names(found):
    return [site["name"] for site in found["sites"]]


def test_the_nearest_sites_come_closest_first(asked):
    found = asked.answer("nearest", *HERE, "-k", "3")

    assert names(found) == ["前门暖心驿站", "=cmd|' /C calc'!A0", "和平里母婴关爱室"]
    assert set(found) == {"query", "as_of", "datum", "sites"}
    assert set(found["sites"][0]) >= MEMBERS
    assert found["sites"][0]["walk_m"] is None
    assert found["sites"][0]["minutes_basis"] == "estimate"


def test_the_csv_has_every_member_of_the_json_answer(asked):
    assert set(nearest.COLUMNS) == set(asked.answer("nearest", *HERE)["sites"][0])


def test_the_geojson_answer_is_a_feature_collection_with_the_query_beside_it(asked):
    done = asked("nearest", *HERE, "--format", "geojson")
    found = json.loads(done.stdout)

    assert found["type"] == "FeatureCollection"
    assert set(found) >= {"query", "as_of", "datum"}
    assert len(found["features"]) == 4
    assert found["features"][0]["geometry"] == {"type": "Point", "coordinates": [116.4, 39.9]}


def test_the_csv_answer_is_one_header_line_and_one_line_a_site_and_no_formula(asked):
    done = asked("nearest", *HERE, "--format", "csv")

    lines = done.stdout.splitlines()
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(lines) == 1 + 4
    assert rows[1]["name"] == "'=cmd|' /C calc'!A0"
    assert rows[1]["address"] == "第一行 第二行"


def test_the_table_says_how_minutes_are_estimated_on_standard_error_only(asked):
    done = asked("nearest", *HERE)

    assert "前门暖心驿站" in done.stdout
    assert "1.25" in done.stderr
    assert "1.25" not in done.stdout


def test_tables_speak_english_when_asked(asked):
    assert "on arrival" in asked("--language", "en", "nearest", *HERE).stdout
    assert asked("--language", "en", "nearest", *HERE, "--within", "1").stdout.strip() == "No site suits."


@pytest.mark.parametrize("words", [("-73.9", "40.7"), ("-73.9", "-40.7"), ("-k", "2", "-.5", "-40.7")])
def test_coordinates_below_zero_are_plain_arguments(asked, words):
    found = asked.answer("nearest", *words)

    assert found["query"]["lon"] < 0
    assert found["sites"]


def test_coordinates_may_be_degrees_minutes_and_seconds(asked):
    found = asked.answer("nearest", "116°24′00″E", "39°54′00″N")

    assert (found["query"]["lon"], found["query"]["lat"]) == (116.4, 39.9)
    assert found["sites"][0]["distance_m"] == 0


def test_an_answer_is_in_the_datum_of_the_question(asked):
    found = asked.answer("nearest", *HERE, "--datum", "gcj02", "-k", "1")

    assert found["datum"] == "gcj02"
    assert found["sites"][0]["lon"] == pytest.approx(116.406, abs=0.001)


def test_filters_leave_only_what_suits(asked):
    assert names(asked.answer("nearest", *HERE, "--kind", "母婴室")) == ["和平里母婴关爱室"]
    assert names(asked.answer("nearest", *HERE, "--facility", "toilet", "--facility", "热水")) == ["前门暖心驿站"]
    assert names(asked.answer("nearest", *HERE, "--kind", "warm_station", "--kind", "mother_baby_room", "-k", "1")) == ["前门暖心驿站"]
    assert names(asked.answer("nearest", *HERE, "--eligibility", "members")) == ["望京暖心驿站"]
    assert names(asked.answer("nearest", *HERE, "--verified-only")) == []


def test_unknown_hours_pass_until_strictness_is_asked_for(asked):
    night = ("--state", "open", "--at", "2026-03-04T23:00")

    assert names(asked.answer("nearest", *HERE, *night)) == ["前门暖心驿站", "望京暖心驿站"]
    assert names(asked.answer("nearest", *HERE, *night, "--strict")) == ["前门暖心驿站"]


def test_a_time_without_an_offset_is_beijing_time(asked):
    found = asked.answer("nearest", *HERE, "--at", "2026-10-01T22:30")

    assert found["as_of"] == "2026-10-01T22:30:00+08:00"


def test_a_site_exactly_within_the_distance_is_answered(asked):
    metres = asked.answer("nearest", *HERE, "-k", "1")["sites"][0]["distance_m"]

    assert len(asked.answer("nearest", *HERE, "--within", str(metres + 0.001))["sites"]) == 1
    assert asked.answer("nearest", *HERE, "--within", str(metres - 0.001))["sites"] == []


@pytest.mark.parametrize(("words", "said"), [
    (("39.9", "116.4"), "写反"), (("116.4", "91"), "lat '91"), (("181", "39"), "lon '181"), (("nan", "39"), "lon 'nan'"),
    (("-inf", "39"), "lon '-inf'"), (("abc", "39"), "lon 'abc'"), (("116°75′E", "39"), "lon '116°75′E'"), (("", "39"), "lon ''"),
    ((*HERE, "-k", "0"), "k '0'"), ((*HERE, "-k", "-1"), "k '-1'"), ((*HERE, "-k", "1000000000"), "k '1000000000'"),
    ((*HERE, "-k", "two"), "k 'two'"), ((*HERE, "--kind", "warm_statoin"), "warm_station"),
    ((*HERE, "--facility", "hot_watr"), "hot_water"), ((*HERE, "--eligibility", "nobdy"), "eligibility"),
    ((*HERE, "--at", "2026-02-30"), "2026-02-30"), ((*HERE, "--at", "2026-01-01T25:00"), "T25:00"), ((*HERE, "--at", ""), "at ''"),
    ((*HERE, "--within", "0"), "within"), ((*HERE, "--within", "-5"), "within '-5"), ((*HERE, "--within", "nan"), "within 'nan'"),
    ((*HERE, "--within", "1km"), "within '1km'"), ((*HERE, "--network"), "network"),
])
def test_bad_input_is_refused_with_field_and_value_in_both_languages(asked, words, said):
    done = asked("nearest", *words)

    assert done.exit_code == 1
    assert said in done.stderr
    assert done.stdout == ""
    chinese, english = done.stderr.strip().splitlines()
    assert any("一" <= c <= "鿿" for c in chinese)
    assert english.isascii() or said in english


@pytest.mark.parametrize("words", [
    ("nearest",), ("nearest", "116.4"), ("nearest", *HERE, "39"), ("nearest", *HERE, "--kinds", "x"), ("nearest", *HERE, "--by", "bus"),
    ("nearest", *HERE, "--state", "ajar"), ("nearest", *HERE, "--format", "xml"), ("nearest", *HERE, "--datum", "mars"),
    ("nearest", *HERE, "-x"), ("search",), ("closest",), ("--hom", "x", "check"), ("search", "a", "b"),
])
def test_wrong_usage_ends_with_status_two(asked, words):
    done = asked(*words)

    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Usage" in done.stderr


def test_a_question_before_init_says_what_to_do(asked, tmp_path):
    done = asked("nearest", *HERE, home=tmp_path / "nothing")

    assert done.exit_code == 1
    assert "nuanxin init" in done.stderr
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("text", ["前门", "qianmen", "qmnx", "前门大街"])
def test_a_site_is_found_by_its_characters_pinyin_initials_and_address(asked, text):
    assert "前门暖心驿站" in [r["name"] for r in asked.answer("search", text)["results"]]


def test_search_answers_in_every_format(asked):
    table, lines = asked("search", "望京"), asked("search", "望京", "--format", "csv").stdout.splitlines()
    points = json.loads(asked("search", "望京", "--format", "geojson").stdout)

    assert "望京暖心驿站" in table.stdout
    assert lines[0] == ",".join(search.COLUMNS)
    assert len(lines) == 1 + len(points["features"])


def test_a_search_without_a_result_is_an_answer(asked):
    assert asked("search", "没有这个名字的地方").stdout.strip() == "没有找到。"


@pytest.mark.parametrize("words", [("",), ("  ",), ("前门", "-k", "0")])
def test_an_empty_search_is_refused(asked, words):
    assert asked("search", *words).exit_code == 1


def test_control_characters_never_reach_the_terminal():
    from scripts.output import plain

    assert plain("名\x1b[31m\u202e\n称") == "名 [31m  称"


def test_a_table_keeps_its_columns_whatever_it_holds(capsys):
    from scripts.output import as_table

    as_table([["前门", 1, "a"], ["e\u0301", None, "b"], ["abcdef", "，", "c"]], ["名称", "n", "x"], empty="")

    assert capsys.readouterr().out.splitlines() == [
        "名称    n   x", "------  --  -", "前门    1   a", "e\u0301           b", "abcdef  ，  c"]
