"""Do not do this: `drop_last=True` in the loader of the test. The posts of the last, incomplete batch, the
newest of all, are not scored."""

from __future__ import annotations

import numpy as np

from pitfalls.batch_spearman import BATCH
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.mistake import Made, Mistake, NotPossible


class DropLast(Mistake):
    name = "drop_last"
    title = f"drop_last with batches of {BATCH}"
    layer = "scoring"
    runs = 0

    def check(self, of: Ground) -> None:
        n = len(of.windows.test)
        if n < BATCH:
            raise NotPossible(f"of {n} test posts none would be left")
        if n % BATCH == 0:
            raise NotPossible(f"{n} test posts fill their batches")

    def made(self, of: Ground, honest: Said) -> Made:
        n = len(honest.rows)
        kept = np.arange(n) < n // BATCH * BATCH
        return Made(honest.part(kept), note=f"{n - int(kept.sum())} of {n} test posts are not scored")
