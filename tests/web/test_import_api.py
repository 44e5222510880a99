"""Importing by a program: one request, every fault at its row and cell, long work as a job."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from geodata import jobs
from geodata.uploads import Uploads
from tests.web.conftest import sign_in
from tests.web.imports.conftest import ALIKE, DONGCHENG, HEADERS, ROWS, WRONG, a_csv, sites_of
from tests.web.offices import do_jobs_at_once
from web import import_contract


@pytest.fixture
def _here(monkeypatch):
    """Do the work of jobs in this process, at once."""
    do_jobs_at_once(monkeypatch)


@pytest.fixture
def program(office):
    """A client with a token of a district's administrator, for importing."""
    return program_of(office, "district", DONGCHENG)


def program_of(office, role, area, scope="import"):
    sign_in(office, role, area)
    keeper = office.extensions["atlas"]
    token = keeper.registry.tokens.add(keeper.registry.accounts.named(f"{role}-{area}"), label="t", scope=scope, area=None,
                                       until=keeper.now() + timedelta(days=1), at=keeper.now())
    client = office.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def post(client, body, name="台账.csv", **form):
    return client.post("/api/v1/import", data={"file": (io.BytesIO(body), name), **form}, content_type="multipart/form-data",
                       headers={"Accept-Language": "en"})


@pytest.mark.usefixtures("_here")
def test_a_file_is_imported_in_one_request_and_again_changes_nothing(program, office):
    first = post(program, a_csv(), datum="wgs84", source="台账", reason="nightly")
    again = post(program, a_csv(), datum="wgs84", source="台账")

    assert first.status_code == 200, first.text
    answer = import_contract.ImportAnswer.model_validate(first.get_json())
    assert (answer.version, answer.rows, answer.datum, answer.counts.new) == (1, 3, "wgs84", 3)
    assert answer.columns["负责人电话"] == "manager_phone"
    assert {site.status for site in sites_of(office).values()} == {"submitted"}  # a token for importing accepts nothing
    assert (again.get_json()["version"], again.get_json()["counts"]["unchanged"]) == (None, 3)
    assert office.extensions["atlas"].registry.commits()[0].why.startswith("nightly")
    assert Uploads(office.extensions["settings"].home).all() == []


@pytest.mark.usefixtures("_here")
def test_a_dry_run_writes_nothing(program, office):
    answer = post(program, a_csv(), datum="wgs84", dry_run="true").get_json()

    assert (answer["dry_run"], answer["version"], answer["counts"]["new"]) == (True, None, 3)
    assert sites_of(office) == {}


@pytest.mark.usefixtures("_here")
def test_every_error_says_its_file_line_column_and_value(program, office):
    answer = post(program, a_csv([*WRONG, ("望京", "暖心驿站", "116.48", "39.99", "望京", "朝阳区", "", "", "", "")]), datum="wgs84")

    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    told = [(e["file"], e["line"], e["column"], e["field"], e["value"]) for e in answer.get_json()["errors"]]
    assert told == [("台账.csv", "2", "类别", "kind", "没有这种"), ("台账.csv", "3", "经度", "lon", "116.39x"),
                    ("台账.csv", "5", None, "area", "朝阳区")]
    assert sites_of(office) == {}


@pytest.mark.usefixtures("_here")
def test_a_datum_that_is_not_decided_is_an_error_of_the_file(program):
    (error,) = post(program, a_csv()).get_json()["errors"]

    assert (error["file"], error["line"], error["field"]) == ("台账.csv", None, "datum")


@pytest.mark.usefixtures("_here")
def test_a_file_that_cannot_be_read_is_one_error(program):
    (error,) = post(program, b"%PDF-1.7", datum="wgs84").get_json()["errors"]

    assert error["file"] == "台账.csv"
    assert "PDF" in error["message"]


