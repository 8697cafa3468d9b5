"""The page: one file to look at, filter and compare in."""
