"""Kill, fill, lock and crowd the registry: is anything acknowledged lost, or anything half seen?

    python -m scripts.soak                                   # 200 kills, 8 writers for 60 s; some minutes
    python -m scripts.soak --kills 20 --writers 4 --seconds 5

Seeded: the same operations are killed at the same shares of their usual time. Works in a folder of its
own, which is gone afterwards. Ends with status 1 if anything was lost, half seen or refused in a trace.
"""

from __future__ import annotations

import dataclasses
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import click

from geodata import vocabulary
from geodata.registry import Registry, database
from locator.errors import Conflict, Refusal, Unavailable
from locator.sites import Site
from scripts import bench_city

SITES = 1_500
IMPORTED = 1_500
EDITED = "s00000"
ACKNOWLEDGED = "登记库第"
"""What a command says when its commit is done."""
LATER = "9999"
_MIGRATION = """
    import sqlalchemy as sa
    from alembic import op
    revision, down_revision, branch_labels, depends_on = {0!r}, {1!r}, None, None

    def upgrade():
        op.add_column("sites", sa.Column("later", sa.Text()))
        for seq in range(1, {2} + 1):
            op.execute("UPDATE sites SET later = 'x' WHERE seq = %d" % seq)
"""


def city() -> list[Site]:
    """Return seeded sites to begin with."""
    return [Site(id=f"s{n:05d}", name=f"第{n}站", kind="warm_station", lon=lon, lat=lat, opening_hours="24/7", capacity=0.0)
            for n, (lon, lat) in enumerate(bench_city.points(SITES, seed=11).tolist())]


def write_file(path: Path) -> None:
    """Write a file of new stations to import."""
    rows = [f"i{n:05d},进口{n},暖心驿站,{lon},{lat}" for n, (lon, lat) in enumerate(bench_city.points(IMPORTED, seed=12).tolist())]
    path.write_text("\n".join(["编号,名称,类别,经度,纬度", *rows]) + "\n", "utf-8")


# --- what is killed: each in a process of its own ------------------------------------------------------


def edit_for_ever(home: Path) -> None:
    """Raise one site's capacity by one, again and again; say each new value after it was acknowledged."""
    with Registry.open(home) as registry:
        while True:
            site = registry.site(EDITED)
            if site is None:
                raise SystemExit(f"{EDITED} is gone")
            value = (site.capacity or 0) + 1
            registry.commit([dataclasses.replace(site, capacity=value)], who="soak", why="one more",
                            expected_versions={site.id: site.version})
            sys.stdout.write(f"{value:.0f}\n")
            sys.stdout.flush()


def count_for(home: Path, seconds: float) -> None:
    """Do the same beside other writers, each refusal tried again; say at the end how often it was done."""
    until, done, refused = time.monotonic() + seconds, 0, Counter[str]()
    with Registry.open(home) as registry:
        while time.monotonic() < until:
            site = registry.site(EDITED)
            if site is None:
                raise SystemExit(f"{EDITED} is gone")
            try:
                registry.commit([dataclasses.replace(site, capacity=(site.capacity or 0) + 1)], who="soak", why="one more",
                                expected_versions={site.id: site.version})
                done += 1
            except (Conflict, Unavailable) as refusal:
                refused[type(refusal).__name__] += 1
    sys.stdout.write(f"{done} {refused['Conflict']} {refused['Unavailable']}\n")


