"""The page of a network in a real browser."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from browsers import CHROMIUM, opened
from network_pages import EVIL, POLICY, empty, large, named, ordinary
from network_readings import reading

from network.page.backbone import FIRST
from network.reading import Crossing
from tools.frames import ARGUMENTS, frames


@pytest.fixture(scope="module")
def browser_arguments() -> tuple[str, ...]:
    return ARGUMENTS


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pages by name; `open` is the first without the policy, which keeps axe out too."""
    home = tmp_path_factory.mktemp("network")
    evil = replace(
        reading(names=sorted(EVIL)),
        crossings=(Crossing(EVIL[0], 0, 0, 3, ((0, 0), (1, 9)), None),),
        notes=EVIL,
    )
    texts = {
        "page": ordinary(),
        "open": POLICY.sub("", ordinary()),
        "hostile": named(evil),
        "empty": named(empty()),
        "many": large(),
    }
    for name, text in texts.items():
        (home / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: (home / f"{name}.html").as_uri() for name in texts}


def drawn(tab: Any) -> tuple[int, int]:
    accounts, lines = tab.evaluate("[canvas.graph.order, canvas.graph.size]")
    return accounts, lines


def saved(tab: Any, button: str) -> bytes:
    with tab.expect_download() as download:
        tab.click(button)
    return Path(download.value.path()).read_bytes()


@pytest.mark.slow
def test_the_picture_is_drawn_and_nothing_is_asked_for(browser: Any, addresses: dict[str, str]) -> None:
    tab = opened(browser, addresses["page"])
    made = reading()
    graph = made.network.graph
    linked = np.union1d(*(end[graph.source != graph.target] for end in (graph.source, graph.target)))
    assert drawn(tab)[0] == len(linked)
    assert "is no forecast" in tab.locator("#crossings-body").inner_text()
    assert "Says nothing new about engagement" in tab.locator("#ranking-body").inner_text()
    assert tab.told == []


@pytest.mark.slow
def test_filters_and_time_change_what_is_seen_but_not_where_it_stands_and_a_link_restores_it(
    browser: Any, addresses: dict[str, str]
) -> None:
    tab = opened(browser, addresses["page"])
    before = drawn(tab)
    place = "Object.fromEntries(canvas.graph.mapNodes((n, d) => [n, [d.x, d.y]]))"
    everywhere = tab.evaluate(place)
    tab.select_option("#f-kind", "reply")
    assert drawn(tab)[1] < before[1]
    tab.select_option("#f-kind", "")
    tab.select_option("#f-community", "1")
    assert set(tab.evaluate("canvas.seen.accounts.map(i => ACCOUNTS.community[i])")) == {1}
    tab.click("#f-reset")
    assert drawn(tab) == before
    tab.select_option("#t-mode", "within")
    first = drawn(tab)
    assert first[1] < before[1]
    later = tab.evaluate(place)
    assert all(everywhere[node] == at for node, at in later.items()), "stable between windows"
    again = opened(browser, tab.url)
    assert drawn(again) == first and again.locator("#t-mode").input_value() == "within"
    tab.select_option("#t-mode", "until")
    assert drawn(tab) == before, "up to the last window is everything"
    tab.select_option("#f-tag", "#group2")
    assert 0 < drawn(tab)[0] < before[0]
    assert tab.told == again.told == []


@pytest.mark.slow
def test_an_account_is_found_and_its_card_has_scores_with_own_past_first(
    browser: Any, addresses: dict[str, str]
) -> None:
    tab = opened(browser, addresses["page"])
    tab.fill("#f-find", "00003")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    card = tab.locator("#card")
    assert card.locator("h3").inner_text() == "user_00003"
    assert "(reference)" in card.locator("tbody tr").first.inner_text()
    assert "Median likes" in card.inner_text() and "#group0" in card.inner_text()
    tab.keyboard.press("Escape")
    assert not card.is_visible()
    tab.locator("#ranking-body button.name").first.focus()
    tab.keyboard.press("Enter")
    assert card.is_visible(), "the table leads there too"
    assert tab.told == []


@pytest.mark.slow
def test_a_community_has_a_view_of_its_own_that_the_keyboard_opens_and_closes(
    browser: Any, addresses: dict[str, str]
) -> None:
    tab = opened(browser, addresses["page"])
    tab.locator("#c-1").focus()
    tab.keyboard.press("Enter")
    dialog = tab.locator("dialog[open]")
    told = dialog.inner_text()
    for part in (
        "#group1",
        "In front by accounts that name it",
        "Says nothing new",
        "What crossed it",
        "no forecast",
    ):
        assert part in told
    tab.keyboard.press("Escape")
    tab.locator("dialog[open]").wait_for(state="detached")
    assert tab.evaluate("document.activeElement.id") == "c-1"
    assert tab.told == []


