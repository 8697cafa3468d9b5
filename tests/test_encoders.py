"""The bundled encoders: what they make of good, odd and hostile input."""

from __future__ import annotations

import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmark.encoders import PROFILES, encoder
from benchmark.encoders.decode import Frame, decode, decoded_batches
from benchmark.encoders.efficientnet_lite0 import EfficientNetLite0
from benchmark.encoders.hardware import native_precision
from benchmark.encoders.minilm import MiniLM
from benchmark.errors import UnknownName

FRAME = Frame(32)


# Profiles


def test_the_bundled_profile_answers_for_text_and_image() -> None:
    text, image = encoder("bundled", "text"), encoder("bundled", "image")
    assert (text.name, text.encoding, text.dim) == ("minilm", "text", 384)
    assert (image.name, image.encoding, image.dim) == ("efficientnet_lite0", "image", 1280)
    assert text.unavailable() is None
    assert image.unavailable() is None


def test_the_same_encoder_is_handed_out_again_so_that_its_model_loads_once() -> None:
    assert encoder("bundled", "text") is encoder("bundled", "text")


def test_an_unknown_profile_or_kind_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"profile 'bundle'; did you mean 'bundled'"):
        encoder("bundle", "text")
    with pytest.raises(UnknownName, match=r"'texts'; did you mean 'text'"):
        encoder("bundled", "texts")


def test_a_profile_without_encoders_says_so_and_nothing_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROFILES, "empty", {})
    with pytest.raises(UnknownName, match=r"profile 'empty' 'text'\. It is in profile bundled"):
        encoder("empty", "text")


