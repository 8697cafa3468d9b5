"use strict";
// Table: filters, sorting, one line a (row, target), drawn a hundred at a time.
const PAGE = 100;
let shown = PAGE;
const FILTERS = [
  ["data", "Data set", (line) => line.row.dataset],
  ["task", "Task", (line) => line.row.task],
  ["target", "Target", (line) => line.target],
  ["protocol", "Protocol", (line) => line.row.protocol],
  ["family", "Model family", (line) => line.row.baseline],
  ["reads", "Inputs named", (line) => inputsOf(line.row).join(" + ")],
  ["encoders", "Encoder profile", (line) => line.row.encoders],
  ["kind", "Data", (line) => (line.row.synthetic ? "synthetic" : "real")],
  ["crawl", "Crawl-time columns", (line) => (line.row.crawl ? "yes" : "no")],
  ["study", "Study rows", (line) => (line.row.study ? "yes" : "no")],
];
const COLUMNS = [
  ["pick", "Pick", null, ""],
  ["rank", "#", (line) => { const found = score(line); return found ? found.rank : null; }, ""],
  ["name", "Row", (line) => nameOf(line.row), "word"],
  ["where", "Data set, target", whereOf, "word wide place"],
  ["protocol", "Protocol", (line) => line.row.protocol, "word wide place"],
  ["score", "Score", (line) => { const found = score(line); return found ? found.value : null; }, ""],
  ["interval", "95% interval", null, "word"],
  ["delta", "Δ best", (line) => { const found = score(line); return found ? (found.rank === 1 ? 0 : found.delta) : null; }, ""],
  ["skill", "Skill", (line) => { const found = score(line, "skill"); return found ? found.value : null; }, "wide"],
  ["fit", "Fit, s", (line) => line.row.cost[0], "wide"],
];

const matches = (line, but) => FILTERS.every(([name, , of]) => name === but || state[name] === "" || of(line) === state[name]) &&
  (state.find === "" || (nameOf(line.row) + " " + (line.row.summary || "")).toLowerCase().includes(state.find.toLowerCase()));

function visible() {
  const lines = LINES.filter((line) => matches(line));
  const of = (COLUMNS.find(([name]) => name === state.sort) || COLUMNS[5])[2] || COLUMNS[5][2];
  const higher = state.sort === "score" && DATA.metrics[state.metric].better === "higher";
  const sign = (state.down === "yes" ? -1 : 1) * (higher ? -1 : 1);
  const order = lines.map((line, place) => [of(line), place, line]);
  order.sort(([a, i], [b, j]) => {
    if (a === null || a === undefined) return b === null || b === undefined ? i - j : 1; // what has no score comes last
    if (b === null || b === undefined) return -1;
    return (a < b ? -sign : a > b ? sign : 0) || i - j;
  });
  return order.map(([, , line]) => line);
}

function drawFilters() {
  const form = document.getElementById("filters");
  const held = document.activeElement && form.contains(document.activeElement) ? document.activeElement.id : null;
  const choices = FILTERS.map(([name, title, of]) => {
    const known = [...new Set(LINES.filter((line) => matches(line, name)).map(of))].filter((one) => one !== "");
    if (state[name] && !known.includes(state[name])) known.push(state[name]);
    if (known.length < 2 && !state[name]) return null;
    const select = el("select", { id: "f-" + name, onchange: (event) => choose(name, event.target.value) },
      el("option", { value: "" }, "all"), ...known.sort().map((one) => el("option", { value: one, selected: one === state[name] }, one)));
    return el("label", { for: "f-" + name }, title, select);
  });
  const metrics = Object.entries(DATA.metrics).filter(([name]) => name === state.metric || LINES.some((line) => score(line, name)));
  const metric = el("select", { id: "f-metric", onchange: (event) => change({ metric: event.target.value, sort: "score", down: "" }) },
    ...metrics.map(([name, one]) => el("option", { value: name, selected: name === state.metric },
      one.title + (one.better === "higher" ? " ↑" : one.better === "lower" ? " ↓" : ""))));
  const find = el("input", { id: "f-find", type: "search", value: state.find, placeholder: "name", onchange: (event) => change({ find: event.target.value }) });
  form.replaceChildren(...choices.filter(Boolean), el("label", { for: "f-metric" }, "Metric", metric), el("label", { for: "f-find" }, "Find a row", find),
    el("button", { type: "button", id: "reset", onclick: () => change({ ...START }) }, "Reset"));
  form.onsubmit = (event) => { event.preventDefault(); change({ find: document.getElementById("f-find").value }); };
  if (held && document.getElementById(held)) document.getElementById(held).focus();
}

