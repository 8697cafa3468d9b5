"""Known: whether a row speaks of kinds and measures that this version has. Whoever reads its tables would
stumble over others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmark.run.result import About, Run
from benchmark.scores.kinds import KINDS
from benchmark.scores.measures import MEASURES


def unknown(of: About, runs: Sequence[Run]) -> Iterator[str]:
    """What this version has not: a phrase each, with the field in front."""
    if of.kind not in KINDS:
        yield f"about.kind: {of.kind!r}"
    yield from (f"about.measures: {name!r}" for name in of.measures if name not in MEASURES)
    if of.primary not in MEASURES or MEASURES[of.primary].better is None:
        yield f"about.primary: a measure that ranks and is called {of.primary!r}"
    scores = [one.measure for run in runs for one in (*run.scores, *run.slices)]
    yield from (f"runs: the measure {name!r}" for name in scores if name not in MEASURES)
