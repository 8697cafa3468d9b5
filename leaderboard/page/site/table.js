"use strict";
// Table: sorted, one line a (row, target), drawn a hundred at a time.
const PAGE = 100;
let shown = PAGE;
const COLUMNS = [
  ["pick", "Pick", null, ""],
  ["rank", "#", (line) => (score(line) || {}).rank, ""],
  ["name", "Row", (line) => nameOf(line.row), "word"],
  ["where", "Data set, target", whereOf, "word wide place"],
  ["protocol", "Protocol", (line) => line.row.protocol, "word wide place"],
  ["score", "Score", (line) => (score(line) || {}).value, ""],
  ["interval", "95% interval", null, "word"],
  ["delta", "Δ best [95%, paired]", (line) => toBest(score(line)), ""],
  ["skill", "Skill", (line) => (score(line, "skill") || {}).value, "wide"],
  ["fit", "Fit, s", (line) => line.row.cost.fit, "wide"],
];

const toBest = (found) => (found ? (found.rank === 1 ? 0 : found.delta) : null);

function visible() {
  const [, , of] =
    COLUMNS.find(([name, , of]) => name === state.sort && of) || COLUMNS.find(([name]) => name === "score");
  const higher = state.sort === "score" && DATA.measures[state.measure].better === "higher";
  const sign = (state.down === "yes" ? -1 : 1) * (higher ? -1 : 1);
  const order = LINES.filter((line) => matches(line)).map((line, place) => [of(line), place, line]);
  order.sort(([a, i], [b, j]) => {
    if (!isNumber(a) || !isNumber(b)) return isNumber(b) - isNumber(a) || i - j; // what has no score comes last
    return (a < b ? -sign : a > b ? sign : 0) || i - j;
  });
  return order.map(([, , line]) => line);
}

function drawTable() {
  const lines = visible();
  const table = document.getElementById("table");
  const held = document.activeElement && document.activeElement.id;
  const single = ofOneTable(lines);
  table.classList.toggle("single", single); // one table needs no column to say which
  const rate = document.getElementById("rate");
  rate.textContent = single ? baseRate(lines) : "";
  rate.hidden = !rate.textContent;
  table.tHead.replaceChildren(el("tr", {}, ...COLUMNS.map(drawHead)));
  const some = lines.slice(0, shown);
  const place = axis(some);
  table.tBodies[0].replaceChildren(...some.map((line) => drawLine(line, place)));
  document.getElementById("count").textContent = told(lines.length, some.length);
  const more = document.getElementById("more");
  more.hidden = some.length === lines.length;
  more.onclick = () => {
    shown += PAGE;
    drawTable();
  };
  if (held && document.getElementById(held)) document.getElementById(held).focus();
}

function told(all, some) {
  if (all === 0) return "No row fits these filters.";
  return `${all.toLocaleString("en")} ${all === 1 ? "line" : "lines"}${some < all ? `, ${some} shown` : ""}`;
}

// Of an event: the average precision of chance.
function baseRate(lines) {
  const rates = lines.map(({ row, target }) => row.rates[row.targets.indexOf(target)]);
  const rate = rates.find(isNumber);
  return isNumber(rate) ? `Base rate: ${(100 * rate).toFixed(1)}% of the test posts are events.` : "";
}

function drawHead([name, title, of, kind]) {
  const sorted = state.sort === name ? (state.down === "yes" ? "descending" : "ascending") : null;
  const text = name === "score" ? titleOf(state.measure) : title;
  const down = state.sort === name && state.down === "" ? "yes" : "";
  const sort = () => change({ sort: name, down });
  return el(
    "th",
    { scope: "col", class: kind, "aria-sort": sorted },
    of ? el("button", { type: "button", id: "s-" + name, onclick: sort }, text) : text,
  );
}

// A few rows far off would press all the others together: the axis ends at Tukey's fences.
function axis(lines) {
  const found = lines.map((line) => score(line)).filter((one) => one && one.low !== null);
  const values = found.map((one) => one.value);
  const [lower, upper] = [0.25, 0.75].map((share) => d3.quantile(values, share));
  const fence = upper > lower ? 1.5 * (upper - lower) : Infinity;
  const low = Math.max(
    lower - fence,
    d3.min(found, (one) => one.low),
  );
  const high = Math.min(
    upper + fence,
    d3.max(found, (one) => one.high),
  );
  return (value) => (high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5);
}

function drawTrack(found, place) {
  const track = el("div", { class: "track" });
  if (!found || found.low === null) return track;
  const [from, at, to] = [found.low, found.value, found.high].map(place);
  track.title = `${fixed(found.low)} to ${fixed(found.high)}`;
  if (from < 1 && to > 0) {
    const bar = el("i");
    bar.style.left = 100 * from + "%";
    bar.style.right = 100 * (1 - to) + "%";
    track.append(bar);
  }
  const inside = at > 0 && at < 1;
  const point = inside ? el("b") : el("span", { class: at ? "off high" : "off" }, at ? "▸" : "◂");
  if (inside) point.style.left = 100 * at + "%";
  track.append(point);
  return track;
}

function drawLine(line, place) {
  const { row } = line;
  const found = score(line);
  const id = `r-${row.id}-${line.target}`;
  const tie =
    found && found.tie ? el("span", { class: "tie", title: "among the best: in the 95% confidence set" }, " ●") : null;
  const cells = [
    ["", drawPick(line, id)],
    ["", drawRank(found), tie],
    ["word", ...drawName(row, id)],
    ["word wide place", whereOf(line)],
    ["word wide place", row.protocol],
    ["", found ? fixed(found.value) : ""],
    ["word", drawTrack(found, place)],
    ["", drawDelta(found)],
    ["wide", signed((score(line, "skill") || {}).value)],
    ["wide", seconds(row.cost.fit)],
  ];
  const drawn = cells.map(([kind, ...content]) => el("td", { class: kind || null }, ...content));
  return el("tr", { class: found && found.rank === 1 ? "best" : null }, ...drawn);
}

function drawRank(found) {
  if (!found || found.rank === null) return "";
  if (found.rankLow === null) return String(found.rank);
  return el("span", { title: `rank ${found.rankLow} to ${found.rankHigh} (95%)` }, String(found.rank));
}

function drawPick(line, id) {
  const { row } = line;
  const chosen = picked().includes(row.id);
  const next = chosen ? picked().filter((one) => one !== row.id) : [...picked(), row.id].slice(-2);
  const label = `pick ${nameOf(row)} on ${whereOf(line)} ${row.protocol}`;
  const pick = () => change({ pick: next.join("|") });
  return el("input", { type: "checkbox", id, checked: chosen, "aria-label": label, onchange: pick });
}

function drawName(row, id) {
  const mark = (text, kind = "mark") => (text ? el("span", { class: kind }, " " + text) : null);
  const open = () => change({ open: row.id });
  return [
    el(
      "button",
      { type: "button", class: "link name", id: id + "-open", onclick: open },
      ...broken(row.baseline),
    ),
    mark(row.variant === "default" ? "" : row.variant, "variant"),
    mark(row.crawl ? "crawl-time" : ""),
    mark(row.synthetic ? "synthetic" : ""),
    mark(row.status === "ok" ? "" : row.status),
  ];
}

// A long name may be broken after its underscores.
const broken = (name) => name.split("_").flatMap((part, i) => (i ? ["_", el("wbr"), part] : [part]));

function drawDelta(found) {
  if (!found || found.rank === null) return "";
  return found.rank === 1
    ? "best"
    : `${signed(found.delta)} [${signed(found.deltaLow)}, ${signed(found.deltaHigh)}]`;
}
