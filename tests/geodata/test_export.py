"""What is exported imports back identical, from every format and in every datum, and no text becomes a formula."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from geodata import cells, export, intake
from geodata.registry import Registry
from locator.errors import BadDatum, BadFile
from locator.hours import check_expression
from locator.questions import DATUMS
from locator.sites import FIELDS, INTERNAL_FIELDS, Site, Slot
from locator.vocabulary import Vocabulary
from tests import strategies

SUFFIXES = (".csv", ".xlsx", ".geojson", ".gpkg")
STRANGE = ("=1+1", "+8610", "-5", "@a", "'=1", "''", "'清空", "清空", "#N/A", "_x0041_", "<b>\"'&", "1,2|3;4\n5", "[1]", "{}", "０", "00123",
           "TRUE", "NULL", "1e5", "2024-05-01", "👷", "a b", "无")


@st.composite
def canonical(draw: st.DrawFn) -> Site:
    """Return a record as intake makes them: clean texts, whole pairs, hours in their normal form, a draft where unlocated."""
    site = draw(strategies.site(most=8))
    strange = draw(st.lists(st.tuples(st.sampled_from(["name", "address", "phone", "directions", "award", "station_code"]),
                                      st.sampled_from(STRANGE)), max_size=3))
    values: dict[str, Any] = {f: getattr(site, f) for f in FIELDS} | dict(strange)
    values |= {f: cells.clean(v) or None for f, v in values.items() if isinstance(v, str)}
    values |= {f: tuple(dict.fromkeys(t for t in map(cells.clean, values[f]) if t)) for f in ("aliases", "photos")}
    values |= {"version": 0, "updated_at": None, "updated_by": None, "reason": None, "parent_id": values["parent_id"] and "p-1"}
    values["id"] = f"s-{draw(st.integers(0, 10**9))}"
    values["name"] = values["name"] or "一站"
    for pair in (("lon", "lat"), ("source_lon", "source_lat", "source_datum"), ("entrance_lon", "entrance_lat")):
        if any(values[f] is None for f in pair) or (pair[0] == "source_lon" and values["lon"] is None):
            values |= dict.fromkeys(pair)
    if values["lon"] is None:
        values["address"] = values["address"] or "某处"
        values["status"] = "draft" if values["status"] == "active" else values["status"]
    if values["opening_hours"]:
        values["opening_hours"] = check_expression(values["opening_hours"])
    values["slots"] = tuple(Slot(check_expression(s.hours), s.mode) for s in values["slots"])
    return Site(**values)


def same(site: Site, *, near: float = 0.0) -> dict[str, Any]:
    """Return a record's fields to compare; coordinates to within `near` degrees."""
    held = dataclasses.asdict(site)
    return {f: pytest.approx(v, rel=0, abs=near) if f in ("lon", "lat", "entrance_lon", "entrance_lat") and v is not None else v
            for f, v in held.items()}


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sites=st.lists(canonical(), min_size=1, max_size=4, unique_by=lambda s: s.id), datum=st.sampled_from(DATUMS))
@example(sites=[Site(id=f"s{i}", name=text, kind="water_point", address=text, aliases=(text, "b"), lon=1.0, lat=2.0)
                for i, text in enumerate(STRANGE)], datum="wgs84")
@example(sites=[Site(id="s0", name="一站", kind="water_point", address="某处", status="draft", accuracy_m=0.0)], datum="wgs84")
def test_an_export_imports_back_identical(tmp_path: Path, vocabulary: Vocabulary, suffix: str, sites: list[Site], datum: str):
    path = tmp_path / f"sites{suffix}"

    export.write(path, sites, datum=datum, vocabulary=vocabulary, internal=True)
    back = intake.read(path, vocabulary=vocabulary)

    assert [str(e) for e in back.errors] == []
    near = 0.0 if datum in ("wgs84", "cgcs2000") else 1e-9
    assert [dataclasses.asdict(s) for s in back.sites] == [same(s, near=near) for s in sites]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("datum", DATUMS)
def test_an_export_read_again_changes_nothing_in_the_registry(tmp_path: Path, vocabulary: Vocabulary, suffix: str, datum: str):
    origin = tmp_path / "office.csv"
    origin.write_text("编号,名称,经度,纬度,坐标系,开放时间,设施,电话,负责人\n"
                      "A-1,=一站,116.4,39.9,gcj02,周一至周五 08:30-12:00,饮水|无厕所,+8610,张三\n"
                      "A-2,二站,116.41,39.91,bd09,24小时,,,\nA-3,三站,,,,看门牌,微波炉,,\n".replace("三站,,,,", "三站,116.2,39.8,wgs84,"), "utf-8")
    with Registry.open(tmp_path, create=True) as registry:
        first = intake.read(origin, vocabulary=vocabulary, kind="暖心驿站")
        registry.commit(first.sites, who="张三", why="第一次")
        held = {site.id: site for site in registry.sites()}
        path = tmp_path / f"again{suffix}"

        export.write(path, registry.sites(), datum=datum, vocabulary=vocabulary)
        again = intake.read(path, vocabulary=vocabulary, existing=held)
        commit = registry.commit(again.sites, who="张三", why="再来一次")

        assert not first.errors
        assert not again.errors
        assert (commit.created, commit.changed, commit.unchanged) == (0, 0, 3)


