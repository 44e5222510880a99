"""Pictures of a study, opened with other programs: sizes, dots per inch, names for the ear, colours for the night, and what they say."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from geodata import study_pictures
from geodata.study_files import wording
from geodata.study_pictures import charts, fonts, ground, maps, sheet, svg
from locator.errors import NotBuilt, NotThere
from tests import studies

WORDS = "据本登记库绘制 · 审图号：GS(2026)0000号"
SVG = "{http://www.w3.org/2000/svg}"
OF = {"distances": "night", "areas": "night", "hours": "week", "hours-areas": "week", "day": "hours", "change": "compared"}


@pytest.fixture(scope="module", params=[*OF.items(), *((study_pictures.MAP, which) for which in ("night", "hours", "compared"))], ids="-".join)
def asked(request):
    """Every picture that there is: its name, and as SVG."""
    name, which = request.param
    return name, study_pictures.drawn(name, "svg", request.getfixturevalue(which), size="page", words=WORDS)


def texts_of(drawn: bytes) -> str:
    """Return what an SVG says, its description apart."""
    return " ".join(element.text or "" for element in ElementTree.fromstring(drawn).iter(f"{SVG}text"))


def test_the_map_of_a_week_says_of_its_marks_that_they_are_of_a_week_and_of_its_figure_which_reading_it_is(week, night):
    of_week, of_night = (texts_of(study_pictures.drawn("map", "svg", one, size="page", words=WORDS)) for one in (week, night))

    assert "一周里有确定开放的小时" in of_week
    assert "当时不开放的站点" in of_night
    assert "当时不开放" not in of_week
    assert all("（开放时间未知的按关闭计）" in one for one in (of_week, of_night))


def test_pictures_of_several_sites_call_what_they_show_by_its_name_and_count_as_the_page_does(make_atlas):
    of_two = studies.study(make_atlas, fold=2)
    drawn, areas = (texts_of(study_pictures.drawn(name, "svg", of_two, size="page", words=WORDS)) for name in ("map", "areas"))

    assert wording.places(of_two).zh.split("（")[0] in drawn
    for said in (drawn, areas):
        assert "交叉覆盖率" in said
        assert "覆盖率" not in said.replace("交叉覆盖率", "")


@pytest.mark.parametrize("name", ["map", "distances"])
def test_a_picture_for_a_screen_has_exactly_its_pixels(night, name):
    picture = Image.open(io.BytesIO(study_pictures.drawn(name, "png", night, size="screen", words=WORDS)))

    assert picture.size == (1920, 1080)
    assert np.asarray(picture.convert("L")).std() > 10  # something is drawn


def test_a_picture_for_print_is_a4_at_300_dots_an_inch_and_says_so(night):
    picture = Image.open(io.BytesIO(study_pictures.drawn("areas", "png", night, size="print", words=WORDS)))

    assert picture.size == (3508, 2480)
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert [round(pixels / 300 * 25.4) for pixels in picture.size] == [297, 210]


def test_an_svg_has_a_name_and_a_description_and_nothing_that_runs_or_leads_away(asked):
    _, drawn = asked
    root = ElementTree.fromstring(drawn)

    assert (root.get("role"), root.get("aria-labelledby"), root.get("lang")) == ("img", "title desc", "zh-CN")
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert (title.get("id"), description.get("id")) == ("title", "desc")
    assert len(title.text) > 5
    assert len(description.text) > 10
    text = drawn.decode()
    assert "<script" not in text
    assert not re.search(r"(?:xlink:)?href=\"(?!#|data:image/png)", text)
    assert "<metadata" not in text


def test_every_picture_says_whose_people_they_are_and_of_which_register(asked):
    name, drawn = asked
    said = texts_of(drawn).replace(" ", "")

    assert "人口：试点人口" in said
    assert "登记库第7版（2026-03-01）" in said
    assert "服务半径1,500米" in said
    assert ("GS(2026)0000号" in said) == (name == study_pictures.MAP)


def test_a_picture_is_drawn_the_same_every_time(night):
    first, second = (study_pictures.drawn("areas", "svg", night, size="page", words=WORDS) for _ in range(2))

    assert first == second


def test_by_night_every_colour_of_text_and_lines_has_another():
    finished = svg.finished(b'<!DOCTYPE svg><svg width="1"><text style="fill: #211a15"/></svg>', "a<b", "c&d", "en").decode()

    assert "@media screen and (prefers-color-scheme: dark)" in finished
    assert '[style*="fill: #211a15"]{fill:#f6eee5!important}' in finished
    assert "<title id=\"title\">a&lt;b</title>" in finished
    for day, night in svg._NIGHT.items():
        assert contrast(night, "#1f1915") >= (4.5 if day in ("#211a15", "#5c5148") else 1.0), day


def test_words_and_marks_stand_out_by_day():
    from geodata.study_files import palette

    assert contrast(palette.INK, "#ffffff") >= 7
    assert contrast(palette.SOFT, "#ffffff") >= 4.5
    for colour in (palette.SERVED, palette.NOT_SERVED, palette.LOST, palette.YES, palette.CIRCLE, palette.OUTLINE):
        assert contrast(colour, palette.LAND) >= 3, colour
    lightness = [luminance(colour) for colour in palette.RAMP]
    assert lightness == sorted(lightness, reverse=True)


def luminance(colour: str) -> float:
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_typeface_is_the_mainlands_not_the_first_face_of_the_collection():
    family = fonts.ready()
    found = font_manager.findfont(family)

    assert family in fonts.FAMILIES
    if str(found).endswith(".ttc"):
        assert found.face_index == next(face.number for face in fonts._of_file(str(found)) if face.family == family)


def test_without_a_typeface_there_is_no_picture_but_a_sentence(night, monkeypatch):
    fonts.ready.cache_clear()
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: ["/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"])

    with pytest.raises(NotBuilt, match="fonts-noto-cjk"):
        study_pictures.drawn("areas", "svg", night, size="page", words=WORDS)
    fonts.ready.cache_clear()


def test_a_study_without_a_chart_says_so(night, week):
    for name in ("hours", "day", "change", "hours-110101", "no-such"):
        with pytest.raises(NotThere):
            study_pictures.drawn(name, "svg", night, size="page", words=WORDS)
    with pytest.raises(NotThere):
        study_pictures.drawn("hours-999999", "svg", week, size="page", words=WORDS)


def test_people_by_distance_are_the_studys_and_those_within_reach_have_another_colour(night):
    drawn, _ = charts.distances(night, sheet.PAGE)
    bars = drawn.figure.axes[0].containers[0]

    assert [bar.get_height() * 10_000 for bar in bars] == pytest.approx(night.distances["total"]["people"])
    colours = [bar.get_facecolor() for bar in bars]
    assert len(set(colours[:15])) == len(set(colours[15:])) == 1
    assert colours[0] != colours[15]


def test_areas_are_ordered_by_coverage_and_show_both_readings(night):
    drawn, description = charts.areas(night, sheet.PAGE)
    sure, maybe = drawn.figure.axes[0].containers
    want = sorted(line["coverage_share"] for line in night.coverage["areas"] if line["coverage_share"] is not None)

    assert [bar.get_width() for bar in sure] == pytest.approx(want)
    ends = sorted(bar.get_x() + bar.get_width() for bar in maybe)
    shares = [line["coverage_share_if_unknown_open"] for line in night.coverage["areas"]]
    assert ends == pytest.approx(sorted(share for share in shares if share is not None))
    assert "东城区" in description


def test_the_week_of_one_area_is_that_areas(week):
    code = week.coverage["areas"][0]["code"]
    drawn, _ = charts.hours(week, sheet.SCREEN, code)
    sure, maybe = (np.asarray(axes.images[0].get_array()) for axes in drawn.figure.axes)

    assert np.ravel(sure) == pytest.approx(week.coverage["areas"][0]["by_hour"])
    assert np.ravel(maybe) == pytest.approx(week.coverage["areas"][0]["by_hour_if_unknown_open"])
    assert week.coverage["areas"][0]["name"] in drawn.title


def test_a_map_is_true_to_shape_and_its_bar_to_the_ellipsoid(night):
    from locator.earth import geodesic_m

    drawn, _ = maps.gaps(night, sheet.SCREEN, WORDS)
    axes = drawn.figure.axes[0]
    label = next(text.get_text() for text in axes.texts if "公里" in text.get_text())
    ends = sorted({x for line in axes.lines if line.get_transform() == axes.transAxes for x in line.get_xdata()})
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    span = (ends[-1] - ends[0]) * (east - west)
    metres = geodesic_m(np.array([[west, (south + north) / 2]]), np.array([[west + span, (south + north) / 2]]))[0]

    assert metres == pytest.approx(float(label.split()[0]) * 1000, rel=0.005)
    pixels = drawn.figure.get_size_inches() * drawn.figure.dpi
    box = axes.get_position()
    a_metre_east = box.width * pixels[0] / geodesic_m(np.array([[west, (south + north) / 2]]), np.array([[east, (south + north) / 2]]))[0]
    a_metre_north = box.height * pixels[1] / geodesic_m(np.array([[west, south]]), np.array([[west, north]]))[0]
    assert a_metre_east == pytest.approx(a_metre_north, rel=0.01)


@pytest.mark.parametrize("turned", [1, -1])
def test_a_hole_in_an_area_not_served_stays_open(night, turned):
    square = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
    hole = [[1, 1], [1, 3], [3, 3], [3, 1], [1, 1]][::turned]
    figure = Figure(figsize=(1, 1), dpi=40)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 4), ylim=(0, 4))
    ground.draw(axes, {"type": "Polygon", "coordinates": [square, hole]}, facecolor="#000000", edgecolor="none", zorder=9)
    figure.canvas.draw()
    drawn = np.asarray(figure.canvas.buffer_rgba())[:, :, 0]

    assert drawn[35, 5] < 50
    assert drawn[20, 20] > 200


def test_a_days_map_shades_what_two_hours_do_not_share(hours):
    _, description = maps.hours(hours, sheet.PAGE_OF_MAP, WORDS, 12, 23)
    noon, late = (next(one for one in hours.day["hours"] if one["hour"] == hour) for hour in (12, 23))

    assert f"12 时覆盖 {noon['people']:,.0f} 人" in description
    assert f"23 时覆盖 {late['people']:,.0f} 人" in description
    with pytest.raises(NotThere):
        maps.hours(hours, sheet.PAGE_OF_MAP, WORDS, 12, 24)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_study_without_any_site_is_drawn_too(make_atlas, language):
    contents = studies.study(make_atlas, empty=True, language=language)

    for name in ("areas", "map"):
        assert study_pictures.drawn(name, "svg", contents, size="page", words=WORDS)
    drawn, _ = charts.distances(contents, sheet.PAGE)
    assert drawn.title in ("一半以上的人没有站点可去", "More than half the people have no site to go to")


def test_lines_are_no_wider_than_their_paper_and_lose_nothing():
    text = "北京市 · 暖心驿站 · 服务半径 1,000 米 · 2026-03-04 23:00 周三：人口，第七次全国人口普查各区常住人口"
    lines = sheet.wrapped(text, 20)

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(sheet.ems(line) <= 21 for line in lines)
    assert not any(line[0] in "，。：" for line in lines)
    assert sheet.cut("一二三四五六", 4) == "一二三…"
