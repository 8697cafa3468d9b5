"""Words: what the names of columns say, in several languages and spellings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_COUNTED = re.compile(r"n(likes?|views?|shares?|comments?|saves?|replies|retweets?|followers?|used)")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


LABELS: dict[str, str] = {
    "likes": (
        "like likes liked fav favs favorite favorites favourite favourites heart hearts digg diggs "
        "curtida curtidas gosto gostos gosteis gusta gustas aime jaime aiment gefallt gefaellt "
        "piace begeni begenme polubienia лайк лайки лайков нравится 点赞 点赞数 赞 いいね 좋아요 إعجاب suka "
        "thich luotthich"
    ),
    "views": (
        "view views viewed viewcount play plays watch watches loop loops hit hits impression "
        "impressions visualizacao visualizacoes visualizaciones visualizacion visualizzazioni vista "
        "vistas vue vues aufruf aufrufe reproducciones reproducoes wyswietlenia goruntulenme "
        "просмотр просмотры просмотров 播放 播放量 播放数 再生 再生数 再生回数 조회수 مشاهدات tayangan "
        "luotxem"
    ),
    "score": "score points karma upvote upvotes ups popularity",
    "reactions": "reaction reactions clap claps notes",
    "shares": (
        "share shares shared retweet retweets rt rts repost reposts reblog reblogs revine revines "
        "forward forwards compartilhamento compartilhamentos compartido compartidos compartir "
        "partage partages geteilt condivisioni udostepnienia репост репосты 转发 转发数 分享 シェア 공유"
    ),
    "comments": (
        "comment comments commented reply replies comentario comentarios commentaire commentaires "
        "kommentar kommentare commento commenti komentarze yorum yorumlar resposta respostas "
        "respuesta respuestas antworten комментарий комментарии 评论 评论数 コメント 댓글"
    ),
    "saves": "save saves saved bookmark bookmarks collect collects",
    "quotes": "quote quotes",
}
"""Kind of a count -> the words that it goes by, in small letters and without accents."""

KINDS = tuple(LABELS)
"""In the order in which one is taken for the label, where there are several."""

OF_ACCOUNTS = _set(
    "user users author account accounts channel owner profile creator follower followers following "
    "follow friend friends fans subscriber subscribers music sound song page sender publisher "
    "uploader community subreddit average avg mean previous last past seguidores seguindo siguiendo "
    "abonnes abonnenten"
)
"""Of a count: it is none of the post's own."""
NO_COUNT = _set(
    "ratio rate per is has can disabled enabled hidden url link id ids text date time at type name "
    "names list percent percentage level class category top to in sentiment confidence quality "
    "toxicity predicted prediction threshold"
)
"""Of what is called after a count: it is none."""

IDS = _set("id ids pid mid vid gid shortcode code key uuid guid status tweet post video media photo item")
URLS = _set("url link permalink href uri address web webpage")
USERS = _set(
    "user username users uid author account owner channel screen handle creator alias influencer "
    "artist blogger outlet publisher page brand poster uploader nickname usuario utilisateur autor "
    "auteur konto nutzer benutzer"
)
TIMES = _set(
    "time date datetime created published posted taken publish post timestamp at on upload uploaded "
    "utc data fecha hora zeit datum jour heure ts postdate epoch when"
)
READ = _set(
    "scrape scraped scraping scrapetime fetched fetch crawl crawled retrieved retrieval collected "
    "collection collect captured observed read snapshot queried sampled recorded"
)
"""Of a time: that of the reading."""
LATER = _set("updated update edited edit modified modify deleted removed expires expired seen")
"""Of a time: none of publication."""
TEXTS = _set(
    "text caption title description content message body tweet headline subtitle selftext post "
    "comment texto titulo descricao descripcion titre texte beschreibung legenda alt transcript about "
    "bio topic"
)
TAGS = _set("hashtag hashtags tag tags keyword keywords mention mentions tagged topics labels")
CATEGORIES = _set("category categories genre section subreddit community kategorie categoria")
CODED = _set("type kind category class code group format source status level country language lang id")
LATITUDE, LONGITUDE = _set("lat latitude"), _set("lon lng long longitude")
IMAGES = _set("image img photo picture pic file filename path thumbnail cover jpg foto bild imagem imagen")

PUBLISHED = _set(
    "width height w h duration length size type format definition resolution aspect orientation "
    "language lang locale country city place location geo hour weekday weekday minute month day video "
    "photo image gif carousel media several multiple multi sidecar n_images images photos word words "
    "char chars character characters hashtag hashtags tag tags mention mentions emoji emojis urls "
    "links caption title text self original originality domain source app device client platform "
    "category genre section kids captioned licensed reply retweet quote sponsored paid ad filter lat "
    "lon latitude longitude timezone nsfw over spoiler question sentiment brightness colour color "
    "faces face flair music sound song"
)
"""Of a column: it is there when the post is published."""
CRAWLED = _set(
    "count counts total totals rank ranking ratio rate score trending verified followers follower "
    "following follow friends friend fans subscribers subscriber nfollower seguidores posts uploads "
    "locked stickied pinned awards award removed deleted banned status edited average avg mean "
    "engagement popularity growth used uses views likes shares comments saves hearts digg sort search "
    "period pro top best viral gilded karma user author account owner channel profile"
)
"""Of a column: it tells the account or the post as they were when the data were collected."""


NO_ACCOUNT = _set(
    "verified bio description followers follower following count number url full nfollower friends location "
    "img image music website private posts sound in reply to is"
)
"""Of what is called after an account: it is not its name."""
OTHER_IDS = _set("parent conversation reply music sound root thread link session category")
"""Of an id: it is that of something else than the post."""
CONTENT = _set(
    "image images photo photos media word words char chars hashtag hashtags tag tags mention mentions "
    "emoji emojis url urls link links caption text title letter letters"
)
"""Of a count: it is one of what the post is made of."""


def parts(name: str) -> list[str]:
    """`vid_nLike2` -> vid, n, like, 2; small letters, and Latin ones without accents."""
    found = [part.lower() for part in _PARTS.findall(_plain(name).replace("'", ""))]
    counted = [(part, _COUNTED.fullmatch(part)) for part in found]
    return [one for part, match in counted for one in (("n", match[1]) if match else (part,))]


def _plain(name: str) -> str:
    """Latin letters without accents; others stay, whose marks are no ornament."""
    name = unicodedata.normalize("NFC", name.replace("\u2019", "'").replace("\u0131", "i"))
    return "".join(
        unicodedata.normalize("NFD", letter)[0]
        if ord(letter) < 0x250 or 0x1E00 <= ord(letter) < 0x1F00
        else letter
        for letter in name
    )


def kind_of_count(name: str) -> str | None:
    """Which count of a post this is by its name; None for what is none, such as `user_likes_count`."""
    said = parts(name)
    if not said or set(said) & (OF_ACCOUNTS | NO_COUNT):
        return None
    joined = {"".join(said[i : i + 2]) for i in range(len(said))}
    for kind, words in LABELS.items():
        if (set(said) | joined) & set(words.split()):
            return kind
    return None


def says(name: str, words: Iterable[str]) -> bool:
    """Whether one of the words is in a name."""
    return not set(words).isdisjoint(parts(name))


def canonical(source: str, taken: Iterable[str]) -> str:
    """A name for a column of the card, from that of the file."""
    plain = _plain(source.rsplit("document.", 1)[-1])
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain)
    slug = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")[:60].strip("_") or "column"
    taken, name, number = set(taken), slug, 2
    while name in taken:
        name, number = f"{slug}_{number}", number + 1
    return name
