"""Accounts, sessions, tokens, lockout and the audit log, as a registry keeps them."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from geodata import export, passwords, snapshot
from geodata.passwords import Passwords
from geodata.registry import Registry, secrets
from geodata.registry.accounts import CODE_LASTS, RECOVERY_CODES
from geodata.registry.audit import LEAST_KEPT
from geodata.registry.signing import IDLE, LASTS, LONGEST_LOCK, TOUCHED_EVERY, lock_after
from locator.errors import BadValue, Busy, Conflict, NotThere
from locator.typed import BEIJING
from tests.conftest import a_site
from web.logs import formatter

AT = datetime(2026, 3, 4, 10, 0, tzinfo=BEIJING)
SECOND = timedelta(seconds=1)
QUICK = Passwords(time_cost=1, memory_kib=8, lanes=1)


@pytest.fixture
def registry(tmp_path):
    with Registry.open(tmp_path, create=True) as registry:
        yield registry


@pytest.fixture
def li(registry):
    registry.accounts.add("Li", display="李", role="district", area="110101", by="test", at=AT)
    return registry.accounts.named("li")


# --- accounts and one-time codes ------------------------------------------------------------------------


def test_an_account_begins_without_a_password_and_with_a_code_good_once_for_a_day(registry):
    code = registry.accounts.add("Ｌi", display="", role="city", area="110000", by="test", at=AT)
    li = registry.accounts.named("li")
    assert li.password is None
    assert registry.accounts.invited(code.upper().replace("-", " "), AT + CODE_LASTS - SECOND) == li
    assert registry.accounts.invited(code, AT + CODE_LASTS) is None
    assert registry.accounts.invited("wrong", AT) is None

    registry.accounts.choose_password(li, "hash", AT, code=code)

    assert registry.accounts.invited(code, AT) is None
    with pytest.raises(Conflict):
        registry.accounts.choose_password(li, "another", AT, code=code)
    assert registry.accounts.named("li").password == "hash"


def test_a_name_is_never_given_twice_however_it_is_written(registry, li):
    registry.accounts.disable(li, AT)

    for name in ("li", "LI", "ｌｉ", " Li "):
        with pytest.raises(Conflict):
            registry.accounts.add(name, display="", role="city", area="110000", by="test", at=AT)


@pytest.mark.parametrize("name", ["", "x", "a b", "a\nb", "x" * 41, "a/b", "<b>x"])
def test_a_name_is_a_few_letters(registry, name):
    with pytest.raises(BadValue):
        registry.accounts.add(name, display="", role="city", area="110000", by="test", at=AT)
    with pytest.raises(NotThere):
        registry.accounts.named(name)


def test_no_secret_is_kept_as_it_was_given(registry, li, tmp_path):
    code = registry.accounts.reset(li, AT)
    session, token = registry.sessions.open(li, AT), registry.tokens.add(li, label="", scope="read", area=None, until=AT + LASTS, at=AT)
    recovery = registry.accounts.set_second_factor(li, "SECRET")
    registry.close()

    with closing(sqlite3.connect(tmp_path / "registry.sqlite")) as connection:
        kept = "\n".join(connection.iterdump())

    for secret in (code, code.replace("-", ""), session, token, *recovery):
        assert secret not in kept


def test_accounts_are_neither_exported_nor_part_of_a_snapshot(registry, tmp_path, vocabulary):
    registry.accounts.add("wanderer", display="wanderer", role="city", area="110000", by="wanderer", at=AT)
    registry.commit([a_site(n) for n in range(2_000)], who="test", why="test")
    registry.audit.record(at=AT, who="wanderer", action="edit")

    snapshot.atlas(registry, once=True)  # leaves a copy of the table behind
    for suffix in (".csv", ".geojson"):
        export.write(tmp_path / f"all{suffix}", registry.sites(), vocabulary=vocabulary, internal=True)

    written = [path for path in tmp_path.rglob("*") if path.is_file() and not path.name.startswith("registry.sqlite")]
    assert len(written) >= 3
    assert [path.name for path in written if b"wanderer" in path.read_bytes()] == []


# --- what ends a session --------------------------------------------------------------------------------


def test_a_session_ends_when_it_is_idle_and_after_a_working_day_however_busy(registry, li):
    session = registry.sessions.open(li, AT)

    assert registry.sessions.find(session, AT + IDLE - SECOND).account == li  # and is used by that
    at = AT + IDLE
    while at < AT + LASTS:
        assert registry.sessions.find(session, at) is not None
        at += IDLE - TOUCHED_EVERY
    assert registry.sessions.find(session, AT + LASTS) is None
    idle = registry.sessions.open(li, AT)
    assert registry.sessions.find(idle, AT + IDLE) is None
    assert registry.sessions.find("made up", AT) is None


@pytest.mark.parametrize(("change", "tokens_live"), [
    (lambda r, li: r.accounts.choose_password(li, "new", AT), True), (lambda r, li: r.accounts.disable(li, AT), False),
    (lambda r, li: r.accounts.reset(li, AT), True), (lambda r, li: r.accounts.hand_over(li, display="王", at=AT), False)],
    ids=["password", "disable", "reset", "hand over"])
def test_a_changed_password_a_stopped_and_a_handed_over_account_end_every_session(registry, li, change, tokens_live):
    session = registry.sessions.open(li, AT)
    token = registry.tokens.add(li, label="", scope="read", area=None, until=AT + LASTS, at=AT)

    change(registry, li)

    assert registry.sessions.find(session, AT) is None
    assert (registry.tokens.find(token, AT) is not None) is tokens_live


def test_whoever_takes_an_account_over_gets_neither_password_nor_second_factor(registry, li):
    registry.accounts.choose_password(li, "hash", AT)
    registry.accounts.set_second_factor(li, "SECRET", step=5)

    code = registry.accounts.hand_over(li, display="王", at=AT)

    after = registry.accounts.named("li")
    assert (after.display, after.password, after.totp_secret) == ("王", None, None)
    assert registry.accounts.invited(code, AT) == after
    with pytest.raises(BadValue):
        registry.accounts.hand_over(li, display=" ", at=AT)


def test_a_stopped_account_that_is_let_in_again_has_its_password_and_no_token(registry, li):
    registry.accounts.choose_password(li, "hash", AT)
    token = registry.tokens.add(li, label="", scope="read", area=None, until=AT + LASTS, at=AT)

    registry.accounts.disable(li, AT)
    registry.accounts.enable(li)

    assert registry.accounts.named("li").password == "hash"
    assert registry.tokens.find(token, AT) is None


def test_a_token_ends_by_itself_or_when_it_is_revoked(registry, li):
    first = registry.tokens.add(li, label="QGIS", scope="read", area="110101001", until=AT + LASTS, at=AT)
    second = registry.tokens.add(li, label="", scope="import", area=None, until=AT + LASTS, at=AT)
    found = registry.tokens.find(first, AT)

    registry.tokens.revoke(found.id, AT)

    assert first.startswith(found.prefix)
    assert (found.grant.scope, found.grant.within, found.grant.area) == ("read", "110101001", "110101")
    assert registry.tokens.find(first, AT) is None
    assert registry.tokens.find(second, AT + LASTS) is None
    assert registry.tokens.find(second, AT).used_at is None
    assert registry.tokens.find(second, AT).used_at == AT
    assert registry.tokens.find("nx_", AT) is None


def test_using_a_session_does_not_wait_for_a_long_import(registry, li):
    session = registry.sessions.open(li, AT)
    with closing(sqlite3.connect(registry._database.path)) as writer:
        writer.execute("BEGIN IMMEDIATE")

        found = registry.sessions.find(session, AT + IDLE / 2)  # would be written down, but others are writing

    assert found is not None
    assert found.seen_at == AT


# --- second factor --------------------------------------------------------------------------------------


def test_a_code_is_good_once_even_for_two_at_the_same_moment(registry, li):
    registry.accounts.set_second_factor(li, "SECRET", step=10)

    with ThreadPoolExecutor(4) as pool:
        used = list(pool.map(lambda _: registry.accounts.use_step(li, 11), range(4)))

    assert sorted(used) == [False, False, False, True]
    assert not registry.accounts.use_step(li, 10)


def test_each_recovery_code_is_good_once(registry, li):
    codes = registry.accounts.set_second_factor(li, "SECRET")

    assert len(set(codes)) == RECOVERY_CODES
    assert registry.accounts.use_recovery_code(li, codes[0].upper())
    assert not registry.accounts.use_recovery_code(li, codes[0])
    assert registry.accounts.recovery_codes_left(li) == RECOVERY_CODES - 1
    registry.accounts.set_second_factor(li, None)
    assert not registry.accounts.use_recovery_code(li, codes[1])


# --- lockout --------------------------------------------------------------------------------------------


def test_the_lock_grows_and_never_beyond_a_quarter_of_an_hour():
    assert [lock_after(n).total_seconds() for n in (1, 4, 5, 6, 7, 8, 9, 10, 11, 1000)] == [0, 0, 30, 60, 120, 240, 480, 900, 900, 900]
    assert timedelta(minutes=15) == LONGEST_LOCK


def test_failures_lock_a_name_whether_or_not_there_is_such_an_account(registry, li):
    for name in ("li", "nobody"):
        locks = [registry.attempts.failed(name, AT) for _ in range(6)]

        assert [lock.total_seconds() for lock in locks] == [0, 0, 0, 0, 30, 60]
        assert registry.attempts.locked_for(name, AT) == timedelta(seconds=60)
        assert registry.attempts.locked_for(name, AT + timedelta(seconds=60)) == timedelta(0)
    registry.attempts.succeeded("li")
    assert registry.attempts.locked_for("li", AT) == timedelta(0)
    assert registry.attempts.locked_for("nobody", AT) == timedelta(seconds=60)


# --- passwords ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 129, "aaaaaaaaaaaaaa", "abcabcabcabc", "123456789012", "210987654321",
                                      "password1234", "Password!2026", "nuanxin-2026", "qwertyuiop12", "I am li zhang of it", "北京市总工会2026!!!!"])
def test_a_password_that_would_be_tried_first_is_refused(password):
    with pytest.raises(BadValue) as refused:
        passwords.check(password, name="li zhang")

    assert password == "" or password not in str(refused.value)  # never shown again


@pytest.mark.parametrize("password", ["correct horse battery", "今天天气很好我们去走走吧", "aB3$aB3$xyzw", "all small letters do"])
def test_a_long_password_is_taken_whatever_it_is_made_of(password):
    passwords.check(password, name="li")


def test_a_hash_is_argon2id_and_the_same_password_from_another_keyboard_fits():
    hashed = Passwords().hash("ｃｏｒｒｅｃｔ horse battery")

    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert Passwords().verify(hashed, "correct horse battery")
    assert not Passwords().verify(hashed, "correct horse batterz")
    assert QUICK.outdated(hashed)
    assert not Passwords().outdated(hashed)


def test_an_unknown_name_costs_the_same_hash_and_is_never_right(monkeypatch):
    seen = []
    verify = type(QUICK._hasher).verify
    monkeypatch.setattr(type(QUICK._hasher), "verify", lambda self, hashed, password: seen.append(hashed) or verify(self, hashed, password))

    assert not QUICK.verify(None, "anything at all")

    assert len(seen) == 1
    assert seen[0].startswith("$argon2id$v=19$m=8,t=1,p=1$")  # computed to the end, at the cost of a real one
    assert len(seen[0]) == len(QUICK.hash("anything at all"))


def test_those_who_would_wait_behind_others_are_told_to_come_back():
    gate, inside = threading.Event(), threading.Event()

    class Slow(Passwords):
        def slowly(self):
            with self._turn():
                inside.set()
                gate.wait(10)

    slow = Slow(time_cost=1, memory_kib=8, lanes=1)
    first, second = threading.Thread(target=slow.slowly), threading.Thread(target=lambda: slow.hash("x"))
    first.start()
    inside.wait(10)
    second.start()
    while slow._places._value:  # until the second one waits
        pass

    with pytest.raises(Busy) as busy:
        slow.verify(None, "x")

    assert busy.value.wait_s >= 1
    gate.set()
    first.join()
    second.join()
    assert not slow.verify(None, "x")  # and afterwards there is room again


# --- audit ----------------------------------------------------------------------------------------------


def test_an_entry_is_kept_and_is_one_json_line_for_syslog(registry, caplog):
    with caplog.at_level(logging.INFO, "nuanxin.audit"):
        registry.audit.record(at=AT, who="li", action="export", object="sites.csv\nforged", area="110101")

    entry = registry.audit.entries()[0]
    line = json.loads(formatter().format(caplog.records[0]))
    assert (entry.at, entry.who, entry.action, entry.object, entry.outcome) == (AT, "li", "export", "sites.csv forged", "done")
    assert "\n" not in formatter().format(caplog.records[0])
    assert (line["event"], line["logger"]) == ("audit", "nuanxin.audit")
    assert (line["who"], line["action"], line["object"], line["area"]) == ("li", "export", "sites.csv forged", "110101")
    with pytest.raises(ValueError, match="action"):
        registry.audit.record(at=AT, who="li", action="made up")


def test_the_log_is_read_by_who_what_and_when_a_page_at_a_time(registry):
    for hour in range(10):
        registry.audit.record(at=AT + timedelta(hours=hour), who="li" if hour % 2 else "wang", action="edit" if hour % 3 else "export")

    assert [e.at.hour for e in registry.audit.entries(who="li", action="edit")] == [17, 15, 11]
    assert [e.at.hour for e in registry.audit.entries(since=AT + timedelta(hours=2), until=AT + timedelta(hours=4))] == [13, 12]
    first = registry.audit.entries(limit=4)
    second = registry.audit.entries(limit=4, before=first[-1].id)
    assert [e.at.hour for e in first + second] == [19, 18, 17, 16, 15, 14, 13, 12]


def test_nothing_younger_than_180_days_is_pruned_and_pruning_is_itself_told(registry):
    for days in (200, 181, 179, 0):
        registry.audit.record(at=AT - timedelta(days=days), who="li", action="edit")

    with pytest.raises(BadValue):
        registry.audit.prune(keep=LEAST_KEPT - SECOND, at=AT, who="test")
    gone = registry.audit.prune(keep=LEAST_KEPT, at=AT, who="test")

    assert gone == 2
    assert [e.action for e in registry.audit.entries()] == ["prune", "edit", "edit"]


def test_codes_have_no_letter_that_reads_like_another():
    drawn = "".join(secrets.code() for _ in range(200))

    assert set(drawn).isdisjoint("01ilo")
    assert len({secrets.code() for _ in range(100)}) == 100


# --- the same on PostgreSQL ------------------------------------------------------------------------------


@pytest.mark.skipif(not os.environ.get("NUANXIN_TEST_POSTGRESQL"), reason="NUANXIN_TEST_POSTGRESQL names no server to try")
def test_a_server_keeps_accounts_as_a_file_does(tmp_path):
    with Registry.open(tmp_path, database=os.environ["NUANXIN_TEST_POSTGRESQL"], create=True) as registry:
        name = f"li{os.getpid()}"
        code = registry.accounts.add(name, display="李", role="district", area="110101", by="test", at=AT)
        li = registry.accounts.named(name)
        assert registry.accounts.invited(code, AT) == li
        registry.accounts.choose_password(li, "hash", AT, code=code)
        session = registry.sessions.open(li, AT)
        token = registry.tokens.add(li, label="", scope="read", area=None, until=AT + LASTS, at=AT)
        assert registry.sessions.find(session, AT + IDLE / 2).account.name == name
        assert registry.sessions.find(session, AT + IDLE + IDLE / 4).seen_at == AT + IDLE / 2
        assert registry.tokens.find(token, AT).account.name == name
        codes = registry.accounts.set_second_factor(li, "SECRET", step=1)
        assert registry.accounts.use_step(li, 2)
        assert not registry.accounts.use_step(li, 2)
        assert registry.accounts.use_recovery_code(li, codes[0])
        assert [registry.attempts.failed(name, AT).total_seconds() for _ in range(5)] == [0, 0, 0, 0, 30]
        registry.audit.record(at=AT, who=name, action="edit", area="110101")
        assert [e.area for e in registry.audit.entries(who=name, limit=5)] == ["110101"]
        registry.accounts.disable(li, AT)
        assert registry.sessions.find(session, AT) is None
        assert registry.tokens.find(token, AT) is None
