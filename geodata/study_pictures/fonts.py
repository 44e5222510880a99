"""The typeface of pictures: one whose Chinese is that of the mainland, found on this machine; without one there is no picture."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from locator.errors import NotBuilt

FAMILIES: Final = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
                   "PingFang SC", "Microsoft YaHei", "SimHei")
"""The best first. Of a collection the first face is Japanese more often than not: a face is taken by its name."""
_FILES: Final = ("notosanscjk", "notosanssc", "sourcehansans", "wqy", "pingfang", "msyh", "simhei")
_MUST_DRAW: Final = "覆盖率服务盲区站点米人"


class Face(NamedTuple):
    """One face of a font file."""

    family: str
    path: str
    number: int


@cache
def ready() -> str:
    """Tell matplotlib of the typeface, for the whole of this process, and return its family.

    Raises:
        NotBuilt: If there is none that can draw Chinese.
    """
    found = sorted(_faces(), key=lambda face: FAMILIES.index(face.family))
    if not found:
        raise NotBuilt("font", None, zh="这台机器没有中文字体，不能绘图：请管理员执行 apt-get install fonts-noto-cjk",
                       en="this machine has no Chinese typeface, so no picture is drawn: ask an administrator for apt-get install fonts-noto-cjk")
    family = found[0].family
    for path in dict.fromkeys(face.path for face in found if face.family == family):
        font_manager.fontManager.addfont(path)
    mpl.rcParams.update({"font.family": [family], "svg.fonttype": "none", "svg.hashsalt": "nuanxin", "axes.unicode_minus": False,
                         "hatch.linewidth": 1.0, "path.simplify": True, "agg.path.chunksize": 20_000})
    return family


def _faces() -> list[Face]:
    found = []
    for path in font_manager.findSystemFonts():
        if any(name in Path(path).name.lower().replace("-", "").replace("_", "") for name in _FILES):
            found += _of_file(path)
    return found


def _of_file(path: str) -> list[Face]:
    try:
        fonts = [FT2Font(path, face_index=number) for number in range(FT2Font(path).num_faces)]
    except (OSError, RuntimeError):
        return []  # not a font, or broken
    return [Face(font.family_name, path, number) for number, font in enumerate(fonts)
            if font.family_name in FAMILIES and all(font.get_char_index(ord(character)) for character in _MUST_DRAW)]
