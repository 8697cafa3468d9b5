"""Proposing: a card for the data of a stranger, by looking at them.

`study.py` leads: `files.py` finds the tables, `table.py` reads them, `keys.py`, `labels.py`, `pictures.py`
and `roles.py` say what each column is, by the words of its name (`words.py`) and by its values (`numbers.py`,
`times.py`). `settle.py` reads the files by the card that comes of it and adds what only then is known;
`writing.py` writes it down. `standard.py` knows folders that a reader of this project was made for.
"""
