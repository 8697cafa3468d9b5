"""Overview: one table of the real data, a row a baseline and a column a (data set, task, protocol)."""

from __future__ import annotations

import pandas as pd

START, END = "<!-- real-data table -->", "<!-- /real-data table -->"

LEGEND = (
    "MAE / Spearman on the first target of each task; small and large is good. **Bold**: cannot\n"
    "be told from the column's best MAE (the 95% interval of the paired difference holds 0). Rows *with\n"
    "crawl-time columns* know what nobody knows at publication, and are compared among themselves.\n"
)


def overview(board: pd.DataFrame, synthetic: set[str]) -> str:
    """The table and its legend; empty when no real data set has scores."""
    scored = board[(board["status"] == "ok") & board["metric"].isin(["mae", "spearman"])]
    scored = scored[~scored["study"].astype(bool)]
    scored = scored[~scored["dataset"].isin(synthetic)]
    if scored.empty:
        return ""
    first = scored.groupby(["dataset", "task"], sort=False)["target"].transform("first")
    scored = scored[scored["target"] == first]
    columns = list(dict.fromkeys(zip(scored["dataset"], scored["task"], scored["protocol"], strict=True)))
    by_row = scored.groupby(["crawl", "baseline", "variant"], sort=True)
    lines = [["baseline", *(f"{dataset} {task} {protocol}" for dataset, task, protocol in columns)]]
    lines.append([":--", *(":-:" for _ in columns)])
    for (crawl, baseline, variant), row in by_row:
        name = f"`{baseline}`" + ("" if variant == "default" else f" {variant}")
        cells = [_cell(row, column) for column in columns]
        lines.append([name + (" *with crawl-time columns*" if crawl else ""), *cells])
    return LEGEND + "\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def into_readme(readme: str, table: str) -> str:
    """The README with its table replaced; as it is when it has no place for one, or there is none."""
    before, start, rest = readme.partition(START)
    _, end, after = rest.partition(END)
    return f"{before}{start}\n{table}{end}{after}" if table and start and end else readme


def _cell(row: pd.DataFrame, column: tuple[str, str, str]) -> str:
    here = row[(row["dataset"] == column[0]) & (row["task"] == column[1]) & (row["protocol"] == column[2])]
    by_metric = here.drop_duplicates("metric").set_index("metric")
    if "mae" not in by_metric.index:
        return ""
    mae = by_metric.loc["mae"]
    text = f"{mae['score']:.3f} / {by_metric['score'].get('spearman', float('nan')):.3f}"
    told_apart = mae["rank"] != 1 and not mae["delta_best_low"] <= 0 <= mae["delta_best_high"]
    return text if told_apart else f"**{text}**"
