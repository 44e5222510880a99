"""A page that refuses something names it as its form does, never as a program would; programs are told the field's own name."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from locator.errors import BadValue
from tests.web.conftest import sign_in
from tests.web.planning import planned
from web import field_words
from web.params import NEAREST

FROM = "lon=116.4&lat=39.9"
OF_FINDER = [f"/?{FROM}&{param.name}=%C2%A7" for param in NEAREST if param.name not in ("lon", "lat", "lang")] + [
    "/?lon=x&lat=39.9", "/?lon=116.4&lat=x", "/?lon=116.4", "/?lon=39.9&lat=116.4", f"/?{FROM}&k=0", f"/?{FROM}&within=-1"]
OF_PLANNER = [f"/planner?{said}" for said in (
    "area=%C2%A7", "by=%C2%A7", "radius=%C2%A7", "radius=0", "minutes=%C2%A7", "minutes=0", "reach=%C2%A7", "preset=%C2%A7", "hours=%C2%A7",
    "hours=at&hour=99", "hours=at&date=%C2%A7", "at=%C2%A7", "week=%C2%A7", "fold=%C2%A7", "fold=0", "kind=%C2%A7", "facility=%C2%A7",
    "eligibility=%C2%A7", "state=%C2%A7", "strict=%C2%A7", "verified_only=%C2%A7", "demand=%C2%A7", "version=%C2%A7")]
OF_COMPARE = [f"/planner/compare?{said}" for said in (
    "way=%C2%A7", "way=without&without=%C2%A7", "way=with&points=%C2%A7", "way=with&points=116.4,x", "way=with&points=39.9,116.4&datum=%C2%A7",
    "way=hours&day=%C2%A7&hour_before=1&hour_after=2", "way=hours&hour_before=99&hour_after=2", "way=hours&hour_before=1&hour_after=%C2%A7",
    "way=days&from=%C2%A7", "way=days&from=2026-03-01&to=%C2%A7", "way=days&from=1999-01-01", "before=%C2%A7&after=now", "before=now&after=%C2%A7")]
OF_OTHERS = ["/sites/%C2%A7", "/sites/%C2%A7/poster", "/sites/%C2%A7/qr.svg", "/planner/studies/%C2%A7/report", "/admin/sites/%C2%A7",
             "/admin?status=%C2%A7", "/admin?kind=%C2%A7", "/admin?area=%C2%A7", "/admin?verified_before=%C2%A7",
             "/admin?demo=%C2%A7", "/admin/reports?state=%C2%A7", "/admin/reports?before=%C2%A7"]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with planned(tmp_path_factory.mktemp("refusing") / "home", planner_public=True) as app:
        yield app


def refused(answer):
    """Return the lines of what is refused on a page, without markup."""
    found = re.search(r'<ul class="refusals">(.*?)</ul>', answer.text, re.DOTALL)
    return [] if found is None else [unescape(re.sub(r"<[^>]+>", "", line)).strip() for line in re.findall(r"<li>(.*?)</li>", found[1], re.DOTALL)]


@pytest.fixture(scope="module")
def anybody(app):
    return sign_in(app, "city", "110000")


@pytest.mark.parametrize("address", OF_FINDER + OF_PLANNER + OF_COMPARE + OF_OTHERS)
def test_no_page_that_refuses_says_a_fields_own_name(anybody, address):
    answer = anybody.get(address, follow_redirects=True)

    if answer.status_code != 200:  # what the finder reads past is no refusal
        lines = refused(answer)
        assert lines
        assert not [line for line in lines if re.match("[a-z]", line)]  # in Chinese no line begins with a small Latin letter but by a field's name


@pytest.mark.parametrize(("address", "zh", "en"), [
    ("/?lon=x&lat=39.9", "经度“x”：", "Longitude “x”: "), ("/?lon=116.4&lat=99", "纬度“99”：", "Latitude “99”: "),
    (f"/?{FROM}&kind=x", "类别“x”：", "Kind “x”: "), (f"/?{FROM}&within=-1", "最远距离“-1 米”：", "At most so far “-1 metres”: "),
    ("/planner?radius=0", "服务半径“0 米”：", "Service radius “0 metres”: "), ("/planner?by=x", "分列到“x”：", "A line for each “x”: "),
    ("/planner/compare?way=with&points=116.4,95", "纬度“95”：", "Latitude “95”: ")])
def test_a_field_is_called_what_its_form_calls_it_in_the_readers_language(anybody, address, zh, en):
    for language, words in (("zh-CN", zh), ("en", en)):
        [line] = refused(anybody.get(address, headers={"Accept-Language": language}))

        assert line.startswith(words)


def test_programs_are_told_the_fields_own_name(anybody):
    answer = anybody.get("/api/v1/nearest?lon=x&lat=39.9")

    assert [error["field"] for error in answer.get_json()["errors"]] == ["lon"]


@pytest.mark.parametrize("value", [None, "", "typed <b>"])
def test_what_a_refusal_holds_is_quoted_and_a_form_that_was_sent_is_never_looked_into(app, value):
    with app.test_request_context("/admin/sites", method="POST", data={"name": "sent"}):
        assert field_words.quoted(BadValue("name", value, zh="x", en="x")) == (f"名称“{value}”" if value else "名称")


@pytest.mark.parametrize("field", ["password", "again", "present", "code", "token"])
def test_a_secret_is_never_quoted_wherever_it_stands(app, field):
    for sent in ({"method": "POST", "data": {field: "hunter2"}}, {"query_string": {field: "hunter2"}}):
        with app.test_request_context("/login", **sent):
            assert "hunter2" not in field_words.quoted(BadValue(field, "hunter2", zh="x", en="x"))


def test_every_field_for_a_password_is_one_whose_value_is_never_quoted():
    forms = "".join(page.read_text("utf-8") for page in (Path(field_words.__file__).parent / "templates").rglob("*.html"))
    secret = {name for field in re.findall(r"<input[^>]*>", forms) if 'type="password"' in field or "one-time-code" in field
              for name in re.findall(r'\bname="([a-z_]+)"', field)}

    assert secret
    assert secret <= field_words.SECRET


def test_what_was_typed_comes_back_as_text_and_never_as_markup(anybody):
    page = anybody.get("/planner?area=%3Cb%3Ehere", headers={"Accept-Language": "en"}).text

    assert "“&lt;b&gt;here”" in page
    assert "<b>here" not in page
