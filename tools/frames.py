"""Frames: how smoothly the page of a network moves while it is dragged, in headless Chromium.

    python -m tools.frames graph.html
    python -m tools.frames graph.html --accounts 5000 --seconds 5

Software draws it (SwiftShader on this machine's cores), so it is a lower bound: a graphics card is faster.
The picture is dragged anew in every frame, as a mouse does it.
"""

from __future__ import annotations

import argparse
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
ARGUMENTS = (
    "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-gpu-compositing",
    "--no-first-run", "--disable-background-networking",
)  # fmt: skip
"""WebGL by SwiftShader, layers put together without it: what a browser does that finds no graphics card."""
READY_MS = 120_000

_DRAG = """async (seconds) => {
  const layer = document.querySelector("#canvas .sigma-mouse");
  const box = layer.getBoundingClientRect();
  const at = (t) => ({
    bubbles: true, cancelable: true, buttons: 1,
    clientX: box.x + box.width * (0.5 + 0.25 * Math.sin(t / 400)),
    clientY: box.y + box.height * (0.5 + 0.25 * Math.cos(t / 400)),
  });
  layer.dispatchEvent(new MouseEvent("mousedown", at(0)));
  const times = [];
  await new Promise((done) => {
    const frame = (now) => {
      times.push(now);
      document.dispatchEvent(new MouseEvent("mousemove", at(now)));
      if (now - times[0] < 1000 * seconds) requestAnimationFrame(frame);
      else done();
    };
    requestAnimationFrame(frame);
  });
  document.dispatchEvent(new MouseEvent("mouseup", at(0)));
  return { times, accounts: canvas.graph.order };
}"""


def frames(tab: Any, seconds: float = 3.0) -> dict[str, float]:
    """Drag the picture of an open page.

    Returns:
        `accounts` that are drawn, frames a second (`mean`), and of the longest twentieth of all frames the
        shortest, as frames a second (`slow`).
    """
    told = tab.evaluate(_DRAG, seconds)
    times = told["times"]
    steps = sorted(after - before for before, after in pairwise(times))
    return {
        "accounts": told["accounts"],
        "mean": 1000 * len(steps) / sum(steps),
        "slow": 1000 / steps[int(0.95 * (len(steps) - 1))],
    }


def main(arguments: list[str]) -> int:
    """Print frames a second; 1 where nothing can be measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("--accounts", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=5.0)
    told = parser.parse_args(arguments)
    browser = next((path for path in BROWSERS if Path(path).is_file()), None)
    if browser is None:
        print(f"no browser at {', '.join(BROWSERS)}", file=sys.stderr)
        return 1
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        opened = started.chromium.launch(executable_path=browser, args=list(ARGUMENTS))
        tab = opened.new_page(viewport={"width": 1440, "height": 900})
        tab.goto(f"{told.page.resolve().as_uri()}#many={told.accounts}")
        tab.wait_for_selector("html[data-ready]", timeout=READY_MS)
        found = frames(tab, told.seconds)
        opened.close()
    print(
        f"{found['accounts']:,} accounts: {found['mean']:.1f} frames a second while dragging; "
        f"19 of 20 frames at {found['slow']:.1f} or faster"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
