"""Weights: the files of a model that somebody else trained, from a folder or from the cache of the hub.

What is in the cache is taken from there, without a network; what is not is downloaded, at the revision that
the profile names. Files that could run code are neither downloaded nor read: weights are safetensors, or
PyTorch files read with `weights_only=True`.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from benchmark.errors import SmpbenchError

WEIGHTS = (
    "model.safetensors", "model-*.safetensors", "pytorch_model.bin", "pytorch_model-*.bin",
)  # fmt: skip
"""Names that weights have, the best first."""
DESCRIPTIONS = ("*.json", "*.txt", "*.model")
"""Configuration, vocabulary."""
CONFIGURATIONS = ("config.json", "open_clip_config.json")
"""Every model has one of these."""
TIMEOUT = 10
"""Seconds that the hub may take to answer."""


class WeightsUnavailable(SmpbenchError):
    """The files of a model are not on this machine, and cannot be brought here."""


def is_path(model: str) -> bool:
    """Whether a model is a path, and no name: it starts with `/`, `.` or `~`."""
    return model.startswith(("/", ".", "~"))


def short_name(model: str) -> str:
    """A model's name or path as the end of a file name."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", model.rstrip("/").rpartition("/")[2]).strip("-.").lower()


def model_files(model: str, revision: str, weights: Sequence[str] = WEIGHTS) -> list[Path]:
    """The description and the weights of a model, sorted by name.

    Args:
        model: name on the hub, or path of a folder.
        weights: patterns of names, the best first: files of the first that matches any are taken.

    Raises:
        WeightsUnavailable: no such folder, nothing in it, or the hub cannot be reached.
    """
    if not is_path(model):
        return _cached(model, revision, weights) or _downloaded(model, revision, weights)
    folder = Path(model).expanduser()
    if not folder.is_dir():
        raise WeightsUnavailable(f"model '{model}': there is no such folder")
    found = _complete(folder, weights)
    if found is None:
        raise WeightsUnavailable(
            f"model '{model}': that folder has no {' or '.join(weights)} beside a config.json"
        )
    return found


def refuse_program(file: Path) -> Path:
    """The file, unless it is a TorchScript archive: that is a program, and not weights alone.

    Raises:
        WeightsUnavailable: it is one, or there is no such file.
    """
    if not file.is_file():
        raise WeightsUnavailable(f"weights '{file}': there is no such file")
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            if any("/code/" in name or name.endswith("constants.pkl") for name in archive.namelist()):
                raise WeightsUnavailable(
                    f"weights '{file}': a TorchScript archive, as OpenAI published CLIP, holds a program and "
                    "is not loaded. Take the safetensors of the same model"
                )
    return file


def _complete(folder: Path, weights: Sequence[str]) -> list[Path] | None:
    """The files of a model in a folder; None unless weights are among them."""
    described = {file for pattern in DESCRIPTIONS for file in folder.glob(pattern)}
    if not any(file.name in CONFIGURATIONS for file in described):
        return None
    for pattern in weights:
        if found := set(folder.glob(pattern)):
            return sorted(refuse_program(file) for file in described | found)
    return None


def _cached(model: str, revision: str, weights: Sequence[str]) -> list[Path] | None:
    from huggingface_hub import try_to_load_from_cache

    for name in CONFIGURATIONS:
        if isinstance(found := try_to_load_from_cache(model, name, revision=revision), str):
            return _complete(Path(found).parent, weights)
    return None


def _downloaded(model: str, revision: str, weights: Sequence[str]) -> list[Path]:
    from fnmatch import fnmatch

    from huggingface_hub import HfApi, constants, snapshot_download

    try:
        there = HfApi().model_info(model, revision=revision, timeout=TIMEOUT).siblings or []
        names = [one.rfilename for one in there if "/" not in one.rfilename]
        chosen = next((pattern for pattern in weights if any(fnmatch(name, pattern) for name in names)), None)
        if chosen is None:
            raise WeightsUnavailable(f"model '{model}' has no {' or '.join(weights)} on the hub")
        # The weights come last: where they are in the cache, the rest is too, however the download ended.
        for patterns in (list(DESCRIPTIONS), [chosen]):
            wanted = [name for name in names if any(fnmatch(name, pattern) for pattern in patterns)]
            folder = snapshot_download(model, revision=revision, allow_patterns=wanted)
    except WeightsUnavailable:
        raise
    except Exception as error:  # the client of the hub lets through whatever its transport raises
        raise WeightsUnavailable(
            f"model '{model}' ({revision}) is not in {constants.HF_HUB_CACHE}, and the hub cannot be asked "
            f"for it: {_first_line(error)}. Bring the model there, name a folder in a profile of your own, "
            "or use --profile bundled"
        ) from None
    found = _complete(Path(folder), weights)
    if found is None:
        raise WeightsUnavailable(f"model '{model}': what the hub has of it is not whole")
    return found


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
