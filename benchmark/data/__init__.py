"""Data: raw files -> a prepared data set, and what a person is told of it."""
