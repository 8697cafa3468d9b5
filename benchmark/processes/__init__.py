"""Processes: what a cell runs in, from its start to its end, and what is said to it."""
