from __future__ import annotations

import json
import subprocess
import sys

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import shape

from geodata import areas as shipped
from geodata.areas import Areas
from locator.errors import BadDatum, BadFile, NotThere

BEIJING = Areas.load()
DISTRICTS = {a.code: a for a in BEIJING.tree.children("110000") if a.has_outline}
OUTLINES = {code: BEIJING.polygon(code) for code in DISTRICTS}
NAMES = {"东城区", "西城区", "朝阳区", "丰台区", "石景山区", "海淀区", "门头沟区", "房山区", "通州区", "顺义区", "昌平区", "大兴区",
         "怀柔区", "平谷区", "密云区", "延庆区"}


# what is shipped


def test_the_city_has_its_sixteen_districts_with_the_codes_of_today():
    assert {a.words.zh for a in DISTRICTS.values()} == NAMES
    assert set(DISTRICTS) == {f"1101{n:02}" for n in (1, 2, 5, 6, 7, 8, 9, *range(11, 20))}
    assert all(a.tier == "district" and a.words.en.endswith(" District") for a in DISTRICTS.values())


def test_the_development_area_is_a_district_without_an_outline():
    area = BEIJING.tree["110302"]

    assert (area.tier, area.parent, area.has_outline, area.centre) == ("district", "110000", False, None)
    with pytest.raises(NotThere):
        BEIJING.polygon("110302")


def test_the_349_streets_lie_under_their_districts_and_have_english_names():
    streets = [a for a in BEIJING.tree if a.tier == "street"]

    assert len(streets) == 349
    assert all(a.parent == a.code[:6] and a.parent in DISTRICTS for a in streets)
    assert all(a.words.en.isascii() and a.words.en[0].isupper() for a in streets)


@pytest.mark.parametrize(("code", "en"), [
    ("110101001", "Donghuamen Subdistrict"), ("110102001", "Xichang'anjie Subdistrict"),
    ("110102012", "Shichahai Subdistrict"), ("110102013", "Dashilan Subdistrict"), ("110111105", "Changyang Town"),
    ("110113110", "Zhangzhen Town"), ("110116213", "Labagoumen Manchu Ethnic Township")])
def test_place_names_are_romanised_as_they_are_read_in_beijing(code, en):
    assert BEIJING.tree[code].words.en == en


def test_every_outline_is_one_valid_polygon_or_several_and_holds_its_centre():
    for code, area in DISTRICTS.items():
        assert OUTLINES[code].is_valid
        assert OUTLINES[code].geom_type in ("Polygon", "MultiPolygon")
        assert OUTLINES[code].contains(shapely.Point(area.centre))


def test_the_districts_fill_the_city_without_overlap_or_gap():
    every = list(OUTLINES.values())

    assert shapely.coverage_is_valid(every)
    whole = shapely.union_all(every)
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert whole.area == pytest.approx(sum(p.area for p in every), rel=1e-12)
    assert BEIJING.polygon("110000").equals(whole)


def test_the_districts_measure_what_beijing_is_said_to_measure():
    earth = Geod(ellps="WGS84")

    km2 = sum(abs(earth.geometry_area_perimeter(p)[0]) for p in OUTLINES.values()) / 1e6

    assert km2 == pytest.approx(16_410, abs=10)


def test_the_capital_airport_is_chaoyangs_though_shunyi_lies_all_around_it():
    assert BEIJING.district_of(np.array([[116.59, 40.07]])) == ["110105"]


def test_the_census_counts_every_resident():
    assert set(shipped.census()) == set(DISTRICTS)
    assert sum(shipped.census().values()) == 21_893_095


def test_the_phone_map_is_small_and_neighbours_still_share_their_borders():
    drawn = BEIJING.outlines()

    assert len(json.dumps(drawn, ensure_ascii=False, separators=(",", ":")).encode()) <= 40_000
    outlines = [shape(f["geometry"]) for f in drawn["features"]]
    assert len(outlines) == 16
    assert all(p.is_valid for p in outlines)
    assert shapely.coverage_is_valid(outlines)
    assert {f["properties"]["code"] for f in drawn["features"]} == set(DISTRICTS)


def test_detailed_outlines_are_the_ones_points_are_placed_by():
    for feature in BEIJING.outlines(detailed=True)["features"]:
        assert shape(feature["geometry"]).equals(OUTLINES[feature["id"]])


# where a point lies


lonlats = st.lists(st.tuples(st.floats(115.3, 117.6), st.floats(39.3, 41.2)), min_size=1, max_size=20)


