"""Sealing: what the process of a cell may reach, and how the kernel keeps it to that."""
