"""Begin: a data set, a baseline and a protocol by name -> the ground that mistakes are made on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.data.prepare import prepare
from benchmark.encoders import encoder
from benchmark.encoders.cache import FeatureCache
from benchmark.errors import BaselineError, SmpbenchError
from benchmark.outside.handout import Question
from benchmark.run.cell import Cell
from benchmark.run.content import content
from benchmark.run.options import cores
from benchmark.run.plan import Chosen, Planned, plan
from pitfalls.honest.ground import Ground

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.encoded import Features
    from benchmark.run.progress import Progress


@dataclass(frozen=True)
class Begun:
    ground: Ground
    cell: Cell
    """The cell of a run that the honest walk equals."""
    key: str
    """Of its result."""


def begin(
    card: Card,
    chosen: Chosen,
    home: Path,
    raw_roots: tuple[Path, ...],
    *,
    task: str | None,
    protocol: str,
    profile: str,
    seed: int,
    progress: Progress,
    allow_generator: bool = False,
) -> Begun:
    """Prepare the data, encode what the baseline reads, and cut the posts.

    Of a baseline with several variants, none of them chosen, the last is taken that the data set can feed:
    variants are declared from little to all.

    Raises:
        BaselineError: the baseline cannot run on this data set.
        SmpbenchError: the protocol hides its labels, or an encoder cannot be used.
    """
    prepare(card, home, raw_roots, allow_generator=allow_generator)
    question = Question.of(card, home, task, protocol)
    if question.protocol == "official":
        raise SmpbenchError(
            "the labels of `official` are not known: nothing can be scored. Take frozen or rolling"
        )
    one = _planned(question, chosen, profile)
    cell = replace(one.cell, seed=seed)
    encoders = {encoding: encoder(profile, encoding, card.languages) for encoding in one.encodings}
    prepared, posts = question.posts.prepared, None
    features: dict[str, Features] = {}
    for encoding, found in encoders.items():
        if reason := found.unavailable():
            raise SmpbenchError(f"encoding '{encoding}' of profile '{profile}' ({found.name}): {reason}")
        posts = prepared.posts() if posts is None else posts
        ids, items = posts["post_id"].to_pylist(), content(prepared, posts, found.modality)
        with progress.work(f"{card.name}: encoding {encoding} ({found.name})") as counter:
            features[encoding] = FeatureCache(home).ensure(
                found, card.name, prepared.content, ids, items, progress=counter
            )
    key = cell.key(
        truth=question.truth_key,
        code=one.found.code,
        settings=one.settings,
        encodings={encoding: found.fingerprint() for encoding, found in encoders.items()},
        columns=list(card.visible()),
    )
    ground = Ground(
        posts=question.posts,
        protocol=question.protocol,
        windows=question.windows,
        features=features,
        found=one.found,
        settings=one.settings,
        seed=seed,
        threads=cores(),
    )
    return Begun(ground, cell, key)


def _planned(question: Question, chosen: Chosen, profile: str) -> Planned:
    every = plan(
        question.card, [question.task], [question.protocol], [chosen], seeds=[0], profile=profile, crawl=False
    )
    every = [one for one in every if not one.by_excess]
    if not every:
        raise BaselineError(f"{chosen.found.name} has no row on {question} but by excess: take another task")
    possible = [one for one in every if not one.skipped]
    if not possible:
        raise BaselineError(f"{chosen.found.name} cannot run on {question}: {every[-1].skipped}")
    return possible[-1]
