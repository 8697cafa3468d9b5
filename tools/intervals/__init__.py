"""Intervals: how often they hold the truth, by simulation; `tools.coverage` prints what comes out."""
