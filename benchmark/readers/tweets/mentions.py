"""Mentions: the accounts that a tweet names, and the one that it answers."""

from __future__ import annotations

import re
from typing import Any

from benchmark.readers.tweets.accounts import account
from benchmark.readers.tweets.missing import is_missing, tells
from benchmark.readers.tweets.objects import parsed

_NAMED = re.compile(r"(?<![\w@/.])@(\w{1,15})(?!\w|@)")
_SHOWN = re.compile(r"""User\([^()]*?\busername=['"](\w+)['"]""")


def mentioned(lists: list[Any], texts: list[str]) -> list[str]:
    """Names separated by blanks, each once: of the export's own list, else those after an @ in the text."""
    return [" ".join(_names(told, text)) for told, text in zip(lists, texts, strict=True)]


def answered(values: list[Any], authors: list[str], is_reply: list[bool]) -> list[Any]:
    """The account that each reply answers, where it is told and another than the author; else None."""
    return [
        _other(value, author) if reply else None
        for value, author, reply in zip(values, authors, is_reply, strict=True)
    ]


def _names(told: Any, text: str) -> list[str]:
    found = parsed(told)
    if isinstance(found, list):
        names = [account(one) for one in found]
    elif isinstance(found, str) and (shown := _SHOWN.findall(found)):
        names = shown
    elif is_missing(found):
        names = _NAMED.findall(text)
    else:
        names = [account(one) for one in str(found).replace(",", " ").split()]
    return list(dict.fromkeys(str(name) for name in names if not is_missing(name)))


def _other(value: Any, author: str) -> Any:
    found = parsed(value)
    if isinstance(found, list):
        names = [account(one) for one in found]
        return next((str(name) for name in names if name and str(name).lower() != author.lower()), None)
    return account(found) if tells(found) else None
