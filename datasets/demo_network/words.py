"""What communities write about: subjects, and tags of their own."""

from __future__ import annotations

SUBJECTS = {
    "cycling": (
        "the climb",
        "a new frame",
        "the spring race",
        "wet cobbles",
        "my old wheels",
        "the long ride",
    ),
    "bread": (
        "the sourdough",
        "a slow dough",
        "the rye loaf",
        "my starter",
        "a dark crust",
        "the first bake",
    ),
    "chess": ("the endgame", "a quiet move", "the open file", "my opening", "a lost rook", "the club final"),
    "gardens": ("the roses", "a late frost", "the compost", "my tomatoes", "a dry June", "the seed swap"),
    "jazz": ("the trio", "a slow ballad", "the late set", "my horn", "a live record", "the small club"),
    "code": (
        "the release",
        "a flaky test",
        "the type checker",
        "my editor",
        "a clean diff",
        "the on-call week",
    ),
    "sailing": ("the regatta", "a west wind", "the new jib", "my old boat", "a calm bay", "the night watch"),
    "birds": (
        "the herons",
        "a rare gull",
        "the dawn walk",
        "my old scope",
        "a loud wren",
        "the autumn count",
    ),
}
SAYINGS = (
    "{subject} today, better than I feared",
    "nobody talks about {subject} any more",
    "three things I learnt from {subject}",
    "is it me or was {subject} easier once?",
    "{subject}: a thread",
    "still thinking about {subject}",
)
PARTS = (
    "week",
    "tips",
    "daily",
    "club",
    "beginners",
    "archive",
    "north",
    "south",
    "talk",
    "live",
    "old",
    "new",
)
COMMON = ("monday", "photo", "news", "help", "thanks", "weekend")
"""Tags that all communities use."""


def subjects(community: int) -> tuple[str, ...]:
    return list(SUBJECTS.values())[community % len(SUBJECTS)]


def tags(community: int) -> tuple[str, ...]:
    """Of one community alone; of more than eight communities those after them have a number."""
    name = list(SUBJECTS)[community % len(SUBJECTS)]
    number = community // len(SUBJECTS)
    return tuple(f"{name}{number or ''}{part}" for part in PARTS)
