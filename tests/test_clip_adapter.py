"""CLIP-Adapter: heads over frozen encoders, adapters, and posts that lack an image or a text."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from handing import handed_over
from numpy.typing import ArrayLike, NDArray
from worlds import World

from baselines.clip_adapter import CLIPAdapter
from baselines.networks.alignment import Alignment, _clip_loss, cosine
from baselines.networks.towers import Tower
from baselines.parts.holdout import HOLDOUT
from benchmark import Array, Posts
from benchmark.baseline import with_settings
from benchmark.data.prepare import prepare
from benchmark.data.prepared import Prepared

pytestmark = pytest.mark.slow

Split = tuple[Posts, Posts]


@dataclass(frozen=True)
class Vectors:
    """Stands in for an encoder's features: a row a post, every tenth missing from `first` on."""

    values: NDArray[np.float32]
    first: int = 0

    def rows(self, index: ArrayLike) -> NDArray[np.float32]:
        return self.values[np.asarray(index)] * self.ok(index)[:, None]

    def ok(self, index: ArrayLike) -> NDArray[np.bool_]:
        given: NDArray[np.bool_] = np.asarray(index) % 10 != self.first
        return given


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    world = World.make(tmp_path_factory.mktemp("clip_adapter"), posts=600)
    return prepare(world.card, world.home, ())


def split(prepared: Prepared, *kinds: str, alike: bool = False) -> Split:
    """Training and test posts that have these kinds; `alike`: text and image say the same, in other words."""
    train, test = handed_over(prepared)
    rng = np.random.default_rng(0)
    n = len(prepared.posts())
    meant = rng.normal(size=(n, 8))
    features = {}
    for place, kind in enumerate(kinds):
        meaning = meant if alike else rng.normal(size=(n, 8))
        vectors = meaning @ rng.normal(size=(8, 12 + 4 * place)) + 3
        features[kind] = Vectors(vectors.astype(np.float16).astype(np.float32), place)
    schema = replace(train._timeline.schema, features=features)
    train._timeline.schema = test._timeline.schema = schema
    return train, test


def labels(train: Posts) -> Array:
    return train._timeline.labels[train._positions]


def fitted(train: Posts, y: Array, **settings: object) -> CLIPAdapter:
    model = with_settings(CLIPAdapter, {"epochs": 2, **settings})
    assert isinstance(model, CLIPAdapter)
    model.fit(train, y)
    return model


def alignment(train: Posts) -> tuple[Alignment, list[NDArray[np.float16]]]:
    both = train.take(np.flatnonzero(train.encoded("image") & train.encoded("text")))
    towers = [Tower(kind).fit(train, labels(train), 0) for kind in ("image", "text")]
    features = [both.encode(kind).astype(np.float16) for kind in ("image", "text")]
    return Alignment().fit(*towers, *features, seed=0), features  # type: ignore[call-arg, misc]


@pytest.mark.slow
def test_the_loss_is_that_of_clip() -> None:
    import torch

    rng = np.random.default_rng(0)
    image, text = (rng.normal(size=(5, 3)).astype(np.float32) for _ in range(2))
    logits = 2.0 * image @ text.T
    own = np.diag(logits)
    by_image = np.mean(np.log(np.exp(logits).sum(axis=1)) - own)
    by_text = np.mean(np.log(np.exp(logits).sum(axis=0)) - own)
    found = _clip_loss()(torch.from_numpy(image), torch.from_numpy(text), 2.0)
    assert float(found) == pytest.approx((by_image + by_text) / 2, rel=1e-5)


@pytest.mark.slow
def test_heads_learn_which_text_goes_with_an_image(prepared: Prepared) -> None:
    train, test = split(prepared, "text", "image", alike=True)
    heads, _ = alignment(train)
    new = test.take(np.flatnonzero(test.encoded("image") & test.encoded("text")))
    image, text = (new.encode(kind).astype(np.float16) for kind in ("image", "text"))
    own, other = heads.similarity(image, text), heads.similarity(image, np.roll(text, 1, axis=0))
    assert heads.helps and (own > other).mean() > 0.9


@pytest.mark.slow
def test_heads_that_learn_nothing_are_not_used(prepared: Prepared) -> None:
    train, _ = split(prepared, "text", "image")
    model = fitted(train, labels(train), epochs=1)
    assert model.heads is not None and not model.heads.helps
    assert "similarity" not in model.rehearsed_columns


@pytest.mark.slow
def test_training_pairs_do_not_look_more_alike_than_new_ones(prepared: Prepared) -> None:
    train, test = split(prepared, "text", "image", alike=True)
    heads, seen = alignment(train)
    new = test.take(np.flatnonzero(test.encoded("image") & test.encoded("text")))
    later = heads.similarity(*(new.encode(kind).astype(np.float16) for kind in ("image", "text")))
    remembered = heads.similarity(*seen)
    assert abs(heads.out_of_fold.mean() - later.mean()) < max(0.05, remembered.mean() - later.mean())


def test_features_that_are_aligned_already_need_no_heads(prepared: Prepared) -> None:
    train, _ = split(prepared, "text", "image", "clip_text")
    told = train._timeline.schema
    image: Vectors = told.features["image"]  # type: ignore[assignment]
    other = Vectors(image.values[:, ::-1].copy())
    train._timeline.schema = replace(told, features={**told.features, "clip_text": other})  # type: ignore[dict-item]
    model = fitted(train, labels(train), epochs=1)
    assert set(model.towers) == {"clip_text", "image"} and model.heads is None
    assert "similarity" in model.rehearsed_columns
    vectors = train.encode("image").astype(np.float16)
    np.testing.assert_allclose(cosine(vectors, vectors), train.encoded("image"), atol=1e-3)


