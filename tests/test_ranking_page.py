"""The page of a ranking: what it says, its thumbnails, and how it looks in a real browser."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from browsers import opened
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rankings import FORMULA, hostile, images, ranking
from reported import TURNS, changed

from desk.report import page as page_room
from desk.report import words
from desk.report.card import LETTERS, LINES
from desk.report.page import POLICY, page, write_html
from desk.report.scale import Scale
from desk.report.thumbnails import LARGEST, data_uri


class Seen(HTMLParser):
    """Elements and visible text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


# The page


def test_the_page_says_everything_of_the_ranking(tmp_path: Path) -> None:
    text = page(ranking(), images(tmp_path))
    told = " ".join(Seen(text).text.split())
    for part in (
        "Publish “sunrise” first: 1,230 likes (90%: 310 to 4,760).",
        "Expected likes 1,230 90%: 310 to 4,760",
        "Chance to go viral12%",
        "Chance to be the best41%",
        "≈ Too close to call with question-of-the-week",
        "+8% asks a question text",
        "Blocked We do not speak of gambling. (in the text: casino) Rule: no gambling",
        "Wed 15 May, 18:00 to 19:00 UTC +21% +8% to +35%, 212 posts",
        "Interval by the past errors on all accounts, since its own has too few posts.",
        "A language that the model has never seen.",
        "columns that neither drafts nor the model have, left out: mood, budget",
        "nothing to judge: neither text nor image",
        "12,480 posts of 3 accounts",
        "91% of later posts, which the model had not seen",
        "among the top 5% of its account's posts",
        words.PROMISE,
    ):
        assert part.replace(" ", "") in told.replace(" ", ""), part
    assert page(ranking(), images(tmp_path)) == text


def test_blocks_are_told_before_warnings_and_the_order_stays(tmp_path: Path) -> None:
    text = page(ranking(), {})
    assert text.index("We do not speak of gambling.") < text.index("Nothing is published at night.")
    cards = re.findall(r'<article class="card( blocked)?" id="draft-(\d)"', text)
    assert cards == [("", "1"), ("", "2"), (" blocked", "3"), ("", "4"), ("", "5"), ("", "6")]


def test_the_page_asks_for_nothing_and_runs_nothing(tmp_path: Path) -> None:
    for text in (page(ranking(), images(tmp_path)), page(hostile(), {})):
        seen = Seen(text)
        policy = next(attrs for tag, attrs in seen.elements if attrs.get("http-equiv"))
        assert policy["content"] == POLICY == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        tags = {tag for tag, _ in seen.elements}
        assert not tags & {"script", "iframe", "object", "embed", "form", "base", "svg", "audio", "video"}
        for tag, attrs in seen.elements:
            assert not [name for name in attrs if name.startswith("on")], tag
            for name in ("src", "href"):
                if name in attrs:
                    assert re.match(r"(data:image/webp;base64,|data:,$|#[\w-]+$)", attrs[name] or ""), tag
        assert "http" not in text.replace("http-equiv", "").replace("http://example.org", "")


def test_whatever_a_draft_says_is_shown_and_neither_run_nor_turned_around() -> None:
    text = page(hostile(), {})
    assert not TURNS.search(text)
    seen = Seen(text)
    assert "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>" in seen.text
    assert not [tag for tag, _ in seen.elements if tag in ("script", "img")]
    assert FORMULA in seen.text
    assert len([tag for tag, _ in seen.elements if tag == "blockquote"]) == 1


@given(st.text(max_size=60))
def test_no_text_makes_an_element(text: str) -> None:
    empty, full = (changed(ranking(), 1, notes=(note,)) for note in ("x", text))
    assert len(Seen(page(empty, {})).elements) == len(Seen(page(full, {})).elements)


def test_a_long_text_is_shortened_on_the_page_so_that_its_card_fits_on_paper() -> None:
    for long in ("word " * 2000, "line\n" * 500):
        draft = ranking().drafts[0].draft.model_copy(update={"text": long})
        text = page(changed(ranking(), 1, draft=draft), {})
        found = re.search(r"<blockquote[^>]*>(.*?)</blockquote>", text, re.DOTALL)
        assert found and len(found[1]) < LETTERS + 80 and found[1].count("\n") < LINES
        assert "more characters]" in found[1]


def test_of_very_many_drafts_the_first_have_cards_and_all_are_in_the_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_room, "MOST_CARDS", 2)
    text = page(changed(ranking(), 1, close_to=(2, 3)), {})
    assert "with <a href=" in text and "<bdi>win-a-night</bdi></p>" in text, "no link leads nowhere"
    assert text.count("<article") == 2 and text.count('<th scope="row"') == 8
    assert 'href="#draft-3"' not in text
    assert "The 4 further drafts are in the table above alone." in text


