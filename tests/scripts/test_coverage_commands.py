"""`nuanxin coverage` and `nuanxin gaps`: answers in every format, files, and what they refuse."""

from __future__ import annotations

import csv
import io
import json
import shutil

import numpy as np
import openpyxl
import pyogrio
import pytest

from geodata import streets
from locator import earth
from locator.network import Network
from tests.scripts.conftest import Shell

LINE = {"code", "name", "people", "covered", "coverage_share", "area_km2", "covered_km2", "area_share", "median_m", "p90_m", "sites"}
GAP = {"rank", "people", "area_km2", "lon", "lat", "farthest_m", "area_code", "geometry"}


@pytest.fixture(scope="module")
def planned(own_registry, tmp_path_factory):
    """Return commands over a few sites and a few people: the census would take seconds."""
    folder = tmp_path_factory.mktemp("planned")
    shutil.copytree(own_registry, folder / "home")
    people = folder / "people.csv"
    people.write_text("lon,lat,people\n116.401,39.900,30\n116.30,39.95,20\n116.48,40.00,50\n", "utf-8")
    shell = Shell(folder / "home")
    done = shell("demand", "build", str(people), "--source", "试点", "--date", "2026-01")
    assert done.exit_code == 0, done.output
    return shell


def test_coverage_answers_each_district_and_all(planned):
    found = planned.answer("coverage", "--radius", "1000", "--by", "district")

    assert len(found["areas"]) == 17
    assert all(set(line) >= LINE for line in [*found["areas"], found["total"]])
    assert found["total"]["people"] == 100
    assert found["total"]["covered"] == sum(line["covered"] or 0 for line in found["areas"])
    assert found["demand_source"]["source"].startswith("试点")
    assert found["demand_source"]["date"] == "2026-01"
    (zone,) = [line for line in found["areas"] if line["code"] == "110302"]
    assert (zone["people"], zone["coverage_share"]) == (None, None)


