"""How well the desk chooses: fit until a day, then rank every later week of every account.

    python -m tools.desk_choice -d influencers --until 2020-07-01

Prints, over all account-weeks of five posts or more, the mean percentile among its week's posts of the post
that is chosen: by the desk's expected engagement, by its chance to go viral, at random, the longest text, the
latest post; each with a 95% interval by accounts. And how often later posts lay inside the 90% intervals.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.data.prepare import prepare
from benchmark.run.options import cores
from benchmark.run.progress import Progress
from benchmark.run.tasks import TaskPosts
from benchmark.scores.bootstrap import interval
from benchmark.scores.measures.resamples import Resamples
from desk.model.features import features_of
from desk.model.fitting import Fitted, fit
from desk.model.intervals import bounds
from desk.model.part import Part
from smpbench.door.names import chosen_baseline, chosen_card, home_folder, raw_roots
from tools import command

FEWEST = 5
WEEK_MS, MONDAY_MS = 7 * 86_400_000, 4 * 86_400_000
Floats = NDArray[np.float64]


class Later:
    """The posts after the day, of one task of the model, in the columns of its parts."""

    def __init__(self, fitted: Fitted, part: Part, prepared: object, features: object, until: int) -> None:
        task = fitted.card.task(part.told.task)
        posts = TaskPosts.of(prepared, task)  # type: ignore[arg-type]
        rows = np.flatnonzero((posts.times >= until) & ~np.isnan(posts.labels).any(axis=1))
        self.rows, self.times = posts.rows[rows], posts.times[rows]
        self.labels = posts.labels[rows]
        self.engagement = self.labels[:, 0] if posts.engagement is None else posts.engagement[rows, 0]
        self.table = posts.visible(part.columns.names[3:]).take(rows).select(part.columns.names)
        self.users = posts.users[rows]
        placed = {name: _Of(features(name), self.rows) for name in part.told.encodings}  # type: ignore[operator]
        self.posts = part.posts(self.table, placed)  # type: ignore[arg-type]
        self.predicted: Floats = part.predict(self.posts).astype(np.float64)


class _Of:
    def __init__(self, features: object, rows: NDArray[np.int64]) -> None:
        self.features, self.own = features, rows

    def rows(self, index: NDArray[np.int64]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self.features.rows(self.own[index])  # type: ignore[attr-defined]
        return found

    def ok(self, index: NDArray[np.int64]) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = self.features.ok(self.own[index])  # type: ignore[attr-defined]
        return found


def weeks(users: NDArray[np.int64], times: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The posts of each account and week (UTC, from Monday on) of FEWEST or more."""
    codes = users * 1_000_000 + (times + WEEK_MS - MONDAY_MS) // WEEK_MS
    order = np.argsort(codes, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        if len(rows) >= FEWEST:
            yield rows


def percentile(engagement: Floats, by: Floats) -> float:
    """Which share of the other posts of a week the chosen one beats; of equally good choices the mean, and
    half of it for an equal post."""
    chosen = np.flatnonzero(by == by.max())
    beaten = [
        ((engagement < engagement[i]).sum() + ((engagement == engagement[i]).sum() - 1) / 2)
        / (len(engagement) - 1)
        for i in chosen
    ]
    return float(np.mean(beaten))


def with_interval(values: Floats, clusters: NDArray[np.int64]) -> str:
    _, codes = np.unique(clusters, return_inverse=True)
    resamples = Resamples(codes)
    sums = resamples.summed(np.stack([values, np.ones_like(values)]))
    found = np.concatenate([counts.astype(float) @ sums for _, counts in resamples.blocks()])
    low, high = interval(found[:, 0] / found[:, 1], n_clusters=resamples.n_clusters)
    return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("-d", "--dataset", required=True)
    parser.add_argument("-b", "--baseline", default="lightgbm:+history")
    parser.add_argument("--until", type=dt.date.fromisoformat, required=True)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--raw", type=Path)
    asked = parser.parse_args(arguments)
    home, progress = home_folder(asked.home), Progress()
    prepared = prepare(chosen_card(asked.dataset), home, raw_roots(asked.raw))

    def features(encoding: str) -> object:
        return features_of(prepared, encoding, "bundled", home, progress)

    until = round(dt.datetime.combine(asked.until, dt.time(), dt.UTC).timestamp() * 1000)
    fitted = fit(
        prepared,
        chosen_baseline(asked.baseline),
        features,  # type: ignore[arg-type]
        profile="bundled",
        until=until,
        threads=cores(),
        say=progress.say,
    )
    engaged = Later(fitted, fitted.engagement, prepared, features, until)
    print(f"{asked.dataset}: fitted on {len(fitted.engagement.known.labelled):,} posts until {asked.until}")
    _print_coverage(fitted, engaged)
    if fitted.virality is None:
        _print_choices(engaged, {"the desk, by what it expects": engaged.predicted[:, 0]})
        return
    import dataclasses

    prepared = dataclasses.replace(prepared, card=fitted.card)
    viral = Later(fitted, fitted.virality, prepared, features, until)
    expects = dict(zip(engaged.rows.tolist(), engaged.predicted[:, 0].tolist(), strict=True))
    by = np.array([expects.get(row, np.nan) for row in viral.rows.tolist()])
    both = ~np.isnan(by)
    _print_choices(
        viral,
        {"the desk, by what it expects": by, "the desk, by the chance to go viral": viral.predicted[:, 0]},
        both,
    )


def _print_choices(of: Later, choices: dict[str, Floats], keep: NDArray[np.bool_] | None = None) -> None:
    lengths = np.array([len(text) for text in of.posts.text()], np.float64)
    every = {
        **{name: np.asarray(one, np.float64) for name, one in choices.items()},
        "the longest text": lengths,
        "the latest": of.times.astype(np.float64),
        "at random": np.zeros(len(lengths)),
    }
    kept = np.arange(len(lengths)) if keep is None else np.flatnonzero(keep)
    found = [kept[rows] for rows in weeks(of.users[kept], of.times[kept])]
    users = np.array([of.users[rows[0]] for rows in found])
    print(f"{len(found):,} account-weeks of {FEWEST} posts or more, {len(np.unique(users))} accounts")
    scores = {
        name: np.array([percentile(of.engagement[rows], by[rows]) for rows in found])
        for name, by in every.items()
    }
    first = next(iter(scores))
    for name, values in scores.items():
        told = f"  {name:36} {with_interval(values, users)}"
        if name != first:
            told += f"   {first} less this: {with_interval(scores[first] - values, users)}"
        print(told)


def _print_coverage(fitted: Fitted, later: Later) -> None:
    inside = np.empty(len(later.rows), bool)
    known = later.posts.history().known > 0
    levels = fitted.card.with_role("category")
    categories = later.table[levels[0]].to_pylist() if levels else [""] * len(inside)
    accounts = later.table["user_id"].to_pylist()
    ends: dict[tuple[str, str, bool], tuple[float, float]] = {}
    for i, key in enumerate(zip(accounts, categories, known.tolist(), strict=True)):
        if key not in ends:
            _, errors = fitted.calibration.group(key[0], key[1] or "", key[2])
            low, high = bounds(errors)
            ends[key] = float(low[0]), float(high[0])
        error = later.labels[i, 0] - later.predicted[i, 0]
        inside[i] = ends[key][0] <= error <= ends[key][1]
    users = later.users
    told = "not enough posts" if fitted.coverage is None else f"{fitted.coverage:.3f}"
    print(f"90% intervals: {told} of posts held out in fitting")
    print(f"  of all {len(inside):,} later posts {with_interval(inside.astype(float), users)}")
    months = later.times.astype("datetime64[ms]").astype("datetime64[M]")
    for month in np.unique(months):
        print(f"  {month}: {inside[months == month].mean():.3f} of {(months == month).sum():,}")


if __name__ == "__main__":
    command.run(main)