def test_a_ranking_without_drafts_viral_or_coverage_is_a_page_too() -> None:
    model = ranking().model.model_copy(update={"viral": None, "coverage": None})
    text = page(ranking(model=model, drafts=(), notes=()), {})
    assert "Nothing could be judged." in text
    assert "Viral means" not in text and "Intervals held" not in text and ">The order<" not in text


def test_bars_of_all_drafts_lie_on_one_scale() -> None:
    scale = Scale.of(ranking())
    assert (scale.place(0), scale.place(9_800), scale.place(1e9)) == (0, 100, 100)
    assert scale.place(100) < scale.place(1000)
    assert Scale.of(ranking(drafts=())).place(0.5) > 0
    assert Scale(5, 5, True).place(5) == 50
    assert Scale(-10, 10, False).place(0) == 50


# Thumbnails


def test_a_thumbnail_is_small_upright_and_without_what_the_camera_wrote(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "secret camera"
    Image.new("RGB", (1200, 600), "teal").save(tmp_path / "a.jpg", exif=exif)
    uri = data_uri(tmp_path / "a.jpg") or ""
    raw = base64.b64decode(uri.removeprefix("data:image/webp;base64,"))
    small = Image.open(io.BytesIO(raw))
    assert small.size == (LARGEST // 2, LARGEST)
    assert b"secret" not in raw and not small.getexif()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_images_of_every_mode_have_a_thumbnail(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (30, 20)).save(tmp_path / "a.png")
    assert data_uri(tmp_path / "a.png")


def test_an_image_that_cannot_be_shown_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no image")
    assert data_uri(tmp_path / "a.jpg") is None
    assert data_uri(tmp_path / "nothing.jpg") is None
    text = page(ranking(), {1: tmp_path / "a.jpg"})
    assert text.count("Image not shown") == 4, "of all that have one"
    assert text.count("No image") == 2


# In a browser


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("report")
    write_html(ranking(), images(home), home / "page.html")
    write_html(hostile(), {}, home / "hostile.html")
    return {name: (home / f"{name}.html").as_uri() for name in ("page", "hostile")}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["page", "hostile"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_accessible_in_light_and_dark_and_on_a_phone(
    browser: Any, addresses: dict[str, str], name: str, scheme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    size = {"width": width, "height": 800}
    tab = opened(browser, addresses[name], viewport=size, color_scheme=scheme, ready="main")
    # The policy of the page keeps axe out too, so axe looks at the same page without it.
    text = tab.content().replace(f'content="{POLICY}"', 'content=""')
    assert tab.told == []
    plain = browser.new_context(viewport=size, color_scheme=scheme).new_page()
    plain.set_content(text)
    assert plain.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.Axe().run(plain).response
    assert len(found["passes"]) > 20
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found["violations"]] == []


@pytest.mark.slow
def test_images_are_shown_and_nothing_of_a_draft_is_run(browser: Any, addresses: dict[str, str]) -> None:
    tab = opened(browser, addresses["page"], ready="main")
    assert tab.evaluate("[...document.images].map(image => image.naturalWidth)") == [240, 240, 192]
    evil = opened(browser, addresses["hostile"], ready="main")
    assert evil.locator("main script, main img").count() == 0
    assert tab.told == evil.told == []


@pytest.mark.slow
def test_on_paper_no_card_is_cut(browser: Any, addresses: dict[str, str], tmp_path: Path) -> None:
    long = ranking().drafts[0].draft.model_copy(update={"text": "a long line of words, " * 200})
    write_html(changed(ranking(), 1, draft=long), images(tmp_path), tmp_path / "long.html")
    for address in (addresses["page"], (tmp_path / "long.html").as_uri()):
        # A sheet of A4 less its margins, at 96 pixels an inch.
        tab = opened(
            browser, address, viewport={"width": 688, "height": 1016}, color_scheme="dark", ready="main"
        )
        tab.emulate_media(media="print", color_scheme="dark")
        cards = tab.evaluate(
            "[...document.querySelectorAll('.card, tr')].map(one => "
            "[getComputedStyle(one).breakInside, one.getBoundingClientRect().height])"
        )
        assert len(cards) > 12
        assert {kind for kind, _ in cards} == {"avoid"}
        assert max(height for _, height in cards) < 1016, "none is longer than a sheet"
        assert tab.evaluate("document.documentElement.scrollWidth") <= 688, "nor is a table wider"
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert tab.pdf(format="A4", print_background=True).startswith(b"%PDF")
