"""Leak screen: a column that tells the label, or another post's, was not known at publication.

Every column that a baseline may see by default is held against every label: in order, level by level, by the
numbers in a text, its words, the entries of a vector, post by post, account by account, and all numbers
together; over all posts, and over those of the test period alone. What tells a label well is named in the
report of `prepare`; what is the label almost surely is refused. Columns of availability `crawl` are withheld,
are expected to go with the labels, and are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmark.data import leak_features as features
from benchmark.data import leak_probes as probes
from benchmark.data.leak_probes import FEWEST_POSTS, Asked, Codes, Floats, spearman
from benchmark.declared.card import Card
from benchmark.declared.column import Column
from benchmark.declared.task import Task
from benchmark.errors import DataError
from benchmark.scale import scaled
from benchmark.split import first_test_moment

LIMIT = 0.95
"""From here on a column is taken for the label in disguise. The best published models, given everything, stay
below 0.8."""
_SURE = 0.97
"""The same for all but the order of all posts with a value: of what is asked in many ways, a little more."""
WARN = 0.7
"""From here on a column is named in the report."""
_AMONG_NEIGHBOURS = 0.35
"""What goes with the drift of the labels alone, such as a date, tells less among posts of about one time."""
_TOGETHER = 0.9
_DOUBT = 0.05
_BY_CHANCE = 5.0
"""Standard errors that a warning of few posts takes."""
_CERTAIN = (probes.LABEL, probes.DISTANCE, probes.NEXT, probes.NEXT_OWN)
"""What no column can tell surely at publication. The label of the post before may have been known."""
_CERTAIN_POSTS = 200
_MOST_POSTS, _FEWEST_DRAWN = 10_000, 2_000
_MOST_CELLS = 2_000_000
_MOST_TEXTS = 4_000
_FEWEST_COPIES = 10


@dataclass(frozen=True)
class Leak:
    """One column that tells something which nobody knows at publication."""

    column: str
    target: str
    tells: str
    """`the label`, `the label of the next post`, ..."""
    by: str
    """How it was found out."""
    period: str
    """`all posts` or `the test period`."""
    strength: float
    """From 0 to 1; near Spearman's rho."""
    posts: int
    """Looked at."""
    certain: bool
    excused: bool
    """The card says that it may: `resembles_label`."""

    def as_json(self) -> dict[str, Any]:
        return {
            "column": self.column,
            "target": self.target,
            "tells": self.tells,
            "by": self.by,
            "period": self.period,
            "strength": round(self.strength, 3),
            "posts": self.posts,
            "excused": self.excused,
        }


def leak_line(found: Mapping[str, Any]) -> str:
    """An entry of `report["leaks"]` as a sentence."""
    excuse = "; the card says that it may" if found["excused"] else ""
    return (
        f"column '{found['column']}' tells {found['tells']} '{found['target']}' {found['by']}: "
        f"{found['strength']:.2f} of 1 ({found['period']}, {found['posts']:,} looked at){excuse}"
    )


def leaks(card: Card, posts: pa.Table, targets: pa.Table) -> list[Leak]:
    """What is worth a warning: of each column the clearest, by column.

    At most 10,000 posts are looked at, fewer of very many columns, and 4,000 of texts: the same each time.

    Raises:
        DataError: a column is a label almost surely and the card does not say that it may.
    """
    clearest: dict[str, Leak] = {}
    raw = {name: targets[name].to_numpy() for name in card.measured}
    with threadpool_limits(1):  # many small systems of equations: threads would wait for each other
        for leak in _suspects(card, posts, raw):
            if leak.certain and not leak.excused:
                raise _refusal(card, leak)
            before = clearest.get(leak.column)
            if before is None or leak.strength > before.strength:
                clearest[leak.column] = leak
    return [clearest[name] for name in card.columns if name in clearest]


