"""What is used by one account after another: what crossed communities, and how cascades ran."""
