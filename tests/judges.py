"""A judge that knows nothing: what it says of a draft follows from the length of its text."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event

from PIL import Image
from waiting import PATIENCE

from benchmark.errors import SmpbenchError
from desk.ranking import Draft, Expected, Hour, Judged, Mark, Model, Ranking, Reason


class LengthJudge:
    """Longer texts get more likes; a question 8% more, an image 31% more."""

    columns: Mapping[str, str] = {"followers": "numeric", "topic": "category"}
    model = Model(
        dataset="demo_tweets",
        title="Made-up tweets",
        baseline="lightgbm:+history",
        posts=8412,
        accounts=96,
        newest=dt.datetime(2026, 4, 30, 18, 5, tzinfo=dt.UTC),
        viral="in the top 5% of the account's last 100 posts",
        coverage=0.903,
    )

    def __init__(self, seconds: float = 0, until: Event | None = None) -> None:
        """
        Args:
            seconds: that it takes.
            until: what it waits for.
        """
        self.seconds, self.until = seconds, until
        self.asked: list[list[Draft]] = []
        self.sizes: dict[int, tuple[int, int]] = {}
        self.paths: list[Path] = []

    def rank(self, drafts: Sequence[Draft], images: Mapping[int, Path]) -> Ranking:
        self.asked.append(list(drafts))
        self.paths = list(images.values())
        for number, path in images.items():
            with Image.open(path) as image:
                self.sizes[number] = image.size
        time.sleep(self.seconds)
        if self.until is not None and not self.until.wait(PATIENCE):
            raise TimeoutError("what this judge waits for has not come: the test has failed before")
        if any("unspeakable" in draft.text for draft in drafts):
            raise SmpbenchError("of unspeakable things nothing can be said")
        if any("defect" in draft.text for draft in drafts):
            raise ZeroDivisionError("a defect, and a secret")
        order = sorted(drafts, key=lambda draft: (-middle(draft), draft.number))
        total = sum(middle(draft) for draft in drafts)
        judged = tuple(said(draft, place, drafts, total) for place, draft in enumerate(order, 1))
        return Ranking(model=self.model, drafts=judged)


def middle(draft: Draft) -> float:
    likes = 40.0 + 9 * len(draft.text)
    for reason in reasons(draft):
        likes *= 1 + reason.effect
    return likes


def reasons(draft: Draft) -> tuple[Reason, ...]:
    found = []
    if draft.image:
        found.append(Reason(modality="image", text="has an image", effect=0.31))
    if len(draft.text) > 200:
        found.append(Reason(modality="text", text="is longer than most of the account's posts", effect=-0.12))
    if "?" in draft.text:
        found.append(Reason(modality="text", text="asks a question", effect=0.08))
    return tuple(found)


def said(draft: Draft, place: int, drafts: Sequence[Draft], total: float) -> Judged:
    likes = middle(draft)
    near = [other.number for other in drafts if other is not draft and 0.8 < middle(other) / likes < 1.25]
    marks = [
        Mark(rule="no_shouting", action="warn", sentence="is written in capitals")
    ] * draft.text.isupper()
    marks += [Mark(rule="no_prices", action="block", sentence="names a price")] * ("€" in draft.text)
    start = draft.at.replace(minute=0, second=0, microsecond=0)
    hours = []
    for hour, effect in ((19, 0.14), (43, 0.11), (8, 0.06)):
        at, ends = start + dt.timedelta(hours=hour), {"low": effect - 0.07, "high": effect + 0.08}
        hours.append(Hour(start=at, effect=effect, posts=140, **ends))
    basis = "account" if draft.account else "all"
    return Judged(
        draft=draft,
        place=place,
        expected=(
            Expected(target="likes", middle=likes, low=likes / 3.1, high=likes * 3.4, basis=basis),
            Expected(target="replies", middle=likes / 21, low=likes / 90, high=likes / 5, basis=basis),
        ),
        viral=min(0.9, likes / 20000),
        best=likes / total,
        close_to=tuple(near),
        reasons=reasons(draft),
        qualities={"length": float(len(draft.text))},
        marks=tuple(marks),
        hours=tuple(hours),
        notes=() if draft.account else ("no account is named: judged as a newcomer",),
    )
