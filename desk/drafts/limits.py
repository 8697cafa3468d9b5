"""How much is taken in. What is beyond is refused with a sentence, and never cut off."""

MOST_DRAFTS = 10_000
LONGEST_TEXT = 100_000
"""Characters, of a text and of any other value."""
LARGEST_FILE = 500_000_000
"""Bytes of a file of drafts."""
LARGEST_IMAGE = 25_000_000
"""Bytes."""
MOST_PIXELS = 50_000_000
MOST_COLUMNS = 1_000
LONGEST_NAME = 120
"""Characters of what a draft is called; longer ones are shortened, since a name is for people alone."""
