"""The plan of a run: which cells there are, and in which order."""

from __future__ import annotations

from pathlib import Path

from generated import DATASETS

from benchmark.data.cards import load_card
from benchmark.finding.discovery import discover
from benchmark.processes.talk import Budget
from benchmark.run.options import Options
from benchmark.run.plan import choose, plan, planned_cells


def test_references_run_first_and_what_takes_longest_does_not_come_last() -> None:
    card = load_card(DATASETS / "demo_flickr" / "card.toml")
    names = ["catboost", "ensemble", "global_median", "lightgbm", "mlp", "recent_median"]
    known = discover()
    chosen = [choose("", known[name]) for name in names]
    cells = [
        one.cell
        for one in plan(
            card, card.tasks[:1], ["frozen", "rolling"], chosen, seeds=[0], profile="bundled", crawl=False
        )
    ]
    for protocol in ("frozen", "rolling"):
        order = dict.fromkeys(cell.baseline for cell in cells if cell.protocol == protocol)
        assert list(order) == ["global_median", "recent_median", "ensemble", "mlp", "catboost", "lightgbm"]
    # Two ensembles at once would need twice the memory: one protocol comes after the other.
    assert [cell.protocol for cell in cells] == sorted(cell.protocol for cell in cells)


def test_further_seeds_begin_where_they_are_told_to() -> None:
    card = load_card(DATASETS / "demo_flickr" / "card.toml")
    options = Options(Path(), (), Budget(60, 1000), ("frozen",), seeds=2, first_seed=3)
    cells = planned_cells(card, [choose("", discover()["recent_median"])], options)
    assert [one.cell.seed for one in cells] == [3, 4] * len(card.tasks)


def test_a_row_of_who_names_whom_is_skipped_where_no_data_tell_it() -> None:
    def skipped(dataset: str, spec: str) -> str | None:
        card = load_card(DATASETS / dataset / "card.toml")
        chosen = [choose(spec, discover()["lightgbm"])]
        cells = plan(card, card.tasks[:1], ["rolling"], chosen, seeds=[0], profile="bundled", crawl=False)
        return cells[0].skipped

    assert skipped("demo_flickr", "+graph") == "needs edges"
    assert skipped("demo_flickr", "+graph+named") == "needs edges, names"
    assert skipped("demo_tweets", "+graph") is None
    assert skipped("demo_tweets", "+named") == "needs names"
    assert skipped("influencers", "+graph+named") is None
