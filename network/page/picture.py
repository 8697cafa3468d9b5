"""Picture: the network as an SVG, where nothing can draw it anew: in a notebook, without WebGL, on paper."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

COLOURS = (
    "#4269d0", "#efb118", "#ff725c", "#3ca951", "#a463f2", "#6cc5b0", "#ff8ab7", "#9c6b4e", "#97bbf5",
    "#c6a500", "#d6488f", "#2f8f9d", "#e08a3c", "#7d9c2f",
)  # fmt: skip
"""Of the biggest communities, the biggest first: Observable's ten, and four that go with them."""
OTHER = "#a9afb8"
"""Of all others."""
MOST_ACCOUNTS, MOST_EDGES, MOST_NAMES = 800, 2_000, 18
SIDE = 1_000


def svg(told: dict[str, Any]) -> str:
    """The backbone of what `page_data` tells: accounts sized by the first score, coloured by community."""
    accounts, edges = told["accounts"], told["edges"]
    linked = np.zeros(len(accounts["name"]), bool)
    linked[edges["source"]] = linked[edges["target"]] = True
    some = np.flatnonzero(linked)[:MOST_ACCOUNTS]
    if not len(some):
        return ""
    x, y = (np.asarray(accounts[axis], np.float64)[some] for axis in "xy")
    middle = np.asarray([np.ptp(x) / 2 + x.min(), np.ptp(y) / 2 + y.min()])
    scale = 0.94 * SIDE / max(float(np.ptp(x)), float(np.ptp(y)), 1.0)
    x, y = SIDE / 2 + (x - middle[0]) * scale, SIDE / 2 - (y - middle[1]) * scale
    radius = _radii(told, some)
    colours = colours_of(told)
    fill = [colours.get(accounts["community"][one], OTHER) for one in some]
    drawn = [
        f'<circle cx="{x[i]:.0f}" cy="{y[i]:.0f}" r="{radius[i]:.1f}" fill="{fill[i]}"/>'
        for i in np.argsort(-radius, kind="stable")
    ]
    named = [
        f'<text x="{x[i]:.0f}" y="{y[i] - radius[i] - 4:.0f}">{escape(accounts["name"][some[i]])}</text>'
        for i in np.argsort(-radius, kind="stable")[:MOST_NAMES]
    ]
    place = np.full(len(linked), -1)
    place[some] = np.arange(len(some))
    title = f"{escape(told['title'])}: {len(some):,} accounts, coloured by community"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" '
        f'role="img" aria-label="{title}">'
        f'<g stroke-width="0.8" stroke-opacity="0.25">{_lines(edges, place, x, y, fill)}</g>'
        f'<g stroke="#fff" stroke-width="0.8">{"".join(drawn)}</g>'
        '<g font-family="system-ui, sans-serif" font-size="13" font-weight="600" text-anchor="middle" '
        f'fill="currentColor" stroke="none">{"".join(named)}</g></svg>'
    )


def colours_of(told: dict[str, Any]) -> dict[int, str]:
    """Code of a community -> its colour; those without one have `OTHER`."""
    biggest = sorted(told["communities"], key=lambda one: (-one["size"], one["code"]))
    return {one["code"]: colour for one, colour in zip(biggest, COLOURS, strict=False)}


def _radii(told: dict[str, Any], some: np.ndarray) -> np.ndarray:
    if not told["scores"]:
        return np.full(len(some), 4.0)
    values = np.asarray([told["scores"][0]["value"][one] or 0.0 for one in some], np.float64)
    top = float(np.abs(values).max()) or 1.0
    return 2.5 + 17 * np.sqrt(np.maximum(values, 0) / top)


def _lines(edges: dict[str, Any], place: np.ndarray, x: np.ndarray, y: np.ndarray, fill: list[str]) -> str:
    source, target = place[edges["source"]], place[edges["target"]]
    weight = np.asarray(edges["weight"], np.float64)
    inside = np.flatnonzero((source >= 0) & (target >= 0))
    heaviest = inside[np.argsort(-weight[inside], kind="stable")[:MOST_EDGES]]
    pairs = sorted({(min(source[i], target[i]), max(source[i], target[i])) for i in heaviest.tolist()})
    return "".join(
        f'<path d="M{x[a]:.0f} {y[a]:.0f}L{x[b]:.0f} {y[b]:.0f}" '
        f'stroke="{fill[a] if fill[a] == fill[b] else OTHER}"/>'
        for a, b in pairs
    )
