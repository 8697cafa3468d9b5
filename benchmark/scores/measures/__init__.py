"""Measures by name. To add one, write it in a file of this room, and name it here."""

from __future__ import annotations

from benchmark.errors import UnknownName
from benchmark.scores.measures.calibration import CalibrationError
from benchmark.scores.measures.curves import AUC, AveragePrecision, PrecisionAtTenth, RecallAtTenth
from benchmark.scores.measures.errors import MAE, MAPE, R2, RMSE
from benchmark.scores.measures.measure import Measure
from benchmark.scores.measures.periods import PeriodFirstTen, PeriodNDCG, PeriodSpearman
from benchmark.scores.measures.probabilities import Brier, LogLoss
from benchmark.scores.measures.quantiles import Coverage, Pinball
from benchmark.scores.measures.ranks import Spearman
from benchmark.scores.measures.weeks import WeekBest, WeekNDCG, WeekSpearman

MEASURES: dict[str, Measure] = {
    one.name: one
    for one in (
        Spearman(),
        MAE(),
        RMSE(),
        MAPE(),
        R2(),
        AveragePrecision(),
        AUC(),
        PrecisionAtTenth(),
        RecallAtTenth(),
        Brier(),
        LogLoss(),
        CalibrationError(),
        WeekSpearman(),
        WeekNDCG(),
        WeekBest(),
        PeriodSpearman(),
        PeriodNDCG(),
        PeriodFirstTen(),
        Pinball(),
        Coverage(),
    )
}
"""In the order in which tables show them."""

OF_QUANTILES = tuple(name for name, one in MEASURES.items() if one.reads == "quantiles")
"""Scored wherever a row predicts quantiles, whatever the task asks for."""


def measure(name: str) -> Measure:
    """The measure called `name`.

    Raises:
        UnknownName: there is none; with the nearest.
    """
    if name not in MEASURES:
        raise UnknownName("measure", name, MEASURES)
    return MEASURES[name]
