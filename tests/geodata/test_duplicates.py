"""Is this record one we already have: at entry, in a file, over the whole registry."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import calendar, demo, duplicates, readings, vocabulary
from geodata.areas import Areas
from geodata.profiles import Profiles, radius_m, table
from locator.atlas import Atlas
from locator.columns import TextColumn
from locator.earth import geodesic_m
from locator.sameness import compare
from locator.sites import Site, Sites
from scripts import bench_duplicates

METRE_NORTH = 1 / 111_000


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    return Profiles(vocabulary.load(), Areas.load().tree)


def station(north_m: float | None = 0.0, name="东城区北新桥街道北官厅社区服务站暖心驿站", **fields):
    lonlat = {} if north_m is None else {"lon": 116.42, "lat": 39.94 + north_m * METRE_NORTH}
    return Site(**{"id": "s", "name": name, "kind": "warm_station", **lonlat, **fields})


@pytest.fixture
def told(profiles):
    """Return the verdict about two records, None where they are two sites."""
    def verdict(a: Site, b: Site):
        found = duplicates.between([profiles.of(a)], [profiles.of(b)])
        return found[0].verdict if found else None

    return verdict


# --- what is one site -------------------------------------------------------------------------------


def test_the_same_name_and_address_a_few_metres_away_is_the_same_site(told):
    assert told(station(address="北小街8号"), station(12, address="北京市东城区北新桥街道北小街８号")) == "same"


@pytest.mark.parametrize("name", ["北宫厅社区服务站", "北官厅社区服务站", "bei guan ting she qu fu wu zhan nuan xin yi zhan",
                                  "beiguantingshequfuwuzhan",
                                  "北关厅社区服务站暖心驿站", "北官厅社区服务站户外劳动者驿站（已验收）", "北官厅社区服务站暖新驿站"])
def test_a_slip_a_homophone_or_pinyin_in_the_name_is_no_other_site(told, name):
    assert told(station(), station(40, name)) in ("same", "likely")


def test_a_renamed_host_in_the_same_house_is_likely_the_same_site(told):
    a = station(0, "新顺街同德银行支行暖心驿站", address="新顺街180号院")

    assert told(a, station(60, "新顺街华京银行支行暖心驿站", address="新顺街180号院")) == "likely"


def test_the_next_house_number_is_another_site_however_alike_the_names(told):
    a = station(0, "龙鼎园社区活动室户外劳动者暖心驿站", address="龙鼎园19号楼")

    assert told(a, station(30, "龙鼎园社区活动室工会暖心驿站", address="龙鼎园11号楼")) in (None, "possible")


def test_numbers_in_names_tell_two_sites_apart(told):
    assert told(station(0, "国贸商城暖心驿站（一）"), station(30, "国贸商城暖心驿站（二）")) in (None, "possible")


def test_two_kinds_in_one_building_are_two_sites(told):
    assert told(station(), station(0, kind="mother_baby_room")) is None


def test_a_room_inside_a_site_is_not_that_site(told):
    assert told(station(id="a"), station(5, id="b", parent_id="a")) is None


def test_two_stations_thirty_metres_apart_in_one_mall_may_both_be_real(told):
    assert told(station(0, "万达广场百货商场暖心驿站"), station(30, "万达广场合生药店暖心驿站")) in (None, "possible")


def test_rows_without_name_and_address_at_one_spot_are_possible_and_no_more(told):
    assert told(station(0, "暖心驿站"), station(2, "暖心驿站")) == "possible"


def test_a_record_without_coordinates_is_found_by_name_address_phone_or_code(told):
    a = station(station_code="D1", phone="010-65123456", address="北小街8号")

    assert told(station(None), a) in ("same", "likely")
    assert told(station(None, "别的名称", address="东城区北小街8号", phone="6512 3456"), a) in ("same", "likely")
    assert told(station(None, "", station_code="D1"), a) == "same"


def test_one_code_is_one_site_wherever_it_is_said_to_be(told):
    assert told(station(station_code="D1"), station(5_000, "改了名的", station_code="D1")) in ("same", "likely")


def test_the_same_name_kilometres_away_is_not_likely_the_same_site(told):
    assert told(station(), station(6_000)) in (None, "possible")


def test_a_second_centre_of_one_district_is_suspicious_however_far(told):
    a, b = (station(north, "职工服务中心", kind="service_centre", district_code="110101") for north in (0, 1_200))

    assert told(a, dataclasses.replace(b, name="东城区职工服务中心")) is None
    assert told(dataclasses.replace(a, name="东城区工会服务中心"), dataclasses.replace(b, name="东城区职工服务中心")) in ("possible", "likely")
    assert told(dataclasses.replace(a, name="东城区工会服务中心", district_code=None),
                dataclasses.replace(b, name="西城区职工服务中心", district_code="110102")) is None


def test_a_source_that_numbers_two_rows_apart_is_believed(told):
    a, b = (station(n, "暖心驿站", source="某区", source_id=str(n)) for n in (1, 2))

    assert told(a, b) is None


def test_every_reason_is_told_in_both_languages_the_weightiest_first(profiles):
    (match,) = duplicates.between([profiles.of(station(address="北小街8号", phone="65123456"))],
                                  [profiles.of(station(12, address="北小街8号", phone="010-65123456"))])

    assert match.distance_m == pytest.approx(12, abs=0.1)
    assert [r.about for r in match.reasons] == ["name", "address", "phone", "distance"]
    assert match.reasons[-1].words.en == "12 m apart"
    assert match.bits == pytest.approx(-2.5 + sum(r.bits for r in match.reasons))


def test_every_kind_of_the_shipped_vocabulary_has_a_radius_of_its_own_or_the_default():
    assert set(table()["radius_m"]) - {"default"} == set(vocabulary.load().terms("kind"))
    assert radius_m("a kind an operator added") == table()["radius_m"]["default"]


# --- where it looks ---------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(where=st.lists(st.tuples(st.integers(0, 400), st.sampled_from(["warm_station", "water_point"]), st.sampled_from(["甲村东里", "乙庄西园"])),
                      min_size=1, max_size=12))
def test_near_records_are_found_as_by_comparing_every_pair(profiles, where):
    sites = [station(north, name, kind=kind) for north, kind, name in where]
    known = profiles.of_all(sites)

    found = {(m.row, m.other) for m in duplicates.among(known) if m.verdict != "possible"}

    every = {(i, j) for i in range(len(sites)) for j in range(i)}
    weighed = {pair: compare([known[pair[0]]], [known[pair[1]]], np.array([geodesic_m(
        np.array([sites[pair[0]].lon, sites[pair[0]].lat]), np.array([[sites[pair[1]].lon, sites[pair[1]].lat]]))[0]]),
        np.array([radius_m(sites[pair[0]].kind)])).bits[0] for pair in every}
    likely = {pair for pair, bits in weighed.items() if bits >= 3.0}
    best = {(i, j) for i, j in likely if sum(weighed[i, k] >= weighed[i, j] for k in range(i)) <= duplicates.MOST_KEPT}
    assert best <= found <= likely


def test_ten_thousand_rows_at_one_spot_are_bounded_work(profiles):
    rows = [profiles.of(station(0, f"第{i}站")) for i in range(3)] * 1000

    found = duplicates.among(rows)

    assert len(found) <= duplicates.MOST_KEPT * len(rows)
    assert {m.row for m in found} >= set(range(100, 3000))


def test_records_that_are_one_site_come_out_as_one_group(profiles):
    sites = [station(0), station(900), station(10), station(905), station(20), station(3_000, "别处")]

    assert duplicates.groups(duplicates.among(profiles.of_all(sites))) == [[0, 2, 4], [1, 3]]


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    sites = list(demo.sites(vocabulary.load(), Areas.load()))[:6000:3]
    words = vocabulary.load()
    return Atlas(Sites.of(sites, words), vocabulary=words, calendar=calendar.load(), areas=Areas.load().tree, places=(), version=1,
                 readings=TextColumn.of(readings.of_names(s.name, s.aliases) for s in sites), as_of=datetime(2026, 3, 4, tzinfo=UTC))


def test_what_is_typed_is_compared_as_a_row_of_a_file_is(profiles, atlas):
    sites = list(atlas.sites)
    known = profiles.of_all(sites)
    for site in sites[::97]:
        record = profiles.of(dataclasses.replace(site, id="", station_code=None, lat=site.lat + 30 * METRE_NORTH))

        typed = [(m.other, m.verdict) for m in duplicates.of_record(record, atlas, profiles) if m.verdict != "possible"]
        of_a_file = [(m.other, m.verdict) for m in duplicates.between([record], known) if m.verdict != "possible"]

        assert typed == of_a_file
        assert sites[typed[0][0]].id == site.id


def test_the_site_that_is_being_edited_is_no_duplicate_of_itself(profiles, atlas):
    site = atlas.sites.site(5)

    assert site.id not in {atlas.sites.value("id", m.other) for m in duplicates.of_record(profiles.of(site), atlas, profiles)}


def test_what_is_typed_without_a_place_is_found_by_name_code_or_phone(profiles, atlas):
    site = atlas.sites.site(11)

    by_name = duplicates.of_record(profiles.of_values({"name": site.name, "kind": site.kind}, None), atlas, profiles)
    by_code = duplicates.of_record(profiles.of_values({"station_code": site.station_code, "kind": site.kind}, None), atlas, profiles)
    nothing = duplicates.of_record(profiles.of_values({}, None), atlas, profiles)

    assert by_name[0].other == by_code[0].other == 11
    assert nothing == []


# --- how well ---------------------------------------------------------------------------------------


def test_precision_and_recall_on_a_corrupted_demonstration_are_above_95_percent(capsys):
    for found in bench_duplicates.judge(11, most=6000):
        assert found.precision >= 0.95
        assert found.recall >= 0.95
        assert found.right > 1000
