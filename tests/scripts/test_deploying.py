"""The shipped examples, tried: nginx before a served registry, and what systemd thinks of the units."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.scripts.conftest import Shell
from tests.scripts.test_serving import asked, free_port, waited

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "scripts" / "deploy"
HOST = "nuanxin.example.org"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
POSITION = "116.41357"


class Site:
    """A registry served by the program, with the shipped nginx configuration before it."""

    def __init__(self, folder: Path, home: Path, prefix: str) -> None:
        self.prefix, self.folder = prefix, folder
        with Shell(home).registry as registry:
            self.site_id = next(registry.sites()).id
        self.port, self.plain, self.secure = free_port(), free_port(), free_port()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={HOST}", "-addext",
                        f"subjectAltName=DNS:{HOST}", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)
        told = (DEPLOY / "nginx.conf").read_text("utf-8")
        for ours, theirs in ((r"listen (\[::\]:)?80;", f"listen 127.0.0.1:{self.plain};"),
                             (r"listen (\[::\]:)?443 ssl http2;", f"listen 127.0.0.1:{self.secure} ssl http2;"),
                             (r"/etc/nuanxin/", f"{folder}/"), (r"/var/log/nginx/", f"{folder}/"), (r"127\.0\.0\.1:8000", f"127.0.0.1:{self.port}")):
            told, count = re.subn(ours, theirs, told)
            assert count, ours
        told = re.sub(rf"(    listen 127\.0\.0\.1:{self.plain};\n)\1", r"\1", told)
        told = re.sub(rf"(    listen 127\.0\.0\.1:{self.secure} ssl http2;\n)\1", r"\1", told)
        if prefix:
            assert "    location / {" in told
            told = told.replace("    location / {", f"    location {prefix}/ {{")
        (folder / "site.conf").write_text(told, "utf-8")
        temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;\n" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/start.log;\nevents {{}}\n"
            f"http {{\n{temporary}include {folder}/site.conf;\n}}\n", "utf-8")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._nginx = subprocess.Popen([NGINX, "-e", folder / "start.log", "-c", folder / "nginx.conf", "-p", folder], **quiet)
        self._program = subprocess.Popen(
            [sys.executable, "-m", "scripts.cli", "--home", home, "serve", "--port", str(self.port), "--workers", "1"], cwd=ROOT,
            start_new_session=True, env={**os.environ, "NUANXIN_TRUSTED_PROXIES": "127.0.0.1", "NUANXIN_PATH_PREFIX": prefix}, **quiet)
        try:
            waited(120, lambda: asked(self.port, "/readyz"))
            waited(60, self._answers)
        except BaseException:
            self.stop()
            raise

    def _answers(self) -> bool:
        with suppress(OSError):
            return self.get("/healthz")[0] == 200
        return False

    def get(self, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, dict[str, list[str]], str]:
        """Ask through nginx, by https; return status, headers, text."""
        context = ssl.create_default_context(cafile=self.folder / "cert.pem")
        context.check_hostname = False
        connection = http.client.HTTPSConnection("127.0.0.1", self.secure, timeout=20, context=context)
        with closing(connection):
            connection.request(method, self.prefix + path, body=body, headers={"Host": HOST, **headers})
            reply = connection.getresponse()
            found: dict[str, list[str]] = {}
            for name, value in reply.getheaders():
                found.setdefault(name.lower(), []).append(value)
            return reply.status, found, reply.read().decode("utf-8", "replace")

    def stop(self) -> None:
        """End both, by their own numbers."""
        for process in (self._nginx, self._program):
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            process.wait(30)


@pytest.fixture(scope="module", params=["", "/nuanxin"], ids=["own host", "a path"])
def site(request, own_registry, tmp_path_factory):
    if NGINX is None or shutil.which("openssl") is None:
        pytest.skip("nginx or openssl is not installed (Debian: apt-get install nginx-light openssl)")
    folder = tmp_path_factory.mktemp("nginx")
    shutil.copytree(own_registry, folder / "home")
    running = Site(folder, Shell(folder / "home").home, request.param)
    yield running
    running.stop()


def test_every_page_and_what_it_needs_comes_through(site):
    status, headers, page = site.get("/")
    assert status == 200
    found = set(re.findall(r'(?:href|src)="(/[^"]*)"', page))
    assert len(found) > 4
    for address in found:
        assert address.startswith(site.prefix + "/")
        assert site.get(address.removeprefix(site.prefix).replace("&amp;", "&"))[0] == 200, address
    assert len(headers["content-security-policy"]) == 1
    assert len(headers["x-content-type-options"]) == 1


def test_the_program_knows_that_visitors_came_by_https_and_to_which_name(site):
    def sent_from(origin: str) -> int:
        return site.get(f"/api/v1/sites/{site.site_id}/reports", method="POST", body=b"{}", Origin=origin,
                        **{"Content-Type": "application/json"})[0]

    assert sent_from(f"https://{HOST}") == 400  # it is ours; it lacks everything else
    assert sent_from(f"http://{HOST}") == sent_from("https://another.example") == 403
    assert "Secure" in site.get(f"/sites/{site.site_id}?lang=en")[1]["set-cookie"][0]


def test_plain_http_leads_to_https(site):
    connection = http.client.HTTPConnection("127.0.0.1", site.plain, timeout=20)
    with closing(connection):
        connection.request("GET", "/x", headers={"Host": HOST})
        reply = connection.getresponse()
        assert reply.status == 301
        assert reply.getheader("Location") == f"https://{HOST}/x"


def test_its_log_has_no_query_no_address_and_no_name(site):
    site.get(f"/api/v1/nearest?lon={POSITION}&lat=39.9")
    site.get(f"/sites/{site.site_id}")
    site.get(f"/?lon={POSITION}&lat=39.9&place=x", Referer=f"https://{HOST}/?lon={POSITION}", Cookie="c00kie=1")
    waited(20, lambda: (site.folder / "nuanxin.log").read_text().count("\n") >= 3)

    told = "".join((site.folder / name).read_text("utf-8") for name in ("nuanxin.log", "nuanxin.error.log", "start.log"))

    assert f" {site.prefix}/api/v1/nearest 200 " in told
    assert f" {site.prefix}/sites/... 200 " in told
    for secret in (POSITION, "lon=", "c00kie", "127.0.0.1", site.site_id, "?"):
        assert secret not in told, secret


def test_the_operators_figures_are_for_the_operators_machines(site):
    assert site.get("/metrics")[0] == 404
    assert site.get("/readyz")[0] == 404
    direct = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    with closing(direct):
        direct.request("GET", "/metrics")
        assert direct.getresponse().status == 200


def test_only_where_spreadsheets_come_in_may_much_be_sent(site):
    large = b"x" * (600 * 1024)

    elsewhere = site.get("/api/v1/nearest", method="POST", body=large, **{"Content-Type": "application/json"})
    taken = [site.get(path, method="POST", body=large, **{"Content-Type": "text/csv"}) for path in ("/api/v1/import", "/planner/compare/points")]

    assert elsewhere[0] == 413
    assert "nginx" in elsewhere[2]
    for answer in taken:
        assert "<center>nginx" not in answer[2], answer  # the program's own answer, whatever it is


def test_an_address_of_two_hundred_proposed_sites_comes_through_and_so_does_the_way_to_it(site):
    after = "with:" + ";".join(f"116.{number:06d},39.{number:06d}" for number in range(200))

    status, headers, _ = site.get(f"/planner/compare?radius=500&before=now&after={quote(after)}")

    assert status == 303  # to sign in, and back from there
    assert len(headers["location"][0]) > 4_500


@pytest.mark.parametrize("unit", ["nuanxin.service", "nuanxin-backup.service", "nuanxin-backup.timer"])
def test_systemd_finds_nothing_wrong_with_the_units(unit, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for file in DEPLOY.glob("nuanxin*.*"):
        text = file.read_text("utf-8").replace("/opt/nuanxin/current/bin/nuanxin", "/bin/true")  # it need not be installed here
        (tmp_path / file.name).write_text(text, "utf-8")

    done = subprocess.run(["systemd-analyze", "verify", tmp_path / unit], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert unit not in done.stderr, done.stderr


def test_the_unit_lets_the_program_do_little_beside_its_work():
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", DEPLOY / "nuanxin.service"],
                          capture_output=True, text=True, check=False)
    if "--offline" in done.stderr:
        pytest.skip("this systemd-analyze judges running units only")

    assert done.returncode == 0, done.stdout.splitlines()[-1]
