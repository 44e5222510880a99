"""A random key in a file of its own: made once by whoever comes first, for its owner's eyes only."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from locator.errors import Unavailable


def key_of(path: Path) -> bytes:
    """Return the key that a file holds, 64 hexadecimal digits; a file that is not there is made, and its folder.

    Several processes may ask at once: all are given the same key.

    Raises:
        Unavailable: If it can be neither read nor made.
    """
    try:
        if not path.exists():
            _make(path)
        return path.read_bytes().strip()
    except OSError as error:
        raise Unavailable("home", str(path), zh=f"不能读写密钥文件（{error.strerror}）",
                          en=f"the key file cannot be read or made ({error.strerror})") from None


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, made = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(descriptor)
        os.link(made, path)  # whole or not at all; whoever comes second takes the first one's
    except FileExistsError:
        pass
    finally:
        Path(made).unlink()
