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
    row.encoders,
    ...(row.crawl ? ["crawl"] : []),
  ].join("/");
DATA.rows.forEach((row) => {
  row.id = idOf(row);
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
      }
    : { data: "", task: "", target: "", protocol: "" };
  const open = {
    baseline: "",
    family: "",
    reads: "",
    encoders: "",
    kind: "",
    find: "",
    down: "",
    pick: "",
    open: "",
  };
  return { ...chosen, ...open, crawl: "no", study: "no", metric: "mae", sort: "score" };
}
const START = defaults();
let state = { ...START };

function readAddress() {
  const told = new URLSearchParams(location.hash.slice(1));
  state = { ...START };
  for (const name of Object.keys(START)) if (told.has(name)) state[name] = told.get(name);
  if (!(state.metric in DATA.metrics)) state.metric = START.metric;
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

const picked = () => state.pick.split(",").filter((id) => BY_ID.has(id));

function score(line, metric = state.metric) {
  const found = (line.row.scores[line.target] || {})[metric];
  if (!found) return null;
  const [value, low, high, rank, delta, deltaLow, deltaHigh] = found;
  const tie = rank === 1 || (deltaLow !== null && deltaLow <= 0 && deltaHigh >= 0);
  return { value, low, high, rank, delta, deltaLow, deltaHigh, tie };
}

const titleOf = (metric) => (DATA.metrics[metric] ? DATA.metrics[metric].title : metric);
const nameOf = (row) =>
  row.baseline + (row.variant === "default" ? "" : " " + row.variant) + (row.crawl ? " (crawl)" : "");
const whereOf = ({ row, target }) =>
  `${row.dataset} ${row.task === target ? target : `${row.task}, ${target}`}`;
const inputsOf = (row) => (row.settings || {}).inputs || [];

// Rows are compared on the same posts alone.
const sameTable = (a, b) =>
  a.dataset === b.dataset && a.task === b.task && a.protocol === b.protocol && a.data === b.data;
