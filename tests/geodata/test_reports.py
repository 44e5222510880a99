"""Reports in the registry: filed once, taken back, decided, forgotten; and how one reads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from geodata import backup, restore, vocabulary
from geodata.registry import Registry, day_secrets
from geodata.registry.database import FILE, Database
from geodata.registry.report_filing import A_DAY, BURST, OF_A_SITE, UNTOLD_OF_A_SITE
from geodata.registry.reports import KEPT, TAKE_BACK_WITHIN
from geodata.reporting import LONGEST_NOTE, NewReport, read
from locator.errors import BadValue, NotThere, TooMany
from locator.typed import BEIJING
from tests.conftest import a_site

AT = datetime(2026, 3, 4, 10, 0, tzinfo=BEIJING)
MINUTE = timedelta(minutes=1)
WORDS = vocabulary.load()
NOTE = "门口贴了条子"


@pytest.fixture
def registry(tmp_path):
    with Registry.open(tmp_path / "home", create=True) as registry:
        registry.commit([a_site(1), a_site(2)], who="t", why="t")
        yield registry


def new(kind="locked", token="", **more) -> NewReport:
    return NewReport(kind, more.pop("at", AT), token=token * 20 or None, **more)


def counted(registry, now=AT):
    return {site: len(told) for site, told in registry.reports.counted(now).items()}


# --- how one reads ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "fields"), [
    ({}, ["type"]), ({"type": "closed"}, ["type"]), ({"type": "rating"}, ["rating"]), ({"type": "missing_facility"}, ["facility"]),
    ({"type": "missing_facility", "facility": "sauna"}, ["facility"]), ({"type": "locked", "facility": "toilet"}, ["facility"]),
    ({"type": "rating", "rating": 0}, ["rating"]), ({"type": "rating", "rating": 4.5}, ["rating"]), ({"type": "rating", "rating": True}, ["rating"]),
    ({"type": "rating", "rating": [5]}, ["rating"]), ({"type": "locked", "rating": 1}, ["rating"]),
    ({"type": "locked", "note": "长" * (LONGEST_NOTE + 1)}, ["note"]), ({"type": "locked", "note": "a\x07b"}, ["note"]),
    ({"type": "locked", "note": "a\u202eb"}, ["note"]), ({"type": "locked", "note": "a\ud800"}, ["note"]), ({"type": "locked", "note": 5}, ["note"]),
    ({"type": "locked", "at": "2026-03-04 10:11"}, ["at"]), ({"type": "locked", "at": "2026-02-25 09:59"}, ["at"]),
    ({"type": "locked", "seconds_ago": -1}, ["seconds_ago"]), ({"type": "locked", "seconds_ago": 604_801}, ["seconds_ago"]),
    ({"type": "locked", "seconds_ago": 1.5}, ["seconds_ago"]), ({"type": "locked", "seconds_ago": True}, ["seconds_ago"]),
    ({"type": "locked", "seconds_ago": "1" * 5_000}, ["seconds_ago"]),
    ({"type": "locked", "seconds_ago": 5, "at": "2026-03-04 10:00"}, ["seconds_ago"]),
    ({"type": "locked", "at": "gestern"}, ["at"]), ({"type": "locked", "token": "13800000000"}, ["token"]),
    ({"type": "locked", "key": "x" * 65}, ["key"]), ({"type": "locked", "photo": "x"}, ["photo"]),
    ({"type": "x", "note": "\x00", "rating": 9}, ["type", "rating", "note"])])
def test_what_is_wrong_with_a_report_is_told_field_by_field(said, fields):
    found, refusals = read(said, WORDS, AT)

    assert found is None
    assert sorted(r.field for r in refusals) == sorted({"facility": "facility"}.get(f, f) for f in fields)


def test_a_token_that_will_not_do_is_not_repeated_in_its_refusal():
    _, refusals = read({"type": "locked", "token": "13800000000"}, WORDS, AT)

    assert "138" not in refusals[0].sentence("zh")


def test_a_report_reads_texts_and_plain_values_alike():
    texts = {"type": "missing_facility", "facility": "热水", "rating": "", "note": "  一行\r\n两行 ", "at": "2026-03-01T08:00:00", "token": "t" * 16}
    found, refusals = read(texts, WORDS, AT)

    assert refusals == []
    assert found == NewReport("missing_facility", datetime(2026, 3, 1, 8, tzinfo=BEIJING), "hot_water", None, "一行\n两行", "t" * 16)
    assert read({"type": "rating", "rating": 5, "note": None}, WORDS, AT)[0].rating == 5


def test_a_phone_whose_clock_is_a_little_fast_reports_of_now_and_one_week_is_the_oldest():
    assert read({"type": "locked", "at": "2026-03-04T10:09:00"}, WORDS, AT)[0].at == AT
    assert read({"type": "locked", "at": "2026-02-25T10:00:00"}, WORDS, AT)[0].at == AT - timedelta(days=7)
    assert read({"type": "locked", "seconds_ago": 604_800}, WORDS, AT)[0].at == AT - timedelta(days=7)
    assert read({"type": "locked", "seconds_ago": "30"}, WORDS, AT)[0].at == AT - timedelta(seconds=30)


# --- filed once ---------------------------------------------------------------------------------------


def test_a_retry_with_the_same_key_is_one_report_also_from_two_threads_at_once(registry):
    with ThreadPoolExecutor(4) as pool:
        filed = list(pool.map(lambda _: registry.reports.file("s1", new(key="k" * 20), now=AT), range(8)))

    assert {f.report.id for f in filed} == {filed[0].report.id}
    assert sum(not f.repeated for f in filed) == 1
    assert counted(registry) == {"s1": 1}


def test_the_same_said_twice_by_one_phone_on_one_day_is_one_report_and_on_two_days_two(registry):
    first = registry.reports.file("s1", new(token="a"), now=AT)
    again = registry.reports.file("s1", new(token="a", note=NOTE), now=AT + MINUTE)
    other = registry.reports.file("s1", new(token="b"), now=AT)
    tomorrow = registry.reports.file("s1", new(token="a"), now=AT + timedelta(days=1))

    assert (again.repeated, again.report.id, again.report.note) == (True, first.report.id, NOTE)
    assert len({first.report.id, other.report.id, tomorrow.report.id}) == 3


def test_a_phones_later_rating_of_a_day_takes_the_place_of_the_earlier(registry):
    registry.reports.file("s1", new("rating", "a", rating=1), now=AT)
    registry.reports.file("s1", new("rating", "a", rating=5), now=AT + MINUTE)

    assert [r.rating for r in registry.reports.entries()] == [5]


def test_what_is_kept_of_a_phone_is_no_token_and_another_hash_every_day(registry):
    token = "secret-phone-token-1"
    for day in range(2):
        registry.reports.file("s1", NewReport("locked", AT, token=token), now=AT + timedelta(days=day))
    people = [r.person for r in registry.reports.entries()]

    assert len(set(people)) == 2
    assert token not in " ".join(people)
    files = [path for path in registry.home.iterdir() if path.is_file()]
    assert not any(token.encode() in path.read_bytes() for path in files)
    assert [p.name for p in files if p.name.startswith("reports-")] == ["reports-2026-03-05.key"]
    assert oct((registry.home / "reports-2026-03-05.key").stat().st_mode & 0o777) == "0o600"


def test_the_workers_of_an_installation_share_the_secret_of_a_day(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        people = set(pool.map(lambda _: day_secrets.person_of(tmp_path, "t" * 16, AT.date()), range(32)))

    assert len(people) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["reports-2026-03-04.key"]


def test_a_worker_still_busy_with_yesterday_takes_no_secret_from_today(tmp_path):
    today, yesterday = AT.date(), AT.date() - timedelta(days=1)
    person = day_secrets.person_of(tmp_path, "t" * 16, today)

    day_secrets.person_of(tmp_path, "t" * 16, yesterday)

    assert day_secrets.person_of(tmp_path, "t" * 16, today) == person
    assert day_secrets.forget(tmp_path, today) == 1
    assert [p.name for p in tmp_path.iterdir()] == [f"reports-{today}.key"]


def test_callers_of_the_hotline_are_different_people_though_one_account_files_for_them(registry):
    for _ in range(2):
        registry.reports.file("s1", new(), now=AT, filed_by="operator")

    assert len({told.person for told in registry.reports.counted(AT)["s1"]}) == 2
    assert {r.filed_by for r in registry.reports.entries()} == {"operator"}


# --- limits -------------------------------------------------------------------------------------------


def test_one_phone_may_report_so_often_in_ten_minutes_and_on_a_day(registry):
    kinds = ("locked", "moved", "gone", "wrong")
    distinct = [(site, kind) for site in ("s1", "s2") for kind in kinds]
    for site, kind in distinct[:BURST]:
        registry.reports.file(site, new(kind, "a"), now=AT)

    with pytest.raises(TooMany):
        registry.reports.file(*[distinct[BURST][0], new(distinct[BURST][1], "a")], now=AT)

    registry.reports.file(distinct[BURST][0], new(distinct[BURST][1], "b"), now=AT)  # another phone may
    facilities = list(WORDS.terms("facility"))
    for n in range(A_DAY - BURST):
        registry.reports.file("s2", new("missing_facility", "a", facility=facilities[n]), now=AT + (n + 1) * 11 * MINUTE)
    with pytest.raises(TooMany):
        registry.reports.file("s2", new("rating", "a", rating=1), now=AT + timedelta(hours=12))


def test_one_site_may_be_reported_so_often_an_hour_and_less_by_phones_that_cannot_be_told_apart(registry):
    for _ in range(UNTOLD_OF_A_SITE):
        registry.reports.file("s1", new(), now=AT)
    with pytest.raises(TooMany) as refused:
        registry.reports.file("s1", new(), now=AT)
    assert refused.value.wait_s == 600

    for n in range(OF_A_SITE - UNTOLD_OF_A_SITE):
        registry.reports.file("s1", NewReport("locked", AT, token=f"phone-{n:020}"), now=AT)
    with pytest.raises(TooMany):
        registry.reports.file("s1", new(token="z"), now=AT)

    registry.reports.file("s1", new(), now=AT, filed_by="operator")
    registry.reports.file("s2", new(), now=AT)
    registry.reports.file("s1", new(), now=AT + timedelta(hours=1, seconds=1))


# --- taken back, decided ------------------------------------------------------------------------------


def test_a_report_can_be_taken_back_by_its_key_for_some_minutes_while_it_is_undecided(registry):
    key = "k" * 20
    registry.reports.file("s1", new(key=key), now=AT)
    for site, said, now in (("s1", "x" * 20, AT), ("s2", key, AT), ("s1", key, AT + TAKE_BACK_WITHIN + MINUTE)):
        with pytest.raises(NotThere):
            registry.reports.take_back(site, said, now=now)

    registry.reports.take_back("s1", key, now=AT + TAKE_BACK_WITHIN)

    assert counted(registry) == {}
    decided = registry.reports.file("s1", new(key=key), now=AT).report
    registry.reports.decide([decided.id], "confirmed", who="li", why="", now=AT)
    with pytest.raises(NotThere):
        registry.reports.take_back("s1", key, now=AT)


def test_a_decision_says_who_when_and_why_and_may_be_changed(registry):
    number = registry.reports.file("s1", new(), now=AT).report.id

    confirmed = registry.reports.decide([number], "confirmed", who="li", why="去看过", now=AT + MINUTE)[0]
    assert (confirmed.state, confirmed.decided_by, confirmed.why, confirmed.decided_at) == ("confirmed", "li", "去看过", AT + MINUTE)
    assert registry.reports.counted(AT)["s1"][0].confirmed_at == AT + MINUTE

    again = registry.reports.decide([number], "confirmed", who="wang", why="", now=AT + 2 * MINUTE)[0]
    assert again.decided_by == "li"
    registry.reports.decide([number], "rejected", who="wang", why="看错了", now=AT + 3 * MINUTE)
    assert counted(registry) == {}


@pytest.mark.parametrize(("decision", "why"), [("rejected", " "), ("maybe", "x"), ("confirmed", "长" * 501)])
def test_a_decision_that_will_not_do_changes_nothing(registry, decision, why):
    numbers = [registry.reports.file(site, new(), now=AT).report.id for site in ("s1", "s2")]

    with pytest.raises(BadValue):
        registry.reports.decide(numbers, decision, who="li", why=why, now=AT)
    with pytest.raises(NotThere):
        registry.reports.decide([*numbers, 99], "confirmed", who="li", why="", now=AT)

    assert {r.state for r in registry.reports.entries()} == {"open"}


def test_every_change_that_counts_has_a_version_of_its_own(registry):
    seen = [registry.reports.newest()]
    assert seen == [(0, None)]
    number = registry.reports.file("s1", new(key="k" * 20), now=AT).report.id
    seen.append(registry.reports.newest())
    registry.reports.decide([number], "rejected", who="li", why="x", now=AT)
    seen.append(registry.reports.newest())
    registry.reports.file("s1", new(key="m" * 20), now=AT)
    seen.append(registry.reports.newest())
    registry.reports.take_back("s1", "m" * 20, now=AT)

    assert len({*seen, registry.reports.newest()}) == 5
    assert registry.version() == 1  # the sites' own is another


def test_reports_are_listed_newest_first_by_state_type_site_and_page(registry):
    for n, (site, kind) in enumerate([("s1", "locked"), ("s2", "gone"), ("s1", "wrong")]):
        registry.reports.file(site, new(kind), now=AT + n * MINUTE)
    numbers = [r.id for r in registry.reports.entries()]
    registry.reports.decide(numbers[:1], "confirmed", who="li", why="", now=AT)

    assert numbers == sorted(numbers, reverse=True)
    assert [r.type for r in registry.reports.entries(states=["open"])] == ["gone", "locked"]
    assert [r.type for r in registry.reports.entries(types=["gone", "wrong"])] == ["wrong", "gone"]
    assert [r.type for r in registry.reports.entries(site_id="s1", before=numbers[0], limit=1)] == ["locked"]


# --- forgotten ----------------------------------------------------------------------------------------


def left_of(path, *texts: str) -> list[str]:
    """Return which texts the database still holds, in its file or in the log beside it."""
    held = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    return [text for text in texts if text.encode() in held]


def test_after_180_days_nothing_is_left_of_texts_and_hashes_and_undecided_reports_have_expired(registry):
    old = registry.reports.file("s1", new(token="a", key="k" * 20, note=NOTE), now=AT).report
    registry.reports.decide([old.id], "confirmed", who="li", why="去看过了的", now=AT)
    registry.reports.file("s2", new(note="没人管的"), now=AT)
    registry.reports.file("s1", new("gone", note="新的一条"), now=AT + timedelta(days=2))
    file = registry.home / FILE

    assert registry.reports.prune(now=AT + KEPT) == 0
    assert registry.reports.prune(now=AT + KEPT + MINUTE) == 2
    assert registry.reports.prune(now=AT + KEPT + MINUTE) == 0

    states = {r.type + r.site_id: (r.state, r.note, r.why, r.person) for r in registry.reports.entries()}
    assert states == {"lockeds1": ("confirmed", None, None, ""), "lockeds2": ("expired", None, None, ""), "gones1": ("open", "新的一条", None, "")}
    assert left_of(file, NOTE, "去看过了的", "没人管的", old.person, "新的一条") == ["新的一条"]


def test_a_restored_backup_does_not_bring_back_texts_that_have_expired(registry, tmp_path):
    registry.reports.file("s1", new(note=NOTE), now=datetime.now(BEIJING) - KEPT - MINUTE)
    registry.reports.file("s2", new(note="还没到期"), now=datetime.now(BEIJING))
    registry.reports.file("s1", new(token="a"), now=datetime.now(BEIJING))
    file = tmp_path / "kept.zip"
    backup.write(file, registry.home, Database(registry.home))

    home = tmp_path / "elsewhere"
    restore.restore(file, home, Database(home))

    with Registry.open(home) as restored:
        assert sorted(filter(None, (r.note for r in restored.reports.entries()))) == ["还没到期"]
    assert left_of(home / FILE, NOTE) == []
    assert not list(home.glob("reports-*.key"))


def test_nothing_of_a_report_that_was_taken_back_is_left_in_the_file(registry):
    registry.reports.file("s1", new(key="k" * 20, token="a", note=NOTE), now=AT)
    registry.reports.take_back("s1", "k" * 20, now=AT + MINUTE)

    assert Database(registry.home).settle()

    assert left_of(registry.home / FILE, NOTE) == []
