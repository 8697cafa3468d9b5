"""The holdout on which learned baselines choose their settings."""

from __future__ import annotations

HOLDOUT = 0.2
"""The newest fifth of the training posts."""
