"""The command that shows a data set as it is: what is in it, and what is known to be wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.errors import SmpbenchError, listed, shortened
from smpbench.cli.choices import AllowGenerator, DataSets, Home, Raw
from smpbench.door.names import DEFAULT_HOME, chosen_cards, raw_roots

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.portrait.labels import Labels
    from benchmark.portrait.portrait import Cut, Portrait, TaskPortrait, Texts


def describe(
    datasets: DataSets = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, a list of data sets.")] = False,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", help="Draw posts and labels over time into this PNG, of one data set."),
    ] = None,
    profile: Annotated[str, typer.Option(help="Of encoders of texts.")] = "bundled",
    home: Home = DEFAULT_HOME,
    raw: Raw = None,
    allow_generator: AllowGenerator = False,
) -> None:
    """Show what is in a data set and what is known to be wrong with it: read it before trusting a number."""
    from benchmark.errors import DataUnavailable
    from benchmark.portrait.issues import issues
    from benchmark.portrait.picture import draw

    cards = chosen_cards(datasets)
    if plot is not None and len(cards) > 1:
        raise SmpbenchError("--plot draws one data set: name it with -d")
    found = []
    for card in cards:
        try:
            found.append(_portrait(card, home.resolve(), raw, profile, allow_generator))
        except DataUnavailable as error:
            if datasets is not None:
                raise
            typer.echo(f"{card.name}: not at hand. {error}", err=True)
    if as_json:
        told = [asdict(one) | {"issues": issues(one)} for one in found]
        print(json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        print("\n\n".join("\n".join([*_lines(one), *_known(issues(one))]) for one in found))
    if plot is not None and found:
        draw(found[0], plot)
        typer.echo(f"wrote {plot}", err=True)


def _portrait(card: Card, home: Path, raw: Path | None, profile: str, allow_generator: bool) -> Portrait:
    from benchmark.data.prepare import prepare
    from benchmark.portrait.portrait import portrait

    prepared = prepare(card, home, raw_roots(raw), allow_generator=allow_generator)
    return portrait(prepared, home, profile)


def _lines(of: Portrait) -> Iterator[str]:
    yield f"{of.dataset}: {shortened(of.title, 200)}{' (synthetic)' if of.synthetic else ''}"
    yield f"  posts: {of.posts:,} by {of.users:,} users, {of.first[:10]} to {of.last[:10]}"
    yield "  posts a user: " + ", ".join(f"{name} {value:,.0f}" for name, value in of.posts_per_user.items())
    if of.texts:
        yield from _of_texts(of.texts, of.posts)
    yield "  missing: " + (listed(f"{name} {share:.1%}" for name, share in of.missing.items()) or "none")
    for task in of.tasks:
        yield from _of_task(task)
    yield f"  data: {of.fingerprint[:16]}"


def _of_texts(of: Texts, posts: int) -> Iterator[str]:
    yield (
        f"  texts ({' + '.join(of.columns)}): {of.empty:,} empty, {of.repeated:,} that another post has as "
        f"well ({of.repeated / posts:.1%})"
    )
    if spoken := of.languages:
        shares = listed((f"{name} {share:.1%}" for name, share in spoken.shares.items()), 6)
        yield f"  languages of {spoken.of:,} texts ({spoken.too_short:,} are too short to tell): {shares}"


def _of_task(task: TaskPortrait) -> Iterator[str]:
    yield f"  task {task.name} ({task.kind}): {task.posts:,} posts, {task.labelled:,} with all labels"
    for one in task.labels:
        yield from _of_labels(one)
    for cut in task.cuts:
        yield from _of_cut(cut)


def _of_labels(one: Labels) -> Iterator[str]:
    scale = "" if one.scale == "identity" else f" (on {one.scale})"
    yield (
        f"    {one.target}{scale}: median {one.median:.2f}, interquartile range {one.spread:.2f}, "
        f"{one.values:,} different values, {one.commonest_share:.1%} are {one.commonest:.4g}"
    )
    yield f"      by {one.unit}: " + ", ".join(
        f"{period.name} {period.quantiles[2]:.2f} ({period.posts:,})" for period in one.periods
    )
    if late := one.immature:
        yield f"      last 7 days: median {late.last:.2f}, the 28 days before {late.before:.2f}"


def _of_cut(cut: Cut) -> Iterator[str]:
    blocks = f" in {cut.blocks} blocks" if cut.blocks > 1 else ""
    yield (
        f"    {cut.protocol}: fitted on {cut.train:,}, tested on {cut.test:,}{blocks}; "
        f"{cut.unseen_users:.1%} by accounts without a training post"
    )
    told = f"      texts that stand in training: {cut.same_text:.1%}"
    if cut.near_text:
        told += (
            f"; nearly: {cut.near_text.share:.1%} ({cut.near_text.test:,} test texts against "
            f"{cut.near_text.train:,})"
        )
    yield told
    if cut.medians:
        yield "      median, training to test: " + ", ".join(
            f"{target} {train:.2f} to {test:.2f}" for target, (train, test) in cut.medians.items()
        )


def _known(found: list[str]) -> list[str]:
    if not found:
        return ["  known issues: none that is looked for"]
    return ["  known issues:", *(f"    - {shortened(line)}" for line in found)]
