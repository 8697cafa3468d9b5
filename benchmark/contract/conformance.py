"""Conformance: what every baseline must keep to, tried out on a small made-up data set.

The constructor only stores; predictions are one number a post and target (of an event, its probability), on
users, categories and texts never seen as well; asking does not change the answer; neither the order nor the
size of the batch does, nor posts that come later; one seed gives one answer, in any process; and neither the
labels of the test posts, nor facts that become known after the cut-off, nor columns known only at crawl time
change anything, wherever they lie.

In a run the seal keeps all of these from a baseline. Here they are laid out as bait, where it may read them:
they are exchanged in place, and a baseline that has read them answers otherwise.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.contract import probe
from benchmark.contract.probe import PREDICTS, Answer, Probed, schema
from benchmark.contract.trial import CRAWL, CUT_OFF_DAY, FACTS, LABELS, VIRAL, write_trial
from benchmark.data.prepare import prepare
from benchmark.data.prepared import Prepared
from benchmark.declared.column import KEY_COLUMNS
from benchmark.declared.task import ProtocolName, Task
from benchmark.errors import BaselineError, SmpbenchError, did_you_mean
from benchmark.files import remove
from benchmark.finding.discovery import Found, load
from benchmark.posts import Array
from benchmark.processes.cell_log import CellLog
from benchmark.processes.line import Gone
from benchmark.processes.talk import Budget, Killed, OverBudget, Talk
from benchmark.processes.workers import Forked, Spawned, Workers, workers
from benchmark.processes.workspace import workspace
from benchmark.run.cell import Cell, truth_key
from benchmark.run.given import REPEATABLE
from benchmark.run.plan import COLUMN_NEEDS
from benchmark.run.store import Store
from benchmark.run.supervisor import supervise
from benchmark.run.tasks import TaskPosts, known_by
from benchmark.run.truth import stored_truth
from benchmark.scores.kinds import KINDS
from benchmark.scores.kinds.event import EVENT
from benchmark.scores.kinds.regression import REGRESSION
from benchmark.sealing.seal import Seal, switched_off
from benchmark.sealing.writable import writable
from benchmark.worker import Assignment

LOADS = "the file loads and holds one baseline"
ROLLS = "goes through rolling blocks, with one target"
SEEDED = "deterministic under a seed"
BLIND = "blind to the labels of the test posts, to facts that are known later, and to columns of the crawl"

EXCHANGED = (LABELS, FACTS, CRAWL)
"""What a baseline must not know, and is laid out as bait."""

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
    if found.described is None:
        return [Finding(LOADS, False, str(found.unavailable))]
    try:
        found.reads()
    except BaselineError as error:
        return [Finding(LOADS, False, str(error))]
    findings = [_answers(found.told.answers)]
    kinds = [kind for kind in KINDS if kind in found.told.answers] if findings[0].ok else []
    for kind in [*kinds, *([VIRAL] if EVENT.name in kinds else [])]:
        findings += _findings(found, kind, seconds)
    return findings


def _answers(answers: tuple[str, ...]) -> Finding:
    """Whether there is something to ask of it."""
    unknown = sorted(set(answers) - set(KINDS))
    if unknown:
        told = f"`answers`: unknown kind of task '{unknown[0]}'{did_you_mean(unknown[0], KINDS)}"
    else:
        told = "" if answers else f"`answers` names no kind of task; there are {', '.join(KINDS)}"
    return Finding(LOADS, not told, told)


def _findings(found: Found, kind: str, seconds: float) -> list[Finding]:
    findings = []
    with tempfile.TemporaryDirectory(prefix="smpbench-check-") as folder:
        trial = _Trial(Path(folder).resolve(), found, kind, seconds)
        for variant, answer in trial.probe().items():
            judged = dict(answer.broken)
            if answer.predictions is not None and not any(judged.values()):
                judged |= trial.judge(variant, answer.predictions)
            findings += [
                Finding(rule, not broken, broken or "", variant, kind) for rule, broken in judged.items()
            ]
    return findings


class _Trial:
    """The made-up posts, and what is tried on them. Everything about them lies in `folder`, open to the
    baseline: raw files, and in `data`, where one that looks for labels would look first, a home."""

    def __init__(self, folder: Path, found: Found, kind: str, seconds: float) -> None:
        self.folder, self.found, self.kind, self.seconds = folder, found, kind, seconds
        self.prepared = self._written(frozenset())
        self._laid_out: Set[str] | None = frozenset()
        """What is exchanged; None if it could not be written."""

    def probe(self) -> dict[str, Answer]:
        """Variant -> what the probe finds; variants after one that crashes or hangs are left out."""
        posts = TaskPosts.of(self.prepared, self._task("three"))
        windows = posts.windows("frozen")
        block = windows.blocks[0]
        with workspace() as folder:
            variants = {
                variant: self._assignment(variant, posts, "three", "frozen", folder)
                for variant in self.found.told.variants
            }
            told, _ = next(iter(posts.handed_over(windows, ())))
            names = [*KEY_COLUMNS.values(), *next(iter(variants.values())).schema.columns]
            question = Probed(
                variants=variants,
                posts=self.prepared.posts().select(names),
                facts={name: known_by(table, windows.clock.cut_off) for name, table in posts.facts.items()},
                train=block.reveal,
                context=block.context,
                test=block.test,
                labels=posts.labels[block.reveal].astype(np.float32),
                counted=told.counted,
                engagement=told.engagement,
                kind=posts.task.kind,
                tolerance=TOLERANCE,
            )
            return self._asked(question, folder)

    def judge(self, variant: str, elsewhere: Array) -> dict[str, str | None]:
        """Rule -> what breaks it, of the rules that need workers as in a real run.

        Args:
            elsewhere: predictions of the probe, a process with another hash seed.
        """
        judged: dict[str, str | None] = {}
        rule = ROLLS
        try:
            self._lay_out(frozenset(EXCHANGED))
            self._work(variant, "one", "rolling")
            judged[rule] = None
            rule = SEEDED
            exchanged = self._work(variant, "three", "frozen")
            broken, peeked = self._told_apart(variant, exchanged, elsewhere)
            judged[SEEDED] = f"the same seed gave {broken}. {_UNSEEDED}" if broken else None
            if not broken:
                judged[BLIND] = peeked
        except (SmpbenchError, OverBudget, Killed) as error:
            judged[rule] = str(error)
        return judged

    def _told_apart(self, variant: str, exchanged: Array, elsewhere: Array) -> tuple[str | None, str | None]:
        """What the same seed changed, or else what the baseline must not know and has read.

        A worker that, with all exchanged that it must not know, comes to what the probe came to without
        answers both at once; else more are asked.
        """

        def worked(exchanged: Set[str]) -> Array:
            self._lay_out(exchanged)
            return self._work(variant, "three", "frozen")

        if np.array_equal(exchanged, elsewhere):
            return None, None
        first = worked(frozenset())
        apart = _changed(first, exchanged, 0.0)
        if apart is None:
            return _changed(first, elsewhere, TOLERANCE), None
        if again := _changed(first, worked(frozenset()), 0.0):
            return again, None
        # One that finds labels in a worker and not in the probe is no question of seeds.
        read = [one for one in EXCHANGED if _changed(first, worked({one}), 0.0)]
        named = " and ".join(read) or "what is withheld"
        return None, f"it reads the {named} from where they lie: exchanged there, they gave {apart}"

    def _lay_out(self, exchanged: Set[str]) -> None:
        """Have the trial lie there with this exchanged."""
        if exchanged != self._laid_out:
            self._laid_out = None
            self.prepared = self._written(exchanged)
            self._laid_out = exchanged

    def _written(self, exchanged: Set[str]) -> Prepared:
        """Raw files, what is prepared of them, and stored truth, in the same places whatever is exchanged."""
        card = write_trial(self.folder, permute_from_day=CUT_OFF_DAY, exchanged=exchanged, kind=self.kind)
        prepared = prepare(card, self.folder / "data", ())
        store = Store(self.folder / "data" / "runs")
        remove(store.root)  # the truth of other labels has another name, and would lie beside it
        for task in card.tasks:
            posts = TaskPosts.of(prepared, task)
            cell = Cell(card.name, task.name, "frozen", "none", "default", 0, "none", False)
            key = truth_key(card, task, "frozen", prepared.fingerprint)
            stored_truth(store, cell, key, posts, posts.windows("frozen"))
        return prepared

    def _task(self, name: str) -> Task:
        return self.prepared.card.task(name)

    def _asked(self, question: Probed, folder: Path) -> dict[str, Answer]:
        """The answers of a probe, as far as it came."""
        seconds = self.seconds * len(question.variants)
        answers: dict[str, Answer] = {}
        log = CellLog(self.folder / "probe.txt")
        try:
            worker = _probes(self.found.told.preload).start(log.write_end, folder, probe.SERVES)
        finally:
            log.close_write_end()
        talk = Talk(worker, Budget(seconds, memory_mb=float("inf")), threading.Event())
        try:
            talk.line.send(question)
            talk.heard()
            for variant in question.variants:
                answers[variant] = _heard(talk, len(question.test))
        except (Gone, BaselineError, OverBudget) as error:
            problem = str(talk.death() if isinstance(error, Gone) else error)
            answers[list(question.variants)[len(answers)]] = Answer({PREDICTS: problem}, None)
        finally:
            worker.end()
            log.finish()
        return answers

    def _work(self, variant: str, task: str, protocol: ProtocolName) -> Array:
        """Predictions of a worker as in a real run, [n, targets], or with quantiles as a third axis."""
        posts = TaskPosts.of(self.prepared, self._task(task))
        context = workers(self.found.told.preload, threads=1)
        budget = Budget(self.seconds, memory_mb=float("inf"))
        with workspace() as folder:
            assignment = self._assignment(variant, posts, task, protocol, folder)
            windows, log = posts.windows(protocol), self.folder / "log.txt"
            outcome = supervise(context, assignment, posts, windows, budget, threading.Event(), log)
        return np.stack([*outcome.quantiles.values()], axis=2) if outcome.quantiles else outcome.predictions

    def _assignment(
        self, variant: str, posts: TaskPosts, task: str, protocol: ProtocolName, folder: Path
    ) -> Assignment:
        settings = self.found.told.variants[variant]
        needs = self.found.needs(settings)
        encodings = tuple(sorted({*needs.required, *needs.wanted} - set(COLUMN_NEEDS)))
        card, images = self.prepared.card, self.prepared.images
        reads, lists = self.found.reads()
        seal = Seal((*map(str, reads), str(self.folder)), tuple(map(str, lists)), writable(folder))
        return Assignment(
            baseline=self.found.path,
            settings=settings,
            seed=0,
            threads=1,
            schema=schema(card, task, encodings, len(posts.rows), images),
            clock=posts.windows(protocol).clock,
            workspace=folder,
            seal=None if switched_off() else seal,
            guarded=False,
            folder=self.folder,
            environment=REPEATABLE | {"SMPBENCH_HOME": str(self.folder / "data")},
        )


def _probes(preload: tuple[str, ...]) -> Workers:
    """Where probes come from: another hash seed than that of workers, since the order of a set must not
    decide a prediction."""
    if sys.platform != "linux":
        return Spawned(1, {"PYTHONHASHSEED": "1"})
    if not _PROBES:
        _PROBES.append(Forked(preload, 1, environment={"PYTHONHASHSEED": "1"}))
    return _PROBES[0]


_PROBES: list[Forked] = []


def _heard(talk: Talk, posts: int) -> Answer:
    """The answer about one variant, which a process has given that runs its code.

    Raises:
        BaselineError: it is no answer.
    """
    told = talk.heard()
    broken, shape = told.get("broken"), told.get("shape")
    if not isinstance(broken, dict) or not all(isinstance(one, str | None) for one in broken.values()):
        raise BaselineError(f"the probe's answer is none of ours: {str(told)[:100]}")
    if shape is None:
        return Answer(broken, None)
    sizes = shape if isinstance(shape, list) and all(isinstance(one, int) for one in shape) else [0]
    if sizes[0] != posts or not 2 <= len(sizes) <= 3 or not all(0 < one <= 1000 for one in sizes[1:]):
        raise BaselineError(f"the probe's answer is none of ours: predictions of shape {str(shape)[:100]}")
    size = int(np.prod(sizes)) * 4
    if len(raw := talk.bytes(size)) != size:
        raise BaselineError(f"the probe's answer is none of ours: {len(raw)} bytes where {size} are due")
    return Answer(broken, np.frombuffer(raw, np.float32).reshape(sizes))


_UNSEEDED = "Draw from `self.seed` or from the seeded generators, and do not let the order of a set decide"


def _changed(one: Array, other: Array, tolerance: float) -> str | None:
    apart = np.abs(one - other).reshape(len(one), -1).max(axis=1)
    count = int((apart > tolerance).sum())
    return f"other predictions for {count} of {len(one)} posts, by up to {apart.max():.3g}" if count else None
