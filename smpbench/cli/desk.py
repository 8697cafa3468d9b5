"""The commands of the desk: fit a model on past posts, rank drafts by it, show it on a page."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.errors import SmpbenchError
from smpbench.cli import completion
from smpbench.cli.choices import AllowGenerator, Home, OneDataSet, OneTask, Raw
from smpbench.door.names import DEFAULT_HOME, chosen_baseline, chosen_card, raw_roots

if TYPE_CHECKING:
    from desk.judging.judge import Judge
    from desk.policy.rules import Policy
    from desk.ranking import Ranking

BASELINE = "lightgbm:+history"
YEARS = range(1995, 2101)
"""In which drafts are published."""
Model = Annotated[Path, typer.Argument(help="Folder that `smpbench fit` has written.")]
PolicyFile = Annotated[Path | None, typer.Option("--policy", help="Your own rules: a policy.toml.")]


def fit(
    dataset: OneDataSet,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write the model into.")],
    baseline: Annotated[
        str,
        typer.Option("--baseline", "-b", help="One that can be kept.", autocompletion=completion.baselines),
    ] = BASELINE,
    task: OneTask = None,
    profile: Annotated[str, typer.Option(help="Of frozen encoders.")] = "bundled",
    home: Home = DEFAULT_HOME,
    raw: Raw = None,
    allow_generator: AllowGenerator = False,
) -> None:
    """Fit a baseline on all labelled posts of a data set, for drafts that are to come."""
    from benchmark.data.prepare import prepare
    from benchmark.encoders.profiles import chosen_profile
    from benchmark.run.options import cores
    from benchmark.run.progress import Progress
    from desk.model.features import features_of
    from desk.model.fitting import fit as fit_model
    from desk.model.folder import check_free, write_model
    from desk.report.words import share

    card, chosen, progress = chosen_card(dataset), chosen_baseline(baseline), Progress()
    if len(chosen.variants) > 1:
        names = ", ".join(f"{chosen.found.name}:{variant}" for variant in chosen.variants)
        raise SmpbenchError(f"{baseline} has several variants: name one of {names}")
    check_free(out)
    prepared = prepare(card, home.resolve(), raw_roots(raw), allow_generator=allow_generator)
    found = chosen_profile(profile)
    fitted = fit_model(
        prepared,
        chosen,
        lambda encoding: features_of(prepared, encoding, found, home.resolve(), progress),
        profile=found,
        task=task,
        threads=cores(),
        say=progress.say,
    )
    write_model(fitted, out)
    known = fitted.engagement.known
    print(f"wrote {out}: {fitted.baseline} [{fitted.variant}] on {len(known.labelled):,} posts")
    if fitted.coverage is None:
        print("90% intervals: too few posts to tell how many of later ones they hold")
    else:
        print(f"90% intervals held {share(fitted.coverage)} of later posts that it had not learnt from")
    if fitted.virality is not None:
        print(f"viral: {fitted.card.derived(fitted.virality.told.task)[0].words}")
    for note in fitted.notes:
        print(note)


def rank(
    model: Model,
    drafts: Annotated[Path, typer.Argument(help="CSV, JSON, JSONL, or a folder of images.")],
    policy: PolicyFile = None,
    at: Annotated[
        str | None, typer.Option("--at", help="When all are published: 2026-01-05T18:00, UTC unless it says.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page for screen and paper.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write a table.")] = None,
    as_json: Annotated[
        Path | None, typer.Option("--json", help="Write all of it as JSON; - prints it.")
    ] = None,
) -> None:
    """Rank drafts before they are published: what each is expected to get, and why."""
    from desk.drafts.read import read_drafts

    judge, rules = _judge(model), _policy(policy)
    _hold(rules, judge)
    read = read_drafts(drafts, _moment(at), judge.columns)
    ranking = judge.rank(read.drafts, read.images, qualities=True if rules else None)
    judged = tuple(
        one.model_copy(update={"notes": (*read.said.get(one.draft.number, ()), *one.notes)})
        for one in ranking.drafts
    )
    told = {"drafts": judged, "refused": tuple(read.refused), "notes": (*read.notes, *ranking.notes)}
    ranking = _marked(rules)(ranking.model_copy(update=told))
    _show(ranking, read.images, html, csv, as_json)
    raise typer.Exit(int(not ranking.drafts))


def serve(
    model: Model,
    policy: PolicyFile = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 8765,
    host: Annotated[str, typer.Option(help="An address of this machine.")] = "127.0.0.1",
    anyone: Annotated[
        bool, typer.Option("--anyone", help="Let the address be one that other machines reach.")
    ] = False,
) -> None:
    """Show the desk on a page of this machine: nothing leaves it, nothing is kept."""
    from desk.server.serve import serve as serve_page

    judge, rules = _judge(model), _policy(policy)
    _hold(rules, judge)
    serve_page(judge, host, port, policy=_marked(rules) if rules else None, anyone=anyone)


def _judge(model: Path) -> Judge:
    # Before torch is loaded: threads that wait by spinning take a second of what should be milliseconds.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from desk.judging.judge import Judge
    from desk.model.folder import read_model

    return Judge(read_model(model))


def _policy(path: Path | None) -> Policy | None:
    from desk.policy.read import read_policy

    return None if path is None else read_policy(path)


def _hold(policy: Policy | None, judge: Judge) -> None:
    """Before anything is ranked: whether all that the policy looks at is measured."""
    from benchmark.qualities import QUALITIES
    from desk.policy.apply import check_measured

    if policy is not None:
        check_measured(policy, QUALITIES, viral=judge.fitted.virality is not None)


def _marked(policy: Policy | None) -> Callable[[Ranking], Ranking]:
    from desk.policy.apply import applied

    return lambda ranking: ranking if policy is None else applied(policy, ranking)


def _moment(at: str | None) -> dt.datetime | None:
    if at is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        raise SmpbenchError(f"--at {at}: is no moment. Write it as 2026-01-05T18:00") from None
    if moment.year not in YEARS:
        raise SmpbenchError(f"--at {at}: is not between {YEARS[0]} and {YEARS[-1]}")
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _show(
    ranking: Ranking,
    images: dict[int, Path],
    html: Path | None,
    csv: Path | None,
    as_json: Path | None,
) -> None:
    from rich.console import Console

    from desk.report.files import write_csv, write_json
    from desk.report.page import write_html
    from desk.report.table import as_table

    if as_json == Path("-"):
        print(ranking.model_dump_json(indent=1))
    else:
        Console().print(as_table(ranking))
    for path, write in ((csv, write_csv), (as_json, write_json)):
        if path is not None and path != Path("-"):
            write(ranking, path)
            typer.echo(f"wrote {path}", err=True)
    if html is not None:
        write_html(ranking, images, html)
        typer.echo(f"wrote {html}", err=True)
