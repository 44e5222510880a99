"""What an operator has written down: ``settings.toml`` of a home, over which the environment wins.

This room reads; what a setting means, and whether its value will do, is said where it is used.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from locator.errors import BadFile

FILE = "settings.toml"
PREFIX = "NUANXIN_"


def written(home: Path) -> dict[str, Any]:
    """Return what the file of a home says; empty where there is none.

    Raises:
        BadFile: If it cannot be read, or is not TOML.
    """
    path = home / FILE
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise BadFile("settings", str(path), zh="无法读取此文件", en=f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BadFile("settings", str(path), zh="应为 UTF-8 文本", en=f"must be UTF-8 text (byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        raise BadFile("settings", str(path), zh=f"不是正确的 TOML：{error}", en=f"is not TOML: {error}") from None


def text(home: Path, name: str, environ: Mapping[str, str]) -> str | None:
    """Return one setting that is a text, for a command that needs no other; None where it is not said.

    Raises:
        BadFile: If the file cannot be read, or has something else than a text there.
    """
    said = environ.get(PREFIX + name.upper()) or written(home).get(name) or None
    if said is not None and not isinstance(said, str):
        raise BadFile(name, said, zh="应为一段文字", en="must be a text", at=FILE)
    return said