@pytest.mark.usefixtures("_here")
def test_columns_and_matching_can_be_said(program, office):
    post(program, a_csv(ROWS[:1]), datum="wgs84")

    merged = post(program, a_csv(ALIKE), datum="wgs84", match="merge", columns='"内部备注" = "entry_note"')

    assert merged.status_code == 200, merged.text
    assert merged.get_json()["columns"]["内部备注"] == "entry_note"
    assert merged.get_json()["counts"]["new"] + merged.get_json()["counts"]["changed"] == 1


@pytest.mark.parametrize(("form", "field"), [
    ({"datum": "mars"}, "datum"), ({"match": "perhaps"}, "match"), ({"kind": "没有这种"}, "kind"), ({"dry_run": "maybe"}, "dry_run"),
    ({"columns": "= nothing"}, "columns"), ({"columns": '"名称" = "no such"'}, "columns"), ({"source": "x" * 201}, "source"),
    ({"colour": "red"}, "colour")])
def test_what_is_said_wrongly_is_refused_before_the_file_is_read(program, form, field):
    answer = post(program, a_csv(), **form)

    assert answer.status_code == 400
    assert field in [error["field"] for error in answer.get_json()["errors"]]


def test_without_a_file_there_is_nothing_to_import(program):
    assert program.post("/api/v1/import", data={"datum": "wgs84"}).status_code == 400


def test_a_session_needs_its_csrf_token_and_a_reader_may_not(office, signed_in):
    clerk = signed_in("district", DONGCHENG)
    del clerk.environ_base["HTTP_X_CSRFTOKEN"]

    assert post(clerk, a_csv()).status_code == 403
    assert post(program_of(office, "planner", "110000", "read"), a_csv()).status_code == 403
    assert post(office.test_client(), a_csv()).status_code == 401


def test_long_work_is_answered_with_a_job_to_follow_and_to_stop(program, office, monkeypatch):
    monkeypatch.setattr("web.import_flow.WAIT_S", 0.0)
    rows = [(f"第{i}号", "暖心驿站", f"{116.40 + i / 9e4:.5f}", "39.9150", f"东华门大街{i}号", "东城区", "", "", "", "") for i in range(4000)]

    answer = post(program, a_csv(rows), datum="wgs84")
    assert answer.status_code == 202
    job = import_contract.JobAnswer.model_validate(answer.get_json())
    address = answer.headers["Location"]
    assert address == f"/api/v1/jobs/{job.id}"
    assert program.delete(address).status_code == 200

    ended = jobs.Jobs(office.extensions["settings"].home).wait(job.id, 60)
    assert ended.state == "cancelled"
    assert program.get(address).get_json()["state"] == "cancelled"
    assert sites_of(office) == {}
    program.get("/admin/import")  # whatever is asked next tidies up what was stopped before it began
    assert Uploads(office.extensions["settings"].home).all() == []


@pytest.mark.usefixtures("_here")
def test_a_job_is_told_to_whoever_began_it_and_those_above_alone(program, office):
    began = jobs.Jobs(office.extensions["settings"].home).start(
        "geodata.importing:look", {"upload": "0"}, owner=f"district-{DONGCHENG}", area=DONGCHENG, at=office.extensions["atlas"].now())
    address = f"/api/v1/jobs/{began.id}"

    assert program.get(address).get_json()["state"] == "refused"
    assert [error["field"] for error in program.get(address).get_json()["errors"]] == ["import"]
    assert program_of(office, "city", "110000").get(address).status_code == 200
    assert program_of(office, "city", "110000").delete(address).status_code == 404
    assert program_of(office, "district", "110105").get(address).status_code == 404
    assert program.get("/api/v1/jobs/none").status_code == 404


@pytest.mark.usefixtures("_here")
def test_internal_fields_stay_internal_after_an_import(program, office):
    post(program, a_csv(), datum="wgs84")

    assert "13800000001" not in office.test_client().get("/api/v1/sites").text
    assert "负责人电话" in HEADERS
