"use strict";
// Pair: which of two rows is better, by the interval of their paired difference.
const PAIRS = new Map(
  DATA.pairs.flatMap((entry) => entry.rows.map((place, i) => [DATA.rows[place].id, { entry, i }])),
);

// The 95% interval of (score of b − score of a); null where this page has none.
function between(a, b, target, measure) {
  const [one, other] = [PAIRS.get(a.id), PAIRS.get(b.id)];
  if (!one || !other || one.entry !== other.entry) return null;
  const ends = own(own(one.entry.ends, target), measure);
  if (!ends || one.i === other.i) return null;
  const [i, j] = d3.extent([one.i, other.i]);
  const k = one.entry.rows.length;
  const at = (i * (2 * k - i - 1)) / 2 + (j - i - 1); // of pair (i, j) in (0, 1), (0, 2), ..., (k - 2, k - 1)
  const [low, high] = [ends.low[at], ends.high[at]];
  if (low === null) return null;
  return other.i === i ? [low, high] : [-high, -low];
}

// What b is, held against a.
function verdict([low, high], measure) {
  if (low === 0 && high === 0) return "same";
  if (low <= 0 && high >= 0) return "tie";
  return low > 0 === (DATA.measures[measure].better === "higher") ? "better" : "worse";
}

function drawPair() {
  const section = document.getElementById("pair");
  const [a, b] = picked().map((id) => BY_ID.get(id));
  section.hidden = !b;
  if (!b) return;
  const targets = a.targets.filter((target) => b.targets.includes(target));
  const lines = targets.flatMap((target) =>
    Object.keys(own(a.scores, target) || {})
      .filter((measure) => own(own(b.scores, target), measure))
      .map((measure) => pairLine(a, b, target, measure)),
  );
  const heads = ["", nameOf(a), nameOf(b), "difference", "95%, paired", "verdict"];
  const apart = "These rows are on different posts: their difference says nothing about the models.";
  const told =
    a.undrawn && !PAIRS.has(a.id)
      ? "The labels of these posts were not on the machine that made this page. "
      : "";
  const command = `smpbench compare ${a.baseline}:${a.variant} ${b.baseline}:${b.variant}`;
  document
    .getElementById("pair-body")
    .replaceChildren(
      sameTable(a, b) ? "" : el("p", {}, apart),
      scroller("Two rows", grid(heads, lines)),
      quiet(
        `${told}Intervals of ${a.brief.map(titleOf).join(" and ")} are in this page; of other measures: `,
        el("code", {}, `${command} -m MEASURE`),
      ),
    );
}

function pairLine(a, b, target, measure) {
  const [mine, theirs] = [a, b].map((row) => score({ row, target }, measure).value);
  const ends = sameTable(a, b) ? between(a, b, target, measure) : null;
  const found = ends && verdict(ends, measure);
  const told = {
    better: `${nameOf(b)} is better`,
    worse: `${nameOf(a)} is better`,
    tie: "cannot be told",
    same: "the same",
  };
  const name = `${target}, ${titleOf(measure)}`;
  const numbers = [
    fixed(mine),
    fixed(theirs),
    isNumber(mine) && isNumber(theirs) ? signed(theirs - mine) : "",
  ];
  return [name, ...numbers, ends ? `[${signed(ends[0])}, ${signed(ends[1])}]` : "", found ? told[found] : ""];
}
