"""What real offices' files repeat, in themselves and of one another; the files as they are."""

from __future__ import annotations

import csv
from collections import Counter

import geopandas
import pytest

from geodata import intake, matching
from geodata.areas import Areas
from geodata.intake import Intake
from locator.sites import Site
from locator.vocabulary import Vocabulary
from tests.real.conftest import shared

MANAGEMENT = "beixinqiao_street/street_management_facilities.csv"
FILES = (MANAGEMENT, "beixinqiao_street/convenience_facilities.csv", "beixinqiao_street/recreation_sports_facilities.csv")


@pytest.fixture(scope="module")
def areas() -> Areas:
    return Areas.load()


@pytest.fixture
def read(vocabulary: Vocabulary, areas: Areas):
    def reader(name: str, match: str = matching.REPORT, **options) -> Intake:
        return intake.read(shared(name), vocabulary=vocabulary, areas=areas, match=match,
                           **{"datum": "wgs84", "kind": "warm_station", "existing": {}, **options})

    return reader


def test_of_the_management_rows_that_share_name_and_address_every_later_one_is_reported_at_its_line(read):
    found = read(MANAGEMENT)

    with shared(MANAGEMENT).open(encoding="utf-8") as stream:
        rows = [(row["name"], row["address"]) for row in csv.DictReader(stream)]
    shared_by = Counter(row for row in rows if row != ("", "") and row[1])
    repeated = {line for line, row in enumerate(rows, 2) if shared_by[row] > 1 and row in rows[:line - 2]}
    assert sum(count for count in shared_by.values() if count > 1) == 26
    assert {m.line for m in found.matches if m.verdict == "same"} == repeated
    assert len(found.sites) == 44  # reported, never refused


def test_rows_without_a_name_are_never_more_than_possible_duplicates(read):
    found = read(MANAGEMENT)

    nameless = {line for line, site in zip(found.lines, found.sites, strict=True) if site.name.startswith("暖心驿站")}
    assert len(nameless) == 10
    assert {m.verdict for m in found.matches if m.line in nameless} <= {"possible"}


def test_the_community_spelled_one_way_in_the_outlines_and_another_in_the_list_is_found(read):
    outlines = geopandas.read_file(shared("beixinqiao_street/beixinqiao_communities_wgs84.geojson"))
    held = {f"c{i}": Site(id=f"c{i}", name=f"{name}社区服务站", kind="warm_station", lon=point.x, lat=point.y)
            for i, (name, point) in enumerate(zip(outlines.iloc[:, outlines.columns.get_loc(_name_column(outlines))], outlines.representative_point(),
                                                  strict=True))}

    found = read(MANAGEMENT, existing=held)

    spelled = {m.name for m in found.matches if m.site_id is not None and "官厅" in found.sites[found.lines.index(m.line)].name}
    assert any("北宫厅" in name for name in spelled)


def _name_column(outlines) -> str:
    return next(column for column in outlines.columns if outlines[column].astype(str).str.contains("北宫厅").any())


def test_two_starbucks_of_one_street_are_two_places(read):
    found = read("beijing_cafes/beijing_cafes_wgs84.geojson", kind="water_point", datum=None)

    assert {m.line for m in found.matches if m.verdict in ("same", "likely")} <= {105}


@pytest.mark.parametrize("match", matching.MODES)
def test_importing_every_file_of_the_street_twice_changes_nothing(read, match):
    held: dict[str, Site] = {}
    for _ in range(2):
        before = dict(held)
        for name in FILES:
            held |= {site.id: site for site in read(name, match, existing=held).sites}

    assert held == before
    assert len(held) <= 139


def test_the_shelters_that_their_source_numbers_apart_are_not_called_duplicates(read):
    assert read("beijing_shelters/shelters.csv", datum="gcj02", kind="water_point", columns={"sid": "source_id"}, source="shelters").matches == []
