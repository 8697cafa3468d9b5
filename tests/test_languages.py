"""The card says what language posts are in, and that decides which encoders read them."""

from __future__ import annotations

from pathlib import Path

import pytest
from raw_layouts import write_csv
from table_sets import rows, table_card
from worlds import MadeUpEncoder, World, write_baseline

from benchmark.data.prepare import prepare
from benchmark.data.report import report_lines
from benchmark.declared.card import Card
from benchmark.encoders import encoder, offers
from benchmark.encoders.interface import Encoder
from benchmark.encoders.profiles import NOT_ENGLISH, PROFILES, chosen_profile, sources
from benchmark.errors import UnknownName
from benchmark.run.result import inconsistent
from benchmark.run.store import Store

PORTUGUESE = "Hoje de manhã o foguete número {} partiu para a lua e todos ficaram muito contentes"
ENGLISH = "This morning rocket number {} left for the moon and everybody was very happy about it"


def posts(folder: Path, *texts: str) -> None:
    """A raw file beside the card of `table_card`, with these texts in turn."""
    content = [{**row, "text": texts[i % len(texts)].format(i)} for i, row in enumerate(rows(120))]
    write_csv(folder / "raw" / "mine.csv", content)


# The card


def test_a_card_names_languages_by_their_codes_and_may_name_one_or_none(tmp_path: Path) -> None:
    assert table_card(tmp_path).languages == ()
    assert table_card(tmp_path, languages="pt").languages == ("pt",)
    assert table_card(tmp_path, languages=["pt", "es"]).languages == ("pt", "es")


@pytest.mark.parametrize("code", ["Portuguese", "pt-BR", "PT", "por", "xx", "", "\x1b["])
def test_what_is_no_code_is_refused(tmp_path: Path, code: str) -> None:
    with pytest.raises(ValueError, match="is no language of ISO 639-1, which names each by two small letter"):
        table_card(tmp_path, languages=["en", code])


# The choice


def test_posts_that_are_not_all_in_english_are_read_by_the_multilingual_encoder() -> None:
    minilm, other = encoder("bundled", "text"), encoder("bundled", "text", ["pt"])
    assert (minilm.name, other.name) == ("minilm", "use_multilingual")
    assert minilm.fingerprint() != other.fingerprint()
    assert encoder("bundled", "text", ("en", "es")) is encoder("bundled", "text", ["tr"]) is other
    assert encoder("bundled", "text", ["en"]) is encoder("bundled", "text", ()) is minilm
    assert encoder("bundled", "topics", ["pt"]).name == "label_prompts_use_multilingual"
    assert encoder("bundled", "image", ["pt"]).fingerprint() == encoder("bundled", "image").fingerprint()


@pytest.mark.parametrize("profile", ["bundled", "hub"])
@pytest.mark.parametrize("encoding", ["sentiment", "profanity"])
def test_no_english_score_is_made_of_texts_in_another_language(profile: str, encoding: str) -> None:
    assert offers(profile, encoding) and offers(profile, encoding, ["en"])
    assert not offers(profile, encoding, ["en", "pt"])
    told = f"'{encoding}'.*There it reads English alone, and the posts are in en, pt"
    with pytest.raises(UnknownName, match=told):
        encoder(profile, encoding, ["en", "pt"])


def test_what_differs_by_language_is_an_encoding_of_the_profile_and_keeps_its_kind() -> None:
    for profile, differs in NOT_ENGLISH.items():
        assert differs.keys() <= PROFILES[profile].keys()
        for encoding in sources(profile, english=False):
            assert encoder(profile, encoding, ["pt"]).encoding == encoding


def test_a_profile_of_ones_own_is_taken_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.encoders.profiles.PROFILES", dict(PROFILES))
    (tmp_path / "mine.toml").write_text(
        "name = 'mine'\nencodings.text.encoder = 'minilm'\n"
        "encodings.topics = {encoder = 'label_prompts', embedding = 'use_multilingual'}"
    )
    chosen_profile(str(tmp_path / "mine.toml"))
    assert encoder("mine", "text", ["pt"]).name == "minilm"
    assert encoder("mine", "topics").name == "label_prompts_use_multilingual"


