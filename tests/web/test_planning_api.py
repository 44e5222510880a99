"""Coverage, gaps and comparisons over HTTP: the command's answers, at once or by a job; who may have them made, and who may read."""

from __future__ import annotations

import os
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlencode

import pytest

from geodata import jobs, private
from geodata.areas import Areas
from geodata.jobs import AT_ONCE, FOLDER, Jobs
from geodata.planning import Planning
from geodata.studies import COVERAGE, DAY, Asked
from locator import coverage as figures
from locator.errors import SignInNeeded
from locator.filters import Filters
from locator.questions import CoverageQuestion
from tests.conftest import a_site
from tests.geodata.studies.conftest import HOURS, give_people
from tests.web.conftest import QUICK, WEDNESDAY_TEN, Clock, current_of, sign_in
from tests.web.offices import do_jobs_at_once, office_over
from tests.web.planning import planned
from web import create_app, planning_api, planning_contract, studying

HERE = "110101"
SITES = [a_site(number, lon=116.395 + number % 3 * 0.01, lat=39.89 + number // 3 * 0.02, opening_hours=HOURS[number % 3], district_code=HERE)
         for number in range(9)]
PEOPLE = "lon,lat,people\n" + "".join(f"{116.39 + x * 0.004:.3f},{39.88 + y * 0.006:.3f},{10 + x + y}\n" for x in range(10) for y in range(12))
WAIT_S = 60
NONE = Filters()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("planned") / "home"
    home.mkdir()
    give_people(home, PEOPLE)
    yield home
    shutil.rmtree(home / "jobs", ignore_errors=True)  # the processes that wait end


@pytest.fixture(scope="module")
def office(home):
    with office_over(home, SITES) as app:
        yield app


@pytest.fixture
def planner(office):
    return sign_in(office, "planner", HERE)


@pytest.fixture
def opened(office, home):
    """The same office, open to readers."""
    app = create_app({"home": home, "registry": current_of(office).registry, "clock": Clock(), "passwords": QUICK, "planner_public": True})
    assert current_of(app).wait(30)
    yield app
    current_of(app).stop()


@pytest.fixture
def public(opened):
    """A stranger's browser."""
    return opened.test_client()


def asked(client, path, language="en", **query):
    return client.get(f"/api/v1/{path}?{urlencode(query, doseq=True)}", headers={"Accept-Language": language})


def answer(client, path, language="en", **query):
    """Ask until it is answered, as a program would."""
    until = time.monotonic() + WAIT_S
    while (found := asked(client, path, language, **query)).status_code == 202:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert found.status_code == 200, found.text
    return found.get_json()


@pytest.mark.parametrize(("query", "question"), [
    ({"radius": 700, "area": HERE}, CoverageQuestion(radius_m=700.0, area=HERE)),
    ({"radius": 700, "area": "东城区", "at": "2026-03-04T20:00", "kind": "warm_station"},
     CoverageQuestion(Filters(kinds=("warm_station",)), radius_m=700.0, area=HERE, at=WEDNESDAY_TEN.replace(hour=20))),
    ({"walk": 10, "area": HERE, "fold": 2}, CoverageQuestion(walk_min=10.0, area=HERE, fold=2))])
def test_coverage_answers_what_the_core_does(planner, office, home, query, question):
    basis = Planning(home, current_of(office).registry).basis(None)
    expected = figures.coverage(question, basis.atlas, basis.ground, WEDNESDAY_TEN, outline_of=basis.outline_of).as_dict("en")

    found = answer(planner, "coverage", **query)

    planning_contract.CoverageAnswer.model_validate(found)
    assert {**found, "as_of": None} == {**expected, "as_of": None}
    assert answer(planner, "coverage", "zh", **query)["areas"][0]["name"] == "东城区"


def test_a_walk_without_a_network_is_answered_by_the_labelled_estimate(planner):
    assert answer(planner, "coverage", walk=10, area=HERE)["basis"] == "straight"


def test_gaps_and_comparisons_keep_their_models(planner):
    gaps = answer(planner, "gaps", radius=700, area=HERE, top=1, tolerance=5)
    change = answer(planner, "compare", before="now", after="with:116.42,39.89;116.43,39.95", radius=300, area=HERE)
    night = answer(planner, "compare", before="at:2026-03-04T12:00", after="at:2026-03-04T23:00", radius=700, area=HERE)

    planning_contract.GapsAnswer.model_validate(gaps)
    assert ([gap["rank"] for gap in gaps["gaps"]], gaps["query"]["tolerance_m"]) == ([1], 5.0)
    planning_contract.ChangeAnswer.model_validate(change)
    assert change["total"]["gained"] > 0 == change["total"]["lost"]
    assert night["total"]["lost"] > 0 == night["total"]["gained"]


def test_what_takes_longer_is_a_job_to_follow_and_the_same_address_answers_when_it_is_done(planner, home, monkeypatch):
    monkeypatch.setattr(planning_api, "WAIT_S", 0.0)

    with no_turn(home):  # a process that waits may be done before it is looked at
        first = asked(planner, "coverage", radius=444, area=HERE)
    place = first.headers["Location"]
    until = time.monotonic() + WAIT_S
    while (job := planner.get(place).get_json())["state"] in ("waiting", "running"):
        assert time.monotonic() < until
        time.sleep(0.05)

    assert (first.status_code, first.headers["Retry-After"], place) == (202, "1", f"/api/v1/jobs/{first.get_json()['id']}")
    assert (job["state"], job["result"]) == ("done", {"study": job["id"]})
    assert asked(planner, "coverage", radius=444, area=HERE).status_code == 200


def test_the_same_question_is_one_job_whoever_asks_and_only_who_began_it_stops_it(office, planner, home, monkeypatch):
    monkeypatch.setattr(planning_api, "WAIT_S", 0.0)
    other = sign_in(office, "planner", "110105")
    known = {place.name for place in (home / FOLDER).glob("*")}

    with no_turn(home):
        first, again = (asked(client, "coverage", radius=333, area=HERE).get_json() for client in (planner, other))
        begun = {place.parent.name for place in (home / FOLDER).glob("*/job.json")} - known
        job = f"/api/v1/jobs/{first['id']}"

        assert {first["id"], again["id"]} == begun
        assert other.get(job).get_json()["state"] == "waiting"
        assert other.delete(job).status_code == 404
        for client, status in ((sign_in(office, "street", "110101001"), 404), (sign_in(office, "hotline", "110000"), 403),
                               (office.test_client(), 401)):
            assert client.get(job).status_code == status
        assert planner.delete(job).status_code == 200
        assert Jobs(home).wait(first["id"], WAIT_S).state == "cancelled"

    monkeypatch.undo()
    assert answer(other, "coverage", radius=333, area=HERE)  # who asks again begins anew


def test_work_that_is_killed_is_told_at_once_and_done_when_it_is_asked_again(planner, home, monkeypatch):
    monkeypatch.setattr(planning_api, "WAIT_S", float(WAIT_S))
    with ThreadPoolExecutor(1) as asking, no_turn(home):
        waiting = asking.submit(asked, planner, "coverage", radius=222, area=HERE)
        until = time.monotonic() + WAIT_S
        while not (working := processes_at_work(home)):
            assert time.monotonic() < until
            time.sleep(0.02)

        for process in working:
            os.kill(process, signal.SIGKILL)

        refused = waiting.result()
    assert (refused.status_code, refused.content_type) == (503, "application/problem+json")
    assert answer(planner, "coverage", radius=222, area=HERE)["total"]["sites"] == 9


def processes_at_work(home):
    """Return the processes of a home that have a job's lock open."""
    locks = {str(place.parent / "lock") for place in (home / FOLDER).glob("*/job.json")
             if (job := Jobs(home).find(place.parent.name)) is not None and job.alive}
    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if process.name != str(os.getpid())
            and any(held in locks for held in opened_by(process))]


