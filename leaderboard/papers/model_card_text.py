"""Model card text: a model card as Markdown, its head as the Hugging Face hub reads it."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Iterator

from benchmark.declared.naming import printable
from benchmark.outside.spreadsheet import unguarded
from benchmark.scores.narrow import too_narrow
from leaderboard.papers.model_card import ModelCard, OnTask, Scored
from leaderboard.tables.marked import code, marked
from leaderboard.tables.rows import drawn_of_rows
from leaderboard.tables.sealed import sealed
from leaderboard.tables.skill import arrow, title

TYPES = {"regression": "tabular-regression", "event": "tabular-classification"}
"""What the hub calls kinds of task."""


def model_card_text(of: ModelCard) -> str:
    """The whole page."""
    parts = [
        _front_matter(of),
        f"# {marked(of.name)}\n",
        *_what(of),
        *_scores(of),
        *_weak(of),
        *_costs(of),
        *_limits(of),
        *_reproduce(of),
    ]
    return "\n".join(parts)


def _front_matter(of: ModelCard) -> str:
    """YAML, every text of it as JSON has it, which YAML reads as well."""
    lines = ["---", "library_name: smpbench", "tags:", "- social-media-popularity-prediction", "- smpbench"]
    lines += ["model-index:", f"- name: {json.dumps(of.name)}", "  results:"]
    for one in of.tasks:
        for target in one.about.targets:
            scores = [score for score in one.scores if score.target == target and not math.isnan(score.score)]
            if scores:
                lines += _result(one, target, scores)
    return "\n".join([*lines, "---"]) + "\n"


def _result(one: OnTask, target: str, scores: list[Scored]) -> Iterator[str]:
    of = one.about
    yield "  - task:"
    yield f"      type: {TYPES.get(of.kind, 'other')}"
    yield f"      name: {json.dumps(f'{of.task}, {target}')}"
    yield "    dataset:"
    yield f"      type: {json.dumps(of.dataset)}"
    yield f"      name: {json.dumps(of.title)}"
    yield f"      config: {json.dumps(of.protocol)}"
    yield "      split: test"
    yield f"      revision: {json.dumps(of.data_fingerprint)}"
    yield "    metrics:"
    for score in scores:
        yield f"    - type: {score.measure}"
        yield f"      name: {json.dumps(title(score.measure))}"
        yield f"      value: {score.score:.6g}"
        if not (math.isnan(score.low) or math.isnan(score.high)):
            yield f"      args: {{confidence_interval_95: [{score.low:.6g}, {score.high:.6g}]}}"


def _what(of: ModelCard) -> Iterator[str]:
    about = of.about
    yield "## What it is\n"
    yield f"{marked(about.summary)}\n" if about.summary else ""
    if of.external:
        yield "Only its predictions are known: the model ran elsewhere, and how they came about is not.\n"
    yield from (f"{marked(part)}\n" for part in of.told.split("\n\n") if part)
    settings = ", ".join(f"{code(f'{name}={value}')}" for name, value in about.settings.items())
    yield f"- Family: {marked(about.family)}. Variant: {code(about.variant)}."
    yield f"- Settings: {settings or 'its defaults'}."
    yield from _reads(of)
    yield "\n## What it learnt from\n"
    for one in of.tasks:
        yield f"- {_learnt(one)}"
    yield ""


def _reads(of: ModelCard) -> Iterator[str]:
    about = of.about
    encoders = {name: made for one in of.tasks for name, made in one.about.encoders.items()}
    names = dict.fromkeys(name for one in of.tasks for name in one.about.encodings)
    encoded = [f"{name} ({encoders[name]})" if name in encoders else name for name in names]
    yield f"- Encoded content: {marked(', '.join(encoded)) or 'none'} (profile {code(about.profile)})."
    for card in {one.about.dataset: one.card for one in of.tasks}.values():
        if card is not None:
            columns = ", ".join(map(code, card.visible(crawl=about.crawl)))
            yield f"- Columns it may see of {code(card.name)}: {columns or 'none'}."
    when = "also those known only when the data were collected" if about.crawl else "known at publication"
    yield f"- All columns are {when}, beside the labels that were known by then."


def _learnt(one: OnTask) -> str:
    of, run = one.about, one.row.run
    told = f"{code(of.dataset)} ({marked(of.title)}), task {code(of.task)}, protocol {code(of.protocol)}"
    made_up = " **synthetic**," if of.synthetic else ""
    fitted = f"fitted on {run.n_train or 0:,} posts, tested on {run.n_test or 0:,} later ones"
    seeds = "1 seed" if len(one.row.seeds) == 1 else f"{len(one.row.seeds)} seeds"
    dates = _dates(one)
    return (
        f"{told}:{made_up} {fitted}{dates}; {seeds}; protocol version {of.protocol_version}, data "
        f"{code(of.data_fingerprint[:16])}, code {code(of.code_hash[:16])}."
    )


def _dates(one: OnTask) -> str:
    declared = next(
        (task for task in (one.card.tasks if one.card else ()) if task.name == one.about.task), None
    )
    if declared is None or one.about.protocol not in declared.protocols:
        return ""
    protocol = declared.protocols[one.about.protocol]
    cut = ""
    if protocol.cut_off is not None:
        cut = f", cut at {protocol.cut_off:%Y-%m-%d}"
    elif protocol.test_fraction:
        cut = f", cut before the last {protocol.test_fraction:.0%} of the time"
    if one.about.protocol == "rolling":
        return (
            f"{cut}, in blocks of {protocol.block_days:g} days, a label known {protocol.reveal_days:g} days "
            "after publication"
        )
    days = protocol.embargo_days
    return cut + (f", without the labels of the last {days:g} days before that" if cut and days else "")


def _scores(of: ModelCard) -> Iterator[str]:
    yield "## Scores\n"
    yield (
        "In brackets: 95% intervals of a bootstrap over accounts or stretches of time. Skill: 1 − error / "
        "error of the task's naive reference.\n"
    )
    heads = ("data set", "task", "protocol", "target", "measure", "score", "rank", "skill ↑")
    rows = [heads, (*(":--" for _ in range(5)), "--:", "--:", "--:")]
    for one in of.tasks:
        rows += [_score(one, score) for score in one.scores]
    yield "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _score(one: OnTask, score: Scored) -> tuple[str, ...]:
    known = not (math.isnan(score.low) or math.isnan(score.high))
    span = f" [{score.low:.3f}, {score.high:.3f}]" if known else ""
    rank = "" if math.isnan(score.rank) else f"{score.rank:.0f} of {score.rivals}"
    skill = f"{score.skill:+.3f}" if score.primary and not math.isnan(score.skill) else ""
    name = f"{title(score.measure)} {arrow(score.measure)}".strip()
    value = "" if math.isnan(score.score) else f"{score.score:.3f}{span}"
    of = one.about
    named = (code(of.dataset), marked(of.task), of.protocol, marked(score.target))
    return (*named, f"**{name}**" if score.primary else name, value, rank, skill)


def _weak(of: ModelCard) -> Iterator[str]:
    yield "## Where it fails\n"
    found = [(one, weak) for one in of.tasks for weak in one.weak]
    if not found:
        yield "No part of the test posts that is told apart is worse than the whole.\n"
        return
    yield "The parts of the test posts on which it does worst, by the measure that ranks:\n"
    for one, weak in found:
        place = (
            f"{code(one.about.dataset)} {marked(one.about.task)} {one.about.protocol}, {marked(weak.target)}"
        )
        yield (
            f"- {place}: {marked(unguarded(weak.slice))}, {weak.n:,} posts: {title(one.about.primary)} "
            f"{weak.score:.3f}, on all posts {weak.whole:.3f}"
        )
    yield ""


def _costs(of: ModelCard) -> Iterator[str]:
    yield "## Costs\n"
    told = [line for one in of.tasks if (line := _cost(one))]
    yield "\n".join(told) + "\n" if told else "Not known.\n"


def _cost(one: OnTask) -> str:
    run = one.row.run
    if run.fit_seconds is None or run.predict_seconds is None:
        return ""
    memory = f", at most {run.peak_mb:,.0f} MB" if run.peak_mb else ""
    each = 1000 * run.predict_seconds / max(run.n_test or 0, 1)
    where = f"{code(one.about.dataset)} {marked(one.about.task)} {one.about.protocol}"
    return f"- {where}: fitted in {run.fit_seconds:,.1f} s, {each:.2f} ms a prediction{memory}"


def _limits(of: ModelCard) -> Iterator[str]:
    yield "## Limits\n"
    yield "- A score is of these accounts, this platform and these years; a rank is one among these rows."
    for one in of.tasks:
        place = f"{code(one.about.dataset)} {marked(one.about.task)} {one.about.protocol}"
        if told := too_narrow(drawn_of_rows([one.row])):
            yield f"- {place}: {marked(told)}."
    selections = {one.about.dataset: one.about.selection for one in of.tasks if one.about.selection}
    yield from (f"- {code(name)}: {marked(told)}" for name, told in selections.items())
    leaks = dict.fromkeys(line for one in of.tasks for run in one.row.runs for line in run.may_leak)
    yield from (f"- May leak: {marked(line)}." for line in leaks)
    if of.about.crawl:
        yield "- It reads what nobody knows at publication: its scores are no forecast."
    if any(one.about.synthetic for one in of.tasks):
        yield "- Scores on synthetic data say nothing about a platform."
    if reasons := sorted({answer for one in of.tasks if (answer := sealed(one.row)) not in ("", "yes")}):
        yield f"- Not sealed from labels by the kernel everywhere: {marked('; '.join(reasons))}."
    if of.code_now is not None and any(one.about.code_hash != of.code_now for one in of.tasks):
        yield "- The code of the baseline has changed since some of these rows were computed."
    yield ""


def _reproduce(of: ModelCard) -> Iterator[str]:
    yield "## Reproduce\n"
    if of.external:
        yield "Its predictions came from outside; `smpbench verify` derives the scores from them again.\n"
    else:
        yield f"```sh\n{command(of)}\nsmpbench verify\n```\n"
    yield "## Cite\n"
    sets = dict.fromkeys(f"{one.about.dataset} ({_licence(one)})" for one in of.tasks)
    yield f"smpbench, by its CITATION.cff, and the data: {marked(', '.join(sets))}.\n"


def command(of: ModelCard) -> str:
    """The command that makes its rows again, where the data are at hand."""
    words = ["smpbench", "run"]
    for name in dict.fromkeys(one.about.dataset for one in of.tasks):
        words += ["-d", name]
    for name in dict.fromkeys(one.about.task for one in of.tasks):
        words += ["-t", name]
    words += ["-b", printable(of.name)]
    for protocol in dict.fromkeys(one.about.protocol for one in of.tasks):
        words += ["-p", protocol]
    words += ["--seeds", str(max(len(one.row.seeds) for one in of.tasks))]
    profile = next((one.about.profile for one in of.tasks if one.about.profile != "none"), "bundled")
    words += ["--profile", profile] if profile != "bundled" else []
    return shlex.join([*words, *(["--with-crawl"] if of.about.crawl else [])])


def _licence(one: OnTask) -> str:
    return f"licence: {one.card.licence}" if one.card else "see its card"
