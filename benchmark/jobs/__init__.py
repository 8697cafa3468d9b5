"""Jobs: what another process, perhaps of another machine, is asked to do, and who sees to it that it does."""
