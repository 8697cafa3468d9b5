"""Small worlds: a made-up data set in a folder, baselines that a test writes, and runs of them."""

from __future__ import annotations

import hashlib
import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from waiting import PATIENCE

from benchmark.contract.conformance import Finding
from benchmark.contract.trial import write_trial
from benchmark.declared.card import Card
from benchmark.encoders.interface import Encoded, Encoder
from benchmark.finding.discovery import load
from benchmark.processes.talk import Budget
from benchmark.run.options import Options, Summary
from benchmark.run.plan import choose
from benchmark.run.progress import Progress
from benchmark.run.runner import run as run_all
from benchmark.run.store import Store, StoredResult

BASELINES = Path(__file__).resolve().parents[1] / "baselines"


class MadeUpEncoder(Encoder):
    """Stands in for a model: the vector is a hash of the item."""

    dim = 6
    versions: ClassVar[dict[str, int]] = {}
    """Kind -> version, where a test has raised it."""

    def __init__(self, encoding: str) -> None:
        super().__init__(precision="float32")
        self.version = self.versions.get(encoding, 1)
        self.name = f"made_up_{encoding}"
        self.encoding = encoding
        self.modality = "image" if encoding == "image" else "text"

    def files(self) -> list[Path]:
        return []

    def encode(self, items: Sequence[Any]) -> Encoded:
        # Of an image its name: the same image of the same world in another folder has the same vector.
        contents = [item.name if isinstance(item, Path) else str(item) for item in items]
        digests = [hashlib.sha256(content.encode()).digest()[: self.dim] for content in contents]
        vectors = np.frombuffer(b"".join(digests), np.uint8).reshape(len(items), self.dim) / 256
        return Encoded(vectors.astype(np.float16), np.ones(len(items), bool), {})


@dataclass(frozen=True)
class World:
    """A prepared-on-demand data set with its home; `one` and `three` are its tasks, by their targets."""

    card: Card
    home: Path

    @classmethod
    def make(cls, folder: Path, **made_up: Any) -> World:
        """`made_up`: the arguments of `benchmark.contract.trial.write_trial`."""
        return cls(write_trial(folder, **made_up), folder / "data")

    def with_only(self, task: str, *protocols: str) -> World:
        """The same data set with one task under some protocols."""
        chosen = self.card.task(task)
        kept = {name: chosen.protocols[name] for name in protocols}  # type: ignore[index]
        tasks = (chosen.model_copy(update={"protocols": kept}),)
        return World(self.card.model_copy(update={"tasks": tasks}), self.home)

    def copied_to(self, folder: Path) -> World:
        """All of it once more, in another folder."""
        shutil.copytree(self.card.folder, folder, dirs_exist_ok=True)
        return World(self.card.model_copy(update={"folder": folder}), folder / "data")

    def run(self, *baselines: Path, specs: Sequence[str] = ("",), **options: Any) -> Summary:
        """Run baselines by their files, as the command line does; by default two cells at once, so that none
        has two threads to spin in while the machine is busy."""
        chosen = [choose(spec, load(path)) for path in baselines for spec in specs]
        budget = Budget(options.pop("seconds", PATIENCE), options.pop("memory_mb", 8000))
        options.setdefault("jobs", 2)
        progress = Progress(options.pop("stream", None))
        settings = Options(home=self.home, raw_roots=(), budget=budget, plots=False, **options)
        return run_all([self.card], chosen, settings, progress)

    def results(self) -> dict[str, StoredResult]:
        """`task protocol baseline seed`, with ` [variant]` after the baseline unless it is the default."""
        found = {}
        for stored in Store(self.home / "runs").results():
            of = stored.about
            variant = "" if of.variant == "default" else f" [{of.variant}]"
            found[f"{of.task} {of.protocol} {of.baseline}{variant} {stored.run.seed}"] = stored
        return found

    def predictions(self) -> dict[str, pa.Table]:
        return {
            name: stored.predictions() for name, stored in self.results().items() if stored.run.status == "ok"
        }


def write_baseline(folder: Path, name: str, body: str, attributes: str = "") -> Path:
    """A baseline's file. `body` is its methods; the median of the training labels is predicted where it has
    no `fit` or no `predict`."""
    folder.mkdir(parents=True, exist_ok=True)
    methods = textwrap.dedent(body).strip()
    if "def fit(" not in methods:
        methods += "\n\ndef fit(self, train, y):\n    self.middle = np.median(y, axis=0)"
    if "def predict(" not in methods:
        methods += "\n\ndef predict(self, posts):\n    return np.tile(self.middle, (len(posts), 1))"
    imports = ("import os, sys, time", "from pathlib import Path", "import numpy as np")
    head = "\n".join([*imports, "from benchmark import Baseline", "", ""])
    cls = "".join(part.capitalize() for part in name.split("_"))
    inside = textwrap.indent(f"{textwrap.dedent(attributes).strip()}\n\n{methods}", "    ")
    path = folder / f"{name}.py"
    path.write_text(f'{head}class {cls}(Baseline):\n    """Written by a test."""\n\n{inside}\n')
    return path


def broken(findings: Sequence[Finding]) -> dict[str, str]:
    """Rule that a baseline breaks -> how."""
    return {finding.rule: finding.detail for finding in findings if not finding.ok}
