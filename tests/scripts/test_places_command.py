"""`nuanxin places`: a list replaces or adds, all of it or nothing, and is searched at once."""

from __future__ import annotations

from geodata import places

LIST = "名称,经度,纬度,类别,精度\n二七塔,113.66,34.75,landmark,80\n紫荆山路与金水路路口,113.68,34.77,crossing,40\n"


def test_a_list_replaces_the_shipped_one_and_tells_the_counts_by_category(empty, tmp_path):
    (tmp_path / "list.csv").write_text(LIST, "utf-8")

    done = empty("places", "load", str(tmp_path / "list.csv"), "--datum", "wgs84")

    assert done.exit_code == 0, done.output
    assert "2 places read (landmark 1, crossing 1); 2 in all" in done.stdout
    assert [p["name"] for p in empty.answer("places", "list")["places"]] == ["二七塔", "紫荆山路与金水路路口"]
    assert empty.answer("search", "jinshuilu")["results"][0]["name"] == "紫荆山路与金水路路口"
    assert empty.answer("search", "天安门")["results"] == []


def test_adding_keeps_what_there_was_and_twice_is_once(empty, tmp_path):
    (tmp_path / "list.csv").write_text(LIST, "utf-8")

    for _ in range(2):
        done = empty("places", "load", str(tmp_path / "list.csv"), "--add", "--datum", "wgs84")

    assert f"{len(places.load()) + 2} in all" in done.stdout
    assert {r["type"] for r in empty.answer("search", "天安门")["results"]} == {"place"}
    assert empty.answer("places", "list", "crossing")["places"][-1]["name"] == "紫荆山路与金水路路口"


def test_a_dry_run_writes_nothing(empty, tmp_path):
    (tmp_path / "list.csv").write_text(LIST, "utf-8")

    done = empty("places", "load", str(tmp_path / "list.csv"), "--datum", "wgs84", "--dry-run")

    assert "nothing was written" in done.stdout
    assert not (empty.home / places.NAME).exists()


def test_a_wrong_row_keeps_all_rows_out_and_names_line_and_column(empty, tmp_path):
    (tmp_path / "list.csv").write_text(LIST + "坏,200,34.7,landmark,\n", "utf-8")

    done = empty("places", "load", str(tmp_path / "list.csv"), "--datum", "wgs84")

    assert done.exit_code == 1
    assert "list.csv:4: 经度 (lon) '200.0'" in done.stderr
    assert not (empty.home / places.NAME).exists()


def test_an_unstated_datum_is_asked_for(empty, tmp_path):
    (tmp_path / "list.csv").write_text(LIST, "utf-8")

    done = empty("places", "load", str(tmp_path / "list.csv"))

    assert done.exit_code == 1
    assert "--datum" in done.stderr


def test_the_table_without_a_category_counts_them(empty):
    done = empty("places", "list")

    assert "crossing" in done.stdout
    assert "30" in done.stdout
