"""Encoders of the profile `hub`, tried on tiny models of the same classes, and what a missing hub does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmark.encoders.classifier import Classifier
from benchmark.encoders.clip import ClipImage, ClipText
from benchmark.encoders.embedding import Embedding
from benchmark.encoders.interface import Encoder
from benchmark.encoders.profiles import PROFILES
from benchmark.encoders.timm_backbone import TimmBackbone
from benchmark.encoders.weights import WeightsUnavailable, model_files, refuse_program

pytestmark = pytest.mark.slow

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "launch",
    "today",
    "moon",
    "is",
    "near",
    "@",
    "user",
    "http",
]
TEXTS = ["launch", "moon is near today " * 3, "", "is the moon near", "launch today " * 9, "moon"]
TINY = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}


def write_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)


def write_model(folder: Path, family: str, classes: int | None = None) -> str:
    """A tiny model with random weights, as `save_pretrained` writes it."""
    import torch
    import transformers

    torch.manual_seed(0)
    told: dict[str, Any] = {"vocab_size": len(WORDS), "max_position_embeddings": 20, "initializer_range": 1.0}
    if family == "DistilBert":
        told |= {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 24}
    else:
        told |= TINY
    if family == "Roberta":
        told |= {"pad_token_id": 0}
    if classes:
        told["num_labels"] = classes
    config = getattr(transformers, f"{family}Config")(**told)
    head = "ForSequenceClassification" if classes else "Model"
    getattr(transformers, f"{family}{head}")(config).save_pretrained(folder)
    write_tokenizer(folder)
    return str(folder)


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_model(tmp_path_factory.mktemp("models") / "Tiny BERT", "Bert")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tiny open_clip model in a folder, as `local-dir:` wants it."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    told = {
        "embed_dim": 12,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
        "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 8, "heads": 2, "layers": 1},
    }
    folder = tmp_path_factory.mktemp("models") / "tiny_clip"
    folder.mkdir()
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": told, "preprocess_cfg": {}}))
    torch.manual_seed(0)
    model = open_clip.CLIP(**json.loads(json.dumps(told)))
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    return f"local-dir:{folder}"


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> str:
    import timm
    import torch
    from timm.models import save_for_hf

    folder = tmp_path_factory.mktemp("models") / "tiny_resnet"
    torch.manual_seed(0)
    save_for_hf(timm.create_model("test_resnet", pretrained=False), folder)
    return f"local-dir:{folder}"


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[Path | None]:
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    paths: list[Path | None] = []
    for i in range(5):
        pixels = rng.integers(0, 255, (6, 9, 3), np.uint8)
        Image.fromarray(pixels).resize((90, 60)).save(folder / f"{i}.png")
        paths.append(folder / f"{i}.png")
    return [*paths[:2], None, *paths[2:]]


def assert_alone_as_among_others(encoder: Encoder, items: list[Any]) -> np.ndarray:
    """Every item has the vector that it has alone; what holds nothing has zeros. Returns the vectors."""
    vectors, ok, reasons = encoder.encode(items)
    assert (vectors.shape, vectors.dtype) == ((len(items), encoder.dim), np.float16)
    assert ok.tolist() == [bool(item) for item in items]
    assert sum(reasons.values()) == (~ok).sum()
    assert not vectors[~ok].any()
    for item, vector in zip(items, vectors, strict=True):
        np.testing.assert_allclose(encoder.encode([item]).vectors[0], vector, atol=2e-3)
    assert len(np.unique(vectors[ok], axis=0)) == ok.sum()
    return vectors.astype(np.float32)


# Texts


@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_an_embedding_is_that_of_the_library_whatever_the_texts_around_it(bert: str, pooling: Any) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    encoder = Embedding(bert, pooling=pooling, threads=1, precision="float32")
    vectors = assert_alone_as_among_others(encoder, TEXTS)
    tokens = AutoTokenizer.from_pretrained(bert)(
        TEXTS[1], truncation=True, max_length=18, return_tensors="pt"
    )
    with torch.inference_mode():
        states = AutoModel.from_pretrained(bert)(**tokens).last_hidden_state[0]
    expected = torch.nn.functional.normalize(states[0] if pooling == "cls" else states.mean(0), dim=0)
    np.testing.assert_allclose(vectors[1], expected, atol=2e-3)


def test_a_model_is_cast_to_the_precision_as_a_whole(bert: str) -> None:
    encoder = Embedding(bert, threads=1, precision="bfloat16")
    exact = Embedding(bert, threads=1, precision="float32").encode(TEXTS[:2]).vectors
    np.testing.assert_allclose(encoder.encode(TEXTS[:2]).vectors, exact, atol=0.05)
    assert {str(one.dtype) for one in encoder._model.parameters()} == {"torch.bfloat16"}


@pytest.mark.parametrize(("family", "classes"), [("Roberta", 3), ("DistilBert", 6), ("Bert", 19)])
def test_a_classifier_gives_probabilities_of_the_classes_that_its_config_names(
    tmp_path: Path, family: str, classes: int
) -> None:
    encoder = Classifier("sentiment", write_model(tmp_path / family, family, classes), threads=1)
    assert (encoder.encoding, encoder.dim) == ("sentiment", classes)
    vectors = assert_alone_as_among_others(encoder, TEXTS)
    np.testing.assert_allclose(vectors.sum(axis=1), [bool(text) for text in TEXTS], atol=0.01)


def test_several_classes_at_once_have_probabilities_of_their_own(tmp_path: Path) -> None:
    model = write_model(tmp_path / "topics", "Bert", 4)
    one = Classifier("topics", model, threads=1, precision="float32").encode(TEXTS[:1]).vectors[0]
    several = Classifier("topics", model, multi_label=True, threads=1, precision="float32")
    odds = several.encode(TEXTS[:1]).vectors[0].astype(float)
    odds = odds / (1 - odds)
    np.testing.assert_allclose(odds / odds.sum(), one, atol=2e-3)


def test_mentions_and_links_are_masked_for_models_that_were_trained_so(tmp_path: Path) -> None:
    model = write_model(tmp_path / "tweets", "Bert", 3)
    encoder = Classifier("sentiment", model, mask_tweets=True, threads=1)
    vectors = encoder.encode(["moon @someone near https://t.co/x", "moon @user near http"]).vectors
    np.testing.assert_array_equal(vectors[0], vectors[1])
    assert encoder.prepared("a@b.c, (@x) and @x.") == "a@b.c, (@x) and @user"


# Images


def test_both_towers_of_a_clip_model_give_vectors_of_length_1_in_one_space(
    clip: str, images: list[Path | None]
) -> None:
    image, text = (cls(clip, threads=1, precision="float32") for cls in (ClipImage, ClipText))
    assert image.dim == text.dim == 12
    assert (image.encoding, text.encoding, text.modality) == ("image", "clip_text", "text")
    for encoder, items in ((image, images), (text, TEXTS)):
        lengths = np.linalg.norm(assert_alone_as_among_others(encoder, items), axis=1)
        np.testing.assert_allclose(lengths, [bool(item) for item in items], atol=2e-3)


def test_an_image_vector_is_that_of_the_library(clip: str, images: list[Path | None]) -> None:
    import open_clip
    import torch

    model, _, preprocess = open_clip.create_model_and_transforms(clip)
    with torch.inference_mode():
        pixels = preprocess(Image.open(images[0])).unsqueeze(0)  # type: ignore[arg-type, operator]
        expected = model.eval().encode_image(pixels, normalize=True)[0]
    found = ClipImage(clip, threads=1, precision="float32").encode(images[:1]).vectors[0]
    np.testing.assert_allclose(found, expected, atol=5e-3)


def test_weights_in_a_file_of_ones_own_fit_an_architecture_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clip: str, images: list[Path | None]
) -> None:
    import open_clip

    folder = Path(clip.removeprefix("local-dir:"))
    told = json.loads((folder / "open_clip_config.json").read_bytes())["model_cfg"]
    (tmp_path / "model_configs").mkdir()
    (tmp_path / "model_configs" / "tiny.json").write_text(json.dumps(told))
    open_clip.add_model_config(tmp_path / "model_configs")
    monkeypatch.setattr("benchmark.encoders.clip.installed", lambda _, name: [tmp_path / name])
    named = ClipImage(f"tiny:{folder / 'open_clip_model.safetensors'}", threads=1)
    same = ClipImage(clip, threads=1)
    np.testing.assert_array_equal(named.encode(images).vectors, same.encode(images).vectors)


def test_a_backbone_of_timm_gives_its_pooled_features(backbone: str, images: list[Path | None]) -> None:
    encoder = TimmBackbone(backbone, threads=1, precision="float32")
    assert encoder.unavailable() is None
    assert encoder.name == "timm_tiny_resnet"
    assert_alone_as_among_others(encoder, images)


# Fingerprints


def test_the_fingerprint_follows_weights_vocabulary_and_settings(tmp_path: Path, bert: str) -> None:
    def fingerprint(folder: Path, **settings: Any) -> str:
        return Embedding(str(folder), precision="float32", **settings).fingerprint()

    copies = [tmp_path / name / "model" for name in ("same", "weights", "tokenizer")]
    for copy in copies:
        copy.mkdir(parents=True)
        for file in Path(bert).iterdir():
            (copy / file.name).write_bytes(file.read_bytes())
    (copies[1] / "README.md").write_text("of no consequence")
    same = fingerprint(copies[0])
    assert fingerprint(copies[1]) == same
    for copy, name in ((copies[1], "model.safetensors"), (copies[2], "tokenizer.json")):
        (copy / name).write_bytes((copy / name).read_bytes() + b" ")
    others = [fingerprint(copy) for copy in copies[1:]]
    others += [fingerprint(copies[0], pooling="cls"), fingerprint(copies[0], max_tokens=10)]
    assert len({same, *others}) == 5


def test_a_fingerprint_loads_no_model_library(bert: str) -> None:
    script = (
        "import sys\n"
        "from benchmark.encoders.embedding import Embedding\n"
        "Embedding(sys.argv[1]).fingerprint()\n"
        "assert not {'torch', 'timm', 'transformers'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script, bert], check=True)


# Files


def cached(home: Path, model: str, revision: str, folder: str) -> None:
    """A model in the cache of the hub, as a download leaves it."""
    here = home / f"models--{model.replace('/', '--')}"
    (here / "refs").mkdir(parents=True)
    (here / "refs" / revision).write_text("c0ffee")
    (here / "snapshots").mkdir()
    (here / "snapshots" / "c0ffee").symlink_to(folder)


def test_a_model_in_the_cache_is_taken_from_there_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bert: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("benchmark.encoders.weights._downloaded", lambda *_: pytest.fail("asked the hub"))
    cached(tmp_path, "owner/tiny", "main", bert)
    found = Embedding("owner/tiny", threads=1).encode(TEXTS).vectors
    np.testing.assert_array_equal(found, Embedding(bert, threads=1).encode(TEXTS).vectors)


def test_safetensors_are_preferred_and_a_folder_without_weights_is_refused(tmp_path: Path, bert: str) -> None:
    import torch

    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes(Path(bert, name).read_bytes())
    with pytest.raises(WeightsUnavailable, match=r"has no model\.safetensors or .* beside a config\.json"):
        model_files(str(tmp_path), "main")
    torch.save({}, tmp_path / "pytorch_model.bin")
    assert "pytorch_model.bin" in [file.name for file in model_files(str(tmp_path), "main")]
    (tmp_path / "model.safetensors").write_bytes(Path(bert, "model.safetensors").read_bytes())
    assert "pytorch_model.bin" not in [file.name for file in model_files(str(tmp_path), "main")]


def test_a_program_in_place_of_weights_is_refused(tmp_path: Path) -> None:
    import torch

    torch.jit.script(torch.nn.Linear(2, 2)).save(tmp_path / "ViT-B-32.pt")
    with pytest.raises(WeightsUnavailable, match=r"ViT-B-32\.pt': a TorchScript archive, .* holds a program"):
        refuse_program(tmp_path / "ViT-B-32.pt")
    told = ClipImage(f"ViT-B-32:{tmp_path / 'ViT-B-32.pt'}").unavailable()
    assert told is not None
    assert "Take the safetensors" in told


def test_a_pickle_in_place_of_weights_runs_nothing(tmp_path: Path, bert: str) -> None:
    import torch

    class Program:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "has run"),)

    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes(Path(bert, name).read_bytes())
    torch.save({"embeddings": Program()}, tmp_path / "pytorch_model.bin")
    with pytest.raises(Exception, match=r"(?i)weights.only"):
        Embedding(str(tmp_path), threads=1).encode(TEXTS)
    assert not (tmp_path / "has run").exists()


def test_a_clip_model_in_the_cache_is_read_as_its_folder_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clip: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    cached(tmp_path, "owner/tiny-clip", "main", clip.removeprefix("local-dir:"))
    found = ClipText("hf-hub:owner/tiny-clip", threads=1)
    assert found.name == "clip_text_tiny-clip"
    np.testing.assert_array_equal(
        found.encode(TEXTS).vectors, ClipText(clip, threads=1).encode(TEXTS).vectors
    )


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("ViT-B-32", r"Write ViT-B-32:TAG, with one of: .*laion2b_s34b_b79k"),
        ("ViT-B-32:laion", r"'laion' is no tag of ViT-B-32"),
        ("ViT-B-33:openai", r"no architecture 'ViT-B-33'"),
        ("ViT-B-32:/nowhere/weights.safetensors", r"'/nowhere/weights\.safetensors': there is no such file"),
        ("hf-hub:./here", r"write local-dir:/path or hf-hub:OWNER/NAME"),
        ("local-dir:/nowhere", r"'/nowhere': there is no such folder"),
    ],
)
def test_a_clip_model_that_does_not_exist_is_named_with_what_to_write(model: str, told: str) -> None:
    with pytest.raises(WeightsUnavailable, match=told):
        ClipImage(model).files()


# No hub


def test_every_model_of_the_profile_hub_is_loaded_by_a_class_that_exists() -> None:
    from benchmark.encoders import encoder

    for encoding in PROFILES["hub"]:
        assert encoder("hub", encoding).encoding == encoding


def test_without_the_hub_a_run_ends_with_one_line_before_anything_starts(tmp_path: Path) -> None:
    home = tmp_path / "home"
    asked = f"run -d demo_flickr -b ridge --profile hub --home {home}"
    run = subprocess.run(
        [sys.executable, "-m", "smpbench.cli.main", *asked.split()],
        env={**os.environ, "HF_HOME": str(tmp_path / "hf"), "HF_ENDPOINT": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    *_, line = run.stderr.strip().splitlines()  # after what is at hand
    assert "encoding 'image' of profile 'hub'" in line
    assert "model 'laion/CLIP-ViT-B-32-laion2B-s34B-b79K'" in line
    assert f"is not in {tmp_path / 'hf' / 'hub'}" in line
    assert "--profile bundled" in line
    assert not home.exists()
