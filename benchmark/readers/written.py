"""Numbers as people and platforms write them: 541.2K, 1,234, 00:31, PT8M11S."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from benchmark.declared.layout import NumberFormat

_MANY = {"": 1, "k": 10**3, "thousand": 10**3, "m": 10**6, "million": 10**6, "b": 10**9, "billion": 10**9}
_COUNTED = (
    *(
        "like",
        "view",
        "play",
        "loop",
        "comment",
        "repl(?:y|ie)",
        "share",
        "repost",
        "retweet",
        "quote",
        "save",
    ),
    *("follower", "following", "friend", "subscriber", "member", "user", "person|people", "vote", "point"),
    *("post", "video", "photo", "tweet", "time", "second", "minute"),
)
"""Words after a number that do not change it. Any other may: 3 crore, 1.2 mil, 5 Tsd."""
_PEOPLE = re.compile(
    r"([+\-\u2212]?)(\d{1,3}(?:[, '\u00a0\u202f]\d{3})+|\d*)(?:\.(\d+))?"
    rf" ?(|k|m|b|thousand|million|billion)\+?(?: (?:{'|'.join(_COUNTED)})s?)?",
    re.I,
)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3}){1,5}")
_SMALL = re.compile(r"[+-]?\d{1,3}")
_CLOCK = re.compile(r"(?:(?:(\d+):)?(\d+):)(\d{1,2}(?:\.\d+)?)")
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.I)


def number(value: Any, format: NumberFormat) -> Any:
    """The number that a text says; anything that says none as it is, for it to be refused."""
    return _READ[format](value.strip()) if isinstance(value, str) else value


def telling_formats(text: str) -> dict[NumberFormat, float]:
    """The formats in which this is a number, and which, if it is none as it stands."""
    found = {format: number(text, format) for format in _READ}
    return {format: size for format, size in found.items() if not isinstance(size, str)}


def in_doubt(values: Sequence[Any], *, counts: bool) -> list[int]:
    """Where numbers stand such as 1.234, if nothing in their column tells whether the point is that of a
    fraction or stands between thousands.

    Args:
        counts: whether the column holds counts, which have no fractions. Else only those are in doubt that
            stand beside whole numbers below a thousand, as counts do.
    """
    places, others = [], []
    for i, value in enumerate(values):
        text = value.strip() if isinstance(value, str) else value
        if isinstance(text, str) and _GROUPED.fullmatch(text):
            places.append(i)
        elif not (text is None or (isinstance(text, str) and text in ("", "None"))):
            others.append(text)
    small = all(isinstance(one, str) and _SMALL.fullmatch(one) for one in others)
    return places if small and (counts or others) else []


def _people(text: str) -> float | str:
    match = _PEOPLE.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        return text
    whole = re.sub(r"\D", "", match[2]) or "0"
    # Counts are whole: 541.2 * 1000 is 541,200 and not 541,200.00000000006.
    size = round(float(f"{whole}.{match[3] or 0}") * _MANY[match[4].lower()], 6)
    return -size if match[1] in ("-", "\u2212") else size


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
