"""A task's posts and labels: the prepared tables, filtered as the card says, on the scoring scale."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.data.dates import dates_in_words, lies_apart
from benchmark.declared.column import KEY_COLUMNS, KNOWN_AT
from benchmark.errors import DataError
from benchmark.handover import Predict, Reveal
from benchmark.scale import scaled
from benchmark.scores.kinds import kind
from benchmark.scores.measures import measure
from benchmark.split import DAY_MS, Windows, windows
from benchmark.virality.derived import Derived, derived

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from benchmark.data.prepared import Prepared
    from benchmark.declared.card import Card
    from benchmark.declared.task import ProtocolName, Task


FEWEST_POSTS = 10
"""To be fitted on, and to be scored. With fewer, a rank correlation of pure chance has a standard error of
more than a third, 1 / sqrt(n - 1), and a bootstrap over stretches of n^(1/3) posts fewer than three to draw
from; of three posts, only one."""


@dataclass(frozen=True)
class TaskPosts:
    """Posts of a task in time order. n posts, t targets. Labels live here, in the parent, alone."""

    prepared: Prepared
    task: Task
    rows: NDArray[np.int64]
    """[n] their rows in the prepared files."""
    table: pa.Table
    """[n] inputs, crawl-time columns included."""
    times: NDArray[np.int64]
    labels: NDArray[np.float64]
    """[n, t] on the scoring scale; NaN = unlabelled."""
    ceiling: NDArray[np.float64] | None
    """[n, t] noiseless score of a synthetic set, on the scoring scale."""
    facts: Mapping[str, pa.Table]
    """Fact tables by name, each by known_at: about all posts and users of the data set, not this task's."""
    engagement: NDArray[np.float64] | None = None
    """[n, t] of a task whose labels are derived: what each label rests on, on the scale of
    `Card.engagement_scales`; NaN where a count is missing."""

    def __post_init__(self) -> None:
        """Raises DataError where the measure that ranks compares posts by what is not known of them."""
        asked = measure(self.task.primary).within_weeks and kind(self.task.kind).labels
        if asked and self.engagement is None:
            raise DataError(
                f"task '{self.task.name}' is ranked by '{self.task.primary}', which compares what posts of a "
                f"week came to, and its labels ({kind(self.task.kind).about}) rest on no count",
                file=self.prepared.card.folder / "card.toml",
                mend="Derive the labels from a count, or rank by another measure",
            )

    @classmethod
    def of(cls, prepared: Prepared, task: Task) -> TaskPosts:
        """Filter the prepared posts.

        Raises:
            DataError: the filter leaves nothing, or counts from a date that is hardly true, or a label is
                none of the task's kind; names post and value.
        """
        posts, targets = prepared.posts(), prepared.targets()
        _check_settled(prepared, posts, task)
        kept = _filtered(posts, task)
        if not len(kept):
            raise DataError(
                f"the filter of task '{task.name}' leaves no post", file=prepared.card.folder / "card.toml"
            )
        newest = slice(-task.filter.newest if task.filter.newest else None, None)
        keep, table = kept[newest], posts.take(kept)
        found = _labels(prepared.card, task, table, targets.take(kept))
        table, labels = table.slice(len(kept) - len(keep)), found.labels[newest]
        _check_labels(prepared, task, table["post_id"], labels)
        return cls(
            prepared=prepared,
            task=task,
            rows=keep,
            table=table,
            times=table["time"].cast("int64").to_numpy(),
            labels=labels,
            ceiling=None if found.ceiling is None else found.ceiling[newest],
            facts={name: prepared.facts(name) for name in prepared.card.facts},
            engagement=None if found.engagement is None else found.engagement[newest],
        )

    @property
    def users(self) -> NDArray[np.int64]:
        """int64 [n]: one code a user."""
        codes: NDArray[np.int64] = (
            self.table["user_id"].combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
        )
        return codes

    def image_files(self) -> list[Path]:
        """The images that the posts name, which may be missing or broken."""
        names, root = self.prepared.card.with_role("image"), self.prepared.images
        if root is None or not names:
            return []
        return [root / path for path in self.table[names[0]].unique().to_pylist() if path]

    def windows(self, protocol: ProtocolName) -> Windows:
        """The blocks of one protocol, in positions among these posts.

        Raises:
            DataError: fewer than `FEWEST_POSTS` to fit on or to be scored, or a cut by a share of the time
                between dates that are hardly true.
        """
        labelled = np.asarray(~np.isnan(self.labels).any(axis=1))
        asked = self.task.protocols[protocol]
        if not labelled.any():
            raise self._cannot_be_cut(
                protocol, f"no post has a label of {' and of '.join(self.task.targets)}"
            )
        if asked.test_fraction is not None and lies_apart(self.times[labelled]).any():
            problem = "a share of the time is taken between labelled posts of which one lies apart"
            raise self._cannot_be_cut(protocol, problem)
        try:
            found = windows(protocol, asked, self.times, labelled)
        except DataError as error:
            raise self._cannot_be_cut(protocol, error.problem) from None
        of = {"predict": found.test, "fit on": found.train}
        for end, rows in of.items() if protocol != "official" else ():
            if len(rows) < FEWEST_POSTS:
                problem = f"{len(rows)} labelled posts to {end}, and fewer than {FEWEST_POSTS} tell nothing"
                raise self._cannot_be_cut(protocol, problem)
        return found

    def _cannot_be_cut(self, protocol: ProtocolName, problem: str) -> DataError:
        labelled = ~np.isnan(self.labels).any(axis=1)
        return DataError(
            f"task '{self.task.name}', protocol '{protocol}': {problem}. "
            f"Of {labelled.sum():,} labelled posts {dates_in_words(self.times[labelled])}",
            file=self.prepared.card.folder / "card.toml",
            mend="Mend rows with wrong dates, or set a cut_off in the card that leaves enough on either side",
        )

    def visible(self, columns: Iterable[str]) -> pa.Table:
        """[n] what a baseline is shown: the keys, and these columns."""
        return self.table.select([*KEY_COLUMNS.values(), *columns])

    def handed_over(self, windows: Windows, columns: Iterable[str]) -> Iterator[tuple[Reveal, Predict]]:
        """Block by block what a worker is handed. Each post is handed over once, and no label but those that
        the block reveals. A fact is among those of the first block by whose start it is known."""
        visible = self.visible(columns)
        seen, counted = np.zeros(len(self.rows), bool), np.zeros(len(self.rows), bool)
        told = dict.fromkeys(self.facts, 0)
        for block in windows.blocks:
            aside = self._aside(block.start)
            new = np.concatenate([block.reveal, block.context, aside])
            new = np.sort(new[~seen[new]])
            seen[new] = True
            labels = self.labels[block.reveal].astype(np.float32)
            facts = {name: known_by(table, block.start, told[name]) for name, table in self.facts.items()}
            told = {name: told[name] + len(rows) for name, rows in facts.items()}
            reveal = Reveal(visible.take(new), self.rows[new], self.rows[block.reveal], labels, facts)
            if self.engagement is not None:
                known = windows.clock.known_at(self.times) <= block.start
                matured = np.flatnonzero(known & seen & ~counted)
                counted[matured] = True
                engagement = self.engagement[matured].astype(np.float32)
                reveal = replace(reveal, counted=self.rows[matured], engagement=engagement)
            seen[block.test] = True
            yield reveal, Predict(visible.take(block.test), self.rows[block.test])

    def _aside(self, start: int) -> NDArray[np.int64]:
        """Posts before a moment that have no label and nevertheless a past to tell: those of whose engagement
        labels are derived, and which had too few predecessors to have one themselves."""
        if self.engagement is None:
            return np.empty(0, np.int64)
        without = np.isnan(self.labels).any(axis=1) & ~np.isnan(self.engagement).any(axis=1)
        return np.flatnonzero(without & (self.times < start))


