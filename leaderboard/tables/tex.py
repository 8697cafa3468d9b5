"""Tex: any text as LaTeX shows it: names come from anywhere."""

from __future__ import annotations

from benchmark.naming import printable

_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "[": "{[}",  # after a line break it would begin an argument
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "ρ": r"$\rho$",
    "²": r"$^2$",
} | {mark: rf"\{mark}" for mark in "&%$#_{}"}


def tex(text: str) -> str:
    """On one line, no command, no argument."""
    return "".join(_TEX.get(c, c) for c in printable(text))
