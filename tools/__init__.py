"""Tools that measure: what things cost, and how good the intervals are."""
