"""Declared: what a card may say of a data set, and what of it is refused."""
