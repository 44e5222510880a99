"""A photo that came with a report → a plain small JPEG of what it shows, and nothing else of it.

Whatever is sent is decoded and drawn anew: no byte of the file is kept, so neither where nor when it was
taken, by which phone, nor anything hidden in it. Colours are read as sRGB.
"""

from __future__ import annotations

import logging
import threading
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from locator.errors import BadFile, Busy

MOST_BYTES = 8 << 20
"""Of a file that is sent."""
MOST_PIXELS, MOST_PIXELS_WHOLE = 8192 * 6144, 4096 * 4096
"""Of a JPEG: what the largest usual camera makes; of the others, which are unpacked whole. A file says its size before that."""
EDGE_PX, SMALL_PX = 1600, 240
"""The longer edge of what is kept, at most: to look at, and in a list."""
QUALITY, SMALL_QUALITY = 80, 70
MOST_KEPT_BYTES = 600_000
"""What is kept is drawn more coarsely until it is no more than this, or cannot be much coarser."""
WAIT_S = 5.0
FORMATS = ("JPEG", "PNG", "WEBP")
_COARSER = ((EDGE_PX, QUALITY), (EDGE_PX, 60), (1280, 50), (960, 40))
_HEIF = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"avif", b"avis"))
_one_at_a_time = threading.Semaphore()

logging.getLogger("PIL").setLevel(logging.WARNING)  # for debugging it writes down what the camera noted
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)  # a size that the library only warns of is refused


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it is kept: two JPEGs without metadata."""

    jpeg: bytes = field(repr=False)
    small: bytes = field(repr=False)


def read(content: bytes) -> Photo:
    """Return what a photo shows, upright, on white where it is transparent; of a moving picture the beginning.

    One is read at a time in a process: unpacked it is some hundred megabytes.

    Args:
        content: A file's bytes: JPEG, PNG or WebP, told by what they are and not by any name.

    Raises:
        BadFile: If it is too large in bytes or pixels, of another kind, or cannot be read to its end; `field` is ``photo``.
        Busy: If others are read for longer than `WAIT_S`.
    """
    if len(content) > MOST_BYTES:
        raise too_large()
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF:
        raise _refused("读不了 HEIC/AVIF 照片：请在手机相机设置里选“兼容性最佳”（JPEG）再拍，或不附照片",
                       "HEIC and AVIF are not read: set the camera to “most compatible” (JPEG), or leave the photo out")
    if not _one_at_a_time.acquire(timeout=WAIT_S):
        raise Busy("photo", None, zh="正在处理别的照片，请稍后再试，或不附照片",
                   en="other photos are being read; try again shortly, or leave the photo out", wait_s=int(WAIT_S))
    try:
        return _drawn_anew(content)
    except BadFile:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_many_pixels(MOST_PIXELS) from None
    except Exception:  # noqa: BLE001 - there is nothing that a broken file cannot make a decoder raise
        raise _refused("照片不完整或已损坏，请重拍一张，或不附照片", "is damaged or not whole: take another, or leave the photo out") from None
    finally:
        _one_at_a_time.release()


def too_large() -> BadFile:
    """Return the refusal of a file of more than `MOST_BYTES`."""
    return _refused(f"照片超过 {MOST_BYTES >> 20} MB，请选小一些的，或不附照片",
                    f"has more than {MOST_BYTES >> 20} MB: choose a smaller one, or leave the photo out")


def _drawn_anew(content: bytes) -> Photo:
    try:
        image = Image.open(BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError:
        raise _refused("不是 JPEG、PNG 或 WebP 照片", "is not a JPEG, PNG or WebP photo") from None
    with image:
        most = MOST_PIXELS_WHOLE if image.format in ("PNG", "WEBP") else MOST_PIXELS
        if image.width * image.height > most:
            raise _too_many_pixels(most)
        # a JPEG is unpacked at a half, a quarter or an eighth right away where that is enough
        image.draft("RGB", (EDGE_PX * 2, EDGE_PX * 2))
        seen = image if image.mode in ("RGB", "RGBA", "L") else image.convert("RGBA")
        seen.thumbnail((EDGE_PX, EDGE_PX))
        with suppress(Exception):  # a camera's note that cannot be read does not make the picture worse
            seen = ImageOps.exif_transpose(seen)
        plain = Image.new("RGB", seen.size, "white")  # a new picture knows nothing of the old one's notes
        plain.paste(seen, mask=seen if seen.mode == "RGBA" else None)
    for edge, quality in _COARSER:
        jpeg = _jpeg(plain, edge, quality)
        if len(jpeg) <= MOST_KEPT_BYTES:
            break
    return Photo(jpeg, _jpeg(plain, SMALL_PX, SMALL_QUALITY))


def _jpeg(image: Image.Image, edge: int, quality: int) -> bytes:
    drawn, stream = image.copy(), BytesIO()
    drawn.thumbnail((edge, edge))
    drawn.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def _too_many_pixels(most: int) -> BadFile:
    return _refused(f"照片超过 {most // 10_000} 万像素，请选小一些的，或不附照片",
                    f"has more than {most // 1_000_000} megapixels: choose a smaller one, or leave the photo out")


def _refused(zh: str, en: str) -> BadFile:
    return BadFile("photo", None, zh=zh, en=en)
