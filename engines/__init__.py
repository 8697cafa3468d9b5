"""Engines: where the cells of a run are computed, if not in processes of the machine it began on."""
