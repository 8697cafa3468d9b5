"""Compare: two boards, or two baselines, held against each other."""
