"""What offices write above their columns is understood by its meaning, and what is not is never guessed."""

from __future__ import annotations

import pytest

from geodata import vocabulary
from geodata.headers import Recogniser, Target
from locator.errors import BadFile

KNOWN = Recogniser(vocabulary.load())


@pytest.mark.parametrize(("header", "field"), [
    ("驿站名称", "name"), ("站点名称（全称）", "name"), ("＊名称", "name"), ("户外劳动者服务站点名称", "name"), ("Station Name", "name"),
    ("编号 No.", "station_code"), ("地址/Address", "address"),
    ("站点编号", "station_code"), ("类别（必填）", "kind"), ("所属街道（乡镇）", "street_code"),
    ("所在区县", "district_code"),
    ("详细地址", "address"), ("具体位置", "address"), ("开放时间 ", "opening_hours"), ("营业时间：", "opening_hours"), ("服务对象", "eligibility"),
    ("设施设备", "facilities"), ("配备设施", "facilities"), ("微波炉（台）", "facility:microwave"), ("是否有微波炉", "facility:microwave"),
    ("有无卫生间", "facility:toilet"), ("Wi-Fi", "facility:wifi"),
    ("面积（㎡）", "area_m2"), ("可容纳人数", "capacity"), ("负责人", "manager"), ("联系人电话", "manager_phone"), ("联系电话", "phone"),
    ("验收时间", "verified_on"),
    ("运营状态", "status"), ("心情", None), ("备注", None), ("", None), ("经度", "lon"), ("纬 度", "lat"),
    ("经纬度", "coordinates"), ("lat,lng", "coordinates")])
def test_a_header_means_one_field_or_nothing(header: str, field: str | None):
    target = KNOWN.target(header)

    assert (target and target.field) == field


@pytest.mark.parametrize(("header", "target"), [
    ("gcj02_lon", Target("lon", "gcj02")), ("高德经度", Target("lon", "gcj02")), ("百度地图坐标", Target("coordinates", "bd09")),
    ("纬度（WGS84）", Target("lat", "wgs84")), ("经度(GCJ-02)", Target("lon", "gcj02")), ("CGCS2000坐标系经度", Target("lon", "cgcs2000")),
    ("GCJ-02 坐标", Target("coordinates", "gcj02")), ("高德、百度坐标", None), ("gcj02 lon", Target("lon", "gcj02")), ("经度 lon", Target("lon"))])
def test_a_datum_beside_a_coordinate_says_what_the_pair_is_in(header: str, target: Target | None):
    assert KNOWN.target(header) == target


@pytest.mark.parametrize(("header", "target"), [
    ("facilities_inferred", Target("facilities", basis="inferred")), ("设施（推测）", Target("facilities", basis="inferred")),
    ("推测的开放时间", Target("opening_hours", basis="inferred")), ("微波炉（推断）", Target("facility:microwave", basis="inferred")),
    ("开放时间是否推测", Target("hours_are_inferred")), ("facilities_are_inferred", Target("facilities_are_inferred")),
    ("open_hours_is_inferred", Target("hours_are_inferred")), ("推测地址", None), ("估计人数", None), ("推测", None), ("是否推测", None)])
def test_a_header_that_says_inferred_is_believed_and_only_hours_and_facilities_can_be_kept_as_that(header: str, target: Target | None):
    assert KNOWN.target(header) == target


def test_a_weak_word_gives_way_to_a_plain_one_and_holds_alone():
    both = KNOWN.columns("a.csv", ["序号", "单位名称", "驿站名称", "地址"])
    alone = KNOWN.columns("a.csv", ["序号", "单位名称", "地址"])

    assert (both.fields["name"], list(both.unused)) == (2, ["单位名称"])
    assert (alone.fields["name"], list(alone.unused)) == (1, [])


@pytest.mark.parametrize("word", ["联系电话", "电话", "联系方式", "联系电话（必填）", "Tel"])
def test_a_telephone_beside_a_person_is_that_persons_and_never_public(word: str):
    beside = KNOWN.columns("a.csv", ["名称", "地址", "联系人", word])
    alone = KNOWN.columns("a.csv", ["名称", "地址", word])
    with_their_own = KNOWN.columns("a.csv", ["名称", "地址", "联系人", "联系人电话", word])

    assert (beside.fields.get("manager_phone"), beside.fields.get("phone")) == (3, None)
    assert alone.fields["phone"] == 2
    assert (with_their_own.fields["manager_phone"], with_their_own.fields["phone"]) == (3, 4)


@pytest.mark.parametrize("word", ["站点电话", "服务电话", "phone", "电话 phone"])
def test_a_telephone_that_says_it_is_the_sites_is_the_sites_beside_whomever(word: str):
    assert KNOWN.columns("a.csv", ["名称", "地址", "负责人", word]).fields["phone"] == 3


def test_a_mapping_says_whose_telephone_it_is():
    told = Recogniser(vocabulary.load(), {"联系电话": "phone"})

    assert told.columns("a.csv", ["名称", "地址", "联系人", "联系电话"]).fields["phone"] == 3


@pytest.mark.parametrize("headers", [["名称", "驿站名称", "地址"], ["单位名称", "站点", "地址"]])
def test_two_words_of_equal_strength_for_one_field_are_refused(headers: list[str]):
    with pytest.raises(BadFile, match="both mean name"):
        KNOWN.columns("a.csv", headers)
