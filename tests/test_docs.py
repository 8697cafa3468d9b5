"""The pages for people hold: links lead somewhere, commands are understood, and docs/ builds as a site."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import understood
from documents import blocks, page

from benchmark import PROJECT
from tools.docs_site import beside, links, turned

DOCS = sorted(path.relative_to(PROJECT).as_posix() for path in (PROJECT / "docs").glob("*.md"))
OF_DATA_SETS = sorted(
    path.relative_to(PROJECT).as_posix() for path in (PROJECT / "datasets").glob("*/README.md")
)
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *DOCS, *OF_DATA_SETS]
LINKED = [*PAGES, "leaderboard/published/LEADERBOARD.md"]


def lines_of_shell(name: str) -> list[str]:
    return [line for block in blocks(name, "sh") for line in block.splitlines() if line]


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_every_smpbench_command_that_a_page_prints_is_understood(name: str) -> None:
    spans = re.findall(r"`(smpbench [^`]+)`", page(name))
    # In running text, `smpbench data | prepare` lists commands and `-d NAME` stands for a name.
    printed = [line for line in lines_of_shell(name) if line.startswith("smpbench ")]
    # Nor are `smpbench board --json` and `smpbench pitfalls --publish`, which name an option, whole commands.
    whole = [span for span in spans if "|" not in span and not re.fullmatch(r"smpbench \w+ --[\w-]+", span)]
    for line in [*printed, *whole]:
        understood(shlex.split(line, comments=True)[1:])


@pytest.mark.parametrize("name", PAGES)
def test_every_make_target_that_a_page_names_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", page("Makefile"), flags=re.MULTILINE))
    printed = [*re.findall(r"`([^`\n]+)`", page(name)), *lines_of_shell(name)]
    named = {found[1] for line in printed if (found := re.match(r"(?:[A-Z_]+=\S+ )*make ([a-z-]+)", line))}
    assert named <= targets
    assert named or name != "README.md"


@pytest.mark.parametrize("name", PAGES)
def test_every_file_of_code_that_a_page_names_exists(name: str) -> None:
    rooms = "|".join(["tests", *(path.parent.name for path in PROJECT.glob("*/__init__.py"))])
    named = set(re.findall(rf"\b(?:{rooms})/[\w/]+\.py\b", page(name)))
    assert [file for file in sorted(named) if not (PROJECT / file).is_file()] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_module_that_a_page_runs_exists(name: str) -> None:
    spans = [*re.findall(r"`([^`\n]+)`", page(name)), *lines_of_shell(name)]
    for module in {found[1] for span in spans if (found := re.search(r"\bpython -m ([\w.]+)", span))}:
        assert importlib.util.find_spec(module) is not None, module


@pytest.mark.parametrize("name", PAGES)
def test_the_python_that_a_page_shows_is_python(name: str) -> None:
    for block in blocks(name, "python"):
        ast.parse(block)


@pytest.mark.parametrize("name", LINKED)
def test_every_link_into_the_project_leads_somewhere(name: str) -> None:
    text = page(name)
    within = {(name, anchor) for anchor in re.findall(r"(?<=\]\()(#[^)\s]+)(?=\))", text)}
    for target, anchor in {*links(text, name), *within}:
        assert (PROJECT / target).is_file(), f"{target}: a link to a folder leads nowhere on the site"
        if anchor:
            assert anchor[1:] in anchors(target), f"{target}{anchor}"


def test_pages_have_some_hundred_links() -> None:
    assert sum(len(list(links(page(name), name))) for name in LINKED) > 100, "the test above reads them"


def anchors(name: str) -> set[str]:
    """What headings of a page are called in an address, in the repository and on the site."""
    headings = re.findall(r"^#+ (.+)$", page(name), flags=re.MULTILINE)
    return {re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_a_list_begins_after_an_empty_line(name: str) -> None:
    """Or the site would run it into the paragraph above."""
    prose = re.sub(r"^ *```.*?^ *```$", "", page(name), flags=re.MULTILINE | re.DOTALL)
    run_in = re.findall(r"^(?![-*>|#\s]|\d+\. ).+\n(?:- |1\. ).*$", prose, flags=re.MULTILINE)
    assert run_in == []


@pytest.fixture(scope="module")
def site() -> dict[str, Any]:
    """What mkdocs.yml says."""
    found: dict[str, Any] = yaml.safe_load(page("mkdocs.yml"))
    return found


def test_every_page_of_docs_has_a_place_in_the_navigation(site: dict[str, Any]) -> None:
    placed: list[str] = []
    for entry in site["nav"]:
        for told in entry.values():
            placed += [told] if isinstance(told, str) else [path for one in told for path in one.values()]
    assert len(placed) == len(set(placed))
    here = {name.removeprefix("docs/") for name in DOCS}
    assert here == {path for path in placed if path in here}, "add the page to `nav` in mkdocs.yml"
    others = {path for path in placed if path not in here}
    assert others <= beside(PROJECT), "what lies elsewhere comes along where a page links to it"


def test_the_first_page_of_the_site_leads_to_every_other_page() -> None:
    led = {target for target, _ in links(page("docs/index.md"), "docs/index.md")}
    assert set(DOCS) - led == {"docs/index.md"}


def test_the_site_asks_nothing_of_other_sites(site: dict[str, Any]) -> None:
    assert site["theme"]["highlightjs"] is False
    assert not {"extra_javascript", "google_analytics"} & site.keys()
    assert all("://" not in sheet for sheet in site["extra_css"])


def test_a_link_out_of_docs_leads_to_the_place_of_the_file_in_the_site() -> None:
    text = "[rules](../CONTRIBUTING.md#style), [here](desk.md), [there](https://a.org/b), [top](#top)"
    assert turned(text, "docs/first.md") == text.replace("../CONTRIBUTING", "CONTRIBUTING")
    assert turned("[d](docs/desk.md#fit)", "CONTRIBUTING.md") == "[d](desk.md#fit)"
    assert turned("[d](../../docs/smpd.md)", "datasets/one/README.md") == "[d](../../smpd.md)"
    assert turned("[o](../two/README.md)", "datasets/one/README.md") == "[o](../two/README.md)"
    assert turned("[r](../README.md)", "docs/first.md") == "[r](index.md)", (
        "its place is that of the first page"
    )


def test_what_stands_in_a_fenced_block_is_no_link() -> None:
    text = "```md\n[rules](../CONTRIBUTING.md)\n```\n[rules](../CONTRIBUTING.md)"
    assert turned(text, "docs/first.md") == text.removesuffix("(../CONTRIBUTING.md)") + "(CONTRIBUTING.md)"


def test_what_pages_link_to_comes_along_and_what_that_links_to(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "first.md").write_text("[rules](../RULES.md) [gone](../gone.md) [me](first.md)")
    (tmp_path / "RULES.md").write_text("[back](docs/first.md), [card](sets/card.toml)")
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "card.toml").write_text("[not](read.md)")
    assert beside(tmp_path) == {"RULES.md", "sets/card.toml"}


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("mkdocs") is None, reason="mkdocs, of the extra dev, is not installed"
)
def test_the_pages_build_as_a_site_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    for name in ("index", "protocol", "CONTRIBUTING", "leaderboard/published/LEADERBOARD"):
        assert (tmp_path / "site" / f"{name}.html").is_file()
    fetched = re.compile(r"""<(?:script|link|img)\b[^>]+(?:src|href)=["'](?:https?:)?//""")
    for path in (tmp_path / "site").rglob("*.html"):
        if "leaderboard/published" not in path.as_posix():
            assert not fetched.search(path.read_text(encoding="utf-8")), path
