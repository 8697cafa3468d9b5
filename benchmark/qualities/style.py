"""Style: what anybody can see of a text, and change. Functions of the text alone."""

from __future__ import annotations

import re
from functools import lru_cache

_LINK = re.compile(r"https?://\S+|www\.\S+")
_QUESTION = re.compile(r"[?？؟]")
_EXCLAMATION = re.compile(r"[!！]")
_MENTION = re.compile(r"(?<![\w.])@\w")
_HASHTAG = re.compile(r"(?<![\w&])[#＃]\w*[^\W\d]\w*")
"""One letter at least: `#1` and `&#39;` are none."""
_NUMBER = re.compile(r"\d")
_EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}|(?:[\U0001f300-\U0001faff\u2600-\u27bf\u2b00-\u2bff][\ufe0f\U0001f3fb-\U0001f3ff]*"
    "(?:\u200d(?=[\U0001f300-\U0001faff\u2600-\u27bf]))?)+?(?<!\u200d))"
)
"""A flag, or pictures that a joiner makes one. Symbols that people read as emoji are counted too: a heart, a
check mark, a star."""
_YOU = re.compile(r"\b(?:you|your|yours|yourself|u|ur)\b", re.IGNORECASE)
_CALL = re.compile(
    r"\b(?:click|tap|swipe up|link in (?:my |our |the )?bio|sign up|subscribe|follow (?:me|us|our|for|@\w+)|"
    r"join (?:me|us|our|now|the)|learn more|read more|find out more|check (?:it |this |them )?out|"
    r"shop (?:now|here|the|our)|buy (?:now|yours|here)|order (?:now|yours|here)|book (?:now|yours)|"
    r"get yours|register|download|donate|vote (?:for|now|here)|retweet|please rt|share (?:this|if|with|your)|"
    r"tag (?:a|your|someone|who)|comment (?:below|with|your)|leave a comment|"
    r"let (?:me|us) know|tell (?:me|us)|don'?t miss|watch (?:now|here|the|our|it)|listen (?:now|here|to)|"
    r"try it|stay tuned|dm (?:me|us)|enter to win|use (?:my |the )?code)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)
def without_links(text: str) -> str:
    """A link holds question marks, digits and capitals that nobody wrote."""
    return _LINK.sub(" ", text)


def length(text: str) -> float:
    """Characters, links left out."""
    return float(len(without_links(text).strip()))


def lines(text: str) -> float:
    """That something stands on."""
    return float(sum(bool(line.strip()) for line in text.splitlines()))


def question(text: str) -> float:
    return float(bool(_QUESTION.search(without_links(text))))


def exclamation(text: str) -> float:
    return float(bool(_EXCLAMATION.search(without_links(text))))


def link(text: str) -> float:
    return float(bool(_LINK.search(text)))


def mention(text: str) -> float:
    return float(bool(_MENTION.search(without_links(text))))


def hashtags(text: str) -> float:
    return float(len(_HASHTAG.findall(without_links(text))))


def emoji(text: str) -> float:
    return float(len(_EMOJI.findall(text)))


def number(text: str) -> float:
    return float(bool(_NUMBER.search(without_links(text))))


def capitals(text: str) -> float:
    """Share of the letters that have two cases; NaN where there are fewer than five: it would say nothing."""
    plain = without_links(text)
    large, small = sum(map(str.isupper, plain)), sum(map(str.islower, plain))
    return large / (large + small) if large + small >= 5 else float("nan")


def you(text: str) -> float:
    return float(bool(_YOU.search(without_links(text))))


def call(text: str) -> float:
    return float(bool(_CALL.search(without_links(text))))
