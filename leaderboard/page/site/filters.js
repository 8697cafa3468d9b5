"use strict";
// Filters: what is told of a line can be chosen by.
const FILTERS = [
  ["data", "Data set", (line) => line.row.dataset],
  ["task", "Task", (line) => line.row.task],
  ["target", "Target", (line) => line.target],
  ["protocol", "Protocol", (line) => line.row.protocol],
  ["baseline", "Baseline", (line) => line.row.baseline],
  ["family", "Model family", (line) => line.row.family || "other"],
  ["reads", "Content it reads", (line) => [...line.row.encodings].sort().join(" + ") || "none"],
  ["profile", "Encoder profile", (line) => line.row.profile],
  ["made", "Data", (line) => (line.row.synthetic ? "synthetic" : "real")],
  ["crawl", "Crawl-time columns", (line) => (line.row.crawl ? "yes" : "no")],
  ["study", "Study rows", (line) => (line.row.study ? "yes" : "no")],
];
const OF = Object.fromEntries(FILTERS.map(([name, , of]) => [name, of]));
const PLACE = ["data", "task", "target", "protocol"];

const isFound = (line) =>
  `${nameOf(line.row)} ${line.row.summary || ""}`.toLowerCase().includes(state.find.toLowerCase());
const matches = (line, but) =>
  FILTERS.every(([name, , of]) => name === but || state[name] === "" || of(line) === state[name]) &&
  (state.find === "" || isFound(line));

function drawFilters() {
  const form = document.getElementById("filters");
  const held = form.contains(document.activeElement) ? document.activeElement.id : null;
  form.replaceChildren(
    ...FILTERS.map(drawFilter).filter(Boolean),
    labelled("f-measure", "Measure", measureChoice()),
    labelled("f-find", "Find a row", findField()),
    el("button", { type: "button", id: "reset", onclick: () => change({ ...START }) }, "Reset"),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    change({ find: document.getElementById("f-find").value });
  };
  if (held && document.getElementById(held)) document.getElementById(held).focus();
}

function drawFilter([name, title, of]) {
  const known = new Set(LINES.filter((line) => matches(line, name)).map(of));
  known.delete("");
  if (state[name]) known.add(state[name]);
  if (known.size < 2 && !state[name]) return null;
  const options = [...known]
    .sort()
    .map((one) => el("option", { value: one, selected: one === state[name] }, one));
  const chosen = (event) => choose(name, event.target.value);
  return labelled(
    "f-" + name,
    title,
    el("select", { id: "f-" + name, onchange: chosen }, el("option", { value: "" }, "all"), ...options),
  );
}

const labelled = (id, title, field) => el("label", { for: id }, title, field);

function measureChoice() {
  const scored = Object.keys(DATA.measures).filter(
    (name) => name === state.measure || LINES.some((line) => score(line, name)),
  );
  const better = { higher: " (higher is better)", lower: " (lower is better)" };
  const options = scored.map((name) =>
    el(
      "option",
      { value: name, selected: name === state.measure },
      titleOf(name) + (better[DATA.measures[name].better] || ""),
    ),
  );
  const chosen = (event) => change({ measure: event.target.value, sort: "score", down: "" });
  return el("select", { id: "f-measure", onchange: chosen }, ...options);
}

function findField() {
  const chosen = (event) => change({ find: event.target.value });
  return el("input", {
    id: "f-find",
    type: "search",
    value: state.find,
    placeholder: "name",
    onchange: chosen,
  });
}

function choose(name, value) {
  // another data set has other tasks and targets: those that it lacks give way
  const next = { [name]: value };
  const lines = LINES.filter((line) => OF[name](line) === value);
  for (const [other, , of] of FILTERS) {
    if (value === "" || other === name || state[other] === "") continue;
    if (!lines.some((line) => of(line) === state[other]))
      next[other] = PLACE.includes(other) && lines.length ? of(lines[0]) : "";
  }
  if (PLACE.includes(name) && value !== "") next.measure = measureThere({ ...state, ...next });
  change(next);
}

// What ranks there, unless another measure was chosen that is known there, too.
function measureThere(next) {
  const isThere = (line) => FILTERS.every(([name, , of]) => next[name] === "" || of(line) === next[name]);
  const there = LINES.filter(isThere);
  const followed = LINES.some((line) => matches(line) && line.row.primary === state.measure);
  if (there.some((line) => line.row.primary === state.measure)) return state.measure;
  if (!followed && there.some((line) => score(line))) return state.measure;
  return there.length ? there[0].row.primary : state.measure;
}
