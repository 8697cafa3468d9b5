"""Twitter's API v2: pages with the authors in `includes`, single answers, bare tweets, or tables.

Tables are flattened by tweepy, twarc-csv, academictwitteR and scripts, with an id column of any name.
"""

from benchmark.readers.tweets.layouts.layout import IDS, TEXTS, TIMES, Layout

API_V2 = Layout("api_v2", signs=((IDS, TEXTS, TIMES),))