def migrate(home: Path) -> None:
    """Bring the registry to a schema that this program does not have yet, row by row."""
    with tempfile.TemporaryDirectory() as folder:
        migrations = Path(folder, "migrations")
        shutil.copytree(database.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
        (migrations / "versions" / "later.py").write_text(textwrap.dedent(_MIGRATION).format(LATER, database.SCHEMA, SITES), "utf-8")
        database.MIGRATIONS, database.SCHEMA = migrations, LATER
        database.Database(home).migrate()


CHILDREN: dict[str, Callable[..., None]] = {"edit": edit_for_ever, "count": count_for, "migrate": migrate}


def child(*words: object) -> subprocess.Popen[str]:
    """Start one of `CHILDREN`, or a command of `nuanxin` with the home before it."""
    module = ["scripts.soak", "--child"] if words[0] in CHILDREN else ["scripts.cli", "--home"]
    return subprocess.Popen([sys.executable, "-m", *module, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


# --- killing -------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What was done to the registry, and what was wrong afterwards."""

    kills: Counter[str] = field(default_factory=Counter)
    landed: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def judge(self, what: str, *, right: bool) -> None:
        """Note what is not as it must be."""
        if not right:
            self.wrong.append(what)


class Ground:
    """A registry that is laid out again after every kill that landed."""

    def __init__(self, folder: Path) -> None:
        """Make the registry and the file to import."""
        self.home, self.kept, self.file = folder / "home", folder / "kept.sqlite", folder / "stations.csv"
        write_file(self.file)
        with Registry.open(self.home, create=True) as registry:
            registry.commit(city(), who="soak", why="begin")
            registry.commit([dataclasses.replace(s, name=f"{s.name}改") for s in registry.sites()], who="soak", why="to be undone")
        with closing(sqlite3.connect(self.home / database.FILE)) as source, closing(sqlite3.connect(self.kept)) as target:
            source.backup(target)

    def lay(self) -> None:
        """Lay the registry out as it was at the beginning."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.home / database.FILE}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self.kept, self.home / database.FILE)

    def sound(self) -> list[str]:
        """Return what `check` finds, and what the database itself does."""
        with Registry.open(self.home) as registry:
            return [str(finding) for finding in registry.check(vocabulary.load())]

    def seen(self) -> tuple[int, int, float]:
        """Return the version, the number of sites, and the capacity of the edited one."""
        with Registry.open(self.home) as registry:
            sites = list(registry.sites())
            return registry.version(), len(sites), next(s.capacity or 0.0 for s in sites if s.id == EDITED)


def usual_seconds(ground: Ground, kind: str) -> float:
    """Return how long an operation takes when nobody kills it."""
    ground.lay()
    began = time.perf_counter()
    process = begin(ground, kind)
    if kind == "edit":
        time.sleep(2.0)
        process.kill()
    process.communicate()
    return time.perf_counter() - began


def begin(ground: Ground, kind: str) -> subprocess.Popen[str]:
    """Start an operation."""
    if kind == "import":
        return child(ground.home, "import", ground.file, "--datum", "wgs84")
    return child(ground.home, "undo", 2) if kind == "undo" else child(kind, ground.home)


def kill_one(ground: Ground, kind: str, after_s: float, tally: Tally) -> None:
    """Kill one operation and judge what is left."""
    ground.lay()
    before = ground.seen()
    process = begin(ground, kind)
    time.sleep(after_s)
    process.kill()
    said, trace = process.communicate()
    finished = process.returncode == 0
    tally.kills[kind] += not finished
    if kind == "migrate":
        judge_migration(ground, tally, finished=finished)
        return
    after, findings = ground.seen(), ground.sound()
    tally.judge(f"{kind}: {findings[:3]}", right=not findings)
    tally.landed[kind] += not finished and after != before
    if kind == "edit":
        last = int(said.splitlines()[-1]) if said else 0
        tally.judge(f"edit: {last} was acknowledged, {after[2]:.0f} is there", right=last <= after[2] <= last + 1)
        tally.judge(f"edit: version {after[0]} after {after[2]:.0f} edits", right=after[0] == before[0] + after[2])
        return
    done = (before[0] + 1, before[1] + IMPORTED if kind == "import" else before[1], before[2])
    acknowledged = finished or ACKNOWLEDGED in trace
    tally.judge(f"{kind}: {before} became {after}", right=after == done or (after == before and not acknowledged))


def judge_migration(ground: Ground, tally: Tally, *, finished: bool) -> None:
    """Judge what a migration left: all of it, or nothing."""
    with closing(sqlite3.connect(ground.home / database.FILE)) as connection:
        [[schema]] = connection.execute("SELECT version_num FROM alembic_version")
        columns = [row[1] for row in connection.execute("PRAGMA table_info(sites)")]
        whole = schema == LATER and connection.execute("SELECT count(later) FROM sites").fetchone() == (SITES,)
    nothing = schema != LATER and "later" not in columns
    tally.judge(f"migrate: half seen, schema {schema}, columns {columns}", right=whole or (nothing and not finished))
    tally.landed["migrate"] += whole and not finished


def killed(ground: Ground, kills: int) -> Iterator[str]:
    """Kill operations in turn; yield what was wrong, then one line of figures."""
    rng, tally = random.Random(bench_city.SEED), Tally()
    kinds = ("import", "edit", "undo", "migrate")
    usual = {kind: usual_seconds(ground, kind) for kind in kinds}
    turns = count()
    with click.progressbar(length=kills, label="kill -9", file=sys.stderr) as shown:
        while (done := sum(tally.kills.values())) < kills:  # one that was faster than its murderer is no kill
            kind = kinds[next(turns) % len(kinds)]
            kill_one(ground, kind, rng.uniform(0.1, 0.98) * usual[kind], tally)
            shown.update(sum(tally.kills.values()) - done)
    yield from tally.wrong
    told = ", ".join(f"{kind} {tally.kills[kind]}" for kind in kinds)
    print(f"kill -9 at {kills} random moments ({told}): {sum(tally.landed.values())} had committed by then and are whole, "
          f"the others left nothing; {len(tally.wrong)} wrong")


# --- other adversity -----------------------------------------------------------------------------------


def crowded(ground: Ground, writers: int, seconds: float) -> Iterator[str]:
    """Let several processes raise the same number at once; yield an update that was lost."""
    ground.lay()
    before = ground.seen()
    processes = [child("count", ground.home, seconds) for _ in range(writers)]
    told = [process.communicate() for process in processes]
    for process, (_, trace) in zip(processes, told, strict=True):
        if process.returncode:
            yield f"a writer ended with {process.returncode}: {trace[-300:]}"
    counted = [[int(word) for word in said.split()] for said, _ in told if said]
    done = sum(count[0] for count in counted)
    _, _, value = ground.seen()
    if value != before[2] + done:
        yield f"{done} updates were acknowledged, {value - before[2]:.0f} are there"
    yield from (f"after the crowd: {finding}" for finding in ground.sound())
    print(f"{writers} writers for {seconds:g} s: {done} updates of one site acknowledged, {value - before[2]:.0f} there; "
          f"{sum(c[1] for c in counted)} conflicts and {sum(c[2] for c in counted)} waits refused and tried again")


def full_disk(ground: Ground, tries: int) -> Iterator[str]:
    """Import while the file may grow by a little only; yield what was written or traced all the same."""
    rng = random.Random(bench_city.SEED)
    refused = 0
    for _ in range(tries):
        ground.lay()
        before = ground.seen()
        most = (ground.home / database.FILE).stat().st_size + rng.randrange(0, 400_000)
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.cli", "--home", str(ground.home), "import", str(ground.file), "--datum", "wgs84"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda limit=most: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))  # type: ignore[misc]
        _, said = process.communicate()
        refused += process.returncode == 1
        if "Traceback" in said or (process.returncode and ground.seen() != before):
            yield f"a full disk: status {process.returncode}: {said[-300:]}"
        yield from (f"after a full disk: {finding}" for finding in ground.sound())
    print(f"full disk at {tries} sizes: {refused} imports refused in words, the registry as it was")


def locked(ground: Ground) -> Iterator[str]:
    """Write while another holds the database; yield what came of it but a refusal."""
    ground.lay()
    before = ground.seen()
    with closing(sqlite3.connect(ground.home / database.FILE, isolation_level=None)) as holder, Registry.open(ground.home) as registry:
        holder.execute("BEGIN IMMEDIATE")
        began = time.perf_counter()
        try:
            registry.commit([Site(id="new", name="新", kind="warm_station")], who="soak", why="while locked")
            yield "a commit went through a lock"
        except Refusal as refusal:
            print(f"locked database: refused after {time.perf_counter() - began:.1f} s: {refusal.sentence('en')}")
        holder.execute("ROLLBACK")
    if ground.seen() != before:
        yield "a locked database was written"


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--kills", default=200, show_default=True)
@click.option("--writers", default=8, show_default=True)
@click.option("--seconds", default=60.0, show_default=True, help="Of the writers.")
@click.option("--disks", default=10, show_default=True, help="Sizes of a full disk.")
@click.option("--child", "child_words", is_flag=True, hidden=True)
@click.argument("words", nargs=-1)
def main(kills: int, writers: int, seconds: float, disks: int, *, child_words: bool, words: tuple[str, ...]) -> None:
    """Run every section; name what was wrong."""
    if child_words:
        CHILDREN[words[0]](Path(words[1]), *map(float, words[2:]))
        return
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        ground = Ground(Path(folder))
        wrong = [*killed(ground, kills), *crowded(ground, writers, seconds), *full_disk(ground, disks), *locked(ground)]
    if wrong:
        raise click.ClickException("\n".join(wrong))


if __name__ == "__main__":
    main()
