"""The hotline's page without a browser: who may, what a call comes to, that nothing of it is kept."""

from __future__ import annotations

import io
import logging
import re

import pytest

from geodata import places
from locator.sites import Slot
from tests.conftest import a_site
from tests.web.conftest import sign_in
from tests.web.offices import office_over
from tests.web.test_pages import Page
from web import logs
from web.hotline_answer import MOST_SITES

SPEECH = "我在王府井大街，百货大楼门口，能上厕所吗，冷得很"
WANGFUJING = (116.4053, 39.9120)


def sites():
    """Return sites around Wangfujing: distances grow with their numbers."""
    def near(number, **fields):
        return a_site(number, **{"lon": WANGFUJING[0] + number * 0.002, "lat": WANGFUJING[1], "eligibility": "everyone",
                                 "facilities": {"toilet": "yes", "heating": "yes"}, **fields})
    return [
        near(1, name="关门驿站", opening_hours="Mo-Fr 20:00-21:00"), near(2, name="不详驿站", opening_hours=None),
        near(3, name="开门驿站", address="王府井大街 5 号", phone="010-1234 5678", entry_note="凭工会会员卡进入"),
        near(4, name="会员驿站", eligibility="members"), near(5, name="骑手驿站", eligibility="outdoor_workers", facilities={"charging": "yes"}),
        near(6, name="内部职工驿站", eligibility="staff_only"), near(7, name="夜里内部驿站", slots=(Slot("24/7", "staff_only"),)),
        near(8, name="没说对谁的驿站", eligibility=None, facilities={}), near(9, visibility="internal", name="内部驿站"),
        near(10, name="<script>alert(1)</script>"), near(11), near(12), near(13), near(14, kind="mother_baby_room", name="母婴室甲"),
    ]


def opened(make_atlas, areas, home):
    """An application over these sites whose registry has them too."""
    return office_over(home, sites(), atlas=make_atlas(sites(), areas=areas.tree, places=places.load(), version=7), log_requests=True)


@pytest.fixture(scope="module")
def app(make_atlas, areas, tmp_path_factory):
    with opened(make_atlas, areas, tmp_path_factory.mktemp("hotline")) as made:
        yield made


@pytest.fixture
def operator(app):
    return sign_in(app, "hotline", "110000")


@pytest.fixture
def call(operator):
    """``call("王府井", by="ride")``: the words of the page."""
    def ask(words, path="/hotline", language="zh", **form):
        response = operator.post(path, data={"words": words, **form}, headers={"Accept-Language": language})
        assert response.status_code == 200
        return response.text

    return ask


def names(text):
    """Return the sites of an answer, in their order."""
    return re.findall(r'data-name="([^"]*)"', text)


def chips(text):
    return [" ".join(Page(found).words) for found in re.findall(r'<button type="submit" name="without".*?</button>', text, re.DOTALL)]


def test_an_operator_finds_the_page_in_the_menu_and_signed_in_strangers_of_other_roles_do_not(app):
    assert 'href="/hotline"' in sign_in(app, "street", "110101001").get("/account").text
    assert 'href="/hotline"' not in sign_in(app, "planner", "110000").get("/account").text
    assert sign_in(app, "planner", "110000").get("/hotline").status_code == 403
    assert app.test_client().get("/hotline").headers["Location"].startswith("/login")


@pytest.mark.parametrize(("role", "area", "page", "missing", "way"), [
    ("hotline", "110000", "/admin/reports", "登记和修改站点、处理反馈", "/hotline"),
    ("planner", "110000", "/hotline", "替来电人查询和反馈", "/admin"), ("street", "110101001", "/admin/accounts", "管理账号", "/admin")])
def test_whoever_may_not_see_a_page_is_told_in_words_what_is_missing_and_led_to_a_page_that_they_may_see(app, role, area, page, missing, way):
    refused = sign_in(app, role, area).get(page)

    assert refused.status_code == 403
    main = refused.text.partition("<main")[2].partition("</main>")[0]
    assert f"您的账号没有这项权限：{missing}" in main
    assert f'<a class="button" href="{way}"' in main
    assert "permission" not in main


def test_a_call_without_its_forms_token_is_refused(operator):
    del operator.environ_base["HTTP_X_CSRFTOKEN"]

    assert operator.post("/hotline/look", data={"words": "王府井"}).status_code == 403


def test_a_callers_sentence_becomes_a_place_needs_and_what_was_not_understood(call):
    text = call(SPEECH)

    assert chips(text) == ["王府井大街 × 去掉", "没听懂： 百货大楼 × 去掉", "厕所 上厕所 × 去掉", "取暖 冷得很 × 去掉"]


def test_english_words_are_applied_or_said_to_be_not_understood(call):
    understood, lost = call("Wangfujing mother room"), call("Wangfujing mother")

    assert chips(understood) == ["Wangfujing × 去掉", "母婴关爱室 mother room × 去掉"]
    assert names(understood) == ["母婴室甲"]
    assert chips(lost) == ["Wangfujing × 去掉", "没听懂： mother × 去掉"]


def test_sites_open_on_arrival_come_first_then_uncertain_then_closed_then_those_for_staff(call):
    found = names(call("王府井大街"))

    assert len(found) == MOST_SITES
    assert found[:3] == ["开门驿站", "会员驿站", "骑手驿站"]
    assert found.index("不详驿站") < found.index("关门驿站")
    assert "内部驿站" not in found
    assert "内部职工驿站" not in found[:6]


@pytest.mark.parametrize(("speech", "wanted", "missing"), [
    ("王府井 我是会员", ["会员驿站", "没说对谁的驿站"], "骑手驿站"), ("王府井 美团骑手", ["骑手驿站", "没说对谁的驿站"], "会员驿站"),
    ("王府井 骑手 会员", ["骑手驿站", "会员驿站"], "内部职工驿站")])
