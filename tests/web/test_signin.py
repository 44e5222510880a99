"""Signing in, out, and choosing a password: pages without JavaScript, and what they refuse."""

from __future__ import annotations

import re
import stat
from datetime import timedelta
from urllib.parse import quote

import pyotp
import pytest

from geodata.registry.signing import IDLE, LASTS
from tests.web.conftest import QUICK, WEDNESDAY_TEN, Clock, current_of, sign_in
from web import create_app, throttle
from web.cookies import COOKIE, KEY_FILE

PASSWORD = "correct horse battery"


def token_of(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]


def submit(client, path, headers=None, **fields):
    """Send a form as a browser would: get its page, fill it in, post it."""
    page = client.get(fields.pop("from_page", path))
    return client.post(path, data={"csrf_token": token_of(page), **fields}, headers=headers)


def is_in(client):
    return client.get("/account").status_code == 200


@pytest.fixture
def registry(office):
    return current_of(office).registry


@pytest.fixture
def clock(office):
    return office.extensions["settings"].clock


@pytest.fixture
def li(registry):
    """An account whose password is `PASSWORD`."""
    registry.accounts.add("li", display="李", role="district", area="110101", by="test", at=WEDNESDAY_TEN)
    registry.accounts.choose_password(registry.accounts.named("li"), QUICK.hash(PASSWORD), WEDNESDAY_TEN)
    return registry.accounts.named("li")


# --- in and out -----------------------------------------------------------------------------------------


def test_a_new_account_chooses_its_password_with_its_code_and_signs_in(office, registry):
    code = registry.accounts.add("wang", display="王", role="street", area="110101001", by="test", at=WEDNESDAY_TEN)
    client = office.test_client()

    assert code in client.get(f"/invite?code={code}").text
    assert submit(client, "/invite", code=code, password=PASSWORD, again="another").status_code == 400
    assert submit(client, "/invite", code=code, password="short", again="short").status_code == 400
    assert submit(client, "/invite", code=code, password=PASSWORD, again=PASSWORD).headers["Location"] == "/login"
    assert submit(client, "/invite", code=code, password=PASSWORD, again=PASSWORD).status_code == 400

    assert submit(client, "/login", name="WANG", password=PASSWORD).headers["Location"] == "/account"
    assert is_in(client)
    assert "王" in client.get("/account").text


def test_signing_out_ends_the_session_for_whoever_copied_its_cookie_too(office, li):
    client, thief = office.test_client(), office.test_client()
    submit(client, "/login", name="li", password=PASSWORD)
    thief.set_cookie(COOKIE, client.get_cookie(COOKIE).value)
    assert is_in(thief)

    answer = submit(client, "/logout", from_page="/account")

    assert answer.status_code == 303
    assert client.get_cookie(COOKIE) is None
    assert not is_in(thief)


def test_the_cookie_is_for_this_site_and_not_for_scripts_and_over_https_only_for_https(office, li, few, registry, empty_home):
    client = office.test_client()

    plain = submit(client, "/login", name="li", password=PASSWORD).headers["Set-Cookie"]
    behind_tls = create_app({"atlas": few, "home": empty_home, "registry": registry, "public_url": "https://nuanxin.example"})
    secure = behind_tls.test_client().get("/login").headers["Set-Cookie"]

    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    assert "Secure" in secure


def test_a_session_that_was_there_before_signing_in_is_replaced(office, li):
    client = office.test_client()
    before = token_of(client.get("/login"))

    submit(client, "/login", name="li", password=PASSWORD)

    assert client.post("/logout", data={"csrf_token": before}).status_code == 403  # a token planted before is worth nothing
    assert is_in(client)


def test_what_a_form_says_counts_before_what_its_address_says(office, li):
    client = office.test_client()
    csrf = token_of(client.get("/login"))

    client.post("/login?name=somebody-else", data={"csrf_token": csrf, "name": li.name, "password": PASSWORD})

    assert is_in(client)


