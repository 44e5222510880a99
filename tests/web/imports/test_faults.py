"""What cannot be imported as it is: rows put right or left out, files that cannot be read, sites that may be known."""

from __future__ import annotations

import io

import openpyxl
import pytest

from geodata.uploads import Uploads
from tests.web.imports.conftest import ALIKE, HEADERS, ROWS, WRONG, a_csv, sites_of


def test_a_cell_is_put_right_in_place_and_the_file_stays_as_it_came(clerk, office):
    clerk.upload(a_csv(WRONG))
    text = clerk.read()
    assert "还有 2 行不能导入" in text
    assert 'value="116.39x"' in text
    assert "还有 2 行" in clerk.go(f"{clerk.address}/commit")  # no way round

    text = clerk.form("preview", tab="error", **{"cell-2-1": "暖心驿站", "cell-3-2": "116.3990"})
    assert "可以导入了" in text
    upload = Uploads(office.extensions["settings"].home).named(clerk.address.rpartition("/")[2])
    assert Uploads(office.extensions["settings"].home).file(upload).read_bytes() == a_csv(WRONG)
    assert dict(upload.corrections) == {"2:1": "暖心驿站", "3:2": "116.3990"}

    clerk.import_all()
    assert set(sites_of(office)) == {row[0] for row in ROWS}


def test_a_row_can_be_left_out_and_put_back(clerk, office):
    clerk.upload(a_csv(WRONG))
    clerk.read()

    text = clerk.form("preview", **{"out-2": "1", "out-3": "1"})
    assert "恢复不导入的 2 行" in text
    assert "可以导入了" in text
    text = clerk.form("preview", do="restore")

    assert "还有 2 行不能导入" in text


def test_the_errors_come_as_a_sheet_that_imports_once_it_is_put_right(clerk, office):
    clerk.upload(a_csv(WRONG))
    clerk.read()

    book = openpyxl.load_workbook(io.BytesIO(clerk.client.get(f"{clerk.address}/errors.xlsx").data))
    page = book.active
    assert [cell.value for cell in page[1]][-1] == "错误说明（不导入）"
    assert page.max_row == 3
    assert "没有这种" in page.cell(2, len(HEADERS) + 1).value
    page.cell(2, 2).value, page.cell(3, 3).value = "暖心驿站", "116.3990"
    body = io.BytesIO()
    book.save(body)

    clerk.upload(body.getvalue(), "改好的.xlsx")
    assert "可以导入了" in clerk.read()
    clerk.import_all()
    assert set(sites_of(office)) == {ROWS[0][0], ROWS[1][0]}


@pytest.mark.parametrize(("body", "name", "said"), [
    (b"%PDF-1.7 nothing", "a.csv", "PDF"), (b"", "a.csv", "文件是空的"), (b"PK\x03\x04 broken", "a.xlsx", "a.xlsx"),
    (b"a,b\n1,2\n", "a.doc", "可读的格式"), ("名称,名称\n".encode(), "a.csv", "没有数据行")])
def test_a_file_that_cannot_be_read_is_told_in_a_sentence_and_not_kept(clerk, office, body, name, said):
    text = clerk.upload(body, name, expect=400)

    assert said in text
    assert Uploads(office.extensions["settings"].home).all() == []


def test_a_file_without_any_known_column_can_still_be_told_what_it_is(clerk, office):
    clerk.upload("甲,乙,丙\n某驿站,116.41,39.91\n".encode(), "a.csv")

    assert "没有认出任何表头" in clerk.form("mapping", expect=400, do="read")
    text = clerk.read(kind="warm_station", **{"column-0": "name", "column-1": "lon", "column-2": "lat"})

    assert "可以导入了" in text


def test_too_large_a_file_is_refused_by_its_length_before_it_is_read(office, clerk):
    class Unread(io.RawIOBase):
        def readable(self):
            return True

        def read(self, *_):
            raise AssertionError("the body was read")

    answer = clerk.client.post("/admin/import", environ_overrides={
        "CONTENT_LENGTH": str(200 << 20), "CONTENT_TYPE": "multipart/form-data; boundary=x", "wsgi.input": Unread()})

    assert answer.status_code == 413
    assert "文件超过 64 MB" in answer.text


def test_a_file_that_says_it_is_small_and_is_not_is_cut_off(clerk, office, monkeypatch):
    monkeypatch.setattr("geodata.uploads.MOST_FILE_BYTES", 100)

    text = clerk.upload(a_csv(), expect=400)

    assert "请分成几个文件" in text
    assert list((office.extensions["settings"].home / "uploads").iterdir()) == []


@pytest.fixture
def with_one(clerk):
    """A clerk whose registry has the first row's site."""
    clerk.upload(a_csv(ROWS[:1]))
    clerk.read()
    clerk.import_all()
    return clerk


def test_a_row_that_may_be_a_known_site_is_asked_about_and_may_be_that_site(with_one, office):
    clerk = with_one
    (site,) = sites_of(office).values()
    clerk.upload(a_csv(ALIKE))
    text = clerk.read()
    assert "有 1 行可能已经登记过" in text
    assert f'name="is-2" value="{site.id}"' in clerk.go(f"{clerk.address}/preview?tab=duplicate")
    assert "没有决定" in clerk.form("commit", expect=400, reason="x")

    text = clerk.form("preview", tab="duplicate", **{"is-2": site.id})
    assert "<ins>东华门户外劳动者暖心驿站</ins>" in text
    clerk.import_all()

    assert {(s.id, s.name) for s in sites_of(office).values()} == {(site.id, "东华门户外劳动者暖心驿站")}


@pytest.mark.parametrize("way", ["row", "all", "tick"])
def test_or_a_new_site(with_one, office, way):
    clerk = with_one
    clerk.upload(a_csv(ALIKE))
    clerk.read()

    if way == "tick":
        clerk.form("commit", reason="x", as_new="yes")
    else:
        clerk.form("preview", **({"is-2": "new"} if way == "row" else {"alike": "new"}))
        clerk.import_all()

    assert len(sites_of(office)) == 2


def test_all_can_be_taken_for_their_likeliest_sites_at_once(with_one, office):
    clerk = with_one
    clerk.upload(a_csv(ALIKE))
    clerk.read()

    clerk.form("preview", alike="best")
    clerk.import_all()

    assert len(sites_of(office)) == 1
