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
const TITLE = Object.fromEntries(FILTERS.map(([name, title]) => [name, title]));
// Where one is: each of these is chosen within those before it, and asks nothing of those behind it.
const PLACE = ["data", "task", "target", "protocol"];
const REST = FILTERS.map(([name]) => name).filter((name) => !PLACE.includes(name));

const isFound = (line) =>
  `${nameOf(line.row)} ${line.row.summary || ""}`.toLowerCase().includes(state.find.toLowerCase());
const fits = (line, names) => names.every((name) => state[name] === "" || OF[name](line) === state[name]);
const isHere = (line) => fits(line, PLACE);
const matches = (line, but) =>
  FILTERS.every(([name, , of]) => name === but || state[name] === "" || of(line) === state[name]) &&
  (state.find === "" || isFound(line));

// Settles every filter so that some line fits. `wanted` is kept where there is such a line, and told to be
// lost where there is none; what it leaves open is as in `likely`, else as the data set's verdict has it.
function landed(wanted, likely, missing) {
  const found = {};
  let lines = LINES;
  const settle = (name, value) => {
    const of = OF[name];
    const some = value === "" ? lines : lines.filter((line) => of(line) === value);
    if (!some.length) return false;
    found[name] = value;
    lines = some;
    return true;
  };
  for (const [name, title] of FILTERS) {
    const asked = own(wanted, name);
    if (asked !== undefined && settle(name, asked)) continue;
    if (asked) missing.push(`${title.toLowerCase()} “${asked}”`);
    if (["task", "target"].includes(name) && asked === undefined && found.data === "" && settle(name, "")) continue;
    const headline = DATA.cards.find((card) => card.dataset === found.data);
    const of = { task: headline && headline.task, target: headline && headline.target, protocol: headline && headline.protocol };
    const fallback = PLACE.includes(name) && lines.length ? OF[name](lines[0]) : "";
    [likely[name], of[name], fallback].some((value) => value !== undefined && settle(name, value));
  }
  return found;
}

function drawFilters() {
  const form = document.getElementById("filters");
  const held = form.contains(document.activeElement) ? document.activeElement.id : null;
  const wide = form.querySelector("details");
  const isOpen = Boolean(wide && wide.open);
  const used = REST.filter((name) => state[name] !== START[name]).length;
  form.replaceChildren(
    ...PLACE.map(drawFilter).filter(Boolean),
    labelled("f-measure", "Measure", measureChoice()),
    labelled("f-find", "Find a row", findField()),
    el(
      "details",
      { class: "rest", open: isOpen, ontoggle: ({ target }) => target.open && !isOpen && drawFilters() },
      el("summary", {}, used ? `More filters (${used})` : "More filters"),
      isOpen ? drawRest() : null,
    ),
  );
  form.onsubmit = (event) => event.preventDefault();
  if (held && document.getElementById(held)) document.getElementById(held).focus();
}

// Drawn when they are asked for: each looks at every line.
function drawRest() {
  const reset = el("button", { type: "button", id: "reset", onclick: () => change({ ...START }) }, "Reset");
  return el("div", {}, ...REST.map(drawFilter).filter(Boolean), reset);
}

function drawFilter(name) {
  const of = OF[name];
  const before = PLACE.slice(0, PLACE.indexOf(name));
  const open = (line) => (PLACE.includes(name) ? fits(line, before) : matches(line, name));
  const known = new Set(LINES.filter(open).map(of));
  known.delete("");
  if (state[name]) known.add(state[name]);
  if (known.size < 2) return null;
  const options = [...known]
    .sort()
    .map((one) => el("option", { value: one, selected: one === state[name] }, one));
  const chosen = (event) => choose(name, event.target.value);
  return labelled(
    "f-" + name,
    TITLE[name],
    el("select", { id: "f-" + name, onchange: chosen }, el("option", { value: "" }, "all"), ...options),
  );
}

const labelled = (id, title, field) => el("label", { for: id }, title, field);

// By which the lines of this place are scored.
function measuresHere() {
  const found = new Set();
  for (const line of LINES)
    if (isHere(line)) for (const name in own(line.row.scores, line.target)) found.add(name);
  return found;
}

function measureChoice() {
  const here = measuresHere();
  const scored = Object.keys(DATA.measures).filter((name) => name === state.measure || here.has(name));
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

// The answer comes while one types: the field itself is left alone, and "back" leads to before it.
function findField() {
  const typed = (event) => {
    const first = state.find === "";
    state.find = event.target.value;
    history[first ? "pushState" : "replaceState"](null, "", address());
    drawTable();
    drawCharts();
  };
  return el("input", { id: "f-find", type: "search", value: state.find, placeholder: "name or words", oninput: typed });
}

function choose(name, value) {
  if (!PLACE.includes(name)) return change({ [name]: value });
  const before = PLACE.slice(0, PLACE.indexOf(name));
  const wanted = { ...Object.fromEntries(before.map((one) => [one, state[one]])), [name]: value };
  goTo(wanted);
}

// To a place; what it does not say stays as it is where it can.
function goTo(wanted) {
  const followed = LINES.some((line) => isHere(line) && line.row.primary === state.measure);
  const measure = state.measure;
  lost = [];
  Object.assign(state, landed(wanted, { ...state }, []));
  const pick = picked().filter((id) => !state.data || BY_ID.get(id).dataset === state.data);
  change({ measure: measureThere(measure, !followed), pick: pick.join("|") });
}

// What ranks here; or the measure that was chosen, where it ranks here as well, or is known and was not
// what ranked before.
function measureThere(measure, stays) {
  const here = LINES.filter(isHere);
  if (here.some((line) => line.row.primary === measure)) return measure;
  if (stays && here.some((line) => score(line, measure))) return measure;
  return here.length ? here[0].row.primary : measure;
}