@pytest.mark.slow
def test_what_is_seen_is_saved_as_tables_graphml_and_a_picture(
    browser: Any, addresses: dict[str, str]
) -> None:
    tab = opened(browser, addresses["hostile"] + "#community=1")
    accounts = list(csv.DictReader(io.StringIO(saved(tab, "#save-accounts").decode("utf-8-sig"))))
    assert len(accounts) == drawn(tab)[0]
    edges = list(csv.DictReader(io.StringIO(saved(tab, "#save-edges").decode("utf-8-sig"))))
    assert len(edges) == tab.evaluate("canvas.seen.rows.length") and {row["kind"] for row in edges} == {
        "mention",
        "reply",
    }
    tab.select_option("#f-community", "")
    everyone = list(csv.DictReader(io.StringIO(saved(tab, "#save-accounts").decode("utf-8-sig"))))
    assert not [row for row in everyone if row["account"][0] in "=+-@"]
    assert {"'" + EVIL[2], EVIL[0]} <= {row["account"] for row in everyone}
    root = ElementTree.fromstring(saved(tab, "#save-graphml"))
    nodes = [one for one in root.iter() if one.tag.endswith("}node")]
    assert len(nodes) == len(everyone)
    picture = saved(tab, "#save-png")
    assert picture[:4] == b"\x89PNG"
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as image:
        assert image.width == 2 * tab.evaluate("byId('canvas').clientWidth"), "twice as fine as the screen"
        assert len(image.convert("RGB").getcolors(1 << 20) or []) > 20, "something is drawn on it"
    assert tab.told == []


@pytest.mark.slow
def test_nothing_of_a_hostile_name_is_run(browser: Any, addresses: dict[str, str]) -> None:
    tab = opened(browser, addresses["hostile"])
    tab.fill("#f-find", "img")
    assert tab.locator("#found button").inner_text() == EVIL[0]
    tab.locator("#found button").click()
    assert tab.locator("#card h3").inner_text() == EVIL[0]
    assert tab.locator("main img, main script, main b:not(.track b)").count() == 0
    for name in ("constructor", "__proto__", "<img src=x>"):
        again = opened(
            browser, f"{addresses['page']}#score={name}&community={name}&tag={name}&account={name}"
        )
        assert again.locator("#f-score").input_value() == "in_degree"
        assert again.told == []
    assert tab.told == []


@pytest.mark.slow
def test_over_five_thousand_accounts_the_backbone_comes_first_says_so_and_more_can_be_seen(
    browser: Any, addresses: dict[str, str]
) -> None:
    tab = opened(browser, addresses["many"])
    assert drawn(tab)[0] == FIRST
    assert "the best connected of each community" in tab.locator("#count").inner_text()
    tab.click("#more-accounts")
    assert drawn(tab)[0] > FIRST
    tab.select_option("#f-view", "communities")
    assert drawn(tab)[0] == 3
    assert tab.told == []


@pytest.mark.slow
def test_five_thousand_accounts_can_be_dragged_without_their_edges(
    browser: Any, addresses: dict[str, str]
) -> None:
    """How many frames a second depends on the machine: `python -m tools.frames` tells it."""
    tab = opened(browser, addresses["many"] + "#many=5000")
    told = frames(tab, 1.0)
    assert told["accounts"] >= 2000 and told["mean"] > 0
    tab.wait_for_selector("#canvas:not(.moving)")
    assert tab.told == []


@pytest.mark.slow
def test_without_webgl_a_still_picture_and_all_tables_remain(
    browsers: Any, addresses: dict[str, str]
) -> None:
    flat = ["--no-sandbox", "--disable-gpu", "--disable-webgl", "--disable-3d-apis", "--no-first-run"]
    tab = opened(browsers.chromium.launch(executable_path=str(CHROMIUM), args=flat), addresses["page"])
    assert "no WebGL" in tab.locator("#still").inner_text()
    assert tab.locator("#still svg circle").count() > 20
    tab.locator("#ranking-body button.name").first.click()
    assert tab.locator("#card").is_visible()
    assert tab.told == []


@pytest.mark.slow
def test_a_network_without_an_edge_has_a_page(browser: Any, addresses: dict[str, str]) -> None:
    tab = opened(browser, addresses["empty"])
    assert "There is no edge to draw" in tab.locator("#still").inner_text()
    assert "none is known to foretell" in tab.locator("#against-body").inner_text()
    assert tab.told == []


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_accessible_in_light_and_dark_and_on_a_phone(
    browser: Any, addresses: dict[str, str], scheme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    size = {"width": width, "height": 800}
    tab = opened(browser, addresses["open"], viewport=size, color_scheme=scheme)

    def problems() -> list[tuple[str, list[str]]]:
        found = axe.Axe().run(tab).response
        assert len(found["passes"]) > 20
        return [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found["violations"]]

    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert problems() == []
    tab.locator("#ranking-body button.name").first.click()
    assert problems() == []
    tab.evaluate("change({ account: '', open: '1' })")
    tab.locator("dialog[open]").wait_for()
    assert problems() == []
    assert tab.told == []


@pytest.mark.slow
def test_on_paper_there_is_a_picture(browser: Any, addresses: dict[str, str]) -> None:
    tab = opened(browser, addresses["page"])
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.emulate_media(media="print")
    assert tab.locator("#printed").is_visible() and not tab.locator("#filters").is_visible()
    assert tab.evaluate("byId('printed').decode().then(() => byId('printed').naturalWidth)") > 100
    assert tab.told == []
