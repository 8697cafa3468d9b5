"""Outside: posts go out to models that run elsewhere, predictions come in, challenge files go out."""