def known_by(facts: pa.Table, as_of: int, begin: int = 0) -> pa.Table:
    """The rows of a fact table, which are in the order of known_at, that are known as of a moment.

    A copy, and no slice, which would carry what is known later along.

    Args:
        as_of: ms since 1970. begin: the first row that is asked for.
    """
    end = np.searchsorted(facts[KNOWN_AT].cast("int64").to_numpy(), as_of, side="right")
    return facts.take(np.arange(begin, end))


def _filtered(posts: pa.Table, task: Task) -> NDArray[np.int64]:
    """Rows that meet the task's conditions and are old enough; of them the newest N are taken later."""
    times = posts["time"].cast("int64").to_numpy()
    keep = np.ones(len(times), bool)
    for column, wanted in task.filter.where.items():
        keep &= _equal(posts[column], wanted)
    if task.filter.settled_days and len(times):
        keep &= times <= times[-1] - round(task.filter.settled_days * DAY_MS)
    return np.flatnonzero(keep)


def _labels(card: Card, task: Task, posts: pa.Table, targets: pa.Table) -> Derived:
    """Of all posts that the filter keeps, before the newest are taken: labels on the scoring scale, as they
    are read, or derived."""
    if card.derived(task.name):
        return derived(card, task.name, posts, targets)
    labels = [scaled(targets[name].to_numpy(), card.targets[name].scale) for name in task.targets]
    ceiling = [f"ceiling_{name}" for name in task.targets]
    if all(name in targets.column_names for name in ceiling):
        noiseless = np.stack([targets[name].to_numpy() for name in ceiling], axis=1)
    else:
        noiseless = None
    return Derived(np.stack(labels, axis=1), None, noiseless)


def _check_settled(prepared: Prepared, posts: pa.Table, task: Task) -> None:
    """Which posts have settled is counted from the newest post: it must not stand alone."""
    times = posts["time"].cast("int64").to_numpy()
    if task.filter.settled_days and len(times) and lies_apart(times)[-1]:
        raise DataError(
            f"`settled_days` of task '{task.name}' counts from the newest post, which lies apart from the "
            f"others. Of all posts {dates_in_words(times)}",
            file=prepared.card.folder / "card.toml",
            mend="Mend or remove rows with wrong dates",
        )


def _check_labels(prepared: Prepared, task: Task, ids: pa.ChunkedArray, labels: NDArray[np.float64]) -> None:
    """labels: [n, t], of the posts `ids` [n]."""
    asked = kind(task.kind)
    if not len(wrong := np.argwhere(asked.wrong_labels(labels))):
        return
    i, j = wrong[0]
    raise DataError(
        f"{len(wrong):,} labels of task '{task.name}' are none of a task of kind '{task.kind}' "
        f"({asked.about}); the first is that of post '{ids[int(i)]}'",
        file=prepared.card.folder / "card.toml",
        column=task.targets[j],
        value=float(labels[i, j]),
    )


def _equal(values: pa.ChunkedArray, wanted: object) -> NDArray[np.bool_]:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        scalar = pa.scalar(wanted).cast(values.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise DataError(
            f"filter value {wanted!r} cannot be compared with a column of {values.type}"
        ) from None
    equal: NDArray[np.bool_] = pc.fill_null(pc.equal(values, scalar), False).to_numpy()
    return equal
