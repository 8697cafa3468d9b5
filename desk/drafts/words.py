"""Words: which column of a file is what, by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.declared.column import Role

Meaning = Literal["text", "image", "account", "at", "id", "channel", "region"]
USUAL: dict[Meaning, tuple[str, ...]] = {
    "text": ("text", "caption", "title", "tweet"),
    "image": ("image", "image_path", "photo", "file"),
    "account": ("account", "user", "username", "user_id"),
    "at": ("publish_at", "at", "time", "date"),
    "id": ("id", "name"),
    "channel": ("channel", "platform"),
    "region": ("region", "country"),
}
"""Of several that a file has, the first is taken."""
_BY_ROLE: dict[Role, Meaning] = {
    "id": "id",
    "user": "account",
    "time": "at",
    "text": "text",
    "image": "image",
}
"""What the first column of a role is of a draft: of those of the model that the file has."""
_UNTOLD = ("vector",)
"""Roles whose values no draft can tell."""


@dataclass(frozen=True)
class Meant:
    """What the columns of a file are; each is named in one of these."""

    parts: dict[Meaning, str]
    """Part of a draft -> column of the file."""
    values: dict[str, str]
    """Other column of the model -> column of the file."""
    roles: dict[str, Role]
    """Of those other columns."""
    unused: dict[str, str]
    """Column of the file that is not read -> why."""


def meant(given: Sequence[str], columns: Mapping[str, Role]) -> Meant:
    """Say of each column of a file what it is: first by the names of the model's own columns, then by usual
    names. Capitals, blanks, hyphens and underscores make no difference.

    Args:
        columns: of the model's card, in its order, with their roles.
    """
    open_ = {name: plain_name(name) for name in given}
    parts: dict[Meaning, str] = {}
    values: dict[str, str] = {}
    unused: dict[str, str] = {}
    roles: dict[str, Role] = {}
    first: set[Role] = set()
    for own, role in columns.items():
        found = own if own in open_ else _first(open_, (own,))
        if found is None:
            continue
        part = _BY_ROLE.get(role) if role not in first else None
        first.add(role)
        del open_[found]
        if role in _UNTOLD:
            unused[found] = f"holds what no draft tells (role '{role}')"
        elif part is not None:
            parts[part] = found
        else:
            values[own], roles[own] = found, role
    for part, words in USUAL.items():
        while (found := _first(open_, words)) is not None:
            del open_[found]
            if part in values:
                unused[found] = f"'{values[part]}' is a column of the model, and is taken as the {part}"
            elif part in parts:
                unused[found] = f"'{parts[part]}' is taken as the {part}"
            else:
                parts[part] = found
    unused |= dict.fromkeys(open_, "")
    return Meant(parts, values, roles, unused)


def plain_name(name: str) -> str:
    """A name as names are compared."""
    return re.sub(r"[\s_\-]+", "", name.casefold())


def _first(given: Mapping[str, str], words: Sequence[str]) -> str | None:
    """The column that is called by the first of the words that any is called by."""
    for word in words:
        for name, plain in given.items():
            if plain == plain_name(word):
                return name
    return None
