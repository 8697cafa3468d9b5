"""The planted model of one account: strong drift, news, momentum, and what a tweet says."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from phrases import ANSWERS, ENDINGS, FRIENDS, STATEMENTS, TOPICS
from streams import stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY = 86_400
START = int(dt.datetime(2020, 10, 1, tzinfo=dt.UTC).timestamp())
END = int(dt.datetime(2022, 9, 30, tzinfo=dt.UTC).timestamp())
REPLY_SHARE = 0.70
NEWS_EVERY_DAYS, NEWS_LASTS_DAYS = 25, 3.0
CARRY, MEMORY, FORGETTING_DAYS = 0.5, 0.9, 5.0
"""Momentum takes up this much of a tweet's shared noise, keeps this much, and fades with time."""
SHARED_NOISE, OWN_NOISE = 0.36, 0.32
"""Standard deviations: of all three counts together, and of each by itself."""
SETTLING_DAYS = 1.0
"""A count has reached 1 - exp(-1) of its final value after this long."""
COUNTS = {"likes": (0.0, 1.0), "retweets": (-1.6, 0.85), "replies": (-2.6, 0.9)}
"""Count -> (offset, loading): log1p(count) = offset + loading x level of the tweet."""


@dataclass(frozen=True)
class Account:
    """All tweets of the account, in order of time: arrays of one entry a tweet."""

    time_ms: Ints
    """Epoch milliseconds."""
    text: list[str]
    parts: dict[str, Floats]
    """The parts of a tweet's level; all but `noise` can be known before it is published."""
    counts: dict[str, Ints]
    """As they were at the end."""
    final: dict[str, Floats]
    """Count -> what it settles at."""
    ceiling: dict[str, Floats]
    """Count -> median of log1p(count) given everything but the tweet's own noise, once it has settled."""


def plant(posts: int, seed: int) -> Account:
    """An account of `posts` tweets; the same arguments give the same account."""
    news_time, news_topic = _news(stream(seed, "news"))
    time = _times(posts, news_time, stream(seed, "times"))
    topic = _topics(time, news_time, news_topic, stream(seed, "topics"))
    text, content = _write(topic, stream(seed, "text"))
    noise = stream(seed, "noise").normal(0, SHARED_NOISE, posts)
    parts = {
        "drift": _drift(time),
        "content": content,
        "hour": 0.25 * np.cos(2 * np.pi * (time % DAY / DAY - 0.7)),
        "news": _excitement(time, topic, news_time, news_topic),
        "momentum": _momentum(time, noise),
        "noise": noise,
    }
    level = np.sum(list(parts.values()), axis=0)
    settled = settling(END - time)
    counts, finals, ceiling = {}, {}, {}
    for name, (offset, loading) in COUNTS.items():
        own = stream(seed, name).normal(0, OWN_NOISE, posts)
        final = np.expm1(np.maximum(offset + loading * level + own, 0))
        finals[name] = final
        counts[name] = np.round(final * settled).astype(np.int64)
        ceiling[name] = np.maximum(offset + loading * (level - noise), 0)
    return Account((time * 1000).astype(np.int64), text, parts, counts, finals, ceiling)


def unknowable(count: str) -> float:
    """Standard deviation of log1p of a settled count, given everything but the tweet's own noise."""
    _, loading = COUNTS[count]
    return float(np.hypot(loading * SHARED_NOISE, OWN_NOISE))


def settling(age: Floats) -> Floats:
    """The share of its final value that a count has reached at an age in seconds."""
    return 1 - np.exp(-age / (SETTLING_DAYS * DAY))


