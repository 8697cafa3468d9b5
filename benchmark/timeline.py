"""Timeline: everything a worker has been handed so far, in the order in which it became known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.history import Order
from benchmark.ledger import Ledger
from benchmark.scale import scaled
from benchmark.scores.kinds import kind
from benchmark.split import Clock
from benchmark.virality.thresholds import Asked, Past, Rule, just_below, scope_codes, thresholds

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from benchmark.declared.card import Card, Scale
    from benchmark.declared.column import Column
    from benchmark.declared.fact_table import FactColumn
    from benchmark.declared.task import Viral
    from benchmark.encoded import Features


@dataclass(frozen=True)
class Schema:
    """What is declared of the posts: column roles (crawl-time columns already withheld) and target names."""

    columns: Mapping[str, Column]
    targets: tuple[str, ...]
    features: Mapping[str, Features]
    """Encoded content by its name: `text`, `image`, ..."""
    images: str | None = None
    """Folder that image paths start from."""
    scales: tuple[Scale, ...] = ()
    """Of each target: `log1p` where the card has the count scored on that scale, else `identity`."""
    facts: Mapping[str, Mapping[str, FactColumn]] = field(default_factory=dict)
    """Fact table -> its columns."""
    naming: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Fact table of whom posts name -> how -> the column that says whom; columns that are withheld left
    out."""
    kind: str = "regression"
    """Of the task: see `benchmark.scores.kinds`."""
    viral: tuple[Viral, ...] = ()
    """How the label of each target is derived of engagement; empty where it is not."""
    engagement_scales: tuple[Scale, ...] = ()
    """Of the engagement of each target."""

    @classmethod
    def of(
        cls,
        card: Card,
        task: str,
        features: Mapping[str, Features],
        images: Path | None,
        *,
        crawl: bool = False,
    ) -> Schema:
        """What a card declares of a task.

        Args:
            images: the folder that image paths start from.
            crawl: whether columns known only at crawl time may be seen.
        """
        columns = card.visible(crawl=crawl)
        return cls(
            columns=columns,
            targets=card.task(task).targets,
            features=features,
            images=str(images) if images else None,
            scales=card.scales(task),
            facts={name: table.columns for name, table in card.facts.items()},
            naming=naming(card, columns),
            kind=kind(card.task(task).kind).asked,
            viral=card.derived(task),
            engagement_scales=card.engagement_scales(task),
        )

    def with_role(self, *roles: str) -> list[str]:
        names = [name for name, column in self.columns.items() if column.role in roles]
        return sorted(names, key=lambda name: self.columns[name].level or 0)


def naming(card: Card, visible: Mapping[str, Column]) -> dict[str, dict[str, str]]:
    """Of each fact table of whom posts name: how -> the column that says whom, of those that may be seen."""
    return {
        name: {how: column for how, column in table.of.items() if column in visible}
        for name, table in card.facts.items()
        if table.of
    }