@given(lonlats)
def test_the_district_of_a_point_is_the_first_whose_outline_covers_it(points):
    answers = BEIJING.district_of(np.array(points))

    for point, answer in zip(points, answers, strict=True):
        covering = [c for c, p in OUTLINES.items() if p.covers(shapely.Point(point))]
        assert answer == (covering[0] if covering else None)


def test_a_point_exactly_on_a_border_belongs_to_the_district_that_stands_first():
    for one, other in (("110101", "110102"), ("110105", "110113"), ("110116", "110118")):
        border = shapely.get_coordinates(OUTLINES[one].intersection(OUTLINES[other]))

        assert set(BEIJING.district_of(border)) <= {c for c in DISTRICTS if c <= one}


def test_a_point_that_is_nowhere_or_elsewhere_has_no_district():
    nowhere = np.array([[np.nan, 39.9], [116.4, np.nan], [np.nan, np.nan], [np.inf, 39.9], [-np.inf, np.inf],
                        [121.47, 31.23], [-116.4, 39.9], [39.9, 116.4]])

    assert BEIJING.district_of(nowhere) == [None] * len(nowhere)


def test_no_points_have_no_districts():
    assert BEIJING.district_of(np.empty((0, 2))) == []


def test_answers_stand_in_the_order_of_the_points():
    points = np.array([DISTRICTS[code].centre for code in reversed(DISTRICTS)])

    assert BEIJING.district_of(points) == list(reversed(DISTRICTS))


# names


@pytest.mark.parametrize(("said", "code"), [
    ("110101", "110101"), ("东城区", "110101"), ("东城", "110101"), ("Dongcheng", "110101"),
    ("dongcheng district", "110101"), ("ＤＯＮＧＣＨＥＮＧ", "110101"), (" 东 城 区 ", "110101"),
    ("北京", "110000"), ("北京市", "110000"), ("Beijing", "110000"),
    ("崇文区", "110101"), ("宣武", "110102"), ("密云县", "110118"), ("110229", "110119"),
    ("海淀", "110108"), ("海淀街道", "110108012"), ("怀柔", "110116"), ("怀柔地区", "110116003"),
    ("东华门街道", "110101001"), ("东华门", "110101001"), ("Donghuamen", "110101001"),
    ("北京市东城区东华门街道", "110101001"), ("朝阳区 八里庄街道", "110105015"), ("海淀八里庄", "110108005"),
    ("经开区", "110302"), ("北京经济技术开发区", "110302"), ("BDA", "110302"), ("张镇", "110113110")])
def test_an_area_is_understood_by_what_people_call_it(said, code):
    assert BEIJING.code(said) == code


@given(st.sampled_from(list(BEIJING.tree)), st.sampled_from(["code", "zh", "en"]), st.sampled_from([str.upper, str.lower, str]))
def test_every_area_is_understood_by_its_code_and_after_its_parents_name(area, way, cased):
    if way == "code":
        assert BEIJING.code(cased(area.code)) == area.code
    elif area.parent is not None:
        above = BEIJING.tree[area.parent].words
        said = above.zh + area.words.zh if way == "zh" else f"{above.en} {area.words.en}"

        assert BEIJING.code(cased(said)) == area.code


@given(st.text(max_size=150))
def test_any_text_is_an_area_or_refused(said):
    try:
        code = BEIJING.code(said)
    except NotThere as refusal:
        code = None
        told = refusal.words

    assert code in BEIJING.tree if code is not None else told.zh and told.en


def test_an_unknown_area_is_refused_with_the_nearest_name():
    with pytest.raises(NotThere, match=r"110108.*海淀区.*110108.*Haidian"):
        BEIJING.code("海锭区")


def test_a_name_that_several_streets_have_is_refused_with_their_codes():
    with pytest.raises(NotThere, match="110105015 朝阳区八里庄街道, 110108005 海淀区八里庄街道"):
        BEIJING.code("八里庄街道")


def test_a_very_long_name_is_refused_at_once():
    with pytest.raises(NotThere):
        BEIJING.code("东城区" * 1_000_000)


def test_the_path_of_an_area_leads_down_from_the_city():
    assert BEIJING.path("110101001") == ["110000", "110101", "110101001"]


def test_reading_the_areas_brings_in_nothing_heavy():
    heavy = "geopandas pandas shapely pypinyin pyproj scipy"
    code = ("import sys; from geodata.areas import Areas; a = Areas.load(); a.tree; a.code('东城'); "
            f"print([m for m in {heavy.split()} if m in sys.modules])")

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


