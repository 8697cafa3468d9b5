"use strict";
// State: what is shown. It lives in the address, so that a link restores it and "back" undoes it.
const DATA = JSON.parse(byId("data").textContent);
const ACCOUNTS = DATA.accounts;
const SIZE = ACCOUNTS.name.length;
const COMMUNITIES = new Map(DATA.communities.map((one) => [String(one.code), one]));
const BIGGEST = [...DATA.communities].sort((a, b) => b.size - a.size || a.code - b.code);
const COLOUR = new Map(BIGGEST.slice(0, DATA.colours.length).map((one, i) => [one.code, DATA.colours[i]]));
const SCORES = new Map(DATA.scores.map((one) => [one.name, one]));
const OWN_PAST = DATA.scores.find((one) => one.reference) || null;
// Of equal length as the accounts; a tag that is filtered by is looked up in it.
const TAGGED = new Map(DATA.tags.map((tag) => [tag.name, new Set(tag.accounts)]));

const START = {
  score: DATA.start,
  view: "accounts",
  community: "",
  tag: "",
  kind: "",
  top: "",
  edges: "",
  many: String(DATA.counts.first),
  time: "all",
  window: String(Math.max(DATA.windows.length - 1, 0)),
  account: "",
  open: "",
};
let state = { ...START };

// What an address may say; anything else is as if it had said nothing.
const ALLOWED = {
  score: (told) => SCORES.has(told),
  view: (told) => ["accounts", "communities"].includes(told),
  community: (told) => COMMUNITIES.has(told),
  tag: (told) => TAGGED.has(told),
  kind: (told) => DATA.kinds.includes(told),
  top: (told) => /^\d{1,6}$/.test(told),
  edges: (told) => told === "strong",
  many: (told) => /^\d{1,6}$/.test(told),
  time: (told) => DATA.windows.length > 0 && ["all", "within", "until"].includes(told),
  window: (told) => /^\d{1,3}$/.test(told) && Number(told) < DATA.windows.length,
  account: (told) => /^\d{1,6}$/.test(told) && Number(told) < SIZE,
  open: (told) => COMMUNITIES.has(told),
};

function readAddress() {
  const told = new URLSearchParams(location.hash.slice(1));
  state = { ...START };
  for (const name of Object.keys(START))
    if (told.has(name) && ALLOWED[name](told.get(name))) state[name] = told.get(name);
}

function address() {
  const told = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) if (value !== START[name]) told.set(name, value);
  return "#" + told.toString();
}

// A step that "back" undoes; moving through time makes none.
function change(changes, step = true) {
  Object.assign(state, changes);
  history[step ? "pushState" : "replaceState"](null, "", address());
  draw();
}

const chosen = () => SCORES.get(state.score) || null;
const colourOf = (code) => COLOUR.get(code) || DATA.other;
const communityName = (code) =>
  COMMUNITIES.has(String(code)) ? COMMUNITIES.get(String(code)).name : "no community";
// Communities found in a window go by the same codes; with time at "all" it is that of all edges.
function communityOf(account) {
  const moves = state.time === "all" ? null : DATA.moves[Number(state.window)];
  return moves ? moves[account] : ACCOUNTS.community[account];
}
