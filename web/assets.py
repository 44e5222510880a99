"""Styles, scripts and pictures: our own files and the libraries beside them, never somebody else's server.

They are read once, served from memory under an address that changes with their content, and kept by
browsers for a year. ``python -m web.assets`` copies the libraries that npm installed.
"""

from __future__ import annotations

import shutil
from functools import lru_cache
from hashlib import blake2b
from mimetypes import guess_type
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request, url_for

from web import packing

_WEB = Path(__file__).parent
STATIC = _WEB / "static"
LIBRARIES = {
    "leaflet": ("node_modules/leaflet/dist", ("leaflet.js", "leaflet.css", "images/layers.png", "images/layers-2x.png")),
    "leaflet.markercluster": ("node_modules/leaflet.markercluster/dist",
                              ("leaflet.markercluster.js", "MarkerCluster.css", "MarkerCluster.Default.css")),
    "leaflet.featuregroup.subgroup": ("node_modules/leaflet.featuregroup.subgroup/dist",
                                      ("leaflet.featuregroup.subgroup.js",)),
}
"""Name under ``static/vendor`` → (folder npm made, the files of it that pages use)."""

_KEPT_S = 31_536_000
_COMPRESSIBLE = {".css", ".js", ".svg", ".json", ".webmanifest", ".txt"}
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
          ".webmanifest": "application/manifest+json", ".woff2": "font/woff2"}

bp = Blueprint("assets", __name__)


def copy_libraries() -> list[Path]:
    """Copy the libraries from where npm put them; return what is there now.

    Raises:
        FileNotFoundError: If npm has not installed them.
    """
    made = []
    for name, (folder, files) in LIBRARIES.items():
        target = STATIC / "vendor" / name
        target.mkdir(parents=True, exist_ok=True)
        for file in files:
            (target / file).parent.mkdir(exist_ok=True)
            shutil.copyfile(_WEB / folder / file, target / file)
            made.append(target / file)
    return made


@lru_cache(maxsize=1)
def _files() -> dict[str, bytes]:
    return {path.relative_to(STATIC).as_posix(): path.read_bytes() for path in sorted(STATIC.rglob("*")) if path.is_file()}


@lru_cache(maxsize=1)
def version() -> str:
    """Return a short name for the content of all files together; modules may import each other by relative address."""
    digest = blake2b(digest_size=6)
    for name, content in _files().items():
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()


@bp.get("/static/<edition>/<path:name>")
def file(edition: str, name: str) -> Response:
    """One file, from memory; an address of another edition is answered, but not kept."""
    content = _files().get(name)
    if content is None:
        abort(404)
    suffix = Path(name).suffix
    encoding = packing.taken(request.headers.get("Accept-Encoding", "")) if suffix in _COMPRESSIBLE else ""
    response = Response(packing.packed(content, encoding),
                        content_type=_TYPES.get(suffix) or guess_type(name)[0] or "application/octet-stream")
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"public, max-age={_KEPT_S}, immutable" if edition == version() else "no-cache"
    return response


def names() -> list[str]:
    """Return the names of all files."""
    return list(_files())


def content(name: str) -> bytes:
    """Return what is in a file."""
    return _files()[name]


def address(name: str) -> str:
    """Return the address of a file in its present edition."""
    return url_for("assets.file", edition=version(), name=name)


def init_app(app: Flask) -> None:
    """Serve the files, and let templates name them: ``asset('page.css')``."""
    app.register_blueprint(bp)
    app.jinja_env.globals.update(asset=address, has_asset=_files().__contains__)


if __name__ == "__main__":
    copy_libraries()
