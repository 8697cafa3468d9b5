"""Everything that is read of one network."""
