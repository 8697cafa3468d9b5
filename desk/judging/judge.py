"""Judge: a fitted model, asked about drafts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmark.declared.column import Role
from benchmark.declared.naming import printable
from benchmark.encoders import encoder
from benchmark.errors import did_you_mean, quoted
from benchmark.posts import Array, Posts
from benchmark.qualities import measure
from benchmark.split import DAY_MS
from desk.judging.content import EncodedDrafts
from desk.judging.order import chances_of_best, drawn, ordered, too_close
from desk.judging.reasons import by_leaving_out, modalities, reasons
from desk.judging.table import UNKNOWN, as_posts, assumed
from desk.judging.units import Units
from desk.model.fitting import HOLDOUT, Fitted
from desk.model.intervals import LEVEL, bounds
from desk.ranking import Basis, Draft, Expected, Hour, Judged, Modality, Model, Ranking, Reason

if TYPE_CHECKING:
    from benchmark.encoders.interface import Encoder
    from desk.model.part import Part

MOST_SOUGHT = 20
"""Unknown accounts for which a known one of a like name is looked for."""
MOST_MEASURED = 500
"""Drafts whose qualities are measured unasked: a policy asks for those of all."""
READ_ROLES: tuple[Role, ...] = ("text", "tags", "image", "categorical", "category", "numeric")
Measured = list[dict[str, float]]


class _Group(NamedTuple):
    """Posts held out of which a draft is one more."""

    basis: Basis
    first: NDArray[np.float64]
    """[e] their errors on the first target."""
    bounds: tuple[Array, Array]
    known: bool
    """Whether labels of the draft's account are known."""
    wider: bool
    """Than the interval of all posts held out."""


