"""A registry of a few own sites, and the command line run inside this process."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from geodata.registry import Registry
from scripts.cli import group

HEADERS = ("编号", "名称", "类别", "经度", "纬度", "地址", "开放时间", "服务对象", "设施")
ROWS = (
    ("a1", "前门暖心驿站", "暖心驿站", "116.400", "39.900", "前门大街1号", "24/7", "户外劳动者", "热水、厕所"),
    ("a2", "和平里母婴关爱室", "母婴关爱室", "116.410", "39.950", "和平里中街2号", "Mo-Su 08:00-20:00", "所有人", "热水"),
    ("a3", "=cmd|' /C calc'!A0", "暖心驿站", "116.420", "39.900", "第一行\n第二行", "Mo-Fr 09:00-17:00", "户外劳动者", "微波炉"),
    ("a4", "望京暖心驿站", "暖心驿站", "116.480", "40.000", "望京街4号", "", "会员", "厕所"),
)


def write_csv(path: Path, rows: Sequence[Sequence[object]] = ROWS, headers: Sequence[str] = HEADERS) -> Path:
    """Write a spreadsheet of stations; return its path."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([headers, *rows])
    return path


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NUANXIN_HOME", "NUANXIN_DATABASE", "NUANXIN_LANGUAGE", "NUANXIN_TRACEBACK", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


class Shell:
    """Runs commands over one home inside this process, as `scripts.cli.main` would."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *words: str, home: Path | None = None) -> Result:
        done = CliRunner().invoke(group, ["--home", str(home or self.home), *words])
        assert "Traceback" not in done.output
        return done

    def answer(self, *words: str) -> Any:
        """Return the JSON answer of a command that succeeds."""
        done = self(*words, "--format", "json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    @property
    def registry(self) -> Registry:
        return Registry.open(self.home)

    def version(self) -> int:
        with self.registry as registry:
            return registry.version()


@pytest.fixture(scope="session")
def empty_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("empty") / "home"
    assert Shell(home)("init").exit_code == 0
    return home


@pytest.fixture(scope="session")
def own_registry(empty_registry: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    home = folder / "home"
    shutil.copytree(empty_registry, home)
    done = Shell(home)("import", str(write_csv(folder / "stations.csv")), "--datum", "wgs84")
    assert done.exit_code == 0, done.output
    return home


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[Path], Shell]:
    def copy(home: Path) -> Shell:
        shutil.copytree(home, tmp_path / "home")
        return Shell(tmp_path / "home")

    return copy


@pytest.fixture
def empty(copied: Callable[[Path], Shell], empty_registry: Path) -> Shell:
    """A registry without sites, of this test alone."""
    return copied(empty_registry)


@pytest.fixture
def own(copied: Callable[[Path], Shell], own_registry: Path) -> Shell:
    """A registry of four own sites, of this test alone."""
    return copied(own_registry)


@pytest.fixture(scope="session")
def asked(own_registry: Path) -> Shell:
    """The same registry, for tests that only ask."""
    return Shell(own_registry)
