"""The page answers what people ask of it in two actions at most, from a board of two data sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stored import EVENT, put, put_predictions
from waiting import PATIENCE

from benchmark import PROJECT
from leaderboard.board.write import write_board
from leaderboard.compare.comparison import compare
from leaderboard.page.page import embedded

pytestmark = pytest.mark.slow

TIKTOK = {"dataset": "smpd_video", "title": "SMPD video track (TikTok)", "task": "popularity"}
TREES = ("lightgbm", {"metadata": 1.4, "+text": 1.3, "+history": 1.0})


def own_noise(name: str) -> Any:
    """What resamples do to one row alone."""
    return np.random.default_rng(list(name.encode())).normal(0, 0.01, 200)


def written(home: Path) -> Path:
    """A board of two data sets, one with a task of virality besides."""
    for more in ({}, TIKTOK):
        for protocol in ("frozen", "rolling"):
            of = {**more, "protocol": protocol}
            put(home / "runs", "recent_median", 1.5, **of)
            put(home / "runs", "ensemble", 0.99, noise=own_noise("ensemble"), **of)
            name, variants = TREES
            for variant, error in variants.items():
                put(home / "runs", name, error, variant=variant, noise=own_noise(variant), **of)
            put(home / "runs", "hopeless", 9.0, **of)
            put(home / "runs", "knows", 0.5, crawl=True, **of)
    for name, error in (("recent_rate", 3.0), ("good", 0.2), ("fair", 1.0)):
        asked: dict[str, Any] = {**TIKTOK, "task": "virality", **EVENT}
        put_predictions(home / "runs", name, error, **asked)
    write_board(home / "runs", home, home / "nothing")
    return home / "index.html"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("tasks"))


class Visitor:
    """Somebody with a question, whose actions are counted."""

    def __init__(self, browser: Any, page: Path, address: str = "", width: int = 1280) -> None:
        self.tab = browser.new_context(viewport={"width": width, "height": 844}).new_page()
        self.tab.set_default_timeout(1000 * PATIENCE)
        self.told: list[str] = []
        self.tab.on("pageerror", lambda error: self.told.append(str(error)))
        self.actions = 0
        self.tab.goto(page.as_uri() + address)
        self.tab.wait_for_selector("html[data-ready]")

    def click(self, selector: str, **chosen: Any) -> None:
        self.tab.locator(selector, **chosen).first.click()
        self.actions += 1

    def tick(self, name: str) -> None:
        self.tab.get_by_label(f"pick {name} on").first.check()
        self.actions += 1

    def read(self, selector: str, **chosen: Any) -> str:
        return str(self.tab.locator(selector, **chosen).first.inner_text())

    def names(self) -> list[str]:
        cells = self.tab.locator("#table tbody td.name-cell").all_inner_texts()
        return [" ".join(cell.split()) for cell in cells]


@pytest.fixture
def visitor(browser: Any, page: Path) -> Iterator[Visitor]:
    one = Visitor(browser, page)
    yield one
    assert one.told == []


# Questions


def test_which_model_is_best_on_tiktok_and_how_sure_without_an_action(visitor: Visitor) -> None:
    says = visitor.read(".card", has_text="TikTok")
    assert (
        "ensemble is best, not separable from 1 of 5 others; 34% better than the account's recent median"
        in says
    )
    assert "500 test posts" in says
    assert visitor.tab.locator(".card", has_text="TikTok").bounding_box()["y"] < 600, "on the first screen"
    assert visitor.actions == 0


def test_which_model_is_best_on_tiktok_on_a_phone_without_an_action(browser: Any, page: Path) -> None:
    on_phone = Visitor(browser, page, width=390)
    first = on_phone.tab.locator(".card .says").first.bounding_box()
    assert first["y"] + first["height"] < 844 and first["x"] >= 0 and first["x"] + first["width"] <= 390
    assert on_phone.tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert on_phone.tab.locator("#table tbody td.score").first.bounding_box()["x"] < 390, "a row is a card"


def test_is_a_better_than_b_in_two_actions(visitor: Visitor) -> None:
    visitor.tick("ensemble")
    assert "Tick another row to compare the two" in visitor.read("#pair")
    visitor.tick("recent_median")
    assert visitor.read("#pair .short") == "ensemble is better than recent_median, by 34%."
    reasons = visitor.read("#pair .reasons")
    assert re.search(
        r"MAE 0\.990 against 1\.500: −0\.510 \[−0\.\d+, −0\.\d+\], 95%, paired, on 500 posts", reasons
    )
    assert visitor.actions == 2
    visitor.tab.evaluate("window.scrollTo(0, 1e6)")
    box = visitor.tab.locator("#pair").bounding_box()
    assert box["y"] + box["height"] == pytest.approx(844, abs=1), "in view, wherever one reads"


def test_what_the_text_adds_in_two_actions(visitor: Visitor) -> None:
    visitor.tick("lightgbm metadata")
    visitor.tick("lightgbm +text")
    assert visitor.read("#pair .short") == "lightgbm +text is better than lightgbm metadata, by 7%."
    assert visitor.actions == 2


def test_how_to_add_ones_own_in_one_action(visitor: Visitor) -> None:
    visitor.click("nav button", has_text="Add your own")
    assert "smpbench new baseline my_model" in visitor.read("#mine-body")
    assert "smpbench score predictions.csv -d posts --name my_model" in visitor.read("#mine-body")
    assert visitor.actions == 1


def test_where_the_table_for_a_paper_is_in_two_actions(visitor: Visitor) -> None:
    visitor.click("nav button", has_text="Table for a paper")
    assert "smpbench table -d posts -t likes --target likes -p rolling" in visitor.read("#paper-body")
    visitor.click("#paper-body button", has_text="LaTeX")
    text = visitor.read("#copied-paper pre")
    assert r"ensemble & \textbf{0.990" in text and text.startswith(r"\begin{table}")
    assert r"lightgbm +text & 1.300" in text, "outside of the confidence set, and so not bold"
    assert visitor.actions == 2


# What is shown


def test_every_data_set_can_be_chosen_whatever_else_is_and_a_link_to_it_lands(
    browser: Any, page: Path
) -> None:
    visitor = Visitor(browser, page)
    options = visitor.tab.locator("#f-data option").all_inner_texts()
    assert options == ["all", "posts", "smpd_video"]
    visitor.tab.select_option("#f-data", "smpd_video")
    assert visitor.tab.locator("#f-task option").all_inner_texts() == ["all", "popularity", "virality"]
    visitor.tab.select_option("#f-task", "virality")
    assert visitor.names()[0] == "good"
    assert visitor.tab.locator("#f-data option").all_inner_texts() == options
    for address, first, protocol in (
        ("#data=smpd_video", "ensemble", "rolling"),
        ("#data=smpd_video&protocol=frozen", "ensemble", "frozen"),
        ("#data=smpd_video&task=virality", "good", "frozen"),
    ):
        linked = Visitor(browser, page, address)
        assert linked.names()[0] == first
        assert protocol in linked.read("#rests")
        assert not linked.tab.locator("#lost").is_visible()
        assert Visitor(browser, page, "#" + linked.tab.url.partition("#")[2]).names() == linked.names()
    lost = Visitor(browser, page, "#data=smpd_video&protocol=weekly&measure=luck")
    assert lost.names()[0] == "ensemble"
    assert "Nothing here is called protocol “weekly”, measure “luck”" in lost.read("#lost")


def test_a_card_leads_to_its_table_and_a_kind_of_task_to_its_own(visitor: Visitor) -> None:
    card = visitor.tab.locator(".card", has_text="TikTok")
    assert card.locator(".asks a").all_inner_texts() == ["engagement", "virality"]
    card.locator("h2 a").click()
    assert visitor.read("#board") == "SMPD video track (TikTok)"
    visitor.click(".card .asks a", has_text="virality")
    assert visitor.names() == [
        "good",
        "fair",
        "recent_rate reference: the account's recent rate of such posts",
    ]
    assert "Average precision" in visitor.read("#says")


def test_contenders_are_one_band_and_a_line_marks_the_reference(visitor: Visitor) -> None:
    bands = visitor.tab.locator("#table .band").all_inner_texts()
    assert bands == ["Contenders: the best is among these 2, which cannot be told apart (95%)", "Behind"]
    assert visitor.tab.locator("#table .contenders .name").all_inner_texts() == ["ensemble", "lightgbm"]
    assert visitor.read("#table tr.reference").split()[1] == "recent_median"
    far = visitor.tab.locator("#table tr", has_text="hopeless")
    assert far.locator(".off").inner_text() == "▸", "it does not press the contenders together"
    bars = visitor.tab.locator("#table .contenders .track i")
    assert bars.first.bounding_box()["width"] > 20


def test_dots_and_intervals_have_words_for_those_who_do_not_see_them(visitor: Visitor) -> None:
    first = visitor.tab.locator("#table .contenders tr").nth(1)
    assert re.search(r"among the best.*95% interval 0\.\d+ to 1\.\d+", str(first.text_content()))


def test_sorting_puts_the_best_first_and_never_sorts_across_scales(visitor: Visitor) -> None:
    visitor.tab.click("#s-skill")
    assert visitor.names()[0] == "ensemble"
    assert (
        visitor.tab.locator("th", has=visitor.tab.locator("#s-skill")).get_attribute("aria-sort")
        == "descending"
    )
    visitor.tab.select_option("#f-data", "")
    visitor.tab.click("#s-score")
    titles = [title.split(" · ")[0] for title in visitor.tab.locator("#table .band").all_inner_texts()]
    assert set(titles) == {"Some posts", "SMPD video track (TikTok)"}
    assert titles == sorted(titles, key=titles.index), "a table stays together"
    bodies = visitor.tab.locator("#table tbody.table").all()
    scored = [one for one in bodies if one.locator("td.score").first.inner_text()]
    assert len(scored) == 2, "a table each of two data sets, under the protocol that was chosen"
    for body in scored:
        scores = [float(text) for text in body.locator("td.score").all_inner_texts() if text]
        assert scores == sorted(scores), "each is sorted by itself"


def test_find_answers_while_one_types_and_back_leads_to_before_it(visitor: Visitor) -> None:
    before = visitor.names()
    visitor.tab.click("#f-find")
    visitor.tab.keyboard.type("light")
    assert all(name.startswith("lightgbm") for name in visitor.names()) and len(visitor.names()) == 3
    assert visitor.tab.evaluate("document.activeElement.id") == "f-find"
    visitor.tab.keyboard.type("zzz")
    assert "No row fits these filters and “lightzzz”" in visitor.read("#count")
    visitor.tab.go_back()
    assert visitor.names() == before


def test_a_third_tick_takes_the_place_of_the_first_and_says_so(visitor: Visitor) -> None:
    for name in ("ensemble", "recent_median", "hopeless"):
        visitor.tick(name)
    assert "hopeless took the place of ensemble: two rows are compared at a time." in visitor.read("#pair")
    assert visitor.read("#pair .short").startswith("recent_median is better than hopeless")
    visitor.click("#pair-close")
    assert not visitor.tab.locator("#pair").is_visible()


def test_a_comparison_is_copied_as_a_sentence_latex_csv_and_bibtex(visitor: Visitor) -> None:
    visitor.tick("ensemble")
    visitor.tick("recent_median")
    visitor.click("#pair summary")
    found = {}
    for name in ("Sentence", "LaTeX", "CSV", "BibTeX"):
        visitor.click(f"#pair button >> text={name}")
        found[name] = visitor.tab.locator("#copied-pair pre").inner_text()
    assert found["Sentence"].startswith(
        "On Some posts, likes, rolling: ensemble is better than recent\\_median".replace("\\", "")
    )
    assert r"recent\_median" in found["LaTeX"] and r"\toprule" in found["LaTeX"]
    assert found["CSV"].splitlines()[0] == 'measure,ensemble,recent_median,difference,"95%, paired",verdict'
    cited = re.search(r'^title: "(.*)"', (PROJECT / "CITATION.cff").read_text(), re.MULTILINE)
    assert cited and f"title = {{{{{cited[1]}}}}}" in found["BibTeX"]
    measures = visitor.tab.locator("#pair tbody tr").all_inner_texts()
    assert len(measures) == 3 and all(line.endswith("ensemble is better") for line in measures), (
        "all have a verdict"
    )


# The page and the command line


def test_page_and_command_line_say_the_same_of_every_pair_margin_included(
    browser: Any, page: Path, tmp_path: Path
) -> None:
    """By the same numbers: differences, ends of the interval, margins and verdicts."""
    home = tmp_path / "home"
    errors = {
        "recent_median": 10.0,
        "a": 1.0,
        "a_little_worse": 1.02,
        "worse": 1.2,
        "same_as_a": 1.0,
        "unsure": 1.1,
    }
    for name, error in errors.items():
        noise = {"noise": own_noise(name) * 20} if name == "unsure" else {}
        put(home / "runs", name, error, **noise)
    write_board(home / "runs", home, home / "nothing")
    tab = Visitor(browser, home / "index.html").tab
    said = tab.evaluate(
        """() => DATA.rows.flatMap((a) => DATA.rows.filter((b) => a !== b).map((b) => {
          const { mine, theirs, ends, found } = compared(a, b, "likes", "mae");
          return [a.baseline, b.baseline, theirs - mine, ends[0], ends[1], ends.margin, found];
        }))"""
    )
    assert len(said) == len(errors) * (len(errors) - 1)
    verdicts = set()
    for a, b, difference, low, high, margin, verdict in said:
        (line,) = compare(a, b, home=home, measures=["mae"]).lines.to_dict("records")
        assert line["paired"]
        assert (difference, low, high, margin) == pytest.approx(
            (line["difference"], line["low"], line["high"], line["margin"]), rel=2e-3, abs=1e-6
        ), (a, b)
        assert {"tie": "cannot tell"}.get(verdict, verdict) == line["verdict"], (a, b)
        verdicts.add(verdict)
    assert verdicts == {"better", "worse", "equivalent", "tie", "same"}


def test_the_page_and_the_board_have_the_same_verdicts(page: Path) -> None:
    told = embedded(page.read_text(encoding="utf-8"))
    lines = (page.parent / "LEADERBOARD.md").read_text(encoding="utf-8").splitlines()[4:6]
    for card, line in zip(told["cards"], lines, strict=True):
        assert card["title"].split(" (")[0] in line and card["verdict"] in line.replace("`", "")


def test_the_published_page_is_less_than_four_megabytes() -> None:
    assert (PROJECT / "leaderboard" / "published" / "index.html").stat().st_size < 4_000_000
