"""What was found in a network as a page: one file, that asks for nothing."""
