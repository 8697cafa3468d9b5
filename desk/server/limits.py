"""Limits of what one request may bring, and the refusal of what goes beyond."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from benchmark.errors import SmpbenchError

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    drafts: int = 200
    text: int = 100_000
    """Characters of one draft's text."""
    name: int = 200
    """Characters of a name, an account, and of a file name as it is shown."""
    value: int = 10_000
    """Characters of a further field."""
    told: int = 24 * MEGABYTE
    """Bytes of the JSON that describes the drafts."""
    image: int = 25 * MEGABYTE
    """Bytes of one image."""
    pixels: int = 50 * MEGABYTE
    """Width times height of one image."""
    request: int = 100 * MEGABYTE
    """Bytes of everything together."""
    reading: float = 60.0
    """Seconds within which a request must have arrived."""
    waiting: int = 8
    """Requests that may wait for the model while it judges another."""
    patience: float = 120.0
    """Seconds that one waits before it is sent away."""

    def told_to_pages(self) -> dict[str, int]:
        """Those that a page can look at before it sends anything."""
        return {name: value for name, value in asdict(self).items() if isinstance(value, int)}


class Refusal(SmpbenchError):
    """A request is answered with a sentence and a status of HTTP, and with nothing else."""

    def __init__(self, status: int, sentence: str, *, draft: int | None = None, after: int | None = None):
        """
        Args:
            draft: number of the draft that it is about.
            after: seconds after which the same request may well be answered.
        """
        self.status, self.draft, self.after = status, draft, after
        super().__init__(sentence)


def too_large(what: str, limit: int, draft: int | None = None) -> Refusal:
    return Refusal(413, f"{what} is larger than {limit / MEGABYTE:g} MB", draft=draft)
