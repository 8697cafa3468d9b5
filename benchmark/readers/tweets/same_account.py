"""The same account: under one name in all files, however they spell, number or leave it out."""

from __future__ import annotations

import pandas as pd

from benchmark.readers.raw import FILE, ReadReport

NAME, NUMBER, ASSUMED = "author_name", "author_number", "author_assumed"
"""Columns beside `user_id`: null where an export does not tell them; whether it tells no author at all."""


def one_name_each(frame: pd.DataFrame, report: ReadReport) -> pd.Series:
    """`user_id` with one spelling for each account.

    Small and capital letters are the same to Twitter. A number that stands beside a name anywhere has that
    name everywhere, and of several in several files the newest. A file without authors that has tweets of one
    account in another file is of that account.
    """
    names, renamed = _names(frame, report)
    users = frame["user_id"].astype(object).map(lambda name: renamed.get(name, name))
    numbered = frame[NUMBER].astype(object).map(names)
    if unnamed := int((frame[NAME].isna() & numbered.notna()).sum()):
        report.note(f"{unnamed:,} tweets name their author by number alone; the name stands in other tweets")
    users = _settled(numbered.where(numbered.notna(), users), frame, report)
    small = users.str.lower()
    if several := users.nunique() - small.nunique():
        counted = pd.DataFrame({"spelling": users, "small": small}).value_counts().reset_index()
        # Tools that write small letters only have lost something: another spelling is the account's own.
        counted["shown"] = counted["spelling"] != counted["small"]
        best = counted.sort_values(["shown", "count", "spelling"]).groupby("small")["spelling"].last()
        report.note(
            f"{several:,} spellings of accounts differ from others in capital letters alone: made one"
        )
        users = small.map(best)
    return users.astype("str")


def _names(frame: pd.DataFrame, report: ReadReport) -> tuple[dict[str, str], dict[str, str]]:
    """Number -> name, and earlier name -> newest name."""
    pairs = frame.dropna(subset=[NAME, NUMBER])
    pairs = pairs.groupby([FILE, NUMBER, NAME], sort=False)["time"].max().reset_index().sort_values("time")
    names: dict[str, str] = {}
    renamed: dict[str, str] = {}
    shared = 0
    for number, rows in pairs.groupby(NUMBER):
        # All names in a file were read at one time: a number with several of them is none of an account.
        if any(len(set(one.str.lower())) > 1 for _, one in rows.groupby(FILE)[NAME]):
            shared += 1
            continue
        spelled = rows.loc[rows[NAME].str.lower() == rows[NAME].iloc[-1].lower(), NAME]
        names[str(number)] = newest = max(spelled, key=lambda name: name != name.lower())
        renamed |= {old: newest for old in rows[NAME] if old.lower() != newest.lower()}
    if shared:
        report.note(f"{shared:,} numbers stand beside several names of accounts in one file: names count")
    if renamed:
        told = ", ".join(f"'{old}' is '{new}'" for old, new in sorted(renamed.items())[:5])
        report.note(f"{len(renamed):,} names of accounts changed from one file to another: {told}")
    return names, renamed


def _settled(users: pd.Series, frame: pd.DataFrame, report: ReadReport) -> pd.Series:
    """With the authors of files that name none, where other files tell."""
    told = frame[~frame[ASSUMED]]
    for file, rows in frame[frame[ASSUMED]].groupby(FILE):
        authors = users[told.index[told["post_id"].isin(rows["post_id"])]].unique()
        if len(authors) == 1:
            report.note(f"{file}: all posts are by '{authors[0]}', as the same tweets in another file are")
            users = users.where(~frame.index.isin(rows.index), authors[0])
    return users
