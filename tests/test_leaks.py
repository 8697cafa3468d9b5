"""The leak screen names what tells a label, refuses what is one, and leaves everything else alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from raw_layouts import REAL, ROOT, write_csv
from table_sets import rows, table_card

from benchmark.data.cards import load_card
from benchmark.data.leaks import Leak, leak_line, leaks
from benchmark.data.prepare import prepare
from benchmark.data.report import report_lines
from benchmark.declared.card import Card
from benchmark.errors import DataError

N, ACCOUNTS, TEST = 1200, 60, 960
RNG = np.random.default_rng(3)
Z = RNG.normal(size=N)
LABELS = np.floor(np.expm1(5 + 1.4 * Z))
LOGS, MEDIAN = np.log1p(LABELS), float(np.median(LABELS))
"""Labels of posts an hour apart, the last fifth of them test; they have nothing to do with the account."""
Values = NDArray[Any] | list[Any]


def card_of(role: str, folder: Path = Path(), roles: tuple[str, ...] = (), **column: Any) -> Card:
    keys = {"post_id": {"role": "id"}, "user_id": {"role": "user"}, "time": {"role": "time"}}
    more = {f"other{i}": {"role": one} for i, one in enumerate(roles)}
    columns = {**keys, "secret": {"role": role, **column}, **more}
    task = {"name": "t", "targets": ["likes"], "protocols": {"frozen": {"test_fraction": 0.2}}}
    return table_card(folder, columns=columns, tasks=[task])


def found(
    role: str,
    values: Values,
    *others: Values,
    labels: NDArray[Any] = LABELS,
    accounts: int = ACCOUNTS,
    ids: list[str] | None = None,
    **column: Any,
) -> list[Leak]:
    """What the screen says about a column of these values."""
    n = len(labels)
    kinds = {"numeric": pa.float64(), "place": pa.float32(), "vector": pa.list_(pa.float32())}
    posts = {
        "post_id": ids or [f"id-{i * 7919 % 100_003}" for i in range(n)],
        "user_id": [f"u{i * 7 % accounts}" for i in range(n)],
        "time": pa.array(1_600_000_000_000 + 3_600_000 * np.arange(n)).cast(pa.timestamp("ms")),
        "secret": pa.array(list(values), type=kinds.get(role, pa.string()), from_pandas=True),
    }
    posts |= {f"other{i}": pa.array(list(one), type=pa.float64()) for i, one in enumerate(others)}
    card = card_of(role, roles=("numeric",) * len(others), **column)
    return leaks(card, pa.table(posts), pa.table({"likes": pa.array(labels.astype(float))}))


def noisy(size: float) -> NDArray[Any]:
    return LOGS + np.random.default_rng(5).normal(0, size, N)


def shuffled(values: NDArray[Any]) -> NDArray[Any]:
    return np.random.default_rng(7).permutation(values)


WARNED: dict[str, tuple[str, Callable[[], Values]]] = {
    "with noise": ("numeric", lambda: noisy(1.3)),
    "above the median": ("numeric", lambda: (LABELS > MEDIAN).astype(float)),
    "above the median, in words": ("categorical", lambda: np.where(LABELS > MEDIAN, "hi", "lo")),
    "three levels": ("numeric", lambda: np.floor(3 * LOGS.argsort().argsort() / N)),
    "twelve of them, else nothing": ("numeric", lambda: np.where(np.arange(N) < 12, LABELS, np.nan)),
    "a scrambled code of it": ("numeric", lambda: LABELS * 7919 % 10_007),
    "a word in the text": ("text", lambda: [f"so {'hot' if z > 0 else 'cold'} {i}" for i, z in enumerate(Z)]),
    "a length": ("text", lambda: ["x" * int(10 * one) for one in noisy(1.0).clip(0.2)]),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", WARNED)
def test_what_tells_the_label_well_is_named(kind: str) -> None:
    role, values = WARNED[kind]
    (leak,) = found(role, values())
    assert (leak.column, leak.target, leak.tells) == ("secret", "likes", "the label")
    assert not leak.certain
    assert leak.strength >= 0.7


REFUSED: dict[str, tuple[str, str, Callable[[], Values]]] = {
    "the label": ("the label", "numeric", lambda: LABELS),
    "the label in a place": ("the label", "place", lambda: LABELS),
    "its rank backwards": ("the label", "numeric", lambda: -LOGS.argsort().argsort()),
    "with little noise": ("the label", "numeric", lambda: noisy(0.25)),
    "with either sign": ("the label", "numeric", lambda: LOGS * np.where(shuffled(Z) > 0, 1, -1)),
    "on half of the posts": ("the label", "numeric", lambda: np.where(Z * 1000 % 2 < 1, LABELS, np.nan)),
    "on some of the posts, else 0": ("the label", "numeric", lambda: np.where(Z * 1000 % 2 < 0.4, LABELS, 0)),
    "in the test period": (
        "the label",
        "numeric",
        lambda: np.where(np.arange(N) > TEST, LABELS, shuffled(LABELS)),
    ),
    "away from the median": (
        "the distance of the label from its median",
        "numeric",
        lambda: np.abs(LOGS - np.median(LOGS)),
    ),
    "of the next post": ("the label of the next post", "numeric", lambda: np.roll(LABELS, -1)),
    "in the text": ("the label", "text", lambda: [f"liked by {int(one)} of 5" for one in LABELS]),
    "in the tags": ("the label", "tags", lambda: [f"n{int(one)} sun" for one in LABELS]),
    "in the name of an image": (
        "the label",
        "image",
        lambda: [f"i/{int(v)}_{i}.png" for i, v in enumerate(LABELS)],
    ),
    "in a level a post": (
        "the label",
        "categorical",
        lambda: [f"v{int(v)}_{i}" for i, v in enumerate(LABELS)],
    ),
    "in a vector": (
        "the label",
        "vector",
        lambda: [[one, 0.0, z] for one, z in zip(noisy(0.1), shuffled(Z), strict=True)],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_the_label_or_another_posts_is_refused(kind: str) -> None:
    tells, role, values = REFUSED[kind]
    with pytest.raises(
        DataError, match=rf"column 'secret': looks like {tells},? 'likes'.*availability = \"crawl\""
    ):
        found(role, values())


def test_the_label_of_the_post_before_may_have_been_known_and_is_named() -> None:
    (leak,) = found("numeric", np.roll(LABELS, 1))
    assert leak.tells == "the label of the post before"
    assert not leak.certain


def test_the_label_of_the_accounts_next_post_is_told_from_that_of_the_next() -> None:
    own = np.array([LABELS[i + ACCOUNTS] if i + ACCOUNTS < N else np.nan for i in range(N)])
    with pytest.raises(DataError, match=r"looks like the label of the account's next post, 'likes'"):
        found("numeric", own)


def test_a_mean_over_all_of_an_accounts_labels_is_named() -> None:
    means = LABELS.reshape(-1, ACCOUNTS).mean(axis=0)
    (leak,) = found("numeric", np.tile(means, N // ACCOUNTS))
    assert leak.tells == "the usual label of the account,"


def test_numbers_that_only_together_are_the_label_are_named() -> None:
    noise = np.random.default_rng(9).normal(0, 6, N)
    (leak,) = found("numeric", LOGS + noise, -noise)
    assert leak.by.startswith("together with other numbers")
    assert {"secret", "other0"} == {leak.column, leak.by.split("'")[1]}


def test_an_id_that_tells_the_label_is_named_and_cannot_be_refused() -> None:
    order = LABELS.argsort().argsort()
    (leak,) = found("numeric", shuffled(LABELS), ids=[f"row{one}" for one in order])
    assert (leak.column, leak.by) == ("post_id", "by the first number in it")


# What is left alone


@pytest.mark.slow
@pytest.mark.parametrize(
    ("role", "values"),
    [
        ("numeric", Z[::-1]),
        ("numeric", noisy(2.0)),
        ("numeric", np.full(N, np.nan)),
        ("categorical", [f"level{i}" for i in range(N)]),
        ("text", [f"post {i * 7919 % N} of many, {'ab' * (i % 9)}" for i in range(N)]),
        ("text", [""] * N),
        ("vector", [None] * N),
        ("vector", [[float(i % 7), float(i % 11)] for i in range(N)]),
    ],
)
def test_what_does_not_tell_the_label_is_not_named(role: str, values: Values) -> None:
    assert found(role, values) == []


def test_what_only_goes_with_the_drift_of_an_account_is_no_leak() -> None:
    drifting = np.floor(np.exp(3 + 4 * np.arange(N) / N + 0.8 * Z))
    month = np.arange(N) // 100
    assert found("numeric", month, labels=drifting, accounts=1) == []
    assert found("categorical", [f"m{one}" for one in month], labels=drifting, accounts=1) == []
    (leak,) = found("numeric", np.log(drifting + 1) + noisy(0.7) - LOGS, labels=drifting, accounts=1)
    assert leak.tells == "the label"


@pytest.mark.parametrize("accounts", [3, ACCOUNTS])
def test_what_names_the_account_is_no_leak(accounts: int) -> None:
    who = np.arange(N) * 7 % accounts
    labels = np.floor(np.exp(3 + 4 * who / accounts + 0.5 * Z))
    assert (
        found("categorical", [f"alias of {'abc'[i % 3]}{i}" for i in who], labels=labels, accounts=accounts)
        == []
    )


def test_a_small_number_that_is_the_label_by_chance_is_no_copy() -> None:
    few = np.minimum(LABELS // 100, 6)
    assert found("numeric", shuffled(few), labels=few) == []


@pytest.mark.parametrize("labels", [np.zeros(N), np.full(N, np.nan), (Z > 2).astype(float)])
def test_labels_without_order_are_screened_without_complaint(labels: NDArray[Any]) -> None:
    assert found("numeric", Z[::-1], labels=labels) == []


def test_what_is_withheld_is_not_looked_at_and_what_is_excused_is_named_with_its_excuse() -> None:
    assert found("numeric", LABELS, availability="crawl") == []
    (leak,) = found("numeric", LABELS, resembles_label=True)
    assert leak_line(leak.as_json()).endswith("; the card says that it may")


def test_few_posts_are_no_ground_for_a_warning() -> None:
    few = LABELS[:40]
    assert found("numeric", shuffled(few), labels=few) == []


def test_a_task_is_screened_over_its_own_posts(tmp_path: Path) -> None:
    """A level that tells posts of the task from others tells their labels, and is no leak."""
    kind = np.where(np.arange(N) % 2 == 0, "reply", "post")
    labels = np.floor(np.exp(2 + 4.0 * (kind == "post") + 0.5 * Z))
    (leak,) = found("categorical", kind, labels=labels)
    assert leak.strength > 0.8
    task = {"name": "t", "targets": ["likes"], "filter": {"where": {"secret": "post"}}}
    card = card_of("categorical", tmp_path)
    own = table_card(
        tmp_path,
        columns={name: one.model_dump() for name, one in card.columns.items()},
        tasks=[{**task, "protocols": {"frozen": {"test_fraction": 0.2}}}],
    )
    posts = {
        "post_id": [f"{i * 7919 % 100_003}" for i in range(N)],
        "user_id": ["u"] * N,
        "time": pa.array(1_600_000_000_000 + 3_600_000 * np.arange(N)).cast(pa.timestamp("ms")),
        "secret": kind.tolist(),
    }
    assert leaks(own, pa.table(posts), pa.table({"likes": labels})) == []


# In the report


def test_a_warning_is_in_the_report_as_data_and_as_a_line(tmp_path: Path) -> None:
    content = [{**row, "hint": "hi" if row["likes"] > 40 else "lo"} for row in rows(90)]
    for row in content:
        row |= {"post_id": f"p{row['likes'] * 7919 % 100_003}", "text": "t"}
    write_csv(tmp_path / "raw" / "mine.csv", content)
    columns = {name: one.model_dump() for name, one in table_card(tmp_path).columns.items()}
    card = table_card(tmp_path, columns={**columns, "hint": {"role": "categorical"}})
    prepared = prepare(card, tmp_path / "home", [])
    (leak,) = prepared.report["leaks"]
    assert (leak["column"], leak["target"], leak["tells"]) == ("hint", "likes", "the label")
    assert leak["period"] == "all posts"
    assert leak["posts"] == 90
    assert any("may leak: column 'hint' tells the label 'likes'" in line for line in report_lines(prepared))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["smpd_video", "musk_tweets", "twitter_ratio", "influencers", "influencers_instagram"]
)
def test_no_column_of_the_real_sets_is_named(tmp_path: Path, name: str) -> None:
    card = load_card(ROOT / "datasets" / name / "card.toml")
    real = Path(os.environ.get("SMPBENCH_RAW", REAL))
    if not any((real / raw).is_dir() for raw in card.raw):
        pytest.skip(f"no real data of {name} in {real}")
    assert prepare(card, tmp_path, [real]).report["leaks"] == []