@pytest.mark.parametrize(("path", "leads_to"), [
    ("/planner/sites?kind=a&kind=b", "/planner/sites?kind=a&kind=b"), ("/account", "/account"), ("", "/account"),
    ("https://evil.example/", "/account"), ("//evil.example", "/account"), ("/\\evil.example", "/account"),
    ("\\\\evil.example", "/account"), ("javascript:alert(1)", "/account"), ("/\r\nSet-Cookie: x=y", "/account"),
    ("/%09/evil.example", "/%09/evil.example"),
    ("/\t/evil.example", "/account"), ("evil", "/account")])
def test_signing_in_leads_back_to_a_path_of_ours_and_nowhere_else(office, li, path, leads_to):
    answer = submit(office.test_client(), "/login", from_page=f"/login?next={quote(path)}", name="li", password=PASSWORD, next=path)

    assert answer.status_code == 303
    assert answer.headers["Location"] == leads_to


def test_a_page_that_needs_an_account_leads_to_the_sign_in_and_back(office, li):
    client = office.test_client()

    asked = client.get("/planner/sites?kind=warm_station")
    back = re.search(r'name="next" value="([^"]+)"', client.get(asked.headers["Location"]).text)[1]

    assert asked.status_code == 303
    assert back == "/planner/sites?kind=warm_station"


# --- refusals -------------------------------------------------------------------------------------------


def test_a_wrong_password_an_unknown_name_a_stopped_and_a_new_account_are_told_the_same(office, registry, li):
    registry.accounts.add("new", display="", role="city", area="110000", by="test", at=WEDNESDAY_TEN)
    registry.accounts.add("gone", display="", role="city", area="110000", by="test", at=WEDNESDAY_TEN)
    registry.accounts.choose_password(registry.accounts.named("gone"), QUICK.hash(PASSWORD), WEDNESDAY_TEN)
    registry.accounts.disable(registry.accounts.named("gone"), WEDNESDAY_TEN)

    told = {re.search(r'role="alert".*', submit(office.test_client(), "/login", name=name, password=password).text)[0]
            for name, password in (("li", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD), ("new", PASSWORD), ("not a name!", "x"), ("", ""))}

    assert len(told) == 1


def test_failures_lock_the_name_for_longer_each_time_and_the_right_password_waits_too(office, li, clock, registry):
    client = office.test_client()

    for _ in range(5):
        assert submit(client, "/login", name="li", password="wrong").status_code == 400
    locked = submit(client, "/login", name="li", password=PASSWORD)
    clock.now += timedelta(seconds=31)
    after = submit(client, "/login", name="li", password=PASSWORD)

    assert locked.status_code == 429
    assert 0 < int(locked.headers["Retry-After"]) <= 31
    assert after.status_code == 303
    assert [e.outcome for e in registry.audit.entries(action="lock")] == ["30 s"]


def test_a_locked_name_leaves_its_open_sessions_alone(office, li):
    inside, outside = office.test_client(), office.test_client()
    submit(inside, "/login", name="li", password=PASSWORD)

    for _ in range(6):
        submit(outside, "/login", name="li", password="wrong")

    assert is_in(inside)


def test_an_address_with_many_failures_goes_slowly_and_is_never_shut_out():
    gate = throttle.Throttle()
    for second in range(throttle.FREE + 1):
        gate.check("office", second)
        gate.failed("office", second)
    at = throttle.FREE + 1

    gate.check("office", at)
    with pytest.raises(throttle.TooMany):
        gate.check("office", at + 1)
    gate.check("office", at + throttle.SPACE_S)
    gate.check("elsewhere", at)
    gate.check("office", at + throttle.WINDOW_S + 100)
    gate.check("office", at + throttle.WINDOW_S + 100)


def test_whoever_would_wait_for_a_hash_behind_others_is_asked_to_come_back(office, li, monkeypatch):
    with QUICK._turn():
        assert QUICK._places.acquire(blocking=False)  # one more waits
        answer = submit(office.test_client(), "/login", name="li", password=PASSWORD)
        QUICK._places.release()

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("path", ["/login", "/login/code", "/invite", "/logout"])
def test_a_forged_form_is_refused(office, li, path):
    client = office.test_client()

    assert client.post(path, data={"name": "li", "password": PASSWORD}).status_code == 403
    assert client.post(path, data={"name": "li", "password": PASSWORD, "csrf_token": "x"}).status_code == 403


