"""Whose an upload is, which rows are in one's area, and what stays of it all."""

from __future__ import annotations

import stat
from datetime import timedelta

import pytest

from geodata.uploads import KEPT, REMEMBERED, Uploads
from tests.web.conftest import sign_in
from tests.web.imports.conftest import CHAOYANG, DONGCHENG, HEADERS, ROWS, WRONG, Clerk, a_csv, sites_of


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
