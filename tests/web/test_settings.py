"""Settings: one record, from a file or the environment; what is wrong is named with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from locator.errors import BadFile, BadValue, Refusal, UnknownCode
from web import configuration
from web.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
TILES = {"base_map": "https://tiles.example/{z}/{x}/{y}.png", "base_map_datum": "gcj02", "base_map_attribution": "某地图",
         "base_map_approval": "GS(2024)0650号"}


def of_file(home: Path, text: str, **environ: str) -> Settings:
    (home / "settings.toml").write_text(text, "utf-8")
    return Settings.from_environment({"NUANXIN_HOME": str(home), **environ})


def test_a_file_in_the_home_sets_what_the_environment_does_not(tmp_path):
    settings = of_file(tmp_path, """
public_url = "https://nuanxin.example/"
path_prefix = "/nuanxin/"
trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]
log_requests = true
base_map_max_zoom = 16
log_level = "error"
""", NUANXIN_LOG_LEVEL="warning", NUANXIN_CORS_ORIGINS="https://a.example, https://b.example")

    assert settings.public_url == "https://nuanxin.example"
    assert settings.path_prefix == "/nuanxin"
    assert settings.trusted_proxies == ("127.0.0.1", "10.0.0.0/8")
    assert settings.log_requests is True
    assert settings.base_map_max_zoom == 16
    assert settings.log_level == "warning"
    assert settings.cors_origins == ("https://a.example", "https://b.example")


def test_every_setting_travels_to_worker_processes(tmp_path):
    settings = Settings(home=tmp_path, database="sqlite:///x", demo=False, only="internal", public_url="https://a.example",
                        path_prefix="/a/b", trusted_proxies=("::1",), tls_certificate=Path("/c.pem"), tls_key=Path("/k.pem"), **TILES,
                        base_map_labels="http://tiles.example:81/n/{z}/{x}/{y}", base_map_max_zoom=17, icp="京ICP备12345678号-1",
                        police="京公网安备11010102001234号", cors_origins=("https://b",), log_level="debug", log_requests=True,
                        metrics_from=("10.1.1.1",), metrics_token="t", exposed=True, noop=True, planner_public=True)

    assert Settings.from_environment(settings.as_environment()) == settings
    assert all(getattr(settings, name) != field.default for name, field in configuration.FIELDS.items() if name != "tianditu_key")
    tianditu = Settings(base_map="tianditu", tianditu_key="0123456789abcdef", base_map_approval="GS(2024)0650号")
    assert Settings.from_environment(tianditu.as_environment()) == tianditu


@pytest.mark.parametrize(("written", "near"), [('trusted_proxys = ["127.0.0.1"]', "trusted_proxies"), ('ICP = "x"', "icp"),
                                               ("[base_map]\nurl = 'x'", "base_map"), ('home = "/x"', "icp")])
def test_an_unknown_key_is_refused_naming_the_nearest(tmp_path, written, near):
    with pytest.raises(Refusal) as caught:
        of_file(tmp_path, written)

    assert "settings.toml" in caught.value.sentence("zh")
    if written[0] not in "[h":
        assert isinstance(caught.value, UnknownCode)
        assert near in caught.value.words.en


def test_an_unknown_variable_is_refused_naming_the_nearest():
    with pytest.raises(UnknownCode) as caught:
        configuration.check_names({"NUANXIN_TRUSTED_PROXY": "127.0.0.1", "PATH": "/bin"})

    assert "NUANXIN_TRUSTED_PROXIES" in caught.value.words.zh
    configuration.check_names({"NUANXIN_HOME": "x", "NUANXIN_LANGUAGE": "en", "NUANXIN_TRACEBACK": "1", "NUANXIN_TEST_POSTGRESQL": "x"})


@pytest.mark.parametrize("written", ['log_requests = "yes"', "public_url = 5", 'cors_origins = "https://a.example"', "trusted_proxies = [1]",
                                     "base_map_max_zoom = 1.5", "base_map_max_zoom = true"])
def test_a_value_of_another_type_is_refused_in_its_place(tmp_path, written):
    with pytest.raises(BadValue) as caught:
        of_file(tmp_path, written)

    assert caught.value.at == "settings.toml"
    assert caught.value.field == written.split(" ")[0]


@pytest.mark.parametrize(("given", "field"), [
    ({"only": "nobody"}, "only"), ({"public_url": "nuanxin.example"}, "public_url"), ({"public_url": "https://a.example/path"}, "public_url"),
    ({"public_url": "https://user@a.example"}, "public_url"), ({"path_prefix": "nuanxin"}, "path_prefix"), ({"path_prefix": "/a b"}, "path_prefix"),
    ({"path_prefix": "//evil.example"}, "path_prefix"), ({"trusted_proxies": ("proxy.example",)}, "trusted_proxies"),
    ({"metrics_from": ("1.2.3.4/8",)}, "metrics_from"), ({"tls_key": "/k.pem"}, "tls_key"), ({"cors_origins": ("*",)}, "cors_origins"),
    ({"cors_origins": ("https://a.example/",)}, "cors_origins"), ({"log_level": "loud"}, "log_level"), ({"icp": "<b>"}, "icp"),
    ({"police": "京公网安备1号"}, "police"), ({"base_map": "osm"}, "base_map"),
    ({**TILES, "base_map": "https://{s}.a.example/{z}/{x}/{y}"}, "base_map"),
    ({**TILES, "base_map": "ftp://a.example/{z}/{x}/{y}"}, "base_map"),
    ({**TILES, "base_map": "https://a.example; script-src *//{z}/{x}/{y}"}, "base_map"),
    ({**TILES, "base_map_datum": "bd09"}, "base_map_datum"), ({**TILES, "base_map_datum": None}, "base_map_datum"),
    ({**TILES, "base_map_approval": " "}, "base_map_approval"), ({**TILES, "base_map_attribution": None}, "base_map_attribution"),
    ({**TILES, "base_map_max_zoom": 40}, "base_map_max_zoom"), ({**TILES, "base_map_labels": "x"}, "base_map_labels")])
def test_a_value_that_will_not_do_is_refused_by_name(given, field):
    with pytest.raises(BadValue) as caught:
        Settings(**given)

    assert caught.value.field == field


@pytest.mark.parametrize("content", [b"public_url = ", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_refused(tmp_path, content):
    (tmp_path / "settings.toml").write_bytes(content)

    with pytest.raises(BadFile):
        Settings.from_environment({"NUANXIN_HOME": str(tmp_path)})


def test_a_wmts_template_in_its_own_words_is_understood():
    from web.basemap import BaseMap

    tiles = BaseMap.of(Settings(**{**TILES, "base_map": "https://t0.example.cn/vec_w/wmts?TILEMATRIX={TileMatrix}&TILEROW={TileRow}&TILECOL={TileCol}&tk=k"}))

    assert tiles.templates == ("https://t0.example.cn/vec_w/wmts?TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=k",)
    assert tiles.hosts == ("https://t0.example.cn",)


def test_the_documents_table_is_the_records_own():
    assert configuration.table() in (ROOT / "docs" / "settings.md").read_text("utf-8")
