"""What is the same for every asker, compressed once: as small as it gets, whatever that takes."""

from __future__ import annotations

import gzip
from functools import lru_cache

import brotli

_KEPT = 256
_SMALLEST = 11
"""Of brotli: an eighth less than what compresses at each answer, and some hundred times the work."""


def taken(accept_encoding: str) -> str:
    """Return the better encoding that an asker takes: br, gzip, or nothing."""
    return next((encoding for encoding in ("br", "gzip") if encoding in accept_encoding), "")


@lru_cache(maxsize=_KEPT)
def packed(content: bytes, encoding: str) -> bytes:
    """Return content in an encoding of `taken`; of an equal content the same bytes, without the work."""
    if encoding == "br":
        return bytes(brotli.compress(content, quality=_SMALLEST))
    return gzip.compress(content, 9, mtime=0) if encoding == "gzip" else content
