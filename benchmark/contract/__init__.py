"""Contract: what every baseline keeps to, tried out on a made-up data set."""
