"""Parts that several baselines are made of."""
