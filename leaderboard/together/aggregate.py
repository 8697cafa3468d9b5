"""Aggregate: one standing over many tasks: skill, mean rank, win rate, improvability and Elo.

The statistics are those of `bencheval`. It wants a score in every cell; what stands in one that is missing is
decided here, so that nobody rises by leaving out what goes badly.

A task is a (data set, task, protocol). A data set weighs one, however many tasks and targets it has: likes
and replies of the same posts, frozen and rolling, are no independent evidence. They are to `bencheval` what
repeated splits are: a rank, a win and a loss are found for each and averaged within the data set before data
sets are averaged; tests count data sets, and Elo's interval resamples them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from benchmark.errors import SmpbenchError, UnknownName
from benchmark.scores.measures import MEASURES, measure
from leaderboard.tables.scores import EXTERNAL
from leaderboard.together.critical_difference import CriticalDifference, critical_difference, diagram

Policy = Literal["error", "drop", "impute"]
POLICIES: tuple[Policy, ...] = get_args(Policy)

ENOUGH_TASKS = 10
"""Over fewer data sets an aggregate is called weak."""
ENOUGH_POSTS, ENOUGH_CLUSTERS = 100, 20
"""Tasks of fewer test posts, or of fewer accounts that count (of a few accounts: whole weeks, however many
blocks they are cut into), do not count: whoever is ahead there is ahead by chance."""
ENOUGH_FOR_ELO = 5
"""Data sets: of fewer, resamples say nothing of how far Elo may be off, and there is none."""

SEVERAL = "(reference)"
"""The row that stands for the references of tasks which have several; no baseline can be called so."""
ELO_OF_REFERENCE = 1000
ELO_ROUNDS = 200
"""Resamples of the data sets behind the intervals of Elo; `bencheval` seeds them with 0."""

TABLE = [
    *("row", "tasks", "imputed", "skill", "mean_rank", "win_rate", "improvability"),
    *("elo", "elo_low", "elo_high"),
]

RULES: dict[str, str] = {
    "error": "Every row has a score on every task.",
    "drop": "Rows that miss a task are left out.",
    "impute": (
        "A missing score ranks last on its task. For skill and improvability it counts as the worst score "
        "of the other rows there, or as that of {reference} if that is worse; nor does a score that is "
        "there count as worse than that. So no row rises by leaving out a task."
    ),
}
"""What each policy does with missing cells, in words."""


class AggregateError(SmpbenchError):
    """The tasks of a board cannot be aggregated; the text names the row and the task."""


@dataclass(frozen=True, eq=False)
class Aggregate:
    """Some rows over some tasks."""

    policy: str
    measures: tuple[str, ...]
    """By which the tasks are ranked."""
    reference: str
    """The row that skill and Elo are measured against; `SEVERAL` where tasks have several."""
    tasks: tuple[str, ...]
    """`data set task protocol` each, sorted."""
    table: pd.DataFrame
    """Columns `TABLE`, best first: by mean rank, then skill. `tasks` counts those with a score for every
    target, `imputed` the others. Elo is 1000 for the reference; its 95% interval resamples the data sets;
    NaN of fewer than `ENOUGH_FOR_ELO`."""
    win_rates: pd.DataFrame
    """float64 [rows, rows] in the table's order: share of tasks that the row of the line wins from that of
    the column, a tie being half a win; NaN on the diagonal."""
    critical: CriticalDifference
    diagram: str
    """SVG of the mean ranks and of what cannot be told apart."""
    notes: tuple[str, ...]
    """Sentences that belong beside the table."""


def aggregate(
    board: pd.DataFrame,
    *,
    policy: Policy = "impute",
    measure: str | None = None,
    synthetic: Collection[str] = (),
) -> Aggregate:
    """Aggregate the ranked publish-time rows of a board over its tasks.

    Tasks of fewer than `ENOUGH_POSTS` test posts or `ENOUGH_CLUSTERS` clusters do not count, and a note names
    them. Crawl-time rows, study rows and ceilings are no rivals; nor are external rows, whose coming or going
    would move everyone else. Skill is 1 less the geometric mean over tasks of error / error of the reference,
    improvability the mean share of a row's error that the best row of the task is free of (Erickson et al.,
    TabArena, 2025). An error is how far a score is from perfect.

    Under `impute` no row can better its place, in any column, by leaving out a task. A missing cell ranks
    last, alone or with the other missing ones: the row's own rank gets no better by it, and no other's worse.
    Mean rank and win rate are means of ranks, and on a schedule without holes Elo puts rows in the order of
    their wins. For skill and improvability a score that is gone cannot be known to have been bad, so its
    replacement must be as bad as any score may count: a row's error counts as `min(error, cap)`, the cap
    being the worst error of the *other* rows on that task, at least the reference's, and a missing one as the
    cap. The row's own count gets no better by leaving it out, since its cap does not depend on it; the
    others' caps get no worse.

    Args:
        board: as `tables.leaderboard` gives it, in any order.
        policy: what becomes of a row without a score on some task: `error`, `drop` the row, or `impute`.
        measure: what ranks the rows; None for each task's primary measure. Tasks without it are left out, and
            a note says so.
        synthetic: data sets to leave out. Made-up and real data say different things: give a board of the
            one kind, or name the others here.

    Raises:
        UnknownName: no such policy, or no such measure that ranks.
        AggregateError: a cell is missing under `error`, the reference misses a task, there are fewer than
            two rows, or a cell has two scores.
    """
    if policy not in POLICIES:
        raise UnknownName("policy", policy, POLICIES)
    ranking = [name for name, one in MEASURES.items() if one.better]
    if measure is not None and measure not in ranking:
        raise UnknownName("measure that ranks", measure, ranking)
    rivals, too_small = _large_enough(_rivals(board, synthetic))
    lines, aside = _ranked_by(rivals, measure)
    errors, left_out = _errors(lines)
    if lines.empty and too_small:
        raise AggregateError(f"no task is large enough to count: {'; '.join(too_small)}")
    errors, reference = _with_reference(errors, lines, measure)
    held = _held(errors, policy, lines)
    if len(held) < 2:
        raise AggregateError(
            f"an aggregate needs two rows or more; policy '{policy}' leaves {len(held)} of {len(errors)}. "
            "Run another baseline on every task, or choose policy 'impute'"
        )
    table, win_rates, ranks = _statistics(held, policy, reference)
    critical = critical_difference(ranks)
    tasks = tuple(dict.fromkeys(errors.columns.get_level_values("task")))
    rules = RULES[policy].format(reference=reference)
    notes = [_weakness(tasks, len(ranks)), rules, *_missing(errors, policy, lines), critical.sentence]
    if table["skill"].isna().any():
        notes.append(f"Skill is undefined: on some task the error of {reference} is 0.")
    if reference == SEVERAL:
        notes.append(f"{SEVERAL} is the reference of each task: {', '.join(_references(lines, tasks))}.")
    if aside:
        notes.append(f"Not scored by {measure}, and left out: {', '.join(aside)}.")
    if too_small:
        notes.append(f"Too small to count, and left out: {'; '.join(too_small)}.")
    if left_out:
        notes.append(f"Without a score on any task, and left out: {', '.join(left_out)}.")
    if externals := sorted(set(board.loc[board["variant"] == EXTERNAL, "baseline"])):
        notes.append(f"External, and left out: {', '.join(externals)}.")
    names = tuple(dict.fromkeys(lines["ranked_by"]))
    return Aggregate(
        policy, names, reference, tasks, table, win_rates, critical, diagram(critical), tuple(notes)
    )


def _rivals(board: pd.DataFrame, synthetic: Collection[str]) -> pd.DataFrame:
    """The lines that count, with the names of their `row` and `task`."""
    aside = board["study"].astype(bool) | board["crawl"].astype(bool) | (board["status"] == "ceiling")
    aside |= (board["variant"] == EXTERNAL) | board["dataset"].isin(list(synthetic))
    lines = board[~aside].copy()
    lines["task"] = lines["dataset"] + " " + lines["task"] + " " + lines["protocol"]
    plain = lines["baseline"] + lines["variant"].map(lambda name: "" if name == "default" else f" {name}")
    profiles = lines["profile"].groupby(plain).transform("nunique") > 1
    lines["row"] = plain.where(~profiles, plain + " (" + lines["profile"] + ")")
    return lines


def _large_enough(lines: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The lines of tasks that count, and of the others a phrase each: which, and why."""
    told = []
    for task, of_task in lines.groupby("task", sort=True):
        posts, clusters = (pd.to_numeric(of_task[name]).max() for name in ("n_test", "clusters"))
        if posts < ENOUGH_POSTS:
            told.append((task, f"{task} ({posts:.0f} test posts, fewer than {ENOUGH_POSTS})"))
        elif clusters < ENOUGH_CLUSTERS:
            told.append((task, f"{task} ({clusters:.0f} accounts or weeks, fewer than {ENOUGH_CLUSTERS})"))
    return lines[~lines["task"].isin([task for task, _ in told])], [phrase for _, phrase in told]