def test_what_the_caller_is_leaves_out_sites_for_others_and_keeps_those_that_do_not_say(call, speech, wanted, missing):
    found = names(call(speech))

    assert set(wanted) <= set(found)
    assert missing not in found


def test_a_need_narrows_the_sites_and_taking_it_out_widens_them_again(call):
    assert names(call("王府井 充电")) == ["骑手驿站"]
    assert names(call("王府井 母婴室")) == ["母婴室甲"]
    assert len(names(call("王府井 充电", without="充电"))) == MOST_SITES


def test_where_no_site_has_all_of_that_the_nearest_are_shown_and_it_is_said_what_was_left_out(call):
    text = call("王府井 换电池 充电")

    assert "没有全部符合的站点，以下不限：换电、手机充电" in Page(text).text
    assert len(names(text)) == MOST_SITES


def test_the_first_site_is_read_out_in_chinese_and_on_an_english_page_in_english_too(call):
    chinese, english = call(SPEECH), call(SPEECH, language="en")

    speech = "最近的开放站点是开门驿站。离您的位置 110 到 920 米，步行 1 到 14 分钟，现在开放，全天不关门，所有人都可以进，凭工会会员卡进入。"
    assert speech in chinese
    assert speech in english
    assert "The nearest open site is 开门驿站. From where you are 110 to 920 m" not in chinese
    assert "The nearest open site is 开门驿站. From where you are" in english


def test_another_place_of_the_list_can_be_chosen(call):
    text = call("东单 王府井", place="place:wangfujing")

    assert re.search(r'value="place:wangfujing" class="choice" aria-current="true"', text)
    assert "王府井" in re.search(r'id="sites-title">(.*?)</h2>', text, re.DOTALL)[1]


def test_from_a_whole_area_no_distance_is_read_out(call):
    text = Page(call("东城区")).text

    assert "来电人的位置还不够具体" in text
    assert "步行约" not in text


def test_riding_is_heard_or_chosen(call):
    look = "/hotline/look"

    assert "骑电动车" in call("王府井 骑车", look)
    assert "骑电动车" in call("王府井", look, by="ride")
    assert "骑电动车" not in call("王府井", look, by="fly")


def test_the_part_that_changes_is_answered_alone_and_as_list_boxes(call):
    text = call(SPEECH, path="/hotline/look")

    assert "<html" not in text
    assert 'role="listbox"' in text
    assert text.count('role="option"') == len(names(text)) + text.count('data-key="')


@pytest.mark.parametrize("words", ["", "   ", "的", "？？", "<b>", "x" * 5000, "王" * 5000, "\x00\ud7ff\u202e", "%s{}[]"])
def test_anything_may_be_typed(call, words):
    assert call(words)
    assert call(words, path="/hotline/look", without=words, place=words)


def test_what_sites_and_callers_wrote_is_text(call):
    text = call("<script>alert(2)</script> 王府井")

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_nothing_of_a_call_is_in_an_address_a_log_or_a_cache(app, operator):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        answer = operator.post("/hotline/look", data={"words": SPEECH + "zzqq"})
    finally:
        root.removeHandler(handler)

    assert "/hotline/look" in stream.getvalue()
    for word in ("王府井", "zzqq", "厕所", "116.40"):
        assert word not in stream.getvalue()
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "GET" not in {m for rule in app.url_map.iter_rules() if rule.rule == "/hotline/look" for m in rule.methods}
    form = re.search(r"<form id=\"call\"[^>]*>", operator.get("/hotline").text)[0]
    assert 'method="post"' in form
    assert 'autocomplete="off"' in form


def test_a_text_message_is_ready_for_every_site(call):
    text = call("王府井", path="/hotline/look")

    assert text.count('class="sms"') == len(names(text))
    assert "开门驿站，王府井大街5号，离您的位置110到920米，全天开放，电话010-12345678" in text


def test_a_site_that_others_found_locked_is_said_to_be_and_comes_after_those_that_are_surely_open(make_atlas, areas, tmp_path):
    with opened(make_atlas, areas, tmp_path) as app:
        for phone in ("a" * 20, "b" * 20):
            told = app.test_client().post("/api/v1/sites/s3/reports", json={"type": "locked", "token": phone})
            assert told.status_code == 201

        text = sign_in(app, "hotline", "110000").post("/hotline", data={"words": "王府井"}).text

    found = names(text)
    assert found.index("开门驿站") > found.index("会员驿站")
    assert "多人反映：" in text


def test_an_operator_of_one_area_cannot_make_a_report_of_another_an_official_one(make_atlas, areas, tmp_path):
    with opened(make_atlas, areas, tmp_path) as app:
        operator = sign_in(app, "hotline", "110105")

        filed = operator.post("/hotline/report", data={"site": "s3", "type": "gone"}, headers={"Accept": "application/json"})

        assert filed.json == {"site": "s3", "name": "开门驿站"}
        [report] = app.extensions["atlas"].registry.reports.entries(site_id="s3")
        assert report.filed_by is None  # as a stranger's: counted, and not in anybody's name


@pytest.mark.parametrize(("data", "status", "field"), [
    ({"site": "nope", "type": "gone"}, 404, "id"), ({"site": "s3"}, 400, "type"), ({"site": "s3", "type": "x"}, 400, "type")])
def test_a_report_that_cannot_be_filed_is_refused_with_what_is_wrong(operator, data, status, field):
    refused = operator.post("/hotline/report", data=data, headers={"Accept": "application/json"})

    assert refused.status_code == status
    assert refused.json["errors"][0]["field"] == field
