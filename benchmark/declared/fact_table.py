"""Fact table: what a card says of rows beside the posts."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import field_validator, model_validator

from benchmark.declared.column import KNOWN_AT, check_format
from benchmark.declared.layout import Layout, Moment, Name, Pattern, below, checked_pattern, one_or_more

FactRole = Literal["known_at", "post", "user", "numeric", "categorical", "text"]


class FactColumn(Moment):
    """One column of a fact table."""

    role: FactRole
    """`post`: the id of the post that the fact is about; `user`: of an account that it is about, such as
    who mentions and who is mentioned."""

    @model_validator(mode="after")
    def _fits_its_role(self) -> Self:
        if self.format or self.zone:
            check_format(self.role, self.format, self.zone)
        return self


OF_POSTS = {
    KNOWN_AT: FactColumn(role="known_at"),
    "post_id": FactColumn(role="post"),
    "author": FactColumn(role="user"),
    "named": FactColumn(role="user"),
    "how": FactColumn(role="categorical"),
}
"""Columns of a fact table that says whom posts name."""


class FactTable(Layout):
    """Facts beside the posts, a row each: readings of a post over time, follows, mentions, comments."""

    raw: Pattern | None = None
    """File below the data set's raw folder, or a pattern of several, in any format that reader `table`
    reads."""
    beside: tuple[Annotated[str, below("raw data", folders=True)], ...] = ()
    """The facts lie with another data set: names of its raw folder, of which the first found is looked
    into."""
    of: dict[Name, Name] = {}
    """In place of files: what posts say of accounts. How an account is named (`mention`, `reply`) -> the
    column of posts that says which: of role `tags`, or `categorical` for one account a post. A row a post
    and account, known from its publication on, in columns `known_at`, `post_id`, `author`, `named`, `how`."""
    columns: dict[Name, FactColumn] = {}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if bool(self.of) == (self.raw is not None):
            raise ValueError("facts lie in a file (`raw`), or are said by posts (`of`): one of the two")
        if self.of and (self.columns != OF_POSTS or self.beside):
            raise ValueError("what posts say of accounts has its own columns, and lies nowhere else")
        roles = [column.role for column in self.columns.values()]
        if [name for name, column in self.columns.items() if column.role == KNOWN_AT] != [KNOWN_AT]:
            raise ValueError(f"exactly one column must have role '{KNOWN_AT}', and be called '{KNOWN_AT}'")
        if roles.count("post") > 1:
            raise ValueError("a fact is about one post: only one column may have role 'post'")
        return self

    @model_validator(mode="before")
    @classmethod
    def _columns_of_posts(cls, told: object) -> object:
        if isinstance(told, dict) and told.get("of") and not told.get("columns"):
            return {**told, "columns": OF_POSTS}
        return told

    @field_validator("beside", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return one_or_more(value)

    @field_validator("raw")
    @classmethod
    def _captures_are_names(cls, pattern: str | None) -> str | None:
        return None if pattern is None else checked_pattern(pattern)

    def with_role(self, *roles: FactRole) -> list[str]:
        """Names of the columns with one of these roles, in the card's order."""
        return [name for name, column in self.columns.items() if column.role in roles]
