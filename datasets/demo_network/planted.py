"""The planted model: what posts get, whom they name, and how they are passed on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from society import Floats, Ints, Society, authors, named_by, society
from streams import stream
from words import COMMON, SAYINGS, subjects, tags

DAY_MS = 86_400_000
START = int(dt.datetime(2023, 1, 1, tzinfo=dt.UTC).timestamp()) * 1000
END = int(dt.datetime(2024, 1, 1, tzinfo=dt.UTC).timestamp()) * 1000
POSTS_AN_ACCOUNT, FOLLOWS_AN_ACCOUNT = 20, 15
NAMES_NOBODY, REPLIES, OTHER_LETTERS, ITSELF = 0.4, 0.15, 0.01, 0.005
"""Shares: of posts that name nobody, and that answer whom they name first; of names that are written in
capitals, and of posts whose author names itself, as people do."""
LIFT, FULL, FADES_DAYS = 1.6, 0.1, 14.0
"""Being named lifts what one posts later: by up to so much, by two thirds of it once who named one has so
much influence together, and the lift fades."""
COMPANY = 0.5
"""Naming the most influential lifts the post itself by so much."""
NOISE = 0.45
"""Standard deviation of log1p(likes) given all else."""
GROWTH = 0.4
"""Of everybody's log likes over the year."""
CATCHES, LUCK = 0.02, 0.9
"""The chance that a follower passes a post on: its median, and how far posts differ in it (of its log)."""
ABROAD = 0.35
"""The chance is this much of it for a follower of another community than the author's."""
MOST_REPOSTS, HOURS = 150, 2.0


@dataclass(frozen=True)
class World:
    """All posts in the order of time."""

    society: Society
    names: list[str]
    """Of accounts."""
    author: Ints
    time_ms: Ints
    named: list[tuple[str, ...]]
    answers: NDArray[np.bool_]
    """Whether the first named is answered."""
    text: list[str]
    tags: list[str]
    likes: Ints
    ceiling: Floats
    """Median of log1p(likes) given everything but the post's own luck."""
    lift: Floats
    """The part of the ceiling that being named earlier makes up."""
    follows: list[tuple[int, int, int]]
    """(moment, who, whom), in order."""
    reposts: list[tuple[int, int, int, int]]
    """(moment, post, who passes it on, from whom), in order."""


