"""Registering and changing sites through the API: what is taken, who may, and that nobody overwrites anybody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import a_site
from tests.web.conftest import sign_in
from tests.web.offices import WEDNESDAY_TEN, office_over

LEAST = {"name": "新站", "kind": "warm_station", "lon": 116.40, "lat": 39.90}
DONGCHENG, CHAOYANG = "110101", "110105"


@pytest.fixture
def app(empty_home):
    sites = [a_site(1, district_code=DONGCHENG, manager="张三", facilities={"water": "yes"}),
             a_site(2, district_code=CHAOYANG, station_code="CY-2", source="区", source_id="7"),
             a_site(3, status="draft", district_code=DONGCHENG)]
    with office_over(empty_home, sites) as app:
        yield app


@pytest.fixture
def token(app):
    """``token("street", "110101001", scope="write")``: headers of a program."""
    def make(role="city", area="110000", scope="write"):
        accounts, now = app.extensions["atlas"].registry.accounts, WEDNESDAY_TEN
        name = f"{role}-{area}"
        if accounts.find(name) is None:
            accounts.add(name, display=name, role=role, area=area, by="test", at=now)
        made = app.extensions["atlas"].registry.tokens.add(accounts.named(name), label="t", scope=scope, area=None,
                                                           until=now + timedelta(days=1), at=now)
        return {"Authorization": f"Bearer {made}"}

    return make


@pytest.fixture
def call(app, token):
    """``call("PATCH", "s1", {...}, version=1)`` as the city's administrator, or as somebody else."""
    def send(method, path="", body=None, *, version=None, headers=None):
        headers = dict(headers or token())
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return app.test_client().open(f"/api/v1/sites{path and '/' + path}", method=method, json=body, headers=headers)

    return send


def fields(answer):
    return sorted(error["field"] for error in answer.json["errors"])


def test_a_site_is_registered_and_can_be_read_and_seen_in_its_history(app, call):
    made = call("POST", body={**LEAST, "reason": "新建", "opening_hours": "每天8点到20点", "facilities": {"热水": "有"}})

    assert made.status_code == 201
    site = made.json
    assert (site["status"], site["opening_hours"], site["facilities"]) == ("draft", "Mo-Su 08:00-20:00", {"hot_water": "yes"})
    assert (site["district_code"], site["reason"], site["updated_by"]) == (DONGCHENG, "新建", "city-110000")
    read = call("GET", f"{site['id']}/record")
    assert read.headers["ETag"] == made.headers["ETag"] == f'"{site["version"]}"'
    assert made.headers["Location"] == f"/api/v1/sites/{site['id']}/record"
    assert read.json == {**site, "warnings": []}


def test_a_pair_in_another_datum_is_kept(call):
    site = call("POST", body={**LEAST, "datum": "bd09"}).json

    assert (site["source_lon"], site["source_lat"], site["source_datum"]) == (116.40, 39.90, "bd09")
    assert abs(site["lon"] - 116.40) > 0.005


def test_everything_wrong_with_a_record_is_told_at_once_by_field(app, call):
    answer = call("POST", body={"kind": "暖站站", "lon": 500, "lat": 39, "capacity": "many", "opening_hours": "Mo-Fx", "colour": "red"})

    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert fields(answer) == ["capacity", "colour", "kind", "lon", "name", "opening_hours"]
    hours = next(error for error in answer.json["errors"] if error["field"] == "opening_hours")
    assert "第 4 个字符" in hours["message"]
    assert call("GET", "s1/record").json["version"] == app.extensions["atlas"].registry.version() == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'"x"', b"\xff"])
def test_what_is_no_json_object_is_refused(app, token, body):
    answer = app.test_client().post("/api/v1/sites", data=body, headers=token())

    assert answer.status_code == 400
    assert fields(answer) == ["body"]


@pytest.mark.parametrize(("body", "field"), [({"station_code": "CY-2"}, "station_code"), ({"source": "区", "source_id": "7"}, "source_id"),
                                             ({"id": "s2"}, "id")])
def test_registering_what_is_there_already_names_the_site(call, body, field):
    answer = call("POST", body={**LEAST, **body})

    assert answer.status_code == 409
    assert fields(answer) == [field]
    assert "s2" in answer.json["detail"]
    assert answer.headers["Location"] == "/api/v1/sites/s2/record"


