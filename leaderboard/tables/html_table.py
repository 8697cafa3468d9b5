"""Html table: rows of any text as a table of a page, or of somebody else's."""

from __future__ import annotations

import html
from collections.abc import Collection, Sequence


def html_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], caption: str, right: Collection[int] = ()
) -> str:
    """Everything is escaped; the first cell of a row heads it.

    Args:
        right: the columns of numbers, which have the class `number`.
    """

    def cells(row: Sequence[str]) -> str:
        first, *rest = map(html.escape, row)
        numbers = [' class="number"' if i in right else "" for i in range(1, len(row))]
        told = (f"<td{mark}>{cell}</td>" for mark, cell in zip(numbers, rest, strict=True))
        return f'<tr><th scope="row">{first}</th>{"".join(told)}</tr>'

    heads = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in head)
    body = "\n".join(map(cells, rows))
    return (
        f"<table>\n<caption>{html.escape(caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table>\n"
    )
