"""Evidence in bits: every line of the table in `locator.sameness`, one by one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locator.likeness import Addressed
from locator.sameness import BASE, LIKELY, NAME_BITS, POSSIBLE, SAME, Profile, compare, reasons, verdict

BLANK = Profile(kind="k", lonlat=None, names=(("", ""),), numbers=(), alone_in=None, address=Addressed("", "", ()), road_read="", phone="",
                station_code=None, source=None, source_id=None, floor=None, id=None, parent_id=None)


def profile(**fields) -> Profile:
    return dataclasses.replace(BLANK, **fields)


def called(name: str) -> Profile:
    return profile(names=((name, name),))


def at(road: str, number: str = "", *within: int) -> Profile:
    return profile(address=Addressed(road, number, within), road_read=road)


def bits(a: Profile, b: Profile, metres: float = np.nan, radius_m: float = 100.0) -> dict[str, float]:
    found = compare([a], [b], np.array([metres]), np.array([radius_m]))
    assert found.bits[0] == pytest.approx(BASE + sum(part[0] for part in found.parts.values()))
    return {about: float(part[0]) for about, part in found.parts.items() if part[0]}


def test_what_only_one_of_two_says_is_no_evidence():
    said = profile(names=(("甲村", "甲村"),), address=Addressed("北小街", "8", ()), road_read="北小街", phone="65123456", station_code="D",
                   source="s", source_id="1", floor="2", alone_in="110101", id="a", parent_id="b")

    assert bits(said, BLANK) == bits(BLANK, said) == {}


@pytest.mark.parametrize(("metres", "weight"), [(0, 3), (50, 3), (100, 1), (150, -1), (300, -4), (1_000, -6), (1e7, -6)])
def test_distance_counts_by_the_radius_of_the_kind(metres, weight):
    assert bits(BLANK, BLANK, metres)["distance"] == bits(BLANK, BLANK, 2 * metres, 200)["distance"] == pytest.approx(weight)


@pytest.mark.parametrize(("a", "b", "weight"), [("王府井大街甲", "王府井大街甲", 6), ("龙鼎园", "长安街道口", -4.5), ("甲村", "甲村", 4.5)])
def test_names_count_by_their_likeness_and_two_syllables_say_less(a, b, weight):
    assert bits(called(a), called(b)).get("name") == pytest.approx(weight)


def test_a_name_read_alike_is_nearly_as_good_as_written_alike():
    said = bits(profile(names=(("北官厅社区", "12345"),)), profile(names=(("北宫厅社区", "12345"),)))

    assert 5.5 < said["name"] < NAME_BITS[-1][1]


def test_another_name_of_a_site_counts_as_its_own():
    a, b = profile(names=(("新名称", "新名称"), ("老地方驿站", "老地方驿站"))), called("老地方驿站")

    assert bits(a, b)["name"] == bits(b, a)["name"] == 6


@pytest.mark.parametrize(("a", "b", "weight"), [
    (at("北小街", "8", 3), at("北小街", "8", 3), 6), (at("北小街", "8", 3), at("北小街", "8"), 5), (at("北小街", "8", 3), at("北小街", "8", 5), -3),
    (at("北小街", "8"), at("北小街", "10"), -6), (at("北小街", "8"), at("北小街", "甲8"), -6), (at("北小街"), at("北小街"), 3),
    (at("北小街", "8"), at("北小街"), 1),
    (at("北小街", "8"), at("幸福大道", "8"), -2.5), (at("东直门内北小街", "8"), at("北小街", "8"), 6)])
def test_road_and_number_decide_of_an_address(a, b, weight):
    assert bits(a, b) == bits(b, a) == {"address": weight}


@pytest.mark.parametrize(("about", "a", "b", "weight"), [
    ("number", {"numbers": (1,)}, {"numbers": (2,)}, -5), ("number", {"numbers": (1,)}, {}, -1.5),
    ("phone", {"phone": "65123456"}, {"phone": "65123456"}, 4),
    ("phone", {"phone": "65123456"}, {"phone": "65123457"}, -0.5), ("key", {"station_code": "D"}, {"station_code": "D"}, 20),
    ("key", {"source": "s", "source_id": "1"}, {"source": "s", "source_id": "1"}, 20),
    ("source", {"source": "s", "source_id": "1"}, {"source": "s", "source_id": "2"}, -4),
    ("floor", {"floor": "1"}, {"floor": "2"}, -1.5), ("parent", {"id": "a"}, {"parent_id": "a"}, -40), ("kind", {"kind": "a"}, {"kind": "b"}, -8),
    ("alone", {"alone_in": "110101"}, {"alone_in": "110101"}, 2)])
def test_everything_else_counts_as_the_table_says_both_ways(about, a, b, weight):
    assert bits(profile(**a), profile(**b)) == bits(profile(**b), profile(**a)) == {about: weight}


@pytest.mark.parametrize(("value", "expected"), [(SAME, "same"), (SAME - 0.1, "likely"), (LIKELY, "likely"), (LIKELY - 0.1, "possible"),
                                                 (POSSIBLE, "possible"),
                                                 (POSSIBLE - 0.1, None)])
def test_a_verdict_begins_on_its_bound(value, expected):
    assert verdict(value) == expected


texts = st.text(alphabet="甲乙丙村路1", max_size=5)
profiles = st.builds(lambda name, other, road, number, phone, numbers: profile(
    names=((name, name), (other, other)) if other else ((name, name),), address=Addressed(road, number, ()), road_read=road, phone=phone,
    numbers=numbers), texts, texts, texts, st.sampled_from(["", "1", "2"]), st.sampled_from(["", "65123456", "65123457"]),
    st.sampled_from([(), (1,), (2,)]))


@given(st.lists(st.tuples(profiles, profiles, st.floats(0, 1e4) | st.just(float("nan"))), min_size=1, max_size=5))
def test_evidence_is_mutual_and_each_pair_is_weighed_by_itself(pairs):
    a, b, metres = [p[0] for p in pairs], [p[1] for p in pairs], np.array([p[2] for p in pairs])
    radii = np.full(len(pairs), 100.0)

    together, turned = compare(a, b, metres, radii), compare(b, a, metres, radii)

    np.testing.assert_allclose(together.bits, turned.bits)
    for i in range(len(pairs)):
        alone = compare(a[i:i + 1], b[i:i + 1], metres[i:i + 1], radii[:1])
        assert alone.bits[0] == pytest.approx(together.bits[i])
        assert BASE + sum(reason.bits for reason in reasons(together, i, float(metres[i]))) == pytest.approx(together.bits[i])
        assert all(reason.words.zh and reason.words.en for reason in reasons(together, i, float(metres[i])))
