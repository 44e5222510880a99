"""`nuanxin serve`: who may be served what, and that it serves, notices edits and stops."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import a_site
from tests.scripts.conftest import write_csv

ROOT = Path(__file__).resolve().parents[2]


class _Server:
    """Stands for granian: remembers how it was started."""

    started: dict

    def __init__(self, target, **options):
        from web.settings import Settings

        type(self).started = {"target": target, **options, "settings": Settings.from_environment()}

    def serve(self):
        """Serve nobody."""


@pytest.fixture
def started(monkeypatch):
    """Start nothing: what would have been started is in `_Server.started`."""
    monkeypatch.setattr("granian.server.Server", _Server)
    monkeypatch.setattr(os, "environ", os.environ.copy())
    _Server.started = {}
    return _Server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def with_demo(own):
    with own.registry as registry:
        registry.commit([dataclasses.replace(a_site(9), demo=True)], who="test", why="demo")
    return own


def test_strangers_are_not_served_demonstration_records(with_demo, started):
    done = with_demo("serve", "--host", "0.0.0.0", "--port", str(free_port()))

    assert done.exit_code == 1
    assert "--demo" in done.stderr
    assert not started.started


def test_strangers_are_served_demonstration_records_when_told_so(with_demo, started):
    assert with_demo("serve", "--host", "0.0.0.0", "--port", str(free_port()), "--demo").exit_code == 0
    assert started.started["settings"].demo


def test_strangers_are_served_own_sites_but_never_demonstrations_that_come_later(own, started):
    assert own("serve", "--host", "0.0.0.0", "--port", str(free_port())).exit_code == 0
    assert not started.started["settings"].demo


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_this_machine_alone_may_see_demonstrations(with_demo, started, host):
    done = with_demo("serve", "--host", host, "--port", str(free_port()), "--workers", "3", "--only", "public")

    assert done.exit_code == 0, done.output
    settings = started.started["settings"]
    assert settings.demo
    assert settings.only == "public"
    assert settings.home == with_demo.home
    assert started.started["target"] == "web:create_app"
    assert started.started["factory"]
    assert started.started["workers"] == 3
    assert not started.started["log_access"]


def test_the_address_for_the_public_reaches_the_workers(own, started, monkeypatch):
    monkeypatch.setenv("NUANXIN_PUBLIC_URL", "https://stations.example")

    assert own("serve", "--port", str(free_port())).exit_code == 0

    assert started.started["settings"].public_url == "https://stations.example"


def test_a_port_in_use_is_one_clear_message(own, started):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        done = own("serve", "--port", str(taken.getsockname()[1]))

    assert done.exit_code == 1
    assert "the port is in use" in done.stderr
    assert not started.started


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7", "x" * 300, ""])
def test_a_host_that_is_not_this_machine_is_refused(own, started, host):
    done = own("serve", "--host", host, "--port", str(free_port()))

    assert done.exit_code == 1
    assert "--host" in done.stderr
    assert not started.started


@pytest.mark.parametrize("words", [("--port", "0"), ("--port", "70000"), ("--workers", "0"), ("--only", "nobody")])
def test_wrong_usage_serves_nobody(own, started, words):
    assert own("serve", *words).exit_code == 2
    assert not started.started


def test_without_a_registry_nobody_is_served(own, started, tmp_path):
    assert own("serve", home=tmp_path / "none").exit_code == 1
    assert not started.started


def asked(port: int, path: str):
    """Return the JSON answer, None while there is none."""
    with contextlib.suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(
            f"http://127.0.0.1:{port}{path}", timeout=5) as reply:
        return json.load(reply)
    return None


def registered(port: int, token: str, site: dict):
    """Return the record that the API makes of a new site."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/sites", json.dumps(site).encode(),
                                     {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)


def waited(seconds: float, until) -> None:
    """Wait until something is so; it may take long on a busy machine."""
    begun = time.perf_counter()
    while not until():
        assert time.perf_counter() - begun < seconds, "it never was so"
        time.sleep(0.05)


