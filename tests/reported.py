"""A ranking that is reported, with a draft of it judged otherwise."""

from __future__ import annotations

import re
from typing import Any

from desk.ranking import Ranking

TURNS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def changed(found: Ranking, place: int, **changes: Any) -> Ranking:
    """The ranking, one of its drafts judged otherwise."""
    drafts = [one.model_copy(update=changes) if one.place == place else one for one in found.drafts]
    return found.model_copy(update={"drafts": tuple(drafts)})