def plant(posts: int, seed: int) -> World:
    """A world of `posts` posts; the same arguments give the same world."""
    of = society(max(40, posts // POSTS_AN_ACCOUNT), stream(seed, "society"))
    author = authors(of, posts, stream(seed, "authors"))
    time = np.sort(stream(seed, "times").integers(START, END, posts))
    names = [f"{'abcdefgh'[place % 8]}{'aeiou'[place % 5]}{place:05}" for place in range(len(of.own))]
    whom = _whom(of, author, stream(seed, "named"))
    lift = _lift(of, author, time, whom)
    level = (
        3.0
        + of.own[author]
        + GROWTH * (time - START) / (END - START)
        + 0.2 * np.cos(2 * np.pi * ((time % DAY_MS) / DAY_MS - 0.8))
        + lift
        + COMPANY * np.array([of.influence[list(some)].max(initial=0.0) for some in whom])
    )
    luck = stream(seed, "luck").normal(0, NOISE, posts)
    follows = _follows(of, stream(seed, "follows"))
    text, tagged = _write(of, author, names, whom, stream(seed, "text"))
    rng = stream(seed, "letters")
    return World(
        society=of,
        names=names,
        author=author,
        time_ms=time,
        named=[_written(some, who, names, rng) for some, who in zip(whom, author.tolist(), strict=True)],
        answers=stream(seed, "answers").random(posts) < REPLIES,
        text=text,
        tags=tagged,
        likes=np.round(np.expm1(np.maximum(level + luck, 0))).astype(np.int64),
        ceiling=np.maximum(level, 0),
        lift=lift,
        follows=follows,
        reposts=_cascades(of, author, time, follows, stream(seed, "cascades")),
    )


def _whom(of: Society, author: Ints, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Up to two accounts that each post names."""
    first, second = named_by(of, author, rng), named_by(of, author, rng)
    many = np.where(rng.random(len(author)) < NAMES_NOBODY, 0, 1 + (rng.random(len(author)) < 0.3))
    pairs = zip(first.tolist(), second.tolist(), many.tolist(), strict=True)
    return [tuple(dict.fromkeys((one, other)[:count])) for one, other, count in pairs]


def _lift(of: Society, author: Ints, time: Ints, whom: list[tuple[int, ...]]) -> Floats:
    """What earlier posts that name its author lift each post by: more of the influential, less with time."""
    held, since = np.zeros(len(of.own)), np.full(len(of.own), START, np.int64)
    found = np.zeros(len(author))
    for post, (who, moment, some) in enumerate(zip(author.tolist(), time.tolist(), whom, strict=True)):
        found[post] = LIFT * (1 - np.exp(-held[who] * _left(moment - since[who]) / FULL))
        for one in some:
            held[one] = held[one] * _left(moment - since[one]) + of.influence[who]
            since[one] = moment
    return found


def _left(passed_ms: int) -> float:
    return float(np.exp(-passed_ms / (FADES_DAYS * DAY_MS)))


def _follows(of: Society, rng: np.random.Generator) -> list[tuple[int, int, int]]:
    """Who follows whom, most since before the first post."""
    who = rng.integers(0, len(of.own), FOLLOWS_AN_ACCOUNT * len(of.own))
    whom = named_by(of, who, rng)
    late = rng.integers(START, END, len(who))
    moment = np.where(rng.random(len(who)) < 0.7, START - DAY_MS, late)
    first: dict[tuple[int, int], int] = {}
    for one, other, known in sorted(zip(who.tolist(), whom.tolist(), moment.tolist(), strict=True)):
        first.setdefault((one, other), known)
    return sorted((known, one, other) for (one, other), known in first.items())


def _cascades(
    of: Society, author: Ints, time: Ints, follows: list[tuple[int, int, int]], rng: np.random.Generator
) -> list[tuple[int, int, int, int]]:
    """Each follower of whoever posts or passes on passes on by the chance of the post, some hours later."""
    followers: list[list[tuple[int, int]]] = [[] for _ in of.own]
    for known, who, whom in follows:
        followers[whom].append((who, known))
    chance = CATCHES * np.exp(rng.normal(0, LUCK, len(author)))
    found = []
    for post, (writer, moment) in enumerate(zip(author.tolist(), time.tolist(), strict=True)):
        reached, front, passed = {writer}, [(writer, moment)], 0
        while front and passed < MOST_REPOSTS:
            teller, told = front.pop(0)
            seeing = [who for who, known in followers[teller] if known <= told and who not in reached]
            for who, draw in zip(seeing, rng.random(len(seeing)).tolist(), strict=True):
                home = of.community[who] == of.community[writer]
                if draw < min(chance[post], 0.5) * (1.0 if home else ABROAD):
                    later = told + 1 + int(rng.exponential(HOURS) * 3_600_000)
                    reached.add(who)
                    front.append((who, later))
                    found.append((later, post, who, teller))
                    passed += 1
    return sorted(one for one in found if one[0] < END)


def _write(
    of: Society, author: Ints, names: list[str], whom: list[tuple[int, ...]], rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    texts, tagged = [], []
    for who, some in zip(author.tolist(), whom, strict=True):
        community = int(of.community[who])
        subject = subjects(community)[rng.integers(6)]
        text = SAYINGS[rng.integers(len(SAYINGS))].format(subject=subject)
        texts.append(" ".join([text, *(f"@{names[one]}" for one in some)]))
        own = tags(community)
        # An account keeps to a few of its community's tags.
        used = {own[(who + int(rng.integers(4))) % len(own)]} if rng.random() < 0.7 else set()
        used |= {COMMON[rng.integers(len(COMMON))]} if rng.random() < 0.2 else set()
        used |= {f"{names[who]}{rng.integers(9)}"} if rng.random() < 0.1 else set()
        tagged.append(" ".join(sorted(used)))
    return texts, tagged


def _written(some: tuple[int, ...], who: int, names: list[str], rng: np.random.Generator) -> tuple[str, ...]:
    """Handles as people write them."""
    told = [names[one].upper() if rng.random() < OTHER_LETTERS else names[one] for one in some]
    return (*told, *([names[who]] if rng.random() < ITSELF else []))