@pytest.mark.slow
def test_choosing_and_fingerprinting_an_encoder_loads_no_model_library() -> None:
    script = (
        "import sys\n"
        "from benchmark.encoders import encoder\n"
        "[encoder('bundled', encoding).fingerprint() for encoding in ('text', 'image')]\n"
        "assert not {'torch', 'timm', 'transformers'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_fingerprint_follows_precision_and_code_version() -> None:
    class Newer(MiniLM):
        version = MiniLM.version + 1

    prints = {MiniLM(precision="float32").fingerprint(), MiniLM(precision="bfloat16").fingerprint()}
    assert len(prints | {Newer(precision="float32").fingerprint()}) == 3
    assert MiniLM(threads=1, precision="float32").fingerprint() in prints


def test_precision_follows_the_processor(tmp_path: Path) -> None:
    (tmp_path / "amx").write_text("processor : 0\nflags : fpu avx512f amx_bf16\n")
    (tmp_path / "old").write_text("processor : 0\nflags : fpu avx512f\n")
    assert native_precision(tmp_path / "amx") == "bfloat16"
    assert native_precision(tmp_path / "old") == "float32"
    assert native_precision(tmp_path / "absent") == "float32"


# Decoding


def picture(path: Path, size: tuple[int, int] = (90, 60), mode: str = "RGB", seed: int = 0) -> Path:
    pixels = np.random.default_rng(seed).integers(0, 255, (6, 9, 3), np.uint8)
    Image.fromarray(pixels).resize(size).convert(mode).save(path)
    return path


def png_bomb(path: Path, width: int, height: int) -> Path:
    """A PNG of a few bytes that claims to be enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


@pytest.mark.parametrize(
    ("suffix", "mode"),
    [
        ("jpg", "RGB"),
        ("jpg", "L"),
        ("jpg", "CMYK"),
        ("png", "RGBA"),
        ("png", "P"),
        ("gif", "P"),
        ("webp", "RGB"),
    ],
)
def test_usual_formats_become_a_square_of_rgb(tmp_path: Path, suffix: str, mode: str) -> None:
    pixels = decode(picture(tmp_path / f"picture.{suffix}", mode=mode), FRAME)
    assert isinstance(pixels, np.ndarray)
    assert (pixels.shape, pixels.dtype) == ((32, 32, 3), np.uint8)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (2000, 30)])
def test_images_of_any_shape_are_decoded(tmp_path: Path, size: tuple[int, int]) -> None:
    assert isinstance(decode(picture(tmp_path / "odd.png", size), FRAME), np.ndarray)


def test_reading_a_large_jpeg_at_a_fraction_of_its_size_changes_little(tmp_path: Path) -> None:
    path = picture(tmp_path / "large.png", (900, 600))
    with Image.open(path) as image:
        image.save(tmp_path / "large.jpg", quality=95)
    exact, drafted = decode(path, FRAME), decode(tmp_path / "large.jpg", FRAME)
    assert isinstance(exact, np.ndarray)
    assert isinstance(drafted, np.ndarray)
    assert np.abs(exact.astype(int) - drafted.astype(int)).mean() < 3


def hostile(folder: Path) -> dict[str, Path | None]:
    """An image file of each kind that cannot be decoded, by the reason that is to be given."""
    whole = picture(folder / "whole.jpg", (300, 200)).read_bytes()
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "text.jpg").write_text("not an image")
    (folder / "empty.jpg").touch()
    (folder / "script.jpg").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n")
    (folder / "folder.jpg").mkdir()
    return {
        "no image": None,
        "file missing": folder / "absent.jpg",
        "file missing (folder)": folder / "folder.jpg",
        "damaged image": folder / "truncated.jpg",
        "not an image": folder / "text.jpg",
        "not an image (empty)": folder / "empty.jpg",
        "not an image (a program)": folder / "script.jpg",
        "too many pixels": png_bomb(folder / "bomb.png", 60_000, 60_000),
        "too many pixels (small bomb)": png_bomb(folder / "smaller.png", 10_000, 10_000),
    }


def test_broken_and_hostile_files_give_a_reason_and_no_warning(tmp_path: Path) -> None:
    files = hostile(tmp_path)
    with warnings.catch_warnings(action="error"):
        (reasons,) = decoded_batches(list(files.values()), FRAME, batch=16, threads=2)
    assert reasons == [reason.split(" (")[0] for reason in files]


def test_batches_keep_the_order_of_the_images(tmp_path: Path) -> None:
    paths = [picture(tmp_path / f"{i}.png", seed=i) for i in range(7)]
    batches = list(decoded_batches(paths, FRAME, batch=3, threads=2))
    assert [len(batch) for batch in batches] == [3, 3, 1]
    for path, got in zip(paths, [one for batch in batches for one in batch], strict=True):
        np.testing.assert_array_equal(got, decode(path, FRAME))


# Models: each loads once for all tests of this file


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM(threads=1)


@pytest.fixture(scope="module")
def efficientnet() -> EfficientNetLite0:
    return EfficientNetLite0(threads=1)


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = a.astype(np.float64), b.astype(np.float64)
    return (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)


@pytest.mark.slow
def test_texts_that_mean_the_same_lie_close(minilm: MiniLM) -> None:
    rocket, craft, pizza = minilm.encode(
        ["The rocket landed safely", "A spacecraft touched down", "I love pizza with cheese"]
    ).vectors
    assert cosine(rocket, craft) > 0.45
    assert cosine(rocket, pizza) < 0.15


@pytest.mark.slow
def test_text_vectors_have_unit_length_and_blank_texts_none(minilm: MiniLM) -> None:
    vectors, ok, reasons = minilm.encode(["", "ünïcödé 🚀", " \n", "word " * 1000, "\x00", "a"])
    assert vectors.shape == (6, 384)
    assert vectors.dtype == np.float16
    assert ok.tolist() == [False, True, False, True, True, True]
    assert reasons == {"blank text": 2}
    np.testing.assert_allclose(np.linalg.norm(vectors.astype(np.float32), axis=1), ok, atol=2e-3)


@pytest.mark.slow
def test_a_text_vector_does_not_depend_on_its_neighbours(minilm: MiniLM) -> None:
    texts = [
        " ".join(["launch", "today", "moon", "is", "near"][: i % 5 + 1] * (i % 7 + 1)) for i in range(50)
    ]
    together = minilm.encode(texts).vectors
    backwards = minilm.encode(texts[::-1]).vectors[::-1]
    alone = np.concatenate([minilm.encode([text]).vectors for text in texts[:8]])
    assert cosine(together, backwards).min() > 0.9995
    assert cosine(together[:8], alone).min() > 0.9995


@pytest.mark.slow
def test_no_text_at_all_is_no_vector(minilm: MiniLM) -> None:
    assert minilm.encode([]).vectors.shape == (0, 384)


@pytest.mark.slow
def test_the_vectors_are_those_of_the_published_model() -> None:
    # The first numbers that sentence-transformers prints for this sentence with all-MiniLM-L6-v2.
    sentence = "This is an example sentence"
    exact = MiniLM(threads=1, precision="float32").encode([sentence]).vectors[0, :4]
    np.testing.assert_allclose(exact, [0.0676, 0.0635, 0.0487, 0.0793], atol=1e-4)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A Chinese palace and a flower, as scikit-learn ships them."""
    from sklearn.datasets import load_sample_images

    folder = tmp_path_factory.mktemp("photographs")
    paths = [folder / "palace.jpg", folder / "flower.jpg"]
    for path, pixels in zip(paths, load_sample_images().images, strict=True):
        Image.fromarray(pixels).save(path, quality=92)
    return paths


@pytest.mark.slow
def test_the_weights_recognise_photographs(efficientnet: EfficientNetLite0, photographs: list[Path]) -> None:
    import torch

    state = torch.load(efficientnet.files()[0], weights_only=True)
    vectors = torch.from_numpy(efficientnet.encode(photographs).vectors).float()
    classes = (vectors @ state["_fc.weight"].T + state["_fc.bias"]).argmax(1).tolist()
    assert classes == [698, 985]  # ImageNet: palace, daisy


@pytest.mark.slow
def test_an_image_vector_does_not_depend_on_its_neighbours(
    efficientnet: EfficientNetLite0, photographs: list[Path], tmp_path: Path
) -> None:
    others = [picture(tmp_path / f"{i}.png", seed=i) for i in range(5)]
    alone = efficientnet.encode(photographs).vectors
    among = efficientnet.encode([others[0], None, photographs[1], *others, photographs[0]]).vectors
    assert cosine(alone, among[[-1, 2]]).min() > 0.9995
    assert cosine(alone[0], alone[1]) < 0.6


@pytest.mark.slow
def test_broken_images_among_sound_ones_are_zeros_and_counted(
    efficientnet: EfficientNetLite0, photographs: list[Path], tmp_path: Path
) -> None:
    bad = list(hostile(tmp_path).values())
    vectors, ok, reasons = efficientnet.encode([bad[0], photographs[0], *bad[1:], photographs[1]])
    assert np.flatnonzero(ok).tolist() == [1, len(bad) + 1]
    assert vectors.dtype == np.float16
    assert not vectors[~ok].any()
    assert vectors[ok].any(axis=1).all()
    assert reasons == {
        "no image": 1, "file missing": 2, "damaged image": 1, "not an image": 3, "too many pixels": 2,
    }  # fmt: skip