class Judge:
    """Asked by one thread at a time."""

    def __init__(self, fitted: Fitted, threads: int | None = None) -> None:
        self.fitted = fitted
        self.threads = threads
        self._units = [Units.of(name, fitted.card.targets[name]) for name in fitted.engagement.targets]
        self._accounts = set(fitted.engagement.known.users.unique().to_pylist())

    @cached_property
    def model(self) -> Model:
        of, part = self.fitted, self.fitted.engagement
        times = part.known.table["time"].cast("int64").to_numpy()[part.known.labelled]
        viral = of.virality and of.card.derived(of.virality.told.task)
        return Model(
            dataset=of.card.name,
            title=of.card.title,
            baseline=of.baseline if of.variant == "default" else f"{of.baseline}:{of.variant}",
            posts=len(times),
            accounts=len(self._accounts),
            newest=dt.datetime.fromtimestamp(int(times.max()) / 1000, dt.UTC),
            viral=viral[0].words if viral else None,
            coverage=of.coverage,
        )

    @cached_property
    def columns(self) -> Mapping[str, Role]:
        """Those of the card that a draft may tell, with their roles."""
        visible = self.fitted.card.visible()
        return {name: column.role for name, column in visible.items() if column.role in READ_ROLES}

    def rank(
        self, drafts: Sequence[Draft], images: Mapping[int, Path], *, qualities: bool | None = None
    ) -> Ranking:
        """Judge drafts and order them.

        Args:
            images: number of a draft -> its image.
            qualities: whether those of the content are measured; by default if the drafts are not too many.
        """
        if not drafts:
            return Ranking(model=self.model, drafts=(), notes=self.fitted.notes)
        accounts = [self._account(draft) for draft in drafts]
        encoded = EncodedDrafts(drafts, images, self.fitted.card, self._encoder)
        table, posts, scores = self._predicted(self.fitted.engagement, drafts, images, accounts, encoded)
        known = posts.history().known > 0
        groups = self._groups(table, accounts, known)
        first = scores[:, 0].astype(np.float64)
        outcomes = drawn(first, [group.first for group in groups])
        order = ordered(first)
        best, close = chances_of_best(outcomes), too_close(outcomes, order)
        viral = self._viral(drafts, images, accounts, encoded)
        why = self._reasons(posts, drafts, images, accounts, encoded, scores[:, 0])
        wanted = len(drafts) <= MOST_MEASURED if qualities is None else qualities
        measured = self._measured(drafts, images, encoded) if wanted else [{} for _ in drafts]
        near = self._near(drafts, accounts)
        judged = [
            Judged(
                draft=drafts[i],
                place=place + 1,
                expected=self._expected(scores[i], groups[i]),
                viral=None if viral is None else float(viral[i]),
                best=float(min(best[i], 1.0)),
                close_to=tuple(sorted(drafts[j].number for j in close[i])),
                reasons=why[i],
                qualities=measured[i],
                hours=self._hours(accounts[i], drafts[i]),
                notes=tuple(self._notes(drafts[i], accounts[i], groups[i], encoded.foreign(i), near)),
            )
            for place, i in enumerate(order.tolist())
        ]
        said = (assumed(drafts, self.fitted.card, self.fitted.usual), self._late(drafts))
        notes = (*self.fitted.notes, *(one for one in said if one))
        return Ranking(model=self.model, drafts=tuple(judged), notes=notes)

    def _late(self, drafts: Sequence[Draft]) -> str:
        """That drafts go out longer after all known posts than any on which intervals were measured."""
        known = self.fitted.engagement.known
        times = np.sort(known.table["time"].cast("int64").to_numpy()[known.labelled])
        measured = (times[-1] - np.quantile(times, 1 - HOLDOUT)) / DAY_MS
        ahead = max(draft.at.timestamp() * 1000 - times[-1] for draft in drafts) / DAY_MS
        if ahead <= max(measured, 1.0):
            return ""
        return (
            f"drafts go out up to {ahead:,.0f} days after the newest post that the model knows, and its "
            f"intervals were measured up to {measured:,.0f} days ahead: they hold fewer. Fit it anew on "
            "newer posts"
        )

    def _predicted(
        self,
        part: Part,
        drafts: Sequence[Draft],
        images: Mapping[int, Path],
        accounts: Sequence[str],
        encoded: EncodedDrafts,
        without: Modality | None = None,
    ) -> tuple[pa.Table, Posts, Array]:
        """The drafts as a table, as posts, and what a part predicts: float32 [n, targets].

        Args:
            without: leave this out of all drafts.
        """
        if without == "text":
            drafts = [draft.model_copy(update={"text": ""}) for draft in drafts]
        if without == "image":
            images = {}
        table = as_posts(drafts, images, self.fitted.card, part.columns, self.fitted.usual, accounts)
        features = {name: encoded.of(name, without) for name in part.told.encodings}
        posts = part.posts(table, features)  # type: ignore[arg-type]
        return table, posts, part.predict(posts)

    def _viral(
        self,
        drafts: Sequence[Draft],
        images: Mapping[int, Path],
        accounts: Sequence[str],
        encoded: EncodedDrafts,
    ) -> NDArray[np.float32] | None:
        if self.fitted.virality is None:
            return None
        return self._predicted(self.fitted.virality, drafts, images, accounts, encoded)[2][:, 0]

    def _reasons(
        self,
        posts: Posts,
        drafts: Sequence[Draft],
        images: Mapping[int, Path],
        accounts: Sequence[str],
        encoded: EncodedDrafts,
        whole: NDArray[np.float32],
    ) -> list[tuple[Reason, ...]]:
        units, card, part = self._units[0], self.fitted.card, self.fitted.engagement
        shares = part.baseline.explain(posts)
        if shares is not None:
            return reasons(shares, posts.tabular(), drafts, card, units, whole)
        without = {
            one: self._predicted(part, drafts, images, accounts, encoded, one)[2][:, 0]
            for one in modalities(card)
        }
        return by_leaving_out(whole, without, units)

    def _groups(self, table: pa.Table, accounts: Sequence[str], known: NDArray[np.bool_]) -> list[_Group]:
        levels = self.fitted.card.with_role("category")
        categories = table[levels[0]].to_pylist() if levels else [None] * len(accounts)
        usual = _width(self.fitted.calibration.errors)
        found: dict[tuple[str, str, bool], _Group] = {}
        keys = [
            (account if one else "", category or "", bool(one))
            for account, category, one in zip(accounts, categories, known, strict=True)
        ]
        for key in keys:
            if key not in found:
                basis, errors = self.fitted.calibration.group(*key)
                first = errors[:, 0].astype(np.float64)
                found[key] = _Group(basis, first, bounds(errors), key[2], _width(errors) > usual)
        return [found[key] for key in keys]

    def _expected(self, scores: Array, group: _Group) -> tuple[Expected, ...]:
        found = []
        for units, score, below, above in zip(self._units, scores, *group.bounds, strict=True):
            ends = units.counts([score + below, score, score + above])
            told = dict(zip(("low", "middle", "high"), map(float, ends), strict=True))
            found.append(Expected(target=units.name, level=LEVEL, basis=group.basis, **told))
        return tuple(found)

    def _hours(self, account: str, draft: Draft) -> tuple[Hour, ...]:
        if self._units[0].base is None:
            return ()
        return self.fitted.hours.best(account, draft.at)

    def _measured(
        self, drafts: Sequence[Draft], images: Mapping[int, Path], encoded: EncodedDrafts
    ) -> Measured:
        texts = [draft.text for draft in drafts]
        paths = [images.get(draft.number) for draft in drafts]
        of = self.fitted
        frame = measure(texts, paths, of.card.languages, of.profile, self.threads, encoded.shared)
        rows: list[dict[str, Any]] = frame.to_dict("records")
        return [{name: float(value) for name, value in row.items() if value == value} for row in rows]

    def _account(self, draft: Draft) -> str:
        """As the data name it. A draft that names none is of the only account there is, or of a new one."""
        if draft.account is None:
            return next(iter(self._accounts)) if len(self._accounts) == 1 else f"{UNKNOWN}{draft.number}"
        for name in (draft.account, draft.account.lstrip("@"), draft.account.lstrip("@").lower()):
            if name in self._accounts:
                return name
        return draft.account

    def _near(self, drafts: Sequence[Draft], accounts: Sequence[str]) -> dict[str, str]:
        """Account that the model does not know -> those that it may mean, in words. A search among tens of
        thousands takes its time, so that only the first few are looked for."""
        told = [one for draft, one in zip(drafts, accounts, strict=True) if draft.account is not None]
        unknown = [one for one in dict.fromkeys(told) if one not in self._accounts][:MOST_SOUGHT]
        found = {one: did_you_mean(one, self._accounts) for one in unknown}
        return {one: words for one, words in found.items() if "did you mean" in words}

    def _notes(
        self, draft: Draft, account: str, group: _Group, foreign: str | None, near: Mapping[str, str]
    ) -> list[str]:
        found = []
        wider = ", and wider" if group.wider else ""
        wide = f"so its interval is that of accounts without a past here{wider}"
        if account.startswith(UNKNOWN):
            found.append(f"It names no account, {wide}")
        elif account not in self._accounts:
            told = f"The model knows no account '{printable(quoted(account))}', {wide}"
            found.append(told + near.get(account, ""))
        elif not group.known:
            found.append(f"Nothing is known yet of how the account's posts did, {wide}")
        return [*found, foreign] if foreign else found

    def _encoder(self, encoding: str) -> Encoder:
        return encoder(self.fitted.profile, encoding, self.fitted.card.languages)


def _width(errors: Array) -> float:
    low, high = bounds(errors)
    return float(high[0] - low[0])
