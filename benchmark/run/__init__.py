"""Run: which cells there are, each in a process of its own, and what is stored of them."""
