"""One's own account, the accounts of an area, the audit log: what the pages do."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pyotp
import pytest

from geodata.registry.signing import PROVED_LASTS
from tests.web.conftest import QUICK, WEDNESDAY_TEN, current_of, sign_in
from tests.web.test_signin import PASSWORD, is_in, submit
from web import create_app

DONGCHENG, CHAOYANG, DONGHUAMEN = "110101", "110105", "110101001"


@pytest.fixture
def registry(office):
    return current_of(office).registry


@pytest.fixture
def clock(office):
    return office.extensions["settings"].clock


@pytest.fixture
def li(office, registry):
    """The district's administrator, signed in by password."""
    registry.accounts.add("li", display="李", role="district", area=DONGCHENG, by="test", at=WEDNESDAY_TEN)
    registry.accounts.choose_password(registry.accounts.named("li"), QUICK.hash(PASSWORD), WEDNESDAY_TEN)
    client = office.test_client()
    submit(client, "/login", name="li", password=PASSWORD)
    return client


def actions(registry):
    return [e.action for e in registry.audit.entries()]


# --- one's own account ----------------------------------------------------------------------------------


def test_a_changed_password_signs_every_other_browser_out(office, li):
    other = office.test_client()
    submit(other, "/login", name="li", password=PASSWORD)

    answer = submit(li, "/account/password", from_page="/account", password="another long sentence", again="another long sentence")

    assert answer.status_code == 303
    assert is_in(li)
    assert not is_in(other)
    assert submit(other, "/login", name="li", password=PASSWORD).status_code == 400
    assert submit(other, "/login", name="li", password="another long sentence").status_code == 303


@pytest.mark.parametrize("path", ["/account/password", "/account/second-factor", "/account/second-factor/off", "/account/tokens", "/admin/accounts",
                                  "/admin/accounts/clerk/disable", "/admin/accounts/clerk/reset", "/admin/accounts/clerk/hand-over"])
def test_changing_an_account_takes_the_password_again_after_a_while(li, registry, clock, path):
    registry.accounts.add("clerk", display="", role="street", area=DONGHUAMEN, by="test", at=WEDNESDAY_TEN)
    clock.now += PROVED_LASTS
    before = actions(registry)
    fields = {"password": "another long sentence", "again": "another long sentence", "scope": "read", "days": "7", "code": "000000",
              "name": "new", "role": "street", "area": DONGHUAMEN, "display": "王"}

    unproved = submit(li, path, from_page="/account", **fields)
    wrong = submit(li, path, from_page="/account", **fields, present="wrong password")

    assert (unproved.status_code, wrong.status_code) == (400, 400)
    assert set(actions(registry)[:-len(before)]) <= {"sign_in"}  # the refused passwords alone
    right = submit(li, path, from_page="/account", **fields, present=PASSWORD)
    assert right.status_code in (200, 303) or "code" in right.text


def test_a_second_factor_is_on_once_its_first_code_proved_it(office, li, registry, clock):
    page = li.get("/account/second-factor")
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)[1].replace(" ", "")
    totp = pyotp.TOTP(secret)
    assert "<svg" in page.text

    assert submit_setup(li, page, "000000").status_code == 400
    done = submit_setup(li, page, totp.at(int(clock.now.timestamp())))

    codes = re.findall(r"<li>([a-z0-9]{5}-[a-z0-9]{5})</li>", done.text)
    assert len(codes) == 8
    assert registry.accounts.named("li").second_factor
    other = office.test_client()
    submit(other, "/login", name="li", password=PASSWORD)
    assert submit(other, "/login/code", code=totp.at(int(clock.now.timestamp()))).status_code == 400  # it proved the set-up
    assert submit(other, "/login/code", code=codes[0]).status_code == 303
    assert submit(li, "/account/second-factor/off", from_page="/account").status_code == 303
    assert not registry.accounts.named("li").second_factor
    assert actions(registry)[:2] == ["second_factor", "sign_in"]


def submit_setup(client, page, code):
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    return client.post("/account/second-factor", data={"csrf_token": token, "code": code})


