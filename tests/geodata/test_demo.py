from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import demo, vocabulary
from geodata.areas import Areas, census
from geodata.demo.ground import Ground
from geodata.demo.quotas import cells, shares, spread
from locator.errors import UnknownCode
from locator.hours import check_expression
from locator.sites import FIELDS, Sites
from locator.vocabulary import Vocabulary

DIGEST = """
import hashlib
from geodata import demo, vocabulary
from geodata.areas import Areas
print(hashlib.sha256(repr(list(demo.sites(vocabulary.load(), Areas.load()))[::10]).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def areas():
    return Areas.load()


@pytest.fixture(scope="module")
def sites(areas):
    return list(demo.sites(vocabulary.load(), areas))


def the_site(sites, name):
    return next(site for site in sites if site.name == name)


# the figures on record; written out here a second time, so that the table cannot judge itself

ON_RECORD = [
    (9650, {"kind": "warm_station"}),
    (644, {"kind": "warm_station", "district_code": "110101"}),
    (1990, {"kind": "warm_station", "district_code": "110105"}),  # "nearly 2,000"
    (55, {"kind": "warm_station", "street_code": "110118001"}),
    (14, {"kind": "workers_home", "subtype": "public_area"}),
    (145, {"kind": "workers_home", "subtype": "demonstration"}),
    (811, {"kind": "workers_home", "subtype": "enterprise"}),
    (129, {"kind": "workers_home", "subtype": "district_level", "district_code": "110105"}),
    (11, {"kind": "workers_home", "street_code": "110118001"}),
    (2020, {"kind": "mother_baby_room"}),
    (48, {"kind": "union_service_station", "district_code": "110105"}),
    (199, {"kind": "water_point", "district_code": "110101"}),  # 17 street stations and 182 community unions
    (17, {"kind": "service_centre"}),  # one a district and the city's
    (10, {"kind": "reading_room", "district_code": "110105"}),
    (293, {"kind": "childcare_class"}),
    (200, {"kind": "insurance_agency", "district_code": "110105"}),
]


@pytest.mark.parametrize(("figure", "of"), ON_RECORD, ids=lambda v: "-".join(v.values()) if isinstance(v, dict) else str(v))
def test_every_figure_on_record_is_the_registrys(sites, figure, of):
    found = [site for site in sites if all(getattr(site, field) == value for field, value in of.items())]

    assert len(found) == figure
    assert all(site.status == "active" for site in found)


def test_the_table_says_which_figure_is_where_and_the_registry_agrees(sites):
    assert sorted(fact.figure for fact in demo.facts()) == sorted(figure for figure, _ in ON_RECORD)
    for fact in demo.record().facts:
        assert fact.count(sites) == fact.figure, fact.says.en


def test_what_a_city_has_left_over_goes_to_the_other_districts_by_their_residents(sites):
    stations = Counter(site.district_code for site in sites if site.kind == "warm_station")
    others = {code: people for code, people in census().items() if code not in ("110101", "110105")}

    for code, people in others.items():
        assert abs(stations[code] - (9650 - 644 - 1990) * people / sum(others.values())) < 1


def test_every_street_and_township_of_chaoyang_has_a_warm_station(sites, areas):
    streets = {area.code for area in areas.tree.children("110105")}

    assert {site.street_code for site in sites if site.kind == "warm_station" and site.district_code == "110105"} == streets


def test_every_district_has_a_service_centre_and_the_city_has_one_on_hufang_road(sites):
    centres = [site for site in sites if site.kind == "service_centre"]

    assert {site.district_code for site in centres} == set(census())
    city = the_site(sites, "北京市职工服务中心")
    assert city.district_code == "110102"
    assert "虎坊路" in city.address
    assert any("12351" in alias for alias in city.aliases)


def test_dongchengs_water_points_are_at_17_street_stations_and_182_communities(sites):
    by_id = {site.id: site for site in sites}
    points = [site for site in sites if site.kind == "water_point"]

    at_stations = [site for site in points if site.parent_id]

    assert len(at_stations) == 17
    assert {site.street_code for site in at_stations} == {site.street_code for site in points}
    assert {site.host for site in points if not site.parent_id} == {"community"}
    for site in at_stations:
        station = by_id[site.parent_id]
        assert (station.kind, station.street_code) == ("union_service_station", site.street_code)
        assert (station.lon, station.lat) == (site.lon, site.lat)


def test_the_24_hour_net_of_huairou_has_the_three_kinds_that_are_named_with_it(sites):
    for kind in ("heart_station", "mediation_room", "innovation_studio"):
        assert {site.district_code for site in sites if site.kind == kind} == {"110116"}
    for kind in ("heart_station", "mediation_room"):
        assert any(site.opening_hours == "24/7" for site in sites if site.kind == kind)


def test_every_kind_of_the_vocabulary_is_there(sites):
    assert {site.kind for site in sites} == set(vocabulary.load().terms("kind"))


# who may enter

def test_of_the_warm_stations_as_many_serve_outdoor_workers_as_on_record(sites):
    served = [s for s in sites if s.kind == "warm_station" and s.eligibility in ("everyone", "outdoor_workers")]

    assert len(served) == round(9650 * 7362 / 25987) == 2734
    assert all(site.visibility == "public" for site in served)


def test_of_the_mother_baby_rooms_as_many_are_in_public_places_as_on_record(sites):
    public = [site for site in sites if site.kind == "mother_baby_room" and site.eligibility == "everyone"]

    assert len(public) == round(2020 * 411 / 6359) == 131
    assert {site.subtype for site in public} == {"public_place"}
    assert {site.host for site in public} <= {"mall", "coach_station", "park", "stadium", "bank", "hospital", "union"}


def test_sites_for_their_own_staff_are_internal_and_all_others_public(sites):
    for site in sites:
        assert (site.visibility == "internal") == (site.eligibility == "staff_only")
    assert {site.kind for site in sites if site.visibility == "internal"} == {"innovation_studio"}


# the places the reports name

def test_guoyuan_streets_rebuilt_station_is_open_24_hours_and_holidays_too(sites):
    station = the_site(sites, "果园街道暖心驿站")

    assert (station.kind, station.district_code, station.opening_hours) == ("warm_station", "110118", "24/7")
    assert station.workday_rule == "calendar"


def test_donghuamens_station_has_what_the_report_lists(sites):
    station = the_site(sites, "东华门街道工会服务站")

    assert station.kind == "union_service_station"
    assert station.area_m2 < 8
    assert station.eligibility == "outdoor_workers"
    assert station.facilities == dict.fromkeys(
        ("rest", "table", "lockers", "water", "microwave", "hot_water", "heating", "cooling", "toilet", "wifi"), "yes")


def test_the_nuan_space_is_closed_on_mondays(sites):
    space = the_site(sites, "暖·空间")

    assert "南锣鼓巷13号" in space.address
    assert space.opening_hours == "Tu-Su 09:00-20:00; Mo off"
    assert space.area_m2 == 50


def test_the_zhizao_street_home_serves_itself_around_the_clock(sites):
    home = the_site(sites, "中关村智造大街职工之家")

    assert (home.kind, home.subtype, home.opening_hours) == ("workers_home", "public_area", "24/7")
    assert {"water", "books", "card_activation"} == set(home.facilities)
    assert [slot.mode for slot in home.slots] == ["unattended"]


def test_what_the_reports_do_not_say_stays_unknown(sites, areas):
    chaoyangmen = the_site(sites, "朝阳门街道暖心驿站")

    assert chaoyangmen.opening_hours is None
    assert not chaoyangmen.facilities
    for site in demo.named(areas):
        assert site.accuracy_m >= 400
        assert site.verified_on is None


# every record

def test_every_record_is_marked_and_has_no_phone_and_no_photos(sites):
    for site in sites:
        assert site.demo
        assert site.source == demo.SOURCE
        assert site.id.startswith("demo-")
        assert site.phone is site.manager_phone is None
        assert site.photos == ()


def test_ids_and_names_are_unique(sites):
    assert len({site.id for site in sites}) == len(sites)
    assert len({site.name for site in sites}) == len(sites)
    assert sum(site.name.endswith("）") for site in sites) < len(sites) * 0.01  # few need a number to differ


def test_invented_addresses_are_marked(sites, areas):
    for site in sites[len(demo.named(areas)):]:
        assert site.address.endswith("（演示地址）")


def test_every_site_lies_inside_its_district(sites, areas):
    lonlat = np.array([(site.lon, site.lat) for site in sites])

    assert areas.district_of(lonlat) == [site.district_code for site in sites]
    assert all(site.source_datum == "wgs84" for site in sites)
    assert all(site.accuracy_m > 0 for site in sites)


def test_a_sites_street_belongs_to_its_district_and_is_the_one_its_address_names(sites, areas):
    for site in sites:
        street = areas.tree[site.street_code]
        assert street.parent == site.district_code
        if site.address.endswith("（演示地址）"):
            assert site.address.startswith(f"北京市{areas.tree[site.district_code].words.zh}{street.words.zh}")


def test_every_street_of_the_city_has_a_spot_to_gather_around(areas):
    streets = {area.code for area in areas.tree if area.tier == "street"}

    assert {street for of in Ground.load(areas).streets.values() for street in of} == streets


def test_every_code_is_in_the_vocabulary(sites):
    words = vocabulary.load()
    fields = ("kind", "subtype", "host", "eligibility", "status", "visibility", "workday_rule", "fee", "verified_how")

    for field in fields:
        assert {getattr(site, field) for site in sites} - {None} <= set(words.terms(field)), field
    assert {code for site in sites for code in site.facilities} <= set(words.terms("facility"))
    assert {basis for site in sites for basis in site.basis.values()} <= set(words.terms("basis"))
    assert {slot.mode for site in sites for slot in site.slots} == set(words.terms("mode"))
    for site in sites:
        if site.subtype is not None:
            assert words.term("subtype", site.subtype).of == site.kind


def test_a_vocabulary_without_a_code_the_demonstration_uses_is_refused(areas):
    words = vocabulary.load()
    fewer = {**words.sections, "facility": {c: t for c, t in words.terms("facility").items() if c != "microwave"}}

    with pytest.raises(UnknownCode, match="microwave"):
        next(demo.sites(Vocabulary(fewer), areas))


def test_every_expression_can_be_read(sites):
    expressions = {site.opening_hours for site in sites} | {slot.hours for site in sites for slot in site.slots}

    for expression in expressions - {None}:
        check_expression(expression)


def test_timetables_are_a_few_hundred_and_of_every_sort(sites):
    hours = {site.opening_hours or "" for site in sites}

    assert 300 <= len({site.timetable for site in sites}) <= 500
    for part in ("24/7", "PH off", "Mo off", "12:00,13:00", "-02:00", "Apr-Oct", "+", "Sa,Su"):
        assert any(part in expression for expression in hours), part
    assert {site.workday_rule for site in sites} == {"calendar", "official", "unstated"}
    assert {site.basis.get("hours") for site in sites} == {"stated", "inspected", "inferred", None}
    assert all((site.opening_hours is None) == ("hours" not in site.basis) for site in sites)


def test_childcare_classes_exist_in_july_and_august_only(sites):
    for site in sites:
        if site.kind == "childcare_class":
            assert "07-01" <= site.season_from < site.season_to <= "08-31"


def test_facilities_are_yes_no_limited_or_not_said(sites):
    warm = [site for site in sites if site.kind == "warm_station"]

    for code in ("hot_water", "toilet", "microwave", "charging", "heating"):
        assert {site.facilities.get(code) for site in warm} == {"yes", "no", "limited", None}


def test_verified_days_are_within_the_two_years_before_the_day_of_the_registry(sites):
    days = [site.verified_on for site in sites if site.verified_on]

    assert demo.AS_OF - timedelta(days=730) < min(days) <= max(days) <= demo.AS_OF
    assert len(days) > 0.9 * len(sites)


def test_stations_are_denser_near_a_few_centres(sites, areas):
    warm = np.array([(site.lon, site.lat) for site in sites if site.kind == "warm_station"])
    metres = np.array([85_000.0, 111_000.0])
    centres = np.array([(spot.lon, spot.lat) for spot in Ground.load(areas).centres])

    nearest_m = np.min(np.linalg.norm((warm[:, None] - centres[None]) * metres, axis=2), axis=1)

    # 40 circles of 1 km are under 1 % of the city's 16,410 square kilometres
    assert len(centres) * np.pi < 0.01 * 16_410
    assert (nearest_m < 1000).mean() > 0.3


def test_the_records_make_a_table_and_come_back_equal(sites):
    some = sites[::97]

    assert list(Sites.of(some, vocabulary.load())) == some
    assert set(FIELDS) == {name for name in FIELDS if hasattr(some[0], name)}


def test_the_same_seed_gives_the_same_bytes_in_another_process(sites):
    # every tenth record: a generator that had gone another way would differ in all that follow
    here = hashlib.sha256(repr(sites[::10]).encode()).hexdigest()

    there = subprocess.run([sys.executable, "-c", DIGEST], capture_output=True, text=True, check=True,
                           env={**os.environ, "PYTHONHASHSEED": "7"})

    assert there.stdout.strip() == here


def test_another_seed_gives_other_sites(sites, areas):
    other = itertools.islice(demo.sites(vocabulary.load(), areas, seed=1), 300)

    assert [site.address for site in other] != [site.address for site in sites[:300]]


@pytest.mark.parametrize("seed", range(5))
def test_the_figures_on_record_hold_whatever_the_seed(areas, seed):
    places = demo.named(areas)
    streets = Ground.load(areas).streets

    wanted = cells(demo.record(), census(), streets, places, Random(seed))

    for fact in demo.record().facts:
        invented = sum(count for (kind, subtype, street), count in wanted.items()
                       if kind == fact.kind and fact.subtype in (None, subtype)
                       and fact.district in (None, street[:6]) and fact.street in (None, street))
        assert invented + fact.count(places) == fact.figure
        assert min(wanted.values()) >= 0


def test_the_demonstration_needs_no_geopandas():
    code = "import sys; from geodata import demo; assert 'geopandas' not in sys.modules and 'pandas' not in sys.modules"

    subprocess.run([sys.executable, "-c", code], check=True)


# splitting whole numbers

weights = st.dictionaries(st.text(min_size=1, max_size=3), st.floats(0.1, 100), min_size=1, max_size=20)


@given(st.integers(0, 500), weights)
def test_shares_add_up_and_differ_from_proportion_by_less_than_one(total, weights):
    parts = shares(total, weights)

    assert sum(parts.values()) == total
    for name, part in parts.items():
        assert abs(part - total * weights[name] / sum(weights.values())) < 1 + 1e-9


@given(st.integers(0, 500), weights, st.integers(0, 2), st.integers(0, 9))
def test_spreading_adds_up_and_gives_everyone_the_least_when_there_is_enough(total, weights, at_least, seed):
    parts = spread(total, weights, Random(seed), at_least=at_least)

    assert sum(parts.values()) == total
    assert min(parts.values()) >= (at_least if total >= at_least * len(weights) else 0)
