"""Scores: truth and predictions -> values, intervals, slices. Arithmetic alone: no file, no process."""
