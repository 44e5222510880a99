from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locator.columns import TextColumn
from locator.names import MATCHES, Names, Place
from locator.sites import Site, Sites
from locator.texts import _SIMPLIFIED, _TRADITIONAL, fold
from locator.vocabulary import Need, Term, Vocabulary
from locator.words import Words
from tests import oracles

VOCABULARY = Vocabulary(
    {"kind": {"warm_station": Term("warm_station", Words("暖心驿站", "Warm station"), ("骑手驿站", "户外劳动者驿站")),
              "mother_baby_room": Term("mother_baby_room", Words("母婴关爱室", "Mother-baby room"), ("母婴室", "哺乳室"))},
     "host": {"bank": Term("bank", Words("银行网点", "Bank outlet"), ("银行",))},
     "facility": {"toilet": Term("toilet", Words("厕所", "Toilet"), ("卫生间",)),
                  "microwave": Term("microwave", Words("微波炉", "Microwave"))}},
    {"hot_meal": Need("hot_meal", Words("热饭", "Heat a meal"), {"facility": ("microwave",)})})
TERM_READINGS = {"母婴室": "mu ying shi", "厕所": "ce suo", "暖心驿站": "nuan xin yi zhan"}

RECORDS = [
    (Site(id="a", name="王府井百货母婴关爱室", kind="mother_baby_room", station_code="DC-0012", address="北京市东城区王府井大街255号"),
     "wang fu jing bai huo mu ying guan ai shi"),
    (Site(id="b", name="东单邮局驿站", kind="warm_station", facilities={"toilet": "yes"}, aliases=("小邮之家",),
          address="北京市东城区东单北大街1号"), "dong dan you ju yi zhan|xiao you zhi jia"),
    (Site(id="c", name="王府井书店驿站", kind="warm_station", host="bank", facilities={"toilet": "no", "microwave": "limited"}),
     "wang fu jing shu dian yi zhan"),
    (Site(id="d", name="Nuan·Space 南锣鼓巷", kind="warm_station", station_code="DC-0013"), "nuan space nan luo gu xiang"),
    (Site(id="e", name="什刹海", kind="warm_station"), "shi cha hai"),
    (Site(id="f", name="前门什刹海分站", kind="warm_station"), "qian men shi cha hai fen zhan"),
    (Site(id="g", name="马家堡驿站", kind="warm_station"), "ma jia pu yi zhan|ma jia bao yi zhan"),
    (Site(id="h", name="13号线西二旗站", kind="warm_station"), "13 hao xian xi er qi zhan"),
    (Site(id="i", name="大栅栏什刹海联合站", kind="warm_station"), "da shi lan shi cha hai lian he zhan"),
    (Site(id="j", name="绿地女工之家", kind="warm_station"), "lv di nv gong zhi jia"),
]


@pytest.fixture(scope="module")
def names() -> Names:
    sites = Sites.of([site for site, _ in RECORDS], VOCABULARY)
    return Names.of_sites(sites, TextColumn.of(r for _, r in RECORDS), VOCABULARY, term_readings=TERM_READINGS)


def ids(names: Names, text: str, k: int = 20, among: np.ndarray | None = None) -> str:
    return "".join(RECORDS[found.row][0].id for found in names.search(text, k, among))


@pytest.mark.parametrize(("text", "expected", "matched"), [
    ("王府井百货母婴关爱室", "a", "name"),
    ("府井书", "c", "name"),
    ("wangfujingbaihuo", "a", "pinyin"),
    ("wang fu jing bai huo", "a", "pinyin"),
    ("WangFuJing ShuDian", "c", "pinyin"),
    ("wangfjbh", "a", "pinyin"),
    ("fujingshu", "c", "pinyin"),
    ("wfjbh", "a", "initials"),
    ("WFJSD", "c", "initials"),
    ("ｗｆｊｓｄ", "c", "initials"),
    ("wángfǔjǐngbǎi", "a", "pinyin"),
    ("majiapu", "g", "pinyin"),
    ("majiabao", "g", "pinyin"),
    ("东单you局", "b", "pinyin"),
    ("邮局yz", "b", "pinyin"),
    ("nvgong", "j", "pinyin"),
    ("nǚgong", "j", "pinyin"),
    ("13hxxeq", "h", "pinyin"),
    ("小邮", "b", "alias"),
    ("xiaoyou", "b", "pinyin"),
    ("DC-0013", "d", "code"),
    ("dc0013", "d", "code"),
    ("东单北大街", "b", "address"),
    ("nuan·space", "d", "name"),
    ("nuanspace", "d", "pinyin"),
    ("pace", "d", "name"),
    ("銀行", "c", "synonym"),
    ("热饭", "c", "synonym"),
    ("哺乳室", "a", "synonym"),
    ("mother-baby room", "a", "synonym"),
    ("卫生间", "b", "synonym"),
    ("toilet", "b", "synonym"),
    ("cesuo", "b", "synonym"),
    ("dongdan cesuo", "b", "synonym"),
    ("东单 厕所", "b", "synonym"),
    ("东单厕所", "b", "synonym"),
    ("厕所东单", "b", "synonym"),
    ("王府井 母婴室", "a", "synonym"),
    ("wfj muyingshi", "a", "synonym"),
])
def test_a_site_is_found_by_what_people_call_it(names, text, expected, matched):
    found = names.search(text, 20)

    assert [RECORDS[f.row][0].id for f in found] == [expected]
    assert found[0].matched == matched


