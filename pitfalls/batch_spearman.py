"""Do not do this: a rank correlation for each batch of a loader, and the mean of them. Ranks of 64 posts are
not those of all, and what is averaged is no rank correlation of anything."""

from __future__ import annotations

from benchmark.run.tasks import FEWEST_POSTS
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.mistake import Made, Mistake, NotPossible

BATCH = 64


class BatchSpearman(Mistake):
    name = "batch_spearman"
    title = f"measure averaged over batches of {BATCH}"
    layer = "scoring"
    runs = 0

    def check(self, of: Ground) -> None:
        if len(of.windows.test) < BATCH + FEWEST_POSTS:
            raise NotPossible(f"{len(of.windows.test)} test posts are one batch")

    def made(self, of: Ground, honest: Said) -> Made:
        return Made(honest, batches=BATCH)
