"""Labels: the popularity of each post, a line a post; or made of the views, for a collection of one's own."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from benchmark.errors import DataError
from benchmark.readers import columns
from benchmark.readers.decoding import decode
from benchmark.readers.raw import Origin, ReadReport, numbered
from benchmark.readers.smpd_image.groups import Group

_HEADER = re.compile(r'"?(?:popularity[ _-]?(?:score)?|labels?|scores?)"?', re.IGNORECASE)
_ROUNDED = 0.006
"""A label of two decimals differs from the exact one by no more."""


def label_lines(path: Path) -> tuple[list[str], Origin]:
    """The labels as written, and the row of each: a header is left out, and so are blank lines at the end."""
    lines = [line.strip().strip('"') for line in decode(path).text.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    headed = bool(lines and _HEADER.fullmatch(lines[0]))
    return lines[headed:], numbered(path.name, len(lines) - headed, first=1 + headed)


def labels(lines: list[str], origin: Origin, path: Path) -> pd.Series:
    """float64, none missing.

    Raises:
        DataError: a line that holds no finite number.
    """
    result = columns.numbers(lines, "popularity", origin)
    if result.isna().any():
        i = int(np.flatnonzero(result.isna())[0])
        raise DataError(
            "a label is missing",
            file=path,
            row=int(origin.rows[i]),
            column="popularity",
            value=lines[i],
            mend="Every train post needs one: fetch the file again",
        )
    return result


def pseudo_labels(group: Group, report: ReadReport) -> pd.DataFrame:
    """`popularity` on the owner's scale, log2(views + 1), with `views` and `post_age_days`.

    A collection writes log(1 + views), the natural logarithm, and leaves the label of a post out that was too
    young when its views were read: such posts have no label here either.

    Raises:
        DataError: neither label nor views; or one that is no number.
    """
    name, keys = group.path.name, ("pseudo_label", "PseudoLogViewScore")
    written = next((key for key in keys if key in group), None)
    if written is None and "views" not in group:
        raise DataError(
            f"no row has the key '{keys[0]}' or 'views'", file=group.path, mend="Give the views of each post"
        )
    given = columns.numbers(group.take(*keys), keys[0], group.origin)
    views = columns.numbers(group.take("views"), "views", group.origin)
    if (wrong := np.flatnonzero(views < 0)).size:
        raise group.origin.error(int(wrong[0]), "views below 0", column="views", value=views[wrong[0]])
    exact = np.log1p(views)
    if differ := int(((given - exact).abs() > _ROUNDED).sum()):
        report.note(f"{name}: {differ} labels are not log(1 + views); the views are believed")
    natural = exact.fillna(given)
    if written is not None:
        natural = natural.mask(given.isna())
    if bare := int(natural.isna().sum()):
        report.note(f"{name}: {bare} posts without a label of their own")
    report.note(f"{name}: labels are log2(views + 1), as the owner's, where the file has log(1 + views)")
    age = columns.numbers(group.take("post_age_days"), "post_age_days", group.origin, report)
    return pd.DataFrame({"popularity": natural / np.log(2), "views": views, "post_age_days": age})
