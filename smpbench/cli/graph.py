"""The command that shows a network: who carries influence, which communities there are, what crosses them."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.errors import SmpbenchError, shortened
from smpbench.cli import completion
from smpbench.cli.choices import AllowGenerator, Home, Raw
from smpbench.door.names import DEFAULT_HOME, chosen_card, raw_roots

if TYPE_CHECKING:
    from network.network import Network
    from network.page.pseudonyms import Names
    from network.reading import Reading

FIRST = 5
"""Accounts of a ranking, and communities, that the terminal shows."""
SHOWN = ("own_past", "in_degree", "pagerank", "brokerage")
"""Scores whose first accounts it shows."""


def graph(
    dataset: Annotated[
        str | None,
        typer.Option(
            "--dataset",
            "-d",
            help="A data set, or the path of a card.toml.",
            autocompletion=completion.datasets,
        ),
    ] = None,
    edges: Annotated[
        list[Path] | None,
        typer.Option("--edges", help="A file of edges: CSV, SNAP's text, GraphML. Repeatable."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The page.")] = Path("graph.html"),
    kinds: Annotated[
        list[str] | None,
        typer.Option("--kind", "-k", help="mention, reply, quote, follow, co_tag, ... Repeatable."),
    ] = None,
    since: Annotated[str | None, typer.Option(help="Day: edges known from then on.")] = None,
    until: Annotated[str | None, typer.Option(help="Day: edges known before it.")] = None,
    windows: Annotated[int, typer.Option(min=1, max=52, help="Stretches of time to slide over.")] = 4,
    pseudonyms: Annotated[bool, typer.Option("--pseudonyms", help="Name no account.")] = False,
    names: Annotated[
        bool, typer.Option("--names", help="Name all accounts, also those that are merely mentioned.")
    ] = False,
    without_bots: Annotated[
        bool, typer.Option("--without-bots", help="Leave out what the data call bots.")
    ] = False,
    as_json: Annotated[Path | None, typer.Option("--json", help="All of it as JSON; - prints it.")] = None,
    tables: Annotated[
        Path | None, typer.Option("--csv", help="Folder for accounts, edges and crossings as CSV.")
    ] = None,
    graphml: Annotated[Path | None, typer.Option("--graphml", help="The graph for other tools.")] = None,
    home: Home = DEFAULT_HOME,
    raw: Raw = None,
    allow_generator: AllowGenerator = False,
) -> None:
    """Show who carries influence, held against what came after, and which communities there are."""
    from network.page.page import write_page
    from network.page.pseudonyms import names_of
    from network.whole.read import read

    if pseudonyms and names:
        raise SmpbenchError("--pseudonyms names no account and --names all: give one of them")
    network = _network(
        dataset, edges or [], kinds, _day(since), _day(until), without_bots, home, raw, allow_generator
    )
    found = read(network, windows=windows, say=_say)
    called = names_of(found, everyone=pseudonyms, nobody=names)
    write_page(found, out, called)
    _write(found, called, as_json, tables, graphml)
    if str(as_json) != "-":
        print("\n".join(_lines(found, called)))
        print(f"\nwrote {out}")


def _network(
    dataset: str | None,
    edges: list[Path],
    kinds: list[str] | None,
    since: int | None,
    until: int | None,
    without_bots: bool,
    home: Path,
    raw: Path | None,
    allow_generator: bool,
) -> Network:
    from benchmark.data.prepare import prepare
    from network.build.alone import network_of
    from network.build.build import build
    from network.build.files import read_edges

    if dataset is None and not edges:
        raise SmpbenchError(
            "nothing to make a network of: name a data set (-d), or a file of edges (--edges)"
        )
    several = [read_edges(path) for path in edges]
    notes = [note for _, said in several for note in said]
    if dataset is None:
        return network_of(" and ".join(path.name for path in edges), [one for one, _ in several], notes)
    prepared = prepare(chosen_card(dataset), home.resolve(), raw_roots(raw), allow_generator=allow_generator)
    others = [one for one, _ in several]
    for note in notes:
        _say(note)
    return build(prepared, kinds, since=since, until=until, others=others, leave_out_bots=without_bots)


def _write(
    found: Reading, names: Names, as_json: Path | None, tables: Path | None, graphml: Path | None
) -> None:
    import json

    from network.export.graphml import write_graphml
    from network.export.tables import write_tables
    from network.export.told import as_json as told
    from network.export.told import write_json

    if str(as_json) == "-":
        print(json.dumps(told(found, names), indent=1, allow_nan=False))
    elif as_json is not None:
        write_json(found, as_json, names)
        _say(f"wrote {as_json}")
    if tables is not None:
        for path in write_tables(found, tables, names):
            _say(f"wrote {path}")
    if graphml is not None:
        write_graphml(found, graphml, names)
        _say(f"wrote {graphml}")


def _lines(found: Reading, names: Names) -> Iterator[str]:
    """For a terminal: what is there, what a ranking is worth, and only then the rankings."""
    from network.page import words

    graph = found.network.graph
    yield f"{found.network.card.name}: {shortened(found.network.card.title, 200)}"
    counts = [f"{int((graph.kind == place).sum()):,} {kind}" for place, kind in enumerate(graph.kinds)]
    yield f"  {graph.n:,} accounts, {len(graph):,} edges: {', '.join(counts)}"
    yield from (f"  note: {names.text(note)}" for note in (*found.network.notes, *found.notes))
    yield f"\n{words.headline(found)}"
    yield from _judged(found)
    yield from _rankings(found, names)
    yield from _communities(found, names)


def _judged(found: Reading) -> Iterator[str]:
    from network.page.words import interval, number, signed

    if not found.held:
        return
    width = max(len(one.score) for one in found.held)
    head = f"{'score':{width}}  {'to come':10}  {'Spearman':>8} {'95%':>16}  {'own past':>8}"
    yield f"\n  {head}  added to own past"
    for one in found.held:
        added = f"{signed(one.beyond)} {interval(one.beyond_low, one.beyond_high, signed)}"
        span = interval(one.low, one.high)
        yield (
            f"  {one.score:{width}}  {one.against:10}  {number(one.spearman):>8} {span:>16}  "
            f"{number(one.own_past):>8}  {added}"
        )


def _rankings(found: Reading, names: Names) -> Iterator[str]:
    import numpy as np

    if not found.influence:
        return
    shown = [score for score in found.influence if score.name in SHOWN] or list(found.influence[:1])
    rest = len(found.influence) - len(shown)
    more = f"; {rest} more scores are on the page" if rest else ""
    yield f"\nThe first by score, with 95% intervals{more}"
    for score in shown:
        known = np.flatnonzero(np.isfinite(score.values))
        first = known[np.lexsort((names.number[known], -score.values[known]))][:FIRST]
        yield f"  {score.name}: {score.words}"
        for code in first.tolist():
            low, high = score.low[code], score.high[code]
            span = "" if np.isnan(low) else f" [{_short(low)}, {_short(high)}]"
            yield f"    {names.of[code]}: {_short(score.values[code])}{span}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _communities(found: Reading, names: Names) -> Iterator[str]:
    told = found.communities
    yield f"\n{len(told.found)} communities. {told.rule}"
    yield f"  agreement between seeds {told.seeds:.2f}, between resamples {told.resamples:.2f}"
    ordered = sorted(told.found, key=lambda one: -len(one.members))
    for one in ordered[:FIRST]:
        yield f"  {len(one.members):,} accounts: {names.text(one.name)} (stays together {one.stable:.2f})"
    if len(ordered) > FIRST:
        yield f"  and {len(ordered) - FIRST} smaller ones"


def _day(text: str | None) -> int | None:
    """ms since 1970 of 00:00 UTC."""
    if text is None:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise SmpbenchError(f"'{text}' is no day: write it as 2020-07-01") from None
    return round(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp() * 1000)


def _say(line: str) -> None:
    print(line, file=sys.stderr)
