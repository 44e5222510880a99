"""The secret of a day: what makes a phone's token one person today, and nobody tomorrow.

A file of the home for its owner's eyes only, shared by the workers of an installation and left out of
backups. Those of days past are deleted: hashes made with them can be joined to nothing any more.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import date
from pathlib import Path

from geodata.key_file import key_of
from locator.errors import Unavailable

_NAME = "reports-{}.key"


def person_of(home: Path, token: str, day: date) -> str:
    """Return what stands for a token on one day: an HMAC-SHA256 with that day's secret.

    Raises:
        Unavailable: If the secret can be neither read nor made.
    """
    path = _path(home, day)
    if not path.exists():
        forget(home, day)
    return hmac.new(key_of(path), token.encode(), hashlib.sha256).hexdigest()


def forget(home: Path, today: date) -> int:
    """Delete the secrets of the days before this one; return how many there were.

    A later day's stays: a worker whose request began before midnight must not take it from the others.

    Raises:
        Unavailable: If one cannot be deleted.
    """
    old = [path for path in home.glob(_NAME.format("????-??-??")) if path.name < _path(home, today).name]
    try:
        for path in old:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable("home", str(home), zh=f"不能删除过期的密钥文件（{error.strerror}）",
                          en=f"a key file that is past cannot be deleted ({error.strerror})") from None
    return len(old)


def _path(home: Path, day: date) -> Path:
    return home / _NAME.format(day)