def opened_by(process):
    try:
        return [str(number.readlink()) for number in (process / "fd").iterdir()]
    except OSError:
        return []


@contextmanager
def no_turn(home):
    """Hold every turn, so that work waits."""
    with ExitStack() as held:
        for turn in range(AT_ONCE):
            held.enter_context(private.locked(private.folder(home / FOLDER) / f"turn-{turn}"))
        yield


WRONG = [
    ("coverage", {}, "radius"), ("coverage", {"radius": 500, "walk": 5}, "radius"), ("coverage", {"radius": 0}, "radius"),
    ("coverage", {"radius": -5}, "radius"), ("coverage", {"radius": 1e7}, "radius"), ("coverage", {"radius": "nan"}, "radius"),
    ("coverage", {"radius": "wide"}, "radius"), ("coverage", {"walk": 0}, "walk"), ("coverage", {"walk": 241}, "walk"),
    ("coverage", {"radius": 500, "area": "atlantis"}, "area"), ("coverage", {"radius": 500, "by": "continent"}, "by"),
    ("coverage", {"radius": 500, "area": HERE, "by": "district", "fold": 0}, "fold"), ("coverage", {"radius": 500, "demand": "couriers"}, "demand"),
    ("coverage", {"radius": 500, "kind": "palace"}, "kind"), ("coverage", {"radius": 500, "state": "ajar"}, "state"),
    ("coverage", {"radius": 500, "at": "noon"}, "at"), ("coverage", {"radius": 500, "week": "maybe"}, "week"),
    ("coverage", {"radius": 500, "top": 3}, "top"), ("coverage", {"radius": 500, "before": "now"}, "before"),
    ("gaps", {"radius": 500, "fold": 0}, "fold"), ("gaps", {"radius": 500, "fold": 2, "week": 1}, "fold"),
    ("gaps", {"radius": 500, "top": 0}, "top"), ("gaps", {"radius": 500, "tolerance": 0}, "tolerance"),
    ("gaps", {"radius": 500, "tolerance": 1e9}, "tolerance"),
    ("compare", {"radius": 500, "before": "now"}, "after"), ("compare", {"radius": 500, "before": "x", "after": "now"}, "before"),
    ("compare", {"radius": 500, "before": "now", "after": "with:/etc/passwd"}, "after"),
    ("compare", {"radius": 500, "before": "a.json", "after": "b.json"}, "before"),
    ("compare", {"radius": 500, "before": "now", "after": "with:39.9,116.4"}, "after"),
    ("compare", {"radius": 500, "before": "at:2026-03-04T12:00", "after": "now", "week": "1"}, "week"),
    ("compare", {"radius": 500, "area": HERE, "before": "now", "after": "without:s99"}, "after"),
    ("compare", {"radius": 500, "area": HERE, "before": "2020-01-01", "after": "now"}, "before"),
    ("compare", {"radius": 500, "area": HERE, "before": "now", "after": "2030-01-01"}, "after")]


