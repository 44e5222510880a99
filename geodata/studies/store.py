"""The studies that a home keeps: each a folder of JSON that is there whole or not at all; a cache, deleted oldest unread first."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import orjson

from geodata import private
from geodata.studies.asked import Asked
from geodata.studies.pins import Pins
from locator.errors import NotThere
from locator.words import Words

FOLDER = "studies"
"""Of the home."""
MOST_BYTES = 1 << 30
"""So much is kept."""
MOST = 2_000
"""So many are kept: looking through them must stay a matter of milliseconds."""
LANGUAGES: Final = ("zh", "en")
_FORMAT = 3
"""Of what is kept; what is of another one is not found, and so made anew."""
_ABOUT = "about"
_KEY = re.compile(r"[0-9a-f]{32}")
_UNFINISHED_S = 3600.0
"""What was begun so long ago is nobody's any more."""


class Study:
    """One study, as it was made."""

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        """Know a folder of the store; use `Studies.find`."""
        self._folder = folder
        self.about = about
        """``asked`` and ``pins`` as plain values; ``made_at``; ``seconds`` of work, by part ``took_s``, of processor ``cpu_s``; ``basis`` as
        `CoverageAnswer` has it; ``demand_source`` by language; the code of its ``area``; how many ``sites`` are demonstration records
        ``of`` how many that suit, under ``demonstration``; the names of its ``parts``, and under the name of
        one that this question has not the reason as [zh, en]: ``left_out``."""

    @property
    def key(self) -> str:
        """Its name."""
        return self._folder.name

    @cached_property
    def asked(self) -> Asked:
        """What was asked."""
        return Asked.of_dict(self.about["asked"])

    @cached_property
    def pins(self) -> Pins:
        """What it was answered from."""
        return Pins.of_dict(self.about["pins"])

    @property
    def made_at(self) -> datetime:
        """When."""
        return datetime.fromisoformat(self.about["made_at"])

    def has(self, name: str) -> bool:
        """Return whether there is a part of this name."""
        return name in self.about["parts"]

    def part(self, name: str, language: str = "zh") -> Mapping[str, Any]:
        """Return one part: a mapping of plain values.

        Args:
            name: coverage, gaps, distances, map, day or change.
            language: zh or en.

        Raises:
            NotThere: If this study has no such part, with the reason; or it was deleted since it was found.
        """
        found: Mapping[str, Any] = orjson.loads(self.written(name, language))
        return found

    def written(self, name: str, language: str = "zh") -> bytes:
        """Return one part as JSON, as it is kept; the refusals are those of `part`."""
        if not self.has(name):
            zh, en = self.about["left_out"].get(name, ("这次分析没有这一部分", "this study has no such part"))
            raise NotThere(name, self.key, zh=zh, en=en)
        for file in (f"{name}.{language}.json", f"{name}.json"):
            with contextlib.suppress(FileNotFoundError):
                return (self._folder / file).read_bytes()
        raise NotThere(name, self.key, zh="这次分析已被清理，请重新计算", en="this study was cleared away; ask again")

    def beside(self, name: str) -> Path:
        """Return where something that is made of this study lies, or would: a file that is deleted with it."""
        return self._folder / f"made.{name}"


class Unfinished:
    """A study that is being written."""

    def __init__(self, folder: Path) -> None:
        """Write into a folder of its own."""
        self._folder = folder
        self._parts: list[str] = []
        self._left_out: dict[str, Words] = {}

    def add(self, name: str, *written: bytes) -> None:
        """Add a part: its JSON in each of `LANGUAGES`, or one for all."""
        files = [f"{name}.{language}.json" for language in LANGUAGES] if len(written) > 1 else [f"{name}.json"]
        for file, said in zip(files, written, strict=True):
            self._write(file, said)
        self._parts.append(name)

    def leave_out(self, name: str, words: Words) -> None:
        """Say why this study has no such part."""
        self._left_out[name] = words

    def close(self, about: Mapping[str, Any]) -> None:
        """Say what it is of."""
        left_out = {name: [*words] for name, words in self._left_out.items()}
        self._write(f"{_ABOUT}.json", orjson.dumps({**about, "format": _FORMAT, "parts": self._parts, "left_out": left_out}))

    def _write(self, file: str, said: bytes) -> None:
        with open(os.open(self._folder / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:  # noqa: PTH123
            stream.write(said)
            stream.flush()
            os.fsync(stream.fileno())


class Studies:
    """The studies of one home."""

    def __init__(self, home: Path) -> None:
        """Keep them in a home."""
        self._home = home

    def find(self, key: str) -> Study | None:
        """Return the study of a name, which is now read; None if it was never made, or cleared away."""
        if not _KEY.fullmatch(key):
            return None
        folder = self._home / FOLDER / key
        about = private.read(folder / f"{_ABOUT}.json")
        if about is None or about.get("format") != _FORMAT:
            return None
        with contextlib.suppress(OSError):
            os.utime(folder)
        return Study(folder, about)

    def begin(self) -> Unfinished:
        """Return a study to be written; `keep` makes it one that is found."""
        return Unfinished(private.folder(private.folder(self._home / FOLDER) / f".{uuid.uuid4().hex}"))

    def keep(self, key: str, unfinished: Unfinished, about: Mapping[str, Any]) -> Study:
        """Put a study that is written in its place; where one of its name is there already, that stays: it is the same."""
        unfinished.close(about)
        place = self._home / FOLDER / key
        written = unfinished._folder  # noqa: SLF001 - its own kind
        try:
            written.rename(place)
        except OSError:
            shutil.rmtree(written, ignore_errors=True)
        found = self.find(key)
        if found is None:
            raise FileNotFoundError(place)
        return found

    def drop(self, unfinished: Unfinished) -> None:
        """Take away what was written of a study that will not be finished."""
        shutil.rmtree(unfinished._folder, ignore_errors=True)  # noqa: SLF001 - its own kind

    def prune(self, now_s: float, *, most_bytes: int = MOST_BYTES, most: int = MOST) -> None:
        """Delete studies, those read longest ago first, until the rest is few and small enough; and what a killed process left unfinished.

        Args:
            now_s: Seconds as the file system counts them.
            most_bytes: So much may stay.
            most: So many may stay.
        """
        kept: list[tuple[float, int, Path]] = []
        for folder in (self._home / FOLDER).glob("*"):
            with contextlib.suppress(FileNotFoundError):
                read_s = folder.stat().st_mtime
                if folder.name.startswith("."):
                    if now_s - read_s > _UNFINISHED_S:
                        shutil.rmtree(folder, ignore_errors=True)
                else:
                    kept.append((read_s, sum(file.stat().st_size for file in folder.iterdir()), folder))
        total = 0
        for number, (_, size, folder) in enumerate(sorted(kept, key=lambda one: -one[0])):
            total += size
            if total > most_bytes or number >= most:
                shutil.rmtree(folder, ignore_errors=True)
