"""Column: what a card says of one column of the posts, and who reads it."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from benchmark.declared.layout import CAPTURE, TIME_FORMATS, Moment, NumberFormat, below, unknown_format

Role = Literal[
    "id", "user", "time", "text", "tags", "category", "image", "numeric", "categorical", "place", "vector"
]
Availability = Literal["publish", "crawl"]
Modality = Literal["text", "image"]
"""What an encoder reads of a post."""
READS: dict[Modality, tuple[Role, ...]] = {"text": ("text", "tags"), "image": ("image",)}
"""Modality -> the roles of the columns that an encoder of it reads."""
KEY_COLUMNS = {"id": "post_id", "user": "user_id", "time": "time"}
"""The canonical name of the one column that each of these roles has."""

KNOWN_AT = "known_at"
"""Role and name of the column of a fact table that says from when on a row may be known."""


class Column(Moment):
    """One column of the prepared inputs. Where it comes from and how it is written: reader `table` only."""

    role: Role
    availability: Availability = "publish"
    """`crawl`: known only when the data were collected; withheld from baselines unless `--with-crawl`."""
    level: Annotated[int, Field(ge=0, le=1000)] | None = None
    """Depth in the category hierarchy, 1 = top, as is 0 (role `category` only)."""
    separator: str | None = None
    """Between the tags of one post (role `tags` only); found by looking at the column when absent."""
    when_missing: Literal["error", "drop"] = "error"
    """Roles `id`, `user` and `time`, which every post has: what becomes of a row without."""
    file: Annotated[str, below("raw folder")] | None = None
    """In place of a source (role `image`): path below the raw folder, in which `{name}` stands for the value
    of that column: `images/{account}/{shortcode}.jpg` (reader `table` only)."""
    since: Moment | None = None
    """In place of a source (role `numeric`): days from this moment to that of `read_at` of `[table]`, or to
    `time` where there is none. The age of a post whose counts were read at different ages."""
    resembles_label: bool = False
    """Set after looking: the column ranks posts almost as the label does and is nevertheless known in
    advance. Without it `prepare` refuses such a column as a leak."""

    @field_validator("file")
    @classmethod
    def _names_a_column(cls, file: str | None) -> str | None:
        if file is not None and (not CAPTURE.search(file) or re.search(r"[{}]|^/", CAPTURE.sub("x", file))):
            raise ValueError(f"'{file}' names no column: write it as images/{{shortcode}}.jpg")
        return file

    @model_validator(mode="after")
    def _fits_its_role(self) -> Self:
        if self.format or self.zone:
            check_format(self.role, self.format, self.zone)
        if self.separator is not None and self.role != "tags":
            raise ValueError("only a column of role 'tags' has a separator")
        if self.when_missing != "error" and self.role not in KEY_COLUMNS:
            raise ValueError(f"rows are dropped for a missing {', '.join(KEY_COLUMNS)} alone")
        if self.file is not None and (self.role != "image" or self.source or self.value is not None):
            raise ValueError("a `file` is an image, and says where it comes from")
        if self.since and (self.role != "numeric" or self.source or self.value is not None):
            raise ValueError("days since a moment are numeric, and `since` says where they come from")
        return self


def check_format(role: str, format: tuple[str, ...], zone: str | None) -> None:
    """Raise a ValueError if values of this role are not written so."""
    if role in ("time", KNOWN_AT):
        for one in format:
            if problem := unknown_format(one, TIME_FORMATS):
                raise ValueError(problem)
    elif zone:
        raise ValueError("only a time has a zone")
    elif role != "numeric":
        raise ValueError(f"only a time and a number have a format, and not a column of role '{role}'")
    elif len(format) > 1 or format[0] not in get_args(NumberFormat):
        raise ValueError(f"the format of a number is one of {', '.join(get_args(NumberFormat))}")
