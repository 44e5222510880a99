from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.hours_text import translate
from locator.hours import check_expression


@pytest.mark.parametrize(("text", "expression"), [
    ("周一至周五 08:30-12:00,13:00-17:30", "Mo-Fr 08:30-12:00,13:00-17:30"),
    ("每天8点到20点", "Mo-Su 08:00-20:00"),
    ("全天", "24/7"), ("24小时", "24/7"), ("全天24小时开放", "24/7"), ("二十四小时", "24/7"),
    ("工作日 9:00-17:00", "Mo-Fr 09:00-17:00; PH off"),
    ("工作日09:00—17:00，法定节假日除外", "Mo-Fr 09:00-17:00; PH off"),
    ("工作日 9:00-17:00，周末 10:00-16:00", "Mo-Fr 09:00-17:00; Sa,Su 10:00-16:00; PH unknown"),
    ("除法定节假日外 9:00-17:00", "09:00-17:00; PH off"),
    ("9：00～17：00（周一闭馆）", "09:00-17:00; Mo off"), ("周一闭馆", "unknown; Mo off"),
    ("24h", "24/7"), ("7×24小时", "24/7"), ("7*24小时开放", "24/7"), ("法定工作日 9:00-17:00", "Mo-Fr 09:00-17:00; PH off"),
    ("周六日 10:00-16:00", "Sa,Su 10:00-16:00"), ("周六、日 10:00-16:00", "Sa,Su 10:00-16:00"),
    ("周一三五 9:00-12:00", "Mo,We,Fr 09:00-12:00"), ("星期一到星期五 9时-17时", "Mo-Fr 09:00-17:00"),
    ("每天早8点至晚8点", "Mo-Su 08:00-20:00"), ("早八点到晚八点", "08:00-20:00"),
    ("上午8点半到12点，下午1点半到5点半", "08:30-12:00,13:30-17:30"), ("下午2点到5点", "14:00-17:00"),
    ("中午12:00-1:00", "12:00-13:00"), ("晚上8点到次日2点", "20:00-02:00"),
    ("周一至周五 9:00-18:00 午休12:00-13:00", "Mo-Fr 09:00-12:00,13:00-18:00"),
    ("周一至周五8:30-17:30；周末及法定节假日休息", "Mo-Fr 08:30-17:30; Sa,Su,PH off"),
    ("每天9:00-17:00，节假日除外", "Mo-Su 09:00-17:00; PH off"), ("10:00-22:00(法定节假日照常营业)", "10:00-22:00"),
    ("8:30-17:30（周一至周五）", "Mo-Fr 08:30-17:30"), ("营业时间：9:00-21:00", "09:00-21:00"),
    ("周五18:00-次日2:00，周六10:00-24:00", "Fr 18:00-02:00, Sa 10:00-24:00"),
    ("4月-10月 8:00-18:00，11月-次年3月 9:00-17:00", "Apr-Oct 08:00-18:00; Nov-Mar 09:00-17:00"),
    ("周一至周五：7:30–20:00；周末不开", "Mo-Fr 07:30-20:00; Sa,Su off"), ("早九晚五", "09:00-17:00"),
    ("工作日朝九晚六", "Mo-Fr 09:00-18:00; PH off"), ("每天早8至晚10", "Mo-Su 08:00-22:00"), ("Mo-Fr 09:00-17:00", "Mo-Fr 09:00-17:00")])
def test_hours_that_mean_one_thing_are_translated(text, expression):
    assert translate(text) == expression


@pytest.mark.parametrize("text", [
    "", "以公告为准", "8点到5点", "夏季8:00-18:00", "节假日 10:00-16:00", "工作日 9:00-17:00，节假日10:00-16:00", "周一至周五",
    "周一闭馆（法定节假日除外）", "周二至周日9:00-17:00，周一闭馆（法定节假日除外）", "25:00-26:00", "9:00-12:00 11:00-17:00",
    "9:00-17:00 电话预约", "晚上2点到3点", "下午13:00-上午8:00左右", "周五至周一 9:00-17:00", "13月-14月 9:00-17:00",
    "早九晚二", "早九晚五点半", "早十三晚五", "周一不开放日"])
def test_hours_that_would_have_to_be_guessed_are_not_translated(text):
    assert translate(text) is None


@given(st.text("周一二三四五六日末至到每天工作法定节假全小时点半上下午晚早闭馆休息除外0123456789:：-—~,，；() ", max_size=40))
def test_whatever_is_translated_is_an_expression_in_normal_form(text):
    expression = translate(text)

    assert expression is None or check_expression(expression) == expression


@pytest.mark.parametrize("text", ["周一" * 150, "9:00-17:00," * 27, "(" * 300, "每天" * 150, "1" * 300, "休息" * 50_000])
def test_long_text_takes_no_time(text):
    began = time.perf_counter()

    translate(text)

    assert time.perf_counter() - began < 20
