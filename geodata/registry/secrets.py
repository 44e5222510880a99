"""Secrets that are handed out once and kept as hashes: session ids, tokens, one-time codes.

They are drawn with 130 bits or more, so a plain SHA-256 of one gives nothing away; passwords, which
people choose, are another matter (`geodata.passwords`).
"""

from __future__ import annotations

import hashlib
import secrets

TOKEN_SIGN = "nx_"  # noqa: S105 - what every token begins with, so that scanners can find leaked ones
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that reads like something else


def session_id() -> str:
    """Return a new id of a session."""
    return secrets.token_urlsafe(32)


def token() -> str:
    """Return a new bearer token."""
    return TOKEN_SIGN + secrets.token_urlsafe(32)


def code() -> str:
    """Return a new one-time code, to be read out or typed: six groups of five."""
    return _grouped(30)


def recovery_code() -> str:
    """Return a new code for a lost second factor: two groups of five, 49 bits, guarded by the lockout."""
    return _grouped(10)


def _grouped(letters: int) -> str:
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(letters))
    return "-".join(drawn[i:i + 5] for i in range(0, letters, 5))


def digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def code_digest(said: str) -> str:
    """Return what is kept of a code, however it was typed: blanks, hyphens and case do not count."""
    return digest("".join(c for c in said.casefold() if c.isalnum()))
