"use strict";
// Charts: of the table that is chosen, drawn when they come into view.
const SLICES = d3.group(DATA.slices, (one) => one.slice(0, 6).join("/") + (one[6] ? "/crawl" : "") + "|" + one[7]);
const slicesOf = (row, target) => (SLICES.get(row.id + "|" + target) || []).map(([, , , , , , , , slice, n, mae]) => ({ slice, n, mae }));
const ACCENT = "var(--accent)";
const plot = (options) => Plot.plot({ style: { background: "transparent", color: "inherit", fontSize: "12px" }, width: 560, height: 320, marginLeft: 48, ...options });

function figure(title, caption, drawing) {
  const holder = el("div");
  const made = el("figure", { class: "plot" }, el("h3", {}, title), holder, el("figcaption", {}, caption));
  made.draw = () => {
    const svg = drawing();
    for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label"); // a group may have none
    const whole = svg.tagName === "svg" ? svg : [...svg.querySelectorAll("svg")].pop();
    whole.setAttribute("role", "img");
    whole.setAttribute("aria-label", title + ". " + caption);
    holder.replaceChildren(svg);
  };
  return made;
}

function one(lines) { // charts are of one table: rows on different posts cannot be compared
  const tables = new Set(lines.map((line) => [line.row.dataset, line.row.task, line.row.protocol, line.target, line.row.crawl].join("/")));
  return tables.size === 1;
}

const watcher = "IntersectionObserver" in window ? new IntersectionObserver((seen) => {
  for (const entry of seen) if (entry.isIntersecting) { watcher.unobserve(entry.target); entry.target.draw(); }
}, { rootMargin: "300px" }) : null;

function drawCharts() {
  const holder = document.getElementById("charts"), of = document.getElementById("charts-of"), lines = visible();
  if (!one(lines)) {
    of.textContent = "Choose one data set, task, target and protocol to see its charts.";
    holder.replaceChildren();
    return;
  }
  of.textContent = `${whereOf(lines[0])}, ${lines[0].row.protocol}${lines[0].row.crawl ? ", with crawl-time columns" : ""}`;
  const figures = [costs(lines), modalities(lines), months(lines), users(lines), studies(lines)].filter(Boolean);
  holder.replaceChildren(...figures);
  for (const made of figures) if (!made.draw) continue; else if (watcher) watcher.observe(made); else made.draw();
}

function costs(lines) {
  const points = lines.map((line) => ({ name: nameOf(line.row), fit: line.row.cost[0], score: score(line) }))
    .filter((point) => point.score && point.fit > 0 && point.score.rank !== null).map((point) => ({ ...point, value: point.score.value }));
  if (points.length < 2) return null;
  const higher = DATA.metrics[state.metric].better === "higher", front = [];
  for (const point of [...points].sort((a, b) => a.fit - b.fit))
    if (!front.length || (higher ? point.value > front[front.length - 1].value : point.value < front[front.length - 1].value)) front.push(point);
  return figure("Score against fit time", "The line joins rows that nothing faster beats.", () => plot({
    x: { type: "log", label: "fit, seconds →", grid: true, tickFormat: "~s" }, y: { label: DATA.metrics[state.metric].title, grid: true, reverse: !higher },
    marks: [Plot.line(front, { x: "fit", y: "value", stroke: ACCENT, curve: "step-after" }), Plot.dot(points, { x: "fit", y: "value", fill: ACCENT, title: (d) => `${d.name}: ${fixed(d.value)}, ${seconds(d.fit)} s` }),
      Plot.text(front, { x: "fit", y: "value", text: "name", dy: -9, fontSize: 11, fill: "currentColor" })] }));
}

function modalities(lines) {
  const rows = lines.filter((line) => inputsOf(line.row).length && score(line)).sort((a, b) => inputsOf(a.row).length - inputsOf(b.row).length);
  if (rows.length < 2) return null;
  const bars = rows.map((line) => ({ name: line.row.variant, value: score(line).value, low: score(line).low, high: score(line).high }));
  return figure("What each modality is worth", `${rows[0].row.baseline}, given one modality after another: ${DATA.metrics[state.metric].title} with its interval.`, () => plot({
    height: 60 + 34 * bars.length, marginLeft: 90, x: { label: DATA.metrics[state.metric].title, grid: true }, y: { label: null, domain: bars.map((bar) => bar.name) },
    marks: [Plot.ruleY(bars, { y: "name", x1: "low", x2: "high", stroke: ACCENT, strokeWidth: 4, strokeOpacity: 0.35 }), Plot.dot(bars, { y: "name", x: "value", fill: ACCENT, r: 5, title: (d) => fixed(d.value) })] }));
}

function skillBySlice(lines, wanted) {
  const reference = DATA.rows.find((row) => row.baseline === DATA.reference && lines.length && !row.crawl && row.dataset === lines[0].row.dataset && row.task === lines[0].row.task && row.protocol === lines[0].row.protocol);
  if (!reference) return [];
  const base = new Map(slicesOf(reference, lines[0].target).map((part) => [part.slice, part.mae]));
  return lines.filter((line) => score(line, "mae") && score(line, "mae").rank !== null && line.row.id !== reference.id).sort((a, b) => score(a, "mae").rank - score(b, "mae").rank).slice(0, 5)
    .flatMap((line) => slicesOf(line.row, line.target).filter((part) => wanted(part.slice) && base.get(part.slice) > 0 && part.mae !== null)
      .map((part) => ({ name: nameOf(line.row), slice: part.slice, n: part.n, skill: 1 - part.mae / base.get(part.slice) })));
}