def test_one_may_end_ones_other_sessions_and_only_ones_own(office, li, registry):
    other = office.test_client()
    submit(other, "/login", name="li", password=PASSWORD)
    registry.accounts.add("wang", display="", role="street", area=DONGHUAMEN, by="test", at=WEDNESDAY_TEN)
    wang = registry.accounts.named("wang")
    wangs = registry.sessions.open(wang, WEDNESDAY_TEN)
    key = registry.sessions.of(wang, WEDNESDAY_TEN)[0].key

    submit(li, "/account/sessions/end", from_page="/account", key=key)
    assert registry.sessions.find(wangs, WEDNESDAY_TEN) is not None
    assert is_in(other)
    submit(li, "/account/sessions/end", from_page="/account")

    assert is_in(li)
    assert not is_in(other)


def test_a_token_of_ones_own_is_shown_once_and_can_be_revoked(office, li, registry):
    shown = submit(li, "/account/tokens", from_page="/account", label="QGIS", scope="read", days="30")

    token = re.search(r"<code>(nx_[\w-]{40,})</code>", shown.text)[1]
    bearer = {"Authorization": f"Bearer {token}"}
    assert token not in (page := li.get("/account").text)
    assert "<td>read</td>" not in page  # a scope is told in words
    assert "QGIS" in li.get("/account").text
    assert office.test_client().get("/planner/sites", headers=bearer).status_code == 200
    assert office.test_client().get("/account", headers=bearer).status_code == 403  # no token manages an account
    number = registry.tokens.all()[0].id
    assert submit(li, f"/account/tokens/{number}/revoke", from_page="/account").status_code == 303
    assert office.test_client().get("/planner/sites", headers=bearer).status_code == 401
    assert submit(li, f"/account/tokens/{number + 1}/revoke", from_page="/account").status_code == 404


@pytest.mark.parametrize("fields", [{"scope": "everything", "days": "30"}, {"scope": "read", "days": "100000"}, {"scope": "read", "days": "x"}])
def test_a_token_has_a_scope_and_an_end_from_the_list(li, fields):
    assert submit(li, "/account/tokens", from_page="/account", **fields).status_code == 400


# --- the accounts of an area ----------------------------------------------------------------------------


def test_an_administrator_makes_an_account_and_hands_its_link_over(office, li, registry):
    made = submit(li, "/admin/accounts", name="Clerk", display="东华门 王", role="street", area="东华门街道")

    link = re.search(r'href="http://localhost(/invite\?code=[a-z0-9-]+)"', made.text)[1]
    clerk = office.test_client()
    assert submit(clerk, "/invite", from_page=link, code=link.split("=")[1], password=PASSWORD + "!", again=PASSWORD + "!").status_code == 303
    assert submit(clerk, "/login", name="clerk", password=PASSWORD + "!").status_code == 303
    entry = registry.audit.entries(action="account_add")[0]
    assert (entry.who, entry.object, entry.area, entry.outcome) == ("li", "clerk", DONGHUAMEN, "street")
    assert link.split("=")[1] not in li.get("/admin/accounts").text


@pytest.mark.parametrize(("fields", "status"), [
    ({"name": "clerk", "role": "street", "area": CHAOYANG}, 403), ({"name": "clerk", "role": "district", "area": DONGCHENG}, 403),
    ({"name": "clerk", "role": "city", "area": "110000"}, 403), ({"name": "clerk", "role": "auditor", "area": DONGCHENG}, 403),
    ({"name": "li", "role": "street", "area": DONGHUAMEN}, 409), ({"name": "", "role": "street", "area": DONGHUAMEN}, 400),
    ({"name": "clerk", "role": "emperor", "area": DONGHUAMEN}, 400), ({"name": "clerk", "role": "street", "area": "nowhere"}, 404),
    ({}, 400)])
def test_an_account_beyond_ones_own_reach_or_that_cannot_be_is_not_made(li, registry, fields, status):
    assert submit(li, "/admin/accounts", **fields).status_code == status
    assert [a.name for a in registry.accounts.all()] == ["li"]