def test_a_limited_facility_is_found_and_one_that_is_stated_absent_is_not(names):
    assert ids(names, "微波炉") == "c"
    assert "c" not in ids(names, "厕所")


def test_the_whole_name_comes_before_its_beginning_before_anywhere_else(names):
    assert ids(names, "什刹海") == "efi"
    assert ids(names, "shichahai") == "efi"
    assert ids(names, "sch") == "efi"


def test_a_name_comes_before_an_alias_before_a_code_before_an_address_before_a_synonym():
    records = [Site(id="synonym", name="一", kind="mother_baby_room"),
               Site(id="address", name="二", kind="warm_station", address="x母婴室x"),
               Site(id="alias", name="四", kind="warm_station", aliases=("x母婴室x",)),
               Site(id="name", name="很长的名字x母婴室", kind="warm_station")]
    names = Names.of_sites(Sites.of(records, VOCABULARY), TextColumn.of([""] * 4), VOCABULARY)

    found = names.search("母婴室", 10)

    assert [f.matched for f in found] == [records[f.row].id for f in found] == ["name", "alias", "address", "synonym"]
    assert [f.rank for f in found] == sorted(f.rank for f in found)


def test_of_equal_matches_the_shorter_name_then_the_lower_row_comes_first():
    names = Names(["西单二号站", "西单一站", "西单二站", "西单"])

    assert [f.row for f in names.search("西单", 10)] == [3, 1, 2, 0]
    assert [f.row for f in names.search("西单", 2)] == [3, 1]


def test_every_word_must_match(names):
    assert ids(names, "王府井 书店") == "c"
    assert ids(names, "王府井 书店 百货") == ""


def test_a_phrase_comes_before_its_words_apart():
    names = Names(["东单和西站", "东单西站"], readings=["dong dan he xi zhan", "dong dan xi zhan"])

    assert [f.row for f in names.search("东单 西站", 5)] == [1, 0]


def test_syllables_of_a_phrase_that_was_found_are_not_looked_for_apart():
    names = Names(["海淀茶室", "什刹海"], readings=["hai dian cha shi", "shi cha hai"])

    assert [f.row for f in names.search("shi cha hai", 5)] == [1]
    assert [f.row for f in names.search("cha hai", 5)] == [1]


def test_only_rows_among_those_allowed_are_found(names):
    allowed = np.array([site.id in "fi" for site, _ in RECORDS])

    assert ids(names, "什刹海", among=allowed) == "fi"
    assert ids(names, "什刹海", k=1, among=allowed) == "f"
    assert allowed.sum() == 2


def test_the_beginning_of_a_later_syllable_is_no_match_inside_a_syllable(names):
    assert ids(names, "angfujing") == ""


def test_places_are_found_by_chinese_and_english_names_aliases_and_readings():
    places = [Place("x", Words("故宫", "Forbidden City"), 116.39, 39.916, 300, "landmark", ("紫禁城",), "gu gong|zi jin cheng"),
              Place("y", Words("国贸", "Guomao"), 116.455, 39.908, 300, "hub", (), "guo mao")]
    names = Names.of_places(places)

    for text in ("故宫", "forbidden city", "Forbid", "紫禁", "gugong", "zjc", "故gong"):
        assert [f.row for f in names.search(text, 5)] == [0], text


