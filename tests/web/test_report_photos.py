"""A photo with a report over HTTP: taken with it or refused with it, shown to the area's administrators alone."""

from __future__ import annotations

import logging
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from geodata.photos import MOST_BYTES
from tests.conftest import a_site
from tests.web.conftest import sign_in
from tests.web.offices import WEDNESDAY_TEN, Clock, office_over
from web import sent_files
from web.origins import ASKED_FIRST
from web.security import LARGEST_REQUEST

SITES = [a_site(1, name="王府井", district_code="110101"), a_site(2, name="望京", district_code="110105"), a_site(3, visibility="internal")]
API, FORM = "/api/v1/sites/s1/reports", "/sites/s1/report"
MAKER = 0x010F


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def app(empty_home, clock):
    with office_over(empty_home, SITES, at=WEDNESDAY_TEN - timedelta(days=3), clock=clock, exposed=True) as app:
        yield app


@pytest.fixture
def phone(app):
    return app.test_client()


def picture(kind="JPEG", size=(320, 200), colour=(180, 40, 40)) -> bytes:
    exif, stream = Image.Exif(), BytesIO()
    exif[MAKER] = "SECRETPHONE"
    Image.new("RGB", size, colour).save(stream, kind, exif=exif)
    return stream.getvalue()


def send(client, path=API, *, photo=None, name="IMG_0001.jpg", **said):
    files = {} if photo is None else {"photo": FileStorage(BytesIO(photo), filename=name)}
    headers = said.pop("headers", {})
    boundary, body = encode_multipart({"type": "locked", **said, **files})
    return client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}", headers=headers)


def reports_of(app):
    return app.extensions["atlas"].registry.reports.entries()


def photo_of(client, number=1, size=""):
    return client.get(f"/admin/reports/{number}/photo{size}")


