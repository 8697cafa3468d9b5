"""Baselines: one file each, which `benchmark.finding` finds; a leading underscore marks shared code."""
