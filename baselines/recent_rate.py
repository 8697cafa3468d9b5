from __future__ import annotations

import numpy as np

from baselines.parts.naive import Naive
from benchmark import Array, Posts


class RecentRate(Naive):
    """The reference for events: the share of events among the account's last 20 known labels, shrunk.

    The rate of all known labels counts as one label more, (n * rate + rate of all) / (n + 1): an account
    without a known label has that rate, and one with few is never certain.
    """

    answers = {"event"}

    def predict(self, posts: Posts) -> Array:
        recent = posts.history().recent
        n = np.sum(~np.isnan(recent), axis=1)
        shrunk = (np.nansum(recent, axis=1) + self.known.everything.mean()) / (n + 1)
        return shrunk.astype(np.float32)
