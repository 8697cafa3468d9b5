"""Beside: what models may be told beside a post and its account's past: facts, and who names whom."""
