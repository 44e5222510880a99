"""What the columns of a file mean, and in which datum it is."""

from __future__ import annotations

import io
import re

import openpyxl

from geodata import mappings
from tests.web.imports.conftest import HEADERS, ROWS, a_csv, sites_of


def test_what_a_column_means_can_be_changed_and_is_remembered_for_its_source(clerk, office):
    clerk.upload(a_csv(), source="台账")
    clerk.read(**{"column-9": "entry_note", "source": "台账"})
    clerk.import_all()
    assert sites_of(office)["东华门暖心驿站"].entry_note == "甲"

    text = clerk.upload(a_csv(), source="台账")

    assert '<option value="entry_note" selected' in text.partition("内部备注")[2]
    assert "台账" in clerk.go("/admin/import").partition("datalist")[2]
    assert mappings.remembered(office.extensions["settings"].home, "台账")["内部备注"] == "entry_note"


def test_the_columns_are_a_file_that_the_command_line_reads_and_that_can_be_given_back(clerk):
    clerk.upload(a_csv(), source="台账")
    clerk.read(**{"column-9": "entry_note", "source": "台账"})
    given = clerk.client.get(f"{clerk.address}/mapping.toml").data
    assert b'"\xe5\x86\x85\xe9\x83\xa8\xe5\xa4\x87\xe6\xb3\xa8" = "entry_note"' in given

    clerk.upload(a_csv())
    text = clerk.form("mapping", expect=200, do="file", columns=(io.BytesIO(given), "columns.toml"))
    assert '<option value="entry_note" selected' in text.partition("内部备注")[2]

    text = clerk.form("mapping", expect=400, do="file", columns=(io.BytesIO(b"\xff\xfe"), "columns.toml"))
    assert "应为 UTF-8 的文本文件" in text


def test_two_columns_of_one_field_are_refused_where_they_are_chosen(clerk):
    clerk.upload(a_csv())

    text = clerk.form("mapping", expect=400, do="read", **{"column-9": "address"})

    assert "是同一个字段" in text


def test_sheets_can_be_chosen(clerk):
    book = openpyxl.Workbook()
    for title, row in (("东城", ROWS[0]), ("西城", ROWS[1])):
        page = book.create_sheet(title)
        page.append(HEADERS)
        page.append(row)
    del book["Sheet"]
    body = io.BytesIO()
    book.save(body)

    text = clerk.upload(body.getvalue(), "两张.xlsx")
    assert "2 行" in text
    text = clerk.form("mapping", do="sheets", sheet="西城")

    assert "1 行" in text
    assert "景山前街2号" in text
    assert "东华门大街1号" not in text


def test_a_datum_that_is_not_decided_must_be_chosen(clerk):
    clerk.upload(a_csv())
    clerk.form("mapping", do="read")

    assert clerk.at.endswith("/evidence")
    assert "这些坐标是哪个坐标系" in clerk.go(f"{clerk.address}/preview")
    assert "请选择一个坐标系" in clerk.form("evidence", expect=400)
    assert "这些坐标是哪个坐标系" in clerk.go(f"{clerk.address}/commit")


def test_the_rows_are_drawn_under_each_candidate(clerk):
    clerk.upload(a_csv())
    text = clerk.form("mapping", do="read")

    assert len(re.findall("<svg class=\"picture", text)) == 3
    assert all(f"按 {datum}，各行所在的位置" in text for datum in ("WGS-84", "GCJ-02", "BD-09"))
    assert "在所写的区内" in text
