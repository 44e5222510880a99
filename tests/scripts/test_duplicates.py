"""`nuanxin duplicates`: what is registered twice, with the reasons, and nothing changed."""

from __future__ import annotations

import csv
import io

from tests.scripts.conftest import write_csv

HEADERS = ("名称", "类别", "经度", "纬度", "地址")
TWICE = [("前门暖心小站", "暖心驿站", "116.4001", "39.9001", "前门大街１号"), ("前门驿站", "暖心驿站", "116.4000", "39.9002", "前门大街1号"),
         ("望京母婴关爱室", "母婴关爱室", "116.48", "40.0", "望京街4号")]


def twice(shell, tmp_path):
    done = shell("import", str(write_csv(tmp_path / "twice.csv", TWICE, HEADERS)), "--datum", "wgs84")
    assert done.exit_code == 0, done.output


def test_sites_registered_several_times_come_out_as_one_group_with_reasons(own, tmp_path):
    twice(own, tmp_path)
    version = own.version()

    answer = own.answer("duplicates")

    assert answer["groups"] == 1
    assert {p["name"] for p in answer["pairs"]} | {p["other_name"] for p in answer["pairs"]} == {"前门暖心驿站", "前门暖心小站", "前门驿站"}
    assert all(p["verdict"] in ("same", "likely") and p["distance_m"] < 30 and p["reasons"] for p in answer["pairs"])
    assert own.version() == version


def test_a_table_and_a_csv_say_the_same(own, tmp_path):
    twice(own, tmp_path)

    table = own("--language", "en", "duplicates")
    rows = list(csv.DictReader(io.StringIO(own("duplicates", "--format", "csv").stdout)))

    assert "1 groups, 3 pairs" in table.stderr
    assert table.stdout.count("m apart") == len(rows) == 3


def test_only_one_kind_or_only_what_is_certain(own, tmp_path):
    twice(own, tmp_path)

    assert own.answer("duplicates", "--kind", "母婴室")["pairs"] == []
    assert {p["verdict"] for p in own.answer("duplicates", "--verdict", "same")["pairs"]} <= {"same"}


def test_a_registry_without_duplicates_says_so(own):
    done = own("--language", "en", "duplicates")

    assert (done.exit_code, done.stdout) == (0, "No duplicates found.\n")


def test_an_unknown_kind_is_refused(own):
    assert own("duplicates", "--kind", "warm_statoin").exit_code == 1
