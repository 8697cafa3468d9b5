"""The page: one file that says what the CSV says, looked at in a real browser where there is one."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from browsers import CHROMIUM, opened, with_data
from PIL import Image
from stored import EVENT, HAPPENED, derived, published, put, put_predictions

from benchmark import PROJECT
from leaderboard.board.merged import Merged, csv, merged, read_csv
from leaderboard.board.write import write_board
from leaderboard.page import data, picture
from leaderboard.page.page import contradictions, embedded, page
from leaderboard.publishing.pictures import Pictures

EVIL = "</script><img src=x onerror=alert(1)>"


def made(home: Path, rows: int = 3) -> str:
    """The page of a board of a reference, `rows` models on two protocols, and one with an evil reason."""
    reads = {"encodings": ("text",), "encoders": {"text": "minilm"}}
    for protocol in ("frozen", "rolling"):
        put(home / "runs", "recent_median", 1.5, protocol=protocol)
        for number in range(rows):
            put(home / "runs", f"model_{number}", 1 + number / 10, protocol=protocol, **reads)
        put(home / "runs", "evil", status="failed", reason=EVIL, protocol=protocol)
    return page_of(board_of(home))


def board_of(home: Path) -> Merged:
    return merged(home / "runs", home / "published" / "results")


def page_of(found: Merged) -> str:
    return page(found.board, found.slices, found.tables, found.folders)


@pytest.mark.slow
def test_the_page_has_every_score_of_the_csv_to_its_last_digit(tmp_path: Path) -> None:
    told = {
        (row["baseline"], row["protocol"], target, measure): numbers
        for row in embedded(made(tmp_path))["rows"]
        for target, scores in row["scores"].items()
        for measure, numbers in scores.items()
    }
    board = read_csv(csv(board_of(tmp_path).board))
    scored = board[board["measure"].notna()]
    assert len(told) == len(scored) > 0
    for line in scored.itertuples():
        score, low, high, *_ = told[line.baseline, line.protocol, line.target, line.measure]
        assert (score, low, high) == pytest.approx((line.score, line.score_low, line.score_high), rel=1e-12)


@pytest.mark.slow
def test_the_same_board_gives_the_same_page(tmp_path: Path) -> None:
    made(tmp_path)
    assert page_of(board_of(tmp_path)) == page_of(board_of(tmp_path))


def test_nothing_in_the_page_is_fetched_and_no_name_can_end_its_data(tmp_path: Path) -> None:
    text = made(tmp_path)
    assert not re.search(r'(?:src|href)="(?!data:|#)', text)
    assert EVIL not in text
    assert any(EVIL in row["status"] for row in embedded(text)["rows"])


@pytest.mark.slow
def test_a_page_whose_numbers_are_not_those_of_the_results_is_found_out(tmp_path: Path) -> None:
    text = made(tmp_path)
    found = board_of(tmp_path)
    assert contradictions(text, found.board, found.tables) == []
    told = embedded(text)
    (wrong,) = (row for row in told["rows"] if (row["baseline"], row["protocol"]) == ("model_1", "frozen"))
    wrong["scores"]["likes"]["mae"][0] = 0.9
    (phrase,) = contradictions(with_data(text, told), found.board, found.tables)
    assert "posts/likes/frozen/model_1" in phrase
    assert contradictions("<html></html>", found.board, found.tables) != []
    told = embedded(text)
    told["cards"][0]["verdict"] = "model_2 is best."
    (phrase,) = contradictions(with_data(text, told), found.board, found.tables)
    assert phrase == "its verdicts are not those of the results"
    told = embedded(text)
    told["pairs"][1]["ends"]["likes"]["mae"]["low"][2] += 100
    (phrase,) = contradictions(with_data(text, told), found.board, found.tables)
    assert phrase == "its paired intervals of posts/likes/rolling are not those of the results"
    (phrase,) = contradictions(
        with_data(text, told | {"pairs": told["pairs"][:1]}), found.board, found.tables
    )
    assert "posts/likes/rolling" in phrase, "nor may they be missing"


def test_a_page_that_is_cut_short_or_damaged_is_found_out(tmp_path: Path) -> None:
    text = made(tmp_path)
    found = board_of(tmp_path)
    start = text.index('id="data">') + len('id="data">')
    end = text.index("</script>", start)
    half = text[:start] + text[start : (start + end) // 2] + text[end:]
    other = text[:start] + "H4sI" + text[start:end] + text[end:]
    for damaged in (half, other):
        (phrase,) = contradictions(damaged, found.board, found.tables)
        assert phrase.startswith("its data cannot be read: packed data that are")


@pytest.mark.slow
def test_a_page_that_is_damaged_says_where_its_scores_are_too(browser: Any, tmp_path: Path) -> None:
    text = made(tmp_path)
    start = text.index('id="data">') + len('id="data">')
    (tmp_path / "index.html").write_text(text[:start] + "H4sI" + text[start:], encoding="utf-8")
    tab = browser.new_page()
    tab.goto((tmp_path / "index.html").as_uri())
    tab.get_by_text("The same scores are in LEADERBOARD.md").wait_for()


@pytest.mark.slow
def test_the_page_has_the_paired_interval_of_any_two_rows_of_a_table(tmp_path: Path) -> None:
    told = embedded(made(tmp_path))
    board = read_csv(csv(board_of(tmp_path).board)).set_index("baseline")
    assert len(told["pairs"]) == 2, "a table each of two protocols"
    for entry in told["pairs"]:
        names = [told["rows"][place]["baseline"] for place in entry["rows"]]
        lows, highs = (entry["ends"]["likes"]["mae"][end] for end in ("low", "high"))
        pairs = list(combinations(names, 2))
        assert len(lows) == len(highs) == len(pairs) == 6
        for (one, other), low, high in zip(pairs, lows, highs, strict=True):
            mae = board[board["measure"] == "mae"].groupby("baseline")["score"].first()
            apart = (mae[one] - mae[other]) * told["parts"]
            assert (low, high) == pytest.approx((apart,) * 2, abs=10)


@pytest.mark.slow
def test_a_page_made_without_labels_shows_of_published_rows_what_one_made_with_them_shows(
    tmp_path: Path,
) -> None:
    """Their pictures, plots and paired intervals."""
    for name, error in (("recent_median", 1.5), ("model", 1.0), ("other", 1.1)):
        put_predictions(tmp_path / "here" / "runs", name, error)
    results = published(tmp_path / "here" / "runs", tmp_path / "published")
    for home in ("here", "elsewhere"):
        write_board(tmp_path / home / "runs", tmp_path / home, results)
    here, elsewhere = (
        embedded((tmp_path / home / "index.html").read_text()) for home in ("here", "elsewhere")
    )
    assert elsewhere["rows"][0]["against"] and elsewhere["pairs"]
    assert elsewhere["rows"] == here["rows"]
    assert elsewhere["pairs"] == here["pairs"]


def test_rows_whose_labels_are_nowhere_are_told_to_be_undrawn(tmp_path: Path) -> None:
    told = embedded(made(tmp_path))["rows"]
    assert {row["baseline"] for row in told if "undrawn" not in row} == {"evil"}
    assert all("against" not in row for row in told)


def test_the_page_speaks_of_each_row_by_the_measures_of_its_task(tmp_path: Path) -> None:
    for name, error in (("recent_rate", 3.0), ("good", 0.2)):
        put_predictions(tmp_path / "runs", name, error, **EVENT)
    told = embedded(page_of(board_of(tmp_path)))
    good = next(row for row in told["rows"] if row["baseline"] == "good")
    assert (good["primary"], good["reference"]) == ("average_precision", "recent_rate")
    assert good["brief"] == ["average_precision", "auc"]
    assert list(good["reliability"]) == ["likes"] and "against" not in good
    assert good["rates"] == pytest.approx([HAPPENED.mean()], rel=1e-5)
    (entry,) = told["pairs"]
    assert {"average_precision", "auc", "brier", "skill"} <= entry["ends"]["likes"].keys(), "what ranks"
    assert "week_best" not in entry["ends"]["likes"], "what neither row has is left out"
    assert told["measures"]["average_precision"] == {
        "title": "Average precision",
        "better": "higher",
        "perfect": 1.0,
        "distance": False,
    }
    assert told["slices"]["columns"] == ["row", "target", "slice", "n", "value", "low", "high"]
    (table,) = derived(tmp_path / "runs")
    (run,) = next(row.runs for row in table.rows if row.about.baseline == "good")
    wanted = {one.slice: one.value for one in run.slices if one.measure == "average_precision"}
    place = told["rows"].index(good)
    lines = [line for line in told["slices"]["lines"] if line[0] == place]
    shown = {told["slices"]["names"][slice]: value for _, _, slice, _, value, _, _ in lines}
    assert shown and shown == pytest.approx(wanted, rel=1e-4), "every one"
    assert all(low <= value <= high for *_, value, low, high in lines)


def test_every_row_has_a_plot_before_any_has_two_and_those_beyond_the_budget_are_named() -> None:
    rows = [Pictures(None, {"learning_curve": b"sixsix", "map": b"six"}), Pictures(None, {"map": b"sixsix"})]
    one, other = data._Plots(budget=10).of(rows)
    assert one[0] == {"name": "learning curve", "image": "data:image/webp;base64,c2l4c2l4"}
    assert "image" in other[0], "the one that reaches the budget is whole"
    assert one[1] == {"name": "map", "file": "plots/map.webp"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    home = tmp_path_factory.mktemp("page")
    (home / "index.html").write_text(made(home), encoding="utf-8")
    return (home / "index.html").as_uri()


@pytest.fixture(scope="module")
def scored_address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page of rows with predictions: of a number, and of an event."""
    home = tmp_path_factory.mktemp("scored")
    for name, error in (("recent_median", 1.5), ("model", 1.0)):
        put_predictions(home / "runs", name, error)
        put_predictions(home / "runs", name, error, dataset="ranked", primary="spearman")
    for name, error in (("recent_rate", 3.0), ("good", 0.2), ("fair", 1.0)):
        put_predictions(home / "runs", name, error, dataset="viral", title="What went viral", **EVENT)
    write_board(home / "runs", home, home / "nothing")
    return (home / "index.html").as_uri()


