"""Judging: what a fitted model says of drafts."""
