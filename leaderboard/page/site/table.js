"use strict";
// Table: sorted, one line a (row, target), drawn a hundred at a time; the contenders first. Its parts say what
// they are, since drawn as cards, on a phone, they would be no table any more.
const PAGE = 100;
let shown = PAGE;
const COLUMNS = [
  ["pick", "Pick", null, "tick"],
  ["rank", "#", (line) => (score(line) || {}).rank, "rank"],
  ["name", "Row", (line) => nameOf(line.row), "word name-cell"],
  ["where", "Data set, target", whereOf, "word place"],
  ["protocol", "Protocol", (line) => line.row.protocol, "word place"],
  ["score", "Score", (line) => (score(line) || {}).value, "score"],
  ["interval", "95% interval", null, "word bars"],
  ["delta", "Δ best [95%, paired]", (line) => toBest(score(line)), "delta"],
  ["skill", "Skill", (line) => (score(line, "skill") || {}).value, "skill"],
  ["fit", "Fit, s", (line) => line.row.cost.fit, "wide"],
];
// Numbers that mean something within one table only: lines of others are never put among them.
const OF_ONE_TABLE = ["rank", "score", "delta"];

const isGrouped = () => OF_ONE_TABLE.includes(sortColumn()[0]);

const toBest = (found) => (found ? (found.rank === 1 ? 0 : found.delta) : null);
const sortColumn = () =>
  COLUMNS.find(([name, , of]) => name === state.sort && of) || COLUMNS.find(([name]) => name === "score");

// Whether the largest comes first, which is the best one where a column says what is better.
function isDescending() {
  const [name] = sortColumn();
  const higher = name === "skill" || (["score", "delta"].includes(name) && DATA.measures[state.measure].better === "higher");
  return higher !== (state.down === "yes");
}

// The lines that fit, in their order; looked for once as long as nothing is chosen.
let seen = { of: null, lines: [] };
function visible() {
  const of = Object.values(state).join("\0");
  if (seen.of !== of) seen = { of, lines: ordered() };
  return seen.lines;
}