def names(tab: Any) -> list[str]:
    return list(tab.locator("tbody .name").all_inner_texts())


@pytest.mark.slow
def test_rows_are_sorted_filtered_and_picked_and_a_link_restores_it(browser: Any, address: str) -> None:
    tab = opened(browser, address)
    assert names(tab) == ["model_0", "model_1", "model_2", "recent_median", "evil"]
    tab.click("#s-score")
    assert names(tab)[:4] == ["recent_median", "model_2", "model_1", "model_0"]
    tab.select_option("#f-protocol", "frozen")
    tab.locator("input[type=checkbox]").nth(1).check()
    tab.locator("input[type=checkbox]").nth(2).check()
    tab.click("#pair summary")
    told = tab.locator("#pair tbody").inner_text()
    assert "1.200\t1.100\t−0.100\t[−0.100, −0.100]\tmodel_1 is better" in told, "neither is the best row"
    again = opened(browser, tab.url)
    assert names(again) == names(tab)
    assert again.locator("#pair").is_visible()
    tab.go_back()
    assert "Tick another row" in tab.locator("#pair").inner_text(), "one row is picked, as before"
    assert tab.told == again.told == []


@pytest.mark.slow
def test_the_chart_of_all_pairs_says_which_rows_are_better(browser: Any, address: str) -> None:
    tab = opened(browser, address)
    chart = tab.locator("figure", has_text="Which rows can be told apart")
    chart.scroll_into_view_if_needed()
    chart.locator("svg[role=img]").wait_for()
    titles = chart.locator("title").all_text_contents()
    assert len(titles) == 4 * 3, "every row against every other"
    assert "model_0 less model_2: [−0.200, −0.200], better" in titles
    assert "model_2 less model_0: [+0.200, +0.200], worse" in titles
    assert tab.told == []


