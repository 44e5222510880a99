"""Which language a reader gets, and the words in it.

The source of every message is its English text; ``translations/<language>/LC_MESSAGES/messages.po``
holds another language. A language more is one such file: it is found when the app starts, and read
without a compile step.
"""

from __future__ import annotations

import gettext as catalogues
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Request, g, has_request_context, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

DEFAULT, SOURCE = "zh-CN", "en"
COOKIE = "lang"
_FILES = Path(__file__).parent / "translations"
_NAMES = {"zh-CN": "中文", "en": "English"}


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Return the tags of every language there is, the default one first."""
    found = {path.parts[-3].replace("_", "-") for path in _FILES.glob("*/LC_MESSAGES/messages.po")} | {SOURCE}
    return (DEFAULT, *sorted(found - {DEFAULT}))


@lru_cache(maxsize=16)
def translations(tag: str) -> catalogues.NullTranslations:
    """Return the messages of a language; those of the source language are their own translation."""
    path = _FILES / tag.replace("-", "_") / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return catalogues.NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=tag.replace("-", "_"))
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return catalogues.GNUTranslations(compiled)


@lru_cache(maxsize=512)
def preferred(accept_language: str) -> str:
    """Return the language that an Accept-Language header asks for; the default when it names none of ours."""
    accepted = parse_accept_header(accept_language[:200], LanguageAccept)
    for tag, quality in accepted:
        if quality > 0:
            found = known(tag)
            if found:
                return found
    return DEFAULT


@lru_cache(maxsize=512)
def known(tag: str) -> str | None:
    """Return our tag for a language somebody named: ``en-GB`` is ``en``; None if we do not have it."""
    wanted = tag.replace("_", "-").lower()
    for ours in languages():
        if wanted == ours.lower():
            return ours
    primary = wanted.split("-")[0]
    return next((ours for ours in languages() if ours.lower().split("-")[0] == primary), None)


def language() -> str:
    """Return this request's language: ``?lang=``, else the cookie, else Accept-Language, else zh-CN."""
    if not has_request_context():
        return DEFAULT
    chosen: str | None = g.get("language")
    if chosen is None:
        chosen = g.language = asked_for(request)
    return chosen


def choose(tag: str) -> None:
    """Answer this request in a language that its body names; one we do not have changes nothing."""
    g.language = known(tag) or language()


@contextmanager
def speaking(tag: str) -> Iterator[None]:
    """Speak one language for a while, whatever the reader's: a sheet for a door is in two."""
    before = g.get("language")
    g.language = known(tag) or DEFAULT
    try:
        yield
    finally:
        g.language = before


def asked_for(request: Request) -> str:
    """Return the language of a request; `language` remembers it."""
    environ = request.environ
    # most requests name no language in the address or a cookie: do not parse what is not there
    if "lang=" in environ.get("QUERY_STRING", ""):
        asked = known(request.args.get("lang", ""))
        if asked:
            return asked
    if "lang=" in environ.get("HTTP_COOKIE", ""):
        kept = known(request.cookies.get(COOKIE, ""))
        if kept:
            return kept
    return preferred(environ.get("HTTP_ACCEPT_LANGUAGE", ""))


def gettext(message: str) -> str:
    """Return a message in this request's language."""
    return translations(language()).gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    """Return a message that counts, in this request's language."""
    return translations(language()).ngettext(one, many, n)


def pgettext(context: str, message: str) -> str:
    """Return a message whose English says two things, in this request's language."""
    return translations(language()).pgettext(context, message)


def name_of(tag: str) -> str:
    """Return what a language calls itself."""
    return _NAMES.get(tag, tag)


def init_app(app: Flask) -> None:
    """Teach the templates to speak, and keep a chosen language in a cookie."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]
    app.jinja_env.globals.update(language=language, languages=languages, language_name=name_of)
