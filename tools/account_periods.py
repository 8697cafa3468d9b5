"""Account periods: posts as rows of accounts, one an account and period, for tasks of kind `influence`.

    python -m tools.account_periods influencers OUT --until 2020-12-10
    smpbench run -d OUT/card.toml -b recent_median -b last_value -b ridge

A label is what the account comes to in the period that begins: the median engagement of its posts, on the
logarithmic scale, and how often others name it. Posts of the last days of a period, whose counts have not
settled when it ends, are left out of its label: so it is known, whole, when the next one begins. The columns
are of the posts and edges of the period before. A row is there for each account that published enough posts
in the period before; of one that then falls silent there is no label of engagement, and it is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from tools import command

if TYPE_CHECKING:
    import pandas as pd

DAY_MS = 86_400_000
FEWEST = 3
"""Posts in a period of which a median is taken."""


@dataclass(frozen=True)
class Question:
    """What is asked of each account, and of which periods."""

    start: int
    """ms since 1970, when the first period begins."""
    until: int
    """ms since 1970: no period ends later."""
    days: int = 28
    settled_days: int = 3
    """Counts of a post have settled so many days after it."""

    @property
    def length(self) -> int:
        return self.days * DAY_MS

    @property
    def periods(self) -> int:
        return (self.until - self.start) // self.length


def account_periods(posts: pd.DataFrame, edges: pd.DataFrame, asked: Question) -> pd.DataFrame:
    """A row an account and period, the first period left out: nothing is known before it.

    Args:
        posts: `user_id`, `time` in ms, `engagement`. edges: `author`, `named`, `time` in ms; those of an
            account to itself are left out.

    Returns:
        `row_id`, `user_id`, `time` (when the period begins), labels `engagement` (NaN: too few posts) and
        `named`; of the period before `posts_before`, `named_before`, `namers_before`, `names_before`.
    """
    import pandas as pd

    posts, edges = (_within(one, asked) for one in (posts, edges[edges["author"] != edges["named"]]))
    settled = posts[(posts["time"] - asked.start) % asked.length < asked.length - asked.settled_days * DAY_MS]
    by_account = settled.groupby(["user_id", "period"])["engagement"]
    label = by_account.median()[by_account.size() >= FEWEST]
    published = posts.groupby(["user_id", "period"]).size()
    named = edges.groupby(["named", "period"]).size()
    namers = edges.groupby(["named", "period"])["author"].nunique()
    names = edges.groupby(["author", "period"]).size()
    there = published[published >= FEWEST].index.to_frame(index=False)
    rows = there.assign(before=there["period"], period=there["period"] + 1)
    rows = rows[rows["period"] < asked.periods].sort_values(["period", "user_id"], ignore_index=True)
    now, before = (pd.MultiIndex.from_frame(rows[["user_id", one]]) for one in ("period", "before"))
    times = asked.start + rows["period"] * asked.length
    return pd.DataFrame(
        {
            "row_id": rows["user_id"] + "-" + rows["period"].astype(str),
            "user_id": rows["user_id"],
            "time": times,
            "engagement": label.reindex(now).to_numpy(),
            "named": named.reindex(now, fill_value=0).to_numpy(),
            "posts_before": published.reindex(before, fill_value=0).to_numpy(),
            "named_before": named.reindex(before, fill_value=0).to_numpy(),
            "namers_before": namers.reindex(before, fill_value=0).to_numpy(),
            "names_before": names.reindex(before, fill_value=0).to_numpy(),
        }
    )


def write_card(folder: Path, name: str, rows: pd.DataFrame, asked: Question, cut_off: int) -> Path:
    """A data set in a folder: rows and card. cut_off: the number of the first period that is predicted."""
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    rows.to_csv(folder / "raw" / "rows.csv", index=False)
    moment = np.datetime64(asked.start + cut_off * asked.length, "ms").astype("datetime64[s]")
    card = _CARD.format(name=name, cut_off=f"{moment}Z", days=asked.days)
    (folder / "card.toml").write_text(card, encoding="utf-8")
    return folder / "card.toml"


def main(
    dataset: Annotated[str, typer.Argument(help="A data set with facts of who names whom.")],
    out: Annotated[Path, typer.Argument(help="Folder for rows and card.")],
    until: Annotated[str, typer.Option(help="Day, UTC; no period ends later.")],
    target: Annotated[str, typer.Option(help="A count of posts.")] = "likes",
    days: Annotated[int, typer.Option(help="Length of a period.")] = 28,
    home: Annotated[Path, typer.Option(envvar="SMPBENCH_HOME")] = Path("data"),
    raw: Annotated[list[Path] | None, typer.Option(envvar="SMPBENCH_RAW")] = None,
) -> None:
    """Write a data set of accounts: half of the periods to learn from, half to predict."""
    import pandas as pd

    from benchmark.data.prepare import prepare
    from network.build.build import build
    from smpbench.door.names import chosen_card

    prepared = prepare(chosen_card(dataset), home, raw or [])
    table, counts = prepared.posts(["user_id", "time"]), prepared.targets()[target].to_numpy()
    times = table["time"].cast("int64").to_numpy()
    posts = pd.DataFrame({"user_id": table["user_id"].to_pandas().astype(str), "time": times})
    posts["engagement"] = np.log1p(counts)
    graph = build(prepared).graph
    names = np.asarray(graph.names, object)
    edges = pd.DataFrame(
        {"author": names[graph.source], "named": names[graph.target], "time": graph.known_at}
    )
    edges = edges[edges["named"].isin(set(posts["user_id"]))]
    start = int(pd.Timestamp(times.min(), unit="ms").floor("D").value // 1_000_000)
    end = int(np.datetime64(until, "ms").astype(np.int64))
    asked = Question(start, end, days)
    rows = account_periods(posts.dropna(), edges, asked)
    path = write_card(out, f"{prepared.card.name}_accounts", rows, asked, cut_off=1 + asked.periods // 2)
    silent = int(rows["engagement"].isna().sum())
    print(f"{path}: {len(rows):,} rows, {rows['user_id'].nunique():,} accounts, {asked.periods - 1} periods")
    print(f"{silent:,} rows without a label of engagement: fewer than {FEWEST} posts that had settled")


def _within(rows: pd.DataFrame, asked: Question) -> pd.DataFrame:
    """Those inside the periods, with the number of theirs."""
    period = (rows["time"] - asked.start) // asked.length
    inside = (period >= 0) & (period < asked.periods)
    return rows.assign(period=period)[inside]


_CARD = """\
name = "{name}"
title = "Accounts, period by period"
reader = "table"
raw = "raw/rows.csv"
licence = "As the posts that it is made of."
obtain = "Made by tools/account_periods.py."

[columns]
post_id = {{ role = "id", source = "row_id" }}
user_id = {{ role = "user" }}
time = {{ role = "time", format = "epoch_milliseconds" }}
# Of the period before: who is named often was so then.
posts_before = {{ role = "numeric", resembles_label = true }}
named_before = {{ role = "numeric", resembles_label = true }}
namers_before = {{ role = "numeric", resembles_label = true }}
names_before = {{ role = "numeric", resembles_label = true }}

[targets]
engagement = {{ unit = "median log(count + 1)" }}
named = {{ scale = "log1p", unit = "log(times named + 1)" }}

# Rolling alone: what an account came to in a period is in the columns of the next, which a frozen prediction
# does not know. A label is known when its period ends.

[[tasks]]
name = "engagement"
kind = "influence"
targets = ["engagement"]
protocols = {{ rolling = {{ cut_off = {cut_off}, block_days = {days}, reveal_days = {days} }} }}

[[tasks]]
name = "named"
kind = "influence"
targets = ["named"]
protocols = {{ rolling = {{ cut_off = {cut_off}, block_days = {days}, reveal_days = {days} }} }}
"""


if __name__ == "__main__":
    command.run(lambda: typer.run(main))