@pytest.mark.slow
def test_a_row_opens_with_its_provenance_and_the_keyboard_closes_it(browser: Any, address: str) -> None:
    tab = opened(browser, address)
    tab.locator("button.name").first.focus()
    tab.keyboard.press("Enter")
    detail = tab.locator("dialog").inner_text()
    assert "smpbench run -d posts -b model_0 -p rolling --seeds 1" in detail
    assert "text: minilm" in detail
    tab.keyboard.press("Escape")
    tab.wait_for_function("!document.getElementById('detail').open")
    assert tab.told == []


@pytest.mark.slow
def test_a_link_restores_each_part_of_what_is_shown(browser: Any, address: str) -> None:
    tab = opened(browser, address + "#measure=spearman&protocol=frozen&find=model&sort=name&down=yes")
    assert tab.locator("#f-measure").input_value() == "spearman"
    assert tab.locator("#f-protocol").input_value() == "frozen"
    assert names(tab) == ["model_2", "model_1", "model_0"]
    assert "Spearman" in tab.locator("th", has_text="Spearman").inner_text()
    unknown = opened(browser, address + "#measure=luck&open=nobody&pick=nobody,none")
    assert unknown.locator("#f-measure").input_value() == "mae"
    assert not unknown.locator("#pair").is_visible()
    assert not unknown.locator("dialog").is_visible()
    assert tab.told == unknown.told == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["constructor", "__proto__", "toString", "hasOwnProperty", "<img src=x>"])
