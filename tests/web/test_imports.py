"""Importing on the pages: upload, columns, datum, preview, commit, undo; whose an upload is; and what stays of it."""

from __future__ import annotations

import csv
import io
import re
import stat
from datetime import timedelta
from html import unescape

import openpyxl
import pytest

from geodata import mappings
from geodata.uploads import KEPT, REMEMBERED, Uploads
from locator.datum import point_from_wgs84
from tests.web.conftest import sign_in
from tests.web.offices import do_jobs_at_once

DONGCHENG, CHAOYANG, XICHENG = "110101", "110105", "110102"
HEADERS = ("名称", "类别", "经度", "纬度", "地址", "区", "开放时间", "设施", "负责人电话", "内部备注")
ROWS = (
    ("东华门暖心驿站", "暖心驿站", "116.4100", "39.9150", "东华门大街1号", "东城区", "24/7", "热水、厕所", "13800000001", "甲"),
    ("景山暖心驿站", "暖心驿站", "116.3990", "39.9280", "景山前街2号", "东城区", "周一至周五 9:00-17:00", "微波炉", "13800000002", "乙"),
    ("和平里暖心驿站", "暖心驿站", "116.4180", "39.9530", "和平里中街3号", "东城区", "", "热水", "13800000003", ""),
)


def a_csv(rows=ROWS, headers=HEADERS, encoding="gb18030") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([headers, *rows])
    return text.getvalue().encode(encoding)


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    """Do the work of jobs in this process, at once; `test_jobs` and `test_interrupted_imports` have the real ones."""
    do_jobs_at_once(monkeypatch)


class Clerk:
    """Somebody who imports a file, a step at a time, as a browser without scripts would."""

    def __init__(self, client):
        self.client = client
        self.address = ""
        self.answer = None

    def go(self, path, expect=200):
        self.answer = self.client.get(path, follow_redirects=True)
        assert self.answer.status_code == expect, main_of(self.answer)
        return unescape(self.answer.text)

    def send(self, path, expect=303, **form):
        """Send a form; follow where it leads."""
        answer = self.client.post(path, data=form, content_type="multipart/form-data" if "file" in form or "columns" in form else None)
        assert answer.status_code == expect, main_of(answer)
        if expect != 303:
            self.answer = answer
            return unescape(answer.text)
        text = self.go(answer.headers["Location"])
        self.at = self.answer.request.path
        return text

    def upload(self, body, name="台账.csv", expect=303, **form):
        text = self.send("/admin/import", expect=expect, file=(io.BytesIO(body), name), **form)
        if expect == 303:
            self.address = re.match(r"/admin/import/\w+", self.at)[0]
        return text

    def form(self, step, expect=303, **form):
        """Send a step's form with the revision that its page shows."""
        revision = re.search(r'name="revision" value="(\d+)"', self.go(f"{self.address}/{'mapping' if step == 'again' else step}"))
        return self.send(f"{self.address}/{step}", expect=expect, **{"revision": revision[1] if revision else "", **form})

    def read(self, datum="wgs84", **more):
        """Go on from the columns to the preview."""
        text = self.form("mapping", do="read", **more)
        return self.form("evidence", datum=datum) if self.at.endswith("/evidence") else text

    def import_all(self, reason="十一月台账"):
        return self.form("commit", reason=reason)


