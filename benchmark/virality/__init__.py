"""Virality: whether a post does better than nearly all that its scope has published in the days before."""
