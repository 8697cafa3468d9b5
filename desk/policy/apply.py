"""A policy held against drafts that have been judged. It marks, and changes neither a score nor the order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from benchmark.errors import did_you_mean, quoted
from desk.policy.phrases import found_phrase, hashtags, tokens
from desk.policy.rules import Policy, PolicyError, Rule
from desk.ranking import Draft, Mark, Ranking

NOTHING = "Nothing here may be published: the policy blocks every draft."
_SCOPES = (("channels", "channel"), ("regions", "region"), ("accounts", "account"))


def check_measured(policy: Policy, known: Iterable[str], *, viral: bool) -> None:
    """Before anything is ranked: whether all that the policy looks at is measured.

    Args:
        known: names of the qualities that the model measures.
        viral: whether it was fitted on what went viral.

    Raises:
        PolicyError: names the rule, and the qualities that there are.
    """
    names = set(known)
    for rule in policy.rules:
        where = f"rule '{quoted(rule.name)}' of the policy"
        if rule.quality is not None and rule.quality not in names:
            told = did_you_mean(rule.quality, names) or "; this model measures none"
            raise PolicyError(f"{where}: unknown quality '{quoted(rule.quality)}'{told}")
        if rule.viral_below is not None and not viral:
            told = "this model was not fitted on what went viral. Remove the rule, or fit one that is"
            raise PolicyError(f"{where}: viral_below: {told}")


def marks(
    policy: Policy, draft: Draft, qualities: Mapping[str, float], viral: float | None
) -> tuple[Mark, ...]:
    """What the policy says of a draft, in the order of its rules.

    A rule that may apply is taken to apply: of a draft that does not say its channel, region or account, and
    where a quality of its text or image could not be measured.

    Args:
        qualities: scores of its content by name.
        viral: probability of going viral; None where it is not known.
    """
    seen = _Seen(draft, qualities, viral)
    found = []
    for rule in policy.rules:
        unsaid = _unsaid(rule, draft)
        if unsaid is None:
            continue
        if (evidence := _evidence(rule, policy, seen)) is not None:
            told = "; ".join([evidence, *unsaid])
            found.append(Mark(rule=rule.name, action=rule.action, sentence=f"{rule.sentence} ({told})"))
    return tuple(found)


def applied(policy: Policy, ranking: Ranking) -> Ranking:
    """The same ranking with the marks of the policy and, where nothing may be published, a note on top."""
    drafts = tuple(
        one.model_copy(update={"marks": marks(policy, one.draft, one.qualities, one.viral)})
        for one in ranking.drafts
    )
    notes = tuple(note for note in ranking.notes if note != NOTHING)
    if drafts and all(one.blocked for one in drafts):
        notes = (NOTHING, *notes)
    return ranking.model_copy(update={"drafts": drafts, "notes": notes})


@dataclass
class _Seen:
    """What a rule can look at."""

    draft: Draft
    qualities: Mapping[str, float]
    viral: float | None
    words: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.words = tokens(self.draft.text)


def _unsaid(rule: Rule, draft: Draft) -> list[str] | None:
    """None where the rule is about other drafts; else what the draft does not say of whom it is about."""
    unsaid = []
    for scope, column in _SCOPES:
        wanted = getattr(rule, scope)
        if wanted is None:
            continue
        told = draft.account if column == "account" else draft.values.get(column)
        if told is None or not _folded(told):
            unsaid.append(f"the draft names no {column}, so the rule is taken to apply")
        elif _folded(told) not in set(map(_folded, wanted)):
            return None
    return unsaid


def _folded(told: object) -> str:
    return str(told).strip().removeprefix("@").casefold()


def _evidence(rule: Rule, policy: Policy, seen: _Seen) -> str | None:
    """What of the draft the rule is about, in words; None where it keeps to the rule."""
    match rule.condition:
        case "quality":
            return _quality(rule, seen)
        case "words" | "topics":
            phrases = rule.words or tuple(
                phrase for topic in rule.topics or () for phrase in policy.topics[topic]
            )
            found = found_phrase(phrases, seen.words)
            return None if found is None else f"in the text: {found}"
        case "require":
            missing = rule.require and found_phrase(rule.require, seen.words) is None
            return "not in the text" if missing else None
        case "viral_below":
            if seen.viral is None or math.isnan(seen.viral):
                return "not known: chance to go viral"
            low = rule.viral_below is not None and seen.viral < rule.viral_below
            return f"chance to go viral {seen.viral:.1%}, wanted {rule.viral_below:.1%}" if low else None
        case "hours":
            if rule.hours is None or not rule.hours.holds(seen.draft.at):
                return None
            return f"at {rule.hours.local(seen.draft.at):%H:%M} in {rule.hours.zone}"
        case "max_length":
            long = rule.max_length is not None and len(seen.draft.text) > rule.max_length
            return f"{len(seen.draft.text):,} characters, at most {rule.max_length:,}" if long else None
        case "needs_image":
            return "no image" if seen.draft.image is None else None
        case "hashtags_above":
            count = hashtags(seen.words)
            many = rule.hashtags_above is not None and count > rule.hashtags_above
            return f"{count:,} hashtags, at most {rule.hashtags_above:,}" if many else None
    raise AssertionError(f"a condition without a meaning: {rule.condition}")


def _quality(rule: Rule, seen: _Seen) -> str | None:
    name = rule.quality or ""
    value = seen.qualities.get(name, math.nan)
    if math.isnan(value):
        lacks_image = name.startswith("image.") and seen.draft.image is None
        lacks_text = name.startswith("text.") and not seen.draft.text.strip()
        return None if lacks_image or lacks_text else f"{name} could not be measured, so nobody knows"
    if rule.above is not None:
        return f"{name} is {value:.3g}, above {rule.above:g}" if value > rule.above else None
    return (
        f"{name} is {value:.3g}, below {rule.below:g}"
        if rule.below is not None and value < rule.below
        else None
    )