@pytest.mark.parametrize(("path", "query", "field"), WRONG)
def test_what_cannot_be_asked_is_refused_by_its_field_in_both_languages(planner, path, query, field):
    found = {}
    for language in ("zh", "en"):
        until = time.monotonic() + WAIT_S
        while (refused := asked(planner, path, language, **query)).status_code == 202:  # what only the registry's past can tell
            assert time.monotonic() < until
        assert (refused.status_code, refused.content_type) == (400, "application/problem+json"), refused.text
        (error,) = refused.get_json()["errors"]
        assert error["field"] == field
        found[language] = error["message"]
    assert found["zh"] != found["en"]


def test_a_refusal_says_what_was_typed_and_what_a_missing_side_may_be(planner):
    [large] = asked(planner, "coverage", radius="1e7").get_json()["errors"]
    [missing] = asked(planner, "compare", radius=500, before="now").get_json()["errors"]

    assert (large["field"], large["value"]) == ("radius", "1e7")
    assert "metres" in large["message"]
    assert missing["field"] == "after"
    assert "likewise" not in missing["message"]
    assert all(word in missing["message"] for word in ("now", "without:", "with:"))


def test_the_street_clerk_may_not_plan(office):
    assert asked(sign_in(office, "street", "110101001"), "coverage", radius=500).status_code == 403


# --- readers ------------------------------------------------------------------------------------------


def test_a_stranger_reads_nothing_unless_the_operator_opened_the_planner(office, planner):
    answer(planner, "coverage", radius=700, area=HERE)

    assert asked(office.test_client(), "coverage", radius=700, area=HERE).status_code == 401


def test_a_reader_is_given_what_is_kept_and_has_nothing_made(public, planner, home):
    answer(planner, "coverage", radius=700, area=HERE)
    before = {place.name for place in (home / "jobs").iterdir()}

    kept, other = asked(public, "coverage", radius=700, area=HERE), asked(public, "coverage", radius=701, area=HERE)

    assert (kept.status_code, other.status_code) == (200, 401)
    assert "sign in to have it done" in other.get_json()["errors"][0]["message"]
    assert {place.name for place in (home / "jobs").iterdir()} == before
    assert public.get(f"/api/v1/jobs/{sorted(before)[0]}").status_code == 401


