"use strict";
// Seen: the accounts and edges that fit what was chosen. Picture and exports show these and no others.
const EDGES = DATA.edges;
const MOST_LINES = 12000; // of a backbone; more are asked for with more accounts
const STRONG = 0.05;

function inTime(window) {
  if (state.time === "all" || window < 0) return true;
  return state.time === "within" ? window === Number(state.window) : window <= Number(state.window);
}

function matches(account) {
  if (state.community !== "" && String(communityOf(account)) !== state.community) return false;
  if (state.tag !== "" && !TAGGED.get(state.tag).has(account)) return false;
  const found = chosen();
  if (state.top !== "" && found) {
    const rank = found.rank[account];
    if (rank === 0 || rank > Number(state.top)) return false;
  }
  return true;
}

// Places in EDGES of those that fit, whatever their accounts.
function fitting() {
  const kind = DATA.kinds.indexOf(state.kind);
  const found = [];
  for (let i = 0; i < EDGES.source.length; i++) {
    if (kind >= 0 && EDGES.kind[i] !== kind) continue;
    if (!inTime(EDGES.window[i])) continue;
    if (state.edges === "strong" && !(EDGES.chance[i] <= STRONG)) continue;
    found.push(i);
  }
  return found;
}

// {accounts, rows, lines, all, allLines}: places of accounts; of edges as told; and pairs {a, b, weight} to be drawn.
function seen() {
  const fits = new Uint8Array(SIZE);
  for (let i = 0; i < SIZE; i++) fits[i] = matches(i) ? 1 : 0;
  const edges = fitting().filter((i) => fits[EDGES.source[i]] && fits[EDGES.target[i]]);
  const linked = new Uint8Array(SIZE);
  for (const i of edges) linked[EDGES.source[i]] = linked[EDGES.target[i]] = 1;
  const accounts = [];
  let all = 0;
  // Accounts are in the order of the backbone: the first are its best connected.
  for (let i = 0; i < SIZE; i++) {
    if (!linked[i]) continue;
    all++;
    if (accounts.length < Number(state.many)) accounts.push(i);
  }
  const kept = new Uint8Array(SIZE);
  for (const i of accounts) kept[i] = 1;
  const rows = edges.filter((i) => kept[EDGES.source[i]] && kept[EDGES.target[i]]);
  const { lines, pairs } = linesOf(rows);
  return { accounts, rows, lines, all, pairs };
}

// Pairs, both directions and all kinds as one, the heaviest if there are too many to be told apart.
function linesOf(rows) {
  const weights = new Map();
  for (const i of rows) {
    const [a, b] =
      EDGES.source[i] < EDGES.target[i]
        ? [EDGES.source[i], EDGES.target[i]]
        : [EDGES.target[i], EDGES.source[i]];
    const key = a * SIZE + b;
    weights.set(key, (weights.get(key) || 0) + EDGES.weight[i]);
  }
  let pairs = [...weights].map(([key, weight]) => ({ a: Math.floor(key / SIZE), b: key % SIZE, weight }));
  const all = pairs.length;
  const most = Number(state.many) > DATA.counts.guard ? 4 * MOST_LINES : MOST_LINES;
  if (all > most) pairs = pairs.sort((x, y) => y.weight - x.weight).slice(0, most);
  return { lines: pairs.reverse(), pairs: all };
}

// Communities as single bodies: where the accounts that are seen stand, and what goes between.
function bodies({ accounts, rows }) {
  const found = new Map();
  for (const i of accounts) {
    const code = communityOf(i);
    if (code < 0) continue;
    const one = found.get(code) || { code, x: 0, y: 0, n: 0 };
    one.x += ACCOUNTS.x[i];
    one.y += ACCOUNTS.y[i];
    one.n += 1;
    found.set(code, one);
  }
  const between = new Map();
  for (const i of rows) {
    const [a, b] = [communityOf(EDGES.source[i]), communityOf(EDGES.target[i])].sort((x, y) => x - y);
    if (a < 0 || a === b) continue;
    const key = `${a} ${b}`;
    between.set(key, (between.get(key) || 0) + EDGES.weight[i]);
  }
  for (const one of found.values()) {
    one.x /= one.n;
    one.y /= one.n;
  }
  const lines = [...between].map(([key, weight]) => ({ ends: key.split(" ").map(Number), weight }));
  return { found: [...found.values()], lines: lines.sort((x, y) => x.weight - y.weight).slice(-400) };
}
