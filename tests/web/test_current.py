"""A serving process notices a change, and questions in flight finish on the atlas they began with."""

from __future__ import annotations

import threading
import time

import pytest

from geodata import places
from geodata.registry import Registry
from tests.conftest import a_site
from web import create_app


@pytest.fixture
def home(tmp_path):
    with Registry.open(tmp_path, create=True) as registry:
        registry.commit([a_site(1)], who="t", why="t")
    return tmp_path


@pytest.fixture
def app(home):
    app = create_app({"home": home, "poll_s": 0.1})
    assert app.extensions["atlas"].wait(30)
    yield app
    app.extensions["atlas"].stop()


def wait_until(truth, seconds=10.0):
    until = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.02)


def test_a_change_of_the_registry_is_served_soon_after(app, home):
    client = app.test_client()
    assert client.get("/readyz").get_json()["version"] == 1

    with Registry.open(home) as registry:
        registry.commit([a_site(2)], who="t", why="t")

    wait_until(lambda: client.get("/readyz").get_json()["version"] == 2)
    assert len(client.get("/api/v1/nearest?lon=116.4&lat=39.9").get_json()["features"]) == 2


def test_a_question_in_flight_finishes_on_the_atlas_it_began_with(app, home, monkeypatch):
    from web import api

    asked, may_go_on, answers = threading.Event(), threading.Event(), []
    plain = api.answers.nearest

    def slow(*question):
        asked.set()
        may_go_on.wait(20)
        return plain(*question)

    monkeypatch.setattr(api.answers, "nearest", slow)
    thread = threading.Thread(target=lambda: answers.append(app.test_client().get("/api/v1/nearest?lon=116.4&lat=39.9").get_json()))
    thread.start()
    asked.wait(20)
    with Registry.open(home) as registry:
        registry.commit([a_site(2)], who="t", why="t")
    wait_until(lambda: app.extensions["atlas"].held.atlas.version == 2)
    may_go_on.set()
    thread.join()

    assert answers[0]["version"] == 1
    assert len(answers[0]["features"]) == 1


def test_a_process_that_may_not_serve_demonstration_records_does_not(tmp_path):
    with Registry.open(tmp_path, create=True) as registry:
        registry.commit([a_site(1, demo=True)], who="t", why="t")

    app = create_app({"home": tmp_path, "demo": False, "poll_s": 0.1})

    wait_until(lambda: "演示数据" in app.test_client().get("/readyz").text)
    assert app.test_client().get("/readyz").status_code == 503
    app.extensions["atlas"].stop()


def test_a_version_that_may_not_be_served_is_read_once(tmp_path, monkeypatch):
    from geodata import snapshot

    read, plain = [], snapshot.atlas
    monkeypatch.setattr(snapshot, "atlas", lambda *given, **named: read.append(1) or plain(*given, **named))
    with Registry.open(tmp_path, create=True) as registry:
        registry.commit([a_site(1, demo=True)], who="t", why="t")
        app = create_app({"home": tmp_path, "demo": False, "poll_s": 3600})
        keeper = app.extensions["atlas"]
        wait_until(lambda: "演示数据" in app.test_client().get("/readyz").text)

        assert not keeper.look()
        assert len(read) == 1

        registry.remove(["s1"], who="t", why="t")
        assert keeper.look()

    assert app.test_client().get("/readyz").status_code == 200
    keeper.stop()


def test_strangers_are_not_told_where_a_registry_is_that_cannot_be_read(app, home):
    (home / "registry.sqlite").write_bytes(b"no database" * 1000)
    for rest in ("-wal", "-shm"):
        (home / f"registry.sqlite{rest}").unlink(missing_ok=True)

    answer = app.test_client().get("/api/v1/sites/s1/history")

    assert answer.status_code == 503
    assert answer.get_json()["errors"] == []
    assert str(home) not in answer.text
    assert "database" not in answer.text


def test_a_registry_that_is_made_later_is_found(tmp_path):
    app = create_app({"home": tmp_path, "poll_s": 0.1})
    assert app.test_client().get("/readyz").status_code == 503

    with Registry.open(tmp_path, create=True) as registry:
        registry.commit([a_site(1)], who="t", why="t")

    wait_until(lambda: app.test_client().get("/readyz").status_code == 200)
    app.extensions["atlas"].stop()


def test_settings_travel_to_workers_through_the_environment(tmp_path):
    from web.settings import Settings

    settings = Settings(home=tmp_path, demo=False, only="public", public_url="https://a.example/", cors_origins=("https://b", "https://c"))

    assert Settings.from_environment(settings.as_environment()) == settings
    assert Settings.from_environment({}) == Settings()


def test_landmarks_areas_and_words_laid_beside_the_registry_are_served_soon_after(app, home):
    client = app.test_client()
    assert client.get("/api/v1/search?q=某地标").get_json()["results"] == []
    shipped = places.SHIPPED.read_text("utf-8").splitlines()

    (home / "places.csv").write_text("\n".join([shipped[0], shipped[1].replace(shipped[1].split(",")[1], "某地标")]), "utf-8")

    wait_until(lambda: client.get("/api/v1/search?q=某地标").get_json()["results"])
