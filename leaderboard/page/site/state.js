"use strict";
// State: what is shown. It lives in the address, so that a link restores it and "back" undoes it.
const DATA = JSON.parse(document.getElementById("data").textContent);
const idOf = (row) =>
  [
    row.dataset,
    row.task,
    row.protocol,
    row.baseline,
    row.variant,
    row.profile,
    ...(row.crawl ? ["crawl"] : []),
  ].join("/");
// Long lists of numbers come without names: DATA says beside them what they are.
const named = (columns, values) => Object.fromEntries(columns.map((name, i) => [name, values[i]]));
// A name may be that of what every object has, such as `constructor`: only what was told counts.
const own = (object, name) => (object && Object.hasOwn(object, name) ? object[name] : undefined);
const mapped = (object, of) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, of(value)]));
DATA.rows.forEach((row) => {
  row.id = idOf(row);
  row.scores = mapped(row.scores, (scores) => mapped(scores, (values) => named(DATA.columns, values)));
});
const BY_ID = new Map(DATA.rows.map((row) => [row.id, row]));
const LINES = DATA.rows.flatMap((row) => row.targets.map((target) => ({ row, target })));

function defaults() {
  const first = DATA.rows.find((row) => !row.synthetic && Object.keys(row.scores).length) || DATA.rows[0];
  const same = DATA.rows.filter((row) => first && row.dataset === first.dataset && row.task === first.task);
  const rolling = same.some((row) => row.protocol === "rolling");
  const chosen = first
    ? {
        data: first.dataset,
        task: first.task,
        target: first.targets[0],
        protocol: rolling ? "rolling" : first.protocol,
        measure: first.primary,
      }
    : { data: "", task: "", target: "", protocol: "", measure: Object.keys(DATA.measures)[0] };
  const open = {
    baseline: "",
    family: "",
    reads: "",
    profile: "",
    made: "",
    find: "",
    down: "",
    pick: "",
    open: "",
  };
  return { ...chosen, ...open, crawl: "no", study: "no", sort: "score" };
}
const START = defaults();
let state = { ...START };

function readAddress() {
  const told = new URLSearchParams(location.hash.slice(1));
  state = { ...START };
  for (const name of Object.keys(START)) if (told.has(name)) state[name] = told.get(name);
  if (!own(DATA.measures, state.measure)) state.measure = START.measure;
}

function address() {
  const told = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) if (value !== START[name]) told.set(name, value);
  return "#" + told.toString();
}

function change(changes) {
  // a step that "back" undoes
  Object.assign(state, changes);
  history.pushState(null, "", address());
  draw();
}

// The name of a row may hold a comma, and never a bar.
const picked = () => state.pick.split("|").filter((id) => BY_ID.has(id));

function score(line, measure = state.measure) {
  const found = own(own(line.row.scores, line.target), measure);
  if (!found) return null;
  // Whether it is in the confidence set of the best rows.
  return { ...found, tie: isNumber(found.p) && found.p >= DATA.level };
}

const titleOf = (measure) => (own(DATA.measures, measure) || { title: measure }).title;
const nameOf = (row) =>
  row.baseline + (row.variant === "default" ? "" : " " + row.variant) + (row.crawl ? " (crawl)" : "");
const whereOf = ({ row, target }) =>
  `${row.dataset} ${row.task === target ? target : `${row.task}, ${target}`}`;
const inputsOf = (row) => (row.settings || {}).inputs || [];

// Rows are compared on the same posts alone.
const sameTable = (a, b) =>
  a.dataset === b.dataset && a.task === b.task && a.protocol === b.protocol && a.data === b.data;