def test_the_same_station_code_twice_makes_one_site(call):
    first = call("POST", body={**LEAST, "station_code": "DC-9"})
    again = call("POST", body={**LEAST, "station_code": "DC-9"})

    assert (first.status_code, again.status_code) == (201, 409)
    assert again.headers["Location"] == first.headers["Location"]


def test_a_change_needs_its_version_and_its_reason(call):
    assert call("PATCH", "s1", {"name": "改名", "reason": "更名"}).status_code == 428
    stale = call("PATCH", "s1", {"name": "改名", "reason": "更名"}, version=99)
    assert (stale.status_code, stale.headers["ETag"]) == (412, '"1"')
    unreasoned = call("PATCH", "s1", {"name": "改名"}, version=1)
    assert (unreasoned.status_code, fields(unreasoned)) == (400, ["reason"])

    changed = call("PATCH", "s1", {"name": "改名", "reason": "更名"}, version=1)

    assert (changed.status_code, changed.json["name"], changed.headers["ETag"]) == (200, "改名", '"2"')
    assert call("PATCH", "s1", {"name": "又改", "reason": "更名"}, version=1).status_code == 412


def test_the_tag_of_the_public_record_is_a_version_to_change_from(app, call):
    tag = app.test_client().get("/api/v1/sites/s1").headers["ETag"]

    assert tag.startswith('"1.')
    assert call("PATCH", "s1", {"name": "改名", "reason": "更名"}, version=tag.strip('"')).status_code == 200


def test_a_change_touches_what_it_names_only(call):
    changed = call("PATCH", "s1", {"facilities": {"toilet": "limited", "water": None}, "phone": "123", "reason": "补充"}, version=1).json

    assert changed["facilities"] == {"toilet": "limited"}
    assert (changed["phone"], changed["manager"], changed["lon"]) == ("123", "张三", a_site(1).lon)


def test_of_two_changes_made_from_the_same_version_one_is_refused(call):
    answers = [call("PATCH", "s1", {"name": name, "reason": "更名"}, version=1).status_code for name in ("甲", "乙")]

    assert answers == [200, 412]
    assert call("GET", "s1/record").json["name"] == "甲"


def test_actions_say_what_they_do_and_need_a_reason(app, call):
    assert fields(call("POST", "s1/suspend", {})) == ["reason"]
    assert call("POST", "s1/suspend", {"reason": "装修"}).json["status"] == "suspended"
    assert fields(call("POST", "s1/suspend", {"reason": "装修"})) == ["status"]
    assert call("POST", "s1/close", {"reason": "拆除"}).json["status"] == "closed"
    back = call("POST", "s1/reinstate", {"reason": "误操作"}).json
    assert (back["status"], back["reason"]) == ("active", "误操作")
    checked = call("POST", "s1/verify", {"reason": "巡查", "how": "电话核实", "next_check_on": "2026-09-01"}).json
    assert (checked["verified_on"], checked["verified_by"], checked["verified_how"], checked["next_check_on"]) == (
        "2026-03-04", "city-110000", "phone", "2026-09-01")
    assert [r.why for r in app.extensions["atlas"].registry.history("s1")] == ["test", "装修", "拆除", "误操作", "巡查"]


def test_an_action_from_an_older_version_is_refused(call):
    call("PATCH", "s1", {"name": "改名", "reason": "更名"}, version=1)

    assert call("POST", "s1/suspend", {"reason": "装修"}, version=1).status_code == 412
    assert call("POST", "s1/suspend", {"reason": "装修"}, version=2).status_code == 200


@pytest.mark.parametrize(("said", "status"), [('"abc"', 412), ("1", 412), ('"1", "2"', 412), ("*", 200), ('W/"1.5f"', 200)])
def test_an_action_whose_condition_cannot_be_read_is_not_done_as_if_there_were_none(call, token, said, status):
    assert call("POST", "s1/suspend", {"reason": "装修"}, headers={**token(), "If-Match": said}).status_code == status


@pytest.mark.parametrize(("body", "field"), [({"how": "x"}, "verified_how"), ({"next_check_on": "x"}, "next_check_on"), ({"colour": 1}, "colour")])
def test_a_verification_that_cannot_be_read_is_refused(call, body, field):
    assert fields(call("POST", "s1/verify", {**body, "reason": "x"})) == [field]


