"""Handout: what a model that runs elsewhere may know, cut as a protocol cuts it.

A folder with the training posts and their labels, and the test posts without. The columns are those that a
baseline would be handed, and the labels are on the scoring scale.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmark import PROJECT
from benchmark.data.prepared import load_prepared
from benchmark.declared.column import KNOWN_AT
from benchmark.errors import SmpbenchError, UnknownName
from benchmark.files import folder_atomically
from benchmark.run.cell import truth_key
from benchmark.run.tasks import TaskPosts, known_by
from benchmark.scale import OF_COUNTS
from benchmark.scores.kinds.regression import REGRESSION

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from benchmark.declared.card import Card
    from benchmark.declared.task import ProtocolName, Task
    from benchmark.split import Windows

PREDICT_AT = "predict_at"
FACTS = "facts_"
"""Begins the name of a file of facts."""

Form = Literal["parquet", "csv"]

_TEXTS_IN_CSV = (
    "Texts in CSV are as people wrote them, for a model to read: a spreadsheet may run a cell that begins "
    "with =, +, - or @. To look at them, take Parquet."
)


@dataclass(frozen=True)
class Question:
    """What is asked of a model: the posts of a task, cut by a protocol."""

    posts: TaskPosts
    protocol: ProtocolName
    windows: Windows

    @classmethod
    def of(cls, card: Card, home: Path, task: str | None, protocol: str) -> Question:
        """Cut the prepared posts of a task: see `chosen_task`.

        Raises:
            UnknownName, SmpbenchError: as `chosen_task` does.
            DataError: the data set is not prepared, or the protocol leaves nothing.
        """
        asked = chosen_task(card, task, protocol)
        posts = TaskPosts.of(load_prepared(card, home), asked)
        name: ProtocolName = protocol  # type: ignore[assignment]
        return cls(posts, name, posts.windows(name))

    @property
    def card(self) -> Card:
        return self.posts.prepared.card

    @property
    def spec(self) -> str:
        """The data set as `-d` takes it: by name, or a card of the user's own by its path."""
        own = self.card.folder == PROJECT / "datasets" / self.card.name
        return self.card.name if own else shlex.quote(str(self.card.folder / "card.toml"))

    @property
    def task(self) -> Task:
        return self.posts.task

    @property
    def truth_key(self) -> str:
        return truth_key(self.card, self.task, self.protocol, self.posts.prepared.fingerprint)

    @cached_property
    def test_ids(self) -> list[str]:
        """Ids of the test posts, in the order of prediction."""
        ids: list[str] = self.posts.table["post_id"].take(self.windows.test).to_pylist()
        return ids

    def __str__(self) -> str:
        return f"{self.card.name}/{self.task.name} {self.protocol}"


def write_handout(question: Question, folder: Path, *, form: Form = "parquet", crawl: bool = False) -> None:
    """Write a hand-out into a new folder.

    Args:
        form: of the files; in CSV a vector is a JSON list.
        crawl: admit columns that are known only at crawl time.

    Raises:
        SmpbenchError: the folder exists already.
    """
    if folder.exists():
        raise SmpbenchError(f"{folder} exists already. Name a new folder with -o")
    tables = _tables(question, crawl)
    with folder_atomically(folder) as staging:
        for name, table in tables.items():
            _write(table, staging / f"{name}.{form}")
        (staging / "README.txt").write_text(_about(question, tables, form, crawl), encoding="utf-8")


def chosen_task(card: Card, task: str | None, protocol: str) -> Task:
    """A task by its name, which may be None where only one has the protocol, or only one that asks for a
    count: events that are derived of it stand beside it.

    Raises:
        UnknownName: no such task, or it does not have the protocol.
        SmpbenchError: several tasks, and none is named.
    """
    by_name = {one.name: one for one in card.tasks}
    if task is None:
        having = [one for one in card.tasks if protocol in one.protocols]
        if not having:
            known = {name for one in card.tasks for name in one.protocols}
            raise UnknownName(f"protocol of {card.name}", protocol, known)
        counts = [one for one in having if one.kind == REGRESSION.name]
        if len(having) > 1 and len(counts) != 1:
            names = ", ".join(one.name for one in having)
            raise SmpbenchError(f"{card.name} has several tasks: {names}. Name one (-t)")
        return having[0] if len(having) == 1 else counts[0]
    if task not in by_name:
        raise UnknownName(f"task of {card.name}", task, by_name)
    if protocol not in by_name[task].protocols:
        raise UnknownName(f"protocol of {card.name}/{task}", protocol, by_name[task].protocols)
    return by_name[task]