@dataclass
class Timeline:
    """Posts handed over so far and the labels revealed so far; NaN where a label is not known.

    Posts are appended block by block. A position, once given, stays.
    """

    schema: Schema
    clock: Clock
    table: pa.Table | None = None
    rows: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """[m] row of each post in the prepared files: the index into encoded features."""
    users: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    times: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    labels: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))
    engagement: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))
    """[m, targets] of which labels are derived, as far as it is known; NaN where it is not, or where labels
    are not derived."""
    categories: dict[str, list[str]] = field(default_factory=dict)
    """Levels of the categorical columns among the training posts; anything else is unseen."""
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    """The facts that have become known so far, by table."""
    asked: set[str] = field(default_factory=set)
    """What a baseline has asked its posts for: see `benchmark.posts.READ`."""
    _codes: dict[str, int] = field(default_factory=dict)
    _places: dict[str, tuple[tuple[int, int], NDArray[np.int64]]] = field(default_factory=dict)
    _values: dict[str, dict[object, int]] = field(default_factory=dict)
    """Column -> value -> its code: see `codes`."""
    _coded_values: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    _order: Order | None = None
    _counts: dict[str, tuple[NDArray[np.bool_], NDArray[np.float32]]] = field(default_factory=dict)
    """Column -> which of its texts are counted, and how: see `counts`."""
    _widths: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Vector column -> how many posts were looked at, the longest of their vectors."""

    def __post_init__(self) -> None:
        self.ledgers = {name: Ledger(columns) for name, columns in self.schema.facts.items()}

    def extend(self, posts: pa.Table, rows: NDArray[np.int64]) -> None:
        """Append posts whose labels are not known yet."""
        import pyarrow as pa

        self.table = posts if self.table is None else pa.concat_tables([self.table, posts])
        self.rows = np.concatenate([self.rows, rows])
        self.users = np.concatenate([self.users, _coded(posts["user_id"], self._codes)])
        self.times = np.concatenate([self.times, posts["time"].cast("int64").to_numpy()])
        unknown = np.full((len(rows), len(self.schema.targets)), np.nan, np.float32)
        self.labels = np.concatenate([self.labels.reshape(-1, unknown.shape[1]), unknown])
        self.engagement = np.concatenate([self.engagement.reshape(-1, unknown.shape[1]), unknown])

    @property
    def order(self) -> Order:
        """The posts handed over so far, by account and then by moment."""
        if self._order is None or self._order.users is not self.users:
            self._order = Order(self.users, self.times)
        return self._order

    def taken(self, positions: NDArray[np.int64], names: Sequence[str]) -> pa.Table:
        """[n]: these columns of the posts at these positions."""
        assert self.table is not None
        begin, end = (int(positions.min()), int(positions.max()) + 1) if len(positions) else (0, 0)
        # Taking joins the blocks first that posts came in: only those where there is anything to take.
        found = self.table.select(list(names)).slice(begin, end - begin)
        in_a_row = len(positions) == end - begin and bool((np.diff(positions) == 1).all())
        return found if in_a_row else found.take(positions - begin)

    def codes(self, name: str) -> NDArray[np.int64]:
        """int64 [m]: a code a value of this column, in the order in which they were first met; -1 where it is
        missing."""
        assert self.table is not None
        found = self._coded_values.get(name, np.empty(0, np.int64))
        if len(found) < len(self.table):
            values = self.table[name].slice(len(found))
            new = _coded(values, self._values.setdefault(name, {}))
            new[values.is_null(nan_is_null=True).to_numpy()] = -1
            self._coded_values[name] = found = np.concatenate([found, new])
        return found

    def counts(
        self, positions: NDArray[np.int64], name: str, patterns: Mapping[str, str]
    ) -> NDArray[np.float32]:
        """[n, 1 + patterns]: see `benchmark.features.counted`. A text is counted once: training posts are
        asked for again and again, as a whole and in parts.

        Args:
            patterns: of one column always the same.
        """
        from benchmark.features import counted

        done, counts = self._counts.get(
            name, (np.empty(0, bool), np.empty((0, 1 + len(patterns)), np.float32))
        )
        if (more := len(self.rows) - len(done)) > 0:
            done = np.concatenate([done, np.zeros(more, bool)])
            counts = np.concatenate([counts, np.zeros((more, counts.shape[1]), np.float32)])
            self._counts[name] = done, counts
        if len(new := positions[~done[positions]]):
            counts[new] = counted(self.taken(new, [name])[name], patterns)
            done[new] = True
        found: NDArray[np.float32] = counts[positions]
        return found

    def width(self, name: str) -> int:
        """Entries of the longest vector in a column, of all posts handed over so far."""
        import pyarrow.compute as pc

        assert self.table is not None
        seen, width = self._widths.get(name, (0, 0))
        if seen < len(self.table):
            longest = pc.max(pc.list_value_length(self.table[name].slice(seen))).as_py() or 0
            width = max(width, longest)
            self._widths[name] = len(self.table), width
        return width

    def positions(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where these rows of the prepared files stand in the timeline."""
        order = np.argsort(self.rows, kind="stable")
        found: NDArray[np.int64] = order[np.searchsorted(self.rows[order], rows)]
        return found

    def reveal(self, positions: NDArray[np.int64], labels: NDArray[np.float32]) -> None:
        self.labels[positions] = labels

    def count(self, positions: NDArray[np.int64], engagement: NDArray[np.float32]) -> None:
        self.engagement[positions] = engagement

    def beside(self, only: NDArray[np.int64] | None = None) -> Timeline:
        """The same posts, or those at these positions, to which others can be added that this timeline is to
        know nothing of."""
        other = copy(self)
        other._codes = dict(self._codes)
        if only is None:
            other._places, other._coded_values = dict(self._places), dict(self._coded_values)
            other._values = {name: dict(values) for name, values in self._values.items()}
            other._counts, other._widths = dict(self._counts), dict(self._widths)
            return other
        assert self.table is not None
        other.table, other.rows = self.table.take(only), np.arange(len(only))
        other.users, other.times = self.users[only], self.times[only]
        other.labels, other.engagement = self.labels[only], self.engagement[only]
        other._places, other._coded_values, other._values = {}, {}, {}
        other._counts, other._widths, other._order = {}, {}, None
        return other

    def coded(self, users: pa.ChunkedArray | pa.Array) -> NDArray[np.int64]:
        """A code an account, as in `users`; new ones for those that have not been met."""
        return _coded(users, self._codes)

    def of_engagement(self) -> Timeline:
        """The same posts as of this moment, with their engagement for labels."""
        other = copy(self)
        other.labels = self.engagement
        other.schema = replace(self.schema, scales=self.schema.engagement_scales, kind="regression", viral=())
        return other

    def thresholds(
        self, positions: NDArray[np.int64], as_of: NDArray[np.int64], clock: Clock
    ) -> NDArray[np.float32]:
        """float32 [n, targets]: see `benchmark.posts.Posts.threshold`.

        Args:
            as_of: [n] ms, the moment of prediction of each of `positions`.
        """
        assert self.table is not None
        found = np.full((len(positions), len(self.schema.targets)), np.nan, np.float32)
        by_time = np.argsort(self.times, kind="stable")
        order = np.argsort(as_of, kind="stable")
        asked, times = positions[order], self.times[by_time]
        for j, viral in enumerate(self.schema.viral):
            if viral.at_least is not None:
                reached = scaled(np.array(viral.at_least), self.schema.engagement_scales[j])
                found[:, j] = just_below(float(reached))
                continue
            scopes = scope_codes(viral.within, self.table)
            values = self.engagement[by_time, j].astype(np.float64)
            past = Past(scopes[by_time], times, clock.known_at(times), values)
            rule = Rule.of(viral.share, viral.window_days, viral.minimum)
            of = Asked(scopes[asked], as_of[order], as_of[order])
            found[order, j] = thresholds(past, of, rule, newest=True)
        return found

    def tell(self, facts: Mapping[str, pa.Table]) -> None:
        """Facts that have become known, by table, after the posts that go with them."""
        for name, rows in facts.items():
            ledger = self.ledgers[name]
            ledger.extend(rows, {user: _coded(rows[user], self._codes) for user in ledger.with_role("user")})

    def places(self, name: str) -> NDArray[np.int64] | None:
        """[m] positions of the posts that the facts of a table are about, -1 where one has not been handed
        over; None if its facts are not about posts."""
        import pyarrow.compute as pc

        ledger = self.ledgers[name]
        columns = ledger.with_role("post")
        if not columns:
            return None
        state = len(ledger), len(self.rows)
        if name not in self._places or self._places[name][0] != state:
            found = np.full(len(ledger), -1, np.int64)
            if ledger.table is not None and self.table is not None:
                known = self.table["post_id"].combine_chunks()
                places = pc.fill_null(pc.index_in(ledger.table[columns[0]], value_set=known), -1)
                found = places.to_numpy().astype(np.int64)
            self._places[name] = state, found
        return self._places[name][1]

    def learn_categories(self, positions: NDArray[np.int64]) -> None:
        """Fix the levels of the categorical columns from the training posts, and from them alone."""
        import pyarrow.compute as pc

        assert self.table is not None
        for name in self.schema.with_role("category", "categorical"):
            values = pc.unique(pc.cast(self.table[name].take(positions), "string"))
            self.categories[name] = sorted(value for value in values.to_pylist() if value is not None)

    def accounts(self, names: pa.Array) -> NDArray[np.int64]:
        """int64 [p]: their codes; whom nobody has met before gets one."""
        return _coded(names, self._codes)


def _coded(values: pa.ChunkedArray | pa.Array, codes: dict[Any, int]) -> NDArray[np.int64]:
    """One code a value, in the order in which they were first met."""
    import pyarrow.compute as pc

    distinct = pc.unique(values)
    numbers = [codes.setdefault(one, len(codes)) for one in distinct.to_pylist()]
    coded: NDArray[np.int64] = np.array(numbers, np.int64)[pc.index_in(values, distinct).to_numpy()]
    return coded