@pytest.mark.parametrize("text", ["=1+1", "=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "=1\n=2"])
def test_no_text_becomes_a_formula(tmp_path: Path, vocabulary: Vocabulary, text: str):
    site = Site(id="s1", name=text, kind="water_point", lon=-71.06, lat=-33.4, address="x", aliases=(text,), entry_note=text)

    export.write(tmp_path / "a.csv", [site], vocabulary=vocabulary)
    export.write(tmp_path / "a.xlsx", [site], vocabulary=vocabulary)

    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        header, row = csv.reader(stream)
    page = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    for cell in [c for h, c in zip(header, row, strict=True) if h not in ("lon", "lat")]:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert all(c.data_type != "f" and not str(c.value).startswith(("=", "+", "@")) for c in page[2])
    assert (row[header.index("lon")], page[2][header.index("lon")].value) == ("-71.06", -71.06)


def test_a_file_for_people_has_chinese_headers_a_mark_and_no_internal_field(tmp_path: Path, vocabulary: Vocabulary):
    site = Site(id="s1", name="一站", kind="water_point", lon=116.4, lat=39.9, facilities={"water": "yes"},
                manager="张三", manager_phone="138", verified_by="李四", updated_by="王五", version=3)
    for suffix in SUFFIXES:
        export.write(tmp_path / f"a{suffix}", [site], vocabulary=vocabulary)

    header = [c.value for c in openpyxl.load_workbook(tmp_path / "a.xlsx").active[1]]
    assert {"名称 name", "经度 lon", "饮水 facility:water"} <= set(header)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    for suffix in SUFFIXES:
        back = intake.read(tmp_path / f"a{suffix}", vocabulary=vocabulary).sites[0]
        assert [getattr(back, f) for f in INTERNAL_FIELDS] == [None] * len(INTERNAL_FIELDS)
        for secret in ("张三", "李四", "王五"):
            assert secret.encode() not in (tmp_path / f"a{suffix}").read_bytes()


def test_control_characters_never_reach_a_file(tmp_path: Path, vocabulary: Vocabulary):
    site = Site(id="s1", name="一\x00站\x1b[31m\u202e", kind="water_point", lon=116.4, lat=39.9, aliases=("a\x07b",))

    for suffix in SUFFIXES:
        export.write(tmp_path / f"a{suffix}", [site], vocabulary=vocabulary)
        back = intake.read(tmp_path / f"a{suffix}", vocabulary=vocabulary)

        assert (back.sites[0].name, back.sites[0].aliases) == ("一站[31m", ("ab",))


def test_geojson_holds_maps_and_lists_as_such(tmp_path: Path, vocabulary: Vocabulary):
    site = Site(id="s1", name="一站", kind="water_point", lon=116.4, lat=39.9, facilities={"water": "yes"}, aliases=("甲", "乙"),
                slots=(Slot("Mo-Fr 09:00-17:00", "staffed"),))

    export.write(tmp_path / "a.geojson", [site], vocabulary=vocabulary)

    feature = json.loads((tmp_path / "a.geojson").read_text("utf-8"))["features"][0]
    assert feature["geometry"] == {"type": "Point", "coordinates": [116.4, 39.9]}
    assert feature["properties"]["facilities"] == {"water": "yes"}
    assert feature["properties"]["aliases"] == ["甲", "乙"]


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path, vocabulary: Vocabulary):
    path = tmp_path / "a.csv"
    path.write_text("as it was")
    broken = Site(id="s1", name="一站", kind="water_point", lon=116.4, lat=39.9, facilities=None)  # type: ignore[arg-type]

    with pytest.raises((TypeError, AttributeError)):
        export.write(path, [broken], vocabulary=vocabulary)

    assert path.read_text() == "as it was"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_an_unknown_suffix_datum_or_folder_is_refused(tmp_path: Path, vocabulary: Vocabulary):
    with pytest.raises(BadFile, match="geojson"):
        export.write(tmp_path / "a.doc", [], vocabulary=vocabulary)
    with pytest.raises(BadDatum):
        export.write(tmp_path / "a.csv", [], datum="wgs", vocabulary=vocabulary)
    with pytest.raises(BadFile):
        export.write(tmp_path / "nowhere" / "a.csv", [], vocabulary=vocabulary)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_folder_that_is_not_there_is_refused_in_every_format(tmp_path: Path, vocabulary: Vocabulary, suffix: str):
    with pytest.raises(BadFile, match="cannot be written"):
        export.write(tmp_path / "nowhere" / f"x{suffix}", [], vocabulary=vocabulary)


def test_a_geopackage_that_cannot_be_finished_is_refused(tmp_path: Path, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch):
    def full(*_: Any, **__: Any) -> None:
        raise RuntimeError("database or disk is full")

    monkeypatch.setattr("geopandas.GeoDataFrame.to_file", full)

    with pytest.raises(BadFile, match="disk is full"):
        export.write(tmp_path / "x.gpkg", [], vocabulary=vocabulary)
    assert list(tmp_path.iterdir()) == []


def test_no_sites_make_a_file_of_headers(tmp_path: Path, vocabulary: Vocabulary):
    for suffix in SUFFIXES:
        assert export.write(tmp_path / f"a{suffix}", [], vocabulary=vocabulary) == 0
        assert (tmp_path / f"a{suffix}").stat().st_size > 0


def test_a_notebook_gets_a_frame_and_gives_it_back(vocabulary: Vocabulary):
    sites = [Site(id="s1", name="一站", kind="water_point", lon=116.4, lat=39.9, facilities={"water": "yes"}),
             Site(id="s2", name="二站", kind="water_point", address="某处", status="draft")]

    frame = export.to_geodataframe(sites, vocabulary=vocabulary)
    back = export.from_geodataframe(frame, vocabulary=vocabulary)

    assert (frame.crs.to_epsg(), len(frame)) == (4326, 2)
    assert frame.geometry.iloc[0].x == 116.4
    assert back.sites == sites
