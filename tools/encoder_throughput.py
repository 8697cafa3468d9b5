"""What the encoders gain over the plain way of running them, on texts and images made up here.

    python -m tools.encoder_throughput

Texts: MiniLM as it is, against float32; and the multilingual encoder against MiniLM. Images:
EfficientNet-Lite0 as it is, with its threads that decode ahead, against float32 with every image decoded in
full, one after the other, before the model sees it. The two ways take turns, so that whatever else the
machine does slows both.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from benchmark.encoders.efficientnet_lite0 import FRAME, EfficientNetLite0
from benchmark.encoders.images import BATCH
from benchmark.encoders.minilm import MiniLM
from benchmark.encoders.use_multilingual import UseMultilingual

TEXTS, IMAGES, TURNS = 1024, 128, 3
PHOTO = (1024, 768)
"""Pixels of a photo, about those of a Flickr page."""


def main() -> None:
    """Items a second either way, and their ratio."""
    texts = _texts(TEXTS)
    fast, plain = MiniLM(), MiniLM(precision="float32")
    _report("texts", TEXTS, lambda: fast.encode(texts), lambda: plain.encode(texts), aim=2.5)
    other = UseMultilingual()
    _report(
        "in any language",
        TEXTS,
        lambda: other.encode(texts),
        lambda: fast.encode(texts),
        aim=2,
        than="MiniLM",
    )
    with tempfile.TemporaryDirectory() as folder:
        photos = _photos(Path(folder), IMAGES)
        ahead, single = EfficientNetLite0(), EfficientNetLite0(precision="float32")
        _report("images", IMAGES, lambda: ahead.encode(photos), lambda: _one_by_one(single, photos), aim=2)


def _report(
    what: str,
    n: int,
    ours: Callable[[], object],
    others: Callable[[], object],
    aim: float,
    than: str = "plain float32",
) -> None:
    ours(), others()  # the models are loaded
    turns = [(_seconds(ours), _seconds(others)) for _ in range(TURNS)]
    mine, theirs = np.sum(turns, axis=0)
    rates = f"{n * TURNS / mine:6,.0f}/s, {than} {n * TURNS / theirs:6,.0f}/s"
    print(f"{what:15} {rates}, ratio {theirs / mine:.2f} (aim: at least {aim})", flush=True)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _one_by_one(encoder: EfficientNetLite0, photos: list[Path]) -> None:
    import torch

    with torch.inference_mode():
        for start in range(0, len(photos), BATCH):
            encoder._pooled(
                encoder._model, np.stack([_whole(photo) for photo in photos[start : start + BATCH]])
            )


def _whole(photo: Path) -> np.ndarray:
    """Decoded at full size, then cropped and resized."""
    with Image.open(photo) as image:
        side = min(image.size) * FRAME.crop
        left, top = (image.width - side) / 2, (image.height - side) / 2
        box = (left, top, left + side, top + side)
        return np.asarray(image.convert("RGB").resize((FRAME.side, FRAME.side), FRAME.resample, box=box))


def _texts(n: int) -> list[str]:
    """Of 3 to 40 words, as tweets and captions have."""
    rng = np.random.default_rng(0)
    words = np.array(["the", "sun", "over", "our", "city", "is", "rising", "launch", "another", "rocket"])
    return [" ".join(rng.choice(words, rng.integers(3, 40))) + f" {i}" for i in range(n)]


def _photos(folder: Path, n: int) -> list[Path]:
    rng = np.random.default_rng(0)
    paths = []
    for i in range(n):
        coarse = Image.fromarray(rng.integers(0, 256, (24, 32, 3), dtype=np.uint8))
        paths.append(folder / f"{i}.jpg")
        coarse.resize(PHOTO, Image.Resampling.BICUBIC).save(paths[-1], quality=90)
    return paths


if __name__ == "__main__":
    main()
