"""What stands beside a map: the figures that matter, the legend, the first of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from geodata.study_files import palette, wording
from geodata.study_pictures.ground import MARKS
from geodata.study_pictures.sheet import BODY, Sheet, cut, wrapped

PANEL: Final = 0.29
"""Of the width."""
_MAYBE: Final = "_if_unknown_open"


def panel(sheet: Sheet, figures: Sequence[tuple[str, str]], head: str, entries: Sequence[Any], ranked: Sequence[str], of_ranked: str = "") -> None:
    """Write the figures that matter, the legend, and the first of a list, beside the map."""
    left = 1 - PANEL - 0.008
    down, tall = sheet.top_in, sheet.height_in
    ems = sheet.width_in * (PANEL - 0.02) * 72 / BODY
    for value, words in figures:
        sheet.figure.text(left, 1 - down / tall, value, fontsize=BODY * 2.1, fontweight="bold", color=palette.INK, va="top")
        down += BODY * 2.1 * 1.25 / 72
        for line in wrapped(words, ems):
            sheet.figure.text(left, 1 - down / tall, line, fontsize=BODY - 1, color=palette.SOFT, va="top")
            down += BODY * 1.35 / 72
        down += 0.07
    if entries:
        legend = sheet.figure.legend(
            handles=list(entries), title=head or None, loc="upper left", bbox_to_anchor=(left - 0.004, 1 - down / tall), frameon=False,
            fontsize=BODY - 1.5, labelcolor=palette.INK, borderpad=0, borderaxespad=0.2, labelspacing=0.35, handlelength=1.5, alignment="left",
            title_fontsize=BODY - 0.5)
        legend.get_title().set_color(palette.INK)
        for text in legend.get_texts():
            text.set_text("\n".join(wrapped(text.get_text(), ems * BODY / (BODY - 1.5) - 3)))
        renderer = sheet.figure.canvas.get_renderer()  # type: ignore[attr-defined]
        down += legend.get_window_extent(renderer).height / sheet.figure.dpi + 0.16
    room = int((tall - down - sheet.bottom_in) * 72 / (BODY * 1.4)) - 1
    if ranked and room > 1:
        sheet.figure.text(left, 1 - down / tall, of_ranked or sheet.words("人口最多的盲区", "areas not served with most people"),
                          fontsize=BODY - 0.5, color=palette.INK, va="top")
        for place, line in enumerate((cut(one, ems) for one in ranked[:room]), 1):
            sheet.figure.text(left, 1 - (down + place * BODY * 1.4 / 72) / tall, line, fontsize=BODY - 1, color=palette.INK, va="top")


def shares(sheet: Sheet, total: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the share covered in both readings, and within which distance nine tenths live."""
    if total.get("coverage_share") is None:
        return []
    served = wording.served(sheet.contents)
    zh, en = f"{served.zh}率", served.en
    if sheet.contents.query["week"]:
        zh, en = f"一周里至少一小时的{zh}", f"{en} in some hour of the week"
    sure, maybe = f"{total['coverage_share']:.1%}", total.get(f"coverage_share{_MAYBE}")
    if maybe is None:
        return [(sure, sheet.words(zh, en))]
    return [(sure, sheet.words(f"{zh}（未知时间按关闭）", f"{en} (unknown hours as closed)")),
            (f"{maybe:.1%}", sheet.words(f"{zh}（未知时间按开放）", f"{en} (unknown hours as open)"))]


def class_words(sheet: Sheet, limits: Sequence[int]) -> list[str]:
    """Return what each shade of an area not served means."""
    ends = [*limits, None]
    return [sheet.words(f"{limits[0]:,} 人以下", f"fewer than {limits[0]:,}"),
            *(sheet.words(f"{low:,} 人以上", f"{low:,} and more") if high is None else sheet.words(f"{low:,}–{high:,} 人", f"{low:,}–{high:,}")
              for low, high in zip(limits, ends[1:], strict=True))]


def swatch(colour: str, words: str) -> Patch:
    """Return a legend's entry of an area not served."""
    return Patch(facecolor=colour, edgecolor=palette.GAP_EDGE, linewidth=0.5, label=words)


def mark(sort: str, words: str) -> Line2D:
    """Return a legend's entry of a sort of sites."""
    marker, fill, edge = MARKS[sort]
    return Line2D([], [], marker=marker, markerfacecolor=fill, markeredgecolor=edge, markeredgewidth=1 if marker == "x" else 0.6, linestyle="",
                  markersize=6, label=words)