# --- taken --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [API, FORM])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_report_brings_a_photo_which_the_administrators_of_the_area_see(app, phone, path, kind):
    assert send(phone, path, photo=picture(kind), name="a photo").status_code in (201, 303)

    answer = photo_of(sign_in(app, "district", "110101"))

    image = Image.open(BytesIO(answer.data))
    assert (answer.status_code, image.format, image.size, dict(image.getexif())) == (200, "JPEG", (320, 200), {})
    assert b"SECRET" not in answer.data
    assert {name: answer.headers[name] for name in ("Content-Type", "Cache-Control", "X-Content-Type-Options")} == {
        "Content-Type": "image/jpeg", "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    assert answer.headers["Content-Disposition"].startswith("inline")


def test_a_form_without_a_photo_or_with_the_field_left_empty_is_a_report_as_before(app, phone):
    assert send(phone).status_code == 201
    assert send(phone, photo=b"", name="", type="moved").status_code == 201

    assert [r.has_photo for r in reports_of(app)] == [False, False]


def test_an_operator_of_the_hotline_may_add_one_too(app):
    assert send(sign_in(app, "hotline", "110101"), photo=picture()).status_code == 201

    assert [(r.filed_by, r.has_photo) for r in reports_of(app)] == [("hotline-110101", True)]


def test_going_back_to_add_a_photo_to_what_was_said_adds_it(app, phone):
    send(phone, FORM, tap="locked", key="k" * 20)
    send(phone, FORM, tap="locked", key="k" * 20, photo=picture())

    assert [r.has_photo for r in reports_of(app)] == [True]


def test_taken_back_the_photo_is_gone_too(app, phone):
    send(phone, photo=picture(), key="k" * 20)
    assert phone.post("/sites/s1/report/undo", data={"key": "k" * 20}).status_code == 200

    assert photo_of(sign_in(app, "city", "110000")).status_code == 404


# --- refused ------------------------------------------------------------------------------------------

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"


@pytest.mark.parametrize(("content", "words"), [
    (picture()[:-200], "不完整"), (b"%PDF-1.7", "JPEG"), (HEIC, "HEIC"), (b"\xff\xd8\xff" + bytes(MOST_BYTES), "8 MB")],
    ids=["cut", "pdf", "heic", "large"])
def test_a_photo_that_will_not_do_is_one_refusal_of_that_field_and_nothing_is_filed(app, phone, content, words):
    answer = send(phone, photo=content, note="门锁着")

    told = answer.get_json()
    assert (answer.status_code, [e["field"] for e in told["errors"]]) == (400, ["photo"])
    assert words in told["detail"]
    page = send(phone, FORM, photo=content)
    assert page.status_code == 400
    assert words in page.text
    assert reports_of(app) == []


def test_what_is_wrong_with_the_report_itself_is_told_before_its_photo_is_read(phone):
    answer = send(phone, photo=b"no photo", type="rating", rating="9", note="\x00")

    assert [e["field"] for e in answer.get_json()["errors"]] == ["rating", "note"]


@pytest.mark.parametrize("path", [API, FORM])
def test_a_request_far_too_large_is_refused_by_what_it_says_of_itself(app, phone, path):
    answer = send(phone, path, photo=bytes(MOST_BYTES + sent_files.BESIDE))

    assert answer.status_code == 413
    assert "8 MB" in answer.text
    assert reports_of(app) == []


@pytest.mark.parametrize("path", [API, FORM])
def test_only_a_form_with_a_photo_may_be_large(phone, path):
    much = "x" * LARGEST_REQUEST

    assert phone.post(path, json={"type": "locked", "note": much}).status_code in (400, 413)
    assert phone.post(path, data={"type": "locked", "note": much}).status_code == 413
    assert send(phone, "/sites/s1/report/undo", photo=bytes(LARGEST_REQUEST)).status_code == 413


def test_one_photo_and_no_other_file(app, phone):
    two = {"type": "locked", "photo": [(BytesIO(picture()), "a.jpg"), (BytesIO(picture()), "b.jpg")]}
    other = {"type": "locked", "plan": (BytesIO(picture()), "a.jpg")}

    told = [phone.post(API, data=data, content_type="multipart/form-data") for data in (two, other)]
    assert [(answer.status_code, answer.get_json()["errors"][0]["field"]) for answer in told] == [(400, "photo"), (400, "plan")]
    assert send(phone, photo=None, at="").status_code == 201
    assert phone.post(API, data={"type": "moved", "photo": "a text"}, content_type="multipart/form-data").status_code == 400
    assert phone.post(API, json={"type": "moved", "photo": "a text"}).status_code == 400
    assert len(reports_of(app)) == 1


def test_another_sites_page_cannot_send_one_through_its_visitors_unless_its_browser_asked_us_first(app, phone):
    evil, hidden = {"Origin": "https://evil.example"}, {"Origin": "null"}

    assert send(phone, photo=picture(), headers={**evil, "Sec-Fetch-Site": "cross-site", ASKED_FIRST: "1"}).status_code == 403
    assert send(phone, photo=picture(), headers={**evil, ASKED_FIRST: "1"}).status_code == 403
    assert send(phone, photo=picture(), headers=hidden).status_code == 403
    preflight = phone.options(API, headers={**evil, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": ASKED_FIRST})
    assert "Access-Control-Allow-Origin" not in preflight.headers
    assert reports_of(app) == []
    assert send(phone, photo=picture(), headers={**hidden, ASKED_FIRST: "1"}).status_code == 201


def test_there_is_nothing_to_photograph_where_the_public_sees_no_site(phone):
    assert send(phone, "/api/v1/sites/s3/reports", photo=picture()).status_code == 404


# --- shown --------------------------------------------------------------------------------------------


def test_nobody_else_sees_it_and_nobody_learns_from_an_answer_whether_there_is_one(app, phone):
    send(phone, photo=picture())
    send(phone, type="moved")
    elsewhere = sign_in(app, "district", "110105")

    assert photo_of(phone).status_code == 303  # to the sign-in
    assert [photo_of(elsewhere, number).status_code for number in (1, 2)] == [403, 403]
    assert [photo_of(sign_in(app, role, "110101")).status_code for role in ("planner", "hotline")] == [403, 403]
    assert photo_of(sign_in(app, "auditor", "110000")).status_code == 403
    mine = sign_in(app, "district", "110101")
    assert [photo_of(mine, number).status_code for number in (1, 2, 9, "x", "9" * 40)] == [200, 404, 404, 404, 404]


def test_the_queue_shows_a_small_one_that_leads_to_the_whole(app, phone):
    send(phone, photo=picture(size=(1200, 900)))
    send(phone, type="moved")
    admin = sign_in(app, "district", "110101")

    page = admin.get("/admin/reports").text

    assert 'href="/admin/reports/1/photo"' in page
    assert 'src="/admin/reports/1/photo?size=small"' in page
    assert "/admin/reports/2/photo" not in page
    small, whole = photo_of(admin, size="?size=small").data, photo_of(admin).data
    assert [Image.open(BytesIO(jpeg)).size for jpeg in (small, whole)] == [(240, 180), (1200, 900)]


def test_an_administrator_deletes_a_photo_of_their_area_and_the_audit_log_says_so(app, phone):
    send(phone, photo=picture())
    admin, elsewhere = sign_in(app, "district", "110101"), sign_in(app, "district", "110105")

    assert elsewhere.post("/admin/reports/1/photo/delete").status_code == 403
    assert photo_of(admin).status_code == 200
    assert admin.post("/admin/reports/1/photo/delete").headers["Location"] == "/admin/reports?done=photo"

    assert "照片已删除" in admin.get("/admin/reports?done=photo").text
    assert photo_of(admin).status_code == 404
    assert [r.state for r in reports_of(app)] == ["open"]
    logged = [(e.who, e.object) for e in app.extensions["atlas"].registry.audit.entries(action="report_photo_delete")]
    assert logged == [("district-110101", "s1 #1")]


def test_a_photo_is_in_no_answer_no_page_no_log_and_no_metric(app, phone, caplog):
    caplog.set_level(logging.DEBUG)
    sent = picture()
    admin = sign_in(app, "district", "110101")
    told = send(phone, photo=sent, name="SECRETNAME.jpg")
    send(phone, photo=b"SECRETBYTES", name="SECRETNAME.jpg", type="moved")
    kept = photo_of(admin).data
    answered = [told.data, *(client.get(path).data for client in (phone, admin) for path in (
        "/", "/sites/s1", "/api/v1/nearest?lon=116.4&lat=39.9", "/api/v1/sites", "/api/v1/sites/s1", "/api/v1/sites/s1/history",
        "/api/v1/reports", "/admin/download.csv", "/admin/download.xlsx", "/api/v1/offline", "/metrics"))]
    logged = "\n".join(str(record.__dict__) for record in caplog.records)

    assert b"photo" not in told.data
    assert not any(part in answer for answer in answered for part in (sent[200:260], kept[200:260], b"SECRET"))
    assert [name for name in ("SECRETNAME", "SECRETPHONE", "SECRETBYTES") if name in logged] == []
    assert set(admin.get("/api/v1/reports").get_json()["reports"][0]) & {"photo", "has_photo"} == set()
