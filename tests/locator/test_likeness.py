"""What of a name and an address says which place it is."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locator.likeness import CONTAINED, Wording, alike, digits

WORDING = Wording(["暖心驿站", "工会服务站", "免费饮水点", "nuanxinyizhan"], ["户外劳动者", "工会", "职工"],
                  ["北京市", "东城区", "北新桥街道"], ["办事处", "工会"])


@pytest.mark.parametrize(("name", "core", "numbers"), [
    ("东城区北新桥街道北官厅社区服务站暖心驿站（二）", "北官厅社区服务站", (2,)), ("北官厅社区服务站", "北官厅社区服务站", ()),
    ("暖心驿站（王府井店）", "王府井店", ()), ("暖心驿站·王府井店", "王府井店", ()), ("星巴克（贵友店）", "星巴克贵友店", ()),
    ("王府井店（已验收）", "王府井店", ()), ("王府井店户外劳动者暖心驿站", "王府井店", ()),
    ("北新桥街道办事处暖心驿站", "北新桥街道办事处", ()), ("北新桥街道工会服务站", "北新桥街道", ()), ("暖心驿站", "", ()), ("", "", ()),
    ("免费饮水点 bj0", "bj0", (0,)),
    ("第三分店", "第3分店", (3,)), ("１２号楼", "12号楼", (12,)), ("十二号楼", "12号楼", (12,)), ("三里屯", "三里屯", ()),
    ("王府井nuanxinyizhan", "王府井", ()), ("Ｗangfujing 暖心驿站", "wangfujing", ())])
def test_the_place_in_a_name_is_what_is_neither_area_nor_kind(name, core, numbers):
    assert WORDING.called(name) == (core, numbers)


@pytest.mark.parametrize(("address", "road", "number", "within"), [
    ("北京市东城区东直门内北小街甲8号院3号楼2层（演示地址）", "东直门内北小街", "甲8", (3,)), ("北小街8号甲", "北小街", "甲8", ()),
    ("北新三巷三号", "北新三巷", "3", ()),
    ("东羊管胡同2-1-3", "东羊管胡同", "2", (1, 3)), ("民安１４号楼", "民安", "14", ()),
    ("群芳园南门东侧", "群芳园南门东侧", "", ()), (None, "", "", ()),
    ("东四十四条7号", "东四十四条", "7", ())])
def test_an_address_is_a_road_its_number_and_the_numbers_within(address, road, number, within):
    assert WORDING.addressed(address) == (road, number, within)


@pytest.mark.parametrize("phone", ["010-65123456", "(010) 6512 3456", "86-10-65123456", "０１０－６５１２３４５６", "65123456"])
def test_a_phone_is_the_same_however_it_is_written(phone):
    assert digits(phone) == "65123456"


@pytest.mark.parametrize("phone", ["12351", "", None, "无"])
def test_a_hotline_or_no_number_tells_no_site_from_another(phone):
    assert digits(phone) == ""


def test_likeness_is_the_share_in_common_order_and_nothing_said_is_no_likeness():
    found = alike(["龙湖新村", "北官厅", "", "北官厅"], ["龙潭新村", "北官厅", "北官厅", "北官厅社区服务站"])

    assert found[0] == pytest.approx(0.75)
    assert found[1] == 1
    assert math.isnan(found[2])
    assert found[3] == pytest.approx(CONTAINED)


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=5))
def test_likeness_is_mutual_and_between_nought_and_one(pairs):
    some, others = [a for a, _ in pairs], [b for _, b in pairs]

    there, back = alike(some, others).tolist(), alike(others, some).tolist()

    assert all(math.isnan(a) == math.isnan(b) and (math.isnan(a) or (a == b and 0 <= a <= 1)) for a, b in zip(there, back, strict=True))


@given(st.text(max_size=30))
def test_any_text_at_all_is_read(text):
    assert WORDING.called(text).core is not None
    assert WORDING.addressed(text).road is not None
