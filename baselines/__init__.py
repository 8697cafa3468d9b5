"""Baselines: one file each, found by `benchmark.run.discovery`; a leading underscore marks shared code."""
