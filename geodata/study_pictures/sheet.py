"""A picture's paper: its size, title, question and sources, always in the same places; saved as SVG or PNG."""

from __future__ import annotations

import io
from typing import Final, NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geodata.study_files import palette, wording
from geodata.study_files.contents import Contents
from geodata.study_pictures import fonts, svg
from locator.words import Words


class Size(NamedTuple):
    """Of a picture."""

    width: int
    height: int
    """Pixels; of an SVG, what its box is when it is not stretched."""
    dpi: int


PAGE: Final = Size(640, 430, 100)
"""An SVG in a page."""
PAGE_OF_MAP: Final = Size(1080, 640, 100)
SCREEN: Final = Size(1920, 1080, 200)
PRINT: Final = Size(3508, 2480, 300)
"""A4 landscape."""
SIZES: Final = {"page": PAGE, "paper": PAGE, "screen": SCREEN, "print": PRINT}
"""page: an SVG with night colours; paper: one without."""

TITLE, SMALLER_TITLE, SUBTITLE, BODY, SMALL = 15.0, 12.0, 10.0, 10.0, 7.5
"""Points."""
_MARGIN_IN: Final = 0.28
_NARROW_IN: Final = 7.0
_LINE: Final = 1.45
_CHINESE: Final = 0x2E80
"""From this character on they are as wide as tall."""


class Sheet:
    """One picture under way."""

    def __init__(self, size: Size, contents: Contents, title: Words, *, foot: str = "") -> None:
        """Write title, question and sources; `foot` comes after the sources.

        Raises:
            NotBuilt: If no typeface can draw it.
        """
        fonts.ready()
        self.size, self.contents = size, contents
        self.zh = wording.language_zh(contents)
        self.title = title.in_language(contents.language)
        self.figure = Figure(figsize=(size.width / size.dpi, size.height / size.dpi), dpi=size.dpi, facecolor="white")
        FigureCanvasAgg(self.figure)
        self.width_in, self.height_in = size.width / size.dpi, size.height / size.dpi
        down = _MARGIN_IN
        if mark := wording.demonstration(contents):
            down = self._lines(mark, down, SMALLER_TITLE if self.width_in > _NARROW_IN else BODY, palette.LOST, bold=True) + 0.03
        down = self._lines(self.title, down, TITLE if self.width_in > _NARROW_IN else SMALLER_TITLE, palette.INK, bold=True)
        self.top_in = self._lines(wording.title(contents), down + 0.02, SUBTITLE, palette.SOFT) + 0.12
        self.bottom_in = self._foot(foot)

    def _lines(self, text: str, down_in: float, points: float, colour: str, *, bold: bool = False) -> float:
        lines = wrapped(text, (self.width_in - 2 * _MARGIN_IN) * 72 / points)
        for line in lines:
            self.figure.text(_MARGIN_IN / self.width_in, 1 - down_in / self.height_in, line, fontsize=points, color=colour, va="top",
                             fontweight="bold" if bold else "normal")
            down_in += points * _LINE / 72
        return down_in

    def _foot(self, more: str) -> float:
        told = self.contents
        sources = [self.words("人口：", "People: ") + wording.people(told), wording.registry(told),
                   self.words("计算于 ", "figured ") + wording.day(told.made_at) if told.made_at else "", more]
        lines = wrapped(" · ".join(filter(None, sources)), (self.width_in - 2 * _MARGIN_IN) * 72 / SMALL)
        up = _MARGIN_IN * 0.8
        for line in reversed(lines):
            self.figure.text(_MARGIN_IN / self.width_in, up / self.height_in, line, fontsize=SMALL, color=palette.SOFT, va="bottom")
            up += SMALL * _LINE / 72
        return up + 0.05

    def words(self, zh: str, en: str) -> str:
        """Return a text in the picture's language."""
        return zh if self.zh else en

    def axes(self, *, left_in: float = 0.0, right_in: float = 0.0, top_in: float = 0.0, bottom_in: float = 0.0) -> Axes:
        """Return the field between title and sources, so many inches in from each side."""
        left, right = _MARGIN_IN + left_in, self.width_in - _MARGIN_IN - right_in
        low, high = self.bottom_in + bottom_in, self.height_in - self.top_in - top_in
        box = (left / self.width_in, low / self.height_in, (right - left) / self.width_in, (high - low) / self.height_in)
        axes = self.figure.add_axes(box, facecolor="none")
        axes.tick_params(labelsize=BODY - 1, labelcolor=palette.SOFT, color=palette.GRID, length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        return axes

    def png(self) -> bytes:
        """Return a PNG of exactly this size, which says its dots per inch."""
        held = io.BytesIO()
        self.figure.savefig(held, format="png", dpi=self.size.dpi, metadata={"Software": "nuanxin", "Title": self.title})
        return held.getvalue()

    def svg(self, description: str, *, night: bool = True) -> bytes:
        """Return an SVG that says what it shows; with `night` its colours change with those of the screen."""
        held = io.BytesIO()
        self.figure.savefig(held, format="svg", transparent=True, metadata={"Date": None, "Creator": "nuanxin"})
        return svg.finished(held.getvalue(), self.title, description, self.contents.language, night=night)


def ems(text: str) -> float:
    """Return about how wide a text is, in Chinese characters."""
    return sum(1.0 if ord(character) >= _CHINESE else 0.56 for character in text)


def wrapped(text: str, most_ems: float) -> list[str]:
    """Return a text in lines of at most so many Chinese characters' width; a word of Latin letters is not parted."""
    lines, line, wide = [], "", 0.0
    for piece in _pieces(text):
        width = ems(piece)
        if line and wide + width > most_ems:
            lines.append(line.rstrip())
            line, wide = "", 0.0
            piece = piece.lstrip()
        line += piece
        wide += width
    return [*lines, line.rstrip()] if line.strip() else lines


def cut(text: str, most_ems: float) -> str:
    """Return a text in one line of at most such a width; what does not fit ends in dots."""
    if ems(text) <= most_ems:
        return text
    while text and ems(text) > most_ems - 1:
        text = text[:-1]
    return f"{text}…"


def _pieces(text: str) -> list[str]:
    """Part a text where a line may end: after any Chinese character, never before a mark that closes, nor within a Latin word."""
    pieces: list[str] = []
    for character in text:
        in_word = pieces and " " not in (character, pieces[-1][-1]) and max(ord(character), ord(pieces[-1][-1])) < _CHINESE
        if in_word or (pieces and character in "，。；：、）” "):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces
