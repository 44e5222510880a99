"""Views that may be sent a file: how large a request may be there, and what is said of a larger one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from locator.errors import Refusal
from web import errors, i18n

P = ParamSpec("P")
R = TypeVar("R")

BESIDE = 1 << 20
"""Bytes that may go along with a file."""


def at_most(most_bytes: int, too_large: Callable[[], Refusal]) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Let a view be sent files; other requests stay as small as everywhere.

    What is too large is refused by what it says of itself, before any of it is read. Put it above
    `auth.required`, which reads the form.

    Args:
        most_bytes: Of the files and what goes along with them.
        too_large: Makes the refusal.
    """

    def guard(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            if request.mimetype == "multipart/form-data":
                request.max_content_length = most_bytes
            try:
                return view(*args, **kwargs)
            except RequestEntityTooLarge:
                if request.mimetype != "multipart/form-data":
                    raise
                refusal = too_large()
                return errors.answer(413, refusal.words.in_language(i18n.language()), [refusal])
            finally:
                _hear_out()

        return guarded

    return guard


def _hear_out() -> None:
    """Read away what nobody read of a request: a proxy takes whoever answers in the middle of one for dead."""
    with suppress(RequestEntityTooLarge):
        while request.stream.read(1 << 16):
            pass
