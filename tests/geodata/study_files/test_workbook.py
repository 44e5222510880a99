"""A study's workbook, read back by two other programs: numbers are numbers, texts are texts, every input is told."""

from __future__ import annotations

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from tests import studies


def rows_of(page):
    """A sheet's rows by its headers' last word."""
    headers, *rows = page.iter_rows(values_only=True)
    return [dict(zip((header.split()[-1] for header in headers), row, strict=True)) for row in rows]


def test_its_sheets_are_those_of_the_study_and_end_with_the_method(night, week, written):
    usual = ["区域 areas", "服务盲区 gaps", "站点 sites", "距离 distances"]

    assert CalamineWorkbook.from_path(written(night, ".xlsx")).sheet_names == [*usual, "方法 method"]
    assert CalamineWorkbook.from_path(written(week, ".xlsx")).sheet_names == [*usual, "一周各小时覆盖率 hours", "方法 method"]


def test_headers_are_chinese_with_units_and_stay_in_sight(night, written):
    page = openpyxl.load_workbook(written(night, ".xlsx"))["区域 areas"]
    headers = [cell.value for cell in page[1]]

    assert "覆盖人口（人） covered" in headers
    assert "覆盖面积（km²） covered_km2" in headers
    assert "九成的人到最近站点不超过（米） p90_m" in headers
    assert page.freeze_panes == "C2"
    assert page.print_title_rows == "$1:$1"
    assert all(page.column_dimensions[cell.column_letter].width >= 8 for cell in page[1])


def test_figures_are_numbers_those_of_the_answer_and_a_share_is_a_percentage(night, written):
    path = written(night, ".xlsx")
    page = openpyxl.load_workbook(path)["区域 areas"]
    found = rows_of(page)

    assert len(found) == len(night.coverage["areas"]) + 1
    for line, row in zip((*night.coverage["areas"], night.coverage["total"]), found, strict=True):
        for name in ("people", "covered", "covered_if_unknown_open", "coverage_share", "median_m", "sites"):
            assert row[name] == (None if line[name] is None else pytest.approx(line[name], rel=1e-14)), name  # 16 digits are written
    column = next(cell.column for cell in page[1] if cell.value.endswith(" coverage_share"))
    assert page.cell(2, column).number_format == "0.0%"
    assert CalamineWorkbook.from_path(path).get_sheet_by_name("区域 areas").to_python()[1][2] == night.coverage["areas"][0]["people"]


def test_no_name_becomes_a_formula_or_a_fault(night, written):
    page = openpyxl.load_workbook(written(night, ".xlsx"))["站点 sites"]
    cells = [cell for row in page.iter_rows() for cell in row]

    assert {cell.data_type for cell in cells} <= {"s", "n"}
    names = {cell.value for cell in cells}
    assert "'" + studies.FORMULA in names
    assert studies.ERROR in names


def test_people_by_distance_add_up_and_the_running_share_ends_at_all(night, written):
    found = rows_of(openpyxl.load_workbook(written(night, ".xlsx"))["距离 distances"])

    assert sum(row["people"] for row in found) == pytest.approx(night.coverage["total"]["people"])
    assert found[-1]["share_so_far"] == pytest.approx(1)
    assert found[-1]["to_m"] is None
    shares = [row["share_so_far"] for row in found]
    assert shares == sorted(shares)
    within = next(row["share_so_far"] for row in found if row["to_m"] == 1500)
    assert within == pytest.approx(night.coverage["total"]["coverage_share"])


def test_hours_of_a_week_are_seven_lines_an_area_and_reading_with_a_heat(week, written):
    page = openpyxl.load_workbook(written(week, ".xlsx"))["一周各小时覆盖率 hours"]
    found = [dict(zip([cell.value for cell in page[1]], row, strict=True)) for row in page.iter_rows(min_row=2, values_only=True)]
    line = week.coverage["areas"][0]

    of_line = [row for row in found if row["区域代码 code"] == line["code"]]
    assert [row["星期 day"] for row in of_line] == ["周一", "周二", "周三", "周四", "周五", "周六", "周日"] * 2
    assert [row[f"{hour} 时 {hour}"] for row in of_line[:7] for hour in range(24)] == pytest.approx(line["by_hour"], rel=1e-14)
    assert [row[f"{hour} 时 {hour}"] for row in of_line[7:] for hour in range(24)] == pytest.approx(line["by_hour_if_unknown_open"], rel=1e-14)
    assert page.conditional_formatting


def test_the_method_names_every_input(night, written):
    rows = openpyxl.load_workbook(written(night, ".xlsx"))["方法 method"].iter_rows(values_only=True)
    said = {label.split()[0]: value for label, value in rows}

    assert said["服务半径（米）"] == 1500
    assert said["开放时间"] == "2026-03-04 23:00 周三"
    assert (said["登记库版本"], said["登记库日期"]) == (7, "2026-03-01 10:00")
    assert (said["人口来源"], said["人口日期"], said["人口分布"], said["人口版本"]) == ("试点人口", "2026-01-01", "点上的人", "v1")
    assert "两种口径" in said["开放时间未知"]
    assert said["盲区边界离精确圆弧的最大距离（米）"] == 1
    assert said["分析编号"] == "0" * 32


def test_a_comparison_names_the_sites_that_make_the_difference(compared, written):
    book = openpyxl.load_workbook(written(compared, ".xlsx"))
    named = rows_of(book["因哪些站点 by_site"])
    areas = rows_of(book["区域 areas"])

    assert {row["id"] for row in named} <= {f"s{n}" for n in range(6)}
    assert {row["change_name"] for row in named} == {"失去覆盖"}
    assert all(row["covered_after"] == row["covered_before"] + row["gained"] - row["lost"] for row in areas if row["people"])
    said = {label.split()[0]: value for label, value in book["方法 method"].iter_rows(values_only=True)}
    assert said["之后"].startswith("撤掉六个")


def test_a_day_is_a_line_an_hour_and_its_sites_and_no_line_without_a_name(make_atlas, written):
    day = studies.hours(make_atlas)
    book = openpyxl.load_workbook(written(day, ".xlsx"))

    assert book.sheetnames == ["站点 sites", "一天各小时 hours_of_day", "方法 method"]
    hours = rows_of(book["一天各小时 hours_of_day"])
    assert [(row["hour"], row["share"]) for row in hours] == [(one["hour"], pytest.approx(one["share"])) for one in day.day["hours"]]