function months(lines) {
  const points = skillBySlice(lines, (slice) => slice.startsWith("month=")).map((point) => ({ ...point, month: new Date(point.slice.slice(6) + "-01T00:00Z") }));
  if (new Set(points.map((point) => point.slice)).size < 2) return null;
  return figure("Skill by month", `Of the five best rows: 1 − MAE / MAE of ${DATA.reference}. Does it fade as time passes?`, () => plot({
    color: { legend: true, scheme: "Tableau10" }, x: { type: "utc", label: null }, y: { label: "skill", grid: true },
    marks: [Plot.ruleY([0]), Plot.line(points, { x: "month", y: "skill", stroke: "name" }), Plot.dot(points, { x: "month", y: "skill", fill: "name", title: (d) => `${d.name}, ${d.slice.slice(6)}: ${signed(d.skill)} on ${d.n} posts` })] }));
}

function users(lines) {
  const points = skillBySlice(lines, (slice) => slice === "seen_users" || slice === "unseen_users");
  if (new Set(points.map((point) => point.slice)).size < 2) return null;
  return figure("Known and new accounts", `Skill of the five best rows on accounts with and without posts in training.`, () => plot({
    color: { legend: true, scheme: "Tableau10" }, marginLeft: 190, height: 60 + 34 * new Set(points.map((point) => point.name)).size, x: { label: "skill →", grid: true }, y: { label: null },
    marks: [Plot.ruleX([0]), Plot.dot(points, { y: "name", x: "skill", fill: (d) => d.slice.replace("_", " "), r: 5, title: (d) => `${d.name}, ${d.slice}: ${signed(d.skill)} on ${d.n} posts` })] }));
}

function studies(lines) {
  const { row, target } = lines[0];
  const rows = DATA.rows.filter((other) => other.study && other.dataset === row.dataset && other.task === row.task && other.protocol === row.protocol && other.crawl === row.crawl);
  const tables = [...d3.group(rows, (other) => other.baseline)].map(([baseline, of]) => {
    const losses = [...new Set(of.map((other) => other.settings.loss))].filter(Boolean), scales = [...new Set(of.map((other) => other.settings.scaling))].filter(Boolean);
    const value = (loss, scale) => { const found = of.find((other) => other.settings.loss === loss && other.settings.scaling === scale); return found ? score({ row: found, target }) : null; };
    return losses.length && scales.length ? el("table", {}, el("caption", {}, baseline), el("thead", {}, el("tr", {}, el("th", { scope: "col", class: "word" }, "loss"), ...scales.map((scale) => el("th", { scope: "col" }, scale)))),
      el("tbody", {}, ...losses.map((loss) => el("tr", {}, el("th", { scope: "row", class: "word" }, loss), ...scales.map((scale) => el("td", {}, value(loss, scale) ? fixed(value(loss, scale).value) : "")))))) : null;
  }).filter(Boolean);
  return tables.length ? el("figure", {}, el("h3", {}, "Loss × target scaling"), ...tables, el("figcaption", {}, `${DATA.metrics[state.metric].title} on the test posts: to be read, not to choose by.`)) : null;
}

function drawTogether() {
  const found = DATA.aggregate, section = document.getElementById("together");
  section.hidden = !found;
  if (!found || section.dataset.drawn) return;
  section.dataset.drawn = "yes";
  const table = el("table", {}, el("thead", {}, el("tr", {}, ...found.columns.map((name) => el("th", { scope: "col", class: name === "row" ? "word" : "" }, name.replace("_", " "))))),
    el("tbody", {}, ...found.rows.map((line) => el("tr", {}, ...line.map((value, i) => el("td", { class: i ? "" : "word" }, typeof value === "number" ? (["tasks", "imputed"].includes(found.columns[i]) ? String(value) : found.columns[i].startsWith("elo") ? value.toFixed(0) : value.toFixed(3)) : value || ""))))));
  const names = found.rows.map((line) => line[0]);
  const cells = names.flatMap((row, i) => names.map((column, j) => ({ row, column, wins: found.wins[i][j] }))).filter((cell) => cell.wins !== null);
  const wins = figure("Win rates", "Share of tasks that the row of a line wins from that of a column.", () => plot({ width: 640, height: 560, marginLeft: 190, marginBottom: 170, x: { domain: names, label: null, tickRotate: -60 }, y: { domain: names, label: null },
    color: { scheme: "RdBu", domain: [0, 1], legend: true, label: "wins" }, marks: [Plot.cell(cells, { x: "column", y: "row", fill: "wins", title: (d) => `${d.row} wins ${(100 * d.wins).toFixed(0)}% of tasks from ${d.column}` })] }));
  const diagram = new DOMParser().parseFromString(found.diagram, "image/svg+xml").documentElement;
  document.getElementById("together-body").replaceChildren(el("p", { class: "quiet" }, `Tasks: ${found.tasks.join("; ")}.`), el("ul", {}, ...found.notes.map((note) => el("li", {}, note))),
    el("div", { class: "scroll", role: "region", "aria-label": "Aggregates", tabindex: "0" }, table), el("div", { class: "charts" }, el("figure", {}, el("h3", {}, "Critical difference"), document.importNode(diagram, true)), wins));
  if (watcher) watcher.observe(wins); else wins.draw();
}
