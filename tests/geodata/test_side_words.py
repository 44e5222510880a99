"""How a word for a side of a comparison is understood, and how points and their names become one."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geodata import side_words
from geodata.side_words import Scenario, understood
from locator.errors import BadCoordinate, BadTime, BadValue, Refusal
from locator.typed import BEIJING


@pytest.mark.parametrize(("said", "scenario"), [
    ("now", Scenario("now")), ("NOW ", Scenario("now")), ("现在", Scenario("now")), ("2026-01-31", Scenario("day", on=date(2026, 1, 31))),
    ("2026-01-31T08:30", Scenario("day", on=datetime(2026, 1, 31, 8, 30, tzinfo=BEIJING))),
    ("without:a,b", Scenario("without", ids=("a", "b"))), ("without a，b、 a", Scenario("without", ids=("a", "b"))),
    ("with:新 点.csv", Scenario("with", path=Path("新 点.csv"))), ("with points.xlsx", Scenario("with", path=Path("points.xlsx"))),
    ("at:2026-03-04T23:00", Scenario("at", on=datetime(2026, 3, 4, 23, tzinfo=BEIJING))),
    ("with:116.4,39.9", Scenario("with", points=((116.4, 39.9),))),
    ("with:116.4,39.9,新站,东门;116.5,39.9", Scenario("with", points=((116.4, 39.9), (116.5, 39.9)), names=("新站,东门", ""))),
    ("with: 116.4, 39.9；-73.9,-40;", Scenario("with", points=((116.4, 39.9), (-73.9, -40.0)))),
    ("with.json", Scenario("result", path=Path("with.json"))), ("out/a.JSON", Scenario("result", path=Path("out/a.JSON")))])
def test_a_word_for_a_side_is_understood(said, scenario):
    assert understood("A", said) == scenario
    if scenario.path is None:
        assert understood("A", side_words.one_word(scenario)) == scenario


@pytest.mark.parametrize("said", ["", "then", "without", "without:", "without: ,", "with", "with: ", "a.csv", "2026", "2026/01/31"])
def test_a_word_that_is_no_side_is_refused_with_what_would_be(said):
    with pytest.raises(BadValue, match="without:ID,ID") as refused:
        understood("B", said)

    assert (refused.value.field, refused.value.value) == ("B", said)


@pytest.mark.parametrize("said", ["with:points.csv", "with:/etc/passwd", "a.json", "with:../x.json"])
def test_a_stranger_cannot_name_a_file(said):
    with pytest.raises(BadValue) as refused:
        understood("after", said, files=False)

    assert "csv" not in refused.value.words.en
    assert ".json" not in refused.value.words.zh


@pytest.mark.parametrize("said", ["with:39.9,116.4", "with:116.4,39.9;116.4", "with:181,0", "with:116.4,39.9,5", "with:116.4,39.9;x.csv",
                                  "with:116.4,39.9," + "长" * 61, "with:116.4,39.9,116.5,39.9"])
def test_points_that_are_no_pairs_are_refused(said):
    with pytest.raises(BadCoordinate, match="longitude"):
        understood("B", said)


def test_more_points_than_an_address_may_hold_are_refused_with_their_number():
    with pytest.raises(BadCoordinate, match="201 points; at most 200"):
        understood("B", "with:" + ";".join(["116.4,39.9"] * 201))


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.text(max_size=80)), min_size=1, max_size=20))
@example([(116.4, 39.9, "站；;东 门"), (116.4, 39.9, "12.5"), (116.4, 39.9, "长" * 61)])
@example([(116.4, 39.9, "长" * 60)] * 20)
def test_points_and_names_go_into_a_word_and_come_out_again(points):
    word = side_words.word_of([point[:2] for point in points], [point[2] for point in points])
    side = understood("B", word, files=False)

    np.testing.assert_allclose(side.points, [point[:2] for point in points], rtol=0, atol=5.1e-7)
    cut = [" ".join(re.sub("[;；]", " ", name).split())[:60].strip() for *_, name in points]
    names = [name if side_words.is_name(name) else "" for name in cut]
    whole = "with:" + ";".join(",".join(filter(None, (side_words.pair(point[:2]), name))) for point, name in zip(points, names, strict=True))
    if len(quote(whole)) <= 6_000:
        assert side.names == (tuple(names) if any(names) else ())
    else:
        assert side.names == ()
    assert len(quote(word)) <= 6_000


@pytest.mark.parametrize("said", ["at:", "at:noon", "at:2026-02-30T10:00"])
def test_an_instant_that_is_none_is_refused(said):
    with pytest.raises(BadTime):
        understood("A", said)


@pytest.mark.parametrize("said", ["2026-02-30", "2026-1-1", "2026-13-01", "2026-01-31T25:00", "2026-01"])
def test_a_day_that_does_not_exist_is_refused(said):
    with pytest.raises(BadTime):
        understood("A", said)


@given(st.text(max_size=30))
def test_no_word_ends_otherwise_than_understood_or_refused(said):
    with suppress(Refusal):
        assert understood("A", said).sort


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=9))
def test_a_side_comes_back_from_its_one_word_to_the_last_digit(points):
    side = Scenario("with", points=tuple(points))

    assert understood("B", side_words.one_word(side)) == side


@pytest.mark.parametrize(("said", "told"), [
    ("with:500,39", ("'500,39'", "第 1 个点，经度：应在 -180 到 180 度之间", "point 1, longitude: must be within -180 to 180 degrees")),
    ("with:116.4,39.9,新站;116.4,95", ("'116.4,95'", "第 2 个点，纬度：应在 -90 到 90 度之间")),
    ("with:116.4,39.9;39.9,116.4", ("'39.9,116.4'", "第 2 个点", "可能写反了")),
    ("with:116.4,39.9;somewhere", ("'somewhere'", "第 2 个点")),
    (f"with:116.4,39.9,{'站' * 61}", ("第 1 个点", "60 个字")),
])
def test_a_point_that_cannot_be_is_quoted_alone_with_its_place_and_what_it_breaks(said, told):
    with pytest.raises(BadCoordinate) as refused:
        understood("B", said)

    assert all(words in str(refused.value) for words in told), str(refused.value)
