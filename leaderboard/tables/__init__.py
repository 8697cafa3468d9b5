"""Tables: stored results -> rows -> the tidy table of every score."""
