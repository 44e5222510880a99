"""Real offices' files, imported as they are: a mapping of columns is allowed, editing the file is not."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from geodata import export, intake
from geodata.areas import Areas
from geodata.intake import Intake
from locator.datum import from_wgs84
from locator.vocabulary import Vocabulary
from scripts import bench_evidence
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


@pytest.mark.parametrize(("name", "datum", "rows"), [
    (ZHENGZHOU, "gcj02", 41), ("beijing_shelters/shelters.csv", "gcj02", 1181), ("beixinqiao_street/convenience_facilities.csv", "wgs84", 54),
    ("beixinqiao_street/recreation_sports_facilities.csv", "wgs84", 41), ("beixinqiao_street/street_management_facilities.csv", "wgs84", 44)])
def test_the_vector_between_two_real_pairs_bears_out_their_headers_and_the_first_is_taken(read, name, datum, rows):
    found = read(name, kind="warm_station")

    assert [str(e) for e in found.errors] == []
    assert (found.datum, found.evidence.by, found.evidence.agreement.rows) == (datum, "pairs", rows)
    assert len(found.sites) == rows


@pytest.mark.parametrize(("name", "rows", "most"), [("convenience", 1, "11.7"), ("recreation_sports", 6, "108"), ("street_management", 0, None)])
def test_rows_of_beixinqiao_whose_two_pairs_are_more_than_5_m_apart_are_listed_with_the_metres(read, name, rows, most):
    found = read(f"beixinqiao_street/{name}_facilities.csv", kind="warm_station")

    apart = [re.search(r"the two pairs are ([0-9.]+) m apart; wgs84_lon、wgs84_lat \(WGS-84\) was taken", w.words.en) for w in found.warnings]
    metres = sorted((float(m[1]) for m in apart if m), reverse=True)
    assert len(metres) == rows
    if most is not None:
        assert str(metres[0]).startswith(most)


def test_no_file_over_the_newer_real_district_borders_is_decided_wrongly(areas: Areas):
    outlines = shared("beijing_districts/beijing_districts_wgs84.geojson")
    cases = bench_evidence.CASES[2::2]  # 270 files

    found = [(case, seen.decision) for case, seen in bench_evidence.simulate(
        cases, areas=areas, worlds=bench_evidence.worlds_of(areas, outlines=outlines), seed=3)]

    assert [(case, decision) for case, decision in found if decision not in (None, case.datum)] == []
    assert sum(decision is not None for _, decision in found) > 40


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_the_shelters_districts_of_the_newer_borders_decide_each_datum(tmp_path: Path, vocabulary: Vocabulary, areas: Areas, datum: str):
    """The points are real, their districts those of other outlines than ours."""
    with shared("beijing_shelters/shelters.csv").open(encoding="utf-8") as stream:
        true = np.array([(float(row["wgs84_lon"]), float(row["wgs84_lat"])) for row in csv.DictReader(stream)])
    codes = bench_evidence.outlined(shared("beijing_districts/beijing_districts_wgs84.geojson"))(true)
    lines = [f"{lon:.6f},{lat:.6f},{code}" for (lon, lat), code in zip(from_wgs84(true, datum).tolist(), codes, strict=True)]
    (tmp_path / "a.csv").write_text("经度,纬度,区\n" + "\n".join(lines) + "\n", "utf-8")

    found = intake.read(tmp_path / "a.csv", vocabulary=vocabulary, areas=areas, kind="water_point")

    assert (found.datum, found.evidence.by) == (datum, "votes")


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