# an operator's own areas


def square(west: float, south: float, side: float = 0.1):
    return shapely.box(west, south, west + side, south + side)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def drawn(tmp_path):
    def write(rows, name="own.geojson", crs="EPSG:4326"):
        path = tmp_path / name
        geopandas.GeoDataFrame(rows, geometry=[r.pop("outline") for r in rows], crs=crs).to_file(path)
        return path
    return write


def zhengzhou():
    return [{"code": "410100", "name": "郑州市", "name_en": "Zhengzhou", "parent": None, "tier": "city", "outline": square(113.5, 34.6, 0.2)},
            {"code": "410102", "name": "中原区", "name_en": "Zhongyuan District", "parent": "410100", "tier": None,
             "outline": square(113.5, 34.6)},
            {"code": "410105", "name": "金水区", "name_en": "Jinshui District", "parent": "410100", "tier": None,
             "outline": square(113.6, 34.6)},
            {"code": "410105001", "name": "经八路街道", "name_en": "Jingbalu Subdistrict", "parent": "410105", "tier": None,
             "outline": square(113.6, 34.6, 0.02)}]


@pytest.mark.parametrize("name", ["own.geojson", "own.gpkg", "own.shp"])
def test_another_city_is_loaded_beside_the_shipped_one(drawn, home, name):
    loaded = shipped.load_file(drawn(zhengzhou(), name), home)

    both = Areas.load(home)
    here = np.array([[113.55, 34.65], [113.61, 34.61], [113.65, 34.75], [116.41, 39.91]])
    assert loaded.added == ("410100", "410102", "410105", "410105001")
    assert both.district_of(here) == ["410102", "410105", None, "110101"]
    assert both.finest_of(here) == ["410102", "410105001", "410100", "110101"]
    assert both.code("郑州金水区") == "410105"
    assert both.tree["410105001"].tier == "street"
    assert Areas.load().district_of(here) == [None, None, None, "110101"]


def test_an_area_that_lies_outside_its_stated_parent_is_loaded_and_told(drawn, home):
    rows = [{"code": "far", "name": "远街", "parent": "110101", "outline": square(116.2, 40.2, 0.02)},
            {"code": "near", "name": "近街", "parent": "110101", "outline": square(116.40, 39.91, 0.01)}]

    loaded = shipped.load_file(drawn(rows), home)

    assert loaded.outside == (("far", "110101", 0.0),)
    assert "far 只有 0% 在所写的上级 110101 之内" in str(loaded)
    assert "only 0% of far lies in 110101" in str(loaded)


def test_loading_the_same_file_twice_changes_nothing(drawn, home):
    path = drawn(zhengzhou())
    shipped.load_file(path, home)
    before = {p.name: p.read_bytes() for p in shipped.folder_of(home).iterdir()}

    again = shipped.load_file(path, home)

    assert (again.added, len(again.replaced)) == ((), 4)
    assert {p.name: p.read_bytes() for p in shipped.folder_of(home).iterdir()} == before


def test_a_better_outline_replaces_the_shipped_one_and_keeps_what_the_file_does_not_say(drawn, home):
    better = square(116.38, 39.88)

    loaded = shipped.load_file(drawn([{"code": "110101", "name": "东城区", "outline": better}]), home)

    mine = Areas.load(home)
    assert loaded.replaced == ("110101",)
    assert mine.polygon("110101").equals_exact(better, 1e-6, normalize=True)
    assert (mine.tree["110101"].words.en, mine.tree["110101"].parent, mine.tree["110101"].tier) == ("Dongcheng District", "110000", "district")
    assert mine.code("崇文") == "110101"
    assert [a.code for a in mine.tree] == [a.code for a in BEIJING.tree]
    assert len(mine.outlines()["features"]) == 16


def test_streets_get_outlines_under_a_named_parent(drawn, home):
    path = drawn([{"code": "110101001", "name": "东华门街道", "outline": square(116.39, 39.90, 0.01)},
                  {"code": "110101990", "name": "新街道", "outline": square(116.40, 39.90, 0.01)}])

    shipped.load_file(path, home, parent="东城区")

    mine = Areas.load(home)
    assert mine.tree["110101990"].tier == "street"
    assert mine.finest_of(np.array([[116.395, 39.905], [116.405, 39.905]])) == ["110101001", "110101990"]
    assert mine.district_of(np.array([[116.405, 39.905]])) == ["110101"]
    assert len(mine.outlines(tier="street")["features"]) == 2


