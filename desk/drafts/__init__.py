"""Drafts as people hand them in: a table, objects, or a folder of images."""
