"""Tex: any text as LaTeX shows it, names come from anywhere; and a table of such texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from benchmark.declared.naming import printable

_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "[": "{[}",  # after a line break it would begin an argument
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "{''}",  # a straight one is not in LaTeX's own font encoding
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "→": r"$\rightarrow$",
    "ρ": r"$\rho$",
    "α": r"$\alpha$",
    "Δ": r"$\Delta$",
    "²": r"$^2$",
    "−": "$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "°": r"$^\circ$",
    "–": "--",
    "—": "---",
    "…": r"\dots{}",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "\u00a0": "~",
} | {mark: rf"\{mark}" for mark in "&%$#_{}"}
_ACCENTS = {chr(one) for one in (*range(0x300, 0x305), 0x306, 0x307, 0x308, 0x30A, 0x30B, 0x30C, 0x327)}
_LETTERS = set("æœøłßÆŒØŁıåÅ¿¡§")


def tex(text: str) -> str:
    """On one line, no command, no argument. A character that plain LaTeX cannot set is told by its number,
    `[U+4E2D]`: one such in a title would keep a whole paper from being compiled."""
    return "".join(_of(c) for c in unicodedata.normalize("NFC", printable(text)))


def booktabs(
    columns: str, head: Sequence[str], rows: Sequence[Sequence[str]], caption: str, label: str = ""
) -> str:
    r"""A float of LaTeX; it needs `\usepackage{booktabs}` and nothing else. All texts are LaTeX already.

    Args:
        columns: `lrr`. label: behind `tab:`.
    """
    lines = [" & ".join(cells) + r" \\" for cells in (head, *rows)]
    text = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{caption}}}",
        *([rf"\label{{tab:{label}}}"] if label else []),
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        lines[0],
        r"\midrule",
        *lines[1:],
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(text) + "\n"


NEEDS = "% \\usepackage{booktabs}\n"
"""Before the first table: what it wants of the paper."""


def _of(c: str) -> str:
    if c in _TEX:
        return _TEX[c]
    base, *accents = list(unicodedata.normalize("NFD", c))
    if base.isascii() and len(accents) <= 1 and set(accents) <= _ACCENTS:
        return c
    return c if c in _LETTERS else f"{{[}}U+{ord(c):04X}]"