def test_what_was_typed_wrongly_is_not_written_down(office, li, registry):
    submit(office.test_client(), "/login", name="my secret passphrase", password="x")
    submit(office.test_client(), "/login", name="li", password="x")

    assert [(e.who, e.action, e.object, e.outcome) for e in registry.audit.entries()] == [
        ("", "sign_in", "li", "refused"), ("", "sign_in", "", "refused")]


# --- time -----------------------------------------------------------------------------------------------


def test_a_session_ends_when_idle_and_at_the_end_of_a_working_day(office, li, clock):
    client = office.test_client()
    submit(client, "/login", name="li", password=PASSWORD)

    clock.now += IDLE - timedelta(seconds=1)
    assert is_in(client)
    clock.now += IDLE
    assert not is_in(client)
    submit(client, "/login", name="li", password=PASSWORD)
    signed_in_at = clock.now
    while clock.now < signed_in_at + LASTS:
        assert is_in(client)
        clock.now += timedelta(minutes=45)
    assert not is_in(client)


# --- second factor --------------------------------------------------------------------------------------


@pytest.fixture
def secret(registry, li):
    secret = pyotp.random_base32()
    registry.accounts.set_second_factor(li, secret)
    return secret


def code_at(secret, when):
    return pyotp.TOTP(secret).at(int(when.timestamp()))


def test_the_password_alone_opens_nothing_once_there_is_a_second_factor(office, secret, clock):
    client = office.test_client()

    first = submit(client, "/login", name="li", password=PASSWORD, next="/planner/sites")

    assert first.headers["Location"].startswith("/login/code")
    assert not is_in(client)
    assert submit(client, "/login/code", code="000000").status_code == 400
    second = submit(client, "/login/code", code=code_at(secret, clock.now), next="/planner/sites")
    assert second.headers["Location"] == "/planner/sites"
    assert is_in(client)


def test_a_code_is_refused_the_second_time_and_when_it_is_old(office, secret, clock):
    first, second = office.test_client(), office.test_client()
    for client in (first, second):
        submit(client, "/login", name="li", password=PASSWORD)
    code = code_at(secret, clock.now)

    assert submit(first, "/login/code", code=code).status_code == 303
    assert submit(second, "/login/code", code=code).status_code == 400
    assert submit(second, "/login/code", code=code_at(secret, clock.now - timedelta(minutes=2))).status_code == 400
    assert submit(second, "/login/code", code=code_at(secret, clock.now + timedelta(seconds=30))).status_code == 303


def test_the_second_step_must_come_within_minutes(office, secret, clock):
    client = office.test_client()
    submit(client, "/login", name="li", password=PASSWORD)

    clock.now += timedelta(minutes=6)
    page = client.get("/login/code")

    assert page.headers["Location"].startswith("/login")


def test_wrong_codes_lock_the_account_as_wrong_passwords_do(office, secret):
    client = office.test_client()
    submit(client, "/login", name="li", password=PASSWORD)

    assert [submit(client, "/login/code", code="000000").status_code for _ in range(6)] == [400] * 5 + [429]


def test_the_right_password_in_between_does_not_give_more_tries_at_the_code(office, secret):
    client = office.test_client()
    for _ in range(5):
        submit(client, "/login", name="li", password=PASSWORD)
        submit(client, "/login/code", code="000000")

    assert submit(client, "/login", name="li", password=PASSWORD).status_code == 429


# --- beside the public pages ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/?lon=116.4&lat=39.9", "/sites/s1", "/api/v1/nearest?lon=116.4&lat=39.9", "/api/v1/sites", "/api/docs"])
def test_a_public_answer_sets_no_cookie_and_asks_for_nobody(office, li, path, monkeypatch):
    def asked(*_):
        raise AssertionError("a stranger's request looked for an account")

    for looker in ("web.cookies.QuietSessions.key", "flask_login.login_manager.LoginManager._load_user", "geodata.registry.signing.Sessions.find"):
        monkeypatch.setattr(looker, asked)

    answer = office.test_client().get(path)

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_public_server_has_no_sign_in_and_no_internal_page(office, few, registry, empty_home):
    public = create_app({"atlas": few, "home": empty_home, "registry": registry, "only": "public", "clock": Clock()})
    inside = sign_in(office, "city", "110000")

    for path in ("/login", "/login/code", "/invite", "/account", "/planner/sites", "/admin/accounts", "/admin/audit"):
        assert public.test_client().get(path).status_code == 404
    brought = public.test_client()
    brought.set_cookie(COOKIE, inside.get_cookie(COOKIE).value)
    assert inside.get("/sites/s7").status_code == 200
    assert brought.get("/sites/s7").status_code == 404