def test_an_address_that_names_what_every_object_has_names_nothing(
    browser: Any, address: str, name: str
) -> None:
    tab = opened(browser, f"{address}#measure={name}&sort={name}&open={name}&pick={name}|{name}")
    assert tab.locator("#f-measure").input_value() == "mae"
    assert len(names(tab)) == 5
    nowhere = opened(
        browser, f"{address}#data={name}&target={name}&protocol={name}&baseline={name}&down={name}"
    )
    assert names(nowhere) == names(tab), "a link lands on what there is, and says what there is not"
    assert f"Nothing here is called data set “{name}”" in nowhere.locator("#lost").inner_text()
    assert tab.locator("img, script[src]").count() == nowhere.locator("img, script[src]").count() == 0
    assert tab.told == nowhere.told == []


@pytest.mark.slow
def test_rows_named_after_their_settings_can_be_picked_and_the_link_restores_it(
    browser: Any, tmp_path: Path
) -> None:
    put(tmp_path / "runs", "recent_median", 1.5)
    for scaling in ("log", "robust"):
        put(tmp_path / "runs", "mlp", 1.0, variant=f"loss=mae,scaling={scaling}")
    write_board(tmp_path / "runs", tmp_path, tmp_path / "nothing")
    tab = opened(browser, (tmp_path / "index.html").as_uri())
    for row in (0, 1):
        tab.locator("input[type=checkbox]").nth(row).check()
    assert "loss=mae,scaling=robust" in tab.locator("#pair").inner_text()
    assert opened(browser, tab.url).locator("#pair").is_visible()
    assert tab.told == []


@pytest.mark.slow
def test_another_task_is_shown_by_its_own_primary_measure(browser: Any, scored_address: str) -> None:
    tab = opened(browser, scored_address)
    assert tab.locator("#f-measure").input_value() == "mae"
    tab.select_option("#f-data", "viral")
    assert tab.locator("#f-measure").input_value() == "average_precision"
    assert names(tab) == ["good", "fair", "recent_rate"], "more is better"
    for row in (0, 1):
        tab.locator("input[type=checkbox]").nth(row).check()
    assert tab.locator("#pair .short").inner_text() == "good is better than fair."
    assert "Average precision" in tab.locator("#pair .reasons").inner_text()
    assert (
        tab.locator("#rate").inner_text() == f"Base rate: {HAPPENED.mean():.1%} of the test posts are events."
    )
    tab.select_option("#f-data", "ranked")
    assert tab.locator("#rate").inner_text() == "", "of a number there is none"
    assert tab.locator("#f-measure").input_value() == "spearman"
    tab.select_option("#f-data", "posts")
    assert tab.locator("#f-measure").input_value() == "mae", "it ranks there, though both are known"
    assert names(tab) == ["model", "recent_median"]
    tab.select_option("#f-measure", "pinball")
    tab.select_option("#f-data", "ranked")
    assert tab.locator("#f-measure").input_value() == "pinball", "what was chosen stays, where it is known"
    assert tab.told == []


