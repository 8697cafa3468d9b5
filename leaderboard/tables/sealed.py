"""Sealed: whether the kernel kept the baselines of a board from what they were not handed, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from leaderboard.tables.rows import Row

EARLIER = "computed before there was a seal"


def sealed(row: Row) -> str:
    """`yes`, or `no` with the reason; empty where no baseline ran here."""
    ran = [run for run in row.runs if run.predicted and run.external is None and run.status == "ok"]
    if not ran:
        return ""
    open_ = next((run for run in ran if not run.sealed), None)
    return "yes" if open_ is None else f"no: {open_.unsealed or EARLIER}"


def sealed_in_words(rows: Sequence[Row]) -> str:
    """One sentence about all rows of a board."""
    found = Counter(answer for row in rows if (answer := sealed(row)))
    open_ = {answer.removeprefix("no: "): count for answer, count in found.items() if answer != "yes"}
    if not found:
        return ""
    if not open_:
        return f"Sealed: all {found.total()} rows; no baseline could reach what it was not handed."
    reasons = "; ".join(f"{count} {reason}" for reason, count in sorted(open_.items()))
    return (
        f"Sealed: {found['yes']} of {found.total()} rows. The kernel did not keep the others from labels and "
        f"raw files: {reasons}."
    )
