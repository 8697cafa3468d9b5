"""`smpbench new dataset`: from files that nobody has described to a card, its report and the next command."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark import PROJECT
from benchmark.errors import CardError, DataError, SmpbenchError, UnknownName
from smpbench.cli.choices import Home
from smpbench.door.names import DEFAULT_HOME

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.proposing.draft import Draft

Answer = Callable[[str, str], str]
"""Question and default -> what the user says."""


def new_dataset(
    data: Annotated[Path, typer.Argument(help="A table, or a folder with tables and perhaps photos.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: take what is safe.")] = False,
    output: Annotated[
        Path | None, typer.Option(help="Folder for card.toml. Default: that of the data.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Of the data set. Default: that of the folder.")] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Look at data, write a card.toml for them, and prepare them."""
    from benchmark.files import write_atomically
    from benchmark.proposing.settle import settle
    from benchmark.proposing.study import study
    from benchmark.proposing.writing import card_text, reason_lines

    if not data.exists():
        raise CardError(f"{data}: nothing is there")
    data = data.resolve()
    folder = data if data.is_dir() else data.parent
    target = (output.resolve() if output else folder) / "card.toml"
    _check_free(target)
    if not yes and not sys.stdin.isatty():
        print("no terminal to ask at: taking what is safe, as with --yes")
        yes = True
    draft = study(data)
    labels, published = ((), ()) if yes else asked(draft, typer_prompt)
    raw, root = _placed(draft.raw, draft.folder, target.parent)
    settled = settle(
        draft,
        name=name or free_name(data),
        title=(data.stem if data.is_file() else folder.name) or "My posts",
        raw=raw,
        data=folder / draft.raw,
        labels=labels,
        published=published,
    )
    text = card_text(settled, target.parent)
    _check_free(target)
    try:
        write_atomically(target, text)
    except OSError as error:
        raise CardError(
            f"{target}: cannot be written: {error.strerror}. Name a folder with --output"
        ) from None
    print("\n".join(reason_lines(settled)))
    print(f"\nwrote {target}\n")
    _prepare(target, home, root)


def asked(draft: Draft, answer: Answer) -> tuple[list[str], list[str]]:
    """The two things that no one can see in the data: what is the label, and what was known in time.

    Returns:
        names of the labels, and of the doubtful columns that were known when a post was published.
    """
    labels = [one.name for one in draft.labels]
    chosen = draft.default_labels
    if len(labels) > 1:
        question = f"Which is the label ({', '.join(labels)}; several with commas, or all)?"
        chosen = _names(question, labels, ", ".join(chosen), answer)
    doubtful = draft.doubtful
    if not doubtful:
        return chosen, []
    question = (
        "Which of these were known the moment a post was published "
        f"({', '.join(doubtful)}; several with commas, all or none)?"
    )
    return chosen, _names(question, doubtful, "none", answer)


def typer_prompt(question: str, default: str) -> str:
    return str(typer.prompt(question, default=default))


def free_name(data: Path) -> str:
    """A name for the data set, of its file or folder, that none of the project's has."""
    from benchmark.data.cards import find_cards

    plain = re.compile(r"data|posts?|dataset|raw|export|table|train|files?")
    stems = [data.name.partition(".")[0] if data.is_file() else data.name, data.parent.name, "posts"]
    slugs = [re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_")[:60].strip("_") for stem in stems]
    slug = next((one for one in slugs if one and not plain.fullmatch(one)), None) or next(filter(None, slugs))
    return f"my_{slug}"[:64] if slug in find_cards(PROJECT / "datasets") else slug


def _names(question: str, known: Sequence[str], default: str, answer: Answer) -> list[str]:
    while True:
        said = answer(question, default).strip()
        if said.lower() in ("all", "none", ""):
            return list(known) if said.lower() == "all" else []
        names = [one.strip() for one in said.split(",") if one.strip()]
        if not (strangers := [one for one in names if one not in known]):
            return names
        print(UnknownName("column", strangers[0], known))


def _check_free(target: Path) -> None:
    if os.path.lexists(target):
        raise CardError(
            f"{target} exists already and stays as it is. Move it away, or name a folder with --output"
        )
    place = next(one for one in target.parents if one.exists())
    if not os.access(place, os.W_OK):
        raise CardError(f"{place}: cannot be written to. Name a folder with --output")


def _placed(raw: str, folder: Path, output: Path) -> tuple[str, Path | None]:
    """How a card in `output` names the data, and the folder for --raw where they lie elsewhere."""
    place = Path(os.path.normpath(folder / raw))
    if place.is_relative_to(output):
        below = place.relative_to(output).as_posix()
        return (f"./{below}" if below != "." else "."), None
    return place.name, place.parent


def _prepare(target: Path, home: Path, root: Path | None) -> None:
    """Prepare by the card on disk, print the report and what comes next."""
    from benchmark.data.cards import load_card
    from benchmark.data.prepare import prepare
    from benchmark.data.report import report_lines

    card = load_card(target)
    try:
        prepared = prepare(card, home.resolve(), (root,) if root else ())
    except SmpbenchError as error:
        print(f"{card.name}: {error}", file=sys.stderr)
        if found := _line_to_mend(target, card, error):
            print(f"mend this line of the card: {found}", file=sys.stderr)
        again = ["smpbench", "prepare", *_options(target, home, root)]
        print(f"then: {_command(again)}", file=sys.stderr)
        raise typer.Exit(1) from None
    print("\n".join(report_lines(prepared)))
    options = _options(target, home, root)
    print(f"\nto rank drafts: {_command(['smpbench', 'fit', *options, '-o', 'model'])}")
    print(f"next: {_command(['smpbench', 'run', *options])}")


def _options(target: Path, home: Path, root: Path | None) -> list[str]:
    shown = os.path.relpath(target)
    options = ["-d", str(target) if shown.startswith("..") else f"./{shown}"]
    if home.resolve() != DEFAULT_HOME.resolve():
        options += ["--home", str(home)]
    return options + (["--raw", str(root)] if root else [])


def _command(words: Sequence[str]) -> str:
    import shlex

    return shlex.join(words)


def _line_to_mend(target: Path, card: Card, error: SmpbenchError) -> str:
    """`card.toml:12: likes = ...`, the line about the column that an error names; empty if it names none."""
    column = error.column if isinstance(error, DataError) else None
    if column is None:
        return ""
    said = {**card.columns, **card.targets}
    names = [name for name, one in said.items() if column in (name, *one.source)]
    for number, line in enumerate(target.read_text(encoding="utf-8").splitlines(), start=1):
        if any(re.match(rf"{name}\s*=", line) for name in names):
            return f"{target.name}:{number}: {line}"
    return ""
