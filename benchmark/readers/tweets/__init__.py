"""Tweets, as the export tools of the field write them.

`folder.py` leads: `listing.py` says which files are exports, `records.py` opens one, `layouts.py` recognises
it by its columns, `export.py` types it, `accounts.py` and `captures.py` bring several together. A layout is
declared in a file of its own (`twint.py`, `snscrape.py`, ...), as `layout.py` says.
"""

from __future__ import annotations

from benchmark.readers.tweets.folder import read

__all__ = ["read"]