def test_a_site_becomes_active_only_by_those_who_accept_sites(call, token):
    clerk, district = token("street", "110101001"), token("district", DONGCHENG)
    body = {**LEAST, "district_code": DONGCHENG, "street_code": "110101001", "status": "active"}

    assert fields(call("POST", body=body, headers=clerk)) == ["status"]
    made = call("POST", body={**body, "status": "submitted"}, headers=clerk).json
    accepted = call("PATCH", made["id"], {"status": "active", "reason": "验收"}, version=made["version"], headers=district)
    assert accepted.json["status"] == "active"


def test_a_suspended_site_is_brought_back_by_who_may_edit_it_and_a_closed_one_by_who_accepts(call, token):
    clerk, district = token("street", "110101001"), token("district", DONGCHENG)
    body = {**LEAST, "district_code": DONGCHENG, "street_code": "110101001", "status": "active"}
    path = call("POST", body=body, headers=district).json["id"]

    assert call("POST", f"{path}/suspend", {"reason": "装修"}, headers=clerk).status_code == 200
    assert call("POST", f"{path}/reinstate", {"reason": "修好了"}, headers=clerk).json["status"] == "active"
    assert call("POST", f"{path}/close", {"reason": "撤点"}, headers=district).status_code == 200
    assert call("POST", f"{path}/reinstate", {"reason": "再开"}, headers=clerk).status_code == 403
    assert call("POST", f"{path}/reinstate", {"reason": "再开"}, headers=district).json["status"] == "active"


def test_what_is_registered_tells_which_sites_it_may_be_already(call, token):
    first = call("POST", body={**LEAST, "name": "东单北大街暖心驿站", "address": "东单北大街 3 号"}).json
    again = call("POST", body={**LEAST, "name": "东单北大街暖心驿站", "address": "东单北大街3号"})
    [match] = again.json["possible_duplicates"]
    moved = call("PATCH", again.json["id"], {"lon": 116.9, "lat": 40.3, "address": "别处 9 号", "name": "另一个", "reason": "写错了"},
                 version=again.json["version"])
    noted = call("PATCH", first["id"], {"entry_note": "按铃", "reason": "补充"}, version=first["version"])

    assert first["possible_duplicates"] == []
    assert (match["id"], match["name"], match["verdict"], match["distance_m"]) == (first["id"], "东单北大街暖心驿站", "same", 0.0)
    assert match["reasons"]
    assert moved.json["possible_duplicates"] == []
    assert noted.json["possible_duplicates"] == []  # nothing that tells sites apart has changed


def test_nobody_moves_a_site_out_of_or_into_an_area_that_is_not_theirs(call, token):
    district = token("district", DONGCHENG)

    assert call("PATCH", "s1", {"district_code": CHAOYANG, "reason": "x"}, version=1, headers=district).status_code == 403
    assert call("PATCH", "s2", {"district_code": DONGCHENG, "reason": "x"}, version=1, headers=district).status_code == 403
    assert call("POST", body={**LEAST, "district_code": CHAOYANG}, headers=district).status_code == 403
    assert call("POST", body=LEAST, headers=district).status_code == 201


def test_a_street_clerk_who_leaves_the_street_out_is_told_to_say_it(call, token):
    clerk = token("street", "110101001")

    answer = call("POST", body={**LEAST, "district_code": DONGCHENG, "status": "submitted"}, headers=clerk)

    assert answer.status_code == 403
    assert "请写明属于东华门街道" in answer.json["detail"]


def test_a_token_to_read_does_not_write_and_a_session_needs_its_csrf_header(app, call, token):
    assert call("POST", body=LEAST, headers=token(scope="read")).status_code == 403
    client = sign_in(app, "city", "110000")
    assert client.post("/api/v1/sites", json=LEAST).status_code == 201
    del client.environ_base["HTTP_X_CSRFTOKEN"]
    assert client.post("/api/v1/sites", json=LEAST).status_code == 403


def test_internal_fields_are_in_the_record_and_nowhere_public(app, call):
    assert call("GET", "s1/record").json["manager"] == "张三"
    assert "张三" not in app.test_client().get("/api/v1/sites/s1").text


def test_what_was_written_is_asked_of_the_next_moment(app, call):
    call("POST", body={**LEAST, "status": "active", "name": "刚刚登记的站"})

    assert "刚刚登记的站" in app.test_client().get("/api/v1/nearest?lon=116.4&lat=39.9").text
