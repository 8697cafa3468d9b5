"""Notebook: a network as an object that a notebook shows: a picture, and the first of each ranking.

It is an SVG and a table, and no frame with the page: it runs nothing, so notebooks that are not trusted show
it, and so does paper. `write` makes the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

from network.page import words
from network.page.data import page_data
from network.page.page import write_page
from network.page.picture import svg
from network.page.pseudonyms import Names
from network.reading import Influence, Reading

FIRST = 10
"""Accounts of a ranking."""


@dataclass(frozen=True)
class Shown:
    """A reading under the names that may be shown."""

    reading: Reading
    names: Names

    def write(self, path: Path) -> None:
        """The page, as one file.

        Raises:
            StoreError, OSError: it cannot be written there.
        """
        write_page(self.reading, path, self.names)

    def __repr__(self) -> str:
        graph = self.reading.network.graph
        title = self.reading.network.card.title
        return f"<network of {title}: {graph.n:,} accounts, {len(graph):,} edges>"

    def _repr_html_(self) -> str:
        told = page_data(self.reading, self.names)
        rankings = "".join(self._ranking(one) for one in self.reading.influence)
        return (
            f'<div><div style="max-width: 46rem">{svg(told)}</div>'
            f"<p>{escape(words.headline(self.reading))}</p>{rankings}"
            f"<p><small>{escape(self.names.rule)}</small></p></div>"
        )

    def _ranking(self, score: Influence) -> str:
        from network.page.plain import ranks

        rank = ranks(score.values)
        first = sorted((int(place), code) for code, place in enumerate(rank.tolist()) if 0 < place <= FIRST)
        rows = "".join(
            f"<tr><td>{place}</td><th>{escape(str(self.names.of[code]))}</th><td>{score.values[code]:,.4g}</td>"
            f"<td>{words.span(score.low[code], score.high[code])}</td></tr>"
            for place, code in first[:FIRST]
        )
        beside = " ".join(part for told in words.beside(self.reading, score) for part in told)
        return (
            f"<details><summary>{escape(score.words)}</summary><p>{escape(beside)}</p>"
            f"<table><thead><tr><th>#</th><th>account</th><th>score</th><th>95%</th></tr></thead>"
            f"<tbody>{rows}</tbody></table></details>"
        )
