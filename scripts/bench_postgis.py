"""A throwaway PostGIS to measure beside: its own cluster, its own folder, a Unix socket and no port.

Needs Debian's postgresql and its postgis extension, and psycopg; says so where they are missing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from locator.arrays import Bits, LonLat, Metres, Rows

_HERE = "ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography"
BARE = f"SELECT row, geog <-> {_HERE} FROM site ORDER BY geog <-> {_HERE} LIMIT 10"
FILTERED = (f"SELECT row, geog <-> {_HERE} FROM site WHERE kind = %s AND water AND open "
            f"ORDER BY geog <-> {_HERE} LIMIT 10")


class Missing(Exception):
    """PostGIS or psycopg is not installed here."""


def programs() -> Path:
    """Return the folder of the newest PostgreSQL server that has PostGIS.

    Raises:
        Missing: If there is none.
    """
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        shares = Path("/usr/share/postgresql") / folder.parent.name / "extension/postgis.control"
        if (folder / "initdb").exists() and shares.exists():
            return folder
    raise Missing("PostGIS is not installed (Debian: postgresql postgresql-15-postgis-3)")


@contextlib.contextmanager
def cluster() -> Iterator[Any]:
    """Yield a psycopg connection to a new, empty cluster with PostGIS; it is gone afterwards.

    Root may not run PostgreSQL, so then it runs as the user postgres.
    """
    try:
        import psycopg
    except ImportError as error:
        raise Missing("psycopg is not installed") from error
    folder, user = programs(), "postgres" if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="bench-postgis-"))
    try:
        if user:
            shutil.chown(home, user, user)
        who: dict[str, Any] = {"user": user, "group": user, "extra_groups": [], "cwd": home}
        subprocess.run([folder / "initdb", "-D", home / "data", "-A", "trust", "-U", "bench", "-E", "UTF8", "--locale", "C"],
                       check=True, stdout=subprocess.DEVNULL, **who)
        options = {"listen_addresses": "", "unix_socket_directories": str(home), "shared_buffers": "512MB",
                   "jit": "off", "max_parallel_workers_per_gather": "0", "random_page_cost": "1.1", "autovacuum": "off"}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen([folder / "postgres", "-D", home / "data", *settings], stdout=log, stderr=log, **who)
        try:
            with _connected(psycopg, home, server) as connection:
                connection.execute("CREATE EXTENSION postgis")
                yield connection
        finally:
            server.send_signal(signal.SIGINT)  # a fast shutdown
            server.wait(timeout=60)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _connected(psycopg: Any, home: Path, server: subprocess.Popen[bytes]) -> Any:
    import time

    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError((home / "log").read_text(errors="replace"))
        with contextlib.suppress(psycopg.OperationalError):
            return psycopg.connect(host=str(home), user="bench", dbname="postgres", autocommit=True)
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start within 30 s")


def fill(connection: Any, lonlat: LonLat, *, kinds: Sequence[str], water: Bits, is_open: Bits) -> None:
    """Put n sites into a fresh table with a GiST index on their geography, and let the planner know it."""
    connection.execute("DROP TABLE IF EXISTS site")
    connection.execute("CREATE TABLE site (row int PRIMARY KEY, kind text, water bool, open bool, geog geography(Point, 4326))")
    with connection.cursor().copy("COPY site FROM STDIN") as copy:
        for row, (point, kind) in enumerate(zip(lonlat.tolist(), kinds, strict=True)):
            copy.write_row((row, kind, bool(water[row]), bool(is_open[row]), f"SRID=4326;POINT({point[0]} {point[1]})"))
    connection.execute("CREATE INDEX ON site USING gist (geog)")
    connection.execute("VACUUM ANALYZE site")


def nearest(connection: Any, lon: float, lat: float, *, kind: str | None) -> tuple[list[int], list[float]]:
    """Return the ten rows PostGIS finds nearest, and its metres: prepared after the first few, binary results."""
    if kind is None:
        cursor = connection.execute(BARE, (lon, lat, lon, lat), prepare=True, binary=True)
    else:
        cursor = connection.execute(FILTERED, (lon, lat, kind, lon, lat), prepare=True, binary=True)
    found = cursor.fetchall()
    return [row for row, _ in found], [metres for _, metres in found]


def differs(theirs: tuple[list[int], list[float]], ours: tuple[Rows, Metres]) -> bool:
    """Return whether two answers are not the same ten sites in the same order, ties aside.

    PostGIS ranks geography by `<->` on a sphere, so its metres are off by up to 0.3 % and some of
    its orders by a rank.
    """
    rows, metres = ours
    return theirs[0] != rows.tolist() and bool((np.diff(metres) > 1e-3).all())
