"""`nuanxin compare`: days, scenarios and results, in every format, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from geodata.registry import Registry
from locator.typed import BEIJING
from tests.conftest import a_site
from tests.scripts.conftest import Shell

PEOPLE = "lon,lat,people\n116.401,39.900,30\n116.30,39.95,20\n116.48,40.00,50\n"
ASKED = ("--radius", "500")


@pytest.fixture(scope="module")
def planned(empty_registry, tmp_path_factory):
    """Return commands over a registry with a past: s1 moved from 116.401 to 116.30 in February 2025; s2 has come then."""
    folder = tmp_path_factory.mktemp("compared")
    shutil.copytree(empty_registry, folder / "home")
    (folder / "people.csv").write_text(PEOPLE, "utf-8")
    shell = Shell(folder / "home")
    done = shell("demand", "build", str(folder / "people.csv"), "--datum", "wgs84", "--source", "试点", "--date", "2026-01")
    assert done.exit_code == 0, done.output
    site = replace(a_site(1), lon=116.401, lat=39.9, opening_hours="Mo-Su 08:00-20:00")
    with Registry.open(shell.home) as registry:
        registry.commit([site], who="t", why="t", at=datetime(2025, 1, 10, 9, tzinfo=BEIJING))
        registry.commit([replace(site, lon=116.30, lat=39.95), replace(a_site(2), lon=116.48, lat=40.0, opening_hours=None)], who="t", why="t",
                        at=datetime(2025, 2, 10, 9, tzinfo=BEIJING))
    return shell


@pytest.fixture
def points(tmp_path):
    (tmp_path / "points.csv").write_text("id,name,lon,lat\np1,新点,116.401,39.900\n", "utf-8")
    return f"with:{tmp_path / 'points.csv'}"


@pytest.fixture
def result(planned, tmp_path):
    """Return a maker of result files of coverage."""

    def make(name, *words):
        (tmp_path / name).write_text(json.dumps(planned.answer("coverage", *words)), "utf-8")
        return str(tmp_path / name)

    return make


def moved(found):
    return {name: found["total"][name] for name in ("gained", "lost", "covered_before", "covered_after")}


def test_a_day_against_now_tells_who_gains_and_who_loses_by_which_sites(planned):
    found = planned.answer("compare", "2025-01-31", "now", *ASKED, "--by", "district")

    assert moved(found) == {"gained": 70, "lost": 30, "covered_before": 30, "covered_after": 70}
    assert [(one["id"], one["people"], one["people_by_it_alone"]) for one in found["total"]["gained_by"]] == [("s2", 50, 50), ("s1", 20, 20)]
    assert [(one["id"], one["people"]) for one in found["total"]["lost_by"]] == [("s1", 30)]
    for name in ("gained", "lost", "covered_before", "covered_after"):
        assert sum(line[name] or 0 for line in found["areas"]) == found["total"][name]
    assert len(found["areas"]) == 17
    assert (found["before"], found["after"]["version"]) == ({"what": "登记库在 2025-01-31", "sites": 1, "version": 1}, 2)
    assert found["demand_source"]["source"].startswith("试点")


def test_where_hours_count_unknown_ones_are_read_both_ways(planned):
    found = planned.answer("compare", "2025-01-31", "now", *ASKED, "--at", "2026-03-04T12:00")["total"]

    assert (found["gained"], found["gained_if_unknown_open"]) == (20, 70)
    assert (found["lost"], found["lost_if_unknown_open"]) == (30, 30)
    assert planned.answer("compare", "2025-01-31", "now", *ASKED, "--at", "2026-03-04T23:00")["total"]["lost"] == 0


def test_over_a_week_hours_of_people_are_counted(planned):
    found = planned.answer("compare", "2025-01-31", "now", *ASKED, "--week")["total"]

    assert sum(found["gained_by_hour"]) == 20 * 12 * 7
    assert sum(found["gained_by_hour_if_unknown_open"]) == 20 * 12 * 7 + 50 * 168
    assert "1,680 人·小时" in planned("compare", "2025-01-31", "now", *ASKED, "--week").stdout


def test_without_a_site_its_people_lose_and_one_that_never_counted_is_told(planned):
    assert moved(planned.answer("compare", "now", "without:s2", *ASKED)) == {"gained": 0, "lost": 50, "covered_before": 70, "covered_after": 20}
    idle = planned("compare", "now", "without s1", *ASKED, "--kind", "母婴关爱室")
    assert idle.exit_code == 0
    assert "s1 did not count" in idle.stderr


def test_with_proposed_points_their_people_gain(planned, points):
    found = planned.answer("compare", "now", points, *ASKED, "--kind", "母婴关爱室", "--at", "2026-03-04T03:00")

    assert moved(found) == {"gained": 30, "lost": 0, "covered_before": 0, "covered_after": 30}
    assert found["total"]["gained_by"] == [{"id": "p1", "name": "新点", "people": 30, "people_by_it_alone": 30}]
    assert found["after"]["what"] == "加上 points.csv 的 1 个点"


def test_two_scenarios_stand_side_by_side(planned, points):
    assert moved(planned.answer("compare", "without:s2", points, *ASKED)) == {"gained": 80, "lost": 0, "covered_before": 20, "covered_after": 100}


def test_on_a_map_are_the_points_that_gain_and_lose_with_their_people(planned):
    done = planned("compare", "2025-01-31", "now", *ASKED, "--format", "geojson")

    found = json.loads(done.stdout)
    assert {(tuple(one["geometry"]["coordinates"]), one["properties"]["people"], one["properties"]["change"]) for one in found["features"]} == {
        ((116.401, 39.9), 30, "lost"), ((116.30, 39.95), 20, "gained"), ((116.48, 40.0), 50, "gained")}
    assert found["total"]["gained"] == 70


def test_tables_and_csv_have_a_line_an_area(planned):
    shown = planned("compare", "2025-01-31", "now", *ASKED, "--by", "district")
    assert "登记库在 2025-01-31 → 现在" in shown.stdout
    assert "合计" in shown.stdout
    assert "−30" in shown.stdout
    assert "没有边界" in shown.stderr
    english = planned("--language", "en", "compare", "2025-01-31", "now", *ASKED, "--at", "2026-03-04T12:00")
    assert "gain if unknown open" in english.stdout
    lines = list(csv.DictReader(io.StringIO(planned("compare", "2025-01-31", "now", *ASKED, "--by", "district", "--format", "csv").stdout)))
    assert len(lines) == 17
    assert sum(float(line["gained"] or 0) for line in lines) == 70


def test_two_results_are_compared_line_by_line(planned, result):
    before, after = (result(name, *ASKED, "--by", "district") for name in ("a.json", "b.json"))
    found = planned.answer("compare", before, after)

    assert found["total"]["covered_change"] == 0
    assert len(found["areas"]) == 17
    assert found["same_demand"] is True
    assert "合计" in planned("compare", before, after).stdout
    assert len(list(csv.DictReader(io.StringIO(planned("compare", before, after, "--format", "csv").stdout)))) == 17


def test_results_over_other_people_are_compared_and_that_is_told(planned, result, tmp_path):
    before, after = Path(result("a.json", *ASKED)), tmp_path / "b.json"
    other = json.loads(before.read_text("utf-8"))
    other["demand_source"]["version"] = "other"
    other["total"]["covered"] -= 10
    after.write_text(json.dumps(other), "utf-8")

    done = planned("compare", str(before), str(after), "--format", "json")

    assert json.loads(done.stdout)["total"]["covered_change"] == -10
    assert "different figures of people" in done.stderr


def test_results_of_two_questions_are_refused_with_what_differs(planned, result):
    done = planned("compare", result("a.json", *ASKED), result("b.json", "--radius", "800"))

    assert done.exit_code == 1
    assert "radius_m 500.0 → 800.0" in done.stderr


@pytest.mark.parametrize(("words", "said"), [
    (("2024-12-31", "now", *ASKED), "2025-01-10"), (("now", "2999-01-01", *ASKED), "not come"), (("now", "without:s7", *ASKED), "no site of this id"),
    (("now", "somewhen", *ASKED), "must be now, a date"), (("now", "with:nowhere.csv", *ASKED), "nowhere.csv"), (("now", "now"), "radius"),
    (("now", "a.json", *ASKED), "another result"), (("a.json", "now", *ASKED), "another result"), (("a.json", "b.json"), "no such file"),
    (("a.json", "b.json", *ASKED), "says its own question"), (("a.json", "b.json", "--week"), "says its own question"),
    (("a.json", "b.json", "--format", "geojson"), "no points"), (("now", "now", *ASKED, "--area", "nowhere"), "area"),
    (("now", "now", *ASKED, "--by", "village"), "tier")])
def test_what_cannot_be_compared_is_refused(planned, words, said):
    done = planned("compare", *words)

    assert done.exit_code == 1
    assert done.stdout == ""
    assert said in done.stderr
    zh, en = done.stderr.strip().splitlines()
    assert zh != en


@pytest.mark.parametrize(("content", "said"), [(b"", "not whole JSON"), (b"{", "not whole JSON"), (b"\xff\xfe", "not whole JSON"),
                                               (b"[" * 100_000, "not whole JSON"), (b"[1]", "not a result"), (b'{"query": {}}', "not a result")])
def test_a_file_that_is_no_result_is_refused(planned, tmp_path, content, said):
    (tmp_path / "a.json").write_bytes(content)

    done = planned("compare", str(tmp_path / "a.json"), str(tmp_path / "a.json"))

    assert done.exit_code == 1
    assert said in done.stderr
    assert "a.json" in done.stderr


def test_a_files_example_is_passed_over_and_told_with_its_line_but_not_a_row_that_has_an_id(planned, tmp_path):
    (tmp_path / "p.csv").write_text("id,name,lon,lat\n,示例：某站,116.4,39.9\np1,示例：真的站,116.4,39.9\n", "utf-8")

    done = planned("compare", "now", f"with:{tmp_path / 'p.csv'}", *ASKED, "--format", "json")

    assert done.exit_code == 0
    assert "p.csv:2" in done.stderr
    assert "is an example and was not imported" in done.stderr
    assert "p.csv:3" not in done.stderr
    assert "p.csv 的 1 个点" in done.stdout


@pytest.mark.parametrize(("said", "told"), [((), False), (("--datum", "bd09"), True), (("--datum", "gcj02"), False)])
def test_points_that_say_their_datum_are_read_as_they_say_and_whoever_named_another_is_told(planned, tmp_path, said, told):
    (tmp_path / "p.csv").write_text("id,lon,lat,datum\np1,116.41,39.9,gcj02\n", "utf-8")

    done = planned("compare", "now", f"with:{tmp_path / 'p.csv'}", *said, *ASKED)

    assert done.exit_code == 0
    assert ("GCJ-02" in done.stderr and "--datum bd09" in done.stderr) == told


def test_proposed_points_with_a_wrong_row_end_in_its_line_and_no_answer(planned, tmp_path):
    (tmp_path / "p.csv").write_text("id,lon,lat\np1,116.4,39.9\ns1,116.4,39.9\n", "utf-8")

    done = planned("compare", "now", f"with:{tmp_path / 'p.csv'}", *ASKED)

    assert done.exit_code == 1
    assert "p.csv:3" in done.stderr
    assert done.stdout == ""


def test_who_is_served_at_noon_and_not_at_night(planned):
    found = planned.answer("compare", "at:2026-03-04T12:00", "at:2026-03-04T23:00", *ASKED)

    assert moved(found) == {"gained": 0.0, "lost": 20.0, "covered_before": 20.0, "covered_after": 0.0}
    assert "23:00" in found["after"]["what"]


def test_points_may_be_stated_instead_of_a_file(planned):
    found = planned.answer("compare", "now", "with:116.401,39.900", *ASKED)

    assert found["total"]["gained"] == 30.0
