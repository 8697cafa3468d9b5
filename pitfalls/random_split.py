"""Do not do this: a random split. Posts of next week teach what this week's posts came to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmark.split import Block, Clock, Windows
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.mistake import Made, Mistake


class RandomSplit(Mistake):
    name = "random_split"
    title = "random split"
    layer = "data"

    def made(self, of: Ground, honest: Said) -> Made:
        return Made(of.walk(windows=at_random(of)))


def at_random(of: Ground) -> Windows:
    """As many test posts as the protocol has, drawn from all of the time; each knows the labels of all
    training posts before it."""
    rows = of.labelled
    test = np.sort(np.random.default_rng(of.seed).choice(rows, len(of.windows.test), replace=False))
    clock = Clock(cut_off=int(of.posts.times[-1]) + 1, maturity=0, block=None)
    block = Block(clock.cut_off, rows[:0], np.setdiff1d(rows, test), test)
    return replace(of.windows, clock=clock, blocks=(block,))
