"""Marked: any text as Markdown shows it, in a cell of a table as well: names come from anywhere."""

from __future__ import annotations

import re

from benchmark.declared.naming import printable

_MEANT = re.compile(r"[\\`*\[\]|<>#~$&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
"""What means something to Markdown; inside of a word an underscore does not. In front of a bracket a mark
would begin a link; < begins HTML, & an entity."""
_ADDRESS = re.compile(r"(?i)(https?|ftp)(:)(?=//)|\b(www)(\.)")


def marked(text: str) -> str:
    """The text, on one line, that Markdown shows as it is: no markup, no link."""
    escaped = _MEANT.sub(r"\\\g<0>", " ".join(printable(text).split()))
    return _ADDRESS.sub(lambda found: found[0].replace(":", "\\:").replace(".", "\\."), escaped)


def code(text: str) -> str:
    """As code, on one line. Nothing is escaped in there but a bar, so a backtick becomes an apostrophe."""
    return f"`{' '.join(printable(text).split()).replace('`', chr(39)).replace('|', chr(92) + '|')}`"