def test_projected_outlines_are_converted(drawn, home):
    frame = geopandas.GeoDataFrame({"code": ["x"]}, geometry=[square(113.5, 34.6)], crs=4326).to_crs(4548)

    shipped.load_file(drawn([{"code": "x", "name": "郊区", "outline": frame.geometry[0]}], "own.gpkg", "EPSG:4548"), home)

    assert Areas.load(home).polygon("x").equals_exact(square(113.5, 34.6), 1e-6, normalize=True)


def test_outlines_in_another_datum_are_converted(drawn, home):
    shipped.load_file(drawn([{"code": "x", "name": "郊区", "outline": square(113.5, 34.6)}]), home, datum="gcj02")

    west, south, *_ = Areas.load(home).polygon("x").bounds
    assert 0.003 < 113.5 - west < 0.008
    assert -0.003 < 34.6 - south < 0.003


def test_an_outline_that_crosses_itself_is_made_valid(drawn, home):
    bow = shapely.Polygon([(113, 34), (114, 35), (114, 34), (113, 35)])

    loaded = shipped.load_file(drawn([{"code": "x", "name": "郊区", "outline": bow}]), home)

    assert loaded.repaired == ("x",)
    assert Areas.load(home).polygon("x").is_valid


LINE = shapely.LineString([(113, 34), (114, 35)])
FLAT = shapely.Polygon([(113, 34), (114, 35), (113, 34)])


@pytest.mark.parametrize(("row", "said"), [
    ({"code": "x", "name": "郊区", "outline": LINE}, "没有面"),
    ({"code": "x", "name": "郊区", "outline": None}, "没有面"),
    ({"code": "x", "name": "郊区", "outline": FLAT}, "围不成面"),
    ({"code": "x", "name": "郊区", "outline": square(500_000, 3_800_000, 10)}, "第 1 个顶点 .* 不是经纬度；若是米制坐标"),
    ({"code": "x", "name": "郊区", "outline": shapely.Polygon([(113, 34), (113.1, 34), (34, 113.1)])},
     "第 3 个顶点 34,113.1 不是经纬度；经纬度可能写反了"),
    ({"code": "x", "name": "郊区", "outline": shapely.box(-179, 34, 179, 35)}, "180°"),
    ({"code": "", "name": "郊区", "outline": square(113, 34)}, "code 为空"),
    ({"code": "x", "name": " ", "outline": square(113, 34)}, "name 为空"),
    ({"code": "a", "name": "重", "outline": square(113, 34)}, "code 重复"),
    ({"code": "x", "name": "郊区", "parent": "y", "outline": square(113, 34)}, "没有上级 y"),
    ({"code": "x", "name": "郊区", "parent": "x", "outline": square(113, 34)}, "在它自己之内"),
])
def test_one_row_that_cannot_be_used_refuses_the_file_and_is_named(drawn, home, row, said):
    good = {"code": "a", "name": "好区", "outline": square(113, 34)}

    with pytest.raises(BadFile, match=rf"第 2 行.*{said}"):
        shipped.load_file(drawn([good, row]), home)

    assert not home.exists()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"{}", b"[]", b'{"type":"FeatureCollection","features":[]}', b"\xff\xfe"])
def test_a_file_that_is_no_map_is_refused(tmp_path, home, content):
    path = tmp_path / "own.geojson"
    path.write_bytes(content)

    with pytest.raises(BadFile):
        shipped.load_file(path, home)


def test_a_file_without_the_columns_or_of_another_kind_or_absent_is_refused(drawn, tmp_path, home):
    with pytest.raises(BadFile, match="缺少 code"):
        shipped.load_file(drawn([{"adcode": "x", "name": "郊区", "outline": square(113, 34)}]), home)
    with pytest.raises(BadFile, match=r"\.gpkg"):
        shipped.load_file(tmp_path / "own.docx", home)
    with pytest.raises(BadFile, match="没有这个文件"):
        shipped.load_file(tmp_path / "absent.geojson", home)


def test_an_unknown_parent_or_datum_is_refused(drawn, home):
    path = drawn([{"code": "x", "name": "郊区", "outline": square(113, 34)}])

    with pytest.raises(NotThere):
        shipped.load_file(path, home, parent="火星区")
    with pytest.raises(BadDatum):
        shipped.load_file(path, home, datum="mars")
