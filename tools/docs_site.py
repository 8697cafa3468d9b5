"""Docs site: what the pages of docs/ link to elsewhere in the project becomes a part of their site.

MkDocs knows one folder, and fails on a link that leaves it. Pages link to CONTRIBUTING.md, to cards, to the
published board, as they must where they are read in the repository. As a hook (`mkdocs.yml`), this takes
every file that is linked to, and what that links to in turn, to a place in the site, and turns the links.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
DOCS = "docs/"
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)(?P<path>[^)\s#]+)(?P<anchor>#[^)\s]*)?(?=\))")
"""A link to a file, as these pages write them: no title, no reference, no address of another site."""
FENCE = re.compile(r"^ *```")


def on_files(files: Any, config: Any) -> Any:
    """A file more for each one outside of docs/ that a page leads to."""
    from mkdocs.structure.files import File

    for path in sorted(beside(PROJECT)):
        files.append(File.generated(config, placed(path), abs_src_path=str(PROJECT / path)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The page with its links as they are in the site."""
    source = page.file.src_uri
    native = (PROJECT / DOCS / source).is_file()
    return turned(markdown, DOCS + source if native else source)


def beside(project: Path) -> set[str]:
    """Files outside of docs/ to which its pages lead, directly or by another page; from the project on."""
    found: set[str] = set()
    waiting = [path.relative_to(project).as_posix() for path in sorted((project / DOCS).glob("*.md"))]
    while waiting:
        page = waiting.pop()
        for target, _ in links((project / page).read_text(encoding="utf-8"), page):
            if not target.startswith(DOCS) and (project / target).is_file() and target not in found:
                found.add(target)
                waiting += [target] if target.endswith(".md") else []
    return found - {"README.md"}


def placed(path: str) -> str:
    """Where a file of the project lies in the site; the README's place is taken by the first page."""
    return "index.md" if path == "README.md" else path.removeprefix(DOCS)


def links(markdown: str, page: str) -> Iterator[tuple[str, str]]:
    """The files of the project to which a page links, and the anchor in each, with its `#`."""
    found: list[tuple[str, str]] = []

    def note(link: re.Match[str]) -> str:
        found.append((_target(link, page), link["anchor"] or ""))
        return link[0]

    _in_prose(markdown, note)
    yield from found


def turned(markdown: str, page: str) -> str:
    """A page whose links lead to where the files lie in the site."""
    here = posixpath.dirname(placed(page)) or "."

    def turn(link: re.Match[str]) -> str:
        return posixpath.relpath(placed(_target(link, page)), here) + (link["anchor"] or "")

    return _in_prose(markdown, turn)


def _target(link: re.Match[str], page: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), link["path"]))


def _in_prose(markdown: str, change: Callable[[re.Match[str]], str]) -> str:
    """Every link changed, but for what stands in a fenced block."""
    lines, fenced = [], False
    for line in markdown.split("\n"):
        fenced ^= bool(FENCE.match(line))
        lines.append(line if fenced else LINK.sub(change, line))
    return "\n".join(lines)
