"""Do not do this: counts as they stand years later, taken for what was known on the day after a post. Without
an embargo a model learns from labels that nobody had when it would have been asked."""

from __future__ import annotations

import numpy as np

from benchmark.split import windows
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.mistake import Made, Mistake, NotPossible

DAYS = {"frozen": "embargo_days", "rolling": "reveal_days"}


class NoEmbargo(Mistake):
    name = "no_embargo"
    title = "no embargo"
    layer = "data"

    def check(self, of: Ground) -> None:
        asked = of.posts.task.protocols[of.protocol]
        if not getattr(asked, DAYS[of.protocol]):
            raise NotPossible("the honest protocol has no embargo")

    def made(self, of: Ground, honest: Said) -> Made:
        protocol = of.posts.task.protocols[of.protocol].model_copy(update={DAYS[of.protocol]: 0.0})
        labelled = np.zeros(len(of.posts.times), bool)
        labelled[of.labelled] = True
        return Made(of.walk(windows=windows(of.protocol, protocol, of.posts.times, labelled)))
