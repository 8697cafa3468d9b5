"""The words of the demo: the category tree, and words in clusters of one meaning."""

from __future__ import annotations

CATEGORIES: dict[str, tuple[str, ...]] = {
    "Animal": ("dog", "cat", "bird", "horse", "insect", "wildlife", "aquarium"),
    "Electronic": ("computer", "phone", "camera", "robot", "console", "audio", "gadget"),
    "Entertainment": ("concert", "cinema", "theatre", "museum", "comics", "circus", "boardgame"),
    "Family": ("baby", "children", "wedding", "reunion", "grandparents", "home", "school"),
    "Fashion": ("dress", "shoes", "jewellery", "hair", "makeup", "model", "streetwear"),
    "Food": ("breakfast", "dessert", "coffee", "seafood", "barbecue", "fruit", "bakery"),
    "Holiday&Celebrations": ("christmas", "halloween", "carnival", "birthday", "easter", "newyear", "parade"),
    "Social&People": ("portrait", "crowd", "friends", "selfie", "protest", "market", "work"),
    "Travel&Active&Sports": ("beach", "hiking", "cycling", "football", "climbing", "airport", "sailing"),
    "Urban": ("skyline", "bridge", "graffiti", "subway", "architecture", "alley", "cars"),
    "Whether&Season": ("snow", "rain", "autumn", "spring", "sunset", "fog", "storm"),
}
"""Category -> its 7 subcategories. `Whether&Season` is spelled as the owner of the format spells it."""

FACETS = ("macro", "night", "vintage", "street", "festival", "winter", "aerial", "monochrome", "studio")
CONCEPTS = 668

MEANINGS: dict[str, str] = {
    "joy": "happy joyful smiling laughing cheerful delighted merry playful fun glad giggling celebrating",
    "sorrow": "sad lonely crying grief mourning tearful gloomy melancholy miserable heartbroken lost",
    "beauty": "beautiful gorgeous stunning lovely elegant pretty exquisite graceful charming radiant",
    "dull": "boring plain ordinary dull mundane routine generic bland tedious average unremarkable",
    "sea": "ocean sea waves shore coast tide surf bay lagoon island harbour seaside",
    "mountains": "mountain peak summit ridge alps valley cliff glacier canyon highland hills",
    "forest": "forest trees woodland pines leaves moss branches oak birch jungle grove",
    "flowers": "flower rose tulip blossom petals bouquet garden lily daisy orchid sunflower",
    "sky": "sky clouds dawn dusk twilight stars moon milkyway aurora horizon sunrise",
    "city": "city downtown tower skyscraper avenue buildings traffic plaza metropolis neighbourhood pavement",
    "trains": "train railway locomotive station tram carriage tracks platform steam rail",
    "planes": "airplane aircraft jet runway cockpit pilot helicopter flight airline glider",
    "sports": "goal match player team stadium race champion training tournament athlete marathon",
    "music": "guitar drums singer band stage melody jazz piano violin orchestra songs",
    "food": "delicious tasty dinner recipe cooking chocolate cake pizza cheese noodles homemade",
    "pets": "puppy kitten paws furry hamster rabbit parrot pony terrier retriever tabby",
    "wild": "lion tiger elephant bear wolf eagle deer fox owl giraffe leopard",
    "history": "castle ruins ancient medieval monument cathedral heritage temple palace abbey statue",
    "machines": "engine factory industrial machinery gears turbine crane workshop welding metal",
    "screens": "laptop keyboard software screen processor server programming circuit chip monitor",
    "documents": "meeting conference lecture seminar office report slides committee minutes agenda",
    "receipts": "receipt invoice inventory spreadsheet warehouse shipment parcel catalogue label stock",
    "art": "painting sculpture gallery canvas watercolour sketch illustration mural exhibition abstract",
    "romance": "love romantic couple kiss bride valentine engagement hug honeymoon sweetheart",
}
"""Meaning -> words, the common ones first. All words of one share most of their planted weight, so that
a model that knows what words mean (sentence embeddings) can judge a word that it has not met in training."""

CAMERA_WORDS = "canon nikon photo flickr 50mm sony digital lens exposure iphone raw photography"
"""Words without any weight, as common in tags as in life."""

TIMEZONES = (
    ("-08:00", "Pacific Time (US &amp; Canada); Tijuana"),
    ("-05:00", "Eastern Time (US &amp; Canada)"),
    ("+00:00", "GMT: Dublin, Edinburgh, Lisbon, London"),
    ("+01:00", "Brussels, Copenhagen, Madrid, Paris"),
    ("+09:00", "Osaka, Sapporo, Tokyo"),
)


def subcategories() -> list[tuple[str, str]]:
    """All 77 pairs of category and subcategory."""
    return [(category, name) for category, names in CATEGORIES.items() for name in names]


def concepts() -> list[tuple[int, str]]:
    """All 668 pairs of subcategory number and concept; the first facets exist for every subcategory."""
    names = [name for _, name in subcategories()]
    pairs = [(number, f"{name}_{facet}") for facet in FACETS for number, name in enumerate(names)]
    return sorted(pairs[:CONCEPTS], key=lambda pair: pair[0])