function ordered() {
  const [name, , of] = sortColumn();
  const sign = isDescending() ? -1 : 1;
  const apart = new Map();
  const group = (line) => {
    if (!isGrouped()) return 0;
    const key = tableOf(line);
    if (!apart.has(key)) apart.set(key, apart.size);
    return apart.get(key);
  };
  const order = LINES.filter((line) => matches(line)).map((line, place) => [of(line), place, line, group(line)]);
  order.sort(([a, i, , one], [b, j, , other]) => {
    if (one !== other) return one - other;
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
  table.classList.toggle("single", single || isGrouped()); // then no column needs to say which table
  drawHeading(lines, single);
  const some = lines.slice(0, shown);
  const parts = partsOf(some, lines, single);
  table.tHead.replaceChildren(el("tr", { role: "row" }, ...COLUMNS.map((column) => drawHead(column, single ? parts[0].axis : null))));
  for (const body of [...table.tBodies]) body.remove();
  table.append(...parts.map(drawPart));
  document.getElementById("count").textContent = counted(lines.length, some.length);
  const more = document.getElementById("more");
  more.hidden = some.length === lines.length;
  more.onclick = () => {
    shown += PAGE;
    drawTable();
  };
  if (held && document.getElementById(held)) document.getElementById(held).focus();
}

function counted(all, some) {
  if (all === 0) return `No row fits these filters${state.find ? ` and “${state.find}”` : ""}.`;
  return `${all.toLocaleString("en")} ${all === 1 ? "line" : "lines"}${some < all ? `, ${some} shown` : ""}`;
}

// What stands over the table: of which data it is, and what it says.
function drawHeading(lines, single) {
  const of = single ? TABLES.get(tableOf(lines[0])) : null;
  const title = state.data ? own(DATA.titles, state.data) || state.data : "All data sets";
  document.getElementById("board").textContent = title;
  const says = document.getElementById("says");
  says.replaceChildren(...(of ? verdictText(of) : []));
  const isToldAbove = of && DATA.cards.some((card) => card.dataset === of.dataset && card.verdict === of.verdict);
  says.hidden = !of || isToldAbove || state.measure !== lines[0].row.primary;
  const rests = single ? [restsWords(lines[0], of), baseRate(lines), of ? of.narrow && of.narrow + "." : ""] : [];
  document.getElementById("rests").textContent = rests[0] || (single ? "" : "Each table is ranked by itself: scores of different posts do not compare.");
  const rate = document.getElementById("rate");
  rate.textContent = rests.slice(1).filter(Boolean).join(" ");
  rate.hidden = !rate.textContent;
  const note = document.getElementById("lost");
  note.textContent = lost.length ? `Nothing here is called ${lost.join(", ")}. This is the nearest there is.` : "";
  note.hidden = !lost.length;
}

function restsWords(line, of) {
  const { train } = line.row.posts;
  const fitted = isNumber(train) ? `Fitted on ${amount(train, "earlier post")}. ` : "";
  const unit = of && of.unit && DATA.measures[state.measure].distance ? `${titleOf(state.measure)} is in ${of.unit}` : "";
  const factor = unit && of.base ? `: a miss of 1 is a factor of ${Number(of.base.toFixed(2))}` : "";
  const where = [line.row.task === line.target ? line.target : `${line.row.task}, ${line.target}`, line.row.protocol].join(", ");
  const crawl = line.row.crawl ? ", with columns known only at collection" : "";
  const tested = of ? restsOn(of) : "";
  return `${where}${crawl}: ${tested ? tested + ". " : ""}${fitted}${unit ? unit + factor + "." : ""}`;
}

// Of an event: the average precision of chance.
function baseRate(lines) {
  const rates = lines.map(({ row, target }) => row.rates[row.targets.indexOf(target)]);
  const rate = rates.find(isNumber);
  return isNumber(rate) ? `Base rate: ${(100 * rate).toFixed(1)}% of the test posts are events.` : "";
}

// The bodies of the table: a band of contenders and the others; or one a data set and target.
function partsOf(some, lines, single) {
  if (!some.length) return [{ lines: [], axis: axisOf([]), title: "", kind: "" }];
  if (!single && isGrouped())
    return [...d3.group(some, tableOf).values()].map((of) => ({
      lines: of,
      axis: axisOf(lines.filter((line) => tableOf(line) === tableOf(of[0]))),
      title: [own(DATA.titles, of[0].row.dataset), whereOf(of[0]), of[0].row.protocol, of[0].row.crawl ? "crawl-time" : ""].filter(Boolean).join(" · "),
      kind: "table",
    }));
  const axis = single ? axisOf(lines) : axesOf(lines);
  const ties = some.filter((line) => (score(line) || {}).tie);
  const ranked = some.filter((line) => isNumber((score(line) || {}).rank));
  if (!single || !isGrouped() || state.down || !ties.length)
    return [{ lines: some, axis, title: "", kind: "" }];
  const others = some.filter((line) => !ties.includes(line) && ranked.includes(line));
  const rest = some.filter((line) => !ties.includes(line) && !ranked.includes(line));
  const title =
    ties.length === 1
      ? "Best, and apart from all others"
      : ties.length === ranked.length
        ? `Contenders: no row of these ${ties.length} can be told from any other`
        : `Contenders: the best is among these ${ties.length}, which cannot be told apart (95%)`;
  return [
    { lines: ties, axis, title, kind: "contenders" },
    ...(others.length ? [{ lines: others, axis, title: "Behind", kind: "behind" }] : []),
    ...(rest.length ? [{ lines: rest, axis, title: "Not ranked", kind: "behind" }] : []),
  ];
}

// Of lines of many tables, each has the axis of its own.
function axesOf(lines) {
  const groups = d3.group(lines, tableOf);
  const axes = new Map();
  return (line) => {
    const key = tableOf(line);
    if (!axes.has(key)) axes.set(key, axisOf(groups.get(key)));
    return axes.get(key);
  };
}

function drawPart({ lines, axis, title, kind }) {
  const head = title
    ? [el("tr", { class: "band", role: "row" }, el("th", { colspan: COLUMNS.length, scope: "rowgroup", role: "rowheader" }, title))]
    : [];
  return el("tbody", { class: kind || null, role: "rowgroup" }, ...head, ...lines.map((line) => drawLine(line, typeof axis === "function" ? axis(line) : axis)));
}

function drawHead([name, title, of, kind], axis) {
  const sorted = sortColumn()[0] === name ? (isDescending() ? "descending" : "ascending") : null;
  const text = name === "score" ? titleOf(state.measure) : title;
  const down = state.sort === name && state.down === "" ? "yes" : "";
  const sort = () => change({ sort: name, down });
  return el(
    "th",
    { scope: "col", role: "columnheader", class: kind, "aria-sort": sorted },
    of ? el("button", { type: "button", id: "s-" + name, onclick: sort }, text) : text,
    name === "interval" && axis && axis.high > axis.low ? drawScale(axis) : null,
  );
}

// The ends of the axis, and where the reference is on it, whose name takes the place of an end that is near.
function drawScale({ low, high, reference, place }) {
  const at = isNumber(reference) ? place(reference) : 0;
  const isIn = at > 0 && at < 1;
  const end = (value, hidden) => el("span", {}, hidden ? "" : fixed(value, 2));
  const mark = isIn ? el("em", {}, "reference") : null;
  if (mark) mark.style.left = 100 * Math.min(0.88, Math.max(0.12, at)) + "%";
  return el(
    "div",
    { class: "scale", "aria-hidden": "true" },
    end(low, isIn && at < 0.35),
    end(high, isIn && at > 0.7),
    mark,
  );
}

// As far as the contenders' intervals reach, and the reference: what is beyond is marked at the edge, and does
// not press the others together. Nor do contenders that are far off.
function axisOf(lines) {
  const found = lines.map((line) => score(line)).filter((one) => one && one.low !== null);
  const reference = lines.length ? referenceScore(lines[0]) : null;
  const ties = found.filter((one) => one.tie);
  const best = ties.find((one) => one.rank === 1);
  const ends = best ? around(best, ties) : fences(found);
  const [low, high] = best && isNumber(reference) ? d3.extent([...ends, reference]) : ends;
  const pad = 0.03 * (high - low);
  const place = (value) =>
    high > low ? Math.min(1, Math.max(0, (value - low + pad) / (high - low + 2 * pad))) : 0.5;
  return { low, high, reference, place };
}

// The ends of the contenders' intervals, at most one and a half of the best row's interval beyond it.
function around(best, ties) {
  const far = 1.5 * (best.high - best.low) || Infinity;
  return [
    Math.max(best.low - far, d3.min(ties, (one) => one.low)),
    Math.min(best.high + far, d3.max(ties, (one) => one.high)),
  ];
}

// Tukey's: where nothing contends, a few rows far off.
function fences(found) {
  const values = found.map((one) => one.value);
  const [lower, upper] = [0.25, 0.75].map((share) => d3.quantile(values, share));
  const fence = upper > lower ? 1.5 * (upper - lower) : Infinity;
  return [
    Math.max(lower - fence, d3.min(found, (one) => one.low)),
    Math.min(upper + fence, d3.max(found, (one) => one.high)),
  ];
}

// The row that skill is measured against: it reads no column, so that it serves the crawl-time rows too.
const isReference = (row) => row.baseline === row.reference && row.variant === "default" && !row.crawl;
const REFERENCE = new Map(
  DATA.rows.filter(isReference).map((row) => [[row.dataset, row.task, row.protocol].join("/"), row]),
);
const referenceOf = (row) => REFERENCE.get([row.dataset, row.task, row.protocol].join("/"));
function referenceScore({ row, target }, measure = state.measure) {
  const found = referenceOf(row);
  return found ? (score({ row: found, target }, measure) || {}).value : null;
}

function drawTrack(found, axis) {
  const track = el("div", { class: "track" });
  if (!found || found.low === null || !axis) return track;
  const { place, reference } = axis;
  const [from, at, to] = [found.low, found.value, found.high].map(place);
  track.title = `${fixed(found.low)} to ${fixed(found.high)}`;
  track.append(el("span", { class: "sr" }, `95% interval ${fixed(found.low)} to ${fixed(found.high)}`));
  if (isNumber(reference) && place(reference) > 0 && place(reference) < 1) {
    const line = el("u");
    line.style.left = 100 * place(reference) + "%";
    track.append(line);
  }
  if (from < 1 && to > 0) {
    const bar = el("i");
    bar.style.left = 100 * from + "%";
    bar.style.right = 100 * (1 - to) + "%";
    track.append(bar);
  }
  const inside = at > 0 && at < 1;
  const point = inside ? el("b") : el("span", { class: at ? "off high" : "off", "aria-hidden": "true" }, at ? "▸" : "◂");
  if (inside) point.style.left = 100 * at + "%";
  track.append(point);
  return track;
}

function drawLine(line, axis) {
  const { row } = line;
  const found = score(line);
  const id = `r-${row.id}-${line.target}`;
  const tie =
    found && found.tie
      ? [el("span", { class: "tie", title: "among the best: in the 95% confidence set", "aria-hidden": "true" }, " ●"), el("span", { class: "sr" }, "among the best")]
      : [];
  const cells = {
    pick: [drawPick(line, id)],
    rank: [drawRank(found), ...tie],
    name: drawName(row, id),
    where: [whereOf(line)],
    protocol: [row.protocol],
    score: [found ? fixed(found.value) : ""],
    interval: [drawTrack(found, axis)],
    delta: [drawDelta(found)],
    skill: [percent((score(line, "skill") || {}).value)],
    fit: [seconds(row.cost.fit)],
  };
  const drawn = COLUMNS.map(([name, , , kind]) =>
    el("td", { class: kind || null, role: "cell" }, ...cells[name]),
  );
  const kinds = [found && found.rank === 1 ? "best" : "", isReference(row) ? "reference" : "", picked().includes(row.id) ? "picked" : ""];
  return el("tr", { class: kinds.filter(Boolean).join(" ") || null, role: "row" }, ...drawn);
}

function drawRank(found) {
  if (!found || found.rank === null) return "";
  if (found.rankLow === null) return String(found.rank);
  const range = `rank ${found.rankLow} to ${found.rankHigh} (95%)`;
  return el("span", { title: range }, String(found.rank));
}

function drawPick(line, id) {
  const { row } = line;
  const label = `pick ${nameOf(row)} on ${whereOf(line)} ${row.protocol}`;
  return el("input", {
    type: "checkbox",
    id,
    checked: picked().includes(row.id),
    "aria-label": label,
    onchange: () => pickRow(row),
  });
}

function drawName(row, id) {
  const mark = (text, kind = "mark") => (text ? el("span", { class: kind }, " " + text) : null);
  const open = () => change({ open: row.id });
  const of = isReference(row) ? TABLES.get(tableOf({ row, target: row.targets[0] })) : null;
  return [
    el(
      "button",
      { type: "button", class: "link name", id: id + "-open", onclick: open },
      ...broken(row.baseline),
    ),
    mark(row.variant === "default" ? "" : row.variant, "variant"),
    mark(row.crawl ? "crawl-time" : ""),
    mark(row.synthetic && !state.data ? "synthetic" : ""),
    mark(of ? `reference: ${of.reference}` : ""),
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