@pytest.mark.slow
def test_rows_about_an_event_have_a_chart_of_their_reliability_and_others_of_what_is_actual(
    browser: Any, scored_address: str
) -> None:
    for row, wanted, other in (
        ("viral/likes/frozen/good/default/none", "Reliability: likes", "Predicted against actual: likes"),
        ("posts/likes/frozen/model/default/none", "Predicted against actual: likes", "Reliability: likes"),
    ):
        tab = opened(browser, f"{scored_address}#open={row}")
        dialog = tab.locator("dialog[open]")
        chart = dialog.locator("figure", has_text=wanted)
        chart.locator("svg[role=img]").wait_for()
        assert chart.locator("circle, rect").count() > 2
        assert dialog.locator("figure", has_text=other).count() == 0
        assert tab.told == []
    assert dialog.locator("figure", has_text="Calibration: likes").count() == 1


@pytest.mark.slow
def test_a_row_that_is_not_drawn_says_why(browser: Any, address: str) -> None:
    tab = opened(browser, address + "#open=posts/likes/rolling/model_0/default/none")
    dialog = tab.locator("dialog[open]")
    assert "The labels of these posts were not on the machine that made this page." in dialog.inner_text()
    assert dialog.locator("svg").count() == 0
    assert tab.told == []


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits_a_phone(browser: Any, scored_address: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    address = scored_address + "#data=viral&measure=average_precision"
    tab = opened(browser, address, viewport={"width": 360, "height": 740}, color_scheme=scheme)

    def problems() -> list[str]:
        tab.evaluate("window.scrollTo(0, 1e6)")
        tab.wait_for_timeout(300)  # most charts are drawn by then; those that are not are not looked at
        found = axe.Axe().run(tab).response["violations"]
        return [one["id"] for one in found if one["impact"] in ("serious", "critical")]

    for row in (1, 2):  # two rows side by side
        tab.locator("input[type=checkbox]").nth(row).check()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    assert tab.locator("tbody tr td:nth-child(6)").first.bounding_box()["x"] < 300, "the score is in sight"
    assert problems() == []
    tab.locator("button.name").first.click()
    tab.locator("dialog[open]").wait_for()
    assert problems() == []


@pytest.mark.slow
def test_the_page_opens_in_a_time_that_grows_no_faster_than_its_rows(browser: Any, tmp_path: Path) -> None:
    """5,000 rows were there within two seconds on a quiet machine; a ratio holds on a busy one too."""
    text = made(tmp_path)
    whole = embedded(text)
    one = next(row for row in whole["rows"] if row["baseline"] == "model_0")
    ready = {}
    for rows in (500, 5000):
        many = [{**one, "baseline": f"model_{i}"} for i in range(rows)]
        (tmp_path / "index.html").write_text(with_data(text, {**whole, "rows": many}), encoding="utf-8")
        moments = []
        for _ in range(3):  # the best of three: other tests run beside this one
            tab = opened(browser, (tmp_path / "index.html").as_uri())
            assert f"{rows:,} lines, 100 shown" in tab.locator("#count").inner_text()
            moments.append(tab.evaluate("performance.getEntriesByName('ready')[0].startTime"))
        ready[rows] = min(moments)
    assert ready[5000] < 20 * ready[500]


@pytest.mark.slow
def test_the_picture_is_of_the_page_and_a_machine_without_a_browser_is_told(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "BROWSERS", ("/nowhere/chromium",))
    (tmp_path / "index.html").write_text(made(tmp_path), encoding="utf-8")
    assert picture.draw(tmp_path / "index.html", tmp_path / "index.png") == "no browser at /nowhere/chromium"
    monkeypatch.setattr(picture, "BROWSERS", (str(CHROMIUM),))
    other = subprocess.run(
        [sys.executable, "-c", DRAW, str(tmp_path / "index.html"), str(tmp_path / "index.png")],
        capture_output=True, text=True, check=True, cwd=PROJECT,
    )  # fmt: skip
    assert other.stdout.strip() == ""
    assert [path.name for path in tmp_path.glob("*index*")].count("index.png") == 1
    assert Image.open(tmp_path / "index.png").size == (picture.WIDTH, picture.HEIGHT)


DRAW = """
import sys
from pathlib import Path
from leaderboard.page.picture import draw
print(draw(*map(Path, sys.argv[1:])))
"""
