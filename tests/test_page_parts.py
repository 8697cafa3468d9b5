"""Parts of the page in a real browser: a row with its slices, what can be taken along, paper and phones."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest
from browsers import opened
from priced import priced
from stored import EVENT, put_predictions

from leaderboard.board.merged import merged
from leaderboard.board.prices import FILE, publish_prices
from leaderboard.board.write import write_board
from leaderboard.page.page import page
from leaderboard.page.pairs import in_parts

ROW = "#open=posts/likes/frozen/model/default/none"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows of a number and of an event, and what mistakes are worth."""
    home = tmp_path_factory.mktemp("parts")
    for name, error in (("recent_median", 1.5), ("model", 1.0)):
        put_predictions(home / "runs", name, error)
    for name, error in (("recent_rate", 3.0), ("good", 0.2)):
        put_predictions(home / "runs", name, error, dataset="viral", title="What went viral", **EVENT)
    (home / "published").mkdir()
    lines = [priced("random_split", 0.3), priced("duplicates", 0.01, low=-0.1)]
    publish_prices(home / "published" / FILE, lines)
    write_board(home / "runs", home, home / "published" / "results")
    return home


@pytest.fixture(scope="module")
def address(home: Path) -> str:
    return (home / "index.html").as_uri()


def saved(tab: Any, button: str) -> str:
    with tab.expect_download() as found:
        tab.locator(button).first.click()
    return Path(found.value.path()).read_text(encoding="utf-8")


def test_a_row_says_where_it_fails_with_intervals_and_the_same_as_a_table(browser: Any, address: str) -> None:
    tab = opened(browser, address + ROW)
    chart = tab.locator("#detail figure", has_text="Parts of the test posts: likes")
    titles = chart.locator("title").all_text_contents()
    new = next(title for title in titles if title.startswith("new accounts ("))
    assert "[" in new, "its interval"
    chart.locator("summary").click()
    head = chart.locator("th", has_text="accounts: new accounts").first
    head.wait_for()  # its table is made once it is open
    assert tab.told == []


def test_a_chart_opens_as_large_as_the_window_and_escape_leaves_the_row_open(
    browser: Any, address: str
) -> None:
    tab = opened(browser, address + ROW)
    tab.locator("#detail .tools button", has_text="Enlarge").first.click()
    assert tab.locator("#zoom svg[role=img]").first.bounding_box()["width"] > 600
    tab.keyboard.press("Escape")
    tab.wait_for_function("!document.getElementById('zoom')")
    assert tab.locator("#detail").is_visible()
    assert tab.told == []


def test_what_is_shown_can_be_taken_along_as_it_is_shown(browser: Any, address: str) -> None:
    tab = opened(browser, address + "#find=model")
    (line, *_) = csv.DictReader(saved(tab, "#downloads-body button:has-text('Scores')").splitlines())
    assert (line["baseline"], line["protocol"], line["target"]) == ("model", "frozen", "likes")
    told = tab.evaluate("DATA.rows.find((row) => row.baseline === 'model').scores.likes")
    assert float(line["value"]) == told[line["measure"]]["value"]
    slices = list(csv.DictReader(saved(tab, "#downloads-body button:has-text('slices')").splitlines()))
    assert {line["baseline"] for line in slices} == {"model"}
    assert all(
        float(line["score_low"]) <= float(line["score"]) <= float(line["score_high"]) for line in slices
    )
    prices = csv.DictReader(saved(tab, "#downloads-body button:has-text('mistakes')").splitlines())
    assert [line["mistake"] for line in prices] == ["duplicates", "random_split"]
    tab.goto(address + ROW)
    row = json.loads(saved(tab, "#detail header button:has-text('JSON')"))
    assert (row["baseline"], row["slices"]["likes"][0]["slice"]) == ("model", "unseen_users")
    assert tab.told == []


def test_text_that_a_spreadsheet_would_run_is_text_in_what_is_taken_along(browser: Any, address: str) -> None:
    tab = opened(browser, address)
    told = tab.evaluate("['=1+1', '@now', '−0.200', '+0.1', -0.2, 'a, \"b\"', null, '-'].map(csvCell)")
    assert told == ["'=1+1", "'@now", "-0.200", "+0.1", "-0.2", '"a, ""b"""', "", "'-"]


def test_times_are_told_in_units_that_are_read_at_once(browser: Any, address: str) -> None:
    tab = opened(browser, address)
    spoken = tab.evaluate("[0.0012, 0.5, 12, 90, 7200].map(duration)")
    assert spoken == ["1.2 ms", "0.5 s", "12 s", "1.5 min", "2.0 h"]
    ticks = tab.evaluate(
        "(() => { const x = durationAxis([0.001, 60], ''); return x.ticks.map(x.tickFormat) })()"
    )
    assert ticks == ["1 ms", "10 ms", "0.1 s", "1 s", "10 s", "1 min"]


def test_of_two_rows_those_are_named_that_have_learnt_once_alone(browser: Any, address: str) -> None:
    tab = opened(browser, address)
    rows = [("a", 1, "trees"), ("b", 3, "trees"), ("c", 1, "naive"), ("d", 1, "neural")]
    named = [
        {"baseline": name, "variant": "default", "seeds": seeds, "family": family}
        for name, seeds, family in rows
    ]

    def said(one: int, other: int, ends: str = "[0, 1]") -> str:
        return str(tab.evaluate(f"([a, b]) => onceWords([a, b], {ends})", [named[one], named[other]]))

    assert said(0, 1) == " a was trained once: the interval holds no chance of training."
    assert said(0, 3) == " a and d were trained once: the interval holds no chance of training."
    assert said(1, 2) == ""
    assert said(0, 3, "null") == "", "without an interval nothing is to be said of it"


