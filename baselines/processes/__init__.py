"""Processes: labels as a Gaussian process in the time of an account."""
