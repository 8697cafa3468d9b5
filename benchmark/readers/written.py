"""Numbers as people and platforms write them: 541.2K, 1,234, 00:31, PT8M11S."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from benchmark.layout import NumberFormat

_MANY = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}
_PEOPLE = re.compile(
    r"([+-]?)(\d{1,3}(?:[, '\u00a0\u202f]\d{3})+|\d*)(?:\.(\d+))? ?([kmb]?)\+?(?: [a-z]+)?", re.I
)
_CLOCK = re.compile(r"(?:(?:(\d+):)?(\d+):)(\d{1,2}(?:\.\d+)?)")
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.I)


def number(value: Any, format: NumberFormat) -> Any:
    """The number that a text says; anything that says none as it is, for it to be refused."""
    return _READ[format](value.strip()) if isinstance(value, str) else value


def telling_format(text: str) -> NumberFormat | None:
    """The format in which this is a number, if it is none as it stands."""
    for format in ("people", "clock", "iso_duration"):
        if not isinstance(number(text, format), str):
            return format
    return None


def _people(text: str) -> float | str:
    match = _PEOPLE.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        return text
    whole = re.sub(r"\D", "", match[2]) or "0"
    # Counts are whole: 541.2 * 1000 is 541,200 and not 541,200.00000000006.
    size = round(float(f"{whole}.{match[3] or 0}") * _MANY[match[4].lower()], 6)
    return -size if match[1] == "-" else size


def _people_comma(text: str) -> float | str:
    read = _people(text.translate(str.maketrans(".,", ",.")))
    return text if isinstance(read, str) else read


def _clock(text: str) -> float | str:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return text
    return 3600 * float(match[1] or 0) + 60 * float(match[2]) + float(match[3])


def _iso_duration(text: str) -> float | str:
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        return text
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return 86400 * days + 3600 * hours + 60 * minutes + seconds


_READ: dict[NumberFormat, Callable[[str], float | str]] = {
    "people": _people,
    "people_comma": _people_comma,
    "clock": _clock,
    "iso_duration": _iso_duration,
}
