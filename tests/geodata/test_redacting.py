"""A personal field is taken out of the whole history; the chain holds, and the trace says who, when, why, where, never what."""

from __future__ import annotations

import pytest

from geodata import snapshot, vocabulary
from geodata.registry import Registry
from geodata.registry.redacting import FIELDS, MARK
from locator.errors import BadValue, Conflict, NotThere
from locator.sites import INTERNAL_FIELDS
from tests.conftest import a_site

VOCABULARY = vocabulary.load()
NAME, OTHER = "张某某秘密", "李某某秘密"


@pytest.fixture
def registry(tmp_path):
    with Registry.open(tmp_path / "home", create=True) as opened:
        opened.commit([a_site(1, manager=NAME), a_site(2, manager="王五")], who="甲某某", why="登记")
        opened.commit([a_site(1, manager=NAME, phone="010-1")], who="乙", why="电话")
        opened.commit([a_site(1, manager=OTHER, phone="010-1")], who="甲某某", why="换人")
        yield opened


def bytes_of(home) -> bytes:
    """Return every byte of an installation."""
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


@pytest.mark.parametrize("ending", ["as it is", "removed", "cleared", "reinstated"])
def test_the_value_is_gone_from_every_revision_the_record_and_every_file(registry, ending):
    if ending in ("removed", "reinstated"):
        registry.remove(["s1"], who="乙", why="gone")
    if ending == "reinstated":
        registry.reinstate(["s1"], who="乙", why="back")
    if ending == "cleared":
        registry.commit([a_site(1, phone="010-1")], who="乙", why="nobody")
    assert NAME.encode() in bytes_of(registry.home)

    done = registry.redact("s1", "manager", who="管理员", why="本人要求")

    told = str(registry.history("s1"))
    assert NAME not in told
    assert OTHER not in told
    assert registry.check(VOCABULARY) == []
    assert done.cleaned
    registry.close()
    for value in (NAME, OTHER):
        assert value.encode() not in bytes_of(registry.home)
    assert registry.site("s2").manager == "王五"
    assert {site.manager for site in registry.sites() if site.id == "s1"} == {
        "as it is": {MARK}, "removed": set(), "cleared": {None}, "reinstated": {MARK}}[ending]
    assert {"as it is": (1, 3), "removed": (1, 3, 4), "cleared": (1, 3, 4), "reinstated": (1, 3, 4, 5)}[ending] == done.versions


def test_the_trace_says_who_when_why_which_field_and_which_revisions(registry):
    done = registry.redact("s1", "manager", who="管理员", why="本人要求")

    with registry.view() as view:
        newest = view.commits(most=1)[0]
    assert (newest.version, newest.who, newest.why, newest.action) == (done.version, "管理员", "本人要求", "redact")
    assert newest.summary == {"redacted": 2, "site": "s1", "field": "manager", "revisions": [1, 3]}
    last = registry.history("s1")[-1]
    assert (last.action, last.who, last.before, last.after) == ("redact", "管理员", {"manager": MARK}, {"manager": MARK})
    assert [(entry.action, entry.object) for entry in registry.audit.entries()][-1:] == [("redact", "s1 manager")]


def test_as_it_was_on_a_day_and_what_others_hold_of_it_no_longer_say_it(registry, monkeypatch):
    monkeypatch.setattr(snapshot, "_WORTH_KEEPING", 1)
    held = snapshot.atlas(registry)
    registry.redact("s1", "manager", who="管理员", why="本人要求")

    fresh = snapshot.atlas(registry, previous=held)

    assert {s.manager for s in fresh.sites} == {MARK, "王五"}
    assert registry.site("s1", on=registry.history("s1")[0].at).manager == MARK


def test_who_made_the_changes_is_taken_out_of_the_commits_that_touched_the_site(registry):
    registry.commit([a_site(9)], who="甲某某", why="another site")

    done = registry.redact("s1", "updated_by", who="管理员", why="离职")

    assert [r.who for r in registry.history("s1")] == [MARK, MARK, MARK, "管理员"]
    assert done.versions == (1, 2, 3)
    assert registry.site("s2").updated_by == MARK  # of the same commit
    assert registry.site("s9").updated_by == "甲某某"  # of another
    assert registry.check(VOCABULARY) == []


def test_what_was_redacted_cannot_be_brought_back(registry):
    done = registry.redact("s1", "manager", who="管理员", why="本人要求")

    with pytest.raises(Conflict):
        registry.undo(done.version, who="t", why="t")
    registry.undo(3, who="t", why="t")
    registry.revert("s1", 1, who="t", why="t")

    assert registry.site("s1").manager == MARK
    assert NAME not in str(registry.history("s1"))
    assert registry.check(VOCABULARY) == []


@pytest.mark.parametrize("taken_back", [lambda registry, version: registry.undo(version, who="t", why="t"),
                                        lambda registry, version: registry.revert("s1", version - 1, who="t", why="t")], ids=["undo", "revert"])
@pytest.mark.parametrize("became", [None, "新人"])
def test_taking_back_what_came_before_or_after_a_redaction_leaves_the_field_empty_not_marked(registry, became, taken_back):
    if became is None:
        registry.commit([a_site(1, phone="010-1")], who="乙", why="nobody")
    registry.redact("s1", "manager", who="管理员", why="本人要求")
    if became is not None:
        registry.commit([a_site(1, phone="010-1", manager=became)], who="乙", why="somebody")

    taken_back(registry, 4 if became is None else 5)

    assert registry.site("s1").manager is None
    assert registry.site("s1").phone == "010-1"
    assert registry.check(VOCABULARY) == []


def test_a_site_that_comes_back_from_before_a_redaction_has_no_mark_it_had_lost(registry):
    registry.remove(["s1"], who="乙", why="gone")
    registry.commit([a_site(1)], who="乙", why="back, run by nobody")
    registry.remove(["s1"], who="乙", why="gone again")
    registry.redact("s1", "manager", who="管理员", why="本人要求")

    registry.undo(4, who="t", why="t")

    assert registry.site("s1").manager is None
    assert registry.check(VOCABULARY) == []


@pytest.mark.parametrize(("site_id", "field", "refused"), [
    ("nobody", "manager", NotThere), ("s2", "phone", NotThere), ("s1", "name", BadValue), ("s1", "id", BadValue), ("s1", "lon", BadValue)])
def test_what_is_not_there_or_not_personal_is_refused_and_changes_nothing(registry, site_id, field, refused):
    before = registry.newest()

    with pytest.raises(refused):
        registry.redact(site_id, field, who="管理员", why="本人要求")

    assert registry.newest() == before


def test_redacting_twice_is_redacting_once(registry):
    registry.redact("s1", "manager", who="管理员", why="本人要求")

    with pytest.raises(NotThere):
        registry.redact("s1", "manager", who="管理员", why="本人要求")


def test_every_internal_text_of_a_record_can_be_redacted():
    assert {"manager", "manager_phone", "verified_by"} <= set(FIELDS) & set(INTERNAL_FIELDS)
