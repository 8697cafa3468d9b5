"""Twitter's own archive of an account: `tweets.js`, entries `{"tweet": {...}}` with the names of API v1.1.

No tweet names its author: `account.js` beside it does. Retweets have no marker but their text.
"""

from benchmark.readers.tweets.layouts.layout import IDS, TEXTS, Layout

ARCHIVE = Layout("archive", signs=((IDS, TEXTS),), names={"user_name": (), "user_number": ()}, anonymous=True)
