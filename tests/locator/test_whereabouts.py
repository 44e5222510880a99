"""Where a caller may be: what is found by what was heard, in which order, and what is not understood."""

from __future__ import annotations

import pytest

from locator.areas import Area, AreaTree
from locator.heard import Ear
from locator.names import Place
from locator.whereabouts import starts
from locator.words import Words
from tests.conftest import a_site

PLACES = [
    Place("wangfujing", Words("王府井大街", "Wangfujing"), 116.405, 39.912, 400, "street", aliases=("王府井",), reading="wang fu jing da jie"),
    Place("dongdan", Words("东单北大街", "Dongdan North Street"), 116.412, 39.915, 600, "street"),
    Place("jinyu", Words("金鱼胡同", "Jinyu Hutong"), 116.408, 39.914, 300, "street"),
    Place("corner", Words("东单北大街与金鱼胡同路口", ""), 116.412, 39.914, 30, "crossing", aliases=("金鱼胡同与东单北大街路口",)),
    Place("store", Words("百货大楼", "Department Store"), 116.4055, 39.9125, 100, "mall"),
    Place("far_store", Words("双安百货大楼", ""), 116.32, 39.97, 100, "mall"),
]
AREAS = AreaTree([Area("110000", Words("北京市", "Beijing"), None, "city"),
                  Area("110101", Words("东城区", "Dongcheng"), "110000", "district", (116.41, 39.92)),
                  Area("110118002", Words("果园街道", "Guoyuan"), "110000", "street")])
SITES = [
    a_site(1, name="王府井书店驿站", lon=116.4052, lat=39.9118, address="东城区王府井大街218号", station_code="DC-0007"),
    a_site(2, name="金街驿站", lon=116.4050, lat=39.9130, address="东城区王府井大街255号", host="hospital"),
    a_site(3, name="果园街道暖心驿站", lon=116.83, lat=40.37, street_code="110118002", host="hospital"),
    a_site(4, name="内部驿站", lon=116.405, lat=39.912, visibility="internal", address="东城区王府井大街138号"),
    a_site(5, name="望京驿站", lon=116.46, lat=39.99, address="朝阳区望京街1号"),
]


@pytest.fixture(scope="module")
def where(make_atlas):
    """``where("王府井")``: the keys of the places found, and the words that were not understood."""
    atlas = make_atlas(SITES, places=PLACES, areas=AREAS)
    ear = Ear(atlas.vocabulary, atlas.places, atlas.areas)

    def ask(sentence):
        answer = starts(ear.hear(sentence), atlas)
        return [s.key for s in answer.found], [p.text for p in answer.not_understood]

    ask.starts = lambda sentence: starts(ear.hear(sentence), atlas).found
    return ask


@pytest.mark.parametrize(("sentence", "first"), [
    ("我在王府井大街", "place:wangfujing"), ("wang fu jing", "place:wangfujing"), ("wfj", "place:wangfujing"),
    ("Wangfujing toilet", "place:wangfujing"),
    ("东单北大街与金鱼胡同交叉口", "place:corner"), ("金鱼胡同和东单北大街路口", "place:corner"),
    ("王府井大街218号", "site:s1"), ("东城区王府井大街 255 号", "site:s2"), ("DC-0007", "site:s1"), ("dc0007", "site:s1"),
    ("果园街道暖心驿站", "site:s3"), ("望京驿站", "site:s5"), ("东城区", "area:110101"), ("果园街道", "area:110118002")])
def test_the_first_place_is_the_one_that_was_said(where, sentence, first):
    assert where(sentence)[0][0] == first


def test_a_name_that_is_not_known_is_looked_for_near_one_that_is(where):
    assert where("我在王府井大街，书店驿站门口，能上厕所吗")[0][:2] == ["site:s1", "place:wangfujing"]
    assert where("书店驿站")[0] == ["site:s1"]


def test_of_two_places_that_were_named_the_less_vague_comes_first(where):
    found, lost = where("我在王府井大街，百货大楼门口，能上厕所吗，冷得很")

    assert found[:2] == ["place:store", "place:wangfujing"]
    assert lost == []


def test_what_else_goes_by_a_known_places_words_comes_after_it(where):
    assert where("王府井")[0] == ["place:wangfujing", "site:s1", "site:s2"]


def test_of_two_roads_whose_crossing_is_not_listed_both_are_offered(where):
    assert where("王府井大街与金鱼胡同交叉口")[0] == ["place:wangfujing", "place:jinyu"]


def test_a_house_number_that_no_site_has_offers_the_road_and_its_nearest_numbers(where):
    found = where.starts("王府井大街220号")

    assert [s.key for s in found] == ["place:wangfujing", "site:s1", "site:s2"]
    assert [(s.numbers_off, s.rough) for s in found] == [(None, False), (2, True), (35, True)]


def test_internal_sites_are_nowhere_a_caller_is_said_to_be(where):
    assert "site:s4" not in where("王府井大街138号")[0]
    assert where("内部驿站")[0] == []


@pytest.mark.parametrize("words", ["station", "boiled"])
def test_what_one_wants_and_says_in_words_that_are_not_known_is_no_place(make_atlas, words):
    nameless = [a_site(1, name="金街", lon=116.4052, lat=39.9118, facilities={"hot_water": "yes"})]
    atlas = make_atlas(nameless, places=PLACES, areas=AREAS)

    found = starts(Ear(atlas.vocabulary, atlas.places, atlas.areas).hear(f"王府井 {words}"), atlas)

    assert [s.key for s in found.found] == ["place:wangfujing"]
    assert [p.text for p in found.not_understood] == [words]


def test_what_a_site_only_has_names_no_place_unless_one_near_by_is_named(where):
    assert where("医院") == ([], ["医院"])
    assert where("王府井 医院") == (["place:wangfujing", "site:s2", "site:s1"], [])


def test_an_english_word_is_found_where_a_word_of_a_name_begins_and_not_in_its_middle(where):
    assert where("depart") == (["place:store"], [])
    assert where("part") == ([], ["part"])


def test_what_nothing_goes_by_is_handed_back(where):
    assert where("王府井 皇后大道") == (["place:wangfujing", "site:s1", "site:s2"], ["皇后大道"])
    assert where("") == ([], [])


def test_an_area_is_too_large_to_measure_from(where):
    [area] = where.starts("东城区")

    assert area.rough
    assert (area.lon, area.lat) == (116.41, 39.92)


def test_an_area_without_a_middle_is_where_its_sites_are(where):
    [area] = where.starts("果园街道")

    assert (area.lon, area.lat) == (116.83, 40.37)
