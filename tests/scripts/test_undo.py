"""`nuanxin undo`: a whole import taken back, or refused with the sites in its way."""

from __future__ import annotations

from tests.scripts.conftest import ROWS, write_csv


def addresses(shell):
    with shell.registry as registry:
        return {site.station_code: site.address for site in registry.sites()}


def imported(shell, path, rows):
    done = shell("import", str(write_csv(path, rows)), "--datum", "wgs84")
    assert done.exit_code == 0, done.output


def test_an_import_is_taken_back_whole_and_the_undo_too(own, tmp_path):
    before = addresses(own)
    imported(own, tmp_path / "s.csv", [(*ROWS[0][:5], "前门大街9号", *ROWS[0][6:]), ("a9", "新站", *ROWS[1][2:])])
    after = addresses(own)

    done = own("undo", "2", "--why", "传错了文件")
    undone = addresses(own)
    own("undo", "3")

    assert done.exit_code == 0, done.output
    assert "1 removed, 1 changed back, 0 reinstated; registry version 3" in done.stdout
    assert undone == before
    assert addresses(own) == after
    assert own("check").exit_code == 0


def test_an_import_that_somebody_has_worked_on_since_is_not_taken_back(own, tmp_path):
    imported(own, tmp_path / "s.csv", [(*ROWS[0][:5], "前门大街9号", *ROWS[0][6:])])

    done = own("undo", "1")

    assert done.exit_code == 1
    assert "前门暖心驿站" in done.stderr
    assert "nothing was written" in done.stderr
    assert own.version() == 2


def test_without_a_version_the_latest_commits_are_listed(own):
    own("undo", "1")

    listed = own("--language", "en", "undo").stdout.splitlines()

    assert listed[2].split()[0] == "2"
    assert "removed 4, undoes version 1" in listed[2] or "undoes version 1, removed 4" in listed[2]
    assert "import stations.csv" in listed[3]
    assert "新增4" in own("--language", "zh", "undo").stdout


def test_there_is_nothing_to_list_in_an_empty_registry(empty):
    assert "Nothing" in empty("--language", "en", "undo").stdout


def test_a_version_that_never_was_is_refused(own):
    done = own("undo", "7")

    assert done.exit_code == 1
    assert "7" in done.stderr
