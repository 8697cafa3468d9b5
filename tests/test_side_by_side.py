"""Batches side by side: what is encoded does not tell how many threads did it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from benchmark.encoders import encoder
from benchmark.encoders.efficientnet_lite0 import EfficientNetLite0
from benchmark.encoders.interface import Encoder
from benchmark.encoders.minilm import MiniLM
from benchmark.encoders.profiles import PROFILES
from benchmark.encoders.side_by_side import side_by_side
from benchmark.encoders.use_multilingual import UseMultilingual

TEXTS = [
    " ".join(["rocket", "launch", "today", "moon", "café", "🚀"][: 1 + i % 6] * (1 + i % 9))
    for i in range(160)
]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    draw = np.random.default_rng(0)
    paths = [folder / f"{i}.png" for i in range(70)]
    for path in paths:
        Image.fromarray(draw.integers(0, 256, (60, 80, 3), np.uint8)).save(path)
    paths[3].write_bytes(b"no image")
    return paths


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["bfloat16", "float32"])
@pytest.mark.parametrize("made", [MiniLM, UseMultilingual, EfficientNetLite0])
def test_vectors_are_the_same_bytes_whatever_the_number_of_threads(
    made: Callable[..., Encoder], precision: str, pictures: list[Path]
) -> None:
    assert_same_bytes([made(threads=n, precision=precision) for n in (1, 2, 3)], pictures)


@pytest.mark.slow
@pytest.mark.parametrize("encoding", sorted({*PROFILES["bundled"]} - {"text", "image"}))
def test_so_are_those_of_every_other_bundled_encoder(encoding: str, pictures: list[Path]) -> None:
    assert_same_bytes([encoder("bundled", encoding, threads=n) for n in (1, 2, 3)], pictures)


def assert_same_bytes(encoders: list[Encoder], pictures: list[Path]) -> None:
    items = pictures if encoders[0].modality == "image" else TEXTS
    one, *others = (chosen.encode(items) for chosen in encoders)
    assert one.ok.sum() >= len(items) - 1
    for other in others:
        assert other.vectors.tobytes() == one.vectors.tobytes()
        assert other.reasons == one.reasons


def test_batches_come_in_their_order_whichever_is_ready_first() -> None:
    def slow_at_first(batch: int) -> int:
        time.sleep(0.05 if batch == 0 else 0)
        return batch

    assert list(side_by_side(slow_at_first, range(20), 3)) == list(range(20))


def test_as_many_are_computed_at_a_time_as_there_are_threads() -> None:
    together = threading.Barrier(3, timeout=60)
    assert list(side_by_side(lambda batch: together.wait() >= 0, range(6), 3)) == [True] * 6


def test_few_batches_are_made_ahead() -> None:
    asked: list[int] = []

    def batches() -> Iterator[int]:
        for batch in range(100):
            asked.append(batch)
            yield batch

    assert next(side_by_side(lambda batch: batch, batches(), 2)) == 0
    assert len(asked) <= 4


def test_torch_computes_with_one_thread_meanwhile_and_with_as_many_as_before_after_it() -> None:
    before = torch.get_num_threads()
    assert list(side_by_side(lambda _: torch.get_num_threads(), range(4), 2)) == [1] * 4
    assert torch.get_num_threads() == before


def test_no_gradients_are_kept() -> None:
    assert list(side_by_side(lambda _: torch.is_inference_mode_enabled(), range(3), 2)) == [True] * 3


def test_what_a_batch_raises_is_raised_and_torch_has_its_threads_again() -> None:
    before = torch.get_num_threads()

    def fails(batch: int) -> int:
        if batch == 2:
            raise MemoryError("of batch 2")
        return batch

    with pytest.raises(MemoryError, match="of batch 2"):
        list(side_by_side(fails, range(50), 2))
    assert torch.get_num_threads() == before
