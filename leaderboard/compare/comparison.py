"""Comparison: what two boards, or two baselines, say of each other, and whether it can be told at all.

A difference is B - A. Where both sides have the replicates of a row they share their resamples, and the
interval is that of the paired differences, as on the board. From two files alone it is made of the two
published intervals as those of independent scores: a root of a sum of squares either way (MOVER: Zou &
Donner, Statistics in Medicine, 2008). On the same posts that is too wide: what is hard is hard for both rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.errors import UnknownName
from benchmark.scores.drawn import Drawn
from benchmark.scores.measures import measure
from benchmark.scores.narrow import sentences
from leaderboard.compare.names import sides
from leaderboard.compare.sides import LINE, Side
from leaderboard.tables.paired import ROUNDING, paired_interval
from leaderboard.tables.rows import NAME
from leaderboard.tables.skill import KNOWN, SKILL, sign
from leaderboard.tables.table import Derived

COMPARED = {
    "protocol version": "protocol_version",
    "data fingerprint": "data_fingerprint",
    "test posts": "posts",
}
"""What rows must share to be compared, and its column."""
VERDICTS = ("worse", "better", "different", "equivalent", "cannot tell", "same", "not compared")
"""Of B. `different`: apart, where neither end is better. `equivalent`: the whole interval lies within the
margin. `same`: B is what A was, in every resample."""
LEVEL = 0.05
CHANGES = [
    "what",
    "dataset",
    "task",
    "protocol",
    "baseline",
    "variant",
    "profile",
    "crawl",
    "before",
    "after",
]
RESULT = [*LINE, "n", "a", "b", "difference", "low", "high", "p", "margin", "paired", "verdict", "changed"]


@dataclass(frozen=True)
class Comparison:
    a: str
    b: str
    measures: tuple[str, ...]
    lines: pd.DataFrame
    """`RESULT`: a line a row, target and measure that both sides have; `low`, `high`: the 95% interval of the
    difference, NaN where there is none; `p`: of no difference, by that interval, corrected for the number of
    lines where that was asked for; `margin`: below it a difference does not matter."""
    changes: pd.DataFrame
    """`CHANGES`: what appeared, disappeared, or is not what it was; of a whole table if no row is named."""
    forced: bool
    holm: bool = False
    narrow: tuple[str, ...] = ()
    """Of which tables intervals are too narrow, and by how much: a sentence each, as beside the board."""
    trained_once: int = 0
    """Lines with a side that learns and has one seed: their intervals hold no chance of training."""

    @property
    def refused(self) -> list[str]:
        """Tables that are not compared, and why: a phrase each."""
        apart = self.changes[self.changes["what"].isin(COMPARED)]
        return [] if self.forced else _phrases(apart)

    @property
    def regressions(self) -> list[str]:
        """Rows that are worse, by more than the margin, or have lost their scores: a phrase each."""
        worse = self.lines[self.lines["verdict"] == "worse"]
        found = [
            f"{row_called(line)} on {table_called(line)}, {line['target']}: {line['measure']} "
            f"{line['a']:.6g} -> {line['b']:.6g}"
            for line in worse.to_dict("records")
        ]
        status = self.changes[self.changes["what"] == "status"]
        return found + _phrases(status[status["before"].isin(["ok", "ceiling"])])


def compare(
    a: str,
    b: str,
    *,
    home: Path,
    measures: Sequence[str] | None = None,
    profile: str | None = None,
    force: bool = False,
    margin: float | None = None,
    holm: bool = False,
    datasets: Sequence[str] | None = None,
) -> Comparison:
    """Compare what the names stand for: see `leaderboard.compare.names.sides`.

    Args:
        measures: None for each task's primary one.
        margin: a difference of less than this share of the reference's error is none that matters; None for
            what the card of each task says.
        datasets: names of those that are compared; None for all.
        holm: correct for the number of lines (Holm, Scandinavian Journal of Statistics, 1979).

    Raises:
        ValueError: a margin that is no share.
        UnknownName: a measure, a side or a data set that nothing answers to.
        SmpbenchError: a side is not what it should be.
    """
    for name in measures or ():
        if name not in KNOWN:
            raise UnknownName("measure", name, KNOWN)
    one, other = sides(a, b, home=home, measures=measures, profile=profile)
    if datasets is not None:
        known = {*one.lines["dataset"], *other.lines["dataset"]}
        for name in datasets:
            if name not in known:
                raise UnknownName("data set of either side", name, known)
        one, other = one.of_data_sets(datasets), other.of_data_sets(datasets)
    return compare_sides(one, other, measures, force=force, margin=margin, holm=holm)


def compare_sides(
    a: Side,
    b: Side,
    measures: Sequence[str] | None = None,
    *,
    force: bool = False,
    margin: float | None = None,
    holm: bool = False,
) -> Comparison:
    """Line by line. Lines of different protocol versions, data or test posts are compared only by `force`."""
    if margin is not None and not 0 <= margin < 1:
        raise ValueError(f"a margin is a share of an error, from 0 to less than 1, and not {margin}")
    changes = _changes(a, b)
    lines = _scored(a, measures).merge(_scored(b, measures), on=LINE, suffixes=("_a", "_b"))
    lines = lines.assign(n=lines["n_test_b"], a=lines["score_a"], b=lines["score_b"])
    lines["difference"] = lines["b"] - lines["a"]
    lines["changed"] = _changed(lines)
    lines["refused"] = (
        False if force else np.logical_or.reduce([_apart(lines, what) for what in COMPARED.values()])
    )
    lines = _with_intervals(lines, a, b)
    lines["p"] = _p_values(lines, holm)
    lines["margin"] = (lines["margin_a"] if margin is None else margin) * _errors(lines, a)
    lines["verdict"] = _verdicts(lines, holm)
    named = tuple(measures or dict.fromkeys(lines["measure"]))
    narrow, once = tuple(_too_narrow(lines, a, b)), _trained_once(lines, a, b)
    return Comparison(a.name, b.name, named, lines[RESULT], changes, force, holm, narrow, once)


def row_called(line: dict[str, Any]) -> str:
    """As on the command line, with what else sets the row apart."""
    name = line["baseline"] + ("" if line["variant"] == "default" else f":{line['variant']}")
    name += "" if line["profile"] in ("none", "bundled") else f" ({line['profile']})"
    return name + (" with crawl-time columns" if line["crawl"] else "")


def table_called(line: dict[str, Any]) -> str:
    return f"{line['dataset']} {line['task']} {line['protocol']}"


def _scored(side: Side, measures: Sequence[str] | None) -> pd.DataFrame:
    name = side.lines["measure"]
    asked = name == side.lines["primary"] if measures is None else name.isin(measures)
    lines = side.lines[asked & side.lines["score"].notna()]
    return _with_posts(lines)


def _with_posts(lines: pd.DataFrame) -> pd.DataFrame:
    """With what is known of the posts that were predicted: their number, and the key of the truth if any."""
    told = zip(lines["n_test"], lines["truth_key"], strict=True)
    posts = [f"{n:.0f} posts" + (f", {key[:16]}" if key else "") for n, key in told]
    return lines.assign(posts=pd.Series(posts, index=lines.index, dtype=str))


def _apart(lines: pd.DataFrame, column: str) -> pd.Series:
    """Do the two sides differ? A file has no key of the truth: then the number of posts must do."""
    if column != "posts":
        return lines[f"{column}_a"] != lines[f"{column}_b"]
    predicted = lines["n_test_a"].notna() & lines["n_test_b"].notna()
    keyed = (lines["truth_key_a"] != "") & (lines["truth_key_b"] != "")
    other_key = keyed & (lines["truth_key_a"] != lines["truth_key_b"])
    return predicted & (other_key | (lines["n_test_a"] != lines["n_test_b"]))


def _changed(lines: pd.DataFrame) -> pd.Series:
    """What of a line is not what it was: `code; data fingerprint`."""
    parts = {what: _apart(lines, column) for what, column in ({"code": "code_hash"} | COMPARED).items()}
    told = pd.Series("", index=lines.index, dtype=object)
    for what, apart in parts.items():
        told = told.where(~apart, told + f"; {what}")
    return told.str.removeprefix("; ")


def _changes(a: Side, b: Side) -> pd.DataFrame:
    before, after = (_with_posts(side.lines.drop_duplicates(NAME)) for side in (a, b))
    both = before.merge(after, on=NAME, suffixes=("_a", "_b"))
    names = [pd.MultiIndex.from_frame(rows[NAME]) for rows in (before, after)]
    new, gone = after[~names[1].isin(names[0])], before[~names[0].isin(names[1])]
    found = [
        new.assign(what="appeared", before="", after=new["status"]),
        gone.assign(what="disappeared", before=gone["status"], after=""),
    ]
    for what, column in (COMPARED | {"code": "code_hash", "status": "status"}).items():
        here = both[_apart(both, column)]
        here = here.assign(what=what, before=here[f"{column}_a"], after=here[f"{column}_b"])
        if what in COMPARED:
            here[["baseline", "variant", "profile"]], here["crawl"] = "", False
        found.append(here[CHANGES].drop_duplicates())
    return pd.concat([one[CHANGES] for one in found], ignore_index=True)


def _with_intervals(lines: pd.DataFrame, a: Side, b: Side) -> pd.DataFrame:
    """With `low`, `high`, whether they are `paired`, and whether a line is the `same` on both sides."""
    down = np.hypot(lines["b"] - lines["score_low_b"], lines["score_high_a"] - lines["a"])
    up = np.hypot(lines["score_high_b"] - lines["b"], lines["a"] - lines["score_low_a"])
    ends = {"low": lines["difference"] - down, "high": lines["difference"] + up, "paired": False}
    lines = lines.assign(**ends, same=_same(lines))
    told = [_paired(line, a, b) for line in lines.to_dict("records")] if a.rows and b.rows else []
    if found := {at: one for at, one in zip(lines.index, told, strict=False) if one is not None}:
        columns = ["low", "high", "paired", "same"]
        paired = pd.DataFrame.from_dict(found, orient="index", columns=columns)
        lines.loc[paired.index, columns] = paired
    lines.loc[lines["refused"], ["difference", "low", "high"]] = np.nan
    return lines


def _same(lines: pd.DataFrame) -> pd.Series:
    """Of scores without replicates: the same to the printed digit, of the same code on the same data."""
    same = pd.Series(True, index=lines.index)
    for name in ("score", "score_low", "score_high", "code_hash", *list(COMPARED.values())[:2]):
        one, other = lines[f"{name}_a"], lines[f"{name}_b"]
        same &= (one == other) | (one.isna() & other.isna())
    return same


def _paired(line: dict[str, Any], a: Side, b: Side) -> tuple[float, float, bool, bool] | None:
    """Low, high, True for paired, and whether every resample is the same; None if it is not to be had."""
    name = tuple(line[column] for column in NAME)
    one, other = a.rows.get(name), b.rows.get(name)
    if one is None or other is None:
        return None
    if line["refused"] or line["truth_key_a"] != line["truth_key_b"]:
        return None
    at = line["target"], line["measure"]
    ours, theirs = a.table_of(one), b.table_of(other)
    if isinstance(ours, Derived) and isinstance(theirs, Derived):
        sides = theirs.replicates(other, *at), ours.replicates(one, *at)
        low, high, same = paired_interval(*sides, theirs.uncertainty)
    elif ours is theirs:  # as it was published
        apart = theirs.difference(other, one, *at)
        low, high, same = apart.low, apart.high, apart.same
        if np.isnan(low):
            return None
    else:
        return None
    return low, high, True, same and abs(line["difference"]) <= ROUNDING


def _p_values(lines: pd.DataFrame, holm: bool) -> pd.Series:
    """Two-sided, of no difference: by how many of its own half-widths an interval lies from 0, as of a normal
    distribution. What is the same or not compared has none, and is no comparison to correct for."""
    from scipy.special import ndtr

    difference = lines["difference"]
    half = np.where(difference > 0, difference - lines["low"], lines["high"] - difference)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.where(difference == 0, 0.0, np.abs(difference) / half)
    p = pd.Series(2 * ndtr(-1.96 * apart), index=lines.index)
    p = p.mask(lines["refused"] | lines["same"].astype(bool) | difference.isna() | lines["low"].isna())
    if not holm:
        return p
    ascending = p.dropna().sort_values(kind="stable")
    corrected = (ascending * np.arange(len(ascending), 0, -1)).cummax().clip(upper=1)
    return corrected.reindex(p.index)


def _too_narrow(lines: pd.DataFrame, a: Side, b: Side) -> Iterator[str]:
    """What there is to say of the intervals of each table whose rows are at hand; of the target that drifts
    most."""
    told: dict[str, tuple[Drawn, list[float]]] = {}
    for name, line in _told_apart(lines):
        if (side := next((one for one in (b, a) if name in one.rows), None)) is not None:
            table = side.table_of(side.rows[name])
            drift = table.drift(side.rows[name], line["target"], line["measure"])
            told.setdefault(table_called(line), (table.drawn, []))[1].append(drift)
    for called, (drawn, drifts) in told.items():
        most = max((one for one in drifts if not np.isnan(one)), default=np.nan)
        yield from (f"{called}: {said}." for said in sentences(drawn, most))


def _trained_once(lines: pd.DataFrame, a: Side, b: Side) -> int:
    """How many lines have a side that learns and has one seed, of the sides whose rows are at hand."""
    every = ([side.rows[name] for side in (a, b) if name in side.rows] for name, _ in _told_apart(lines))
    return sum(any(len(row.seeds) == 1 and row.about.family != "naive" for row in rows) for rows in every)


def _told_apart(lines: pd.DataFrame) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """The name of the row, and the line, of those that are compared and not the same."""
    for line in lines[~lines["verdict"].isin(["same", "not compared"])].to_dict("records"):
        yield tuple(line[column] for column in NAME), line


def _errors(lines: pd.DataFrame, a: Side) -> pd.Series:
    """The error of the reference beside A's row, by each line's measure; of A's row where there is none."""
    table = ["dataset", "task", "protocol", "target", "measure"]
    scored = a.lines[a.lines["measure"].notna() & ~a.lines["crawl"].astype(bool)]
    wanted = scored[(scored["baseline"] == scored["reference"]) & (scored["variant"] == "default")]
    known = wanted.drop_duplicates(table).set_index(table)["score"]
    of_reference = known.reindex(pd.MultiIndex.from_frame(lines[table])).to_numpy()
    if np.isnan(of_reference).any():  # the board has more rows than are compared
        beside = [_reference_score(line, a) for line in lines.to_dict("records")]
        of_reference = np.where(np.isnan(of_reference), beside, of_reference)
    scores = np.where(np.isnan(of_reference), lines["a"], of_reference)
    found = [_error(name, score) for name, score in zip(lines["measure"], scores, strict=True)]
    return pd.Series(found, index=lines.index, dtype=np.float64)


