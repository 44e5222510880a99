"""The registry's public part over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from geodata.registry import Registry
from locator.answers import PUBLIC_FIELDS
from tests.conftest import a_site
from tests.web.conftest import WEDNESDAY_TEN
from web import create_app

FIRST, SECOND, THIRD = (datetime(2026, 3, day, 2, 0, tzinfo=UTC) for day in (1, 2, 3))


def get(client, path, **query):
    response = client.get(path, query_string=query)
    assert response.status_code == 200, response.text
    return response.get_json()


def test_pages_of_sites_follow_each_other_by_id_without_gap_or_repeat(client):
    first = get(client, "/api/v1/sites", limit=2)
    second = get(client, "/api/v1/sites", limit=2, cursor=first["next"])
    third = get(client, "/api/v1/sites", limit=4, cursor=second["next"])

    ids = [site["id"] for page in (first, second, third) for site in page["sites"]]
    assert ids == ["s1", "s2", "s3", "s4", "s5", "s8", "s9"]  # closed and unlocated ones are public knowledge
    assert third["next"] is None


def test_sites_are_chosen_by_box_kind_facility_and_area(client):
    def ids(**query):
        return [site["id"] for site in get(client, "/api/v1/sites", **query)["sites"]]

    assert ids(bbox="116.405,39.8,116.425,40") == ["s1", "s2"]
    assert ids(kind="母婴室") == ["s2"]
    assert ids(facility="hot_water") == ["s1", "s4"]
    assert ids(area="朝阳区") == ["s4"]


def test_a_record_is_whole_but_for_the_internal_fields(client):
    record = get(client, "/api/v1/sites/s1")

    assert set(PUBLIC_FIELDS) <= set(record)
    assert (record["state"], record["demo"], record["phone"]) == ("open", True, "010-1234 5678")


@pytest.mark.parametrize("path", ["/api/v1/sites", "/api/v1/sites/s1", "/api/v1/vocabulary", "/api/v1/areas",
                                  "/api/v1/areas/outlines", "/api/v1/openapi.json"])
def test_catalogue_answers_carry_an_etag_and_are_not_sent_twice(client, path):
    first = client.get(path)

    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_the_vocabulary_has_chinese_english_and_needs(client):
    words = get(client, "/api/v1/vocabulary")

    assert words["sections"]["kind"][0]["zh"] == "暖心驿站"
    assert {"code": "hot_water", "zh": "热水", "en": "Hot water", "filters": {"facility": ["hot_water"]}} in words["needs"]


def test_a_search_finds_places_and_sites(client):
    found = get(client, "/api/v1/search", q="暖心驿站")["results"]

    assert {one["type"] for one in found} >= {"site"}
    assert not {"s6", "s7"} & {one.get("id") for one in found}


@pytest.fixture
def registry(tmp_path):
    with Registry.open(tmp_path, create=True) as registry:
        draft = a_site(1, status="draft", name="草稿名")
        registry.commit([draft, a_site(2, manager="张三")], who="王五", why="内部原因", at=FIRST)
        registry.commit([replace(draft, status="active", name="新站")], who="王五", why="验收", at=SECOND)
        registry.commit([a_site(2, visibility="internal"), replace(draft, status="active", name="新站", phone="12351"),
                         a_site(3, status="draft")], who="王五", why="整改", at=THIRD)
        yield registry


@pytest.fixture
def over_registry(registry, make_atlas):
    atlas = make_atlas(list(registry.sites()), version=registry.version())
    return create_app({"atlas": atlas, "registry": registry, "clock": lambda: WEDNESDAY_TEN}).test_client()


def test_history_tells_public_versions_only_and_nobodys_name(over_registry):
    history = get(over_registry, "/api/v1/sites/s1/history")

    assert [(r["version"], r["action"]) for r in history["revisions"]] == [(2, "published"), (3, "changed")]
    assert history["revisions"][1]["changes"] == [{"field": "phone", "before": None, "after": "12351"}]
    text = over_registry.get("/api/v1/sites/s1/history").text + over_registry.get("/api/v1/sites/s2/history").text
    for secret in ("王五", "张三", "草稿名", "内部原因", "验收"):
        assert secret not in text


@pytest.mark.parametrize("path", ["/api/v1/sites", "/api/v1/sites?since=0", "/api/v1/sites/s1", "/api/v1/sites/s1?on=2026-03-03", "/sites/s1",
                                  "/api/v1/nearest?lon=116.4&lat=39.9"])
def test_what_staff_remarked_on_a_change_is_told_nowhere(over_registry, path):
    told = over_registry.get(path)

    assert told.status_code == 200
    assert "新站" in told.text or "nearest" in path
    for secret in ("王五", "整改", "\\u6574\\u6539"):
        assert secret not in told.text


def test_the_history_of_what_was_never_public_is_not_there(over_registry):
    assert over_registry.get("/api/v1/sites/s3/history").status_code == 404
    assert over_registry.get("/api/v1/sites/never/history").status_code == 404


def test_a_record_as_it_was_on_a_day(over_registry):
    assert over_registry.get("/api/v1/sites/s1", query_string={"on": "2026-03-01"}).status_code == 404  # a draft then
    assert get(over_registry, "/api/v1/sites/s1", on="2026-03-02")["phone"] is None
    assert get(over_registry, "/api/v1/sites/s1", on="2026-03-03")["phone"] == "12351"
    assert get(over_registry, "/api/v1/sites/s2", on="2026-03-02")["name"]  # public then, internal now


def test_since_tells_what_changed_and_what_is_public_no_longer(over_registry):
    told = get(over_registry, "/api/v1/sites", since=1)

    assert [site["id"] for site in told["sites"]] == ["s1"]
    assert told["removed"] == ["s2"]  # s3 was never public: not even its id is told
    assert get(over_registry, "/api/v1/sites", since=3)["sites"] == []


def test_pages_of_changes_follow_each_other_and_read_few_histories(registry, over_registry, monkeypatch):
    registry.commit([a_site(n) for n in range(10, 40)], who="t", why="t")
    registry.remove([f"s{n}" for n in range(10, 40)], who="t", why="t")
    read, plain = [], Registry.history
    monkeypatch.setattr(Registry, "history", lambda self, site_id: read.append(site_id) or plain(self, site_id))

    first = get(over_registry, "/api/v1/sites", since=3, limit=10)
    read_first = len(read)
    second = get(over_registry, "/api/v1/sites", since=3, limit=20, cursor=first["next"])

    assert first["removed"] + second["removed"] == [f"s{n}" for n in range(10, 40)]
    assert second["next"] is None
    assert read_first == 11
