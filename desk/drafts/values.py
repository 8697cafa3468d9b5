"""Values of one draft, as they are told -> as they are kept. What cannot be one is a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from benchmark.declared.column import Role
from benchmark.readers.columns import is_missing
from benchmark.readers.identifiers import as_id, is_nobody, is_rounded
from benchmark.readers.written import number, telling_formats
from desk.drafts.limits import LONGEST_TEXT

Value = str | float | bool | None
_TRUTHS = {"true": True, "false": False}


class Unfit(ValueError):
    """A value that cannot be what it is meant to be; caught where its row is known."""


def text_of(raw: object) -> str:
    """A text; empty if it is missing, or if nothing in it can be seen.

    Raises:
        Unfit: an object, yes or no, a zero character, half a character, or too long.
    """
    if is_missing(raw):
        return ""
    if isinstance(raw, list) and all(isinstance(one, str) for one in raw):
        raw = " ".join(raw)
    if isinstance(raw, bool | dict | list):
        raise Unfit(f"{type(raw).__name__} is no text")
    text = str(raw)
    if "\0" in text:
        raise Unfit("a text with a zero character: it was cut off, or is no text")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Unfit("half a character, such as a cut emoji leaves behind: no text holds one")
    if len(text) > LONGEST_TEXT:
        raise Unfit(f"a text of {len(text):,} characters, and {LONGEST_TEXT:,} are taken at most")
    return text if any(letter.isprintable() and not letter.isspace() for letter in text) else ""


def identifier_of(raw: object) -> str | None:
    """An id or an account; None if it is missing.

    Raises:
        Unfit: an object, or a number that a spreadsheet has rounded.
    """
    if isinstance(raw, bool | dict | list):
        raise Unfit(f"{type(raw).__name__} is no id")
    if is_rounded(raw):
        raise Unfit("rounded by a spreadsheet: export the column as text")
    text = text_of(as_id(raw))
    return None if not text or is_nobody(text) else text


def value_of(raw: object, role: Role, *, truths: bool) -> Value:
    """A value of a column of the model; None if it is missing.

    Args:
        truths: whether the column holds yes and no alone.

    Raises:
        Unfit: it cannot be of this role.
    """
    if is_missing(raw):
        return None
    if role in ("numeric", "place"):
        return _number(raw)
    if role in ("categorical", "category"):
        if truths:
            return raw if isinstance(raw, bool) else _TRUTHS[str(raw).strip().lower()]
        if isinstance(raw, dict | list):
            raise Unfit(f"{type(raw).__name__} is no level of a category")
        return text_of(str(raw)).strip() or None
    if role == "tags" and isinstance(raw, list):
        raw = " ".join("_".join(one.split()) if isinstance(one, str) else str(one) for one in raw)
    return text_of(raw) or None


def only_truths(values: Sequence[Any]) -> bool:
    """Whether a column holds nothing but yes and no, as Booleans or written out."""
    told = [one for one in values if not is_missing(one)]
    return bool(told) and all(
        isinstance(one, bool) or (isinstance(one, str) and one.strip().lower() in _TRUTHS) for one in told
    )


def _number(raw: object) -> float:
    """A number; 541.2K and 1,234 too, where they can be read in one way alone."""
    if isinstance(raw, bool):
        return float(raw)
    text = str(raw).strip()
    if text.lower() in _TRUTHS:
        return float(_TRUTHS[text.lower()])
    try:
        found = float(text)
    except ValueError:
        formats = set(telling_formats(text).values())
        if len(formats) != 1:
            raise Unfit("no number" if not formats else "may be two numbers: write it plainly") from None
        found = float(number(text, next(iter(telling_formats(text)))))
    if not math.isfinite(found):
        raise Unfit("no finite number")
    return found