def _tables(question: Question, crawl: bool) -> dict[str, pa.Table]:
    """Name of the file -> its rows, in the order of time."""
    posts, windows = question.posts, question.windows
    inputs = posts.visible(question.card.visible(crawl=crawl))
    moments = _times(windows.clock.as_of(posts.times[windows.test]))
    tables = {
        "train": _labelled(inputs, question, windows.train),
        "test": inputs.take(windows.test).append_column(PREDICT_AT, moments),
    }
    if len(context := windows.blocks[0].context):
        tables["context"] = inputs.take(context)
    if len(windows.blocks) > 1:
        tables["revealed"] = _revealed(question)
    last = windows.blocks[-1].start
    return tables | {f"{FACTS}{name}": known_by(facts, last) for name, facts in posts.facts.items()}


def _labelled(table: pa.Table, question: Question, rows: NDArray[Any]) -> pa.Table:
    import pyarrow as pa

    found = table.take(rows)
    for j, target in enumerate(question.task.targets):
        found = found.append_column(target, pa.array(question.posts.labels[rows, j]))
    return found


def _revealed(question: Question) -> pa.Table:
    """Labels that become known during the test period, each with the moment from which on it may be used."""
    import numpy as np

    later = question.windows.blocks[1:]
    known_at = np.repeat([block.start for block in later], [len(block.reveal) for block in later])
    rows = np.concatenate([block.reveal for block in later])
    ids = question.posts.table.select(["post_id"])
    labelled = _labelled(ids, question, rows)
    return labelled.add_column(1, KNOWN_AT, _times(known_at))


def _times(milliseconds: NDArray[Any]) -> pa.Array:
    import pyarrow as pa

    return pa.array(milliseconds.astype("int64")).cast(pa.timestamp("ms"))


def _write(table: pa.Table, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    if path.suffix == ".parquet":
        pq.write_table(table, path)
        return
    for i, field in enumerate(table.schema):
        if pa.types.is_list(field.type):  # CSV has no lists
            texts = [None if value is None else json.dumps(value) for value in table[field.name].to_pylist()]
            table = table.set_column(i, field.name, pa.array(texts, pa.string()))
    pyarrow.csv.write_csv(table, path)


def _about(question: Question, tables: dict[str, pa.Table], form: Form, crawl: bool) -> str:
    """The page that lies beside the files."""
    card, task = question.card, question.task
    told = {
        "train": "labelled: fit on these",
        "context": "published before the cut-off, label not known then: inputs alone",
        "test": f"to be predicted, each as of `{PREDICT_AT}`",
        "revealed": f"labels that become known on the way: for a post with `{PREDICT_AT}` p, use those with "
        f"`{KNOWN_AT}` <= p and no others",
    }
    files = [
        f"{name}.{form}: {len(tables[name]):,} posts, {text}" for name, text in told.items() if name in tables
    ]
    own = "the start of its block" if question.windows.clock.block else "its own time"
    files += [
        f"{name}.{form}: {len(table):,} facts with the moment from which each may be known: use those with "
        f"`{KNOWN_AT}` <= p and no others (of a training post, p is {own})"
        for name, table in tables.items()
        if name.startswith(FACTS)
    ]
    scales = [
        f"{name}: {OF_COUNTS.get(card.targets[name].scale) or card.targets[name].unit or 'as given'}"
        for name in task.targets
    ]
    images = question.posts.prepared.images
    lines = [
        f"{card.title}: task {task.name}, protocol {question.protocol}",
        f"Licence: {card.licence}. It holds for these files too.",
        "",
        *files,
        *([_TEXTS_IN_CSV] if form == "csv" else []),
        *([f"Paths of images start from {images}"] if images else []),
        *(["With columns that were known only at crawl time: score with --with-crawl."] if crawl else []),
        "",
        "Labels and predictions are on the scoring scale: " + "; ".join(scales) + ".",
        f"Write a file with the columns post_id, {', '.join(task.targets)}: every test post once. Then:",
        f"smpbench score -d {question.spec} -t {task.name} -p {question.protocol} --name my_model"
        f"{' --with-crawl' if crawl else ''} predictions.csv",
    ]
    return "\n".join(lines) + "\n"