def test_no_name_beside_a_dot_lies_on_another(browser: Any, address: str) -> None:
    tab = opened(browser, address)
    dots = "d3.range(30).map((i) => ({ name: `model_${i}`, px: 200 + 3 * (i % 5), py: 40 + 8 * i }))"
    placed = tab.evaluate(f"placed({dots}, 500, 300)")
    assert 3 < len(placed) < 30, "those for which there is no room go without"
    boxes = []
    for one in placed:
        wide = tab.evaluate("WIDE") * len(one["name"])
        left = one["px"] + one["dx"] - {"start": 0, "middle": wide / 2, "end": wide}[one["anchor"]]
        boxes.append((left, one["py"] + one["dy"] - 6, left + wide, one["py"] + one["dy"] + 6))
    for i, a in enumerate(boxes):
        assert all(a[2] < b[0] or a[0] > b[2] or a[3] < b[1] or a[1] > b[3] for b in boxes[:i])


def test_the_axis_is_of_the_best_where_rows_far_off_would_press_them_together(
    browser: Any, address: str
) -> None:
    tab = opened(browser, address)
    low, high = tab.evaluate("focused([[0, 0], [0.01, 0.03], [0.02, 0.05], [0.6, 0.9]])")
    assert (low, high) == pytest.approx((-0.0025, 0.0525))
    assert tab.evaluate("focused([[0, 0], [0.01, 0.03], [0.03, 0.05]])")[1] == pytest.approx(0.0525)


@pytest.mark.parametrize("width", [690, 1280])
def test_what_is_below_a_chart_stays_where_it_is_when_the_chart_is_drawn(
    browser: Any, address: str, width: int
) -> None:
    """A button that moves between the press and the release of the pointer is not clicked."""
    tab = opened(browser, address, viewport={"width": width, "height": 800})
    kept = tab.evaluate(
        """() => drawable().map((one) => {
            one.reserve();
            const holder = one.querySelector(".drawn");
            const room = holder.clientHeight;
            one.draw();
            return [one.querySelector("h3").textContent, room, holder.clientHeight];
        })"""
    )
    assert len(kept) > 3
    for title, room, height in kept:
        assert room == pytest.approx(height, abs=1), title


def test_mistakes_what_goes_viral_and_networks_have_their_places(browser: Any, address: str) -> None:
    tab = opened(browser, address)
    assert "+0.300 [+0.200, +0.400] *" in tab.locator("#pitfalls-body").inner_text()
    viral = tab.locator("#virality-body")
    assert "good" in viral.inner_text()
    viral.locator("button").click()
    assert tab.locator("#f-data").input_value() == "viral"
    assert tab.locator("#network-body").is_visible()
    assert "protocol version 1" in tab.locator("footer").inner_text()
    assert tab.told == []


def test_on_paper_every_chart_is_drawn_and_no_column_is_cut(browser: Any, address: str) -> None:
    tab = opened(browser, address, viewport={"width": 690, "height": 900})
    tab.emulate_media(media="print")
    tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    for place in range(tab.locator("figure.plot").count()):
        assert tab.locator("figure.plot").nth(place).locator("svg").count(), (
            "drawn without having been in view"
        )
    wide = tab.evaluate("document.documentElement.scrollWidth")
    assert wide <= 690
    right = tab.evaluate(
        "Math.max(...[...document.querySelectorAll('#table td')].map((c) => c.getBoundingClientRect().right))"
    )
    assert right <= 690
    assert len(tab.pdf()) > 10_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_pushed_sideways_and_a_row_fills_the_window(
    browser: Any, address: str, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    tab = opened(browser, address, viewport={"width": 390, "height": 800}, color_scheme=scheme)
    assert tab.locator("#table tbody tr").nth(1).evaluate("(one) => getComputedStyle(one).display") == "grid"
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    for state in ("", ROW):
        tab.goto(address + state)
        tab.wait_for_timeout(300)
        found = axe.Axe().run(tab).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    tab.locator("#detail .tools button", has_text="Enlarge").first.click()
    found = axe.Axe().run(tab).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def test_links_lead_into_the_checkout_only_where_the_page_lies_in_it(browser: Any, home: Path) -> None:
    found = merged(home / "runs", home / "published" / "results")
    for root, count in (("../..", 6), ("", 0)):
        text = page(found.board, found.slices, found.tables, found.folders, root=root)
        (home / "other.html").write_text(text, encoding="utf-8")
        tab = opened(browser, (home / "other.html").as_uri())
        assert tab.locator("footer a").count() == count
        assert "docs/submissions.md" in tab.locator("footer").inner_html()


def test_a_page_leaves_room_for_its_numbers_before_its_plots() -> None:
    from leaderboard.page import data

    assert data.AROUND + math.ceil(data.BUDGET * data.BASE64) < data.WHOLE


def test_an_end_of_an_interval_is_told_in_parts_and_keeps_its_side() -> None:
    ends = [0.012345, -0.012345, 0.00001, -1e-9, 0.0, math.nan, -math.inf]
    assert [in_parts(end) for end in ends] == [123, -123, 1, -1, 0, None, None]