# Runs


@pytest.mark.slow
def test_the_row_says_which_encoder_read_the_posts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, tuple[str, ...]]] = []

    def made_up(profile: str, encoding: str, languages: tuple[str, ...] = ()) -> Encoder:
        asked.append((profile, encoding, languages))
        found = MadeUpEncoder(encoding)
        found.name = encoder(profile, encoding, languages).name
        return found

    for module in ("benchmark.run.runner", "benchmark.run.cells", "benchmark.run.plan"):
        monkeypatch.setattr(f"{module}.encoder", made_up)
    reads = write_baseline(tmp_path, "reading", "", 'wants = {"text", "sentiment"}')
    needs = write_baseline(tmp_path, "needing", "", 'needs = {"sentiment"}')
    world = World.make(tmp_path / "world", posts=120).with_only("one", "frozen")
    world.run(reads, needs)
    other = World(world.card.model_copy(update={"languages": ("pt",)}), world.home)
    other.run(reads, needs)
    told = {
        (one.about.baseline, tuple(sorted(one.about.encoders.items()))): one
        for one in Store(world.home / "runs").results()
    }
    assert set(told) == {
        ("reading", (("sentiment", "vader"), ("text", "minilm"))),
        ("reading", (("text", "use_multilingual"),)),
        ("needing", (("sentiment", "vader"),)),
        ("needing", ()),
    }
    assert told["needing", ()].run.told == "skipped: needs sentiment"
    assert {one.about.profile for one in told.values()} == {"bundled", "none"}
    assert ("bundled", "text", ("pt",)) in asked
    one = told["reading", (("text", "use_multilingual"),)]
    assert (
        one.about.truth_key == told["reading", (("sentiment", "vader"), ("text", "minilm"))].about.truth_key
    )
    wrong = one.about.model_copy(update={"encoders": {"image": "minilm"}})
    assert list(inconsistent(wrong, [])) == ["about.encoders: tells of image, and read is text"]


# What `prepare` notices


def noted(card: Card, folder: Path) -> list[str]:
    """Lines of the report that speak of languages."""
    return [line for line in report_lines(prepare(card, folder / "home", [])) if "language" in line]


def test_posts_that_do_not_look_english_are_told_where_the_card_says_nothing(tmp_path: Path) -> None:
    posts(tmp_path, PORTUGUESE, PORTUGUESE, ENGLISH)
    (line,) = noted(table_card(tmp_path), tmp_path)
    assert line.startswith("  note: of 120 texts whose language was found, 80 are not in English, 80 in pt; ")
    assert line.endswith('encoders take them for English unless the card says otherwise: languages = ["pt"]')
    assert noted(table_card(tmp_path, languages=["pt", "en"]), tmp_path) == []


def test_posts_in_english_and_posts_too_short_to_tell_are_no_matter(tmp_path: Path) -> None:
    posts(tmp_path, ENGLISH, ENGLISH, PORTUGUESE)
    assert noted(table_card(tmp_path), tmp_path) == []
    posts(tmp_path, "bom dia {}")
    assert noted(table_card(tmp_path), tmp_path) == []


def test_a_language_that_no_bundled_encoder_knows_is_told(tmp_path: Path) -> None:
    posts(tmp_path, PORTUGUESE)
    (line,) = noted(table_card(tmp_path, languages=["pt", "vi"]), tmp_path)
    assert line == "  note: no bundled encoder of texts was trained in vi, of the card's languages"


def test_the_fingerprint_of_the_data_is_the_same_whatever_language_the_card_names(tmp_path: Path) -> None:
    posts(tmp_path, PORTUGUESE)
    plain = prepare(table_card(tmp_path), tmp_path / "home", []).fingerprint
    assert prepare(table_card(tmp_path, languages="pt"), tmp_path / "home", []).fingerprint == plain
