"""The command that says what viral posts have in common against the others."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmark.errors import SmpbenchError, UnknownName, listed, shortened
from smpbench.cli.choices import AllowGenerator, Home, OneDataSet, OneTask, Raw
from smpbench.door.names import DEFAULT_HOME, chosen_card, raw_roots

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.declared.task import Task
    from benchmark.qualities.report import Report, Told


def qualities(
    dataset: OneDataSet,
    task: OneTask = None,
    by: Annotated[
        str, typer.Option("--by", help="Against whose others: account, category or a column.")
    ] = "account",
    only: Annotated[
        str | None, typer.Option("--only", help="This one account, or category, or value of the column.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the table into this file.")] = None,
    plot: Annotated[Path | None, typer.Option("--plot", help="Draw the effects into this PNG.")] = None,
    most: Annotated[
        int, typer.Option(min=100, help="Of more posts, whole accounts are drawn up to so many.")
    ] = 20_000,
    profile: Annotated[str, typer.Option(help="Of encoders.")] = "bundled",
    home: Home = DEFAULT_HOME,
    raw: Raw = None,
    allow_generator: AllowGenerator = False,
) -> None:
    """Show what viral posts of an account, or a category, have in common against its others."""
    from benchmark.data.prepare import prepare
    from benchmark.encoders.profiles import chosen_profile
    from benchmark.qualities.picture import draw
    from benchmark.qualities.report import report

    card = chosen_card(dataset)
    chosen = _task(card, task)
    named = chosen_profile(profile)
    home = home.resolve()
    prepared = prepare(card, home, raw_roots(raw), allow_generator=allow_generator)
    found = report(prepared, chosen, home, by=by, only=only, profile=named, most=most, say=_say)
    if as_json:
        told = asdict(found) | {"qualities": [_row(one) for one in found.qualities]}
        print(json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        print("\n".join(_lines(found)))
    if csv is not None:
        _write_csv(found, csv)
        _say(f"wrote {csv}")
    if plot is not None:
        draw(found, plot)
        _say(f"wrote {plot}")


def _task(card: Card, name: str | None) -> Task:
    """The task that is asked for; else the one of events, where there is one; else the only one."""
    if name is not None:
        if name not in (known := [task.name for task in card.tasks]):
            raise UnknownName(f"task of {card.name}", name, known)
        return card.task(name)
    events = [task for task in card.tasks if task.kind == "event"]
    if len(chosen := events or list(card.tasks)) > 1:
        raise SmpbenchError(
            f"{card.name} has several tasks by which a post may be viral: name one with -t: "
            f"{listed(task.name for task in chosen)}"
        )
    return chosen[0]


def _lines(of: Report) -> Iterator[str]:
    from benchmark.qualities.report import ASSOCIATION, FALSE

    against = f"the others of {of.called} '{of.only}'" if of.only else f"others of their own {of.called}"
    accounts = "1 account" if of.accounts == 1 else f"{of.accounts:,} accounts"
    yield f"{of.dataset}, task {of.task}: {shortened(of.title, 200)}"
    yield f"  {ASSOCIATION}"
    yield f"  viral are {of.viral}"
    yield (
        f"  {of.viral_posts:,} viral posts against {against}: {of.posts:,} posts by {accounts}, "
        f"{of.first[:10]} to {of.last[:10]}"
        + (f", drawn from {of.drawn_of:,}" if of.drawn_of > of.posts else "")
    )
    kind = "stretches of time" if of.by_time else "accounts"
    yield f"  95% intervals by a bootstrap over {of.clusters:,} {kind}"
    yield from (f"  note: {note}" for note in of.notes)
    found = sorted((one for one in of.qualities if one.is_found), key=lambda one: -abs(one.found.effect))
    rest = sorted((one for one in of.qualities if not one.is_found), key=lambda one: one.found.p)
    yield (
        f"\n  told from chance, {len(found)} of {len(of.qualities)} qualities (of them at most {FALSE:.0%} "
        "are expected to be chance):"
    )
    yield from _table(found) if found else ["    none"]
    if rest:
        yield "\n  not told from chance:"
        yield from _table(rest)
    if of.not_told:
        yield "\n  nothing is told of:"
        yield from (f"    {name}: {reason}" for name, reason in of.not_told.items())


def _table(rows: list[Told]) -> Iterator[str]:
    from benchmark.qualities.words import sentence

    width = max(len(one.name) for one in rows)
    yield f"    {'quality':{width}}  {'effect (SD)':>11}  {'95% interval':>16}  {'q':>6}"
    for one in rows:
        interval = f"{one.found.low:+.2f} to {one.found.high:+.2f}"
        yield (
            f"    {one.name:{width}}  {one.found.effect:>+11.2f}  {interval:>16}  {_share(one.q):>6}  "
            f"{sentence(one)}"
        )


def _share(q: float) -> str:
    return "<0.001" if q < 0.001 else f"{q:.3f}"


def _row(one: Told) -> dict[str, Any]:
    from benchmark.qualities.qualities import QUALITIES
    from benchmark.qualities.words import sentence

    quality = QUALITIES[one.name]
    about = {"quality": one.name, "about": quality.about, "scale": quality.scale}
    return about | asdict(one.found) | {"q": one.q, "is_found": one.is_found, "in_words": sentence(one)}


def _write_csv(of: Report, path: Path) -> None:
    import pandas as pd

    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame([_row(one) for one in of.qualities]).to_csv(path, index=False)


def _say(line: str) -> None:
    print(line, file=sys.stderr)
