from __future__ import annotations

import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import vocabulary
from locator.errors import BadFile, UnknownCode
from locator.filters import STATES, Filters
from locator.questions import DATUMS
from locator.vocabulary import SECTIONS

WORDS = vocabulary.load()
TERMS = [(section, term) for section in SECTIONS for term in WORDS.terms(section).values()]

KINDS = """warm_station workers_home mother_baby_room union_service_station water_point service_centre reading_room
heart_station mediation_room innovation_studio childcare_class insurance_agency"""
HOSTS = """union street_office community party_centre government_hall bank post telecom fuel sanitation mall convenience
estate_agency office_building enterprise hospital park stadium coach_station transport_hub exhibition_space mobile"""
FACILITIES = """water hot_water rest cooling heating toilet microwave charging ebike_charging battery_swap first_aid aed wifi
table meeting_corner exhibition lock socket hand_basin bin sign staff fridge air_pump umbrella tools books shower laundry
lockers legal_help haircut discount_meal card_activation nursing changing_table wheelchair"""


@pytest.mark.parametrize(("section", "codes"), [
    ("kind", KINDS), ("host", HOSTS), ("facility", FACILITIES),
    ("eligibility", "everyone outdoor_workers members staff_only"),
    ("status", "draft submitted active suspended closed planned"), ("visibility", "public internal"),
    ("mode", "staffed code unattended staff_only"), ("basis", "stated inspected inferred"),
    ("workday_rule", "calendar official unstated")])
def test_every_code_of_the_site_record_is_in_the_vocabulary(section, codes):
    assert list(WORDS.terms(section)) == codes.split()


def test_the_datums_are_the_ones_questions_accept():
    assert tuple(WORDS.terms("datum")) == DATUMS


def test_every_section_has_words():
    assert set(WORDS.sections) == set(SECTIONS)
    assert all(WORDS.sections.values())


@pytest.mark.parametrize(("section", "term"), TERMS, ids=lambda v: v if isinstance(v, str) else v.code)
def test_a_word_is_understood_by_every_name_it_has(section, term):
    for name in (term.code, term.code.upper(), f" {term.code.replace('_', '-')} ", *term.words, *term.synonyms):
        assert WORDS.code(section, name) == term.code


@given(st.sampled_from(TERMS), st.text(max_size=20))
def test_what_somebody_writes_is_understood_or_refused_with_the_nearest_code(known, said):
    section, _ = known

    try:
        answer = WORDS.code(section, said)
    except UnknownCode as refusal:
        answer = refusal.words.en.split("nearest is ")[1].split(" ")[0]

    assert answer in WORDS.terms(section)


@pytest.mark.parametrize(("said", "code"), [
    ("母婴室", "mother_baby_room"), ("哺乳室", "mother_baby_room"), ("骑手驿站", "warm_station"),
    ("户外劳动者驿站", "warm_station"), ("工会户外劳动者服务站点", "warm_station"), ("职工书屋", "reading_room")])
def test_kinds_are_found_by_what_people_call_them(said, code):
    assert WORDS.code("kind", said) == code


@pytest.mark.parametrize(("said", "code"), [
    ("厕所", "toilet"), ("卫生间", "toilet"), ("充电", "charging"), ("热饭", "microwave"), ("取暖", "heating"),
    ("纳凉", "cooling"), ("开水", "hot_water"), ("Wi-Fi", "wifi"), ("WIFI", "wifi"), ("AED", "aed")])
def test_facilities_are_found_by_what_people_call_them(said, code):
    assert WORDS.code("facility", said) == code


def test_every_need_is_a_valid_filter():
    for need in WORDS.needs.values():
        filters = Filters.of(WORDS, kinds=need.filters.get("kind", ()), facilities=need.filters.get("facility", ()),
                             eligibility=need.filters.get("eligibility", ()), state=need.filters.get("state", (None,))[0])

        assert filters != Filters()
        assert all(need.words)
        assert set(need.filters) <= {"kind", "facility", "eligibility", "state"}
        assert set(need.filters.get("state", ())) <= set(STATES)


def test_every_need_leads_with_facilities_of_its_own():
    for need in WORDS.needs.values():
        assert need.leads, need.code
        assert set(need.leads) <= WORDS.terms("facility").keys()
        assert need.leads[:1] == need.filters.get("facility", need.leads[:1])


def test_the_page_offers_the_six_needs_of_the_product_first():
    assert [n.words.zh for n in WORDS.needs.values()][:6] == ["取暖", "热水", "厕所", "热饭", "充电", "母婴室"]


# colours


