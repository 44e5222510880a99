"""The job that makes a file or a picture of a study: once, and then it lies beside the study until that is cleared away.

A picture takes a second, a workbook of thousands of sites five: the process that answers pages does neither, nor holds what they need.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from geodata import vocabulary, whole
from geodata.areas import Areas
from geodata.jobs import Job, Jobs, Work
from geodata.studies import Studies, Study
from geodata.studies.running import STAYS_S
from geodata.study_files.contents import Contents
from locator.errors import NotThere

WORK: Final = "geodata.study_making:run"
FILE: Final = "study"
"""The name of a piece that is no picture: all layers and tables."""
_FORMAT = 3
"""Of what is drawn and written; another number, and every piece is made anew."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file or picture of a study."""

    name: str
    """`FILE`, or of `study_pictures.drawn`."""
    suffix: str
    """gpkg, xlsx, geojson; svg, png."""
    language: str
    """zh or en."""
    size: str = ""
    """Of a picture: of `study_pictures.SIZES`."""
    words: str = ""
    """Of a picture: its own source, and the approval number of a map."""
    hours: tuple[int, int] | None = None
    """Of a day's map."""

    @property
    def file(self) -> str:
        """What it is called beside its study: the same only for what is the same."""
        said = repr((_FORMAT, *asdict(self).values()))
        return f"{hashlib.blake2b(said.encode(), digest_size=12).hexdigest()}.{self.suffix}"


def held(study: Study, piece: Piece) -> Path | None:
    """Return where a piece lies; None while nobody has made it."""
    path = study.beside(piece.file)
    return path if path.exists() else None


def start(jobs: Jobs, study: Study, piece: Piece, *, now: datetime, owner: str, area: str) -> Job:
    """Begin to make a piece, or follow whoever has begun it already."""
    name = hashlib.blake2b(f"{study.key}{piece.file}".encode(), digest_size=16).hexdigest()
    return jobs.start(WORK, {"study": study.key, "piece": asdict(piece)}, owner=owner, area=area, at=now, name=name, stays_s=STAYS_S)


def run(work: Work, *, study: str, piece: Mapping[str, Any]) -> dict[str, Any]:
    """Make a piece, if it is not there yet.

    Raises:
        NotThere: If the study was cleared away, or has no such picture.
        NotBuilt: If this machine has no typeface for it.
    """
    one = Piece(**{**piece, "hours": tuple(piece["hours"]) if piece["hours"] else None})
    found = Studies(work.home).find(study)
    if found is None:
        raise NotThere("study", study, zh="这次分析已被清理，请重新计算", en="this study was cleared away; ask again")
    if held(found, one) is None:
        work.step("读取分析", "reading the study")
        contents = Contents.of_study(found, Areas.load(work.home), vocabulary.of_home(work.home), one.language)
        work.step("写入文件", "writing the file") if one.name == FILE else work.step("绘图", "drawing")
        _make(found.beside(one.file), one, contents, work.home)
    return {"study": study, "file": one.file}


def _make(path: Path, piece: Piece, contents: Contents, home: Path) -> None:
    if piece.name == FILE:
        from geodata import study_files

        study_files.write(path, contents)
        return
    os.environ.setdefault("MPLCONFIGDIR", str(home / "matplotlib"))  # where it keeps what it knows of typefaces; a service has no home of its own
    from geodata import study_pictures

    whole.write(path, study_pictures.drawn(piece.name, piece.suffix, contents, size=piece.size, words=piece.words, hours=piece.hours), mode=0o600)
