"""Measure the web edge: nearest-10 with filters beside a no-op JSON route of the same application.

    python -m scripts.bench_http                         # 10,000 and 200,000 sites
    python -m scripts.bench_http --sites 10000 --seconds 2

Starts `nuanxin serve` with two workers on a free loopback port over a temporary registry, asks both
routes in turn from the same client, and compares requests a second; then the memory of each worker.
Seeded: the sites and the questions are the same in every run. The client is wrk where it is
installed; otherwise one in Python, which is slower than the server and flatters the ratio.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import click

from geodata.registry import Registry
from locator.sites import Site
from scripts import bench_city

CONNECTIONS = 16
QUESTIONS = 5_000
FILTERS = "kind=warm_station&facility=water&state=open"
"""Open now, has water, a kind: what some 6 % of the sites below pass."""
_KINDS = ("warm_station", "mother_baby_room", "union_service_station", "workers_home")
_LUA = """
local paths = {}
for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
local n = 0
request = function()
  n = n % #paths + 1
  return wrk.format("GET", paths[n])
end
local wrong = 0
response = function(status) if status ~= 200 then wrong = wrong + 1 end end
"""


def hours(rng: random.Random) -> list[str]:
    """Return 500 distinct opening expressions of which about half are open at any minute of the day."""
    found: set[str] = set()
    while len(found) < 500:
        start, length = rng.randrange(0, 24 * 60, 5), rng.randrange(8 * 60, 16 * 60, 5)
        end = (start + length) % (24 * 60)
        found.add(f"Mo-Su {start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}")
    return sorted(found)


def city(count: int) -> list[Site]:
    """Return a seeded synthetic city of sites."""
    rng = random.Random(bench_city.SEED)
    expressions = hours(rng)
    return [Site(
        id=f"b{number:06d}", name=f"第{number}号站点", kind=rng.choice(_KINDS), lon=lon, lat=lat,
        address=f"某区某街道某某路 {rng.randrange(1, 400)} 号", opening_hours=rng.choice(expressions),
        eligibility=rng.choice((None, "everyone", "outdoor_workers")),
        facilities={code: "yes" for code in ("water", "hot_water", "toilet", "microwave", "wifi", "charging") if rng.random() < 0.5})
        for number, (lon, lat) in enumerate(bench_city.points(count, seed=1).tolist())]


def questions() -> list[str]:
    """Return the paths asked: seeded positions, the same filters."""
    return [f"/api/v1/nearest?lon={lon:.6f}&lat={lat:.6f}&k=10&{FILTERS}"
            for lon, lat in bench_city.points(QUESTIONS, seed=2).tolist()]


class Served:
    """`nuanxin serve` with two workers on a free loopback port, until the block ends."""

    def __init__(self, home: Path) -> None:
        """Take the home of a registry."""
        self._home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def __enter__(self) -> Served:
        command = [sys.executable, "-m", "scripts.cli", "--home", str(self._home), "serve", "--port", str(self.port), "--workers", "2"]
        self._server = subprocess.Popen(command, env={**os.environ, "NUANXIN_NOOP": "1"}, stdout=subprocess.DEVNULL)
        began = time.perf_counter()
        while time.perf_counter() - began < 180:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                    break
            except OSError:
                time.sleep(0.2)
        time.sleep(3)  # both workers, not only the one that answered
        self.start_s = time.perf_counter() - began - 3
        return self

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait(20)

    def workers(self) -> list[tuple[float, float]]:
        """Return (resident, proportional) megabytes of each worker."""
        children = Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children").read_text().split()
        sizes = []
        for pid in children:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            resident, proportional = (_number(rf"^{name}:\s+(\d+)", text) / 1024 for name in ("Rss", "Pss"))
            if resident > 60:  # not the tracker of shared resources
                sizes.append((resident, proportional))
        return sizes


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text, re.MULTILINE | re.IGNORECASE)
    if found is None:
        raise click.ClickException(f"no {pattern} in:\n{text}")
    return float(found[1])


def ask_with_wrk(port: int, paths: list[str], seconds: float) -> float:
    """Return requests a second by wrk, one thread."""
    with tempfile.TemporaryDirectory() as folder:
        lua, listed = Path(folder, "ask.lua"), Path(folder, "paths")
        lua.write_text(_LUA)
        listed.write_text("\n".join(paths))
        told = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "-s", str(lua), f"http://127.0.0.1:{port}"],
                              env={**os.environ, "PATHS": str(listed)}, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told:
        raise click.ClickException(f"wrk met refusals:\n{told}")
    return _number(r"Requests/sec:\s+([\d.]+)", told)


def ask_with_python(port: int, paths: list[str], seconds: float) -> float:
    """Return requests a second by as many keep-alive connections of asyncio."""

    async def connection(first: int, until: float) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        asked = 0
        while time.perf_counter() < until:
            path = paths[(first + asked * CONNECTIONS) % len(paths)]
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            if " 200 " not in head.split("\r\n", 1)[0]:
                raise click.ClickException(head)
            await reader.readexactly(int(_number(r"content-length: (\d+)", head)))
            asked += 1
        writer.close()
        return asked

    async def everybody() -> int:
        until = time.perf_counter() + seconds
        return sum(await asyncio.gather(*(connection(n, until) for n in range(CONNECTIONS))))

    return asyncio.run(everybody()) / seconds


@click.command()
@click.option("--sites", multiple=True, type=int, default=(10_000, 200_000), show_default=True)
@click.option("--seconds", type=float, default=4.0, show_default=True, help="Of each round and route.")
@click.option("--rounds", type=int, default=5, show_default=True)
def main(sites: tuple[int, ...], seconds: float, rounds: int) -> None:
    """Measure, and print one line a size."""
    ask = ask_with_wrk if shutil.which("wrk") else ask_with_python
    print("client: wrk" if ask is ask_with_wrk else "client: Python, for wrk is not installed (Debian: apt install wrk); "
          "it is slower than the server, so both rates are low and the ratio is flattered")
    for count in sites:
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            with Registry.open(Path(folder), create=True) as registry:
                registry.commit(city(count), who="bench", why="synthetic city")
            print(f"{count:,} sites: registry made in {time.perf_counter() - began:.0f} s", flush=True)
            with Served(Path(folder)) as server:
                rates: dict[str, list[float]] = {"noop": [], "nearest": []}
                routes = {"noop": ["/api/v1/noop"], "nearest": questions()}
                for paths in routes.values():
                    ask(server.port, paths, 2)  # warm
                for _ in range(rounds):
                    for route, paths in routes.items():
                        rates[route].append(ask(server.port, paths, seconds))
                noop, nearest = (statistics.median(rates[route]) for route in ("noop", "nearest"))
                ratio = statistics.median(b / a for a, b in zip(rates["noop"], rates["nearest"], strict=True))
                memory = ", ".join(f"{rss:.0f} MB (shared pages divided: {pss:.0f})" for rss, pss in server.workers())
                print(f"{count:,} sites, 2 workers, {CONNECTIONS} connections: no-op {noop:,.0f}/s, nearest-10 with filters "
                      f"{nearest:,.0f}/s, ratio {ratio:.2f} (target 0.5); ready in {server.start_s:.1f} s; workers {memory} "
                      "(target 350 MB)", flush=True)


if __name__ == "__main__":
    main()
