"""Together: one standing over many tasks."""
