"""A photo that came with a report: drawn anew, upright, small, without metadata; anything else is one refusal."""

from __future__ import annotations

import sqlite3
import struct
import threading
import zlib
from contextlib import closing
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from geodata import backup, photos, restore
from geodata.photos import EDGE_PX, MOST_BYTES, MOST_KEPT_BYTES, MOST_PIXELS, SMALL_PX, Photo
from geodata.registry import Registry, report_photos
from geodata.registry.database import FILE, Database
from geodata.registry.report_photos import OF_A_SITE
from geodata.registry.reports import KEPT
from geodata.reporting import NewReport
from locator.errors import BadFile, BadValue, Busy, NotThere, Refusal
from locator.typed import BEIJING
from tests.conftest import a_site

AT = datetime(2026, 3, 4, 10, 0, tzinfo=BEIJING)
MINUTE = timedelta(minutes=1)
RED, BLUE = (200, 20, 20), (20, 20, 200)
ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def halves(width=400, height=200) -> Image.Image:
    """A picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def file_of(image, kind="JPEG", **more) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **more)
    return stream.getvalue()


def opened(jpeg) -> Image.Image:
    image = Image.open(BytesIO(jpeg))
    image.load()
    return image


def near(pixel, colour):
    return max(abs(a - b) for a, b in zip(pixel, colour, strict=True)) < 30


def refused(content) -> Refusal:
    with pytest.raises(BadFile) as caught:
        photos.read(content)
    assert caught.value.field == "photo"
    return caught.value


# --- what is kept -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_kind_becomes_a_plain_jpeg_and_a_small_one(kind):
    photo = photos.read(file_of(halves(), kind))

    for jpeg, size in ((photo.jpeg, (400, 200)), (photo.small, (SMALL_PX, SMALL_PX // 2))):
        image = opened(jpeg)
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", size)
        assert near(image.getpixel((5, 5)), RED)
        assert near(image.getpixel((size[0] - 5, 5)), BLUE)


def test_a_large_photo_is_kept_no_larger_than_it_needs_to_be_looked_at():
    assert opened(photos.read(file_of(halves(4000, 3000))).jpeg).size == (EDGE_PX, EDGE_PX * 3 // 4)
    noise = file_of(Image.effect_noise((2000, 2000), 120), quality=90)

    assert len(photos.read(noise).jpeg) <= MOST_KEPT_BYTES < len(noise)


def test_the_camera_says_which_way_is_up_and_that_is_done_and_forgotten():
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned right by 90 degrees

    image = opened(photos.read(file_of(halves(), exif=exif)).jpeg)

    assert image.size == (200, 400)
    assert near(image.getpixel((100, 5)), RED)
    assert near(image.getpixel((100, 395)), BLUE)
    assert dict(image.getexif()) == {}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_of_where_when_and_by_which_phone_it_was_taken_is_kept(kind):
    exif = Image.Exif()
    exif[MAKER] = "SECRETPHONE"
    exif.get_ifd(GPS).update({1: "N", 2: (39.0, 54.0, 26.0), 3: "E", 4: (116.0, 23.0, 29.0)})
    sent = file_of(halves(), kind, exif=exif, **({"comment": b"SECRETNOTE"} if kind == "JPEG" else {})) + b"SECRETTAIL"
    assert Image.open(BytesIO(sent)).getexif().get_ifd(GPS)

    photo = photos.read(sent)

    for jpeg in (photo.jpeg, photo.small):
        image = opened(jpeg)
        assert (dict(image.getexif()), set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}) == ({}, set())
        assert b"SECRET" not in jpeg
        assert b"Exif" not in jpeg


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
def test_a_note_of_the_camera_that_cannot_be_read_does_not_refuse_the_photo():
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x05\x00\x12\x01\x03\x00\xff\xff\xff\xff"

    assert opened(photos.read(file_of(halves(), exif=exif)).jpeg).size == (400, 200)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_pictures_of_any_colours_are_read_and_what_is_transparent_is_white(mode):
    image = Image.new("RGBA", (50, 50), (0, 0, 0, 0)).convert(mode) if mode in ("LA", "RGBA") else halves(50, 50).convert("L").convert(mode)
    shown = opened(photos.read(file_of(image, "PNG")).jpeg)

    assert shown.size == (50, 50)
    if mode in ("LA", "RGBA"):
        assert near(shown.getpixel((25, 25)), (255, 255, 255))
    assert opened(photos.read(file_of(halves().convert("CMYK"))).jpeg).mode == "RGB"


def test_of_a_moving_picture_the_beginning_is_kept():
    moving = file_of(halves(40, 40), "WEBP", save_all=True, append_images=[Image.new("RGB", (40, 40), "white")], lossless=True)

    assert near(opened(photos.read(moving).jpeg).getpixel((5, 5)), RED)


# --- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("content", "words"), [
    (b"", "JPEG"), (b"no photo at all", "JPEG"), (file_of(halves(), "GIF"), "JPEG"), (file_of(halves(), "TIFF"), "JPEG"), (b"%PDF-1.7\n", "JPEG"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "JPEG"),
    (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "HEIC"), (b"\x00\x00\x00\x1cftypavif", "HEIC"),
    (b"\xff\xd8\xff" + bytes(MOST_BYTES), "8 MB"), (file_of(halves())[:-300], "damaged"), (file_of(halves(), "PNG")[:-40], "damaged"),
    (file_of(halves(), "WEBP")[:-40], "")], ids=lambda value: "" if isinstance(value, bytes) else value)
def test_another_file_a_broken_one_and_a_large_one_are_each_one_clear_refusal(content, words):
    assert words in refused(content).words.en


def png_that_says(width, height) -> bytes:
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(bytes(1000)))


@pytest.mark.parametrize("size", [(4097, 4096), (10_000, 9_000), (20_000, 20_000), (2_000_000, 2_000_000)])
def test_a_small_file_that_says_it_is_huge_is_refused_before_it_is_unpacked(size):
    said = refused(png_that_says(*size)).words.en

    assert "megapixels" in said


def test_a_jpeg_may_have_as_many_pixels_as_the_largest_usual_camera_makes_and_no_more():
    sent = bytearray(file_of(Image.new("L", (16, 16))))
    at = sent.index(b"\xff\xc0") + 5  # where the frame says its height and width
    sent[at:at + 4] = struct.pack(">HH", 6145, 8192)
    assert MOST_PIXELS < 6145 * 8192

    assert "50 megapixels" in refused(bytes(sent)).words.en


TURNED = Image.Exif()
TURNED[ORIENTATION] = 8
WHOLE = [file_of(halves(64, 48), kind, exif=TURNED) for kind in ("JPEG", "PNG", "WEBP")]


def read_or_refused(content):
    try:
        photo = photos.read(content)
    except BadFile:
        return
    assert max(opened(photo.jpeg).size) <= EDGE_PX


@pytest.mark.parametrize("whole", WHOLE, ids=["jpeg", "png", "webp"])
def test_wherever_a_file_breaks_off_it_is_read_or_refused(whole):
    photos.read(whole)
    for end in range(0, len(whole), max(1, len(whole) // 150)):
        read_or_refused(whole[:end])


@settings(max_examples=200, deadline=None)
@given(whole=st.sampled_from(WHOLE), changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=12))
def test_whatever_bytes_are_altered_it_is_read_or_refused(whole, changes):
    altered = bytearray(whole)
    for at, byte in changes:
        altered[at % len(altered)] = byte

    read_or_refused(bytes(altered))


HEADS = [b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x00\x00\x00\x00WEBPVP8 ", b"\x00\x00\x00\x20ftyp"]


@settings(max_examples=200, deadline=None)
@given(head=st.sampled_from(HEADS), rest=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(head, rest):
    read_or_refused(head + rest)


def test_while_one_is_read_the_next_waits_a_moment_and_is_then_asked_to_come_back(monkeypatch):
    monkeypatch.setattr(photos, "WAIT_S", 0.01)
    with photos._one_at_a_time, pytest.raises(Busy):
        photos.read(WHOLE[0])

    read = []
    others = [threading.Thread(target=lambda: read.append(photos.read(WHOLE[0]))) for _ in range(2)]
    monkeypatch.setattr(photos, "WAIT_S", 10.0)
    for thread in others:
        thread.start()
    for thread in others:
        thread.join()
    assert len(read) == 2


def test_what_it_shows_is_in_no_representation_that_a_log_might_hold():
    assert "\\x" not in repr(NewReport("locked", AT, photo=Photo(b"\xff\xd8", b"\xff\xd8")))


# --- in the registry ----------------------------------------------------------------------------------


@pytest.fixture
def registry(tmp_path):
    with Registry.open(tmp_path / "home", create=True) as registry:
        registry.commit([a_site(1), a_site(2)], who="t", why="t")
        yield registry


MARK, MARK_SMALL = b"a photo's bytes " * 4_000, b"a small photo's bytes " * 100
PHOTO = Photo(MARK, MARK_SMALL)


def new(kind="locked", token="", **more) -> NewReport:
    return NewReport(kind, AT, token=token * 20 or None, photo=more.pop("photo", PHOTO), **more)


def left_of(home) -> list[str]:
    """Files beside and of a registry that still hold something of the photo."""
    return [path.name for path in home.iterdir() if path.is_file() and (b"photo's bytes" in path.read_bytes())]


def photos_in(registry) -> list[int]:
    with closing(sqlite3.connect(registry.home / FILE)) as connection:
        return [number for number, in connection.execute("SELECT report_id FROM report_photos ORDER BY report_id")]


def test_a_photo_is_kept_with_its_report_and_others_have_none(registry):
    with_one = registry.reports.file("s1", new(), now=AT).report
    without = registry.reports.file("s2", new(photo=None), now=AT).report

    assert (with_one.has_photo, without.has_photo) == (True, False)
    assert (registry.reports.photo(with_one.id), registry.reports.photo(with_one.id, small=True)) == (MARK, MARK_SMALL)
    with pytest.raises(NotThere):
        registry.reports.photo(without.id)


def test_a_report_taken_back_leaves_nothing_of_its_photo_in_the_file_or_the_log_beside_it(registry):
    registry.reports.file("s1", new(key="k" * 20), now=AT)
    assert left_of(registry.home)

    registry.reports.take_back("s1", "k" * 20, now=AT + MINUTE)

    assert photos_in(registry) == []
    assert left_of(registry.home) == []


def test_a_report_that_can_no_longer_be_taken_back_keeps_its_photo(registry):
    number = registry.reports.file("s1", new(key="k" * 20), now=AT).report.id
    with pytest.raises(NotThere):
        registry.reports.take_back("s1", "k" * 20, now=AT + 11 * MINUTE)

    assert registry.reports.photo(number) == MARK


def test_a_rejected_report_loses_its_photo_and_a_confirmed_one_does_not(registry):
    wrong, right = (registry.reports.file(site, new(), now=AT).report.id for site in ("s1", "s2"))

    registry.reports.decide([right], "confirmed", who="li", why="", now=AT)
    registry.reports.decide([wrong], "rejected", who="li", why="看错了", now=AT)

    assert photos_in(registry) == [right]


def test_an_administrator_deletes_a_photo_and_the_report_stays(registry):
    number = registry.reports.file("s1", new(), now=AT).report.id

    registry.reports.delete_photo(number)

    assert not registry.reports.find(number).has_photo
    assert left_of(registry.home) == []
    with pytest.raises(NotThere):
        registry.reports.delete_photo(number)


def test_after_180_days_nothing_is_left_of_a_photo_whatever_was_decided(registry):
    old = registry.reports.file("s1", new(photo=PHOTO), now=AT).report.id
    registry.reports.decide([old], "confirmed", who="li", why="", now=AT)
    young = registry.reports.file("s2", new(photo=Photo(b"another", b"small")), now=AT + 2 * MINUTE).report.id

    assert registry.reports.prune(now=AT + KEPT) == 0
    assert registry.reports.photo(old) == MARK
    assert registry.reports.prune(now=AT + KEPT + MINUTE) == 1
    assert registry.reports.prune(now=AT + KEPT + MINUTE) == 0

    assert photos_in(registry) == [young]
    assert left_of(registry.home) == []


def test_a_backup_has_the_photos_and_a_restore_leaves_out_those_that_have_expired(registry, tmp_path):
    now = datetime.now(BEIJING)
    registry.reports.file("s1", new(), now=now - KEPT - MINUTE)
    kept = registry.reports.file("s2", new(photo=Photo(b"still young", b"small")), now=now).report.id
    file, home = tmp_path / "kept.zip", tmp_path / "elsewhere"
    backup.write(file, registry.home, Database(registry.home))

    restore.restore(file, home, Database(home))

    with Registry.open(home) as restored:
        assert restored.reports.photo(kept) == b"still young"
        assert photos_in(restored) == [kept]
    assert left_of(home) == []


def test_redacting_a_record_leaves_the_photos_of_its_reports_where_they_are(registry):
    registry.commit([a_site(1, phone="13800001111")], who="t", why="t")
    number = registry.reports.file("s1", new(), now=AT).report.id

    registry.redact("s1", "phone", who="li", why="asked for")

    assert registry.reports.photo(number) == MARK


def test_whoever_says_the_same_again_with_a_photo_adds_it_or_changes_it(registry):
    plain = registry.reports.file("s1", new(token="a", photo=None), now=AT).report
    again = registry.reports.file("s1", new(token="a"), now=AT + MINUTE)
    other = registry.reports.file("s1", new(token="a", photo=Photo(b"another", b"small")), now=AT + MINUTE)
    silent = registry.reports.file("s1", new(token="a", photo=None), now=AT + MINUTE)

    assert [f.report.id for f in (again, other, silent)] == [plain.id] * 3
    assert registry.reports.photo(plain.id) == b"another"
    assert photos_in(registry) == [plain.id]


def test_a_decided_report_takes_no_other_photo(registry):
    number = registry.reports.file("s1", new(key="k" * 20, photo=None), now=AT).report.id
    registry.reports.decide([number], "rejected", who="li", why="看错了", now=AT)

    assert registry.reports.file("s1", new(key="k" * 20), now=AT).repeated
    assert photos_in(registry) == []


def test_a_place_takes_so_many_photos_an_hour_of_strangers_and_then_the_report_without_one(registry):
    for n in range(OF_A_SITE):
        registry.reports.file("s1", new(token=chr(97 + n)), now=AT)
    with pytest.raises(BadValue) as caught:
        registry.reports.file("s1", new(token="z"), now=AT)
    assert caught.value.field == "photo"
    assert len(registry.reports.entries()) == OF_A_SITE  # nothing of it was filed

    registry.reports.file("s1", new(token="z", photo=None), now=AT)
    registry.reports.file("s2", new(token="z"), now=AT)
    registry.reports.file("s1", new("moved", token="z"), now=AT + report_photos.OF_A_SITE_WITHIN + MINUTE)
    registry.reports.file("s1", new("gone"), now=AT, filed_by="hotline")


def test_no_more_photos_are_kept_than_there_is_room_for_and_rejecting_makes_room(registry, monkeypatch):
    monkeypatch.setattr(report_photos, "MOST_KEPT", 2)
    first = registry.reports.file("s1", new(token="a"), now=AT).report.id
    registry.reports.file("s2", new(token="a"), now=AT)
    with pytest.raises(BadValue):
        registry.reports.file("s2", new(token="b"), now=AT)

    registry.reports.decide([first], "rejected", who="li", why="乱拍的", now=AT)

    assert registry.reports.file("s2", new(token="b"), now=AT).report.has_photo
