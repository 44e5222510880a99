"""Results of coverage that were written to a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geodata.tables import refuse
from locator import results

MOST_BYTES = 64 << 20
"""Of a result: some hundred thousand areas with every hour of a week."""


def read(path: Path) -> Mapping[str, Any]:
    """Return what a file of `nuanxin coverage --format json` holds.

    Raises:
        BadFile: If it is missing, a directory, too large, no JSON in UTF-8, or another document.
    """
    if path.is_dir():
        raise refuse(path.name, "是目录，应为文件", "is a directory; must be a file")
    if not path.exists():
        raise refuse(str(path), "没有这个文件", "there is no such file")
    if path.stat().st_size > MOST_BYTES:
        raise refuse(path.name, f"超过 {MOST_BYTES >> 20} MB，不是覆盖率的结果", f"is larger than {MOST_BYTES >> 20} MB: no result of coverage")
    try:
        document = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as fault:
        raise refuse(path.name, f"不是完整的 JSON（{fault}）", f"is not whole JSON ({fault})") from None
    return results.checked(document, path.name)
