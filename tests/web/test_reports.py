"""A worker's report over HTTP: taken without an account, counted at once, shown to nobody but the area's administrators."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest

from locator.errors import TooMany
from tests.conftest import a_site
from tests.web.conftest import sign_in
from tests.web.offices import WEDNESDAY_TEN, Clock, office_over
from tests.web.test_current import wait_until
from web import create_app
from web.report_limits import FREE, FREE_OF_NEW, SPACE_OF_NEW_S, ReportLimits

TODAY = WEDNESDAY_TEN.date()
NOTE = "门卫说明天也不开"
SITES = [a_site(1, district_code="110101", verified_on=TODAY - timedelta(days=5), verified_how="visit", facilities={"hot_water": "yes"}),
         a_site(2, district_code="110105", verified_on=TODAY - timedelta(days=5), verified_how="visit"),
         a_site(3, visibility="internal", district_code="110101")]
NEAREST = "/api/v1/nearest?lon=116.4&lat=39.9"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def app(empty_home, clock):
    with office_over(empty_home, SITES, at=WEDNESDAY_TEN - timedelta(days=3), clock=clock) as app:
        yield app


@pytest.fixture
def phone(app):
    return app.test_client()


def say(client, kind="locked", token="", *, site="s1", expect=201, **more):
    said = {"type": kind, **({"token": token * 20} if token else {}), **more}
    answer = client.post(f"/api/v1/sites/{site}/reports", json=said)
    assert answer.status_code == expect, answer.text
    return answer.get_json()


def near(client, site="s1"):
    return next(f["properties"] for f in client.get(NEAREST).get_json()["features"] if f["id"] == site)


# --- the confidence, at once --------------------------------------------------------------------------


def test_one_report_lowers_the_confidence_at_once_and_of_that_site_alone(phone):
    assert near(phone)["confidence"] == "high"

    told = say(phone, token="a")

    assert told["confidence"] == "fair"
    assert near(phone)["confidence"] == phone.get("/api/v1/sites/s1").get_json()["confidence"] == "fair"
    assert near(phone)["reported"] == []
    assert near(phone, "s2")["confidence"] == "high"


def test_reports_from_two_phones_in_a_day_show_reported_by_others_and_one_phone_twice_does_not(phone):
    say(phone, token="a")
    assert say(phone, token="a", expect=200)["reported"] == []

    told = say(phone, token="b")

    assert [r["message"] for r in told["reported"]] == ["多人反映：锁门（2026-03-04）"]
    assert near(phone)["reported"] == told["reported"]
    english = phone.get("/api/v1/sites/s1?lang=en").get_json()
    assert english["reported"][0]["message"] == "reported locked by others (2026-03-04)"
    assert near(phone)["confidence"] == "doubtful"


def test_the_reasons_of_the_confidence_stand_on_the_page_and_on_a_card_where_it_is_low(phone, clock):
    say(phone, token="a")
    assert "有一人反映：锁门（2026-03-04）" in phone.get("/sites/s1").text
    assert "有一人反映" not in phone.get("/?lon=116.4&lat=39.9").text  # fair

    say(phone, "wrong", token="b")
    say(phone, "wrong", token="c")

    listed = phone.get("/?lon=116.4&lat=39.9").text
    assert "有一人反映：锁门（2026-03-04）" in listed
    for told in (listed.partition('data-id="s1"')[2].partition("</li>")[0], phone.get("/sites/s1").text.partition('id="go"')[0]):
        assert told.count("2026-02-27") == 1  # its verification is told once, with the reasons
        assert "可能有变 · 2026-02-27 核实（" in told
    assert listed.count("多人反映：信息有误（2026-03-04）") == phone.get("/sites/s1").text.count("多人反映：信息有误（2026-03-04）") == 1


def test_a_site_that_others_found_locked_is_to_be_asked_first_and_is_not_named_as_surely_open(phone):
    say(phone, token="a")
    assert 'class="card open" data-id="s1"' in phone.get("/?lon=116.4&lat=39.9").text

    say(phone, token="b")

    listed = phone.get("/?lon=116.4&lat=39.9").text
    assert listed.index('data-id="s2"') < listed.index('data-id="s1"')
    assert 'class="card open" data-id="s2"' in listed
    assert 'class="card unknown" data-id="s1"' in listed
    assert "按公布的时间：全天开放" in listed
    strict = phone.get("/?lon=116.4&lat=39.9&state=open-on-arrival&strict=1").text
    assert 'data-id="s2"' in strict
    assert 'data-id="s1"' not in strict
    assert (near(phone)["state"], near(phone)["reported"][0]["type"]) == ("open", "locked")
    assert "按公布的时间：全天开放" in phone.get("/sites/s1").text
    others = phone.get("/sites/s2").text.partition('id="near-title"')[2]
    assert 'class="card unknown" data-id="s1"' in others


def test_a_doubtful_site_stays_among_the_open_ones_and_is_never_named_as_the_nearest_surely_open(phone, clock):
    clock.now += timedelta(days=400)  # both were verified more than a year ago
    before = phone.get("/?lon=116.4&lat=39.9").text
    assert "group sure" not in before

    say(phone, token="a")

    listed = phone.get("/?lon=116.4&lat=39.9").text
    sure, _, others = listed.partition('class="group sure"')[2].partition("</section>")
    assert ('data-id="s2"' in sure, 'data-id="s1"' in sure) == (True, False)
    assert others.index('class="card open" data-id="s1"') < others.index('class="card open" data-id="s2"')
    card = others.partition('data-id="s1"')[2].partition("</li>")[0]
    assert "存疑 · " in card
    assert "有一人反映：锁门" in card
    assert "先问" not in card
    english = phone.get("/?lon=116.4&lat=39.9&lang=en").text
    assert "doubtful · " in english
    assert "doubtful: ask first" not in english
    say(phone, token="a", site="s2")
    assert "group sure" not in phone.get("/?lon=116.4&lat=39.9").text  # all that are open are doubtful: none is named


def test_another_process_hears_of_a_report_soon_without_making_its_atlas_anew(app, phone, empty_home, clock):
    other = create_app({"home": empty_home, "clock": clock, "poll_s": 0.05})
    assert other.extensions["atlas"].wait(30)
    atlas, client = other.extensions["atlas"].held.atlas, other.test_client()
    untouched = near(client, "s2")

    say(phone, token="a")

    wait_until(lambda: near(client)["confidence"] == "fair")
    assert other.extensions["atlas"].held.atlas is atlas
    assert near(client, "s2") == untouched
    other.extensions["atlas"].stop()


def test_only_what_a_report_is_about_is_written_anew(app, phone):
    keeper = app.extensions["atlas"]
    near(phone)
    (before,) = keeper.held.writer._kept[1].values()

    say(phone, token="a")
    near(phone)

    (after,) = keeper.held.writer._kept[1].values()
    changed = [keeper.held.atlas.sites.value("id", row) for row in after if after[row] is not before[row]]
    assert (len(after), changed) == (2, ["s1"])


def test_the_confidence_is_that_of_the_day(app, phone, clock):
    say(phone, token="a")
    assert near(phone)["confidence"] == "fair"

    clock.now += timedelta(days=8)  # a locked door counts for a week
    assert near(phone)["confidence"] == "high"

    clock.now += timedelta(days=200)
    assert near(phone)["confidence"] == "fair"


def test_a_rejected_report_counts_no_more_and_a_confirmed_one_until_the_place_is_verified(app, phone):
    admin = sign_in(app, "district", "110101")
    number = say(phone, token="a")["id"]

    assert admin.post(f"/api/v1/reports/{number}/reject", json={"reason": "看错了"}).status_code == 200
    assert near(phone)["confidence"] == "high"
    assert admin.post(f"/api/v1/reports/{number}/confirm", json={}).status_code == 200
    assert near(phone)["confidence"] == "doubtful"
    assert "管理员已确认：锁门" in near(phone)["reported"][0]["message"]
    site = phone.get("/api/v1/sites/s1").get_json()
    assert (site["status"], site["version"]) == ("active", 1)  # deciding edits no record

    assert admin.post("/api/v1/sites/s1/verify", json={"reason": "去看了", "how": "visit"}).status_code == 200
    assert near(phone)["confidence"] == "high"


# --- what is taken ------------------------------------------------------------------------------------


def test_a_form_is_taken_as_well_as_json_and_nothing_else(phone):
    assert phone.post("/api/v1/sites/s1/reports", data={"type": "rating", "rating": "5", "note": NOTE}).status_code == 201
    assert phone.post("/api/v1/sites/s1/reports", data='{"type": "locked"}', content_type="text/plain").status_code == 415
    assert phone.post("/api/v1/sites/s1/reports", data='{"type": "locked"}').status_code == 415


def test_everything_wrong_with_a_report_is_told_at_once(phone):
    told = say(phone, "rating", rating=9, note="\x00", at="2030-01-01", expect=400)

    assert [e["field"] for e in told["errors"]] == ["rating", "note", "at"]


@pytest.mark.parametrize("site", ["s3", "nobody"])
def test_there_is_nothing_to_report_where_the_public_sees_no_site(phone, site):
    say(phone, site=site, expect=404)


def test_a_report_made_offline_tells_when_it_was_seen(app, phone):
    say(phone, token="a", at="2026-03-01T08:30:00+08:00")
    found = app.extensions["atlas"].registry.reports.entries()[0]

    assert (found.at.isoformat(), found.came) == ("2026-03-01T08:30:00+08:00", WEDNESDAY_TEN)


def test_a_report_that_waited_tells_how_long_and_the_servers_clock_when(app, phone):
    say(phone, token="a", seconds_ago=90)

    assert app.extensions["atlas"].registry.reports.entries()[0].at == WEDNESDAY_TEN - timedelta(seconds=90)


def test_without_a_registry_a_report_is_refused_and_says_so(few):
    client = create_app({"atlas": few, "clock": lambda: WEDNESDAY_TEN}).test_client()

    assert client.post("/api/v1/sites/s1/reports", json={"type": "locked"}).status_code == 503


# --- where it comes from ------------------------------------------------------------------------------

FORM = {"tap": "locked", "key": "k" * 20}


@pytest.mark.parametrize(("headers", "status"), [
    ({"Sec-Fetch-Site": "same-origin"}, 303), ({"Sec-Fetch-Site": "none"}, 303), ({"Origin": "http://localhost"}, 303), ({}, 303),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403), ({"Sec-Fetch-Site": "same-site", "Origin": "null"}, 403),
    ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403)])
def test_another_sites_page_cannot_report_through_its_visitors(phone, headers, status):
    assert phone.post("/sites/s1/report", data=FORM, headers=headers).status_code == status


def test_a_browser_that_hides_where_it_comes_from_shows_the_seal_of_our_page_for_that_form_alone(app, phone):
    from web import reports_pages

    with app.test_request_context("/sites/s1"):
        form = reports_pages.form("s1")
    hidden = {"headers": {"Origin": "null"}}

    assert phone.post("/sites/s2/report", data={**FORM, "key": form.key, "seal": form.seal}, **hidden).status_code == 403
    assert phone.post("/sites/s1/report", data={**FORM, "seal": form.seal}, **hidden).status_code == 403
    assert phone.post("/sites/s1/report", data={**FORM, "key": form.key, "seal": form.seal}, **hidden).status_code == 303


def test_thanks_and_the_way_to_take_a_report_back_can_be_loaded_again_in_another_language_and_nobody_elses_be_made_up(phone):
    sent = phone.post("/sites/s1/report", data=FORM).location
    thanks = phone.get(sent).text
    english = phone.get(re.search(r'href="([^"]*lang=en)"', thanks)[1].replace("&amp;", "&")).text

    assert "有一人反映：锁门" in thanks
    assert "Take my report back" in english
    assert re.findall(r'name="(?:key|seal)" value="[^"]+"', english) == re.findall(r'name="(?:key|seal)" value="[^"]+"', thanks)
    for made_up in ("/sites/s1/report", "/sites/s1/report?key=x&seal=y", sent.replace("s1", "s2"), "/sites/s1/report/undo"):
        assert phone.get(made_up).location == made_up.partition("/report")[0] + "#report"


def test_scripts_of_other_sites_are_refused_unless_the_operator_lists_them(empty_home):
    with office_over(empty_home, SITES, cors_origins=("https://map.example",)) as app:
        for origin, status in (("https://map.example", 201), ("https://evil.example", 403)):
            headers = {"Sec-Fetch-Site": "cross-site", "Origin": origin}
            assert app.test_client().post("/api/v1/sites/s1/reports", json={"type": "locked"}, headers=headers).status_code == status


# --- how often ----------------------------------------------------------------------------------------


def test_thousands_of_phones_behind_one_address_are_not_shut_out():
    limits = ReportLimits()
    for hour in range(3):
        for phone in range(3_000):  # every one of them finds a locked door, every hour
            limits.check("carrier", f"phone-{phone}", 3600.0 * (hour + phone / 3_000))


def test_whoever_makes_up_new_tokens_is_slowed_before_phones_that_are_known():
    limits = ReportLimits()
    limits.check("carrier", "known", 0.0)
    for n in range(FREE_OF_NEW):
        limits.check("carrier", f"made-up-{n}", 1.0)
    limits.check("carrier", "made-up-once-more", 2.0)
    with pytest.raises(TooMany) as refused:
        limits.check("carrier", None, 2.5)

    limits.check("carrier", "known", 2.5)
    limits.check("elsewhere", "new", 2.5)
    limits.check("carrier", "later", 2.0 + SPACE_OF_NEW_S)
    assert refused.value.wait_s == SPACE_OF_NEW_S


def test_a_flood_by_known_phones_is_slowed_too_and_ends_with_it():
    limits = ReportLimits()
    for _ in range(FREE + 1):
        limits.check("carrier", "known", 1.0)
    limits.check("carrier", "known", 1.5)
    with pytest.raises(TooMany):
        limits.check("carrier", "known", 1.6)

    limits.check("carrier", "known", 700.0)


def test_one_phone_that_reports_at_every_door_is_told_to_wait(phone):
    for kind in ("locked", "moved", "gone", "wrong"):
        say(phone, kind, "a")
    for facility in ("toilet", "water"):
        say(phone, "missing_facility", "a", facility=facility)

    answer = phone.post("/api/v1/sites/s2/reports", json={"type": "locked", "token": "a" * 20})

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) == 600
    say(phone, token="b", site="s2")


# --- administrators -----------------------------------------------------------------------------------


def test_reports_are_seen_and_decided_in_ones_own_area_alone(app, phone):
    mine, theirs = say(phone, token="a", note=NOTE)["id"], say(phone, "gone", "a", site="s2")["id"]
    admin = sign_in(app, "district", "110101")

    told = admin.get("/api/v1/reports").get_json()["reports"]

    assert [(r["id"], r["note"]) for r in told] == [(mine, NOTE)]
    assert admin.post(f"/api/v1/reports/{theirs}/confirm", json={}).status_code == 403
    assert len(sign_in(app, "city", "110000").get("/api/v1/reports").get_json()["reports"]) == 2
    assert phone.get("/api/v1/reports").status_code == 401


def test_reports_are_filtered_and_paged(app, phone):
    for n, kind in enumerate(("locked", "moved", "gone", "wrong")):
        say(phone, kind, "abcd"[n])
    admin = sign_in(app, "city", "110000")

    first = admin.get("/api/v1/reports?limit=3").get_json()
    rest = admin.get(f"/api/v1/reports?limit=3&cursor={first['next']}").get_json()

    assert [r["type"] for r in (*first["reports"], *rest["reports"])] == ["wrong", "gone", "moved", "locked"]
    assert rest["next"] is None
    assert [r["type"] for r in admin.get("/api/v1/reports?type=gone&state=open&site_id=s1").get_json()["reports"]] == ["gone"]
    assert admin.get("/api/v1/reports?state=confirmed").get_json()["reports"] == []
    assert admin.get("/api/v1/reports?state=lost&limit=0&cursor=x&colour=red").status_code == 400


def test_decisions_and_reports_filed_for_callers_are_in_the_audit_log(app, phone):
    operator, admin = sign_in(app, "hotline", "110101"), sign_in(app, "district", "110101")

    number = say(operator, note=NOTE)["id"]
    admin.post(f"/api/v1/reports/{number}/confirm", json={"reason": "打电话问过"})
    admin.post(f"/api/v1/reports/{number}/reject", json={"reason": "其实开着"})

    registry = app.extensions["atlas"].registry
    assert registry.reports.find(number).filed_by == "hotline-110101"
    assert [(e.who, e.action, e.object) for e in reversed(registry.audit.entries())] == [
        ("hotline-110101", "report", "s1 locked"), ("district-110101", "report_confirm", f"s1 #{number}"),
        ("district-110101", "report_reject", f"s1 #{number}")]


def test_whoever_may_not_file_there_or_uses_the_public_page_is_a_stranger_like_anybody(app):
    elsewhere, planner, on_the_street = (sign_in(app, *who) for who in (("hotline", "110105"), ("planner", "110000"), ("district", "110101")))
    del on_the_street.environ_base["HTTP_X_CSRFTOKEN"]

    for n, client in enumerate((elsewhere, planner, on_the_street)):
        say(client, token="abc"[n])

    assert {r.filed_by for r in app.extensions["atlas"].registry.reports.entries()} == {None}


def test_a_forged_csrf_header_or_a_bad_token_files_nothing(app, phone):
    operator = sign_in(app, "hotline", "110101")
    operator.environ_base["HTTP_X_CSRFTOKEN"] = "forged"

    say(operator, expect=403)
    assert phone.post("/api/v1/sites/s1/reports", json={"type": "locked"}, headers={"Authorization": "Bearer nx_no"}).status_code == 401
    assert app.extensions["atlas"].registry.reports.entries() == []


# --- nobody else --------------------------------------------------------------------------------------


def test_texts_tokens_and_addresses_are_in_no_public_answer_and_no_log(app, phone, caplog):
    caplog.set_level(logging.DEBUG)
    secrets = [NOTE, "t" * 20, "k" * 20, "203.0.113.77"]
    for client in (phone, sign_in(app, "hotline", "110101")):
        client.post("/api/v1/sites/s1/reports", json={"type": "locked", "token": "t" * 20, "key": "k" * 20, "note": NOTE},
                    environ_base={"REMOTE_ADDR": "203.0.113.77"})
    sign_in(app, "district", "110101").post("/api/v1/reports/1/confirm", json={"reason": NOTE})
    phone.post("/api/v1/sites/s1/reports", json={"type": "locked", "token": "x", "note": NOTE + "\x00"})

    answered = [phone.get(path).text for path in (
        "/", NEAREST, "/sites/s1", "/api/v1/sites", "/api/v1/sites/s1", "/api/v1/sites/s1/history", "/api/v1/sites?since=0", "/api/v1/search?q=s1")]
    logged = "\n".join(str(record.__dict__) for record in caplog.records)

    assert [s for s in secrets if any(s in text for text in answered) or s in logged] == []
    kept = [path for path in app.extensions["settings"].home.iterdir() if path.is_file()]
    assert [s for s in secrets[1:] if any(s.encode() in path.read_bytes() for path in kept)] == []


def test_the_serving_process_forgets_by_itself_what_was_kept_long_enough(app, phone, clock, empty_home):
    say(phone, token="a", note=NOTE)
    clock.now += timedelta(days=181)
    registry = app.extensions["atlas"].registry

    again = create_app({"home": empty_home, "clock": clock, "poll_s": 0.05})

    wait_until(lambda: registry.reports.entries()[0].state == "expired")
    assert registry.reports.entries()[0].note is None
    again.extensions["atlas"].stop()
