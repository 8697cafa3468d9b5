"""The board: everything that people look at, written from results."""
