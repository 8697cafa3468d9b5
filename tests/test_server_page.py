"""The desk's page in a real browser: drafts are written, ranked, changed and compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from browsers import opened
from judges import LengthJudge
from served import picture, running
from waiting import wait_until

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"
NOT_A_PROMISE = "the model’s association, not a promise"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running(LengthJudge()) as port:
        yield f"http://127.0.0.1:{port}/"


def written(tab: Any, *texts: str) -> None:
    """Drafts with these captions, ranked."""
    for number, text in enumerate(texts):
        if number:
            tab.click("#write")
        tab.locator("#cards textarea").nth(number).fill(text)
    tab.click("#rank")
    ranked(tab, len(texts))


def ranked(tab: Any, number: int) -> None:
    tab.locator(f"#places > li:nth-child({number})").wait_for()
    until(tab, "!document.getElementById('rank').hasAttribute('aria-busy')")


def until(tab: Any, condition: str) -> None:
    """Asked again and again from outside: the page's policy lets nobody evaluate text in it."""
    wait_until(lambda: bool(tab.evaluate(condition)), condition)


def titles(tab: Any) -> list[str]:
    return list(tab.locator("#places h3").all_inner_texts())


def test_drafts_are_written_ranked_and_compared_with_the_keyboard_alone(browser: Any, address: str) -> None:
    tab = opened(browser, address)
    press = tab.keyboard.press

    def reach(selector: str, key: str = "Tab") -> None:
        for _ in range(80):
            if tab.evaluate("s => document.activeElement.matches(s)", selector):
                return
            press(key)
        raise AssertionError(f"{selector} is not reached")

    reach("#cards textarea")
    tab.keyboard.type("Short")
    reach("#write", "Shift+Tab")
    press("Enter")
    assert tab.evaluate("document.activeElement.labels[0].innerText") == "Caption", "one writes at once"
    tab.keyboard.type("A longer caption, is it not?")
    reach("#rank")
    press("Enter")
    ranked(tab, 2)
    assert titles(tab) == ["A longer caption, is it not?", "Short"]
    assert tab.locator("#status").inner_text() == "2 drafts are ranked. Draft 2 comes first."
    for number in (1, 2):
        reach(f"#places > li:nth-child({number}) input")
        press("Space")
        assert tab.evaluate("document.activeElement.checked"), "the focus stays where it was"
    assert tab.locator("#pair").is_visible()
    told = tab.locator("#pair").inner_text()
    assert "Draft 2 is expected to get" in told and NOT_A_PROMISE in told
    assert "Compared below." in tab.locator("#status").inner_text()
    reach("#cards li:nth-child(2) button.link", "Shift+Tab")
    assert tab.evaluate("document.activeElement.getAttribute('aria-label')") == "Remove draft 2"
    press("Enter")
    assert tab.evaluate("document.activeElement.value") == "Short", "the focus goes to the nearest draft"
    assert not tab.locator("#pair").is_visible()
    assert tab.told == []


def test_what_a_change_does_is_told_against_the_version_before_and_promises_nothing(
    browser: Any, address: str
) -> None:
    tab = opened(browser, address)
    written(tab, "Our new lamp", "Something else entirely here")
    text = tab.locator("#cards textarea").first
    text.focus()
    tab.keyboard.press("End")
    tab.keyboard.type("?")
    delta = tab.locator("#cards .delta")
    delta.wait_for()
    before, after = 40 + 9 * 12, (40 + 9 * 13) * 1.08
    percent = round(100 * (after / before - 1))
    assert delta.inner_text() == f"+{percent}% from {before}"
    told = tab.locator("#cards li").first.locator(".change").inner_text()
    assert NOT_A_PROMISE in told and "now: asks a question (+8%)" in told
    assert f"Draft 1: +{percent}% expected likes" in tab.locator("#status").inner_text()
    tab.keyboard.type(" Or")
    until(tab, "!document.querySelector('.old') && document.querySelector('.delta')")
    assert f"from {before}" in delta.inner_text(), "pauses make no new version"
    text.fill("Our new lamp")
    delta.wait_for(state="detached")
    assert tab.told == []


def test_each_list_of_reasons_says_that_they_are_no_promise(browser: Any, address: str) -> None:
    tab = opened(browser, address)
    written(tab, "A question?", "Another question?")
    lists = tab.locator("#places h4", has_text="Reasons")
    assert lists.count() == 2
    assert all(NOT_A_PROMISE in text for text in lists.all_inner_texts())


