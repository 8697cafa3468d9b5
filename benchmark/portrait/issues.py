"""Issues: what a portrait shows that a person must know, as sentences. Nothing here refuses anything."""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.errors import listed
from benchmark.portrait.labels import DAYS_BEFORE, LAST_DAYS, Labels
from benchmark.portrait.portrait import Cut, Portrait, TaskPortrait
from benchmark.portrait.texts import NEAR

EMPTY, REPEATED = 0.05, 0.05
"""Share of all posts."""
SAME, NEARLY = 0.01, 0.05
"""Share of the test posts."""
MISSING = 0.5
"""Share of posts without a value in a column."""
TIED = 0.2
"""Share of labels that are one and the same: order measures then rest on the others."""
IMMATURE = -0.25
"""The last days below the days before, in interquartile ranges."""
DRIFT = 0.5
"""Median of the test labels from that of the training labels, in interquartile ranges."""
FOREIGN = 0.2
"""Share of texts that are not English: several encoders were made for it."""


def issues(of: Portrait) -> list[str]:
    """A line each."""
    return list(_issues(of))


def _issues(of: Portrait) -> Iterator[str]:
    yield from (f"dates: {note}" for note in of.dates)
    yield from (f"may leak: {line}" for line in of.may_leak)
    if gone := [name for name, share in of.missing.items() if share == 1]:
        yield f"missing in every post: {listed(gone)}"
    if rare := [f"{name} {share:.1%}" for name, share in of.missing.items() if MISSING < share < 1]:
        yield f"missing in more than half of the posts: {listed(rare)}"
    if of.images_missing:
        yield f"{of.images_missing:,} posts name an image that is not there"
    if of.texts:
        yield from _of_texts(of)
    yield from (f"task {name}: {reason}" for name, reason in of.no_task.items())
    for task in of.tasks:
        yield from _of_task(task)


def _of_texts(of: Portrait) -> Iterator[str]:
    assert of.texts
    if of.texts.empty > EMPTY * of.posts:
        yield f"{of.texts.empty / of.posts:.1%} of the posts have no text"
    if of.texts.repeated > REPEATED * of.posts:
        yield f"{of.texts.repeated / of.posts:.1%} of the posts have a text that another post has as well"
    if of.texts.languages and (share := 1 - of.texts.languages.shares.get("en", 0.0)) > FOREIGN:
        yield (
            f"{share:.1%} of the texts are not English: sentiment, profanity and the models of text were "
            "made for it (docs/encoders.md)"
        )
    if of.texts.lacking:
        yield f"not looked at: {of.texts.lacking}"


def _of_task(task: TaskPortrait) -> Iterator[str]:
    yield from task.not_cut.values()
    for one in task.labels:
        yield from (f"{task.name}, {one.target}: {line}" for line in _of_labels(one))
    spreads = {one.target: one.spread for one in task.labels}
    told: dict[str, list[str]] = {}
    for cut in task.cuts:
        for line in _of_cut(cut, spreads):
            told.setdefault(line, []).append(cut.protocol)
    yield from (f"{task.name}, {' and '.join(protocols)}: {line}" for line, protocols in told.items())


def _of_labels(one: Labels) -> Iterator[str]:
    if one.values == 1:
        yield f"all labels are {one.commonest:.4g}"
    elif one.commonest_share > TIED:
        yield f"{one.commonest_share:.1%} of the labels are {one.commonest:.4g}"
    if one.immature and one.immature.in_spreads < IMMATURE:
        yield (
            f"the labels of the last {LAST_DAYS} days may not have settled: their median is "
            f"{one.immature.last:.2f}, that of the {DAYS_BEFORE} days before {one.immature.before:.2f}"
        )


def _of_cut(cut: Cut, spreads: dict[str, float]) -> Iterator[str]:
    if cut.same_text > SAME:
        yield f"the text of {cut.same_text:.1%} of the test posts stands in a training post"
    if cut.near_text and cut.near_text.share > NEARLY:
        yield (
            f"the text of {cut.near_text.share:.1%} of the test posts is nearly that of a training post "
            f"(cosine above {NEAR}, or equal)"
        )
    if cut.unseen_users == 1:
        yield "no account of the test has a training post: a history of accounts knows nothing"
    for target, (train, test) in (cut.medians or {}).items():
        if spreads.get(target) and abs(test - train) > DRIFT * spreads[target]:
            yield f"the median of {target} goes from {train:.2f} in training to {test:.2f} in the test"
