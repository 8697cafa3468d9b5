"""smpbench: the door."""