def linear(colour: str) -> np.ndarray:
    srgb = np.array([int(colour[i:i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[.4124, .3576, .1805], [.2126, .7152, .0722], [.0193, .1192, .9505]]) @ rgb / (0.9505, 1, 1.089)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


# Machado, Oliveira and Fernandes (2009), doi:10.1109/TVCG.2009.113, severity 1
SIGHT = {
    "full": (np.eye(3), 20),
    "deuteranopia": (np.array([[.367, .861, -.228], [.280, .673, .047], [-.012, .043, .969]]), 12),
    "protanopia": (np.array([[.152, 1.053, -.205], [.115, .786, .099], [-.004, -.048, 1.052]]), 12),
}


def test_every_kind_has_a_colour_dark_enough_on_white():
    for term in WORDS.terms("kind").values():
        luminance = linear(term.colour) @ (0.2126, 0.7152, 0.0722)

        assert 1.05 / (luminance + 0.05) >= 4.5, term.code


@pytest.mark.parametrize("sight", SIGHT)
def test_kinds_can_be_told_apart_by_their_colours(sight):
    seen_as, least = SIGHT[sight]
    seen = {t.code: lab(np.clip(seen_as @ linear(t.colour), 0, 1)) for t in WORDS.terms("kind").values()}

    for (one, a), (other, b) in itertools.combinations(seen.items(), 2):
        assert np.linalg.norm(a - b) >= least, (one, other)


# an operator's own words


@pytest.fixture
def own(tmp_path):
    def write(text: str):
        path = tmp_path / "own.toml"
        path.write_text(text, "utf-8")
        return path
    return write


def test_a_new_kind_is_a_line_of_data(own):
    words = vocabulary.load(own('[kind]\nbike_shed = { zh = "车棚", en = "bike shed" }\n'))

    assert words.code("kind", "车棚") == "bike_shed"
    assert list(words.terms("kind"))[-1] == "bike_shed"
    assert "bike_shed" not in vocabulary.load().terms("kind")


def test_an_operators_line_changes_only_the_keys_it_gives(own):
    words = vocabulary.load(own('[kind]\nwarm_station = { colour = "#123456" }\n'))

    assert words.term("kind", "warm_station").colour == "#123456"
    assert words.term("kind", "warm_station").words == WORDS.term("kind", "warm_station").words


@pytest.mark.parametrize(("text", "place"), [
    ('[kind]\nshed = { zh = "车棚" }', "own.toml: kind.shed"),
    ('[kind]\nshed = { en = "shed" }', "own.toml: kind.shed"),
    ('[kind]\nshed = { zh = " ", en = "shed" }', "own.toml: kind.shed"),
    ('[kind]\nshed = { zh = 3, en = "shed" }', "own.toml: kind.shed"),
    ('[kind]\nshed = "车棚"', "own.toml: kind.shed"),
    ('[kind]\nShed = { zh = "车棚", en = "shed" }', "own.toml: kind.Shed"),
    ('[kind]\nshed = { zh = "车棚", en = "shed", color = "red" }', "own.toml: kind.shed"),
    ('[kind]\nshed = { zh = "车棚", en = "shed", colour = "red" }', "own.toml: kind.shed"),
    ('[kind]\nshed = { zh = "车棚", en = "shed", osm = "amenity" }', "own.toml: kind.shed"),
    ('[kind]\nshed = { zh = "车棚", en = "shed", synonyms = "棚" }', "own.toml: kind.shed"),
    ('[kind]\nshed = { zh = "车棚", en = "shed", synonyms = ["职工之家"] }', "own.toml: kind.shed"),
    ('[subtype]\nshed = { zh = "车棚", en = "shed", of = "nothing" }', "own.toml: subtype.shed"),
    ('[kinds]\nshed = { zh = "车棚", en = "shed" }', "own.toml: kinds"),
    ('kind = 3', "own.toml: kind"),
    ('[needs]\nshed = { zh = "车棚", en = "shed", facility = ["sheds"] }', "own.toml: needs.shed"),
    ('[needs]\nshed = { zh = "车棚", en = "shed", state = ["ajar"] }', "own.toml: needs.shed"),
    ('[needs]\nshed = { zh = "车棚", en = "shed" }', "own.toml: needs.shed"),
    ('[needs]\nshed = { zh = "车棚", en = "shed", state = ["open"], leads = ["sheds"] }', "own.toml: needs.shed"),
    ('[kind', "own.toml"),
])
def test_a_wrong_line_is_refused_and_its_place_named(own, text, place):
    with pytest.raises(BadFile) as refusal:
        vocabulary.load(own(text))

    assert refusal.value.at == place
    assert refusal.value.words.zh
    assert refusal.value.words.en


def test_a_vocabulary_that_is_no_text_or_not_there_is_refused(tmp_path):
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")

    for name in ("binary.toml", "absent.toml", "."):
        with pytest.raises(BadFile):
            vocabulary.load(tmp_path / name)


def test_reading_the_vocabulary_brings_in_nothing_heavy():
    heavy = "geopandas pandas shapely pypinyin folium sqlalchemy flask"
    code = f"import sys; from geodata import vocabulary; vocabulary.load(); print([m for m in {heavy.split()} if m in sys.modules])"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_new_kind_of_an_installation_is_one_line_in_its_own_file(tmp_path):
    (tmp_path / "vocabulary.toml").write_text('[kind.rider_camp]\nzh = "骑手营地"\nen = "rider camp"\ncolour = "#333333"\n', "utf-8")

    assert vocabulary.of_home(tmp_path).code("kind", "骑手营地") == "rider_camp"
    assert "rider_camp" not in vocabulary.of_home(tmp_path / "other").terms("kind")
