from __future__ import annotations

import csv
import io
import json

import pytest
import shapely
from shapely.geometry import mapping

from geodata import build_areas
from geodata.areas import Areas
from geodata.readings import reading

OLD_CODES = [*(c for c in build_areas.DISTRICTS if c not in build_areas.SUCCESSOR.values()), *build_areas.SUCCESSOR, "110101", "110102"]


def strip_of_districts(widths=None):
    """Return the 18 districts of before 2010 side by side, as the package gives them."""
    features, west = [], 115.5
    for i, code in enumerate(sorted(OLD_CODES, key=lambda c: build_areas.SUCCESSOR.get(c, c))):
        east = west + (widths or {}).get(i, 0.1)
        features.append({"id": code, "properties": {"name": code}, "geometry": mapping(shapely.box(west, 39.5, east, 40.5))})
        west = east
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


STREETS = """code,name,areaCode,provinceCode,cityCode
110101001,东华门街道,110101,11,1101
120101001,劝业场街道,120101,12,1201
""".encode()


def test_the_abolished_districts_join_their_successors():
    done = build_areas.districts(strip_of_districts())

    assert list(done) == list(build_areas.DISTRICTS)
    for successor, width in (("110101", 0.2), ("110102", 0.2), ("110105", 0.1), ("110118", 0.1)):
        west, _, east, _ = done[successor].bounds
        assert east - west == pytest.approx(width, abs=0.002)  # GCJ-02 stretches a little


def test_outlines_that_overlap_or_leave_a_gap_are_refused():
    gap = json.loads(strip_of_districts())
    gap["features"][5]["geometry"] = mapping(shapely.box(116.0, 39.5, 116.05, 40.5))
    overlap = json.loads(strip_of_districts())
    overlap["features"][5]["geometry"] = mapping(shapely.box(116.0, 39.5, 116.15, 40.5))

    for wrong in (gap, overlap):
        with pytest.raises(ValueError, match="overlap or leave gaps"):
            build_areas.districts(json.dumps(wrong).encode())


def test_the_same_packages_give_the_same_bytes():
    once, again = (build_areas.build(strip_of_districts(), STREETS, reading) for _ in range(2))

    assert once == again
    codes = [line["code"] for line in csv.DictReader(io.StringIO(once["areas.csv"].decode()))]
    assert codes == ["110000", *build_areas.DISTRICTS, "110302", "110101001"]


@pytest.mark.parametrize(("zh", "en"), [
    ("东华门街道", "Donghuamen Subdistrict"), ("广安门内街道", "Guang'anmennei Subdistrict"), ("张镇", "Zhangzhen Town"),
    ("大安山乡", "Da'anshan Township"), ("于家务回族乡", "Yujiawu Hui Ethnic Township"), ("常营地区", "Changying Area")])
def test_street_names_are_romanised_and_their_generic_words_translated(zh, en):
    assert build_areas.english(zh, reading) == en


def test_the_shipped_english_names_are_the_ones_the_readings_give():
    """If a reading was corrected: python -m geodata.build_areas, and its row in files/README.md."""
    for area in Areas.load().tree:
        if area.tier == "street" and area.code not in build_areas.OWN_NAMES:
            assert area.words.en == build_areas.english(area.words.zh, reading)


def test_an_archive_that_is_not_the_known_one_is_refused(tmp_path):
    (tmp_path / "other.tgz").write_bytes(b"something else")

    with pytest.raises(ValueError, match="checksum"):
        build_areas.main(["--outlines", str(tmp_path / "other.tgz")])