def test_an_area_of_ones_own_across_districts_counts_its_people_and_sites_without_a_parent(planned, tmp_path):
    shutil.copytree(planned.home, tmp_path / "home")
    own = Shell(tmp_path / "home")
    ring = [[116.29, 39.89], [116.415, 39.89], [116.415, 39.96], [116.29, 39.96], [116.29, 39.89]]
    feature = {"type": "Feature", "properties": {"code": "free", "name": "片区"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    (tmp_path / "own.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    districts = own.answer("coverage", "--radius", "300", "--by", "district")
    assert own("areas", "load", str(tmp_path / "own.geojson")).exit_code == 0

    (line,) = own.answer("coverage", "--radius", "300", "--area", "free")["areas"]

    assert (line["people"], line["sites"], line["note"]) == (50, 2, None)
    assert own.answer("gaps", "--radius", "300", "--area", "free")["people"] == line["people"] - line["covered"]
    assert own.answer("coverage", "--radius", "300", "--by", "district")["areas"] == districts["areas"]


def test_gaps_by_streets_that_nobody_drew_are_those_of_their_district(planned):
    total = planned.answer("coverage", "--radius", "500", "--area", "110108", "--by", "street")["total"]
    found = planned.answer("gaps", "--radius", "500", "--area", "110108", "--by", "street")

    assert found["people"] == total["people"] - total["covered"] > 0
    assert found["gaps"] == planned.answer("gaps", "--radius", "500", "--area", "110108")["gaps"]


def test_with_hours_every_covered_figure_comes_twice_and_a_week_has_168(planned):
    found = planned.answer("coverage", "--radius", "1000", "--week")["areas"][0]

    assert len(found["by_hour"]) == len(found["by_hour_if_unknown_open"]) == 168
    for name in ("covered", "coverage_share", "covered_km2", "area_share", "median_m", "p90_m"):
        assert name in found
        assert f"{name}_if_unknown_open" in found
    assert "covered_if_unknown_open" not in planned.answer("coverage", "--radius", "1000")["total"]


def test_the_table_shows_a_line_an_area_and_a_week_as_seven_lines_of_marks(planned):
    done = planned("coverage", "--radius", "1000", "--by", "district", "--week")

    assert "西城区" in done.stdout
    assert "合计" in done.stdout
    week = [line for line in done.stdout.splitlines() if line[:1] in set("一二三四五六日") and line[1:3] == "  "]
    assert [len(line) for line in week] == [27] * 7
    assert "没有边界" in done.stderr
    assert "试点" in done.stderr


def test_coverage_as_csv_and_geojson(planned):
    rows = list(csv.DictReader(io.StringIO(planned("coverage", "--radius", "1000", "--by", "district", "--format", "csv").stdout)))
    shapes = json.loads(planned("coverage", "--radius", "1000", "--by", "district", "--format", "geojson").stdout)

    assert len(rows) == len(shapes["features"]) == 17
    assert float(rows[0]["people"]) >= 0
    assert {feature["geometry"]["type"] if feature["geometry"] else None for feature in shapes["features"]} <= {"Polygon", "MultiPolygon", None}
    assert shapes["total"]["people"] == 100


def test_gaps_are_ranked_by_people_and_hold_whoever_is_not_covered(planned):
    found = planned.answer("gaps", "--radius", "1000", "--by", "district")
    covered = planned.answer("coverage", "--radius", "1000")["total"]["covered"]

    assert set(found["gaps"][0]) >= GAP
    assert [gap["rank"] for gap in found["gaps"]] == list(range(1, len(found["gaps"]) + 1))
    assert found["people"] == sum(gap["people"] for gap in found["gaps"]) == 100 - covered
    assert found["emptiest_circle"]["radius_m"] > 10_000
    assert len(found["emptiest_circles"]) == 17  # 16 districts, and the city
    assert "怀柔区" in planned("gaps", "--radius", "1000", "--by", "district").stdout.partition("方圆没有站点")[2]
    assert planned.answer("gaps", "--radius", "1000", "--by", "district", "--top", "2")["gaps"] == found["gaps"][:2]


def test_gaps_of_several_sites_hold_whomever_fewer_reach_and_say_of_which_site_the_metres_are(planned):
    found = planned.answer("gaps", "--radius", "1000", "--fold", "2")
    total = planned.answer("coverage", "--radius", "1000", "--fold", "2")["total"]
    done = planned("gaps", "--radius", "1000", "--fold", "2")

    assert found["people"] == total["people"] - total["covered"] >= planned.answer("gaps", "--radius", "1000")["people"]
    assert sum(gap["area_km2"] for gap in found["gaps"]) == pytest.approx(total["area_km2"] - total["covered_km2"])
    assert found["gaps"][0]["nearest_site"]["nth"] == 2
    assert "最远点到第 2 近站点" in done.stdout
    assert "只看最近的一个站点" in done.stderr
    (nowhere,) = planned.answer("gaps", "--radius", "1000", "--fold", "50")["gaps"]
    assert (nowhere["people"], nowhere["farthest_m"], nowhere["nearest_site"]) == (100, None, None)
    assert "处交叉覆盖不足的地方" in planned("gaps", "--radius", "1000", "--fold", "2", "--out", str(planned.home.parent / "two.geojson")).stderr
    assert "至少 2 个站点够得着" in planned("gaps", "--radius", "100000", "--fold", "2", "--area", "110101").stdout


@pytest.mark.parametrize(("words", "layer", "count"), [(("gaps", "--top", "3"), "gaps", 3), (("coverage",), "areas", 17)])
@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".xlsx"])
def test_answers_go_to_a_file_of_each_sort_and_replace_what_was_there(planned, tmp_path, suffix, words, layer, count):
    file = tmp_path / f"answer{suffix}"
    file.write_text("older")

    done = planned(*words, "--radius", "1000", "--by", "district", "--out", str(file))

    assert done.exit_code == 0, done.output
    if suffix == ".xlsx":
        book = openpyxl.load_workbook(file)
        (name,) = [name for name in book.sheetnames if name.endswith(layer)]
        assert book[name].max_row == count + (2 if layer == "areas" else 1)  # the areas have a total
        told = {row[0].value: row[1].value for row in book["方法 method"].iter_rows()}
        assert told["人口来源 people"].startswith("试点")
        assert told["服务半径（米） service radius, metres"] == 1000
        assert book["站点 sites"].max_row == 5
    elif suffix == ".gpkg":
        names = {name for name, _ in pyogrio.list_layers(file)}
        assert names >= {layer, "sites", "method", "layer_styles"}
        assert len(pyogrio.read_dataframe(file, layer=layer)) == count
    else:
        features = json.loads(file.read_text("utf-8"))["features"]
        assert [feature["properties"]["layer"] for feature in features].count(layer) == count


@pytest.mark.parametrize("command", ["coverage", "gaps"])
def test_minutes_without_a_network_are_the_straight_line_and_a_quarter_and_say_so(planned, command):
    walk, line = planned.answer(command, "--walk", "15"), planned.answer(command, "--radius", "1000")  # 1,250 m on foot
    done = planned(command, "--walk", "15")

    assert walk["basis"] == "straight"
    assert (walk.get("people"), walk.get("total", {}).get("covered")) == (line.get("people"), line.get("total", {}).get("covered"))
    assert "步行按直线距离 × 1.25 估算" in done.stderr


@pytest.fixture(scope="module")
def on_streets(planned, tmp_path_factory):
    """Return the same with a network: one street near the first of the people."""
    folder = tmp_path_factory.mktemp("on_streets")
    shutil.copytree(planned.home, folder / "home")
    nodes = np.array([(116.395, 39.900), (116.405, 39.900)])
    network = Network(nodes, np.array([(0, 1)], np.int32), earth.geodesic_m(nodes[:1], nodes[1:]))
    about = streets.About("a street", "0" * 64, "v", "2026-01-01", 2, 1, 0.9, {"residential": 0.9}, (116.395, 39.9, 116.405, 39.9), 0, 0.0, ())
    streets.store(streets.Built(network, about), folder / "home")
    return Shell(folder / "home")


def test_gaps_of_a_walk_go_along_the_streets_that_there_are_and_say_for_whom_there_are_none(on_streets):
    found = on_streets.answer("gaps", "--walk", "15", "--by", "district")
    total = on_streets.answer("coverage", "--walk", "15", "--by", "district")["total"]

    assert (found["basis"], found["query"]["tolerance_m"]) == ("network", 25)
    assert found["people"] == total["people"] - total["covered"]
    assert found["estimated_people"] == total["estimated_people"] == 70
    assert 0 < total["area_km2"] - found["estimated_km2"] < 2
    assert {gap["farthest_basis"] for gap in found["gaps"]} == {"estimate"}
    done = on_streets("gaps", "--walk", "15", "--by", "district")
    assert "沿路网" in done.stderr
    assert "70 人" in done.stderr
    assert "估算" in done.stdout


@pytest.mark.parametrize("suffix", [".gpkg", ".xlsx"])
def test_a_file_of_gaps_says_along_what_they_are_walked_and_how_far_edges_may_be_from_the_true_ones(on_streets, tmp_path, suffix):
    file = tmp_path / f"gaps{suffix}"

    on_streets("gaps", "--walk", "15", "--by", "district", "--out", str(file))

    if suffix == ".xlsx":
        told = {row[0]: row[1] for row in openpyxl.load_workbook(file)["方法 method"].iter_rows(values_only=True)}
    else:
        told = {" ".join(map(str, row[:-1])): row[-1] for row in pyogrio.read_dataframe(file, layer="method").itertuples(index=False)}
        assert set(pyogrio.read_dataframe(file, layer="gaps")["farthest_basis"]) == {"estimate"}
    [edges] = [said for what, said in told.items() if "along streets: farthest from the true ones" in what]
    [people] = [said for what, said in told.items() if "people estimated" in what]
    assert (float(edges), float(people)) == (25, 70)


@pytest.mark.parametrize(("words", "said"), [
    (("coverage", "--radius", "1e7"), "radius '1e7': "), (("coverage", "--radius", "0"), "radius '0': "),
    (("coverage", "--walk", "1e3"), "walk '1e3': "), (("coverage", "--radius", "500", "--fold", "007000"), "fold '007000': "),
    (("gaps", "--radius", "500", "--tolerance", "-1"), "tolerance '-1': "), (("gaps", "--radius", "500", "--top", "00"), "top '00': "),
])
def test_a_refusal_quotes_what_was_typed_and_not_what_it_reads_as(planned, words, said):
    done = planned(*words)

    assert done.exit_code == 1
    assert said in done.stderr


@pytest.mark.parametrize("asked", [("--radius", "500"), ("--walk", "15"), ("--radius", "500", "--fold", "2")])
def test_a_registry_without_sites_covers_nothing_and_no_less_than_nothing(empty, tmp_path, asked):
    people = tmp_path / "people.csv"
    people.write_text("lon,lat,people\n116.401,39.900,30\n116.30,39.95,20\n", "utf-8")
    assert empty("demand", "build", str(people), "--source", "试点").exit_code == 0

    done = empty("coverage", *asked, "--by", "district")

    assert "0.0%" in done.stdout
    assert "-0" not in done.stdout
    assert all(line["covered_km2"] in (0, None) for line in empty.answer("coverage", *asked, "--by", "district")["areas"])


@pytest.mark.parametrize(("words", "said"), [
    (("coverage", "--radius", "0"), "above 0"), (("coverage", "--radius", "-5"), "above 0"),
    (("coverage", "--radius", "10000000"), "at most 100,000"),
    (("coverage",), "one of the two"), (("coverage", "--radius", "500", "--walk", "5"), "one of the two"),
    (("coverage", "--radius", "500", "--area", "nowhere-at-all"), "no such area"),
    (("coverage", "--radius", "500", "--by", "village"), "no area of this tier"),
    (("coverage", "--radius", "500", "--fold", "0"), "fold"), (("coverage", "--radius", "500", "--demand", "nobody"), "nobody"),
    (("gaps", "--radius", "500", "--area", "110302"), "has no outline"), (("gaps", "--radius", "500", "--fold", "2", "--week"), "by the hour"),
    (("gaps", "--radius", "500", "--tolerance", "0"), "tolerance"), (("gaps", "--radius", "500", "--top", "0"), "top"),
    (("gaps", "--radius", "500", "--out", "gaps.pdf"), "must end in"),
    (("gaps", "--radius", "500", "--out", "no/such/folder.gpkg"), "no such folder"),
    (("coverage", "--radius", "500", "--out", "coverage.csv"), "must end in"),
])
def test_what_cannot_be_answered_is_refused_in_one_sentence(planned, words, said):
    done = planned(*words)

    assert done.exit_code == 1
    assert said in done.stderr
    assert done.stdout == ""
