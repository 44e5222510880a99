"""What may be typed for opening hours: slips that are mended, and refusals that say where."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locator.errors import BadHours
from locator.expressions import LONGEST, check_expression, read_expression
from locator.repairs import repair
from tests import strategies


@pytest.mark.parametrize(("typed", "normal"), [
    ("Sa, Su 09:00-16:00", "Sa,Su 09:00-16:00"),
    ("Mo-Fr 09:00-17:00 Sa 10:00-12:00", "Mo-Fr 09:00-17:00; Sa 10:00-12:00"),
    ("Mo-Fr 09:00-17:00\nSa 10:00-12:00", "Mo-Fr 09:00-17:00; Sa 10:00-12:00"),
    ("Mo－Fr　０９：００—１７：００；PH off。", "Mo-Fr 09:00-17:00; PH off"),
    ("Mo、Tu 9:00～17:00", "Mo,Tu 09:00-17:00"),
    ("Mo-Fr: 9.00 - 17.30;", "Mo-Fr 09:00-17:30"),
    ("Mo - Fr 09:00-17:00", "Mo-Fr 09:00-17:00"),
    ("Mon - Fri 11am - 11pm, Sat 12am - 11pm, Sun 2pm - 10pm", "Mo-Fr 11:00-23:00, Sa 00:00-23:00, Su 14:00-22:00"),
    ("Mo-Fr 10:00-20:00, Sa 10-18, Su 12-18", "Mo-Fr 10:00-20:00, Sa 10:00-18:00, Su 12:00-18:00"),
    ("10-12,14-18", "10:00-12:00,14:00-18:00"),
    ("Dec 24,25,31 off", "Dec 24,Dec 25,Dec 31 off"),
    ("Mo,PH,Tu 09:00-17:00", "Mo,Tu,PH 09:00-17:00"),
    ("PH off; Mo-Fr 09:00-17:00; Sa 10:00-12:00", "Mo-Fr 09:00-17:00; Sa 10:00-12:00; PH off"),
    ("PH off; Oct 1 10:00-12:00", "PH off; Oct 1 10:00-12:00"),
    ("mo-su 24/7", "Mo-Su 00:00-24:00"),
    ("closed", "off"),
    ("“ask; at the desk”", '"ask; at the desk"'),
])
def test_a_known_slip_is_mended(typed, normal):
    assert check_expression(typed) == normal


@pytest.mark.parametrize("text", [
    "24/7", "Mo-Fr 09:00-17:00; PH off", "SH,PH Mo-Fr 10:00-12:00", "Mar Su[-1]-Oct Su[-1] 10:00-12:00", "Su[1,3] +1 day 08:00+",
    "(sunrise+01:00)-sunset", "week 01-53/2 Fr 10:00-12:00", "easter -2 days off", "2026-2028 Jan 1-Feb 5 Mo 10:00-16:00/01:30",
    'Mo 10:00-12:00 open "Lunch; or, so || on", Tu 10:00-12:00', 'Mo-Fr 08:00-12:00 || "by appointment"', "22:00-30:00"])
def test_what_is_written_well_stays_as_it_is(text):
    assert check_expression(text) == text


@pytest.mark.parametrize(("typed", "position"), [
    ("Mo-Fr 09:30 - 15:00. Lunch Mo-Fr 11:00 - 13:30", 20), ("Mo-Fr 8-02;Sa 8-02 Su 8", 20), ("09:00-17:00 Mo-Fr", 13),
    ("Feb 30 10:00-12:00", 5), ("2026 Feb 29 off", 10), ("Apr 31 off", 5), ("Mo-Fr 09:00-17:61", 13), ("周一 09:00-17:00", 1),
    ("PH +40 days off", 1), ("week 1-53/0 Mo 10:00-12:00", 11)])
def test_a_refusal_says_at_which_character(typed, position):
    with pytest.raises(BadHours) as refused:
        check_expression(typed, "hours")

    assert refused.value.field == "hours"
    assert refused.value.value == typed
    assert f"第 {position} 个字符" in refused.value.words.zh
    assert f"character {position}" in refused.value.words.en


@pytest.mark.parametrize("text", [
    "", " ", ";", '""', "(" * LONGEST, "Mo," * 330, "10:00-12:00," * 83, '"' * 999, "Mo-Fr 10:00-12:00;" * 55 + "Mo", "[1" * 500,
    "Jan 1-" * 160, "PH " * 333, "|| " * 333, "-" * LONGEST, "\0" * 9, "a" * LONGEST, "1," * 500, "Jan 1,1," * 125, "Mo 1-2," * 140,
    "easter +99999999999 days off", "Su[9] 10:00-12:00", "9" * LONGEST, "Mo 10:00-12:00/00:00", "x" * 100_000, "\u202e" * 50])
def test_hostile_text_is_read_or_refused_at_once(text):
    began = time.perf_counter()

    with suppress(BadHours):
        check_expression(text)

    assert time.perf_counter() - began < 20


def test_the_longest_expression_is_read_and_one_character_more_refused():
    fits = "Mo 10:00-12:00 " + '"' + "x" * (LONGEST - 17) + '"'

    assert len(fits) == LONGEST
    assert check_expression(fits).endswith('x"')
    with pytest.raises(BadHours, match="1001"):
        check_expression(fits + " ")


@given(strategies.hours_rules())
def test_the_normal_form_means_the_same_and_is_its_own_normal_form(drawn):
    once = read_expression(drawn[0])

    assert read_expression(once.text) == once


@settings(max_examples=200)
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
       | st.text("MoTuSaPH0123456789:-,;[]()|+/ \"offweekJan", max_size=60))
def test_any_text_is_read_or_refused_and_nothing_else_happens(text):
    said = ""
    with suppress(BadHours):
        said = check_expression(text)

    assert said == "" or check_expression(said) == said


@given(strategies.hours_rules())
def test_what_needs_no_mending_is_not_changed_by_it(drawn):
    normal = check_expression(drawn[0])

    assert repair(normal) == normal
