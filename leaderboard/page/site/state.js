"use strict";
// State: what is shown. It lives in the address, so that a link restores it and "back" undoes it.
const DATA = JSON.parse(unpacked);
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
function named(columns, values) {
  const found = {};
  for (let i = 0; i < columns.length; i += 1) found[columns[i]] = values[i];
  return found;
}
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

// What is open at first: the data set whose verdict comes first.
function defaults() {
  const first = DATA.cards.find((card) => card.best) || DATA.cards[0];
  const { dataset: data, task, target, protocol } = first || { dataset: "", task: "", target: "", protocol: "" };
  const row = DATA.rows.find((one) => one.dataset === data && one.task === task);
  const measure = row ? row.primary : Object.keys(DATA.measures)[0];
  const open = { baseline: "", family: "", reads: "", profile: "", made: "", find: "", down: "", pick: "", open: "" };
  return { data, task, target, protocol, measure, ...open, crawl: "no", study: "no", sort: "score" };
}
const START = defaults();
let state = { ...START };
let lost = []; // what a link named and nothing here is called

function readAddress() {
  const wanted = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  lost = [];
  state = { ...START };
  for (const name of Object.keys(START)) if (own(wanted, name) !== undefined) state[name] = wanted[name];
  Object.assign(state, landed(wanted, START, lost));
  if (!measuresHere().has(own(wanted, "measure"))) {
    if (own(wanted, "measure")) lost.push(`measure “${wanted.measure}”`);
    state.measure = measureThere(START.measure, false);
  }
}

function address() {
  const asked = [...PLACE, "measure"]; // these hang together: all are told, or none
  const whole = asked.some((name) => state[name] !== START[name]);
  const shown = Object.entries(state).filter(([name, value]) =>
    asked.includes(name) ? whole : value !== START[name],
  );
  return "#" + new URLSearchParams(shown).toString();
}

function change(changes) {
  // a step that "back" undoes
  lost = [];
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
// What is told of a table and a target beside its rows: see DATA.tables.
const keyOf = (one) => [one.dataset, one.task, one.protocol, one.target, one.crawl].join("/");
const TABLES = new Map(DATA.tables.map((one) => [keyOf(one), one]));
const tableOf = ({ row, target }) => [row.dataset, row.task, row.protocol, target, row.crawl].join("/");
