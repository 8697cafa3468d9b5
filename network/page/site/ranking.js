"use strict";
// Ranking: the accounts by the chosen score, with intervals, ranks that can be told apart, and own past beside.
const PAGE = 50;
let shownLines = PAGE;

function ranked(found, fits = matches) {
  const order = [];
  for (let i = 0; i < SIZE; i++) if (isNumber(found.value[i]) && fits(i)) order.push(i);
  return order.sort((a, b) => found.rank[a] - found.rank[b] || a - b);
}

function drawRanking() {
  const found = chosen();
  const box = byId("ranking-body");
  if (!found) return box.replaceChildren(quiet("No score of influence was computed."));
  byId("ranking").textContent = `Ranking: ${found.words}`;
  const order = ranked(found);
  const lines = order.slice(0, shownLines);
  const more = () => {
    shownLines += 200;
    drawRanking();
  };
  return box.replaceChildren(
    ...beside(found),
    lines.length
      ? scroller(`Ranking by ${found.words}`, rankingTable(found, lines))
      : quiet("No account fits these filters."),
    quiet(
      "Could be: the best rank that its interval allows. ≈ marks those that cannot be told from a better one.",
    ),
    lines.length < order.length
      ? el(
          "button",
          { type: "button", id: "more-lines", onclick: more },
          `Show more of ${counted(order.length)}`,
        )
      : "",
  );
}

// What must stand beside every ranking: whether the score says anything that own past does not.
function beside(found) {
  const told = (verdict) =>
    found.reference || !verdict ? "plain" : verdict === "gains" ? "gains" : "nothing";
  return found.beside.map(([conclusion, numbers], i) =>
    el(
      "p",
      { class: "beside " + told(found.verdicts[i]) },
      el("strong", {}, conclusion),
      numbers ? el("small", {}, " " + numbers) : null,
    ),
  );
}

function rankingTable(found, lines) {
  const place = axis(found, lines);
  const past = OWN_PAST && OWN_PAST !== found ? OWN_PAST : null;
  const heads = [
    ["#", ""],
    ["Could be", "late"],
    ["Account", "word names"],
    ["Score", ""],
    ["95% interval", "word track-head"],
    ...(past ? [["Own past, rank", ""]] : []),
  ];
  const cells = (i) => [
    counted(found.rank[i]),
    found.tied[i] ? `${counted(found.tied[i])}${found.tied[i] < found.rank[i] ? " ≈" : ""}` : "",
    [dotted(communityOf(i), accountButton(i))],
    score(found.value[i]),
    [track(found.low[i], found.value[i], found.high[i], place)],
    ...(past ? [isNumber(past.value[i]) ? counted(past.rank[i]) : "–"] : []),
  ];
  return table(heads, lines.map(cells));
}

const accountButton = (i) =>
  el("button", { type: "button", class: "link name", onclick: () => select(i) }, bdi(ACCOUNTS.name[i]));

// On a square root, as the circles are: a few far ahead would press all others together.
function axis(found, lines) {
  const ends = lines.flatMap((i) => [found.low[i], found.value[i], found.high[i]]).filter(isNumber);
  const [low, high] = ends.reduce(
    ([least, most], x) => [Math.min(least, x), Math.max(most, x)],
    [Infinity, -Infinity],
  );
  const scaled = (x) => (low >= 0 ? Math.sqrt(x) : x);
  const [from, to] = low >= 0 ? [0, scaled(high)] : [low, high];
  return (x) => (to > from ? Math.min(1, Math.max(0, (scaled(x) - from) / (to - from))) : 0.5);
}

function track(low, value, high, place) {
  const made = el("span", { class: "track" });
  if (isNumber(low) && isNumber(high)) {
    made.append(el("span", { class: "hidden" }, `${score(low)} to ${score(high)}`));
    made.title = `${score(low)} to ${score(high)}`;
    const bar = el("i");
    bar.style.left = 100 * place(low) + "%";
    bar.style.right = 100 * (1 - place(high)) + "%";
    made.append(bar);
  }
  const point = el("b");
  point.style.left = 100 * place(value) + "%";
  made.append(point);
  return made;
}