def _refusal(card: Card, leak: Leak) -> DataError:
    how = (
        f"|Spearman| = {leak.strength:.3f}"
        if leak.by == "in order"
        else f"{leak.strength:.3f} of 1, {leak.by}"
    )
    where = "" if leak.period == "all posts" else f", in {leak.period}"
    what = "the label" if leak.tells == probes.LABEL else f"{leak.tells},"
    return DataError(
        f"looks like {what} '{leak.target}': {how}{where}",
        file=card.folder / "card.toml",
        column=leak.column,
        mend='Set `availability = "crawl"` if it is known only later, or '
        "`resembles_label = true` if you are sure that it is known at publication",
    )


def resemblance(values: pd.Series, labels: np.ndarray) -> float:
    """Spearman's rho of a column with a label over posts that have both; 0.0 with fewer than 30 of them.

    A column of strings is judged by the mean label of its levels: learnt on every other post and tried on the
    rest, so that a column with a level a post does not look like a label. rho is blind to the scoring scale:
    both scales are monotone.
    """
    known = np.isfinite(labels) & values.notna().to_numpy()
    values, labels = values[known], labels[known]
    numeric = pd.to_numeric(values, errors="coerce").astype("float64")
    if numeric.notna().all():
        return spearman(numeric.to_numpy(), labels)
    learn = np.arange(len(labels)) % 2 == 0
    means = pd.Series(labels[learn]).groupby(values[learn].to_numpy()).mean()
    tried = values[~learn].map(means).to_numpy(dtype="float64")
    seen = np.isfinite(tried)
    return spearman(tried[seen], labels[~learn][seen])