def _news(rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Times and topics of the events that the account gets excited about."""
    count = (END - START) // (NEWS_EVERY_DAYS * DAY)
    return np.sort(rng.uniform(START, END, count)), rng.integers(0, len(TOPICS), count)


def _times(posts: int, news_time: Floats, rng: np.random.Generator) -> Floats:
    """Epoch seconds, ascending: awake from afternoon to night (UTC), busier after news."""
    excited = rng.random(posts) < 0.2
    day = np.where(
        excited,
        news_time[rng.integers(0, len(news_time), posts)] + rng.exponential(NEWS_LASTS_DAYS * DAY, posts),
        rng.uniform(START, END, posts),
    )
    hour = (rng.normal(20, 4.5, posts) % 24) * 3600
    time = day // DAY * DAY + hour
    # The last day's overflow is thrown back over the whole span rather than heaped on its end.
    return np.sort(np.where((time >= START) & (time < END), time, rng.uniform(START, END, posts)))


def _topics(time: Floats, news_time: Floats, news_topic: Ints, rng: np.random.Generator) -> Ints:
    """A topic a tweet: half of the tweets soon after news are about it."""
    latest = np.maximum(np.searchsorted(news_time, time) - 1, 0)
    fresh = (time >= news_time[0]) & (time - news_time[latest] < NEWS_LASTS_DAYS * DAY)
    about_news = fresh & (rng.random(len(time)) < 0.5)
    return np.where(about_news, news_topic[latest], rng.integers(0, len(TOPICS), len(time)))


def _write(topic: Ints, rng: np.random.Generator) -> tuple[list[str], Floats]:
    """A text a tweet, and its effect."""
    topics = list(TOPICS.values())
    texts, effects = [], []
    for number in topic.tolist():
        topic_effect, subjects = topics[number]
        write = _reply if rng.random() < REPLY_SHARE else _statement
        text, effect = write(topic_effect, subjects, rng)
        texts.append(text)
        effects.append(effect)
    return texts, np.array(effects)


def _statement(effect: float, subjects: tuple[str, ...], rng: np.random.Generator) -> tuple[str, float]:
    kind_effect, predicates = list(STATEMENTS.values())[rng.integers(len(STATEMENTS))]
    ending_effect, endings = list(ENDINGS.values())[rng.integers(len(ENDINGS))]
    ending = endings[rng.integers(len(endings))].format(code=f"{rng.integers(16**10):010x}")
    text = f"{subjects[rng.integers(len(subjects))]} {predicates[rng.integers(len(predicates))]}{ending}"
    return text, effect + kind_effect + ending_effect


def _reply(effect: float, subjects: tuple[str, ...], rng: np.random.Generator) -> tuple[str, float]:
    """Replies are seen by few: far below statements, and their topic matters half as much."""
    answer_effect, answer = ANSWERS[rng.integers(len(ANSWERS))]
    text = f"{FRIENDS[rng.integers(len(FRIENDS))]} {answer}"
    if rng.random() < 0.5:
        return text, answer_effect - 2.3
    return f"{text}. {subjects[rng.integers(len(subjects))]} is hard", answer_effect + 0.5 * effect - 2.3


def _drift(time: Floats) -> Floats:
    """The account grows about a hundredfold in two years, in waves."""
    passed = (time - START) / (END - START)
    return 6.3 + 4.8 * passed**0.8 + 0.3 * np.sin(2 * np.pi * 2.2 * passed)


def _excitement(time: Floats, topic: Ints, news_time: Floats, news_topic: Ints) -> Floats:
    """Each event lifts all tweets for some days, and those about its topic twice as much."""
    lift = np.zeros(len(time))
    for moment, subject in zip(news_time.tolist(), news_topic.tolist(), strict=True):
        age = np.maximum(time - moment, 0) / (NEWS_LASTS_DAYS * DAY)
        lift += np.where(time >= moment, np.exp(-age), 0) * np.where(topic == subject, 0.9, 0.45)
    return lift


def _momentum(time: Floats, noise: Floats) -> Floats:
    """What is left of the shared noise of earlier tweets: luck carries over, and fades."""
    keep = MEMORY * np.exp(-np.diff(time, prepend=time[:1]) / (FORGETTING_DAYS * DAY))
    momentum = np.zeros(len(time))
    for now in range(1, len(time)):
        momentum[now] = keep[now] * (momentum[now - 1] + CARRY * noise[now - 1])
    return momentum