def test_two_workers_serve_notice_an_import_and_an_edit_and_stop_when_told(own, tmp_path):
    port, now = free_port(), datetime.now(UTC)
    with own.registry as registry:
        registry.accounts.add("li", display="李", role="city", area="110000", by="test", at=now)
        token = registry.tokens.add(registry.accounts.named("li"), label="t", scope="write", area=None, until=now + timedelta(days=1), at=now)
    nearby = "/api/v1/nearest?lon=116.4&lat=39.9&k=1"
    process = subprocess.Popen([sys.executable, "-m", "scripts.cli", "--home", str(own.home), "serve", "--port", str(port),
                                "--workers", "2"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               start_new_session=True)
    try:
        waited(120, lambda: asked(port, "/healthz"))
        waited(120, lambda: all(asked(port, "/readyz") for _ in range(8)))  # both workers
        assert asked(port, nearby)["features"][0]["properties"]["name"] == "前门暖心驿站"
        file = write_csv(tmp_path / "new.csv", [("n1", "新站", "暖心驿站", "116.40001", "39.9", "", "24/7", "", "")])

        assert own("import", str(file), "--datum", "wgs84").exit_code == 0
        version = own.version()
        # two seconds on an idle machine; several questions, so that both workers are asked
        waited(120, lambda: all((asked(port, "/readyz") or {}).get("version") == version for _ in range(8)))

        assert len(asked(port, nearby.replace("k=1", "k=2"))["features"]) == 2
        edited = registered(port, token, {"name": "刚登记的站", "kind": "warm_station", "lon": 116.40002, "lat": 39.9, "status": "active"})
        waited(120, lambda: all((asked(port, "/readyz") or {}).get("version") == edited["version"] for _ in range(8)))
        assert len(asked(port, nearby.replace("k=1", "within=5"))["features"]) == 3
        process.send_signal(signal.SIGTERM)
        answered, said = process.communicate(timeout=30)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its workers too: an orphan would hold the pipe open
        process.communicate()
    assert process.returncode == 0, said
    assert answered == ""
    assert f"http://127.0.0.1:{port}" in said
    assert "116.4" not in said  # nobody's position is logged
    assert "Traceback" not in said
    assert asked(port, "/healthz") is None


def test_a_settings_file_reaches_the_workers(own, started):
    (own.home / "settings.toml").write_text('only = "public"\npath_prefix = "/nuanxin"\n', "utf-8")

    done = own("serve", "--port", str(free_port()))

    assert done.exit_code == 0, done.output
    assert started.started["settings"].path_prefix == "/nuanxin"
    assert started.started["settings"].only == "public"
    assert "/nuanxin" in done.stderr


@pytest.mark.parametrize(("name", "value"), [("NUANXIN_TRUSTED_PROXY", "127.0.0.1"), ("NUANXIN_LOG_LEVEL", "loud")])
def test_a_setting_that_is_none_or_will_not_do_serves_nobody(own, started, monkeypatch, name, value):
    monkeypatch.setenv(name, value)

    done = own("serve", "--port", str(free_port()))

    assert done.exit_code == 1
    assert name in done.stderr or "log_level" in done.stderr
    assert not started.started


@pytest.mark.parametrize("setting", [{"NUANXIN_TRUSTED_PROXIES": "127.0.0.1"}, {"NUANXIN_PUBLIC_URL": "https://a.example"}])
def test_behind_a_proxy_strangers_come_from_this_machine_and_see_no_demonstrations(with_demo, started, monkeypatch, setting):
    for name, value in setting.items():
        monkeypatch.setenv(name, value)

    assert with_demo("serve", "--port", str(free_port())).exit_code == 1
    assert not started.started
    assert with_demo("serve", "--port", str(free_port()), "--demo").exit_code == 0


def test_certificates_that_cannot_be_used_serve_nobody(own, started, monkeypatch, tmp_path):
    for name in ("certificate", "key"):
        (tmp_path / name).write_text("no certificate", "utf-8")
        monkeypatch.setenv(f"NUANXIN_TLS_{name.upper()}", str(tmp_path / name))

    done = own("serve", "--port", str(free_port()))

    assert done.exit_code == 1
    assert "tls_certificate" in done.stderr
    assert not started.started


def test_https_is_served_with_the_operators_certificate(own, tmp_path):
    import shutil
    import ssl

    if not shutil.which("openssl"):
        pytest.skip("there is no openssl on this machine to make a certificate with")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"], check=True, capture_output=True)
    port, trusting = free_port(), ssl.create_default_context(cafile=tmp_path / "cert.pem")
    process = subprocess.Popen([sys.executable, "-m", "scripts.cli", "--home", str(own.home), "serve", "--port", str(port), "--workers", "1"],
                               cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                               env={**os.environ, "NUANXIN_TLS_CERTIFICATE": str(tmp_path / "cert.pem"),
                                    "NUANXIN_TLS_KEY": str(tmp_path / "key.pem")})

    def answered() -> bool:
        with contextlib.suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(
                f"https://127.0.0.1:{port}/healthz", timeout=5, context=trusting) as reply:
            return reply.status == 200
        return False

    try:
        waited(120, answered)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_the_workers_counts_come_together_and_their_lines_are_json(own):
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "scripts.cli", "--home", str(own.home), "serve", "--port", str(port), "--workers", "2"],
                               cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
                               env={**os.environ, "NUANXIN_LOG_REQUESTS": "1"})

    def told() -> str:
        # a connection that the killed worker held is reset
        with contextlib.suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(
                f"http://127.0.0.1:{port}/metrics", timeout=5) as reply:
            return reply.read().decode()
        return ""

    def counts(name: str) -> list[float]:
        return [float(line.rpartition(" ")[2]) for line in told().splitlines() if line.startswith(name)]

    try:
        waited(120, lambda: asked(port, "/healthz"))
        waited(120, lambda: len(counts("nuanxin_atlas_version{")) == 2)  # both workers have their atlas
        for _ in range(40):
            assert asked(port, "/api/v1/nearest?lon=116.41357&lat=39.9")
        # whichever worker is asked, it tells of all
        assert {counts('nuanxin_requests_total{route="/api/v1/nearest",status="200"}')[0] for _ in range(6)} == {40.0}
        workers = {int(pid) for line in told().splitlines() if line.startswith("nuanxin_atlas_version{") for pid in [line.split('"')[1]]}

        killed = workers.pop()
        os.kill(killed, signal.SIGKILL)
        waited(120, lambda: f'"{killed}"' not in told() and len(counts("nuanxin_atlas_version{")) == 2)
        assert counts('nuanxin_requests_total{route="/api/v1/nearest",status="200"}') == [40.0]
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert sum(line.get("route") == "/api/v1/nearest" for line in lines) == 40
    assert "116.41357" not in said
    assert [line for line in said.splitlines() if not line.startswith(("{", "http://127.0.0.1"))] == []
