"""The offline archive: what its checksums do not cover is not installed; the whole of it installs without a network."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALL = ROOT / "scripts" / "deploy" / "install.sh"
PLAIN = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


def checksums(folder: Path) -> None:
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  ./{path.relative_to(folder)}\n" for path in sorted(folder.rglob("*"))
             if path.is_file() and path.name != "SHA256SUMS"]
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8")


@pytest.fixture
def unpacked(tmp_path):
    """A folder that looks like an unpacked archive, with one empty wheel."""
    folder = tmp_path / "bundle"
    (folder / "wheels").mkdir(parents=True)
    shutil.copy(INSTALL, folder)
    (folder / "requirements.lock").write_text("", "utf-8")
    (folder / "wheels" / "nuanxin-0.1.0-py3-none-any.whl").write_bytes(b"no wheel")
    checksums(folder)
    return folder


@pytest.mark.parametrize("change", ["another byte", "a file less"])
def test_what_differs_from_its_checksums_is_not_installed(unpacked, tmp_path, change):
    wheel = next((unpacked / "wheels").iterdir())
    if change == "another byte":
        wheel.write_bytes(b"theirs!!")
    else:
        wheel.unlink()

    done = subprocess.run([unpacked / "install.sh", tmp_path / "opt"], env=PLAIN, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "nothing was installed" in done.stderr
    assert not (tmp_path / "opt").exists()


def test_an_installation_that_fails_leaves_the_one_in_use(unpacked, tmp_path):
    opt = tmp_path / "opt"
    (opt / "before").mkdir(parents=True)
    (opt / "current").symlink_to("before")

    done = subprocess.run([unpacked / "install.sh", opt], env=PLAIN, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert (opt / "current").readlink() == Path("before")
    assert sorted(path.name for path in opt.iterdir()) == ["before", "current"]


def test_no_script_of_the_archive_names_an_index():
    for script in (ROOT / "scripts" / "bundle", INSTALL):
        text = script.read_text("utf-8")
        assert "http" not in text, script
        assert "--index-url" not in text
        subprocess.run(["bash", "-n", script], check=True)
    assert INSTALL.read_text("utf-8").count("--no-index") == 2


@pytest.mark.slow
def test_the_archive_installs_without_a_network_and_answers(tmp_path):
    if not os.environ.get("TEST_BUNDLE"):
        pytest.skip("makes and installs 150 MB, two minutes; TEST_BUNDLE=1 runs it")
    if subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let a test cut itself off the network (unshare)")
    subprocess.run([ROOT / "scripts" / "bundle", tmp_path], check=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    subprocess.run(["sha256sum", "-c", f"{archive.name}.sha256"], cwd=tmp_path, check=True)
    subprocess.run(["tar", "xzf", archive], cwd=tmp_path, check=True)
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    alone = ["unshare", "-rn", "env", "-i", "PATH=/usr/bin:/bin", "LANG=C.UTF-8"]

    subprocess.run([*alone, f"PYTHON={shutil.which('python3.11')}", folder / "install.sh", tmp_path / "opt"], check=True)

    nuanxin = tmp_path / "opt" / "current" / "bin" / "nuanxin"
    for words in (["init", "--demo"], ["check"], ["nearest", "116.41", "39.91"]):
        subprocess.run([*alone, nuanxin, "--home", tmp_path / "home", *words], check=True, cwd=tmp_path)
    page = subprocess.run([*alone, nuanxin.parent / "python", "-c", f"""
from web import create_app
app = create_app({{"home": {str(tmp_path / "home")!r}}})
app.extensions["atlas"].wait(60)
client = app.test_client()
print(client.get("/").status_code, client.get("/static/0/vendor/leaflet/leaflet.js").status_code)
"""], check=True, cwd=tmp_path, capture_output=True, text=True)
    assert page.stdout.split() == ["200", "200"]
    bom = json.loads((folder / "sbom.cdx.json").read_text("utf-8"))
    named = {(part["name"].lower().replace("_", "-"), part["version"]) for part in bom["components"]}
    locked = {tuple(line.split(" ")[0].split("==")) for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines()
              if "==" in line and ";" not in line}  # what is for every system
    assert {(name.lower(), version) for name, version in locked} <= named
    assert ("leaflet", "1.9.4") in named
    assert bom["bomFormat"] == "CycloneDX"
