"""The soak itself, short: killed, crowded, on a full disk and locked, the registry loses nothing."""

from __future__ import annotations

from click.testing import CliRunner

from scripts import soak


def test_a_registry_that_is_killed_crowded_filled_and_locked_loses_nothing():
    done = CliRunner().invoke(soak.main, ["--kills", "4", "--writers", "3", "--seconds", "1", "--disks", "1"])

    assert done.exit_code == 0, done.output
    assert "kill -9 at 4 random moments" in done.output
    assert "0 wrong" in done.output


def test_a_lost_update_would_be_told(tmp_path):
    tally = soak.Tally()
    ground = soak.Ground(tmp_path)

    tally.judge("edit: 7 was acknowledged, 6 is there", right=False)
    soak.judge_migration(ground, tally, finished=True)  # it never ran, and calls itself finished

    assert [wrong.split(":")[0] for wrong in tally.wrong] == ["edit", "migrate"]
