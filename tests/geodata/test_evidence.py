"""Which datum a file is in: decided by what the file states, or asked; never guessed, never wrong."""

from __future__ import annotations

import json
import math
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata import evidence, intake, places, stated, witnesses
from geodata.areas import Areas
from geodata.headers import Pair
from geodata.intake import Intake
from geodata.stated import Stated
from locator import datum as datums
from locator.errors import BadCoordinate, BadDatum
from locator.names import Place
from locator.words import Words
from scripts import bench_evidence
from tests import oracles

SIMULATED = 1_080
PAIR = Pair(0, 1, None)


@pytest.fixture(scope="module")
def areas() -> Areas:
    return Areas.load()


@pytest.fixture(scope="module")
def stations(areas: Areas) -> list[tuple[str, float, float]]:
    """500 points spread over Dongcheng and Chaoyang, each with its district, WGS-84."""
    rng = np.random.default_rng(7)
    found = []
    for name in ("东城区", "朝阳区"):
        outline = areas.polygon(areas.code(name))
        west, south, east, north = outline.bounds
        points = rng.uniform((west, south), (east, north), (2000, 2))
        found += [(name, lon, lat) for lon, lat in points[shapely.contains_xy(outline, *points.T)][:250].tolist()]
    return found


@pytest.fixture
def read(tmp_path: Path, vocabulary, areas: Areas):
    def reader(text: str, *, datum: str | None = None, **options) -> Intake:
        path = tmp_path / "stations.csv"
        path.write_text(text, "utf-8")
        return intake.read(path, vocabulary=vocabulary, areas=areas, kind="warm_station", datum=datum, **options)

    return reader


def written(rows: list[tuple[str, float, float]], datum: str, *, by_address: bool = False) -> str:
    """Write points as a street's clerk would, in one datum."""
    pairs = datums.from_wgs84(np.array([(lon, lat) for _, lon, lat in rows]), datum).round(6).tolist()
    lines = (f"站{i},{lon},{lat}," + (f"北京市{district}某街{i}号," if by_address else f"某街{i}号,{district}")
             for i, ((district, _, _), (lon, lat)) in enumerate(zip(rows, pairs, strict=True)))
    return "名称,经度,纬度,地址,区\n" + "\n".join(lines) + "\n"


def rows_of(*points: tuple[float, float], districts: list[str | None] | None = None, names: list[str] | None = None) -> Stated:
    n = len(points)
    return Stated(range(n), {PAIR: np.array(points)}, districts or [None] * n, [None] * n, names or [""] * n, [""] * n, [None] * n)


# --- decided --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("datum", evidence.CANDIDATES)
@pytest.mark.parametrize("by_address", [False, True])
def test_stated_districts_decide_the_datum_and_the_rows_are_those_of_the_datum_said(read, stations, datum, by_address):
    text = written(stations, datum, by_address=by_address)

    found, said = read(text, datum="auto"), read(text, datum=datum)

    assert [str(e) for e in found.errors] == []
    assert (found.datum, found.evidence.decision, found.evidence.by) == (datum, datum, "votes")
    assert found.sites == said.sites  # their ids too: a second import finds the first
    assert {site.source_datum for site in found.sites} == {datum}


def test_the_sentences_give_the_counts_in_chinese_and_english(read, stations):
    found = read(written(stations, "gcj02")).evidence

    [tally] = found.tallies
    zh, en = ("".join(words[i] for words in found.sentences) for i in (0, 1))
    assert f"as GCJ-02 {tally.fits['gcj02']} of 500 rows fall in their stated district" in en
    assert f"as WGS-84 {tally.fits['wgs84']}" in en
    assert f"{found.duel.rows_for} rows decide, all for GCJ-02" in en
    assert f"按 GCJ-02，500 行中有 {tally.fits['gcj02']} 行落在所写的区内" in zh
    assert tally.fits["gcj02"] == 500 > max(tally.fits["wgs84"], tally.fits["bd09"])


def test_evidence_is_plain_data_that_a_page_can_show(read, stations):
    found = read(written(stations, "gcj02")).evidence

    shown = json.loads(json.dumps(found.as_dict("en")))

    assert shown["decision"] == "gcj02"
    assert shown["tallies"][0]["about"] == "district"
    assert shown["sentences"][-1] == "decided: GCJ-02."


def test_counts_agree_with_asking_every_row_of_every_outline(areas, stations):
    given = datums.from_wgs84(np.array([s[1:] for s in stations]), "gcj02")
    codes = [areas.code(s[0]) for s in stations]

    found = evidence.weigh(rows_of(*given.tolist(), districts=codes), PAIR, areas=areas)

    for datum in evidence.CANDIDATES:
        inside = [areas.polygon(code).covers(shapely.Point(datums.point_to_wgs84(lon, lat, datum)))
                  for code, (lon, lat) in zip(codes, given.tolist(), strict=True)]
        assert found.tallies[0].fits[datum] == sum(inside)


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_sign_test_is_exact(fewer, more):
    fewer, more = sorted((fewer, more))
    n = fewer + more

    exact = min(1.0, 2 * sum(math.comb(n, k) for k in range(fewer + 1)) / 2**n) if n else 1.0

    assert evidence._two_sided(fewer, n) == pytest.approx(exact, rel=1e-9)


