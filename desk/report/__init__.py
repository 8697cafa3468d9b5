"""A ranking as people read it: in the terminal, as a table, as data, as a page."""
