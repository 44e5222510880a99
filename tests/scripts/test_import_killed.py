"""A real server whose processes are killed in the middle of an import: it is told, nothing is half done, it can be run again."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.scripts.conftest import HEADERS, write_csv
from tests.scripts.test_serving import asked, free_port

ROOT = Path(__file__).resolve().parents[2]
STATIONS = 8_000
WAIT_S = 120


@pytest.fixture
def server(own):
    """Serve `own` by two workers; give the port, the server's process, and a token of the city's for importing."""
    now = datetime.now(UTC)
    with own.registry as registry:
        registry.accounts.add("city", display="city", role="city", area="110000", by="test", at=now)
        token = registry.tokens.add(registry.accounts.named("city"), label="test", scope="import", area=None, until=now + timedelta(days=1), at=now)
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "scripts.cli", "--home", str(own.home), "serve", "--port", str(port), "--workers", "2"],
                               cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        waited(lambda: asked(port, "/readyz"))
        yield port, process, token
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def waited(found):
    until = time.monotonic() + WAIT_S
    while not (answer := found()):
        assert time.monotonic() < until, found
        time.sleep(0.02)
    return answer


def ask(server, path, body=None, kind="application/x-www-form-urlencoded"):
    """Return the page at an address, or that a form leads to; empty while no worker answers."""
    port, _, token = server
    headers = {"Authorization": f"Bearer {token}", **({"Content-Type": kind} if body else {})}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers)
    with contextlib.suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(request, timeout=30) as reply:
        return reply.geturl().partition(str(port))[2], reply.read().decode()
    return "", ""


def upload(server, tmp_path):
    rows = [(f"k{i}", f"第{i}站", "暖心驿站", f"{116.3 + i / 1e5:.5f}", "39.9", f"{i}号", "24/7", "户外劳动者", "热水") for i in range(STATIONS)]
    body = write_csv(tmp_path / "many.csv", rows, HEADERS).read_bytes()
    whole = (b'--x\r\nContent-Disposition: form-data; name="file"; filename="many.csv"\r\n\r\n' + body + b"\r\n--x--\r\n")
    address, _ = ask(server, "/admin/import", whole, "multipart/form-data; boundary=x")
    return re.match(r"/admin/import/\w+", address)[0]


def children(process):
    """Return the workers of a server."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(pid) for pid in listed if b"job_process" not in Path(f"/proc/{pid}/cmdline").read_bytes()]


def job_at(home, step):
    """Return the process of the job that is at a step just now; None where there is none."""
    for path in (home / "jobs").glob("*/job.json"):
        said = json.loads(path.read_text())
        if said["state"] == "running" and said["step"][1] == step:
            for found in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    if said["id"].encode() in found.read_bytes():
                        return int(found.parent.name)
    return None


def send(server, path, form):
    thread = threading.Thread(target=ask, args=(server, path, form.encode()))
    thread.start()
    return thread


def at(server, address, *, has):
    """Wait until an import's page says something; return it."""
    return waited(lambda: (found := ask(server, address)[1]) and re.search(has, found) and found)


def test_killed_workers_do_not_stop_an_import_and_a_killed_job_says_so_and_can_be_run_again(own, server, tmp_path):
    version, (_, process, _) = own.version(), server
    address = upload(server, tmp_path)

    # every worker dies while the rows are read: the work goes on, and new workers tell of it
    sending = send(server, f"{address}/mapping", "revision=0&do=read&match=new")
    waited(lambda: job_at(own.home, "checking the rows"))
    for worker in children(process):
        os.kill(worker, signal.SIGKILL)
    sending.join()
    at(server, address, has="这些坐标是哪个坐标系")

    # the reading itself is killed
    sending = send(server, f"{address}/evidence", "revision=1&datum=wgs84")
    os.kill(waited(lambda: job_at(own.home, "checking the rows")), signal.SIGKILL)
    sending.join()
    at(server, address, has="中断了")
    send(server, f"{address}/again", "revision=2").join()
    at(server, address, has="可以导入了")

    # the commit is killed
    sending = send(server, f"{address}/commit", "revision=2&reason=kill")
    os.kill(waited(lambda: job_at(own.home, "writing")), signal.SIGKILL)
    sending.join()
    told = at(server, address, has="中断了|导入完成")
    if "中断了" in told:
        assert own.version() in (version, version + 1)  # it may have died after its last word
        send(server, f"{address}/again", "revision=2").join()
    told = at(server, address, has="导入完成")

    assert f"<dd>{STATIONS:,}</dd>" in told
    assert own.version() == version + 1
    with own.registry as registry:
        assert sum(site.name.startswith("第") for site in registry.sites()) == STATIONS
    assert own("check").exit_code == 0


def test_an_upload_of_200_mb_is_refused_without_being_read(server):
    port, process, token = server
    asked(port, "/readyz")
    before_kb = [memory_kb(worker) for worker in children(process)]
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(f"POST /admin/import HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Length: {200 << 20}\r\n"
                           "Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode())
        with contextlib.suppress(ConnectionError):  # the server hangs up on a sender who goes on
            while sent < 200 << 20:
                sent += connection.send(b"x" * 65536)
        answer = connection.recv(1000)

    assert b" 413 " in answer.partition(b"\r\n")[0]
    assert sent < 20 << 20
    assert all(memory_kb(worker) - was < 64 << 10 for worker, was in zip(children(process), before_kb, strict=True))


def memory_kb(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])