def main_of(answer):
    """Return what a page says, for people who look at a failed test."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", unescape(answer.text).partition("<main")[2]))[:2000]


@pytest.fixture
def clerk(signed_in):
    return Clerk(signed_in("district", DONGCHENG))


def sites_of(office):
    return {site.name: site for site in office.extensions["atlas"].registry.sites()}


# --- the whole way ------------------------------------------------------------------------------------


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


# --- columns ------------------------------------------------------------------------------------------


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


# --- the datum ----------------------------------------------------------------------------------------


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


# --- faults -------------------------------------------------------------------------------------------

WRONG = (
    (ROWS[0][0], "没有这种", *ROWS[0][2:]),
    (*ROWS[1][:2], "116.39x", *ROWS[1][3:]),
    ROWS[2],
)


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


# --- duplicates ---------------------------------------------------------------------------------------

ALIKE = (("东华门户外劳动者暖心驿站", "暖心驿站", "116.41005", "39.91502", "东华门大街1号", "东城区", "24/7", "热水", "", ""),)


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


# --- whose --------------------------------------------------------------------------------------------


def test_rows_outside_the_area_are_errors_that_name_the_row(clerk, office):
    clerk.upload(a_csv([*ROWS, ("望京暖心驿站", "暖心驿站", "116.4800", "39.9900", "望京街4号", "朝阳区", "", "", "", "")]))

    text = clerk.read()

    assert "还有 1 行不能导入" in text
    assert "第 5 行" in text
    assert "这一行不在您的辖区内" in text


def test_a_site_that_moved_out_of_the_area_cannot_be_changed_by_a_file_that_names_it(clerk, office, signed_in):
    headers = ("编号", *HEADERS)
    city = Clerk(signed_in("city", "110000"))
    city.upload(a_csv([("a1", "望京暖心驿站", "暖心驿站", "116.4800", "39.9900", "望京街4号", "朝阳区", "", "", "", "")], headers))
    city.read()
    city.import_all()

    clerk.upload(a_csv([("a1", *ROWS[0])], headers))

    assert "还有 1 行不能导入" in clerk.read()


def test_a_removed_site_of_another_area_cannot_be_brought_back_into_ones_own_by_its_code(clerk, office, signed_in):
    headers = ("编号", *HEADERS)
    city = Clerk(signed_in("city", "110000"))
    city.upload(a_csv([("a1", "望京暖心驿站", "暖心驿站", "116.4800", "39.9900", "望京街4号", "朝阳区", "", "", "", "")], headers))
    city.read()
    city.import_all()
    office.extensions["atlas"].registry.remove([sites_of(office)["望京暖心驿站"].id], who="t", why="gone")

    clerk.upload(a_csv([("a1", *ROWS[0])], headers))

    assert "还有 1 行不能导入" in clerk.read()


def test_a_street_clerk_submits_new_sites_for_acceptance(office, signed_in):
    street = Clerk(signed_in("street", "110101001"))
    row = (*ROWS[0][:5], "东城区", "东华门街道", *ROWS[0][6:])
    street.upload(a_csv([row], (*HEADERS[:6], "街道", *HEADERS[6:])))

    text = street.read()
    assert "1 个新站点将提交验收" in text
    street.import_all()

    assert sites_of(office)["东华门暖心驿站"].status == "submitted"


def test_a_row_that_would_make_a_submitted_site_active_is_told_to_leave_it_submitted(office, signed_in):
    street = Clerk(signed_in("street", "110101001"))
    headers = ("编号", *HEADERS[:6], "街道", *HEADERS[6:], "状态")
    row = ("q1", *ROWS[0][:5], "东城区", "东华门街道", *ROWS[0][6:])
    street.upload(a_csv([(*row, "")], headers))
    street.read()
    street.import_all()

    street.upload(a_csv([(*row, "启用")], headers))

    assert "1 个站点仍保持原来的状态" in street.read()


@pytest.mark.parametrize(("role", "area", "may"), [
    ("district", DONGCHENG, True), ("city", "110000", True), ("street", "110101001", False), ("district", CHAOYANG, False)])
def test_an_upload_is_shown_to_its_owner_and_those_above_alone(office, signed_in, role, area, may):
    owner = Clerk(signed_in("street", "110101002"))
    owner.upload(a_csv(WRONG))
    owner.read()
    other = signed_in(role, area)

    for step in ("", "/mapping", "/preview", "/points.json", "/errors.xlsx", "/rows/0", "/mapping.toml"):
        answer = other.get(owner.address + step, follow_redirects=True)
        assert (answer.status_code == 200) is may, step
        assert may or answer.status_code == 404
    for step in ("/mapping", "/evidence", "/preview", "/commit", "/cancel", "/again"):  # nobody does another's work
        assert other.post(owner.address + step, data={"revision": "1"}).status_code == 404
    assert ("13800000001" in other.get("/admin/import").text) is False
    assert (owner.address in other.get("/admin/import").text) is may
    assert other.post(f"{owner.address}/delete").status_code == (303 if may else 404)


def test_what_is_kept_is_private_and_goes_when_it_is_imported(clerk, office):
    home = office.extensions["settings"].home
    clerk.upload(a_csv())
    clerk.read()
    place = Uploads(home).place(clerk.address.rpartition("/")[2])
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.rglob("*")} == {0o600, 0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (home / "uploads", place)} == {0o700}

    clerk.import_all()

    left = b"".join(path.read_bytes() for top in ("uploads", "jobs") for path in (home / top).rglob("*") if path.is_file())
    assert b"1380000000" not in left
    assert "东华门大街".encode() not in left


def test_an_upload_expires_after_a_week_and_what_is_remembered_of_an_import_after_half_a_year(clerk, office):
    clock, home = office.extensions["settings"].clock, office.extensions["settings"].home
    clerk.upload(a_csv())
    clerk.read()
    clerk.import_all()
    clerk.upload(a_csv())
    began = clock.now

    for after, left in ((KEPT, 2), (KEPT + timedelta(seconds=1), 1), (REMEMBERED, 1), (REMEMBERED + timedelta(seconds=1), 0)):
        clock.now = began + after
        sign_in(office, "city", "110000").get("/admin/import")
        assert len(Uploads(home).all()) == left, after


# --- two at a time ------------------------------------------------------------------------------------


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
    import dataclasses

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
    import dataclasses

    clerk.upload(a_csv())
    clerk.read()
    clerk.import_all()
    site = sites_of(office)["东华门暖心驿站"]
    office.extensions["atlas"].registry.commit([dataclasses.replace(site, phone="010-1")], who="another", why="phone")

    text = clerk.send(f"{clerk.address}/undo", reason="弄错了")

    assert clerk.at.endswith("/result")
    assert "东华门暖心驿站" in text
    assert len(sites_of(office)) == 3


# --- small things -------------------------------------------------------------------------------------


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
