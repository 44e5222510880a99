"""The spreadsheet that offices fill in is read back as exactly what was filled in."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from geodata import intake, template
from geodata.areas import Areas
from geodata.headers import FACILITY, REGISTRY_FIELDS, Recogniser
from geodata.template_columns import OMITTED, groups
from locator import datum as datums
from locator.errors import BadFile
from locator.sites import FIELDS, Slot
from locator.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def areas() -> Areas:
    return Areas.load()


@pytest.fixture
def path(tmp_path: Path, vocabulary: Vocabulary, areas: Areas) -> Path:
    template.write(tmp_path / "模板.xlsx", vocabulary, areas.tree)
    return tmp_path / "模板.xlsx"


def columns(vocabulary: Vocabulary) -> list[template.Column]:
    return [column for group in groups(vocabulary) for column in group.columns]


def filled(path: Path, vocabulary: Vocabulary, rows: list[dict[str, Any]], *, first: int = 4) -> Path:
    """Type rows of field → cell into the template, as people would."""
    book = openpyxl.load_workbook(path)
    place = {column.field: number for number, column in enumerate(columns(vocabulary), 1)}
    for line, row in enumerate(rows, first):
        for field, value in row.items():
            book["站点"].cell(line, place[field], value)
    book.save(path)
    return path


def test_every_field_of_a_record_has_a_column_that_is_read_as_that_field(vocabulary: Vocabulary):
    known = Recogniser(vocabulary)
    made = columns(vocabulary)

    assert {column.field for column in made if column.field in FIELDS} == set(FIELDS) - set(OMITTED) - set(REGISTRY_FIELDS)
    assert {column.field.removeprefix(FACILITY) for column in made if column.field.startswith(FACILITY)} == set(vocabulary.terms("facility"))
    assert [known.target(column.header).field for column in made] == [column.field for column in made]


def test_what_a_new_site_needs_is_marked_and_every_header_has_a_note_in_both_languages(path: Path, vocabulary: Vocabulary):
    page = openpyxl.load_workbook(path)["站点"]

    assert [c.value for c in page[2] if c.value.endswith("*")] == ["名称*", "类别*", "地址*"]
    assert all(column.en and page.cell(2, number).comment.text.endswith(column.en) for number, column in enumerate(columns(vocabulary), 1))
    assert page.freeze_panes == "C3"


def test_every_word_of_a_drop_down_is_read_as_a_code_and_stands_on_a_hidden_sheet(path: Path, vocabulary: Vocabulary, areas: Areas):
    book = openpyxl.load_workbook(path)
    place = {column.field: number for number, column in enumerate(columns(vocabulary), 1)}
    offered: dict[str, list[str]] = {}
    for validation in book["站点"].data_validations.dataValidation:
        sheet, _, cells = validation.formula1.partition("!")
        words = [row[0].value for row in book[sheet.strip("'")][cells.replace("$", "")]]
        for field, number in place.items():
            if f"{book['站点'].cell(5, number).coordinate}" in validation.sqref:
                offered[field] = words

    for field, section in (("kind", "kind"), ("host", "host"), ("eligibility", "eligibility"), ("status", "status"), ("datum", "datum"),
                           ("hours_basis", "basis"), ("facilities_basis", "basis"), ("gender", "gender"), ("verified_how", "verified_how")):
        assert [vocabulary.code(section, word) for word in offered[field]] == list(vocabulary.terms(section))
    assert offered["facility:water"] == offered["facility:wheelchair"] == ["有", "无", "部分"]
    assert len({areas.code(word) for word in offered["district_code"]}) == 17
    assert book["词表"].sheet_state == "hidden"


def test_another_reader_opens_it_too(path: Path):
    with CalamineWorkbook.from_path(str(path)) as book:
        visible = [sheet.name for sheet in book.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
        rows = book.get_sheet_by_name("站点").to_python()

    assert visible == ["站点", "填写说明"]
    assert rows[2][:2] == ["示例-001", "示例：北新桥街道暖心驿站"]


def test_the_example_is_passed_over_with_a_note_until_it_is_made_a_site(path: Path, vocabulary: Vocabulary, areas: Areas):
    untouched = intake.read(path, vocabulary=vocabulary, areas=areas)
    real = filled(path, vocabulary, [{"name": "北新桥街道暖心驿站", "station_code": "001"}], first=3)
    changed = intake.read(real, vocabulary=vocabulary, areas=areas)

    assert (untouched.sites, untouched.errors) == ([], [])
    assert [w.at for w in untouched.warnings if "example" in w.words.en] == ["模板.xlsx:3"]
    site, = changed.sites
    assert (site.name, site.station_code, site.kind, site.host) == ("北新桥街道暖心驿站", "001", "warm_station", "community")
    assert (site.source_lon, site.source_lat, site.source_datum) == (116.4177, 39.9405, "gcj02")
    assert site.facilities == {"water": "yes", "hot_water": "yes", "microwave": "yes", "toilet": "no", "charging": "limited"}
    assert (site.opening_hours, site.district_code, site.street_code) == ("Mo-Fr 08:30-17:30", "110101", areas.code("东城区北新桥街道"))


def test_what_is_filled_in_is_imported_exactly(path: Path, vocabulary: Vocabulary, areas: Areas):
    full: dict[str, Any] = {
        "station_code": "007", "name": "什刹海驿站", "kind": "暖心驿站", "aliases": "甲、乙", "host": "银行网点", "host_brand": "某银行",
        "status": "暂停服务", "hours_text": "原话",
        "district_code": "西城区", "street_code": "什刹海街道", "address": "地安门西大街1号", "lon": 116.38, "lat": "39°56′24″",
        "datum": "GCJ-02（高德、腾讯）",
        "accuracy_m": 5, "floor": "B1", "directions": "右手", "entrance_lon": 116.381, "entrance_lat": 39.941, "opening_hours": "每天8点到20点",
        "hours_basis": "推测", "workday_rule": "按日历星期", "season_from": "11-15", "season_to": "03-15",
        "slots": '[["Mo-Fr 09:00-17:00", "有人值守"]]',
        "eligibility": "户外劳动者", "entry_note": "扫码", "gender": "不限", "fee": "免费", "capacity": 8, "area_m2": 20.5, "visibility": "内部",
        "facility:water": "有", "facility:toilet": "无", "facility:charging": "部分", "facilities_basis": "现场核实", "phone": "010-12345678",
        "manager": "张三", "manager_phone": "13800000000", "photos": "https://a.example/1.jpg", "verified_on": date(2024, 5, 1),
        "verified_by": "李四", "verified_how": "现场查看", "next_check_on": "2025-05-01", "award": "最美驿站", "id": "s7",
        "parent_id": "s1", "source": "西城",
        "source_id": "0007"}
    # a subtype belongs to other kinds; every other column is filled
    assert set(full) | {"subtype"} >= {c.field for c in columns(vocabulary) if not c.field.startswith(FACILITY)}

    site, = intake.read(filled(path, vocabulary, [full]), vocabulary=vocabulary, areas=areas).sites

    expected = {**{field: value for field, value in full.items() if field in FIELDS}, "kind": "warm_station", "aliases": ("甲", "乙"),
                "host": "bank", "status": "suspended", "district_code": "110102", "street_code": areas.code("西城区什刹海街道"),
                "opening_hours": "Mo-Su 08:00-20:00", "workday_rule": "calendar", "slots": (Slot("Mo-Fr 09:00-17:00", "staffed"),),
                "eligibility": "outdoor_workers", "gender": "any", "fee": "free", "visibility": "internal",
                "photos": ("https://a.example/1.jpg",), "verified_how": "visit", "next_check_on": date(2025, 5, 1),
                "source_datum": "gcj02", "source_lon": 116.38, "source_lat": 39.94,
                "basis": {"hours": "inferred", "facilities": "inspected"}, "facilities": {"water": "yes", "toilet": "no", "charging": "limited"}}
    for lon, lat, pair in (("lon", "lat", [[116.38, 39.94]]), ("entrance_lon", "entrance_lat", [[116.381, 39.941]])):
        (expected[lon], expected[lat]), = datums.to_wgs84(pair, "gcj02").tolist()
    assert {field: getattr(site, field) for field in expected} == expected


def test_any_choice_of_the_drop_downs_comes_back(path: Path, vocabulary: Vocabulary, areas: Areas):
    chance = random.Random(3)
    sections = {c.field: c.offers for c in columns(vocabulary)
                if c.offers and c.offers in vocabulary.sections and c.field in FIELDS and c.field != "subtype"}
    chosen = [{field: chance.choice(list(vocabulary.terms(section).values())) for field, section in sections.items()} for _ in range(60)]
    rows = [{"name": f"第{i}站", "address": "某路", **{field: term.words.zh for field, term in row.items()}} for i, row in enumerate(chosen)]

    found = intake.read(filled(path, vocabulary, rows), vocabulary=vocabulary, areas=areas)

    assert [str(e) for e in found.errors] == []
    for site, row in zip(found.sites, chosen, strict=True):
        told = {field: term.code for field, term in row.items()}
        told["status"] = "draft" if told["status"] == "active" else told["status"]  # not located
        assert {field: getattr(site, field) for field in told} == told


def test_a_template_of_another_suffix_is_refused(tmp_path: Path, vocabulary: Vocabulary, areas: Areas):
    with pytest.raises(BadFile, match=r"\.xlsx"):
        template.write(tmp_path / "a.csv", vocabulary, areas.tree)