def test_the_standing_study_is_made_for_a_reader_too(public):
    found = answer(public, "coverage", radius=1000, by="district")

    assert {"110101", "110119"} < {line["code"] for line in found["areas"]}
    assert found["query"]["radius_m"] == 1000.0


def test_somebody_without_the_right_to_plan_reads_as_a_stranger_does(opened):
    clerk = sign_in(opened, "street", "110101001")

    assert asked(clerk, "coverage", radius=702, area=HERE).status_code == 403
    answer(clerk, "coverage", radius=1000, by="district")


def test_only_the_plain_question_is_the_standing_one(office):
    def asked(what, filters=NONE, *, demand=None, **question):
        return Asked.at(WEDNESDAY_TEN, what, CoverageQuestion(filters, **question), areas=Areas.load().tree, demand=demand)

    plain = {"radius_m": 1000.0, "by": "district"}
    with office.test_request_context():
        assert studying.is_standing(asked(COVERAGE, **plain))
        assert studying.is_standing(asked(COVERAGE, **plain, area="110000"))
        for other in (asked(COVERAGE, **plain, demand="census"), asked(DAY, **plain), asked(COVERAGE, radius_m=1000.0),
                      asked(COVERAGE, **{**plain, "radius_m": 999.0}), asked(COVERAGE, Filters(verified_only=True), **plain)):
            assert not studying.is_standing(other)
            with pytest.raises(SignInNeeded):
                studying.start(other, studying.pins_today(other))


# --- page and programs --------------------------------------------------------------------------------


def kept(home):
    return sorted(place.name for folder in ("studies", "jobs") for place in (home / folder).glob("*") if not place.name.startswith("."))


@pytest.mark.parametrize("page_first", [True, False])
def test_the_standing_question_is_one_study_whether_a_page_or_a_program_asks_it_first(tmp_path, monkeypatch, page_first):
    do_jobs_at_once(monkeypatch)
    with planned(tmp_path / "home", planner_public=True) as app:
        client = app.test_client()
        plain = {"radius": 1000, "by": "district"}
        ways = [lambda: client.get("/planner", follow_redirects=True), lambda: asked(client, "coverage", **plain),
                lambda: asked(client, "gaps", **plain), lambda: asked(client, "coverage", **plain, area="110000")]
        first, *others = ways if page_first else reversed(ways)

        assert first().status_code == 200
        made = kept(tmp_path / "home")
        monkeypatch.setattr(jobs, "_begin", None)  # whoever begins work now fails
        answers = [other() for other in others]

        assert [other.status_code for other in answers] == [200] * 3
        assert kept(tmp_path / "home") == made
        assert len(list((tmp_path / "home" / "studies").glob("[0-9a-f]*"))) == 1


def test_what_is_asked_of_the_present_is_one_study_whether_the_page_or_a_program_asks(tmp_path, monkeypatch):
    do_jobs_at_once(monkeypatch)
    with planned(tmp_path / "home") as app:
        client = sign_in(app, "planner", "110000")
        app.extensions["settings"].clock.now = WEDNESDAY_TEN.replace(minute=3, second=20)
        page = client.get("/planner?radius=500&by=none&state=open", follow_redirects=True)
        monkeypatch.setattr(jobs, "_begin", None)

        assert (page.status_code, asked(client, "coverage", radius=500, state="open").status_code) == (200, 200)
        assert "at=2026-03-04T10:00" in unquote(page.request.url)


def test_before_there_are_accounts_this_machine_alone_plans(tmp_path):
    (tmp_path / "home").mkdir()
    give_people(tmp_path / "home", PEOPLE)
    with office_over(tmp_path / "home", SITES) as app:
        client = app.test_client()

        found = answer(client, "coverage", radius=500, area=HERE)
        job = sorted(place.parent.name for place in (tmp_path / "home" / "jobs").glob("*/job.json"))[0]

        assert found["total"]["sites"] == 9
        assert client.get(f"/api/v1/jobs/{job}").get_json()["state"] == "done"
        shutil.rmtree(tmp_path / "home" / "jobs", ignore_errors=True)  # the process that waits ends, and may write there meanwhile
