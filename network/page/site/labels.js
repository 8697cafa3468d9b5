"use strict";
// Labels: names of the biggest communities over the picture, where their accounts stand.
const MOST_NAMES = 10;
let places = { of: null, found: [] };

function centres() {
  if (places.of === canvas.seen) return places.found;
  const by = new Map();
  for (const i of canvas.seen.accounts) {
    const code = communityOf(i);
    if (!COMMUNITIES.has(String(code))) continue;
    if (!by.has(code)) by.set(code, []);
    by.get(code).push(i);
  }
  const middle = (values) => values.sort((x, y) => x - y)[Math.floor(values.length / 2)];
  const found = [...by].map(([code, of]) => ({
    code,
    n: of.length,
    x: middle(of.map((i) => ACCOUNTS.x[i])),
    y: middle(of.map((i) => ACCOUNTS.y[i])),
  }));
  const worth = found.filter((one) => one.n >= Math.max(3, canvas.seen.accounts.length / 60));
  const most = canvas.renderer.getDimensions().width < 500 ? 5 : MOST_NAMES;
  places = { of: canvas.seen, found: worth.sort((a, b) => b.n - a.n).slice(0, most) };
  return places.found;
}

// [{text, colour, x, y}] in pixels of the stage; of two that would lie on each other the bigger community's.
function namesInSight() {
  if (!canvas.renderer || !canvas.seen || state.view === "communities" || focused() !== "") return [];
  const { width, height } = canvas.renderer.getDimensions();
  const taken = [];
  for (const one of centres()) {
    const at = canvas.renderer.graphToViewport({ x: one.x, y: one.y });
    // The first of what its name consists of is enough here.
    const text = short(communityName(one.code).split(/[,;]/)[0], 24);
    const half = 3.8 * text.length + 14;
    const x = Math.min(Math.max(at.x, half), width - half);
    if (at.y < 12 || at.y > height - 12 || at.x < -half || at.x > width + half) continue;
    if (taken.some((other) => Math.abs(other.x - x) < other.half + half && Math.abs(other.y - at.y) < 26))
      continue;
    taken.push({ text, colour: colourOf(one.code), x, y: at.y, half });
  }
  return taken;
}

function placeNames() {
  // While the picture moves they would be laid out anew in every frame.
  const moving = byId("canvas").classList.contains("moving");
  byId("names").hidden = moving;
  if (moving) return;
  const drawn = namesInSight().map(({ text, colour, x, y }) => {
    const dot = el("i");
    dot.style.background = colour;
    const made = el("span", {}, dot, bdi(text));
    made.style.left = `${x}px`;
    made.style.top = `${y}px`;
    return made;
  });
  byId("names").replaceChildren(...drawn);
}
