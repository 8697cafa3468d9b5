"""The phrases that the demo account tweets in, and the planted effect of each on log1p(likes)."""

from __future__ import annotations

TOPICS: dict[str, tuple[float, tuple[str, ...]]] = {
    "rockets": (0.45, ("The new rocket", "Our booster", "The launch tower", "The orbital engine")),
    "cars": (0.10, ("The electric car", "Our truck", "The assembly line", "Autopilot software")),
    "energy": (-0.20, ("The battery pack", "Solar roof", "Our gigafactory", "The power grid")),
    "intelligence": (
        0.25,
        ("Artificial intelligence", "The neural network", "Our robot", "Machine learning"),
    ),
    "satellites": (0.05, ("Satellite internet", "The dish antenna", "The constellation", "Laser links")),
    "tunnels": (-0.55, ("The tunnel", "Our boring machine", "The underground station", "The loop")),
    "money": (0.30, ("Crypto", "The dollar", "Inflation", "The stock market")),
    "politics": (0.60, ("Free speech", "The government", "The election", "The media")),
    "games": (-0.05, ("This video game", "The sequel", "That boss fight", "The soundtrack")),
    "paperwork": (-0.95, ("The quarterly filing", "The meeting schedule", "The parts catalogue", "The form")),
}
"""Topic -> (effect, subjects)."""

STATEMENTS: dict[str, tuple[float, tuple[str, ...]]] = {
    "triumph": (0.45, ("passed the final test!", "made history today", "works, an incredible achievement")),
    "promise": (
        0.15,
        ("will be ready next month", "arrives sooner than expected", "gets much better next year"),
    ),
    "plain": (-0.25, ("is being updated", "has a new version", "is described in the manual")),
    "setback": (0.00, ("is delayed by a week", "failed, we will try again", "needs a redesign")),
    "joke": (0.55, ("is just a meme with extra steps", "walks into a bar", "is my favourite comedy lol")),
    "thanks": (-0.40, ("is good thanks to a hardworking team", "is available to order", "has great reviews")),
}
"""Kind -> (effect, predicates)."""

ENDINGS: dict[str, tuple[float, tuple[str, ...]]] = {
    "none": (0.10, ("",)),
    "question": (0.20, (" What do you think?", " Agree?")),
    "link": (-0.45, (" https://t.co/{code}",)),
    "detail": (
        -0.15,
        (" More details to follow &amp; a video as well.\n\nStay tuned.", ' As we said: "patience".'),
    ),
    "emoji": (0.30, (" 🚀", " 🤣🤣", " 🖤")),
}
"""Ending -> (effect, texts)."""

ANSWERS: tuple[tuple[float, str], ...] = (
    (0.5, "Haha true"),
    (0.3, "Absolutely"),
    (0.2, "Wow"),
    (0.0, "Yes"),
    (0.0, "Good idea"),
    (-0.1, "Will look into it"),
    (-0.2, "This should be fixed in the next version"),
    (-0.3, "Ok"),
    (-0.4, "Thank you"),
)
"""What replies say: (effect, text)."""

FRIENDS = ("@space_fan", "@car_news", "@daily_robot", "@tunnel_rat", "@maria_codes", "@old_engineer")
