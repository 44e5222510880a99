"""Settings read from ``settings.toml`` and the environment, and told as one table.

``python -m web.configuration`` prints the table of docs/settings.md.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from geodata import settings as kept
from locator.errors import BadValue, UnknownCode
from web.settings import Settings

FIELDS = {field.name: field for field in dataclasses.fields(Settings) if field.metadata}
"""Every setting an operator may give, by name; also what travels to worker processes."""
NOT_IN_FILE = ("home", "demo", "exposed", "noop")
ELSEWHERE = ("language", "traceback")
"""Settings of the command line, read by `scripts`; a file may hold the first."""
FOR_TESTS = kept.PREFIX + "TEST_"
"""Variables that only the tests read."""
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """See `Settings.from_environment`."""
    environ = os.environ if environ is None else environ
    home = Path(environ.get(kept.PREFIX + "HOME") or "var")
    given: dict[str, Any] = {}
    for name, value in kept.written(home).items():
        if name not in FIELDS or name in NOT_IN_FILE:
            if name not in ELSEWHERE:
                raise _unknown(name)
            continue
        given[name] = _of_file(name, value)
    for name in FIELDS:
        text = environ.get(kept.PREFIX + name.upper(), "")
        if text:
            given[name] = _of_text(name, text)
    return Settings(**given)


def check_names(environ: Mapping[str, str]) -> None:
    """Refuse variables that look like settings and are none: a misspelt one would silently not hold.

    Raises:
        UnknownCode: With the nearest name.
    """
    known = {kept.PREFIX + name.upper() for name in (*FIELDS, *ELSEWHERE)}
    for name in environ:
        if name.startswith(kept.PREFIX) and name not in known and not name.startswith(FOR_TESTS):
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
            raise UnknownCode("environment", name, zh=f"没有这个设置；最接近的是 {near}", en=f"no such setting; the nearest is {near}")


def environment_of(settings: Settings) -> dict[str, str]:
    """See `Settings.as_environment`."""
    shown = {True: "1", False: "0", None: ""}
    environment = {}
    for name in FIELDS:
        value = getattr(settings, name)
        environment[kept.PREFIX + name.upper()] = (
            " ".join(value) if isinstance(value, tuple) else
            shown[value] if isinstance(value, bool) or value is None else str(value))
    return environment


def table() -> str:
    """Return the table of every setting, in Markdown."""
    lines = ["| settings.toml | 环境变量 environment | 默认 default | 含义 meaning | 例 example |", "| --- | --- | --- | --- | --- |"]
    for name, field in FIELDS.items():
        default = field.default
        shown = ("" if default in (None, "", ()) else str(default).lower() if isinstance(default, bool)
                 else " ".join(default) if isinstance(default, tuple) else str(default))
        example = field.metadata["example"]
        lines.append(f"| {'' if name in NOT_IN_FILE else f'`{name}`'} | `{kept.PREFIX}{name.upper()}` | {f'`{shown}`' if shown else ''} "
                     f"| {field.metadata['zh']}<br>{field.metadata['en']} | {f'`{example}`' if example else ''} |")
    return "\n".join(lines) + "\n"


def _unknown(name: str) -> UnknownCode:
    near = difflib.get_close_matches(name.lower(), [n for n in FIELDS if n not in NOT_IN_FILE], n=1, cutoff=0.0)[0]
    return UnknownCode("settings", name, zh=f"没有这个设置；最接近的是 {near}", en=f"no such setting; the nearest is {near}", at=kept.FILE)


def _of_file(name: str, value: Any) -> Any:
    kind = str(FIELDS[name].type)
    if kind.startswith("tuple"):
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise BadValue(name, value, zh="应为一列文字，如 [\"127.0.0.1\"]", en="must be a list of texts, such as [\"127.0.0.1\"]", at=kept.FILE)
    wanted = bool if kind == "bool" else int if kind == "int" else str
    if type(value) is not wanted:
        zh, en = {bool: ("true 或 false", "true or false"), int: ("整数", "a whole number"), str: ("加引号的文字", "a quoted text")}[wanted]
        raise BadValue(name, value, zh=f"应为{zh}", en=f"must be {en}", at=kept.FILE)
    return value


def _of_text(name: str, text: str) -> Any:
    kind = str(FIELDS[name].type)
    at = kept.PREFIX + name.upper()
    if kind.startswith("tuple"):
        return tuple(re.split(r"[\s,]+", text.strip(" \t\n,")))
    if kind == "bool":
        if text.lower() not in (*_TRUE, *_FALSE):
            raise BadValue(name, text, zh="应为 1 或 0", en="must be 1 or 0", at=at)
        return text.lower() in _TRUE
    if kind == "int":
        if not text.isascii() or not text.isdigit():
            raise BadValue(name, text, zh="应为整数", en="must be a whole number", at=at)
        return int(text)
    return text


if __name__ == "__main__":
    click.echo(table(), nl=False)
