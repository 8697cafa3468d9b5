"""TOML: a card as text, with the reasons as comments."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

from benchmark.declared.naming import printable

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST = 110


def value(said: Any) -> str:
    """One value as TOML writes it.

    Raises:
        TypeError: none that a card has.
    """
    match said:
        case bool():
            return "true" if said else "false"
        case str():
            return _text(said)
        case int() | float():
            return repr(said)
        case dt.date():
            return said.isoformat()
        case Mapping():
            inner = ", ".join(f"{key(name)} = {value(one)}" for name, one in said.items())
            return f"{{ {inner} }}" if inner else "{}"
        case list() | tuple():
            return f"[{', '.join(map(value, said))}]"
    raise TypeError(f"no value of a card: {said!r}")


def key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def line(name: str, said: Any, reason: str = "") -> str:
    """`name = value  # reason`; the reason stands above where the line would be long."""
    written = f"{key(name)} = {value(said)}"
    reason = " ".join(printable(reason).split())
    if not reason:
        return written
    if len(written) + len(reason) + 4 <= _LONGEST:
        return f"{written}  # {reason}"
    return f"{comment(reason)}\n{written}"


def comment(text: str) -> str:
    return f"# {' '.join(printable(text).split())}"


def _text(said: str) -> str:
    if "\\" in said and "'" not in said and said.isprintable():
        return f"'{said}'"
    written = json.dumps(said, ensure_ascii=False)
    return "".join(
        c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"
        for c in written
    )
