"""Workbooks of several sheets, old and new, with the headers that offices really draw."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from geodata import intake, old_workbook, spreadsheets, vocabulary
from geodata.areas import Areas
from geodata.headers import Recogniser
from locator.errors import BadFile
from locator.vocabulary import Vocabulary

KNOWN = Recogniser(vocabulary.load()).target
OFFICES = Path(__file__).parent / "files" / "offices.xls"
"""Written by xlwt 1.3.0: instructions, two sheets of stations, one of counts, a hidden one."""


def a_workbook(path: Path, sheets: dict[str, list[list[object]]], *, merged: dict[str, list[str]] | None = None,
               hidden: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
        for place in (merged or {}).get(title, []):
            page.merge_cells(place)
        page.sheet_state = "hidden" if title in hidden else "visible"
    book.save(path)
    return path


def cells_of(table) -> list[list[object]]:
    return [list(row.cells) for row in table.rows]


def told(warnings) -> list[tuple[str, str, object]]:
    return [(w.at, w.field, w.value) for w in warnings]


STATIONS = {"说明": [["请如实填写"], ["经度、纬度请用小数"]], "东城": [["2024年汇总"], ["name", "lon", "lat"], ["a", 1, 2]],
            "西城": [["站点名称", "经度", "纬度", "地址"], ["b", 3, 4, "乙"]], "统计": [["街道", "个数"], ["甲街道", 1]],
            "藏": [["name", "lon", "lat"], ["c", 5, 6]]}


# --- several sheets -----------------------------------------------------------------------------------


def test_every_visible_sheet_of_sites_is_read_as_one_import_and_the_others_are_named(tmp_path: Path):
    path = a_workbook(tmp_path / "a.xlsx", STATIONS, hidden=("藏",))

    table = spreadsheets.read(path, KNOWN)

    assert table.headers == ("name", "lon", "lat", "地址")
    assert cells_of(table) == [["a", 1, 2], ["b", 3, 4, "乙"]]
    assert told(table.warnings) == [("a.xlsx", "sheet", "东城、西城"), ("a.xlsx[东城]:2", "header", "1"), ("a.xlsx", "sheet", "说明、统计")]


def test_a_row_of_several_sheets_is_placed_by_its_sheet_and_its_line_there(tmp_path: Path, vocabulary: Vocabulary):
    rows = [["编号", "名称", "经度", "纬度"], ["1", "a", 116.4, 39.9], ["2", "b", "东", 39.9]]
    path = a_workbook(tmp_path / "a.xlsx", {"东城": rows, "西城": [*rows, [], ["3", "c", 116.4, "北"]]})

    found = intake.read(path, vocabulary=vocabulary, kind="water_point", datum="wgs84")

    assert [(e.at, e.field) for e in found.errors] == [
        ("a.xlsx[东城]:3", "经度 (lon)"), ("a.xlsx[西城]:2", "编号 (station_code)"), ("a.xlsx[西城]:3", "经度 (lon)"),
        ("a.xlsx[西城]:5", "纬度 (lat)")]
    assert "line [东城]:2" in found.errors[1].words.en


def test_a_sheet_may_be_asked_for_by_name_even_a_hidden_one(tmp_path: Path):
    path = a_workbook(tmp_path / "a.xlsx", STATIONS, hidden=("藏",))

    one = spreadsheets.read(path, KNOWN, ["西城"])
    hidden = spreadsheets.read(path, KNOWN, ["藏"])

    assert (cells_of(one), one.at(2)) == ([["b", 3, 4, "乙"]], "a.xlsx:2")
    assert cells_of(hidden) == [["c", 5, 6]]
    with pytest.raises(BadFile, match="海淀"):
        spreadsheets.read(path, KNOWN, ["海淀"])


def test_sheets_whose_columns_stand_in_another_order_are_laid_over_each_other(tmp_path: Path):
    path = a_workbook(tmp_path / "a.xlsx", {"a": [["名称", "经度", "纬度", "备注", "备注"], ["a", 1, 2, "x", "y"]],
                                            "b": [["备注", "lat", "备注", "lon", "名称"], ["p", 4, "q", 3, "b"]]})

    assert cells_of(spreadsheets.read(path, KNOWN)) == [["a", 1, 2, "x", "y"], ["b", 3, 4, "p", "q"]]


def test_where_no_sheet_is_one_of_sites_the_first_with_rows_is_read(tmp_path: Path):
    path = a_workbook(tmp_path / "a.xlsx", {"空": [], "甲": [["x", "y"], [1, 2]], "乙": [["x", "y"], [3, 4]]})

    assert cells_of(spreadsheets.read(path, KNOWN)) == [[1, 2]]


# --- headers of two rows, totals, notes ---------------------------------------------------------------


def test_group_headers_over_merged_columns_and_their_own_names_are_one_header(tmp_path: Path):
    rows = [["暖心驿站台账"], ["序号", "名称", "坐标（GCJ-02）", None, "设施", None, "负责人", None],
            [None, None, "经度", "纬度", "饮水", "微波炉", "姓名", "电话"],
            [1, "一站", 116.4, 39.9, "有", "无", "张", "13800000000"]]
    path = a_workbook(tmp_path / "a.xlsx", {"a": rows}, merged={"a": ["A1:H1", "A2:A3", "B2:B3", "C2:D2", "E2:F2", "G2:H2"]})
    text = tmp_path / "a.csv"
    text.write_text("\n".join(",".join(str(c or "") for c in row) for row in rows[1:]))

    for table in (spreadsheets.read(path, KNOWN), spreadsheets.read(text, KNOWN)):
        targets = [KNOWN(header) for header in table.headers]
        assert [t and t.field for t in targets] == ["-", "name", "lon", "lat", "facility:water", "facility:microwave", "manager", "manager_phone"]
        assert {t.datum for t in targets[2:4]} == {"gcj02"}
        assert [list(row.cells)[1] for row in table.rows] == ["一站"]


@pytest.mark.parametrize("stray", ["2026-09-01", "2026年9月1日", "2026/9/1 10:30", "12"])
def test_a_date_above_one_column_is_no_group_of_columns(tmp_path: Path, stray: str):
    path = tmp_path / "a.csv"
    path.write_text(f"台账,,{stray},\n名称,地址,核实日期,经度\n一站,甲路,2026-09-01,116.4\n")

    assert spreadsheets.read(path, KNOWN).headers == ("名称", "地址", "核实日期", "经度")


def test_a_first_row_of_words_that_are_also_headers_stays_a_row(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("名称,地址,设施,服务内容\n一站,甲路,饮水,空调\n")

    table = spreadsheets.read(path, KNOWN)

    assert table.headers == ("名称", "地址", "设施", "服务内容")
    assert len(table.rows) == 1


def test_repeated_headers_totals_and_notes_are_passed_over_and_their_lines_told(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("序号,名称,经度,纬度,面积\n1,一站,116.4,39.9,5\n序号,名称,经度,纬度,面积\n2,合计,116.4,39.9,6\n合计,,,,11\n"
                    "填表人：张三  审核人：李四,,,,\n注：面积为建筑面积\n")

    table = spreadsheets.read(path, KNOWN)

    assert [row.line for row in table.rows] == [2, 4]
    assert told(table.warnings) == [("a.csv:1", "rows", "3、5、6、7")]


# --- numbers and texts --------------------------------------------------------------------------------


def test_a_number_shown_with_leading_zeros_is_the_code_that_people_see(tmp_path: Path, vocabulary: Vocabulary):
    book = openpyxl.Workbook()
    for row in (["编号", "名称", "经度", "纬度", "电话"], [7, "a", 116.4, 39.9, 13800000000], ["007b", "b", "116.4", "39.9", "010-1"]):
        book.active.append(row)
    book.active["A2"].number_format = "000"
    book.save(tmp_path / "a.xlsx")

    found = intake.read(tmp_path / "a.xlsx", vocabulary=vocabulary, kind="water_point", datum="wgs84")

    assert [(s.station_code, s.phone, s.lon) for s in found.sites] == [("007", "13800000000", 116.4), ("007b", "010-1", 116.4)]


# --- XLS ----------------------------------------------------------------------------------------------


def test_an_old_workbook_is_read_like_a_new_one(vocabulary: Vocabulary):
    found = intake.read(OFFICES, vocabulary=vocabulary, areas=Areas.load(), kind="warm_station", datum="wgs84")

    assert [str(e) for e in found.errors] == []
    assert [(s.station_code, s.name, s.verified_on) for s in found.sites] == [
        ("001", "海运仓驿站", date(2024, 5, 1)), ("002", "民安驿站", date(2024, 5, 2)), ("003", "永康驿站", date(2024, 5, 3)),
        ("X01", "什刹海驿站", date(2024, 6, 1))]
    assert [s.street_code for s in found.sites[:2]] == [Areas.load().code("东城区北新桥街道")] * 2  # merged downwards
    assert (found.sites[2].lon, found.sites[2].lat) == pytest.approx((116.412917, 39.943194), abs=1e-6)
    assert found.sites[1].facilities == {"water": "yes", "toilet": "no"}
    assert any(w.field == "sheet" and w.value == "填表说明、统计" for w in found.warnings)


@pytest.mark.parametrize("broken_by", ["\x85", "\u2028", "\x0b"])
def test_a_line_break_of_any_sort_within_a_cell_of_an_old_workbook_is_part_of_the_cell(tmp_path: Path, broken_by: str):
    file, said, instead = tmp_path / "a.xls", "海运仓驿站", f"海运{broken_by}驿站"
    file.write_bytes(OFFICES.read_bytes().replace(said.encode("utf-16-le"), instead.encode("utf-16-le")))

    held = [cell for sheet in old_workbook.sheets(file) for row in sheet.rows for cell in row]

    assert instead in held


def test_an_old_workbook_whose_process_dies_in_the_middle_of_a_line_is_refused(tmp_path: Path, monkeypatch):
    dying = tmp_path / "dying.py"
    dying.write_text("import os, sys\nsys.stdout.write('{\"title\": \"a\", \"hid')\nsys.stdout.flush()\nos._exit(1)\n", "utf-8")
    monkeypatch.setattr(old_workbook, "_CHILD", dying)

    with pytest.raises(BadFile, match="broken"):
        old_workbook.sheets(OFFICES)


def test_an_old_workbook_that_takes_too_much_is_refused_and_harms_nobody(monkeypatch):
    corner = OFFICES.with_name("corner.xls")  # one cell in the last corner: 16,777,216 in all

    with pytest.raises(BadFile, match="too large"):
        spreadsheets.read(corner, KNOWN)

    monkeypatch.setattr(old_workbook, "MOST_MEMORY_BYTES", 128 << 20)  # the library asks for more, and its process dies of it
    monkeypatch.setattr(old_workbook, "MOST_CELLS", 1 << 30)
    with pytest.raises(BadFile, match="too large"):
        spreadsheets.read(corner, KNOWN)


def test_a_broken_old_workbook_is_a_table_or_a_refusal_whatever_its_library_does(tmp_path: Path):
    chance, whole = random.Random(7), OFFICES.read_bytes()
    panics = bytearray(whole[:7_848])  # the library panics of this one
    for number in range(8):
        broken = bytearray(whole)
        for _ in range(chance.choice([1, 20, 200])):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        (tmp_path / f"{number}.xls").write_bytes(broken if number else panics)

        try:
            rows = spreadsheets.read(tmp_path / f"{number}.xls", KNOWN).rows
        except BadFile:
            continue
        assert rows
