"""Which accounts together reach most of an audience."""
