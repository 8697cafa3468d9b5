"use strict";
// State: what is shown. It lives in the address, so that a link restores it and "back" undoes it.
const DATA = JSON.parse(document.getElementById("data").textContent);
const idOf = (row) => [row.dataset, row.task, row.protocol, row.baseline, row.variant, row.encoders, ...(row.crawl ? ["crawl"] : [])].join("/");
DATA.rows.forEach((row) => { row.id = idOf(row); });
const BY_ID = new Map(DATA.rows.map((row) => [row.id, row]));
const LINES = DATA.rows.flatMap((row) => row.targets.map((target) => ({ row, target })));

function defaults() {
  const first = DATA.rows.find((row) => !row.synthetic && Object.keys(row.scores).length) || DATA.rows[0];
  const same = DATA.rows.filter((row) => first && row.dataset === first.dataset && row.task === first.task);
  const protocol = same.some((row) => row.protocol === "rolling") ? "rolling" : first ? first.protocol : "";
  return { data: first ? first.dataset : "", task: first ? first.task : "", target: first ? first.targets[0] : "", protocol,
    family: "", reads: "", encoders: "", crawl: "no", kind: "", study: "no", find: "", metric: "mae", sort: "score", down: "", pick: "", open: "" };
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
function change(changes) { // a step that "back" undoes
  Object.assign(state, changes);
  history.pushState(null, "", address());
  draw();
}
const picked = () => state.pick.split(",").filter((id) => BY_ID.has(id));

function el(name, attributes = {}, ...children) { // names and reasons come from anywhere: text, never markup
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}
const fixed = (value, digits = 3) => (value === null || value === undefined ? "" : value.toFixed(digits));
const signed = (value) => (value === null || value === undefined ? "" : (value >= 0 ? "+" : "−") + Math.abs(value).toFixed(3));
const seconds = (value) => (value === null || value === undefined ? "" : value < 10 ? value.toFixed(1) : value.toFixed(0));
function score(line, metric = state.metric) {
  const found = (line.row.scores[line.target] || {})[metric];
  if (!found) return null;
  const [value, low, high, rank, delta, deltaLow, deltaHigh] = found;
  return { value, low, high, rank, delta, deltaLow, deltaHigh, tie: rank === 1 || (deltaLow !== null && deltaLow <= 0 && deltaHigh >= 0) };
}
const nameOf = (row) => row.baseline + (row.variant === "default" ? "" : " " + row.variant) + (row.crawl ? " (crawl)" : "");
const whereOf = (line) => line.row.dataset + " " + (line.row.task === line.target ? line.target : line.row.task + ", " + line.target);
const inputsOf = (row) => ((row.settings || {}).inputs || []);