def _reference_score(line: dict[str, Any], a: Side) -> float:
    """Of the reference in the table of A's row; NaN where there is none, or it lacks the measure."""
    row = a.rows.get(tuple(line[column] for column in NAME))
    if row is None or line["measure"] == SKILL:
        return np.nan
    table = a.table_of(row)
    reference = table.reference
    if reference is None or line["measure"] not in reference.measures(line["target"]):
        return np.nan
    return table.score(reference, line["target"], line["measure"])


def _error(name: str, score: float) -> float:
    """Skill is a share of the reference's error, which is 1."""
    return 1.0 if name == SKILL else float(measure(name).error(score))


def _verdicts(lines: pd.DataFrame, holm: bool) -> np.ndarray[Any, Any]:
    """Better or worse is what cannot be chance and is more than the margin."""
    better = lines["measure"].map({name: sign(name) or np.nan for name in KNOWN})
    apart = (lines["low"] > 0) | (lines["high"] < 0)
    if holm:
        apart &= lines["p"] <= LEVEL
    apart &= lines["difference"].abs() > lines["margin"]
    within = (lines["low"] >= -lines["margin"]) & (lines["high"] <= lines["margin"])
    gain = better * lines["difference"]
    return np.select(
        [lines["refused"], lines["same"], within, apart & (gain > 0), apart & (gain < 0), apart],
        ["not compared", "same", "equivalent", "better", "worse", "different"],
        "cannot tell",
    )


def _phrases(changes: pd.DataFrame) -> list[str]:
    found = []
    for line in changes.to_dict("records"):
        where = f"{row_called(line)} on {table_called(line)}" if line["baseline"] else table_called(line)
        found.append(f"{where}: {line['what']} {line['before'][:40]} -> {line['after'][:40]}")
    return found