# --- never fooled ---------------------------------------------------------------------------------------


def test_no_simulated_file_is_ever_decided_wrongly(areas):
    """Datums × rows × noise × wrong districts × city, district, border or mixed files, under borders that are not ours."""
    cases = list(islice((c for _ in range(9) for c in bench_evidence.CASES), SIMULATED))
    worlds = bench_evidence.worlds_of(areas, outlines=None)

    found = [(case, seen.decision) for case, seen in bench_evidence.simulate(cases, areas=areas, worlds=worlds, seed=1)]

    assert [(case, decision) for case, decision in found if decision not in (None, case.datum)] == []
    clear = [decision is not None for case, decision in found if case.rows == 1000 and case.noise_m <= 50 and case.where in ("city", "district")]
    assert np.mean(clear) > 0.75, f"{sum(d is not None for _, d in found)} of {len(found)} decided; of large clear files {np.mean(clear):.0%}"


def test_rows_near_a_border_say_nothing_and_rows_of_one_stretch_count_once(areas):
    outline = areas.polygon("110101")
    east = max(shapely.get_coordinates(outline), key=lambda pair: pair[0])
    rng = np.random.default_rng(1)
    crowd = east + rng.normal(0, (0.0035, 0.001), (400, 2))  # 300 m either side of the easternmost corner

    found = evidence.weigh(rows_of(*crowd.tolist(), districts=["110101"] * 400), PAIR, areas=areas)

    for duel in found.duels:
        assert duel.votes_for + duel.votes_against <= 4
        assert not duel.decides
    assert any(duel.rows_for > 20 for duel in found.duels)
    assert found.decision is None


def test_a_file_that_mixes_two_datums_is_of_neither(read, stations):
    half = written(stations[::2], "gcj02").splitlines() + written(stations[1::2], "wgs84").splitlines()[1:]

    found = read("\n".join(half))

    assert (found.datum, found.evidence.decision) == (None, None)
    assert [type(e) for e in found.errors] == [BadDatum]


def test_a_city_that_is_not_known_is_no_evidence(read):
    found = read("名称,经度,纬度,地址\n" + "\n".join(f"站{i},113.{60 + i},34.75,郑州市二七区某路{i}号" for i in range(30)) + "\n")

    assert found.evidence.tallies == ()
    assert found.errors[0].field == "datum"


def test_districts_of_another_city_of_the_same_name_decide_nothing(read):
    found = read("名称,经度,纬度,区\n" + "\n".join(f"站{i},125.{20 + i},43.85,朝阳区" for i in range(40)) + "\n")

    assert found.evidence.tallies[0].fits == {"wgs84": 0, "gcj02": 0, "bd09": 0}
    assert found.evidence.decision is None


# --- what was said --------------------------------------------------------------------------------------


def test_what_the_caller_says_goes_before_the_evidence_which_is_told_as_a_warning(read, stations):
    found = read(written(stations, "gcj02"), datum="wgs84")

    assert found.errors == []
    assert found.datum == "wgs84"
    [warned] = [w for w in found.warnings if isinstance(w, BadDatum)]
    assert "decided: GCJ-02" in warned.words.en
    assert "判定：GCJ-02" in warned.words.zh


@pytest.mark.parametrize("said", ["wgs84", "cgcs2000"])
def test_cgcs2000_and_wgs84_are_one_candidate(read, stations, said):
    assert not [w for w in read(written(stations, "wgs84"), datum=said).warnings if isinstance(w, BadDatum)]


def test_a_header_that_names_a_datum_is_held_against_the_evidence(read, stations):
    text = written(stations, "gcj02").replace("经度,纬度", "wgs84经度,wgs84纬度")

    found = read(text)

    assert found.datum == "wgs84"
    assert any(isinstance(w, BadDatum) for w in found.warnings)


def test_a_few_rows_are_asked_about_and_every_row_error_is_listed_too(read, stations):
    found = read(written(stations[:5], "gcj02") + "坏,200,39.9,某街,东城区\n")

    assert [type(e) for e in found.errors] == [BadDatum, BadCoordinate]
    assert "--datum" in found.errors[0].words.en
    assert found.evidence.tallies[0].judged == 5


# --- known sites and places -----------------------------------------------------------------------------


def test_three_rows_at_their_known_sites_decide(read, stations):
    known = {site.id: site for site in read(written(stations[:6], "gcj02"), datum="gcj02").sites}

    same = read(written(stations[:3], "bd09"), existing=known)
    two = read(written(stations[:2], "bd09"), existing=known)

    assert (same.datum, same.evidence.by) == ("bd09", "sites")
    assert two.evidence.decision is None
    assert same.evidence.tallies[0].fits == {"wgs84": 0, "gcj02": 0, "bd09": 3}


