"""The secret of a day: what makes a phone's token one person today, and nobody tomorrow.

A file of the home for its owner's eyes only, shared by the workers of an installation and left out of
backups. Those of other days are deleted: hashes made with them can be joined to nothing any more.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from locator.errors import Unavailable

_NAME = "reports-{}.key"


def person_of(home: Path, token: str, day: date) -> str:
    """Return what stands for a token on one day: an HMAC-SHA256 with that day's secret.

    Raises:
        Unavailable: If the secret can be neither read nor made.
    """
    return hmac.new(_secret(home, day), token.encode(), hashlib.sha256).hexdigest()


def forget(home: Path, today: date) -> int:
    """Delete the secrets of all days but this one; return how many there were."""
    old = [path for path in _there(home) if path.name != _NAME.format(today)]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _there(home: Path) -> Iterator[Path]:
    return home.glob(_NAME.format("????-??-??"))


def _secret(home: Path, day: date) -> bytes:
    path = home / _NAME.format(day)
    try:
        if not path.exists():
            descriptor, made = tempfile.mkstemp(dir=home, prefix=".", suffix=".key")  # mode 0600
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(32))
                file.flush()
                os.fsync(descriptor)
            try:
                os.link(made, path)  # whole or not at all; whoever comes second takes the first one's
            except FileExistsError:
                pass
            finally:
                Path(made).unlink()
            forget(home, day)
        return path.read_bytes()
    except OSError as error:
        raise Unavailable("home", str(path), zh=f"不能读写密钥文件（{error.strerror}）",
                          en=f"the key file cannot be read or made ({error.strerror})") from None
