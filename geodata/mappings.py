"""What a source's headers mean, remembered: one TOML file a source, as ``nuanxin import --columns`` takes it.

They lie in the home, beside its other tables, so that a backup holds them and an operator can read,
correct and delete them. They hold headers and names of fields, nothing of any row.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from geodata import private
from locator.errors import BadFile

FOLDER = "mappings"
"""Of the home."""
MOST_BYTES = 256 * 1024
_LONGEST = 200


def remember(home: Path, source: str, columns: Mapping[str, str]) -> None:
    """Keep what the headers of a source mean; an earlier mapping of the same source is replaced."""
    private.text(private.folder(home / FOLDER) / _file_of(source), as_toml(columns, source=source))


def remembered(home: Path, source: str) -> dict[str, str]:
    """Return what the headers of a source mean; empty where nothing is remembered."""
    path = home / FOLDER / _file_of(source)
    return read(path.read_text("utf-8"), path.name) if path.exists() else {}


def sources(home: Path) -> list[str]:
    """Return every source whose mapping is remembered, the latest used first."""
    found = []
    for path in (home / FOLDER).glob("*.toml"):
        try:
            found.append((path.stat().st_mtime, str(tomllib.loads(path.read_text("utf-8"))["source"])))
        except (OSError, KeyError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            continue  # whatever somebody put there is not ours
    return [source for _, source in sorted(found, reverse=True)]


def as_toml(columns: Mapping[str, str], *, source: str | None = None) -> str:
    """Return a mapping as the text of a file."""
    lines = [f"source = {_quoted(source)}", ""] if source else []
    return "\n".join([*lines, "[columns]", *(f"{_quoted(header)} = {_quoted(field)}" for header, field in columns.items()), ""])


def read(text: str, name: str) -> dict[str, str]:
    """Return the mapping of a file's text: ``header = "field"``, alone or under ``[columns]``.

    Raises:
        BadFile: If it is not TOML, or maps to anything but fields.
    """
    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        raise BadFile("columns", name, zh=f"不是可读的 TOML：{fault}", en=f"is not readable TOML: {fault}") from None
    table = said.get("columns", said)
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise BadFile("columns", name, zh="应为 表头 = \"字段\" 的对照", en="must map headers to fields: header = \"field\"")
    return table


def _quoted(text: str | None) -> str:
    return json.dumps(text or "", ensure_ascii=False).replace("\x7f", "\\u007f")


def _file_of(source: str) -> str:
    return hashlib.sha256(source.strip()[:_LONGEST].encode()).hexdigest()[:32] + ".toml"
