"""`nuanxin redact`: a value taken out of everything the home holds."""

from __future__ import annotations

from dataclasses import replace


def test_a_redacted_field_is_gone_and_backups_are_spoken_of(own):
    with own.registry as registry:
        first = next(registry.sites())
        registry.commit([replace(first, manager_phone="13912345678")], who="t", why="t")

    done = own("redact", first.id, "manager_phone", "--why", "本人要求")

    assert done.exit_code == 0, done.output
    assert "备份" in done.stdout
    assert "13912345678" not in done.output
    assert own("check").exit_code == 0
    assert not any(b"13912345678" in path.read_bytes() for path in own.home.rglob("*") if path.is_file())


def test_a_reason_must_be_given(own):
    assert own("redact", "a1", "phone").exit_code == 2


def test_a_field_that_is_not_personal_is_refused(own):
    done = own("redact", "a1", "kind", "--why", "x")

    assert done.exit_code == 1
    assert "manager_phone" in done.stderr