def test_no_rows_at_all_find_nothing():
    assert Names([]).search("王府井", 5) == []
    assert Names.of_places([]).search("wfj", 5) == []


def test_a_row_without_name_reading_or_code_is_never_found_by_them():
    names = Names([None, "", "a"], readings=[None, "", "a"], codes=[None, "", ""], addresses=[None, "", None])

    assert [f.row for f in names.search("a", 5)] == [2]


def test_line_breaks_in_a_name_do_not_shift_the_rows_below():
    names = Names(["王府\n井", "东\r\n单", "西单"])

    assert [f.row for f in names.search("西单", 5)] == [2]
    assert [f.row for f in names.search("王府 井", 5)] == [0]


def test_traditional_characters_stand_for_simplified_ones(names):
    assert len(_TRADITIONAL) == len(_SIMPLIFIED)
    assert fold("天安門廣場") == "天安门广场"
    assert ids(names, "東單郵局".replace("郵", "邮")) == "b"


@pytest.mark.parametrize("text", ["", "   ", "\0", "\n\n", "'\"", "(.*)+", "[a-", "\\", "%", "_", "😀", "\ud800", "|", "　",
                                  "a" * 10_000, "王" * 10_000, "a " * 5_000, "\u0301" * 500, "ﷺ" * 500, "<script>", "x' OR 1=1 --"])
def test_hostile_text_finds_nothing_wrong_and_quickly(names, text):
    began = perf_counter()

    found = names.search(text, 5)

    assert perf_counter() - began < 20
    assert len(found) <= 5


def test_letters_across_a_syllables_end_are_not_taken_for_a_vowel():
    names = Names(["南苑"], readings=["nan yuan"])

    assert [f.row for f in names.search("nanyuan", 5)] == [0]


def test_a_word_that_can_be_heard_in_very_many_ways_is_answered_quickly():
    names = Names(["a" * 60] * 50, readings=["a aa aaa " * 20] * 10)
    began = perf_counter()

    names.search("a" * 60, 5)

    assert perf_counter() - began < 20


_NAMES = st.lists(st.text("王府井西单xw1 ·\n", max_size=6), min_size=1, max_size=12)
_QUESTIONS = st.text("王府井西单xw1 ·w", min_size=1, max_size=4)


@given(_NAMES, _QUESTIONS)
def test_characters_are_found_and_ranked_as_a_plain_search_does(texts, text):
    found = [f.row for f in Names(texts).search(text, 100) if f.matched == "name"]

    if len(text.split()) == 1:
        assert found == oracles.found_by_characters(texts, text.strip())


_SYLLABLES = st.sampled_from(["shi", "cha", "hai", "si", "s", "xi", "an", "xian", "a", "aa", "zhang", "z"])
_READINGS = st.lists(st.lists(_SYLLABLES, max_size=5).map(" ".join), min_size=1, max_size=10)


@given(_READINGS, st.text("shicaxnzg", min_size=1, max_size=9) | st.lists(_SYLLABLES, min_size=1, max_size=3).map("".join))
def test_letters_are_heard_as_a_plain_search_hears_them(readings, typed):
    names = Names([""] * len(readings), readings=readings)

    assert sorted(f.row for f in names.search(typed, 100)) == oracles.heard_in(readings, typed)


@settings(max_examples=200)
@given(st.lists(st.text(max_size=20), max_size=6), st.text(max_size=30), st.integers(1, 5))
def test_any_text_at_all_is_answered_with_at_most_k_different_rows(texts, text, k):
    texts = [t.encode("utf-8", "replace").decode() for t in texts]

    found = Names(texts, readings=texts, aliases=[(t,) for t in texts], codes=texts, addresses=texts).search(text, k)

    assert len({f.row for f in found}) == len(found) <= k
    assert all(0 <= f.row < len(texts) and f.matched in MATCHES for f in found)
    assert [f.rank for f in found] == sorted(f.rank for f in found)


def test_a_facility_that_was_only_inferred_finds_no_site():
    has = {"facilities": {"microwave": "yes"}}
    records = [Site(id="guessed", name="一", kind="warm_station", basis={"facilities": "inferred"}, **has),
               Site(id="stated", name="二", kind="warm_station", **has)]
    names = Names.of_sites(Sites.of(records, VOCABULARY), TextColumn.of([""] * 2), VOCABULARY)

    assert [records[found.row].id for found in names.search("微波炉", 10)] == ["stated"]
