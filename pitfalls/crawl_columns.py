"""Do not do this: what was read when the data were collected (followers, likes of the account, views) as if
it had been known at publication. The post's own success is in it."""

from __future__ import annotations

from benchmark.data.prepared import crawl_columns
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.mistake import Made, Mistake, NotPossible, check_reads_columns


class CrawlColumns(Mistake):
    name = "crawl_columns"
    title = "crawl-time columns"
    layer = "data"

    def check(self, of: Ground) -> None:
        check_reads_columns(of)
        if not crawl_columns(of.posts.prepared.card):
            raise NotPossible("no column was read after publication")

    def made(self, of: Ground, honest: Said) -> Made:
        named = ", ".join(crawl_columns(of.posts.prepared.card))
        return Made(of.walk(schema=of.schema(crawl=True)), note=named)
