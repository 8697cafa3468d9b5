"""Faults: homes and runs are disturbed, and must be mended or named."""
