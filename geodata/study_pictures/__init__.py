"""A study as pictures: charts and maps, as SVG for pages, as PNG for a screen's slide and for A4; for eyes, ears and printers.

matplotlib takes a second and sixty megabytes: only processes that draw import this room.
"""

from __future__ import annotations

from geodata.study_files.contents import Contents
from geodata.study_pictures import charts, maps
from geodata.study_pictures.sheet import PAGE_OF_MAP, SIZES
from locator.errors import NotThere

MAP = "map"


def drawn(name: str, suffix: str, contents: Contents, *, size: str, words: str, hours: tuple[int, int] | None = None) -> bytes:
    """Return a picture.

    Args:
        name: `MAP`, one of `charts.CHARTS`, or ``hours-CODE`` for the week of one area.
        suffix: svg or png.
        contents: What is shown.
        size: Of `SIZES`; page or paper of an SVG.
        words: What a drawing of ours says of its source, and the approval number of a map.
        hours: Of a day's map: the two that are laid over each other.

    Raises:
        NotThere: If the study has no such picture.
        NotBuilt: If this machine has no typeface for it.
    """
    paper = PAGE_OF_MAP if name == MAP and size in ("page", "paper") else SIZES[size]
    if name == MAP:
        if contents.change is not None:
            sheet, description = maps.change(contents, paper, words)
        elif contents.day is not None and contents.gaps is None:
            sheet, description = maps.hours(contents, paper, words, *(hours or (12, 23)))
        else:
            sheet, description = maps.gaps(contents, paper, words)
    elif name in charts.CHARTS:
        sheet, description = charts.CHARTS[name](contents, paper)
    elif name.startswith("hours-"):
        sheet, description = charts.hours(contents, paper, name.removeprefix("hours-"))
    else:
        raise NotThere("chart", name, zh=f"没有这张图；可用：{'、'.join((MAP, *charts.CHARTS))}",
                       en=f"there is no such picture; there are: {', '.join((MAP, *charts.CHARTS))}")
    return sheet.png() if suffix == "png" else sheet.svg(description, night=size == "page")
