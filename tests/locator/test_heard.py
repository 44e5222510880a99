"""A caller's sentence, taken apart: what is understood, and that the rest is said to be not understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import places, readings
from geodata import vocabulary as shipped
from geodata.areas import Areas
from locator.heard import LONGEST_SAID, SORTS, Ear
from locator.names import Place
from locator.words import Words

PLACES = [*places.load(), Place("x1", Words("东单北大街与金鱼胡同路口", ""), 116.41, 39.91, 40, "crossing")]
EAR = Ear(shipped.load(), PLACES, Areas.load().tree, term_readings=readings.of_vocabulary(shipped.load()))


def told(sentence):
    """Return a sentence as "sort:text" or "sort:code", without what carries nothing."""
    found = []
    for part in EAR.hear(sentence).parts:
        if part.sort == "want":
            found.append("+".join(code for _, code in part.wants))
        elif part.sort != "nothing":
            found.append(f"{part.sort}:{part.text}")
    return " ".join(found)


CALLERS = {
    # Chinese
    "我在王府井大街，百货大楼门口，能上厕所吗，冷得很": "place:王府井大街 unknown:百货大楼 toilet heating",
    "东直门外 美团骑手 充电": "place:东直门 outdoor_workers charging",
    "你好，我是送外卖的，在五道口，想热个饭": "outdoor_workers place:五道口 microwave",
    "天坛公园附近有没有热水": "place:天坛公园 hot_water",
    "我是环卫工人，安定门，想歇会儿": "outdoor_workers place:安定门 rest",
    "手机快没电了，我在北京站": "charging place:北京站",
    "北京西站哪里有母婴室": "place:北京西站 mother_baby_room",
    "西单 二十四小时 厕所": "place:西单 all-day toilet",
    "我有会员卡，在中关村": "members place:中关村",
    "在望京，骑电动车，哪儿能换电池": "place:望京 ride battery_swap",
    "朝阳区有没有开着的": "area:朝阳区 open-on-arrival",
    "果园街道暖心驿站": "area:果园街道 warm_station",
    "崇文门好冷啊": "place:崇文门 heating",
    "冷": "heating",
    "渴": "water",
    "外面冷，北新桥": "heating place:北新桥",
    "两个孩子要喂奶 前门": "unknown:两个孩子要 nursing place:前门",
    "不用厕所，要充电": "unknown:不用厕所 charging",
    "我要一个公共厕所，鼓楼": "toilet place:鼓楼",
    "東直門 廁所": "place:東直門 toilet",
    "ＤＯＮＧＤＡＮ　厕所": "place:ＤＯＮＧＤＡＮ toilet",
    # crossings and addresses
    "东单路口": "place:东单路口",
    "我在东单北大街与金鱼胡同交叉口": "crossing:东单北大街与金鱼胡同交叉口",
    "东四和东单路口 热水": "crossing:东四和东单路口 hot_water",
    "热水和厕所在哪个路口": "hot_water toilet",
    "我在王府井大街138号，想喝热水": "address:王府井大街138号 hot_water",
    "东城区南锣鼓巷13号": "address:东城区南锣鼓巷13号",
    "某某胡同 12 号院 3 号楼": "address:某某胡同 12 号院 3 号楼",
    # codes and other names
    "DC-0000123": "unknown:DC-0000123",
    "新中关大厦B座 充电": "unknown:新中关大厦B座 charging",
    # pinyin, typed without an input method
    "wfj": "unknown:wfj",
    "wfj cesuo": "unknown:wfj toilet",
    "wang fu jing ce suo": "unknown:wang fu jing toilet",
    "an ding men re shui": "unknown:an ding men hot_water",
    "dongzhimen qishou chongdian": "place:dongzhimen outdoor_workers charging",
    "bin he lu": "unknown:bin he lu",
    "wfj厕所": "unknown:wfj toilet",
    "bingdu": "unknown:bingdu",
    # English
    "Where is the nearest toilet near Wangfujing? I'm a courier.": "toilet place:Wangfujing outdoor_workers",
    "temple of heaven, hot water please": "place:temple of heaven hot_water",
    "I need to charge my phone at Xidan": "charging place:Xidan",
    "wc": "toilet",
    "no toilet, wifi": "unknown:no toilet wifi",
    "xidan mother room": "place:xidan mother_baby_room",
    "Is there a baby room near Xidan?": "mother_baby_room place:Xidan",
    "mother and baby room, Wangfujing": "mother_baby_room place:Wangfujing",
    "I need a rest room at Xidan": "toilet place:Xidan",
    "charge my e-bike, charge my phone": "ebike_charging charging",
    "Xidan break room open now": "place:Xidan rest open-on-arrival",
    "I have a baby, Xidan": "unknown:I have a baby place:Xidan",
    # nothing at all
    "": "", "   ": "", "？！…": "", "你好，请问一下": "", "我在": "",
}


@pytest.mark.parametrize("sentence", CALLERS)
def test_a_callers_sentence_is_taken_apart(sentence):
    assert told(sentence) == CALLERS[sentence]


TERMS = {name: term.code for section in ("kind", "facility") for term in shipped.load().terms(section).values()
         for name in (term.words.en, *(s for s in term.synonyms if s.isascii() and s[0].isalpha()))}


@pytest.mark.parametrize("name", TERMS)
def test_every_english_name_of_the_vocabulary_is_heard_however_it_is_spelt(name):
    plain = name.replace("-", " ").replace("'", "")
    for spelt in (name, name.upper(), plain, plain if plain.endswith("s") else f"{plain}s"):
        assert told(spelt) == TERMS[name]


def test_a_name_that_several_places_have_means_all_of_them():
    twice = [Place(f"p{n}", Words("幸福里", ""), 116.4, 39.9, 100, "area") for n in (1, 2)]

    [part] = Ear(shipped.load(), twice).hear("幸福里").parts

    assert part.rows == (0, 1)


def test_of_two_readings_of_the_same_words_the_want_goes_before_the_name():
    named = [Place("p1", Words("厕所", ""), 116.4, 39.9, 100, "landmark")]

    assert [p.sort for p in Ear(shipped.load(), named).hear("厕所").parts] == ["want"]


def test_an_unknown_part_is_looked_for_with_its_end_first_which_may_be_part_of_the_name():
    [part] = EAR.hear("那里的某某里").of("unknown")

    assert part.names == ("某某里", "某某")


def test_an_address_is_looked_for_with_its_area_and_without():
    [part] = EAR.hear("我在东城区王府井大街138号").of("address")

    assert (part.names, part.number, [PLACES[row].code for row in part.rows]) == (("东城区王府井大街", "王府井大街"), 138, ["wangfujing"])


def test_what_somebody_takes_out_is_neither_wanted_nor_looked_for():
    heard = EAR.hear("王府井 厕所 热水 百货大楼")

    left = heard.less(["厕所", "百货大楼"])

    assert left.wants == (("facility", "hot_water"),)
    assert [p.text for p in left.of("place", "unknown")] == ["王府井"]


def test_a_want_said_twice_is_one_want():
    assert EAR.hear("冷，太冷了，想取暖").wants == (("facility", "heating"),)


def test_only_the_beginning_of_a_long_speech_is_read():
    assert EAR.hear("啊" * 10_000 + "厕所").wants == ()
    assert len(EAR.hear("王" * 10_000).text) == LONGEST_SAID


SPOKEN = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(
    [*CALLERS, *"我在能吗不用厕冷热和与路口号院0127abwcé ，。、-_'\u200d\u0301ﷺ㎡½㍿", "不用", "138号", "大街", "路口"]), max_size=12).map("".join))


@given(SPOKEN)
def test_whatever_is_said_is_heard_and_no_letter_of_it_is_lost(sentence):
    heard = EAR.hear(sentence)

    at = 0
    for part in heard.parts:
        assert part.sort in SORTS
        assert part.text == heard.text[part.start:part.end] != ""
        assert not any(c.isalnum() for c in heard.text[at:part.start])
        assert part.start >= at
        at = part.end
    assert not any(c.isalnum() for c in heard.text[at:])


@given(SPOKEN)
def test_the_same_sentence_is_always_heard_the_same(sentence):
    assert EAR.hear(sentence) == EAR.hear(sentence)
    assert EAR.hear(sentence).less(part.key for part in EAR.hear(sentence).parts).wants == ()