def test_what_anybody_writes_is_shown_as_text(browser: Any, address: str) -> None:
    tab = opened(browser, address)
    tab.on("dialog", lambda dialog: tab.told.append(dialog.message))
    tab.set_input_files("#files", {"name": f"{EVIL}.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    written(tab, EVIL)
    ranked(tab, 2)
    assert titles(tab)[0] == EVIL
    for number in (0, 1):
        tab.locator(".pick input").nth(number).check()
    assert EVIL in tab.locator("#pair").inner_text()
    assert tab.locator("img[src=x], main script").count() == 0
    assert tab.told == []


def test_images_and_texts_are_dropped_and_chosen(browser: Any, address: str) -> None:
    tab = opened(browser, address)
    files = [
        {"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": picture()},
        {"name": "note.txt", "mimeType": "text/plain", "buffer": "Grüße aus dem Laden".encode()},
        {"name": "page.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"},
    ]
    tab.set_input_files("#files", files)
    ranked(tab, 2)
    assert "page.svg is no JPEG, PNG, WEBP, GIF or plain text" in tab.locator("#error").inner_text()
    assert sorted(titles(tab)) == ["Grüße aus dem Laden", "lamp.jpg"]
    drop = """text => {
        const carried = new DataTransfer();
        carried.setData('text/plain', text);
        const settings = { dataTransfer: carried, bubbles: true, cancelable: true };
        document.querySelector('h1').dispatchEvent(new DragEvent('drop', settings));
    }"""
    tab.evaluate(drop, "Dropped here")
    ranked(tab, 3)
    assert "Dropped here" in titles(tab)
    assert tab.told == []


def test_a_file_that_is_no_image_is_told_and_the_draft_is_a_key_away(browser: Any, address: str) -> None:
    tab = opened(browser, address)
    html = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"<html><script>alert(1)</script>"}
    tab.set_input_files("#files", html)
    told = tab.locator("#error p")
    told.wait_for()
    assert told.inner_text().startswith("Draft 2: its image is no JPEG, PNG, WEBP or GIF by its content")
    told.locator("button").click()
    assert tab.evaluate("document.activeElement.closest('li').querySelector('h3').innerText") == "Draft 2"


def test_what_is_downloaded_is_made_in_the_browser_and_no_spreadsheet_runs_it(
    browser: Any, address: str, tmp_path: Path
) -> None:
    tab = opened(browser, address)
    written(tab, '=1+1, "quoted"', "plain\ntext, longer")
    found = {}
    for kind in ("json", "csv"):
        with tab.expect_download() as download:
            tab.click(f"#keep-{kind}")
        download.value.save_as(tmp_path / kind)
        found[kind] = (tmp_path / kind).read_bytes().decode()
        assert download.value.suggested_filename == f"ranking.{kind}"
    assert json.loads(found["json"])["drafts"][0]["draft"]["text"] == "plain\ntext, longer"
    lines = found["csv"].split("\r\n")
    assert lines[0].startswith("place,number,name,account,at,text,image,likes,likes_low,likes_high,replies")
    assert '"plain\ntext, longer"' in lines[1]
    assert '"\'=1+1, ""quoted"""' in lines[2]
    assert tab.told == []


def test_nothing_is_kept(browser: Any, address: str) -> None:
    tab = opened(browser, address)
    written(tab, "A secret draft")
    assert tab.context.cookies() == []
    assert tab.evaluate("localStorage.length + sessionStorage.length") == 0
    assert tab.evaluate("indexedDB.databases().then(found => found.length)") == 0
    tab.reload()
    tab.wait_for_selector("html[data-ready]")
    assert tab.locator("#cards textarea").input_value() == ""


def test_a_busy_model_is_asked_again_and_a_server_that_is_gone_is_told(browser: Any) -> None:
    go = Event()
    judge = LengthJudge(until=go)
    with running(judge, waiting=0) as port:
        first, tab = (opened(browser, f"http://127.0.0.1:{port}/") for _ in range(2))
        first.locator("textarea").fill("The first")
        first.click("#rank")
        until(first, "document.getElementById('status').textContent === 'Ranking…'")
        wait_until(lambda: bool(judge.asked), "the first has its turn")  # the page says so before it has
        tab.locator("textarea").fill("The second")
        tab.click("#rank")
        until(tab, "document.getElementById('status').textContent.startsWith('The model is busy')")
        go.set()
        ranked(tab, 1)
        assert titles(tab) == ["The second"]
        first.close()
    tab.click("#rank")
    tab.locator("#error p").wait_for()
    assert "Is smpbench serve still running?" in tab.locator("#error").inner_text()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits(browser: Any, address: str, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    motion = {"reduced_motion": "reduce"}
    tab = opened(browser, address, viewport={"width": width, "height": 800}, color_scheme=scheme, **motion)

    def problems() -> list[str]:
        found = axe.Axe().run(tab).response["violations"]
        return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]

    assert problems() == [], "before anything is ranked"
    tab.set_input_files("#files", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    written(tab, "W" * 300, "IS IT €9?", "short words, and many of them, as people write them")
    for number in (0, 1):
        tab.locator(".pick input").nth(number).check()
    assert problems() == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.locator("#cards textarea").first.fill("changed, and not yet ranked anew")
    assert problems() == []
    assert tab.told == []