def test_the_list_holds_the_accounts_of_the_area_and_of_no_other(li, registry):
    for name, area in (("inside", DONGHUAMEN), ("outside", CHAOYANG), ("above", "110000")):
        registry.accounts.add(name, display="", role="planner", area=area, by="test", at=WEDNESDAY_TEN)

    text = li.get("/admin/accounts").text
    found = li.get("/admin/accounts?q=INSI").text

    assert [name for name in ("inside", "outside", "above") if f"<small>{name}</small>" in text] == ["inside"]
    assert "<small>inside</small>" in found
    assert "<small>li</small>" not in found
    assert "/admin/accounts/inside/disable" in text
    assert "/admin/accounts/li/disable" not in text


def test_a_stopped_account_is_out_at_once_and_may_be_let_in_again(office, li, registry, signed_in):
    clerk = signed_in("street", DONGHUAMEN, name="clerk")
    assert is_in(clerk)

    submit(li, "/admin/accounts/clerk/disable", from_page="/admin/accounts")
    assert not is_in(clerk)
    submit(li, "/admin/accounts/clerk/enable", from_page="/admin/accounts")

    assert not registry.accounts.named("clerk").disabled
    assert actions(registry)[:2] == ["account_enable", "account_disable"]


def test_an_account_is_handed_over_with_a_new_link_and_the_old_owner_is_out(office, li, registry, signed_in):
    clerk = signed_in("street", DONGHUAMEN, name="clerk")

    shown = submit(li, "/admin/accounts/clerk/hand-over", from_page="/admin/accounts", display="新来的 赵")

    assert "/invite?code=" in shown.text
    assert registry.accounts.named("clerk").display == "新来的 赵"
    assert not is_in(clerk)


def test_a_refusal_is_written_down(li, registry):
    submit(li, "/admin/accounts", name="x1", role="street", area=CHAOYANG)

    entry = registry.audit.entries(action="refuse")[0]
    assert (entry.who, entry.object, entry.area, entry.outcome) == ("li", "manage_accounts", CHAOYANG, "refused")


# --- the audit log --------------------------------------------------------------------------------------


@pytest.fixture
def auditor(signed_in):
    return signed_in("auditor", "110000")


def test_the_auditor_reads_by_who_what_and_when(auditor, registry):
    for day in (3, 2, 1, 0):
        registry.audit.record(at=WEDNESDAY_TEN - timedelta(days=day), who="li" if day % 2 else "wang", action="edit", object=f"site-{day}")

    def told(query):
        return re.findall(r"<td>(site-\d)</td>", auditor.get(f"/admin/audit?{query}").text)

    assert told("") == ["site-0", "site-1", "site-2", "site-3"]
    assert told("who=LI") == ["site-1", "site-3"]
    assert told("action=edit&since=2026-03-02&until=2026-03-03") == ["site-1", "site-2"]
    assert told("action=sign_in") == []
    for query in ("action=made-up", "since=yesterday", "before=x", "before=-1", f"before={'9' * 30}"):
        assert auditor.get(f"/admin/audit?{query}").status_code == 400


def test_the_log_is_read_a_page_at_a_time(auditor, registry):
    for n in range(120):
        registry.audit.record(at=WEDNESDAY_TEN, who="li", action="edit", object=f"site-{n}")

    seen, address = [], "/admin/audit?who=li"
    while address:
        text = auditor.get(address).text
        seen += re.findall(r"<td>site-(\d+)</td>", text)
        older = re.search(r'class="button plain" href="([^"]+)"', text)
        address = older[1].replace("&amp;", "&") if older else None

    assert seen == [str(n) for n in range(119, -1, -1)]


def test_the_file_is_safe_for_a_spreadsheet_and_its_export_is_the_first_entry(auditor, registry):
    registry.audit.record(at=WEDNESDAY_TEN, who="li", action="edit", object="=cmd|' /C calc'!A0")

    answer = auditor.get("/admin/audit/file.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))

    assert [row["action"] for row in rows] == ["export", "edit"]
    assert rows[0]["who"] == "auditor-110000"
    assert not rows[1]["object"].startswith("=")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]


