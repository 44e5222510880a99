"""From upload to registry and back, once or by two at a time; and small things on the way."""

from __future__ import annotations

import dataclasses
import io
import re

import openpyxl
import pytest

from geodata.uploads import Uploads
from locator.datum import point_from_wgs84
from tests.web.imports.conftest import DONGCHENG, HEADERS, ROWS, a_csv, sites_of


def test_a_file_goes_from_upload_to_registry_and_back_in_six_forms(clerk, office):
    columns = clerk.upload(a_csv(), source="东城区总工会")
    assert clerk.at.endswith("/mapping")
    assert "东华门大街1号" in columns
    assert "3 行" in columns

    question = clerk.form("mapping", do="read", source="东城区总工会")
    assert clerk.at.endswith("/evidence")
    assert "这些坐标是哪个坐标系" in question
    preview = clerk.form("evidence", datum="gcj02")
    assert clerk.at.endswith("/preview")
    assert "可以导入了" in preview
    assert sites_of(office) == {}

    done = clerk.import_all()
    assert clerk.at.endswith("/result")
    assert "导入完成" in done
    found = sites_of(office)
    assert set(found) == {row[0] for row in ROWS}
    site = found["东华门暖心驿站"]
    assert (site.source_datum, site.source_lon, site.district_code, site.status) == ("gcj02", 116.41, DONGCHENG, "active")
    assert site.source == "东城区总工会"
    assert point_from_wgs84(site.lon, site.lat, "gcj02") == pytest.approx((116.41, 39.915), abs=1e-6)

    text = clerk.send(f"{clerk.address}/undo", reason="弄错了")
    assert "已撤回" in text
    assert sites_of(office) == {}
    audit = [(entry.who, entry.action, entry.object, entry.outcome) for entry in office.extensions["atlas"].registry.audit.entries(action="import")]
    assert audit == [("district-110101", "import", "version 1", "undone as version 2"),
                     ("district-110101", "import", "version 1", "created 3, changed 0, unchanged 0")]


def test_the_reason_the_file_and_the_person_are_in_the_history(clerk, office):
    clerk.upload(a_csv())
    clerk.read()
    clerk.import_all(reason="十一月台账")

    (committed,) = office.extensions["atlas"].registry.commits()

    assert (committed.who, committed.action) == ("district-110101", "import")
    assert re.fullmatch(r"十一月台账（台账\.csv #\w{12}）", committed.why)


def test_the_same_file_again_changes_nothing(clerk, office):
    for _ in range(2):
        clerk.upload(a_csv(), source="台账")
        clerk.read(source="台账")
        text = clerk.import_all()

    assert "没有变化" in text
    assert "全部 3 行与登记库完全一致" in text
    assert office.extensions["atlas"].registry.version() == 1


def test_after_an_undo_the_same_file_can_be_imported_again(clerk, office):
    for round_ in range(2):
        clerk.upload(a_csv())
        clerk.read()
        clerk.import_all()
        if not round_:
            clerk.send(f"{clerk.address}/undo", reason="再来")

    assert set(sites_of(office)) == {row[0] for row in ROWS}


def test_a_changed_row_shows_each_field_before_and_after(clerk):
    headers = ("编号", *HEADERS)
    clerk.upload(a_csv([("a1", *ROWS[0])], headers))
    clerk.read()
    clerk.import_all()

    clerk.upload(a_csv([("a1", *ROWS[0][:4], "东华门大街9号", *ROWS[0][5:])], headers))
    preview = clerk.read()

    assert re.search(r"地址</th><td><del>东华门大街1号</del></td><td><ins>东华门大街9号</ins>", preview)
    assert len(re.findall("<ins>", preview)) == 1


