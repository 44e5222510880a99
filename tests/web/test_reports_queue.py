"""The administrators' queue of reports: their area's, by site, decided with a reason, without scripts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from geodata.reporting import NewReport
from tests.conftest import a_site
from tests.web.conftest import HOSTILE, sign_in
from tests.web.offices import WEDNESDAY_TEN, office_over

MINUTE = timedelta(minutes=1)
TOLD = (("s1", "locked", "a", "门上有条子"), ("s1", "locked", "b", None), ("s2", "gone", "a", None),
        ("s3", "wrong", "a", HOSTILE.replace("\x07\u202e", "")))


@pytest.fixture
def app(empty_home):
    sites = [a_site(1, name="王府井暖心驿站", district_code="110101"), a_site(2, name="望京暖心驿站", district_code="110105"),
             a_site(3, name=HOSTILE, district_code="110101", status="suspended"), a_site(4, name="东四暖心驿站", district_code="110101")]

    def reported(registry):
        for n, (site, kind, phone, note) in enumerate(TOLD):
            registry.reports.file(site, NewReport(kind, WEDNESDAY_TEN, note=note, token=phone * 20), now=WEDNESDAY_TEN + n * MINUTE)

    with office_over(empty_home, sites, more=reported) as app:
        yield app


@pytest.fixture
def admin(app):
    return sign_in(app, "district", "110101")


def states(app):
    return {r.id: r.state for r in app.extensions["atlas"].registry.reports.entries()}


def decide(client, *numbers, decision="confirmed", reason=""):
    return client.post("/admin/reports", data={"report": list(numbers), "decision": decision, "reason": reason})


def order(page, *names):
    """Return names in the order in which their sites stand on a page."""
    heads = re.findall(r'<h2 id="g\d+">(.*?)<small>', page, re.DOTALL)
    return [name for head in heads for name in names if name in head]


def test_the_queue_groups_the_areas_undecided_reports_by_site_those_where_several_found_no_way_in_first_then_the_newest(app, admin):
    registry = app.extensions["atlas"].registry
    registry.reports.file("s4", NewReport("rating", WEDNESDAY_TEN, rating=2, token="c" * 20), now=WEDNESDAY_TEN + 9 * MINUTE)
    app.extensions["atlas"].hear()

    page = admin.get("/admin/reports").text

    assert order(page, "王府井", "&lt;script&gt;", "东四") == ["王府井", "东四", "&lt;script&gt;"]
    assert "<b>多人反映：锁门" in page
    assert "望京" not in page
    assert "门上有条子" in page
    assert re.search(r"锁门 <span class=\"count\">2</span>", page)
    assert "<script>alert" not in page


def test_every_page_of_the_queue_goes_on_where_the_one_before_ended(app, admin, monkeypatch):
    monkeypatch.setattr("web.reports_queue.A_PAGE", 1)
    told, address = [], "/admin/reports"

    while address:
        page = admin.get(address).text
        told += re.findall(r'name="report" value="(\d+)"', page)
        older = re.search(r'<a href="([^"]+)">下一页</a>', page)
        address = older and older[1].replace("&amp;", "&")

    assert told == ["2", "1", "4"]


def test_the_queue_says_which_reports_an_operator_of_the_hotline_filed(app, admin):
    operator = sign_in(app, "hotline", "110101")
    assert operator.post("/hotline/report", data={"site": "s4", "type": "wrong"}, headers={"Accept": "application/json"}).status_code == 200

    page = admin.get("/admin/reports").text

    assert re.findall(r"<b>(热线坐席 \S+ 代来电人反馈)</b>", page)
    assert page.count("代来电人反馈") == 1


def test_a_decision_that_is_not_taken_is_told_in_its_own_form_with_everything_as_it_was(admin):
    page = admin.get("/admin/reports?state=open").text
    form = re.search(r'<form method="post" action="([^"#]*)#[^"]*" class="about" id="([^"]*)">(?:(?!</form>).)*?value="1"', page, re.DOTALL)
    sent = {"about": form[2], "report": ["1"], "decision": "rejected", "reason": "长" * 501}

    answer = admin.post(form[1], data=sent).text

    own = answer.partition(f'id="{form[2]}"')[2].partition("</form>")[0]
    assert "没有处理成功" in own
    assert "最多 500 个字" in own
    assert "长" * 501 in own
    assert [bool(ticked) for ticked in re.findall(r'name="report" value="[12]"( checked)?', own)] == [False, True]
    assert answer.count('role="alert"') == 1
    assert "这样查不了" not in answer


def test_one_reason_decides_every_report_that_is_ticked_and_edits_no_record(app, admin):
    answer = decide(admin, 1, 2, reason="打电话问过")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/reports?done=confirmed&site=s1")
    assert states(app) == {1: "confirmed", 2: "confirmed", 3: "open", 4: "open"}
    after = admin.get(answer.headers["Location"]).text
    assert "接下来怎么处理 王府井暖心驿站" in after
    assert 'action="/admin/sites/s1/do/suspend"' in after
    assert app.extensions["atlas"].registry.site("s1").version == 1
    assert "打电话问过" in admin.get("/admin/reports?state=confirmed").text


def test_a_rejection_needs_its_reason_and_a_decision_its_report(app, admin):
    for answer in (decide(admin, 1, decision="rejected"), decide(admin), decide(admin, 1, decision="maybe")):
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
    assert set(states(app).values()) == {"open"}

    assert decide(admin, 1, decision="rejected", reason="看错了").status_code == 303
    assert states(app)[1] == "rejected"


def test_reports_of_another_area_are_neither_shown_nor_decided(app, admin):
    assert decide(admin, 1, 3).status_code == 403
    assert set(states(app).values()) == {"open"}
    assert "接下来" not in admin.get("/admin/reports?done=confirmed&site=s2").text
    assert "望京" in sign_in(app, "district", "110105").get("/admin/reports").text


def test_a_confirmed_report_is_followed_up_in_one_tap(app, admin):
    decide(admin, 1, 2)
    page = admin.get("/admin/reports?state=confirmed").text
    reason = re.search(r'do/suspend".*?name="reason" value="([^"]+)"', page)[1]

    answer = admin.post("/admin/sites/s1/do/suspend", data={"reason": reason})

    assert answer.status_code == 303
    site = app.extensions["atlas"].registry.site("s1")
    assert (site.status, site.reason) == ("suspended", "用户反馈：锁门 (2)")


def test_an_empty_queue_says_so(app, admin):
    decide(admin, 1, 2, 4)

    assert "没有待处理的反馈" in admin.get("/admin/reports").text
    assert "没有这样的反馈" in admin.get("/admin/reports?state=expired").text


@pytest.mark.parametrize(("query", "said"), [("state=lost", "状态“lost”"), ("before=x", "“x”"), ("before=-1", "“-1”")])
def test_an_address_that_will_not_do_is_refused_by_the_part_that_is_wrong(admin, query, said):
    answer = admin.get(f"/admin/reports?{query}")

    assert answer.status_code == 400
    told = answer.text.partition('role="alert"')[2].partition("</ul>")[0]
    assert f"<b>{said}</b>" in told


def test_nothing_is_decided_where_one_of_the_numbers_is_none_or_there_are_too_many(app, admin):
    for numbers in ([1, "x"], range(1, 202)):
        assert decide(admin, *numbers).status_code == 400
    assert set(states(app).values()) == {"open"}


def test_the_queue_is_in_the_menu_of_those_who_may_decide(app, admin):
    assert 'href="/admin/reports"' in admin.get("/account").text
    assert 'href="/admin/reports"' not in sign_in(app, "hotline", "110101").get("/account").text