def _ranked_by(lines: pd.DataFrame, measure: str | None) -> tuple[pd.DataFrame, list[str]]:
    """The lines of tasks that are ranked by a measure, its name in `ranked_by`; and tasks that lack it."""
    if measure is None:
        return lines.assign(ranked_by=lines["primary"]), []
    having = set(lines.loc[lines["measure"] == measure, "task"])
    # A task in which nothing has a score has no measure either, and is a hole that a policy must fill.
    known = set(lines.loc[lines["measure"].notna(), "task"])
    lacking = known - having
    return lines[~lines["task"].isin(lacking)].assign(ranked_by=measure), sorted(lacking)


def _errors(lines: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """float64 [rows, (task, target)], both sorted, NaN where there is no score; and rows that have none."""
    chosen = (lines["status"] == "ok") & (lines["measure"] == lines["ranked_by"]) & lines["score"].notna()
    scored = lines[chosen]
    cell = ["row", "task", "target"]
    if (twice := scored.duplicated(cell)).any():
        row, task, target = scored.loc[twice, cell].iloc[0]
        raise AggregateError(f"row '{row}' has two scores on task '{task}', {target}: give one board")
    error = [
        float(measure(name).error(score))
        for name, score in zip(scored["measure"], scored["score"].astype(np.float64), strict=True)
    ]
    wide = scored.assign(error=error).pivot_table(index="row", columns=["task", "target"], values="error")
    return wide, sorted(set(lines["row"]) - set(wide.index))


def _with_reference(errors: pd.DataFrame, lines: pd.DataFrame, asked: str | None) -> tuple[pd.DataFrame, str]:
    """The errors with a row that is the reference on every task, and the name of that row.

    Where tasks have several references, a row of its own is made of them, and stands in their place.
    """
    if errors.empty:
        what = f"in '{asked}'" if asked else "in its task's primary measure"
        raise AggregateError(f"no row has a score {what}: there is nothing to aggregate")
    by_task = dict(zip(lines["task"], lines["reference"], strict=True))
    names = {task: by_task[task] for task in errors.columns.get_level_values("task")}
    of_tasks = pd.Series(
        {(task, target): _cell(errors, names[task], (task, target)) for task, target in errors.columns}
    )
    if lacking := list(dict.fromkeys(task for task, _ in of_tasks.index[of_tasks.isna()])):
        raise AggregateError(
            f"row '{names[lacking[0]]}', the reference, has no score on task {', '.join(lacking)}: run it "
            "there"
        )
    if len(set(names.values())) == 1:
        return errors, next(iter(names.values()))
    others = errors.drop(index=[name for name in set(names.values()) if name in errors.index])
    of_tasks.index = pd.MultiIndex.from_tuples(of_tasks.index, names=errors.columns.names)
    return pd.concat([others, of_tasks.rename(SEVERAL).to_frame().T]).rename_axis("row").sort_index(), SEVERAL


def _references(lines: pd.DataFrame, tasks: Sequence[str]) -> list[str]:
    return sorted(set(lines.loc[lines["task"].isin(list(tasks)), "reference"]))


def _cell(errors: pd.DataFrame, row: str, column: tuple[str, str]) -> float:
    return float(errors.at[row, column]) if row in errors.index else float("nan")  # noqa: PD008


def _held(errors: pd.DataFrame, policy: Policy, lines: pd.DataFrame) -> pd.DataFrame:
    """The rows that stay, their missing cells still NaN."""
    if policy == "impute":
        return errors
    if policy == "error" and errors.isna().to_numpy().any():
        row = errors.index[errors.isna().any(axis=1)][0]
        task = _tasks_missed(errors, row)[0]
        raise AggregateError(
            f"row '{row}' has no score on task '{task}'{_because(lines, row, [task])}: run it there, "
            "or choose policy 'drop' or 'impute'"
        )
    return errors.dropna()


def _statistics(
    errors: pd.DataFrame, policy: Policy, reference: str
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The table, the win rates, and ranks [data sets, rows]."""
    from bencheval.evaluator import BenchmarkEvaluator
    from threadpoolctl import threadpool_limits

    judge = BenchmarkEvaluator(
        method_col="row", error_col="error", seed_column="target", columns_to_agg_extra=[]
    )
    placed = judge.compute_results_per_task(
        _by_data_set(_long(_last_where_missing(errors))), include_seed_col=True
    )
    counted = judge.compute_results_per_task(
        _by_data_set(_long(_counted(errors, reference) if policy == "impute" else errors)),
        include_seed_col=True,
    )
    elo = pd.DataFrame(np.nan, index=errors.index, columns=["elo", "elo-", "elo+"])
    if placed["task"].nunique() >= ENOUGH_FOR_ELO:
        with threadpool_limits(1):  # hundreds of tiny fits, that threads would only wait for each other in
            elo = judge.compute_elo(
                placed,
                calibration_framework=reference,
                calibration_elo=ELO_OF_REFERENCE,
                BOOTSTRAP_ROUNDS=ELO_ROUNDS,
                round_decimals=None,
            )
    scored = errors.notna().T.groupby(level="task").all().T
    defined = (errors.loc[reference] > 0).all()
    table = pd.DataFrame(
        {
            "tasks": scored.sum(axis=1),
            "imputed": (~scored).sum(axis=1),
            "skill": judge.compute_skill_score(counted, reference) if defined else np.nan,
            "mean_rank": judge.compute_rank(placed),
            "win_rate": judge.compute_winrate(placed),
            "improvability": judge.aggregate(counted)["improvability"],
            "elo": elo["elo"],
            "elo_low": elo["elo"] - elo["elo-"],
            "elo_high": elo["elo"] + elo["elo+"],
        },
        index=errors.index,
    )
    table = table.sort_values(["mean_rank", "skill"], ascending=[True, False], kind="stable")
    win_rates = judge.compute_winrate_matrix(placed).loc[table.index, table.index].astype(np.float64)
    ranks = placed.pivot_table(index="task", columns="row", values="rank")
    return table.rename_axis("row").reset_index()[TABLE], win_rates, ranks


def _last_where_missing(errors: pd.DataFrame) -> pd.DataFrame:
    """Errors that give the ranks: a missing one is larger than any that is there."""
    return errors.fillna(2 * errors.max() + 1)


def _counted(errors: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Errors that give skill and improvability: at most, and where missing, the cap of `aggregate`."""
    values = errors.to_numpy()
    known = np.where(np.isnan(values), -np.inf, values)
    ascending = np.sort(known, axis=0)
    worst_of_others = np.where(known == ascending[-1], ascending[-2], ascending[-1])
    cap = np.maximum(worst_of_others, errors.loc[reference].to_numpy())
    return pd.DataFrame(np.fmin(values, cap), errors.index, errors.columns)


def _long(errors: pd.DataFrame) -> pd.DataFrame:
    return errors.melt(value_name="error", ignore_index=False).reset_index()


def _by_data_set(errors: pd.DataFrame) -> pd.DataFrame:
    """Each data set as one task, in which what was asked of it are the splits."""
    data_sets = errors["task"].str.partition(" ")[0]
    return errors.assign(task=data_sets, target=errors["task"] + " " + errors["target"])


def _weakness(tasks: Sequence[str], data_sets: int) -> str:
    counted = f"{len(tasks)} {'task' if len(tasks) == 1 else 'tasks'}"
    counted += f" of {data_sets} {'data set' if data_sets == 1 else 'data sets'}, each of which weighs one"
    weak = (
        f"Weak: over {counted}, fewer than {ENOUGH_TASKS}."
        if data_sets < ENOUGH_TASKS
        else f"Over {counted}."
    )
    if data_sets >= ENOUGH_FOR_ELO:
        return weak
    return f"{weak} There is no Elo: its interval resamples data sets, and needs {ENOUGH_FOR_ELO}."


def _missing(errors: pd.DataFrame, policy: Policy, lines: pd.DataFrame) -> list[str]:
    """A sentence a row that misses a task: which, why, and what became of it."""
    became = {"drop": "left out", "impute": "imputed there"}
    every = set(errors.columns.get_level_values("task"))
    told = []
    for row in errors.index[errors.isna().any(axis=1)]:
        tasks = _tasks_missed(errors, row)
        scored = sorted(every.difference(tasks))
        where = ", ".join(tasks)
        if scored and len(scored) < len(tasks):
            where = f"any of {len(every)} tasks but {', '.join(scored)}"
        told.append(f"{row}: no score on {where}{_because(lines, row, tasks)}; {became[policy]}.")
    return told


def _tasks_missed(errors: pd.DataFrame, row: str) -> list[str]:
    return list(dict.fromkeys(task for task, _ in errors.columns[errors.loc[row].isna()]))


def _because(lines: pd.DataFrame, row: str, tasks: Sequence[str]) -> str:
    """What the board says instead of a score, in brackets; nothing where the row is not on the board."""
    here = lines[(lines["row"] == row) & lines["task"].isin(list(tasks)) & (lines["status"] != "ok")]
    told = sorted({" ".join(str(status).split()) for status in here["status"]})
    return f" ({'; '.join(told)})" if told else ""
