"""A ranking as people read it: in the terminal, in a spreadsheet, as data, and on a page that is looked at in
a real browser where there is one."""

from __future__ import annotations

import base64
import csv
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
from rankings import AT, FORMULA, hostile, images, ranking
from rich.console import Console

from desk.ranking import Mark, Ranking
from desk.report import page as page_room
from desk.report import table as table_room
from desk.report import words
from desk.report.card import LETTERS, LINES
from desk.report.files import write_csv, write_json
from desk.report.page import POLICY, page, write_html
from desk.report.scale import Scale
from desk.report.table import as_table
from desk.report.thumbnails import LARGEST, data_uri

TURNS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Signs that hide or turn around what stands beside them."""


def printed(found: Ranking, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(as_table(found))
    return console.file.getvalue()  # type: ignore[attr-defined]


def changed(found: Ranking, place: int, **changes: Any) -> Ranking:
    """The ranking, one of its drafts judged otherwise."""
    drafts = [one.model_copy(update=changes) if one.place == place else one for one in found.drafts]
    return found.model_copy(update={"drafts": tuple(drafts)})


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


# Words


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0"),
        (-0.2, "0"),
        (3.4, "3"),
        (999.4, "999"),
        (1234, "1,230"),
        (999_960, "1,000,000"),
        (-1234, "-1,230"),
    ],
)
def test_counts_are_told_by_three_digits(count: float, told: str) -> None:
    assert words.counted(count) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "0%"), (0.0004, "under 0.1%"), (0.023, "2.3%"), (0.05, "5%"), (0.118, "12%"), (0.9, "90%"),
        (0.9996, "over 99.9%"), (1, "100%"), (0.995, "99.5%"),
    ],
)  # fmt: skip
def test_probabilities_are_told_as_people_say_them(value: float, told: str) -> None:
    assert words.share(value) == told


@pytest.mark.parametrize(
    ("value", "told"), [(0.08, "+8%"), (-0.2, "−20%"), (0, "±0%"), (-0.004, "−0.4%"), (3.5, "+350%")]
)
def test_effects_have_a_sign(value: float, told: str) -> None:
    assert words.effect(value) == told


def test_expected_counts_and_hours_are_sentences() -> None:
    first = ranking().drafts[0]
    assert words.expected(first.expected[0]) == "1,230 likes (90%: 310 to 4,760)"
    assert words.moment(AT) == "Tue 14 May 2030, 18:00 UTC"
    assert words.moment(AT.replace(tzinfo=None)) == words.moment(AT)
    assert words.hour(first.hours[0]) == "Wed 15 May, 18:00 to 19:00 UTC"
    assert words.hour_effect(first.hours[0]) == "+21% (95%: +8% to +35%; 212 posts)"


def test_the_lead_says_what_to_publish_first_and_what_it_cannot_be_told_from() -> None:
    block = (Mark(rule="r", action="block", sentence="No."),)
    found = ranking()
    assert words.lead(found) == (
        "Publish “sunrise” first: 1,230 likes (90%: 310 to 4,760). "
        "It is too close to call with “question-of-the-week”."
    )
    assert words.lead(changed(found, 1, marks=block)).startswith(
        "Publish “question-of-the-week” first (1 draft above it may not be published): 1,180 likes"
    )
    for place in range(1, 7):
        found = changed(found, place, marks=block)
    assert words.lead(found) == "Nothing here may be published: every draft is blocked."
    assert words.lead(ranking(drafts=())) == "Nothing could be judged."


@given(st.text(max_size=200), st.integers(1, 50), st.integers(1, 5))
def test_an_excerpt_has_at_most_so_many_letters_and_lines_and_says_what_is_left_out(
    text: str, letters: int, lines: int
) -> None:
    shown, more = words.excerpt(text, letters, lines)
    assert len(shown) <= letters and shown.count("\n") < lines
    assert not TURNS.search(shown)
    assert bool(more) == (len(words.shown_text(text).strip()) > len(shown))


def test_families_of_emoji_and_words_of_persian_stay_whole() -> None:
    assert words.shown_text("👨‍👩‍👧 می‌خواهم\r\nb") == "👨‍👩‍👧 می‌خواهم\nb"


# Terminal


def test_the_terminal_shows_the_order_and_all_that_is_said() -> None:
    told = printed(ranking(), 250)
    for part in (
        "Publish “sunrise” first",
        "! times that say no zone",
        "1,230   310 to 4,760",
        "also 22,200 views (90%: 4,650 to 114,000)",
        "Blocked, no gambling: We do not speak of gambling.",
        "too close to call with question-of-the-week",
        "+8% asks a question (text)",
        "best at Wed 15 May, 18:00 to 19:00 UTC: +21% (95%: +8% to +35%; 212 posts)",
        "not judged: draft 8: drafts.csv, row 9: nothing to judge",
        words.PROMISE,
    ):
        assert part in told, part
    assert told.index("Blocked, no gambling") < told.index("Warning, quiet nights")
    order = [told.index(name) for name in ("win-a-night", "latte-art.jpg", "menu")]
    assert order == sorted(order)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert all(len(line) <= width for line in printed(ranking(), width).splitlines())


def test_a_terminal_obeys_nothing_that_a_draft_says() -> None:
    found = changed(hostile(), 1, notes=("\x1b[2J[bold]x[/bold] \x07",))
    told = printed(found, 300)
    assert "\x1b" not in told and "\x07" not in told and not TURNS.search(told)
    assert "[bold]x[/bold]" in told, "no markup is taken from a draft"


def test_of_very_many_drafts_a_terminal_says_more_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_room, "MOST_AT_LENGTH", 1)
    told = printed(ranking())
    assert "of 5 drafts further down no more is said here" in told
    assert "asks a question" in told and "promises a prize" not in told


def test_nothing_that_could_be_judged_is_told_in_the_terminal() -> None:
    assert "Nothing could be judged." in printed(ranking(drafts=()))


# Files


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def test_the_csv_has_a_row_a_draft_in_the_order_and_then_the_refused(tmp_path: Path) -> None:
    path = tmp_path / "ranking.csv"
    write_csv(ranking(), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf"), "spreadsheets know UTF-8 by it"
    rows = rows_of(path)
    assert [row["place"] for row in rows] == ["1", "2", "3", "4", "5", "6", "", ""]
    assert [row["status"] for row in rows] == [
        "ok",
        "warned",
        "blocked",
        "ok",
        "ok",
        "ok",
        "refused",
        "refused",
    ]
    first = rows[0]
    assert (first["likes"], first["likes_low"], first["views_high"]) == ("1234.0", "310.0", "114240.0")
    assert (first["viral"], first["best"], first["close_to"]) == ("0.118", "0.41", "question-of-the-week")
    assert (first["reason_2"], first["reason_2_effect"]) == ("asks a question", "0.08")
    assert (rows[3]["reason_2"], rows[3]["reason_2_effect"]) == ("", "")
    assert first["text"] == ranking().drafts[0].draft.text
    assert rows[5]["views"] == rows[5]["viral"] == ""
    assert rows[6]["notes"].startswith("drafts.csv, row 8")


def test_no_cell_is_run_by_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "ranking.csv"
    found = changed(hostile(), 1, notes=("@SUM(A1)",))
    write_csv(found, path)
    (row, refused) = rows_of(path)
    assert row["account"] == f"'{FORMULA}" == refused["name"]
    assert row["notes"] == "'@SUM(A1)"
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert not [cell for cell in cells if re.match(r"[=+\-@\t\r\n]", cell)]


def test_the_json_reads_back_as_the_ranking(tmp_path: Path) -> None:
    for found in (ranking(), hostile(), ranking(drafts=(), refused=(), notes=())):
        write_json(found, tmp_path / "ranking.json")
        text = (tmp_path / "ranking.json").read_text(encoding="utf-8")
        assert Ranking.model_validate_json(text) == found


def test_files_appear_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.html").write_text("of old")
    monkeypatch.setattr(page_room, "_refused", lambda refused: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_html(ranking(), {}, tmp_path / "page.html")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert (tmp_path / "page.html").read_text() == "of old"


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
