"""What offices write of facilities becomes yes, no or limited; what cannot be told stays unknown and is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import vocabulary
from geodata.facility_text import level, listed

WORDS = vocabulary.load()


@pytest.mark.parametrize(("said", "expected"), [
    ("饮水机2台、微波炉，无卫生间", {"water": "yes", "microwave": "yes", "toilet": "no"}), ("没有空调", {"cooling": "no"}),
    ("饮水机/微波炉/空调", {"water": "yes", "microwave": "yes", "cooling": "yes"}), ("2台微波炉；两把椅子", {"microwave": "yes", "rest": "yes"}),
    ("无空调和微波炉", {"cooling": "no", "microwave": "no"}), ("饮水机和微波炉及桌椅", {"water": "yes", "microwave": "yes", "table": "yes"}),
    ("饮水机（2台）、厕所：无、设有卫生间（限时）", {"water": "yes"}), ("微波炉×2、冰箱0台", {"microwave": "yes", "fridge": "no"}),
    ("可饮水、可充电、可休息", {"water": "yes", "charging": "yes", "rest": "yes"}), ("无障碍、无线网", {"wheelchair": "yes", "wifi": "yes"}),
    ("配备微波炉、冰箱、药箱等设施", {"microwave": "yes", "fridge": "yes", "first_aid": "yes"}),
    ("no toilet, microwave", {"toilet": "no", "microwave": "yes"}),
    ("冷热饮水机", {"water": "yes", "hot_water": "yes"}), ("drink|ac|seat", {"water": "yes", "cooling": "yes", "rest": "yes"})])
def test_lists_counts_and_denials_are_understood(said: str, expected: dict[str, str]):
    assert listed(said, WORDS).levels == expected


@pytest.mark.parametrize(("said", "doubtful"), [
    ("饮水机、母婴台", ["母婴台"]), ("空调（坏）", ["空调（坏）"]), ("没有空调、微波炉", ["微波炉"]), ("有空调，无空调", ["空调"]), ("无", ["无"]),
    ("饮水机、有偿理发", ["有偿理发"]), ('{"water": "maybe"}', ["water（maybe）"]), ("饮水机 神器", ["神器"]),
    ("[饮水机]、空气", ["[饮水机]", "空气"])])  # begins as JSON does and is none: read as text, never lost
def test_what_cannot_be_told_is_named_and_kept_in_no_field(said: str, doubtful: list[str]):
    read = listed(said, WORDS)

    assert [doubt.said for doubt in read.doubts] == doubtful
    assert set(read.levels) <= {"water", "cooling"}
    assert "cooling" not in read.levels or read.levels["cooling"] == "no"


@pytest.mark.parametrize(("said", "expected"), [("2台", "yes"), ("2", "yes"), ("0", "no"), ("0台", "no"), ("有2台", "yes"), ("√", "yes"), ("×", "no"),
                                                ("部分", "limited"), ("两台", "yes"), ("有（坏）", None), ("在二楼", None)])
def test_a_cell_of_one_facility_is_an_answer_or_a_count(said: str, expected: str | None):
    assert level(said) == expected


@given(st.text("有无没和及、，,;；|/ （）():：=0123456789台个×饮水机微波炉空调卫生间厕所无障碍设施等\n", max_size=40))
def test_nothing_that_is_written_goes_silently(said: str):
    read = listed(said, WORDS)

    assert set(read.levels.values()) <= {"yes", "no", "limited"}
    if any(word in said for word in ("饮水机", "微波炉", "空调")):
        assert read.levels or read.doubts
