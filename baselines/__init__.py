"""Baselines: one file each, found by `benchmark.discovery`; a leading underscore marks shared code."""
