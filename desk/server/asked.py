"""Asked: JSON from a client becomes drafts, or a sentence that says which one is wrong and where."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any, NoReturn

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from benchmark.errors import did_you_mean, quoted
from desk.ranking import Draft
from desk.server.limits import Limits, Refusal
from desk.server.upload import Upload

NUMERIC = "numeric"
"""The role of columns that hold numbers."""
YEARS = range(1971, 2200)
"""In which a draft may be published: every moment of them has a number of nanoseconds."""
LONGEST_NUMBER = 400
"""Digits; a float64 has 309 before its point."""


class Handed(BaseModel):
    """A draft, as a client describes it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, title="Draft")

    name: str | None = Field(None, description="What people call it; else its file's name, or its number.")
    account: str | None = Field(None, description="Who would publish it.")
    text: str = Field("", description="Its caption.")
    at: AwareDatetime | None = Field(
        None,
        description="When it would be published, with a time zone; now where it is left out.",
        strict=False,
    )
    values: dict[str, str | float | bool | None] = Field(
        {}, description="Further columns of the model's data, by name: `GET /api/model` lists them."
    )

    @field_validator("at", mode="before")
    @classmethod
    def _written(cls, value: object) -> object:
        if value is not None and not isinstance(value, str):
            raise ValueError("it is not written as a date and a time")
        return value


class Asked(BaseModel):
    """Drafts that are to be ranked against each other."""

    model_config = ConfigDict(extra="forbid")

    drafts: list[Handed]


def drafts(upload: Upload, columns: Mapping[str, str], limits: Limits, now: dt.datetime) -> list[Draft]:
    """The drafts of a request, in its order.

    Args:
        columns: that a draft may tell, name -> role.
        now: when those are published that do not say it.

    Raises:
        Refusal: 400, no JSON; 413, too many or too long; 422, something in it is wrong.
    """
    told = _parsed(upload.told)
    if not upload.listed:
        if not isinstance(told, dict) or "drafts" not in told:
            raise Refusal(422, 'the request is no object {"drafts": [...]}')
        if unknown := sorted(told.keys() - {"drafts"}):
            raise Refusal(422, f"the request has an unknown field '{quoted(unknown[0])}'; 'drafts' is known")
        told = told["drafts"]
    if not isinstance(told, list):
        raise Refusal(422, "'drafts' is no list")
    if not told:
        raise Refusal(422, "there are no drafts")
    if len(told) > limits.drafts:
        raise Refusal(413, f"{len(told):,} drafts; at most {limits.drafts:,} are ranked at once")
    if beyond := [number for number in upload.images if number > len(told)]:
        raise Refusal(422, f"there is an image for draft {min(beyond)}, and only {len(told)} drafts")
    return [_draft(number, one, upload, columns, limits, now) for number, one in enumerate(told, 1)]


def _draft(
    number: int, told: object, upload: Upload, columns: Mapping[str, str], limits: Limits, now: dt.datetime
) -> Draft:
    _known(number, told, columns)
    try:
        handed = Handed.model_validate(told)
    except ValidationError as error:
        _refuse(number, error.errors(include_url=False, include_context=False)[0])
    texts = [("name", handed.name, limits.name), ("account", handed.account, limits.name)]
    texts += [("text", handed.text, limits.text)]
    for name, value in handed.values.items():
        if columns[name] == NUMERIC and isinstance(value, str | bool):
            raise _wrong(number, f"values.{name}", "is no number")
        if isinstance(value, float) and not math.isfinite(value):
            raise _wrong(number, f"values.{name}", "is no finite number")
        texts += [(f"values.{name}", value, limits.value)] if isinstance(value, str) else []
    for field, text, longest in texts:
        if text is not None and len(text) > longest:
            raise _wrong(number, field, f"has {len(text):,} characters; at most {longest:,}", status=413)
        if text is not None and "\0" in text:
            raise _wrong(number, field, "holds a NUL character, which no text does")
        if text is not None and _halved(text):
            raise _wrong(number, field, "holds half a character")
    at = handed.at or now
    if at.year not in YEARS:
        raise _wrong(number, "at", f"is in the year {at.year}; between {YEARS[0]} and {YEARS[-1]} it may be")
    return Draft(
        number=number,
        name=handed.name or upload.names.get(number) or f"draft {number}",
        account=handed.account or None,
        text=handed.text,
        image=upload.names.get(number),
        at=at.astimezone(dt.UTC),
        values=handed.values,
    )


def _known(number: int, told: object, columns: Mapping[str, str]) -> None:
    """Refuse unknown fields, at the first: a million of them would make a million errors."""
    if not isinstance(told, dict):
        return
    for name in told:
        if name not in Handed.model_fields:
            near = did_you_mean(quoted(name), Handed.model_fields)
            raise _wrong(number, quoted(name), f"is unknown{near}")
    values = told.get("values")
    for name in values if isinstance(values, dict) else ():
        if name not in columns:
            near = did_you_mean(quoted(name), columns)
            raise _wrong(number, f"values.{quoted(name)}", f"is no column that a draft may tell{near}")


def _halved(text: str) -> bool:
    """Whether a character outside of the first 65,536 is not whole: no file and no answer takes it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _parsed(told: bytes) -> Any:
    try:
        text = told.decode()
    except UnicodeDecodeError as error:
        raise Refusal(400, f"the JSON is not in UTF-8: byte {error.start + 1:,} is none of it") from None
    try:
        return json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_number, parse_int=_number, parse_float=_number
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refusal(400, f"not JSON: {error.msg} ({where})") from None
    except RecursionError:
        raise Refusal(400, "the JSON is nested too deep") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice, _ = counts.most_common(1)[0]
        raise Refusal(422, f"a field is told twice: '{quoted(twice)}'")
    return found


def _no_number(text: str) -> NoReturn:
    raise Refusal(400, f"not JSON: {text} is no number")


def _number(text: str) -> float:
    # An integer of a million digits takes minutes to read.
    if len(text) > LONGEST_NUMBER:
        raise Refusal(422, f"a number has {len(text):,} digits")
    return float(text)


def _refuse(number: int, error: ErrorDetails) -> NoReturn:
    place = [str(part) for part in error["loc"]]
    # Of a union, the last part names its member, which is nobody's business.
    field = ".".join(quoted(part) for part in (place[:2] if place[:1] == ["values"] else place))
    said = {
        "timezone_aware": "has no time zone; one is written like 2026-05-01T18:00:00Z",
        "datetime_from_date_parsing": "is no date and time like 2026-05-01T18:00:00Z",
        "datetime_parsing": "is no date and time like 2026-05-01T18:00:00Z",
        "model_type": "is no object",
    }
    text = said.get(error["type"], f"is wrong: {error['msg'].removeprefix('Value error, ')}")
    raise _wrong(number, field, text)


def _wrong(number: int, field: str, text: str, status: int = 422) -> Refusal:
    where = f"draft {number}, {field}" if field else f"draft {number}"
    return Refusal(status, f"{where}: {text}", draft=number)
