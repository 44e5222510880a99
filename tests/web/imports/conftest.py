"""Somebody who imports a file on the pages, and the file."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest

from tests.web.offices import do_jobs_at_once

DONGCHENG, CHAOYANG = "110101", "110105"
HEADERS = ("名称", "类别", "经度", "纬度", "地址", "区", "开放时间", "设施", "负责人电话", "内部备注")
ROWS = (
    ("东华门暖心驿站", "暖心驿站", "116.4100", "39.9150", "东华门大街1号", "东城区", "24/7", "热水、厕所", "13800000001", "甲"),
    ("景山暖心驿站", "暖心驿站", "116.3990", "39.9280", "景山前街2号", "东城区", "周一至周五 9:00-17:00", "微波炉", "13800000002", "乙"),
    ("和平里暖心驿站", "暖心驿站", "116.4180", "39.9530", "和平里中街3号", "东城区", "", "热水", "13800000003", ""),
)
WRONG = (
    (ROWS[0][0], "没有这种", *ROWS[0][2:]),
    (*ROWS[1][:2], "116.39x", *ROWS[1][3:]),
    ROWS[2],
)
"""The first two rows cannot be imported as they are."""
ALIKE = (("东华门户外劳动者暖心驿站", "暖心驿站", "116.41005", "39.91502", "东华门大街1号", "东城区", "24/7", "热水", "", ""),)
"""May be the first row's site."""


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
