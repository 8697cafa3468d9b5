"use strict";
// Pair: which of two rows is better, by the interval of their paired difference.
const PAIRS = new Map(); // row -> where its intervals are; a study's rows are in a second list of their table
for (const entry of DATA.pairs)
  entry.rows.forEach((place, i) => {
    const { id } = DATA.rows[place];
    PAIRS.set(id, [...(PAIRS.get(id) || []), { entry, i }]);
  });

// The 95% interval of (score of b − score of a); null where this page has none.
function between(a, b, target, measure) {
  if (a === b) return null;
  for (const one of PAIRS.get(a.id) || [])
    for (const other of PAIRS.get(b.id) || []) {
      const ends = one.entry === other.entry && own(own(one.entry.ends, target), measure);
      if (!ends) continue;
      const [i, j] = d3.extent([one.i, other.i]);
      const k = one.entry.rows.length;
      const at = (i * (2 * k - i - 1)) / 2 + (j - i - 1); // of pair (i, j) in (0, 1), (0, 2), ..., (k - 2, k - 1)
      if (ends.low[at] === null) return null;
      const [low, high] = [ends.low[at] / DATA.parts, ends.high[at] / DATA.parts];
      const found = other.i === i ? [low, high] : [0 - high, 0 - low];
      found.difference = difference(a, b, target, measure);
      found.margin = marginOf(a, target, measure);
      return found;
    }
  return null;
}

function difference(a, b, target, measure) {
  const [mine, theirs] = [a, b].map((row) => (score({ row, target }, measure) || {}).value);
  return isNumber(mine) && isNumber(theirs) ? theirs - mine : null;
}

// How far a score is from perfect.
const shortBy = (measure, value) => Math.abs(DATA.measures[measure].perfect - value);

// Below it a difference matters to nobody: a share of the error of the reference, else of a.
function marginOf(a, target, measure) {
  if (measure === "skill") return DATA.margin;
  const of = referenceScore({ row: a, target }, measure);
  return DATA.margin * shortBy(measure, isNumber(of) ? of : (score({ row: a, target }, measure) || {}).value);
}

// What b is, held against a: as `smpbench compare` has it, but that it calls an equivalent a tie here.
function verdict(ends, measure) {
  const found = judgement(ends, measure);
  return found === "equivalent" ? "tie" : found;
}

function judgement([low, high, ...rest], measure) {
  const { difference: by, margin } = arguments[0];
  if (low === 0 && high === 0 && Math.abs(by) <= 1e-9) return "same";
  if (low >= -margin && high <= margin) return "equivalent";
  if ((low <= 0 && high >= 0) || Math.abs(by) <= margin) return "tie";
  return low > 0 === (DATA.measures[measure].better === "higher") ? "better" : "worse";
}

// Ticks a row, or takes its tick away. Two are compared: a third takes the place of the first.
let replaced = "";
function pickRow(row) {
  const now = picked();
  const next = now.includes(row.id) ? now.filter((id) => id !== row.id) : [...now, row.id];
  const gone = next.length > 2 ? BY_ID.get(next.shift()) : null;
  replaced = gone
    ? `${nameOf(row)} took the place of ${nameOf(gone)}: two rows are compared at a time.`
    : "";
  change({ pick: next.join("|") });
}

// All that is said of two rows by one measure of one target.
function compared(a, b, target, measure) {
  const [mine, theirs] = [a, b].map((row) => (score({ row, target }, measure) || {}).value);
  const ends = sameTable(a, b) ? between(a, b, target, measure) : null;
  return { a, b, target, measure, mine, theirs, ends, found: ends && judgement(ends, measure) };
}

const TOLD = {
  better: (a, b) => `${b} is better`,
  worse: (a, b) => `${a} is better`,
  tie: () => "cannot be told",
  equivalent: () => "equal, for all that matters",
  same: () => "the same",
};
const toldOf = ({ a, b, found }) => (found ? TOLD[found](nameOf(a), nameOf(b)) : "");

// What of two rows comes first: the target and measure that are looked at, where both have them.
function chiefOf(a, b) {
  const target = a.targets.includes(state.target) ? state.target : a.targets[0];
  const known = (row) => own(own(row.scores, target), state.measure);
  return compared(a, b, target, known(a) && known(b) ? state.measure : a.primary);
}

// Who is better, by how much, and what that is worth: a short sentence and its reasons.
function sentences(one) {
  const { a, b, target, measure, mine, theirs, ends, found } = one;
  const [x, y] = [nameOf(a), nameOf(b)];
  if (!sameTable(a, b))
    return [`${x} and ${y} do not compare.`, "These rows are on different posts: their difference says nothing about the models."];
  if (!isNumber(mine) || !isNumber(theirs)) return [`${x} and ${y} do not compare.`, "One of them has no score here."];
  const [first, second] = found === "better" ? [b, a] : [a, b];
  const [w, l] = found === "better" ? [theirs, mine] : [mine, theirs];
  const gain = isShare(measure) && l ? `, by ${whole(shortBy(measure, l) - shortBy(measure, w), shortBy(measure, l))}` : "";
  const short = {
    better: `${nameOf(first)} is better than ${nameOf(second)}${gain}.`,
    worse: `${nameOf(first)} is better than ${nameOf(second)}${gain}.`,
    tie: `${x} and ${y} cannot be told apart.`,
    equivalent: `${x} and ${y} do equally well, for all that matters.`,
    same: `${x} and ${y} are the same.`,
  };
  const interval = ends
    ? found === "better"
      ? ends
      : [0 - ends[1], 0 - ends[0]]
    : null;
  const numbers = `${titleOf(measure)} ${fixed(w)} against ${fixed(l)}: ${signed(w - l)}${interval ? ` [${signed(interval[0])}, ${signed(interval[1])}], 95%, paired` : ", without an interval in this page"}, on ${amount(a.posts.test || 0, "post")}.`;
  return [found ? short[found] : `${x} and ${y}: no interval is known.`, `${numbers}${missWords(first, second, target)}${onceWords([first, second], ends)}`];
}

// An interval of several seeds holds the chance of training too; that of one does not.
function onceWords(rows, ends) {
  const once = rows.filter((row) => ends && row.seeds === 1 && row.family !== "naive" && !row.external).map(nameOf);
  if (!once.length) return "";
  return ` ${once.join(" and ")} ${once.length > 1 ? "were" : "was"} trained once: the interval holds no chance of training.`;
}

const isShare = (measure) => DATA.measures[measure].better === "lower" && DATA.measures[measure].perfect === 0;
const whole = (part, all) => {
  const share = (100 * part) / all;
  return share < 1 ? "less than 1%" : `${share.toFixed(0)}%`;
};

// A mean distance of logarithms as the factor that it is.
function missWords(first, second, target) {
  const of = TABLES.get(tableOf({ row: first, target }));
  const distance = Object.keys(DATA.measures).find((name) => DATA.measures[name].distance);
  if (!of || !of.base || !distance) return "";
  const misses = [first, second].map((row) => (score({ row, target }, distance) || {}).value);
  if (!misses.every(isNumber)) return "";
  const [one, other] = misses.map((value) => factorOf(of.base ** value));
  return one === other
    ? ` A typical miss is a factor of ${one} either way.`
    : ` A typical miss is a factor of ${one} instead of ${other}.`;
}
const factorOf = (value) => (value < 9.95 ? value.toFixed(1) : Number(value.toPrecision(2)).toLocaleString("en"));
