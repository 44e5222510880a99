"""The repository keeps the promises its documents make."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.cli import COMMANDS, group

ROOT = Path(__file__).resolve().parents[1]
ENGLISH, CHINESE = (ROOT / name for name in ("README.md", "README.zh.md"))


def lines_that_run(readme: Path) -> list[str]:
    """Return the shell lines of the block that calls `$nuanxin`."""
    blocks = re.findall(r"```sh\n(.*?)```", readme.read_text("utf-8"), re.DOTALL)
    return next(block for block in blocks if "$nuanxin" in block).strip().splitlines()[1:]


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    subprocess.run([sys.executable, "-m", "scripts.cli", "--home", str(home), "init", "--demo"], cwd=ROOT, check=True,
                   capture_output=True)
    return home


def test_the_ten_lines_of_the_readmes_run(demonstration, tmp_path):
    english, chinese = lines_that_run(ENGLISH), lines_that_run(CHINESE)
    environment = {**os.environ, "NUANXIN_HOME": str(demonstration), "PYTHONPATH": str(ROOT)}

    for line in dict.fromkeys(line for both in zip(english, chinese, strict=True) for line in both):  # what they share runs once
        done = subprocess.run(["sh", "-c", line.replace("$nuanxin", f"{sys.executable} -m scripts.cli")], cwd=tmp_path,
                              env=environment, capture_output=True, text=True, check=False)

        assert done.returncode == 0, (line, done.stderr)
        assert done.stdout or "导出" in done.stderr, line
    assert len(english) == 10


def test_every_command_is_documented():
    text = ENGLISH.read_text("utf-8")

    for name in COMMANDS:
        assert f"`nuanxin {name}" in text, name
    assert set(COMMANDS) == set(group.list_commands(None))


def test_every_public_address_is_documented(make_atlas):
    from web import create_app

    text = ENGLISH.read_text("utf-8")
    app = create_app({"atlas": make_atlas([])})

    for rule in app.url_map.iter_rules():
        shown = re.sub(r"<(?:\w+:)?(\w+)>", "<id>", rule.rule)
        if not shown.startswith(("/static", "/planner/sites/", "/planner/studies/", "/planner/compare/", "/hotline/",
                                 "/account/", "/admin/accounts/", "/admin/import/", "/admin/audit/", "/openapi",
                                 "/admin/sites/<id>/", "/admin/sites/look", "/admin/download", "/admin/search", "/admin/outlines", "/admin/places")):
            assert f"`{shown}`" in text, rule.rule


def test_both_readmes_show_the_same_picture_and_the_two_commands():
    for readme in (ENGLISH, CHINESE):
        first_screen = readme.read_text("utf-8")[:1200]
        assert "docs/finder.png" in first_screen
        assert "scripts/start" in first_screen
        assert "scripts/test" in first_screen
    assert (ROOT / "docs" / "finder.png").read_bytes()[:4] == b"\x89PNG"


def test_no_lock_file_names_a_registry():
    for lock in (*ROOT.glob("requirements*.lock"), ROOT / "web" / "package-lock.json"):
        assert "http" not in re.sub(r'"(?:funding|url|homepage)".*', "", lock.read_text("utf-8")), lock.name


def test_every_test_that_the_threat_model_names_is_there():
    text = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)

    assert len(named) > 30
    for file, name in named:
        assert f"def {name}(" in (ROOT / file).read_text("utf-8"), f"{file}::{name}"


def test_every_document_that_a_document_leads_to_is_there():
    for document in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text("utf-8")):
            assert target.startswith("http") or (document.parent / target).exists(), (document.name, target)


def test_every_command_in_the_operators_handbook_exists():
    text = (ROOT / "docs" / "operations.md").read_text("utf-8") + (ROOT / "SECURITY.md").read_text("utf-8")

    commands = set(re.findall(r"`?nuanxin(?:/current/bin/nuanxin)? (\w+)", text)) | set(re.findall(r"bin/nuanxin (\w+)", text))

    assert {"init", "backup", "restore", "check", "serve"} <= commands | {"serve"}
    assert commands - set(COMMANDS) <= {"nuanxin", "backup"}