def test_an_auditor_of_a_district_reads_of_that_district_alone(signed_in, registry):
    auditor = signed_in("auditor", DONGCHENG)
    for area in (DONGCHENG, DONGHUAMEN, CHAOYANG, "110000", None):
        registry.audit.record(at=WEDNESDAY_TEN, who="li", action="edit", object=f"in-{area}", area=area)

    assert re.findall(r"<td>(in-\w+)</td>", auditor.get("/admin/audit").text) == [f"in-{DONGHUAMEN}", f"in-{DONGCHENG}"]


def test_the_head_of_an_internal_page_says_who_is_signed_in_and_offers_what_they_may_use(signed_in):
    guarded = {"/planner/sites", "/admin/accounts", "/admin/audit"}
    offered = {("city", "110000"): ["/planner/sites", "/admin/accounts"], ("street", DONGHUAMEN): [], ("auditor", "110000"): ["/admin/audit"],
               ("planner", DONGCHENG): ["/planner/sites"]}

    for (role, area), pages in offered.items():
        text = signed_in(role, area).get("/account").text
        head = text[:text.index("<main")]
        assert [link for link in re.findall(r'<a href="([^"]+)"', head) if link in guarded] == pages
        assert '<a href="/account" aria-current="page">' in head
        assert f"{role}-{area}" in head
        assert 'action="/logout"' in head
    assert 'class="person"' not in signed_in("city", "110000").get("/").text


@pytest.mark.parametrize(("person", "path"), [
    (("city", "110000"), "/planner/sites"), (("city", "110000"), "/admin/accounts"), (("auditor", "110000"), "/admin/audit"),
    (("city", "110000"), "/account")])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_internal_pages_have_no_script_of_their_own_and_every_field_its_label(signed_in, registry, person, path, language):
    client = signed_in(*person)
    registry.accounts.add("clerk", display="<b>x", role="street", area=DONGHUAMEN, by="test", at=WEDNESDAY_TEN)

    text = client.get(path, headers={"Accept-Language": language}).text

    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", text)
    assert "<b>x" not in text
    fields = [f for f in re.findall(r"<(?:input|select)[^>]*>", text) if 'type="hidden"' not in f and 'type="checkbox"' not in f]
    labelled = set(re.findall(r'<label for="([^"]+)"', text))
    assert {re.search(r'id="([^"]+)"', f)[1] for f in fields} <= labelled
    assert len(re.findall(r'<form method="post"', text)) == text.count('name="csrf_token"')
    assert len(re.findall(r' id="([^"]+)"', text)) == len(set(re.findall(r' id="([^"]+)"', text)))


@pytest.mark.parametrize(("path", "page"), [("/account/tokens", "/account"), ("/account/second-factor", "/account/second-factor"),
                                            ("/admin/accounts", "/admin/accounts"), ("/admin/accounts/nobody/disable", "/admin/accounts")])
def test_the_language_links_of_a_refused_form_lead_to_a_page(office, path, page):
    client = sign_in(office, "city", "110000")

    refused = client.post(path, data={"scope": "x"})

    assert refused.status_code in (400, 404)
    assert f'href="{page}?lang=en"' in refused.text
    assert client.get(f"{page}?lang=en").status_code == 200


@pytest.mark.parametrize(("role", "leads_to"), [("city", "/admin"), ("street", "/admin"), ("auditor", "/admin/audit"), ("hotline", "/hotline")])
def test_on_a_server_without_the_finder_its_name_leads_to_a_page_one_may_use(few, empty_home, registry, role, leads_to):
    inside = create_app({"atlas": few, "registry": registry, "home": empty_home, "only": "internal", "clock": lambda: WEDNESDAY_TEN})
    client = sign_in(inside, role, "110101001" if role == "street" else "110000")

    assert (client.get("/").status_code, client.get("/").headers["Location"]) == (303, leads_to)
    assert f'class="brand" href="{leads_to}"' in client.get(leads_to).text
    assert inside.test_client().get("/").headers["Location"] == "/planner/sites"  # which leads to the sign-in