def test_a_form_of_an_older_tab_is_told_so_and_changes_nothing(clerk, office):
    clerk.upload(a_csv())
    clerk.read()

    text = clerk.send(f"{clerk.address}/evidence", expect=409, revision="0", datum="bd09")

    assert "在别的窗口里已被更改" in text
    assert Uploads(office.extensions["settings"].home).named(clerk.address.rpartition("/")[2]).datum == "wgs84"
    assert "在别的窗口里已被更改" in clerk.send(f"{clerk.address}/commit", expect=409, revision="0", reason="x")
    assert sites_of(office) == {}


def test_whoever_changed_a_site_meanwhile_is_not_overwritten_and_the_preview_is_new(clerk, office):
    headers, registry = ("编号", *HEADERS), office.extensions["atlas"].registry
    clerk.upload(a_csv([("a1", *ROWS[0]), ("a2", *ROWS[1])], headers))
    clerk.read()
    clerk.import_all()
    clerk.upload(a_csv([("a1", *ROWS[0][:4], "新地址", *ROWS[0][5:]), ("a2", *ROWS[1])], headers))
    clerk.read()
    site = sites_of(office)["东华门暖心驿站"]
    registry.commit([dataclasses.replace(site, phone="010-1")], who="another", why="phone")

    text = clerk.import_all()

    assert clerk.at.endswith("/preview")
    assert "别人改动了下面这些站点" in text
    assert "东华门暖心驿站" in text
    assert sites_of(office)["东华门暖心驿站"].address == "东华门大街1号"
    clerk.import_all()
    after = sites_of(office)["东华门暖心驿站"]
    assert (after.address, after.phone) == ("新地址", "010-1")


def test_a_second_click_on_import_imports_once(clerk, office):
    clerk.upload(a_csv())
    clerk.read()
    clerk.import_all()

    clerk.send(f"{clerk.address}/commit", revision="1", reason="again")

    assert clerk.at.endswith("/result")
    assert office.extensions["atlas"].registry.version() == 1


def test_an_undo_that_would_overwrite_later_work_is_refused_and_says_which(clerk, office):
    clerk.upload(a_csv())
    clerk.read()
    clerk.import_all()
    site = sites_of(office)["东华门暖心驿站"]
    office.extensions["atlas"].registry.commit([dataclasses.replace(site, phone="010-1")], who="another", why="phone")

    text = clerk.send(f"{clerk.address}/undo", reason="弄错了")

    assert clerk.at.endswith("/result")
    assert "东华门暖心驿站" in text
    assert len(sites_of(office)) == 3


def test_the_template_has_the_districts_of_whoever_asks(clerk, office):
    book = openpyxl.load_workbook(io.BytesIO(clerk.client.get("/admin/import/template.xlsx").data))

    words = {cell.value for column in book["词表"].iter_cols() for cell in column if cell.value}

    assert "东城区" in words
    assert "朝阳区" not in words


def test_rows_are_found_by_name_and_leafed_through(clerk):
    rows = [(f"第{i}号暖心驿站", *ROWS[0][1:2], f"{116.40 + i / 5000:.4f}", "39.9150", f"东华门大街{i}号", *ROWS[0][5:8], "", "") for i in range(90)]
    clerk.upload(a_csv(rows))
    clerk.read(match="new")

    assert "1 / 3" in clerk.go(f"{clerk.address}/preview")
    assert "第89号暖心驿站" in clerk.go(f"{clerk.address}/preview?page=3")
    assert len(re.findall('class="row-card', clerk.go(f"{clerk.address}/preview?q=第77号"))) == 1
    assert len(clerk.client.get(f"{clerk.address}/points.json").get_json()["rows"]) == 90


def test_text_of_a_file_is_never_markup(clerk):
    hostile = "<script>alert(1)</script>\"'"
    clerk.upload(a_csv([(hostile, "没有这种", *ROWS[0][2:])], ("<b>名称</b>", *HEADERS[1:])))

    text = clerk.client.get(f"{clerk.address}/mapping").text
    assert "<script>alert" not in text
    assert "<b>名称" not in text
    clerk.read(**{"column-0": "name"})
    assert "<script>alert" not in clerk.client.get(f"{clerk.address}/preview").text
