"""Conformance: what every baseline must keep to, tried out on a small made-up data set.

The constructor only stores; predictions are one number a post and target (of an event, its probability), on
users, categories and texts never seen as well; asking does not change the answer; neither the order nor the
size of the batch does; one seed gives one answer, in any process; and neither the labels of the test posts
nor facts that become known after the cut-off, in memory or on disk, change anything.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.baseline import Baseline, with_settings
from benchmark.card import ProtocolName
from benchmark.contract.probe import POSITIONS, PREDICTS, Answer, Probed, schema
from benchmark.contract.trial import CUT_OFF_DAY, write_trial
from benchmark.data.prepare import prepare
from benchmark.data.prepared import Prepared
from benchmark.errors import SmpbenchError, did_you_mean
from benchmark.posts import Array
from benchmark.run.discovery import load
from benchmark.run.plan import COLUMN_NEEDS
from benchmark.run.supervisor import Budget, OverBudget, supervise, workers
from benchmark.run.tasks import TaskPosts
from benchmark.scores.kinds import KINDS
from benchmark.scores.kinds.regression import REGRESSION
from benchmark.worker import FACTS_REFUSED, LABELS_REFUSED, THREAD_VARIABLES, Assignment

LOADS = "the file loads and holds one baseline"
ROLLS = "goes through rolling blocks, with one target"
SEEDED = "deterministic under a seed"
BLIND = "blind to the labels of the test posts, and to facts that are known later"

TOLERANCE = 1e-3
"""On the scoring scale, where labels spread by about 2. Rounding in float32 stays well below."""


@dataclass(frozen=True)
class Finding:
    rule: str
    ok: bool
    detail: str
    """What breaks the rule, and what to do; empty when it holds."""
    variant: str = "default"
    kind: str = REGRESSION.name
    """Of the task that was asked."""

    def __str__(self) -> str:
        told = [self.variant] if self.variant != "default" else []
        told += [self.kind] if self.kind != REGRESSION.name else []
        of = f" [{', '.join(told)}]" if told else ""
        return f"{'ok  ' if self.ok else 'FAIL'} {self.rule}{of}{f': {self.detail}' if self.detail else ''}"


def check(path: Path, *, seconds: float = 600) -> list[Finding]:
    """Hold a baseline's file, every variant of it and every kind of task that it answers, against the rules.

    Fitting and predicting happen in processes of their own, so that a baseline which crashes or hangs is a
    finding and no accident. A rule that cannot be judged because an earlier one is broken has no finding.

    Args:
        seconds: what one fit with its predictions may take.
    """
    found = load(path)
    if found.cls is None:
        return [Finding(LOADS, False, str(found.unavailable))]
    findings = [_answers(found.cls)]
    for kind in KINDS if findings[0].ok else ():
        if kind in found.cls.answers:
            findings += _findings(found.path, found.cls, kind, seconds)
    return findings


def _answers(cls: type[Baseline]) -> Finding:
    """Whether there is something to ask of it."""
    unknown = sorted(set(cls.answers) - set(KINDS))
    if unknown:
        told = f"`answers`: unknown kind of task '{unknown[0]}'{did_you_mean(unknown[0], KINDS)}"
    else:
        told = "" if cls.answers else f"`answers` names no kind of task; there are {', '.join(KINDS)}"
    return Finding(LOADS, not told, told)


def _findings(path: Path, cls: type[Baseline], kind: str, seconds: float) -> list[Finding]:
    findings = []
    with tempfile.TemporaryDirectory(prefix="smpbench-check-") as folder, contextlib.chdir(folder):
        trial = _Trial(Path(folder).resolve(), path, cls, kind, seconds)
        with _home(trial.home):  # where a baseline that looks for labels on disk would look first
            context = workers(sorted(cls.preload), threads=1)
            answers = trial.probe()
        for variant, answer in answers.items():
            judged = dict(answer.broken)
            if answer.predictions is not None and not any(judged.values()):
                judged |= trial.judge(variant, answer.predictions, context)
            findings += [
                Finding(rule, not broken, broken or "", variant, kind) for rule, broken in judged.items()
            ]
    return findings


class _Trial:
    """The made-up posts, and what is tried on them. Home `data` holds the true labels and facts;
    in `other/data` those of the test posts, and all facts known later, are exchanged among each other."""

    def __init__(self, folder: Path, path: Path, cls: type[Baseline], kind: str, seconds: float) -> None:
        self.folder, self.path, self.cls, self.seconds = folder, path, cls, seconds
        self.home = folder / "data"
        self.card = write_trial(folder, kind=kind)
        self.prepared = prepare(self.card, self.home, ())
        permuted = write_trial(folder / "other", permute_from_day=CUT_OFF_DAY, kind=kind)
        self.permuted = prepare(permuted, folder / "other" / "data", ())

    def probe(self) -> dict[str, Answer]:
        """Variant -> what the probe finds; variants after one that crashes or hangs are left out."""
        folder = self.folder / "probe"
        folder.mkdir()
        posts = TaskPosts.of(self.prepared, self.card.task("three"))
        windows = posts.windows("frozen")
        block = windows.blocks[0]
        question = Probed(
            baseline=self.path,
            variants=self.cls.variants,
            encodings={variant: self._encodings(variant) for variant in self.cls.variants},
            card=self.folder / "card.toml",
            home=self.home,
            task="three",
            clock=windows.clock,
            tolerance=TOLERANCE,
        )
        question.write(folder)
        labels = posts.labels[block.reveal].astype(np.float32)
        np.savez(
            folder / POSITIONS, train=block.reveal, context=block.context, test=block.test, labels=labels
        )
        problem = self._run_probe(folder)
        answers = {}
        for number, variant in enumerate(self.cls.variants):
            answer = Answer.read(folder, number)
            answers[variant] = answer or Answer({PREDICTS: problem}, None)
            if answer is None:
                break
        return answers

    def judge(self, variant: str, elsewhere: Array, context: Any) -> dict[str, str | None]:
        """Rule -> what breaks it, of the rules that need workers as in a real run.

        Args:
            elsewhere: predictions of the probe, a process with another hash seed.
        """
        judged: dict[str, str | None] = {}
        rule = ROLLS
        try:
            self._work(variant, context, self.prepared, "one", "rolling")
            judged[rule] = None
            rule = SEEDED
            first, second = (self._work(variant, context, self.prepared, "three", "frozen") for _ in range(2))
            broken = _changed(first, second, 0.0) or _changed(first, elsewhere, TOLERANCE)
            judged[rule] = f"the same seed gave {broken}. {_UNSEEDED}" if broken else None
            if not broken:
                rule = BLIND
                with contextlib.chdir(self.folder / "other"):
                    blind = self._work(variant, context, self.permuted, "three", "frozen")
                broken = _changed(first, blind, 0.0)
                judged[rule] = f"exchanging them gave {broken}. {_PEEKING}" if broken else None
        except (SmpbenchError, OverBudget) as error:
            refused = any(words in str(error) for words in (LABELS_REFUSED, FACTS_REFUSED))
            judged[BLIND if refused else rule] = str(error)
        return judged

    def _encodings(self, variant: str) -> tuple[str, ...]:
        baseline = with_settings(self.cls, self.cls.variants[variant])
        return tuple(sorted({*baseline.required(), *baseline.wanted()} - set(COLUMN_NEEDS)))

    def _run_probe(self, folder: Path) -> str:
        """Run it to its end; in words how it ended, in case an answer is missing."""
        command = [sys.executable, "-m", "benchmark.contract.probe", str(folder)]
        # Another hash seed than here: the order of a set must not decide a prediction.
        environment = {**os.environ, "PYTHONHASHSEED": "1", **dict.fromkeys(THREAD_VARIABLES, "1")}
        seconds = self.seconds * len(self.cls.variants)
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=seconds, errors="replace"
            )
        except subprocess.TimeoutExpired:
            return f"took longer than {seconds:.0f} s"
        last = " / ".join(done.stderr.strip().splitlines()[-2:])
        return f"the process died with exit status {done.returncode}: {last}"

    def _work(
        self, variant: str, context: Any, prepared: Prepared, task: str, protocol: ProtocolName
    ) -> Array:
        """Predictions of a worker as in a real run, [n, targets], or with quantiles as a third axis."""
        posts = TaskPosts.of(prepared, self.card.task(task))
        windows = posts.windows(protocol)
        assignment = Assignment(
            baseline=self.path,
            settings=self.cls.variants[variant],
            seed=0,
            threads=1,
            schema=schema(self.card, task, self._encodings(variant), len(posts.rows), prepared.images),
            clock=windows.clock,
            log=self.folder / "log.txt",
            artefacts=None,
        )
        budget = Budget(self.seconds, memory_mb=float("inf"))
        outcome = supervise(context, assignment, posts, windows, budget, threading.Event())
        return np.stack([*outcome.quantiles.values()], axis=2) if outcome.quantiles else outcome.predictions


_UNSEEDED = "Draw from `self.seed` or from the seeded generators, and do not let the order of a set decide"
_PEEKING = "The baseline has read labels or facts that it must not know"


def _changed(one: Array, other: Array, tolerance: float) -> str | None:
    apart = np.abs(one - other).reshape(len(one), -1).max(axis=1)
    count = int((apart > tolerance).sum())
    return f"other predictions for {count} of {len(one)} posts, by up to {apart.max():.3g}" if count else None


@contextlib.contextmanager
def _home(home: Path) -> Iterator[None]:
    before = os.environ.get("SMPBENCH_HOME")
    os.environ["SMPBENCH_HOME"] = str(home)
    try:
        yield
    finally:
        if before is None:
            del os.environ["SMPBENCH_HOME"]
        else:
            os.environ["SMPBENCH_HOME"] = before
