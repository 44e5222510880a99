"""Real offices' files, imported as they are: a mapping of columns is allowed, editing the file is not."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from geodata import export, intake
from geodata.areas import Areas
from geodata.intake import Intake
from locator.errors import BadDatum
from locator.vocabulary import Vocabulary
from tests.real.conftest import shared


@pytest.fixture(scope="module")
def areas() -> Areas:
    return Areas.load()


@pytest.fixture
def read(vocabulary: Vocabulary, areas: Areas):
    def reader(name: str, **options) -> Intake:
        return intake.read(shared(name), vocabulary=vocabulary, areas=areas, **options)

    return reader


ZHENGZHOU = "zhengzhou_union_stations/stations_part_a.csv"
MAPPING = {"row": "source_id", "open_hours_published": "opening_hours", "open_hours_is_inferred": "hours_are_inferred"}


def test_the_41_stations_of_zhengzhou_import_in_their_own_datum_and_lie_where_the_source_says(read):
    found = read(ZHENGZHOU, datum="gcj02", kind="户外劳动者驿站", columns=MAPPING, source="郑州工会")

    with shared(ZHENGZHOU).open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [str(e) for e in found.errors] == []
    assert len(found.sites) == len(rows) == 41
    for site, row in zip(found.sites, rows, strict=True):
        assert (site.source_lon, site.source_datum) == (float(row["gcj02_lon"]), "gcj02")
        assert (site.lon, site.lat) == pytest.approx((float(row["wgs84_lon"]), float(row["wgs84_lat"])), abs=2e-5)  # the source's inverse
        assert site.district_code is None  # 经开区 of another city is not Beijing's


def test_what_zhengzhou_guessed_never_comes_out_as_fact(read):
    mapped = read(ZHENGZHOU, datum="gcj02", kind="warm_station", columns=MAPPING)
    plain = read(ZHENGZHOU, datum="gcj02", kind="warm_station")

    with shared(ZHENGZHOU).open(encoding="utf-8") as stream:
        guessed = [row["open_hours_is_inferred"] == "yes" for row in csv.DictReader(stream)]
    assert [site.basis["hours"] == "inferred" for site in mapped.sites] == guessed
    assert mapped.sites[0].facilities == dict.fromkeys(("water", "cooling", "rest", "charging", "wifi", "first_aid"), "yes")
    assert {site.basis["facilities"] for site in (*mapped.sites, *plain.sites)} == {"inferred"}
    assert [site.basis["hours"] for site in plain.sites] == [site.basis["hours"] for site in mapped.sites]  # its headers say so


def test_a_file_with_two_pairs_asks_which_one(read):
    found = read(ZHENGZHOU, kind="warm_station")

    assert [type(e) for e in found.errors] == [BadDatum]
    assert found.sites == []


def test_the_1181_shelters_import_though_they_have_no_names_and_share_coordinates(read):
    found = read("beijing_shelters/shelters.csv", datum="gcj02", kind="water_point", columns={"sid": "source_id"}, source="shelters")

    assert [str(e) for e in found.errors] == []
    assert len({site.id for site in found.sites}) == 1181
    assert len({(site.lon, site.lat) for site in found.sites}) == 1073
    assert len({site.district_code for site in found.sites} - {None}) == 16
    assert found.sites[0].name == "免费饮水点 bj0"


@pytest.mark.parametrize(("name", "rows"), [("convenience", 54), ("recreation_sports", 41), ("street_management", 44)])
def test_the_facility_files_of_beixinqiao_import(read, areas: Areas, name: str, rows: int):
    found = read(f"beixinqiao_street/{name}_facilities.csv", datum="wgs84", kind="warm_station")

    assert [str(e) for e in found.errors] == []
    assert len({site.id for site in found.sites}) == rows
    assert Counter(site.district_code for site in found.sites)[areas.code("东城区")] >= rows - 2


def test_the_repeated_rows_of_beixinqiao_are_warned_of(read):
    found = read("beixinqiao_street/street_management_facilities.csv", datum="wgs84", kind="warm_station")

    assert sum("imported as one more site" in w.words.en for w in found.warnings) >= 13


def test_the_cafes_import_from_geojson_and_those_that_shut_are_closed(read):
    found = read("beijing_cafes/beijing_cafes_wgs84.geojson", kind="water_point")

    assert [str(e) for e in found.errors] == []
    assert len(found.sites) == 139
    assert Counter(site.status for site in found.sites) == {"active": 132, "closed": 7}
    assert {site.source_datum for site in found.sites} == {"wgs84"}
    assert Counter(site.facilities.get("toilet") for site in found.sites)["yes"] == 4


@pytest.mark.parametrize(("name", "options"), [
    (ZHENGZHOU, {"datum": "gcj02", "columns": MAPPING}), ("beijing_shelters/shelters.csv", {"datum": "gcj02", "columns": {"sid": "source_id"}}),
    ("beixinqiao_street/street_management_facilities.csv", {"datum": "wgs84"}), ("beijing_cafes/beijing_cafes_wgs84.geojson", {})])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".geojson", ".gpkg"])
def test_real_sites_survive_export_and_import_and_importing_twice(read, tmp_path: Path, vocabulary: Vocabulary, areas: Areas, name, options, suffix):
    sites = read(name, kind="warm_station", **options).sites
    held = {site.id: site for site in sites}

    export.write(tmp_path / f"all{suffix}", sites, datum="bd09", vocabulary=vocabulary)
    back = intake.read(tmp_path / f"all{suffix}", vocabulary=vocabulary, areas=areas)

    assert back.sites == sites
    assert read(name, kind="warm_station", existing=held, **options).sites == sites
