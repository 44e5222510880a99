from __future__ import annotations

import csv
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import readings, vocabulary
from locator.names import TERM_SECTIONS
from locator.texts import fold, is_hanzi, runs


@pytest.mark.parametrize(("name", "said"), [
    ("什刹海", "shi cha hai"), ("什坊院", "shi fang yuan"), ("长阳", "chang yang"), ("长沟镇", "chang gou zhen"),
    ("长辛店街道", "chang xin dian jie dao"), ("长哨营满族乡", "chang shao ying man zu xiang"), ("长子营镇", "zhang zi ying zhen"),
    ("长椿街", "chang chun jie"), ("西长安街", "xi chang an jie"), ("司马台长城", "si ma tai chang cheng"), ("校长", "xiao zhang"),
    ("朝阳门", "chao yang men"), ("北京市朝阳区", "bei jing shi chao yang qu"), ("朝内大街", "chao nei da jie"),
    ("佛子庄乡", "fo zi zhuang xiang"), ("石佛营", "shi fo ying"), ("卧佛寺", "wo fo si"), ("瞰都嘉园", "kan du jia yuan"),
    ("重兴园", "chong xing yuan"), ("翟里", "zhai li"), ("鹿圈", "lu juan"), ("孛罗营", "bo luo ying"), ("便宜坊", "bian yi fang"),
    ("花园路支行", "hua yuan lu zhi hang"), ("工商银行", "gong shang yin hang"), ("大厦", "da sha"), ("欢乐谷", "huan le gu"),
    ("八大处", "ba da chu"), ("回龙观", "hui long guan"), ("潭柘寺", "tan zhe si"), ("榆垡镇", "yu fa zhen"), ("漷县镇", "huo xian zhen"),
    ("垡头", "fa tou"), ("簋街", "gui jie"), ("角门", "jiao men"), ("单店", "shan dian|dan dian"), ("西单", "xi dan"),
    ("大兴黄村", "da xing huang cun"), ("石景山", "shi jing shan"), ("东四十条", "dong si shi tiao"), ("阜成门", "fu cheng men"),
    ("潘家园", "pan jia yuan"), ("琉璃厂", "liu li chang"), ("母婴室", "mu ying shi"),
])
def test_beijing_names_are_read_as_beijing_reads_them(name, said):
    assert readings.reading(name) == said


def test_a_name_with_two_current_readings_keeps_both_the_usual_one_first():
    assert readings.reading("大栅栏") == "da shi lan|da zha lan"
    assert readings.reading("马家堡站") == "ma jia pu zhan|ma jia bao zhan"


def test_a_name_of_many_possible_readings_keeps_four():
    assert len(readings.reading("堡堡堡堡").split("|")) == readings.MOST_READINGS


def test_what_is_not_chinese_stays_as_lower_case_words():
    assert readings.reading("Nuan·Space 13号Ｂ座（WiFi）") == "nuan space 13 hao b zuo wifi"
    assert readings.reading("女绿") == "nv lv"
    assert readings.reading("Café") == "cafe"
    assert readings.reading("") == readings.reading(None) == readings.reading("·、 ") == ""


def test_other_names_follow_as_further_readings():
    assert readings.of_names("故宫", ["紫禁城", ""]) == "gu gong|zi jin cheng"


@given(st.text(max_size=30))
def test_every_reading_has_one_token_a_hanzi_and_one_a_run_of_other_letters(text):
    expected = sum(len(run) if is_hanzi(run[0]) else 1 for run in runs(fold(text)))

    for way in readings.reading(text).split("|"):
        assert len(way.split()) == expected


def test_no_phrase_stands_twice_and_every_hanzi_of_it_has_a_syllable():
    with readings.FILE.open(encoding="utf-8", newline="") as file:
        rows = [(row["phrase"], row["reading"]) for row in csv.DictReader(file)]

    assert len({phrase for phrase, _ in rows}) == len(rows)
    for phrase, reading in rows:
        expected = sum(len(run) if is_hanzi(run[0]) else 1 for run in runs(fold(phrase)))
        assert all(len(way.split()) == expected for way in reading.split("|")), phrase
        assert reading.replace(" ", "").replace("|", "").isascii(), phrase


def test_every_chinese_name_of_the_vocabulary_has_its_reading_in_the_file():
    words = vocabulary.load()
    known = readings.of_vocabulary(words)
    names = {name for section in TERM_SECTIONS for term in words.terms(section).values() for name in (term.words.zh, *term.synonyms)}

    missing = [f"{name},{readings.reading(name)}" for name in sorted(names) if any(map(is_hanzi, name)) and name not in known]

    assert not missing, "add to geodata/files/readings.csv:\n" + "\n".join(missing)


def test_looking_up_the_vocabularys_readings_and_the_places_needs_no_dictionary():
    script = ("import sys\nfrom geodata import places, readings, vocabulary\nfrom locator.names import Names\n"
              "readings.of_vocabulary(vocabulary.load())\nNames.of_places(places.load()).search('sch', 5)\n"
              "assert 'pypinyin' not in sys.modules")

    subprocess.run([sys.executable, "-c", script], check=True)
