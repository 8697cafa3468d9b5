"""The client's own rules: which drafts may be published, decided after they have been judged."""
