"""Two results of coverage, line by line."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locator import results
from locator.errors import BadFile, BadValue

LINE = {"code": "110105", "name": "朝阳区", "people": 100.0, "sites": 3, "covered": 40.0, "coverage_share": 0.4, "median_m": 700.5, "p90_m": None,
        "note": None}
RESULT = {"query": {"radius_m": 500.0, "at": None, "by": "district"}, "areas": [LINE], "total": {**LINE, "code": "110000"}, "basis": "radius",
          "demand_source": {"source": "census", "version": "v"}, "as_of": "2026-03-04T12:00:00+08:00", "version": 7}


def like(**members):
    return {**copy.deepcopy(RESULT), **members}


def test_each_figure_is_told_before_after_and_as_what_it_changed_by():
    after = like(areas=[{**LINE, "covered": 55.0, "p90_m": 900.0, "sites": 2}], version=9)

    found = results.side_by_side(results.checked(RESULT, "a.json"), results.checked(after, "b.json"), ("a.json", "b.json"))

    (line,) = found["areas"]
    assert (line["covered_before"], line["covered_after"], line["covered_change"]) == (40, 55, 15)
    assert (line["sites_change"], line["median_m_change"]) == (-1, 0)
    assert (line["p90_m_before"], line["p90_m_after"], line["p90_m_change"]) == (None, 900, None)
    assert "covered_if_unknown_open_before" not in line
    assert (found["before"]["what"], found["after"]["version"], found["same_demand"]) == ("a.json", 9, True)
    assert found["total"]["covered_change"] == 0


def test_figures_that_depend_on_hours_come_twice():
    line = {**LINE, "covered_if_unknown_open": 60.0}

    found = results.side_by_side(like(areas=[line]), like(areas=[{**line, "covered_if_unknown_open": 70.0}]), ("a", "b"))

    assert found["areas"][0]["covered_if_unknown_open_change"] == 10


def test_an_area_that_only_one_result_has_stands_with_one_side_empty():
    other = {**LINE, "code": "110106", "name": "丰台区"}

    found = results.side_by_side(RESULT, like(areas=[other]), ("a", "b"))

    assert [(line["code"], line["covered_before"], line["covered_after"], line["covered_change"]) for line in found["areas"]] == [
        ("110105", 40, None, None), ("110106", None, 40, None)]


def test_other_people_are_told_and_do_not_keep_two_results_apart():
    found = results.side_by_side(RESULT, like(demand_source={"source": "own", "version": "w"}), ("a", "b"))

    assert found["same_demand"] is False


@pytest.mark.parametrize(("members", "said"), [
    ({"query": {**RESULT["query"], "radius_m": 1000.0}}, "radius_m 500.0 → 1000.0"),
    ({"query": {**RESULT["query"], "fold": 2}}, "fold None → 2"), ({"basis": "straight"}, "basis 'radius' → 'straight'")])
def test_two_questions_are_not_compared_and_what_differs_is_named(members, said):
    with pytest.raises(BadValue) as refused:
        results.side_by_side(RESULT, like(**members), ("a.json", "b.json"))

    assert said in refused.value.words.zh
    assert said in refused.value.words.en
    assert "a.json" in refused.value.words.en


@pytest.mark.parametrize(("document", "field"), [
    (3, "JSON"), ([], "JSON"), ({}, "query"), (like(areas={}), "areas"), (like(areas=[1]), "areas[0]"), (like(as_of=3), "as_of"),
    (like(areas=[{**LINE, "covered": "40"}]), "areas[0].covered"), (like(areas=[{**LINE, "covered": True}]), "areas[0].covered"),
    (like(areas=[{**LINE, "people": float("nan")}]), "areas[0].people"), (like(areas=[{**LINE, "code": 5}]), "areas[0].code"),
    (like(areas=[{"code": "1", "name": "x"}]), "areas[0].covered"), (like(total={**LINE, "median_m": float("inf")}), "total.median_m"),
    (like(total={**LINE, "sites": 10**400}), "total.sites"),
    (like(areas=[LINE, LINE]), "areas[1].code")])
def test_what_is_no_result_is_refused_by_file_and_field(document, field):
    with pytest.raises(BadFile) as refused:
        results.checked(document, "a.json")

    assert (refused.value.at, refused.value.field) == ("a.json", field)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
    st.sampled_from(["query", "areas", "total", "demand_source", "as_of", "code", "name", "covered", "coverage_share"]), inner, max_size=6)))
def test_no_document_ends_otherwise_than_checked_or_refused(document):
    try:
        found = results.checked(document, "a.json")
    except BadFile:
        return
    assert results.side_by_side(found, found, ("a", "a"))["same_demand"]
