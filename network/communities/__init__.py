"""A graph -> its communities: how many, how steady, what sets them apart, and who moved."""