def _suspects(card: Card, posts: pa.Table, raw: Mapping[str, Floats]) -> Iterator[Leak]:
    labels = {name: scaled(one, card.targets[name].scale) for name, one in raw.items()}
    screened = _screened(card)
    users = posts["user_id"].combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
    most = int(np.clip(_MOST_CELLS // (len(screened) * len(labels)), _FEWEST_DRAWN, _MOST_POSTS))
    for name, column in screened.items():
        for target in card.measured:
            screen = _Screen(card, name)
            if column.role in ("numeric", "place", "category", "categorical"):
                yield from screen.in_order(posts[name], target, labels[target], most)
            if _is_number(column):
                yield from screen.copies(_numbers(posts[name]), target, raw[target])
                yield from screen.accounts(_numbers(posts[name]), target, raw[target], users)
    for period, asked_of, rows in _periods(card, posts, labels):
        question = probes.asked(asked_of, users, rows, most)
        few = probes.asked(asked_of, users, rows, min(most, _MOST_TEXTS))
        if question is None or few is None:
            continue
        named = set()
        for name, column in screened.items():
            for leak in _Screen(card, name, period).probed(column, posts[name], question, few):
                named.add(name)
                yield leak
        rest = [name for name, column in screened.items() if _is_number(column) and name not in named]
        yield from _together(card, period, {name: posts[name] for name in rest}, few)


def _screened(card: Card) -> dict[str, Column]:
    """What baselines are handed, the posts' ids too."""
    return {name: card.columns[name] for name in ("post_id", *card.visible())}


def _is_number(column: Column) -> bool:
    return column.role in ("numeric", "place")


def _periods(
    card: Card, posts: pa.Table, labels: Mapping[str, Floats]
) -> Iterator[tuple[str, dict[str, Floats], Codes]]:
    """Of each task: its labels over all of its posts, and over those from its earliest cut-off on."""
    times = posts["time"].cast("int64").to_numpy()
    before: list[tuple[tuple[str, ...], Codes]] = []
    for task in card.tasks:
        names = tuple(card.rests_on(task))
        own = {name: labels[name] for name in names}
        rows = np.flatnonzero(filtered(posts, task))
        periods = {"all posts": rows}
        labelled = times[rows[np.all([np.isfinite(one[rows]) for one in own.values()], axis=0)]]
        moments = [
            first_test_moment(protocol, labelled)
            for name, protocol in task.protocols.items()
            if name != "official" and len(labelled)
        ]
        if moments:
            periods["the test period"] = rows[times[rows] >= min(moments)]
        for period, among in periods.items():
            if not any(names == others and np.array_equal(among, one) for others, one in before):
                before.append((names, among))
                yield period, own, among


def filtered(posts: pa.Table, task: Task) -> NDArray[np.bool_]:
    """[posts] which ones a task asks for by column. Its conditions on age are not looked at."""
    keep = np.ones(posts.num_rows, bool)
    for name, wanted in task.filter.where.items():
        try:
            scalar = pa.scalar(wanted).cast(posts.schema.field(name).type)
        except pa.ArrowException:
            continue  # the task says so itself when it is run
        keep &= pc.fill_null(pc.equal(posts[name], scalar), False).to_numpy()
    return keep


@dataclass(frozen=True)
class _Screen:
    """One column against the labels."""

    card: Card
    name: str
    period: str = "all posts"

    def leak(self, target: str, tells: str, by: str, strength: float, posts: int, certain: bool) -> Leak:
        excused = self.card.columns[self.name].resembles_label
        return Leak(self.name, target, tells, by, self.period, float(strength), posts, certain, excused)

    def in_order(self, values: pa.ChunkedArray, target: str, labels: Floats, most: int) -> Iterator[Leak]:
        """Over posts that have a value, however few these are."""
        present = np.flatnonzero(np.isfinite(labels) & values.is_valid().to_numpy())
        rows = present[probes.sample(len(present), most)]
        rho = abs(resemblance(values.take(pa.array(rows)).to_pandas(), labels[rows]))
        if rho >= LIMIT:
            yield self.leak(target, probes.LABEL, "in order", rho, len(rows), certain=True)

    def copies(self, values: Floats, target: str, raw: Floats) -> Iterator[Leak]:
        """Posts whose value is the label itself, far more than would be by chance. The most frequent value
        stands for "not given"."""
        both = np.isfinite(values) & np.isfinite(raw)
        same = both & (values == raw)
        if same.sum() < _FEWEST_COPIES:
            return
        x, y = pd.Series(values[both]).value_counts(), pd.Series(raw[both]).value_counts()
        by_chance = float((x * y.reindex(x.index).fillna(0)).sum() / both.sum())
        given = both & (values != x.index[0])
        copies, posts = int((same & given).sum()), int(given.sum())
        if copies >= max(10 * by_chance, _FEWEST_COPIES, 0.05 * posts):
            by = f"being equal to it in {copies:,} of {posts:,} posts"
            certain = copies >= max(LIMIT * posts, FEWEST_POSTS)
            yield self.leak(target, probes.LABEL, by, copies / posts, posts, certain)

    def accounts(self, values: Floats, target: str, raw: Floats, users: Codes) -> Iterator[Leak]:
        """A value that each account has throughout, and that ranks accounts as their usual label does."""
        both = np.isfinite(values) & np.isfinite(raw)
        several = np.bincount(users[both], minlength=int(users.max()) + 1) >= 3
        of_account = np.zeros(len(several))
        of_account[users[both]] = values[both]
        both &= several[users]
        if several.sum() < FEWEST_POSTS or (of_account[users[both]] != values[both]).any():
            return
        grouped = pd.DataFrame({"value": values[both], "label": raw[both]}).groupby(users[both])
        usual, own = (grouped["label"].mean(), grouped["label"].median()), grouped["value"].first()
        rho = max(abs(spearman(own.to_numpy(), one.to_numpy())) for one in usual)
        if rho >= LIMIT:
            posts = int(both.sum())
            yield self.leak(target, "the usual label of the account,", "in order", rho, posts, certain=False)

    def probed(self, column: Column, values: pa.ChunkedArray, question: Asked, few: Asked) -> Iterator[Leak]:
        """By what a model could make of it."""
        if _is_number(column):
            found = _numbers(values.take(pa.array(question.rows)))
            yield from self.judged("in order", probes.in_order(found, question), question)
            yield from self.told("level by level", found, question)
        elif column.role == "vector":
            entries = features.entries(values.take(pa.array(few.rows)).to_pylist())
            if entries.shape[1]:
                yield from self.judged("by its entries", probes.by_features(entries, few), few)
        else:
            if column.role in ("category", "categorical"):
                texts = pd.Series(_strings(values, question.rows))
                codes, _ = pd.factorize(texts)
                if codes.any():
                    yield from self.judged("level by level", probes.by_levels(codes, question), question)
            yield from self.strings(column, _strings(values, few.rows), few)

    def strings(self, column: Column, texts: list[str], few: Asked) -> Iterator[Leak]:
        different = len(set(texts))
        if different < 3:
            return
        for what, found in features.numbers_in(texts).items():
            yield from self.told(f"by {what} in it", found, few)
        if column.role != "id" and (column.role in ("text", "tags", "image") or different > len(texts) // 2):
            yield from self.judged("by its words", probes.by_features(features.words(texts), few), few)

    def told(self, by: str, values: Floats, question: Asked) -> Iterator[Leak]:
        """By numbers: as a step for each level or bin; and as a level for each number, where they recur."""
        codes = probes.levels(values)
        if codes.min() == codes.max():
            return
        yield from self.judged(by, probes.by_levels(codes, question), question)
        each, _ = pd.factorize(values)
        if probes.MOST_LEVELS < each.max() < len(values) / 2:
            yield from self.judged(f"{by}, value for value", probes.by_levels(each + 1, question), question)

    def judged(self, by: str, predicted: Floats, question: Asked) -> Iterator[Leak]:
        """What predictions of the ranks tell best, if they tell it well."""
        found = probes.tells(predicted, question)
        if found.max() < WARN:
            return
        posts = question.known.sum(axis=0)
        near = probes.tells_among_neighbours(predicted, question)
        well = (found >= np.maximum(WARN, _BY_CHANCE / np.sqrt(posts))) & (near >= _AMONG_NEIGHBOURS)
        if not well.any():
            return
        # In doubt it is the label: what lies next to it goes with it.
        doubt = np.array([0.0 if kind == probes.LABEL else _DOUBT for _, kind in question.kinds])
        k = int(np.where(well, found - doubt, -1.0).argmax())
        target, kind = question.kinds[k]
        certain = kind in _CERTAIN and found[k] >= _SURE and near[k] >= WARN and posts[k] >= _CERTAIN_POSTS
        # An id can be neither withheld nor done without: what it tells is named, never refused.
        certain &= self.name != "post_id"
        yield self.leak(target, kind, by, found[k], int(posts[k]), bool(certain))


def _together(
    card: Card, period: str, columns: Mapping[str, pa.ChunkedArray], question: Asked
) -> Iterator[Leak]:
    """Numbers none of which tells a label alone."""
    values = {name: _numbers(column.take(pa.array(question.rows))) for name, column in columns.items()}
    names = [name for name, one in values.items() if np.isfinite(one).sum() >= FEWEST_POSTS]
    if len(names) < 2:
        return
    matrix = np.stack([values[name] for name in names], axis=1)
    plain = features.standardised(matrix)
    predicted = probes.by_features(np.hstack([plain, features.in_ranks(matrix)]), question)
    found, near = probes.tells(predicted, question), probes.tells_among_neighbours(predicted, question)
    k = int(found.argmax())
    if found[k] >= _TOGETHER and near[k] >= _AMONG_NEIGHBOURS:
        weights = np.abs(np.linalg.lstsq(plain, question.ranks[:, k], rcond=None)[0])
        first, second = (names[i] for i in weights.argsort()[::-1][:2])
        target, kind = question.kinds[k]
        by = f"together with other numbers, above all '{second}'"
        posts = int(question.known[:, k].sum())
        yield _Screen(card, first, period).leak(target, kind, by, found[k], posts, certain=False)


def _numbers(values: pa.ChunkedArray) -> Floats:
    return np.asarray(values.cast(pa.float64()).to_numpy(), dtype=np.float64)


def _strings(values: pa.ChunkedArray, rows: Codes) -> list[str]:
    taken: list[str] = pc.fill_null(values.take(pa.array(rows)).cast(pa.string()), "").to_pylist()
    return taken
