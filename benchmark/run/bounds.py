"""Bounds: what a field of a result may hold, since anyone may have written it.

Wide enough for whatever a run comes to; what lies outside is a mistake or a trick, and is refused where it is
read, with its field, before a table or a page stumbles over it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from benchmark.declared.naming import CEILING, baseline_problem, name_problem, shown, variant_problem
from benchmark.split import PROTOCOL_VERSION

LONGEST_SUMMARY, LONGEST_REASON = 500, 4000
LARGEST_SETTINGS, DEEPEST_SETTINGS = 20_000, 6
"""Characters of the settings of a row as JSON, and how far they are nested."""
LARGEST_SEED = 2**32 - 1
"""numpy takes none beyond it."""
YEARS = range(2020, 2100)
"""In which a result may have come about."""


def _checked(problem: Callable[[str], str]) -> AfterValidator:
    def check(value: str) -> str:
        if told := problem(value):
            raise ValueError(told)
        return value

    return AfterValidator(check)


def _row_problem(name: str) -> str:
    return "" if name == CEILING else baseline_problem(name)


def _variant_problem(name: str) -> str:
    return "" if name == "external" else variant_problem(name)


def _line_problem(text: str) -> str:
    return "" if text.isprintable() else f"{shown(text)} is not one line that can be printed"


def _text_problem(text: str) -> str:
    return "" if text == several_lines(text) else f"{shown(text)} holds what cannot be printed"


def _moment_problem(text: str) -> str:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() != dt.timedelta(0) or moment.year not in YEARS:
        return (
            f"{shown(text)} is no moment of {YEARS[0]} to {YEARS[-1]} in UTC, as in 2026-01-31T12:00:00+00:00"
        )
    return ""


def _version_problem(text: str) -> str:
    known = text.isascii() and text.isdecimal() and len(text) < 5 and 1 <= int(text) <= int(PROTOCOL_VERSION)
    return (
        ""
        if known
        else f"{shown(text)} is no version of the protocol up to {PROTOCOL_VERSION}. Update smpbench"
    )


def _settings_problem(settings: Any) -> str:
    if (depth := _depth(settings)) > DEEPEST_SETTINGS:
        return f"settings are nested {depth} deep or more; {DEEPEST_SETTINGS} are allowed"
    try:
        size = len(json.dumps(settings, allow_nan=False, default=str))
    except ValueError:
        return "a setting is no finite number"
    if size > LARGEST_SETTINGS:
        return f"settings are {size} characters long; {LARGEST_SETTINGS} are allowed"
    wrong = next((text for text in _texts(settings) if text != several_lines(text)), None)
    return "" if wrong is None else f"{shown(wrong)} holds what cannot be printed"


def _depth(value: Any) -> int:
    """How far a value is nested; no further than it matters."""
    level, depth = [value], 0
    while level and depth <= DEEPEST_SETTINGS:
        nested = [one for one in level if isinstance(one, dict | list | tuple)]
        level = [inner for one in nested for inner in (one.values() if isinstance(one, dict) else one)]
        depth += bool(nested)
        if not nested:
            break
    return depth


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for name, one in value.items() for text in (str(name), *_texts(one))]
    if isinstance(value, list | tuple):
        return [text for one in value for text in _texts(one)]
    return [value] if isinstance(value, str) else []


def several_lines(text: str, longest: int | None = None) -> str:
    """Any text as a result may hold it: lines of what can be printed, cut where it is too long."""
    clean = "".join(c if c.isprintable() or c in "\n\t" else " " for c in text)
    return clean if longest is None or len(clean) <= longest else clean[: longest - 3] + "..."


Named = Annotated[str, _checked(name_problem)]
"""Of a data set, a task, a target, a measure, a profile."""
RowNamed = Annotated[str, _checked(_row_problem)]
VariantNamed = Annotated[str, _checked(_variant_problem)]
Line = Annotated[str, Field(max_length=200), _checked(_line_problem)]
Summary = Annotated[str, Field(max_length=LONGEST_SUMMARY), _checked(_line_problem)]
Reason = Annotated[str, Field(max_length=LONGEST_REASON), _checked(_text_problem)]
Moment = Annotated[str, Field(max_length=40), _checked(_moment_problem)]
"""UTC, ISO 8601."""
Version = Annotated[str, _checked(_version_problem)]
Settings = Annotated[dict[str, Any], _checked(_settings_problem)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-z]{0,128}$")]
Seconds = Annotated[float, Field(ge=0, le=1e9)]
"""30 years."""
Megabytes = Annotated[float, Field(ge=0, le=1e9)]
Count = Annotated[int, Field(ge=0, le=10**10)]
SeedNumber = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
