"""Neighbours: which known posts a post resembles most."""
