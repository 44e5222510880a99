"""Every point file of real offices and collectors, imported unedited and unmapped, with what its origin warns of."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from geodata import intake
from geodata.areas import Areas
from geodata.intake import Intake
from locator.filters import Filters, matching
from locator.sites import Sites
from locator.vocabulary import Vocabulary
from tests.real.conftest import shared

ZHENGZHOU = "zhengzhou_union_stations/stations_part_a.csv"
SHELTERS = "beijing_shelters/shelters.csv"
CAFES = "beijing_cafes/beijing_cafes_wgs84.geojson"
BEIXINQIAO = [f"beixinqiao_street/{name}_facilities.csv" for name in ("convenience", "recreation_sports", "street_management")]


@pytest.fixture(scope="module")
def areas() -> Areas:
    return Areas.load()


@pytest.fixture
def read(vocabulary: Vocabulary, areas: Areas):
    def reader(path: Path, **options) -> Intake:
        found = intake.read(path, vocabulary=vocabulary, areas=areas, kind="warm_station", **options)
        assert [str(e) for e in found.errors] == []
        return found

    return reader


def records(name: str) -> list[dict[str, str]]:
    with shared(name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_what_zhengzhou_guessed_is_known_as_guessed_by_its_headers_alone(read, vocabulary: Vocabulary):
    found = read(shared(ZHENGZHOU), datum="gcj02")

    rows = records(ZHENGZHOU)
    assert len(found.sites) == len(rows) == 41
    for site, row in zip(found.sites, rows, strict=True):
        assert site.basis == {"hours": "inferred" if row["open_hours_is_inferred"] == "yes" else "stated", "facilities": "inferred"}
        assert site.timetable.inferred == (row["open_hours_is_inferred"] == "yes")
    table = Sites.of(found.sites, vocabulary)
    for code in vocabulary.terms("facility"):
        assert not matching(Filters(facilities=(code,)), table).any()
    assert all(table.known_facilities(row) == {} for row in range(41))


def test_no_guess_of_zhengzhou_is_lost_either(read):
    found = read(shared(ZHENGZHOU), datum="gcj02")

    words = {"drink": "water", "ac": "cooling", "seat": "rest", "charging": "charging", "wifi": "wifi", "first_aid": "first_aid"}
    for site, row in zip(found.sites, records(ZHENGZHOU), strict=True):
        assert set(site.facilities) == {words[word] for word in row["facilities_inferred"].split("|") if word in words}
        assert set(row["facilities_inferred"].split("|")) <= {*words, ""} or any("facilities" in w.field for w in found.warnings)


def test_vague_districts_of_another_city_are_told_and_never_taken_for_beijings(read):
    found = read(shared(ZHENGZHOU), datum="gcj02")

    assert {site.district_code for site in found.sites} == {None}
    told = {str(w.value) for w in found.warnings if "district" in w.field}
    assert {"高新区", "经开区"} & {row["district"] for row in records(ZHENGZHOU)} <= told


def test_the_shelters_need_no_mapping_and_the_108_shared_places_stay_apart(read):
    found = read(shared(SHELTERS), datum="gcj02", source="shelters")

    rows = records(SHELTERS)
    assert [site.source_id for site in found.sites] == [row["sid"] for row in rows]
    places = Counter((site.source_lon, site.source_lat) for site in found.sites)
    assert (len(found.sites), len(places), len({site.id for site in found.sites})) == (1181, 1073, 1181)
    assert all(site.name for site in found.sites)
    assert [w.value for w in found.warnings if w.field == "name"] == [None]  # that they have none is told once


def test_the_cafes_that_have_shut_are_closed_and_the_others_keep_their_words(read):
    found = read(shared(CAFES))

    features = json.loads(shared(CAFES).read_text("utf-8"))["features"]
    for site, feature in zip(found.sites, features, strict=True):
        said = feature["properties"]
        assert (site.status == "closed") == (said.get("营业状态") == "停业") or said.get("营业状态") not in (None, "停业", "营业")
        assert (site.source_lon, site.source_lat) == tuple(feature["geometry"]["coordinates"])
        assert site.name == said["名称"].strip()
        if "营业时间" in said:
            assert said["营业时间"].strip() in (site.hours_text, site.opening_hours)
    assert Counter(site.status for site in found.sites)["closed"] == 7


@pytest.mark.parametrize("name", BEIXINQIAO)
@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_each_pair_of_beixinqiao_is_read_as_the_one_asked_for_and_kept(read, name: str, datum: str):
    found = read(shared(name), datum=datum)

    for site, row in zip(found.sites, records(name), strict=True):
        assert (site.source_lon, site.source_lat, site.source_datum) == (float(row[f"{datum}_lon"]), float(row[f"{datum}_lat"]), datum)
        assert site.address == (row["address"].strip() or None)


def test_a_name_that_another_file_writes_otherwise_stays_as_it_was_written(read):
    names = [site.name for site in read(shared(BEIXINQIAO[2]), datum="wgs84").sites]

    assert sum("北官厅" in name for name in names) == sum("北官厅" in row["name"] for row in records(BEIXINQIAO[2])) > 0
    assert not any("北宫厅" in name for name in names)


@pytest.mark.parametrize("name", [ZHENGZHOU, SHELTERS, *BEIXINQIAO])
def test_a_real_file_means_the_same_in_every_form_an_office_may_save_it(read, tmp_path: Path, name: str):
    with shared(name).open(encoding="utf-8", newline="") as stream:
        lines = list(csv.reader(stream))
    forms = [tmp_path / "gbk.csv", tmp_path / "tabs.txt", tmp_path / "titled.xlsx"]
    with forms[0].open("w", encoding="gb18030", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows(lines)
    with forms[1].open("w", encoding="utf-16", newline="") as stream:  # Excel's "Unicode text"
        csv.writer(stream, delimiter="\t").writerows(lines)
    book = openpyxl.Workbook()
    for row in (["站点汇总表"], [], *lines):
        book.active.append(row)
    book.active.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(lines[0]))
    book.save(forms[2])

    plain = read(shared(name), datum="gcj02").sites

    assert all(read(form, datum="gcj02").sites == plain for form in forms)
