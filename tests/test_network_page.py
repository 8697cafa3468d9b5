"""The page of a network: one file that asks for nothing, says what its scores are worth, and is more than its
picture: what is drawn is in tables too."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from browsers import CHROMIUM, opened
from network_readings import DAY, START, influence, reading

from network.page.backbone import FIRST, GUARD, chance, held_of
from network.page.layout import positions
from network.page.page import page, write_page
from network.page.pseudonyms import names_of
from network.page.windows import MOST, place_in, windows_of
from network.reading import Communities, Crossing, Reading
from tools.frames import ARGUMENTS, frames

EVIL = ("</script><img src=x onerror=alert(1)>", "\u2028<b>&\"'", '=HYPERLINK("http://x")')
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


def embedded(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    told: dict[str, Any] = json.loads(found[1])
    return told


def named(made: Reading) -> str:
    return page(made, names_of(made, nobody=True))


@cache
def ordinary() -> str:
    """The page of what most tests look at, made once."""
    return named(reading())


@cache
def large() -> str:
    """The page of so many accounts that not all are shown at first."""
    return named(reading(n=GUARD + 1200, edges=20_000))


def empty() -> Reading:
    made = reading()
    graph = made.network.graph.take(slice(0, 0))
    of = np.full(graph.n, -1, np.int64)
    network = replace(made.network, graph=graph)
    return Reading(network, (), (), Communities(of, (), 1.0, "", np.nan, np.nan), ())


@pytest.mark.slow
def test_the_page_is_one_file_and_the_same_for_the_same_reading() -> None:
    text = ordinary()
    assert not re.search(r'(?:src|href)="(?!data:|#)', text)
    assert text == named(reading())


@pytest.mark.slow
def test_only_its_own_scripts_may_run() -> None:
    text = ordinary()
    (policy,) = POLICY.findall(text)
    told = dict(part.split(" ", 1) for part in policy.split("; "))
    assert told["default-src"] == "'none'" and "unsafe" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
    assert told["script-src"].split() == [f"'sha256-{one}'" for one in hashes]


@pytest.mark.slow
def test_no_name_ends_the_data_or_becomes_an_element() -> None:
    made = reading(names=sorted(EVIL))
    made = replace(made, crossings=(Crossing(EVIL[0], 0, 0, 3, ((0, 0), (1, 9)), None),), notes=EVIL)
    text = named(made)
    assert EVIL[0] not in text and "\u2028" not in text and "<img" not in text
    told = embedded(text)
    assert EVIL[0] in told["accounts"]["name"]
    assert told["crossings"][0]["what"] == EVIL[0]


@pytest.mark.slow
def test_beside_each_ranking_stands_whether_the_score_beats_own_past() -> None:
    in_degree, pagerank, own_past = embedded(ordinary())["scores"]
    assert [conclusion for conclusion, _ in in_degree["beside"]] == [
        "Says nothing new about engagement: it does not beat the account's own past.",
        "Says something about mentions to come that the account's own past does not.",
    ]
    assert in_degree["beside"][0][1] == (
        "On 132 accounts: Spearman .505 [.360, .630] with the engagement to come, own past .955; added to "
        "own past −.001 [−.004, +.002]."
    )
    assert pagerank["verdicts"] == ["loses"] and own_past["reference"]


def test_numbers_that_are_unknown_are_null_and_no_score_is_needed() -> None:
    told = embedded(named(empty()))
    assert told["scores"] == told["communities"] == told["windows"] == []
    assert told["found"]["seeds"] is None


@pytest.mark.slow
def test_edges_of_a_pair_a_kind_and_a_window_are_one_and_none_is_lost() -> None:
    told = embedded(ordinary())["edges"]
    graph = reading().network.graph
    assert sum(told["weight"]) == (graph.source != graph.target).sum()
    assert told["loops"] == (graph.source == graph.target).sum()
    assert set(told["window"]) == {0, 1}, "the halves in which communities were found"
    keys = list(zip(told["source"], told["target"], told["kind"], told["window"], strict=True))
    assert len(set(keys)) == len(keys)


@pytest.mark.slow
def test_no_account_loses_all_of_its_edges_to_heavier_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = embedded(ordinary())["edges"]
    monkeypatch.setattr("network.page.data.EDGES", 60)
    told = embedded(named(reading()))["edges"]
    assert len(told["source"]) == 60 and told["left_out"] == len(whole["source"]) - 60
    linked = {*whole["source"], *whole["target"]}
    assert len({*told["source"], *told["target"]}) >= 0.9 * min(len(linked), 60)


@pytest.mark.slow
def test_of_many_accounts_the_backbone_comes_first_with_each_community_by_its_share() -> None:
    told = embedded(large())
    linked = {*told["edges"]["source"], *told["edges"]["target"]}
    assert len(told["accounts"]["name"]) == GUARD + 1200
    assert told["counts"]["first"] == FIRST
    first = np.asarray(told["accounts"]["community"][:FIRST])
    assert set(range(100)) <= linked, "the best connected have edges"
    shares = np.bincount(first + 1, minlength=4)[1:] / FIRST
    everyone = np.bincount(np.asarray(told["accounts"]["community"]) + 1, minlength=4)[1:]
    assert shares == pytest.approx(everyone / everyone.sum(), abs=0.02)


def test_a_page_holds_no_more_accounts_than_it_may_but_those_in_front_of_every_ranking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("network.page.backbone.RANKED", 5)
    made = reading()
    odd = np.zeros(made.network.graph.n)
    odd[-1] = 1.0
    made = replace(made, influence=(*made.influence, influence("odd", "odd", odd)))
    held = held_of(made, np.arange(made.network.graph.n), most=20)
    assert len(held) == 20
    assert made.network.graph.n - 1 in held, "without an edge, but the first by a score"


@pytest.mark.slow
def test_an_account_of_no_community_an_unknown_score_and_pseudonyms_are_told() -> None:
    made = reading()
    told = embedded(page(made))
    assert sum(told["accounts"]["renamed"]) == told["counts"]["renamed"] > 0
    assert -1 in told["accounts"]["community"] and None in told["scores"][2]["value"]
    assert not {name for name in told["accounts"]["name"] if name.startswith("user_")} - set(
        made.network.graph.names[made.network.published.author]
    )


@pytest.mark.slow
def test_places_are_finite_the_same_twice_and_keep_communities_apart() -> None:
    made = reading(n=400, edges=4000, groups=4)
    weights = made.network.graph.matrix("log", symmetric=True)
    of = made.communities.of
    found = positions(weights, of)
    assert np.array_equal(found, positions(weights, of))
    assert np.isfinite(found).all() and np.abs(found).max() < 2
    middles = np.asarray([np.median(found[of == code], axis=0) for code in range(4)])
    own = np.argmin(np.linalg.norm(found[:, None] - middles[None], axis=2), axis=1)
    assert np.mean(own[of >= 0] == of[of >= 0]) > 0.8
    assert len(np.unique(found, axis=0)) == len(found), "none stands on another"


@pytest.mark.parametrize(("n", "edges"), [(4, 0), (4, 1), (3, 5)])
def test_networks_of_next_to_nothing_have_places(n: int, edges: int) -> None:
    made = reading(n=n, edges=edges, groups=1)
    weights = made.network.graph.matrix("log", symmetric=True)
    assert np.isfinite(positions(weights, made.communities.of)).all()


def test_windows_are_those_of_the_communities_else_of_the_calendar() -> None:
    made = reading()
    assert len(windows_of(made)) == 2
    bare = replace(made, communities=replace(made.communities, windows=()))
    months = windows_of(bare)
    assert len(months) == 12 <= MOST and months[0].name == "Jan 2020"
    assert months[0].until == months[1].since == START + 31 * DAY
    times = np.array([START - 1, START, START + 31 * DAY - 1, START + 31 * DAY, months[-1].until])
    assert place_in(months, times).tolist() == [-1, 0, 0, 1, -1]
    assert windows_of(empty()) == []


def test_an_edge_stands_out_that_takes_more_of_an_account_than_chance_would_give() -> None:
    source, target = np.zeros(10, np.int64), np.arange(1, 11)
    weight = np.ones(10)
    weight[3] = 100
    found = chance(source, target, weight, 11)
    assert found[3] < 1e-8 and np.all(found[[0, 1, 2, 4]] > 0.9)
    assert chance(np.array([0]), np.array([1]), np.array([5.0]), 2).tolist() == [1.0]


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


@pytest.mark.slow
def test_writing_leaves_a_whole_page(tmp_path: Path) -> None:
    write_page(reading(), tmp_path / "graph.html")
    assert (tmp_path / "graph.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
