"""Streets and crossings out of a real OpenStreetMap extract; the shipped landmarks held against them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from geodata import osm_places, places
from locator import earth
from locator.names import Names, Place
from tests.real.conftest import shared


@pytest.fixture(scope="module")
def found() -> list[Place]:
    return places.merged(osm_places.read(shared("beijing_roads_osm2013/beijing_roads_2013.osm.pbf")))


def test_the_named_roads_of_beijing_become_streets_and_crossings(found):
    counts = Counter(p.category for p in found)

    assert counts["street"] > 2_100  # 2,213 names, some of several streets
    assert counts["crossing"] > 3_500
    assert all(115.4 < p.lon < 117.6 and 39.4 < p.lat < 41.1 for p in found)
    assert len({p.code for p in found}) == len(found)


def test_real_streets_and_crossings_are_found_by_characters_pinyin_and_initials(found, tmp_path):
    places.store(found, tmp_path)
    stored = places.load(tmp_path)
    names = Names.of_places(stored)

    for said, first in (("金宝街", "金宝街"), ("jinbaojie", "金宝街"), ("东单北大街 金宝街", "金宝街与东单北大街路口"),
                        ("金宝街与东单北大街路口", "金宝街与东单北大街路口"), ("东单北大街与金宝街路口", "金宝街与东单北大街路口")):
        assert stored[names.search(said, 1)[0].row].words.zh == first
    assert "东单北大街" in [stored[f.row].words.zh for f in names.search("ddbdj", 5)]


CROSSINGS = {
    "东单": ("东单北大街", "建国门内大街"), "菜市口": ("广安门内大街", "宣武门外大街"), "新街口": ("新街口南大街", "西直门内大街"),
    "公主坟": ("复兴路", "西三环中路"), "国贸": ("建国门外大街", "东三环中路"), "双井": ("广渠路", "东三环中路"),
    "北新桥": ("东四北大街", "东直门内大街"), "海淀黄庄": ("知春路", "中关村大街"), "蓟门桥": ("西土城路", "北三环中路"),
    "北太平庄": ("新街口外大街", "北三环中路"), "东直门": ("东直门内大街", "东直门外大街"), "朝阳门": ("朝阳门内大街", "朝阳门外大街"),
    "磁器口": ("崇文门外大街", "珠市口东大街"), "灯市口": ("灯市口大街", "东四南大街"), "长椿街": ("长椿街", "宣武门西大街"),
    "南礼士路": ("南礼士路", "复兴门外大街"), "亮马桥": ("亮马桥路", "东三环北路"), "虎坊桥": ("珠市口西大街", "南新华街"),
    "平安里": ("平安里西大街", "新街口南大街"), "西直门": ("西直门内大街", "西直门外大街"), "大望路": ("建国路", "西大望路"),
    "魏公村": ("魏公村路", "中关村南大街"),
}


def test_shipped_landmarks_lie_where_real_streets_of_their_names_meet(found):
    """Within their own accuracy each; and together without the shift of another datum, 530 m east and 150 m north."""
    shipped = {p.words.zh: p for p in places.load()}
    offsets = []
    for name, (one, other) in CROSSINGS.items():
        landmark = shipped[name]
        here = np.array([landmark.lon, landmark.lat])
        met = [p for p in found if {p.words.zh, *p.aliases} & {f"{one}与{other}路口", f"{other}与{one}路口"}]
        if not met:
            continue
        pairs = np.array([(p.lon, p.lat) for p in met])
        apart = earth.geodesic_m(here, pairs)
        assert apart.min() <= landmark.accuracy_m, name
        offsets.append((here - pairs[apart.argmin()]) * (85_300, 111_000))
    assert len(offsets) >= 12
    assert np.abs(np.median(offsets, axis=0)).max() < 60