function choose(name, value) { // another data set has other tasks and targets: those that it lacks give way
  const next = { [name]: value };
  for (const [other, , of] of FILTERS) {
    if (other === name || state[other] === "") continue;
    const reachable = LINES.some((line) => FILTERS.find(([one]) => one === name)[2](line) === value && of(line) === state[other]);
    if (value !== "" && !reachable) {
      const line = LINES.find((one) => FILTERS.find(([f]) => f === name)[2](one) === value);
      next[other] = ["data", "task", "target", "protocol"].includes(other) && line ? of(line) : "";
    }
  }
  change(next);
}

function drawTable() {
  const lines = visible(), table = document.getElementById("table"), held = document.activeElement && document.activeElement.id;
  table.classList.toggle("single", one(lines)); // one table needs no column to say which
  table.tHead.replaceChildren(el("tr", {}, ...COLUMNS.map(([name, title, of, kind]) => {
    const told = name === "score" ? DATA.metrics[state.metric].title : title;
    const sorted = state.sort === name ? (state.down === "yes" ? "descending" : "ascending") : null;
    return el("th", { scope: "col", class: kind, "aria-sort": sorted }, of ? el("button", { type: "button", id: "s-" + name,
      onclick: () => change({ sort: name, down: state.sort === name && state.down === "" ? "yes" : "" }) }, told) : told);
  })));
  const some = lines.slice(0, shown), ends = some.map((line) => score(line)).filter((one) => one && one.low !== null);
  const low = Math.min(...ends.map((one) => one.low)), high = Math.max(...ends.map((one) => one.high));
  const place = (value) => (high > low ? (100 * (value - low)) / (high - low) : 50) + "%";
  table.tBodies[0].replaceChildren(...some.map((line) => drawLine(line, place)));
  document.getElementById("count").textContent = lines.length === 0 ? "No row fits these filters." :
    `${lines.length.toLocaleString("en")} ${lines.length === 1 ? "line" : "lines"}` + (some.length < lines.length ? `, ${some.length} shown` : "");
  const more = document.getElementById("more");
  more.hidden = some.length === lines.length;
  more.onclick = () => { shown += PAGE; drawTable(); };
  if (held && document.getElementById(held)) document.getElementById(held).focus();
}

function drawLine(line, place) {
  const { row } = line, found = score(line), id = "r-" + row.id + "-" + line.target, chosen = picked().includes(row.id);
  const track = el("div", { class: "track" });
  if (found && found.low !== null) {
    const bar = el("i"), point = el("b");
    bar.style.left = place(found.low); bar.style.right = `calc(100% - ${place(found.high)})`; point.style.left = place(found.value);
    track.append(bar, point);
    track.title = `${fixed(found.low)} to ${fixed(found.high)}`;
  }
  const skill = score(line, "skill");
  const name = el("td", { class: "word" }, el("button", { type: "button", class: "link name", id: id + "-open", onclick: () => change({ open: row.id }) }, row.baseline),
    row.variant === "default" ? null : el("span", { class: "variant" }, " " + row.variant),
    row.crawl ? el("span", { class: "mark" }, " crawl-time") : null, row.synthetic ? el("span", { class: "mark" }, " synthetic") : null,
    row.status === "ok" ? null : el("span", { class: "mark" }, " " + row.status));
  return el("tr", { class: found && found.rank === 1 ? "best" : null },
    el("td", {}, el("input", { type: "checkbox", id, checked: chosen, "aria-label": "pick " + nameOf(row) + " on " + whereOf(line) + " " + row.protocol,
      onchange: () => change({ pick: (chosen ? picked().filter((one) => one !== row.id) : [...picked(), row.id].slice(-2)).join(",") }) })),
    el("td", {}, found && found.rank !== null ? String(found.rank) : "", found && found.tie ? el("span", { class: "tie", title: "cannot be told from the best" }, " ●") : null),
    name, el("td", { class: "word wide place" }, whereOf(line)), el("td", { class: "word wide place" }, row.protocol),
    el("td", {}, found ? fixed(found.value) : ""), el("td", { class: "word" }, track),
    el("td", {}, !found || found.rank === null ? "" : found.rank === 1 ? "best" : `${signed(found.delta)} [${signed(found.deltaLow)}, ${signed(found.deltaHigh)}]`),
    el("td", { class: "wide" }, skill ? signed(skill.value) : ""), el("td", { class: "wide" }, seconds(row.cost[0])));
}