def test_an_adapter_starts_from_the_frozen_features_and_leaves_nothing_nothing() -> None:
    import torch

    from baselines.networks.clip import Adapter

    features = torch.cat([torch.randn(4, 8), torch.zeros(1, 8)])
    adapter = Adapter(8, reduction=4, ratio=0.2)
    torch.testing.assert_close(adapter(features), 0.8 * features)
    torch.nn.init.ones_(adapter.up.weight)
    assert not torch.allclose(adapter(features), 0.8 * features)
    torch.testing.assert_close(adapter(features)[-1], torch.zeros(8))


@pytest.mark.slow
def test_what_only_the_image_tells_is_found(prepared: Prepared) -> None:
    train, _ = split(prepared, "text", "image")
    shown = train.encode("image")[:, :3].sum(axis=1, keepdims=True)
    y = labels(train) + np.float32(shown / shown.std() * 2)
    truth = y[train.holdout(HOLDOUT).check_rows]
    errors = [
        np.abs(fitted(train, y, epochs=12, head=head, inputs=inputs).validation - truth).mean()
        for head, inputs in (("adapter", ("text", "image")), ("adapter", ("text",)))
    ]
    assert errors[0] < 0.8 * errors[1]


@pytest.mark.slow
@pytest.mark.parametrize("kinds", [("text",), ("image",), ("text", "image")])
@pytest.mark.parametrize("variant", CLIPAdapter.variants)
def test_texts_alone_or_images_alone_are_enough(
    prepared: Prepared, kinds: tuple[str, ...], variant: str
) -> None:
    train, test = split(prepared, *kinds)
    settings = {**CLIPAdapter.variants[variant], "inputs": kinds}
    predicted = fitted(train, labels(train), **settings).predict(test)
    assert predicted.shape == (len(test), 3) and np.isfinite(predicted).all()


def test_images_that_are_all_broken_are_left_out(prepared: Prepared) -> None:
    train, test = split(prepared, "text", "image")
    told = train._timeline.schema

    class Broken(Vectors):
        def ok(self, index: ArrayLike) -> NDArray[np.bool_]:
            return np.zeros(len(np.asarray(index)), bool)

    broken = {**told.features, "image": Broken(told.features["image"].values)}  # type: ignore[attr-defined]
    train._timeline.schema = test._timeline.schema = replace(told, features=broken)  # type: ignore[arg-type]
    model = fitted(train, labels(train))
    assert set(model.towers) == {"text"} and np.isfinite(model.predict(test)).all()


@pytest.mark.slow
def test_a_post_without_an_image_is_predicted_whatever_the_encoder_gave(prepared: Prepared) -> None:
    train, test = split(prepared, "text", "image")
    model = fitted(train, labels(train))
    without = test.take(np.flatnonzero(~test.encoded("image"))[:5])
    before = model.predict(without)

    class Noisy(Vectors):
        def rows(self, index: ArrayLike) -> NDArray[np.float32]:
            return self.values[np.asarray(index)] + 100 * ~self.ok(index)[:, None]

    told = test._timeline.schema
    noisy = Noisy(told.features["image"].values, told.features["image"].first)  # type: ignore[attr-defined]
    test._timeline.schema = replace(told, features={**told.features, "image": noisy})  # type: ignore[dict-item]
    np.testing.assert_allclose(model.predict(without), before, atol=1e-4)


def test_it_needs_the_first_of_its_inputs_and_asks_for_clip_only_with_both() -> None:
    default, image = CLIPAdapter(), with_settings(CLIPAdapter, {"inputs": ("image",)})
    assert default.required() == {"text"} and default.wanted() == {"text", "image", "clip_text"}
    assert image.required() == image.wanted() == {"image"}


def test_without_images_there_is_no_row_without_alignment() -> None:
    """It would be the adapter's row once more, under another name."""
    both = with_settings(CLIPAdapter, CLIPAdapter.variants["no_alignment"])
    assert both.required() == {"text", "image"}
    assert with_settings(CLIPAdapter, {"inputs": ("text",), "alignment": False}).required() == {"text"}


@pytest.mark.slow
def test_a_person_can_see_what_text_image_and_similarity_do(prepared: Prepared, tmp_path: Path) -> None:
    train, _ = split(prepared, "text", "image", alike=True)
    fitted(train, labels(train)).artefacts(tmp_path)
    rows = list(csv.DictReader((tmp_path / "modalities.csv").open(encoding="utf-8")))
    assert [row["modality"] for row in rows] == ["metadata and history", "similarity", "text", "image"]
    assert all(float(row["moves_prediction_by"]) > 0 for row in rows)
    assert set(json.loads((tmp_path / "adapters.json").read_bytes())) == {"text", "image"}
    losses = list(csv.DictReader((tmp_path / "alignment.csv").open(encoding="utf-8")))
    assert min(float(row["held_out_loss"]) for row in losses) < float(losses[0]["held_out_loss"])
    tenths = list(csv.DictReader((tmp_path / "similarity.csv").open(encoding="utf-8")))
    assert len(tenths) == 10 and "likes_standard_error" in tenths[0]
    plots = {"learning_curve", "importance", "modalities", "alignment", "similarity"}
    assert {path.stem for path in tmp_path.glob("*.png")} == plots