# --- tokens ---------------------------------------------------------------------------------------------


def test_a_token_is_taken_from_its_header_alone(office, registry, li):
    token = registry.tokens.add(li, label="", scope="read", area=None, until=WEDNESDAY_TEN + LASTS, at=WEDNESDAY_TEN)
    client = office.test_client()

    assert client.get("/planner/sites", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert client.get(f"/planner/sites?token={token}&access_token={token}&Authorization=Bearer%20{token}").status_code == 303
    refused = client.get("/planner/sites", headers={"Authorization": "Bearer nx_wrong"})
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_a_bad_token_is_never_saved_by_a_good_cookie(office, li):
    client = sign_in(office, "city", "110000")

    assert client.get("/planner/sites", headers={"Authorization": "Bearer nx_wrong"}).status_code == 401


def test_a_token_of_an_account_is_narrowed_to_its_scope(office, registry, li):
    importing = registry.tokens.add(li, label="", scope="import", area=None, until=WEDNESDAY_TEN + LASTS, at=WEDNESDAY_TEN)

    answer = office.test_client().get("/planner/sites", headers={"Authorization": f"Bearer {importing}"})

    assert answer.status_code == 403


# --- while there is no account --------------------------------------------------------------------------


def test_a_foreign_name_that_leads_to_this_machine_opens_nothing(office):
    stranger = office.test_client()

    assert stranger.get("/planner/sites").status_code == 200
    assert stranger.get("/planner/sites", headers={"Host": "evil.example"}).status_code == 303


def test_the_planners_page_is_open_on_this_machine_until_the_first_account_is_made(office, registry):
    client = office.test_client()
    assert client.get("/planner/sites").status_code == 200
    assert "nuanxin user add" in client.get("/login").text

    registry.accounts.add("first", display="", role="city", area="110000", by="test", at=WEDNESDAY_TEN)

    assert client.get("/planner/sites").status_code == 303
    assert "nuanxin user add" not in client.get("/login").text


def test_a_server_for_other_machines_is_never_open(few, empty_home, registry):
    exposed = create_app({"atlas": few, "home": empty_home, "registry": registry, "exposed": True, "only": "internal"}).test_client()

    assert exposed.get("/planner/sites").status_code == 303
    assert exposed.get("/planner/sites/map").status_code == 303


# --- the key --------------------------------------------------------------------------------------------


def test_the_key_is_made_once_for_all_workers_and_for_nobody_elses_eyes(office, few, registry, empty_home):
    assert not (empty_home / KEY_FILE).exists()  # not before it is needed
    first = office.test_client()
    page = first.get("/login")
    second_worker = create_app({"atlas": few, "home": empty_home, "registry": registry, "clock": Clock(), "passwords": QUICK}).test_client()
    second_worker.set_cookie(COOKIE, first.get_cookie(COOKIE).value)

    answer = second_worker.post("/login", data={"csrf_token": token_of(page), "name": "x", "password": "y"})

    assert answer.status_code == 400  # not 403: the other worker's form is good here
    assert stat.S_IMODE((empty_home / KEY_FILE).stat().st_mode) == 0o600
    assert [p.name for p in empty_home.glob(f"{KEY_FILE}*")] == [KEY_FILE]


# --- pages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/login", "/invite", "/account", "/account/second-factor"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_of_accounts_have_no_script_and_every_field_its_label(office, path, language):
    text = sign_in(office, "city", "110000").get(path, headers={"Accept-Language": language}).text

    assert "<script" not in text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text)
    labelled = set(re.findall(r'<label for="([^"]+)"', text))
    fields = {re.search(r'id="([^"]+)"', field)[1] for field in re.findall(r"<(?:input|select)[^>]*>", text) if 'type="hidden"' not in field}
    assert fields <= labelled
    assert text.count("<form") == text.count('name="csrf_token"')
