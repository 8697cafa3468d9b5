"""Do not do this: an account or a category in place of which stands its mean label, of all posts, test posts
among them. The split is by time and looks honest; the labels come in by a column."""

from __future__ import annotations

from benchmark.declared.column import KEY_COLUMNS
from pitfalls.honest.columns import Floats, group_means, with_numbers
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.mistake import Made, Mistake, NotPossible, check_reads_columns


class TargetEncoding(Mistake):
    name = "target_encoding"
    title = "target encodings with test labels"
    layer = "data"

    def check(self, of: Ground) -> None:
        check_reads_columns(of)
        if not _encoded(of):
            raise NotPossible("there is one account, and no column of categories")

    def made(self, of: Ground, honest: Said) -> Made:
        numbers: dict[str, Floats] = {}
        for column in _encoded(of):
            means = group_means(of.posts.table[column].to_pylist(), of.posts.labels)
            numbers |= {f"{column}_{name}": means[:, j] for j, name in enumerate(of.posts.task.targets)}
        posts, schema = with_numbers(of.posts, of.schema(), numbers)
        return Made(of.walk(posts=posts, schema=schema), note=f"of {', '.join(_encoded(of))}")


def _encoded(of: Ground) -> list[str]:
    """Columns that tell some posts from others."""
    names = [KEY_COLUMNS["user"], *of.schema().with_role("category", "categorical")]
    return [name for name in names if len(of.posts.table[name].take(of.labelled).unique().drop_null()) > 1]
