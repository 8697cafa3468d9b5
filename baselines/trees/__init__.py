"""Trees: what libraries of boosted trees share."""
