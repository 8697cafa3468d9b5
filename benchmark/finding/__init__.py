"""Finding: baselines, from a file or an object: what each says of itself, and the name of its code."""
