"""Portrait: what a person looks at before trusting a number that comes from a data set, and what is known to
be wrong with it. It reads labels, all of them: a tool for people, and nothing that a baseline may see."""