def test_known_sites_that_the_other_evidence_contradicts_decide_nothing(read, stations):
    mistaken = {site.id: site for site in read(written(stations[:6], "gcj02"), datum="wgs84").sites}  # imported wrongly before

    found = read(written(stations, "gcj02"), existing=mistaken).evidence

    assert (found.decision, found.refuted) == (None, "wgs84")
    assert "contradicts itself" in found.sentences[-1].en


def test_a_known_site_is_found_by_code_or_by_name_and_address_but_not_by_a_name_that_two_have(vocabulary, areas, read):
    known = {s.id: s for s in read("编号,名称,地址,经度,纬度\nA1,甲,东街1号,116.4,39.9\n,乙,东街2号,116.41,39.9\n,丙,东街3号,116.42,39.9\n"
                                   ",丙,东街3号,116.43,39.9\n", datum="wgs84").sites}
    columns = {"id": [""] * 4, "station_code": ["A1", "", "", ""], "source": [""] * 4, "source_id": [""] * 4}

    found = stated._known(known, ["新名", "乙", "丙", "乙"], ["", "东街 2号", "东街3号", "别处"], columns, None)

    assert [site.name if site else None for site in found] == ["甲", "乙", None, None]


@pytest.mark.parametrize(("said", "there"), [
    ("国贸", "guomao"), ("国贸店", "guomao"), ("中国银行国贸支行", "guomao"), ("建国门暖心驿站", "jianguomen"), ("建国门外大街1号", None),
    ("东单北大街甲3号", None), ("五道口地铁站东南口", "wudaokou"), ("从国贸到西单", None), ("望京SOHO", "wangjing_soho"), ("东城区", None),
    ("", None)])
def test_a_row_is_at_a_place_only_if_it_is_named_after_that_very_place(said, there):
    found = witnesses._Finder(places.load()).at(said)

    assert (found.code if found else None) == there


def test_places_decide_when_enough_of_them_agree(areas):
    spots = [Place(f"p{i}", Words(f"第{c}岔", "x"), 116.30 + 0.01 * i, 39.9, 40.0, "crossing") for i, c in enumerate("甲乙丙丁戊己庚辛壬癸")]
    true = np.array([(p.lon, p.lat) for p in spots])
    rows = rows_of(*datums.from_wgs84(true, "gcj02").tolist(), names=[f"{p.words.zh}驿站" for p in spots])

    found = evidence.weigh(rows, PAIR, areas=areas, places=spots)

    assert (found.decision, found.duel.votes_for) == ("gcj02", 10)
    assert "lie at the place they are named after" in found.sentences[0].en


# --- two pairs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mine", evidence.CANDIDATES)
@pytest.mark.parametrize("other", evidence.CANDIDATES)
def test_the_vector_between_two_pairs_names_both_datums_unless_they_are_one(read, stations, mine, other):
    true = np.array([s[1:] for s in stations[:12]])
    mine_said, other_said = datums.from_wgs84(true, mine).tolist(), datums.from_wgs84(true, other).tolist()
    lines = [f"站{i},{a[0]},{a[1]},{b[0]},{b[1]}" for i, (a, b) in enumerate(zip(mine_said, other_said, strict=True))]

    found = read(f"名称,经度,纬度,{other}_lon,{other}_lat\n" + "\n".join(lines) + "\n")

    assert found.datum == (mine if mine != other else None)
    if mine != other:
        assert found.evidence.by == "pairs"
        assert found.evidence.agreement.median_m < 0.01


def test_pairs_whose_headers_say_what_the_vector_denies_are_asked_about(read, stations):
    true = np.array([s[1:] for s in stations[:12]])
    first, second = datums.from_wgs84(true, "gcj02").tolist(), datums.from_wgs84(true, "bd09").tolist()
    lines = [f"站{i},{a[0]},{a[1]},{b[0]},{b[1]}" for i, (a, b) in enumerate(zip(first, second, strict=True))]

    found = read("名称,wgs84_lon,wgs84_lat,gcj02_lon,gcj02_lat\n" + "\n".join(lines) + "\n")

    assert [type(e) for e in found.errors] == [BadDatum]


def test_rows_whose_pairs_are_more_than_5_m_apart_are_listed_with_the_metres_and_the_pair_taken(read, stations):
    true = np.array([s[1:] for s in stations[:10]])
    off = true.copy()
    off[3] += (0, 0.0005)  # 55.5 m
    off[6] += (0, 0.00004)  # 4.4 m
    gcj = datums.from_wgs84(off, "gcj02").tolist()
    lines = [f"站{i},{a[0]},{a[1]},{b[0]},{b[1]}" for i, (a, b) in enumerate(zip(true.tolist(), gcj, strict=True))]

    found = read("名称,wgs84_lon,wgs84_lat,gcj02_lon,gcj02_lat\n" + "\n".join(lines) + "\n")

    [apart] = [w for w in found.warnings if "apart" in w.words.en]
    metres = oracles.geodesic_m(true[3], off[3:4])[0]
    assert apart.at == "stations.csv:5"
    assert f"{metres:.1f} m apart; wgs84_lon、wgs84_lat (WGS-84) was taken" in apart.words.en
    assert (found.sites[3].lon, found.sites[3].lat) == tuple(true[3])
