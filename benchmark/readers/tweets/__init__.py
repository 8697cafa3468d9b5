"""Tweets, as the export tools of the field write them.

`folder.py` leads. `listing.py` says which files are exports, `records.py` opens one, `layouts/` has
the layouts, each declared in a file of its own, and recognises them. `export.py` types a file;
`same_account.py` and `captures.py` bring several together.
"""

from __future__ import annotations

from benchmark.readers.tweets.folder import read

__all__ = ["read"]
