"use strict";
// Filters: what is seen is chosen here; and the line that says how much that is.
function choice(key, title, options, seldom = false) {
  const id = "f-" + key;
  const select = el("select", { id, onchange: () => change({ [key]: select.value }) });
  for (const [value, text] of options)
    select.append(el("option", { value, selected: value === state[key] }, text));
  return el("label", { for: id, class: seldom ? "seldom" : null }, title, select);
}

function manyOptions() {
  const held = SIZE;
  const steps = [DATA.counts.first, 5000, held].filter((n, i, all) => n <= held && all.indexOf(n) === i);
  const named = (n) =>
    n === held
      ? `all ${counted(n)} of this page`
      : n === DATA.counts.first
        ? `backbone, ${counted(n)}`
        : counted(n);
  return steps.sort((a, b) => a - b).map((n) => [String(n), named(n)]);
}

let allFilters = false; // on a phone those that are seldom needed come on demand

function drawFilters() {
  const held = document.activeElement && document.activeElement.id;
  const form = byId("filters");
  const more = () => {
    allFilters = !allFilters;
    drawFilters();
  };
  const reset = () => change({ ...START });
  form.classList.toggle("all", allFilters);
  form.replaceChildren(
    form.querySelector(".finder") || finder(), // what was typed stays
    ...oftenChosen(),
    ...seldomChosen(),
    el(
      "button",
      { type: "button", id: "f-more", "aria-expanded": String(allFilters), onclick: more },
      "More filters",
    ),
    address() === "#" ? "" : el("button", { type: "button", id: "f-reset", onclick: reset }, "Reset"),
  );
  if (held && byId(held) && held.startsWith("f-")) byId(held).focus();
}

function oftenChosen() {
  const views = ["accounts", "communities"].map((view) => [view, view]);
  const communities = BIGGEST.slice(0, 200).map((one) => [String(one.code), short(one.name, 60)]);
  return [
    choice(
      "score",
      "Size by",
      DATA.scores.map((one) => [one.name, capital(one.words)]),
    ),
    choice("view", "Show", views),
    choice("community", "Community", [["", "all"], ...communities]),
  ];
}

function seldomChosen() {
  const every = ["", "all"];
  const tags = DATA.tags.map((one) => [one.name, `${short(one.name, 40)} (${one.users})`]);
  const tops = [50, 200, 1000].filter((n) => n < DATA.counts.accounts);
  const many = manyOptions();
  return [
    tags.length ? choice("tag", "Used the tag", [["", "any"], ...tags], true) : "",
    DATA.kinds.length > 1
      ? choice("kind", "Kind of edge", [every, ...DATA.kinds.map((kind) => [kind, kind])], true)
      : "",
    choice("edges", "Edges", [every, ["strong", "only those that stand out"]], true),
    choice("top", "By size", [every, ...tops.map((n) => [String(n), `the top ${counted(n)}`])], true),
    many.length > 1 ? choice("many", "At most", many, true) : "",
  ];
}

function finder() {
  const found = el("div", { id: "found", hidden: true });
  const input = el("input", {
    type: "search",
    id: "f-find",
    autocomplete: "off",
    placeholder: "a name",
    oninput: () => find(input.value, found),
  });
  return el("div", { class: "finder" }, el("label", { for: "f-find" }, "Search", input), found);
}

function find(text, into) {
  const wanted = text.trim().toLowerCase();
  const hits = [];
  for (let i = 0; wanted && i < SIZE && hits.length < 8; i++)
    if (ACCOUNTS.name[i].toLowerCase().includes(wanted)) hits.push(i);
  into.hidden = wanted === "";
  into.replaceChildren(
    ...hits.map((i) =>
      el(
        "button",
        { type: "button", onclick: () => select(i) },
        dot(ACCOUNTS.community[i]),
        bdi(ACCOUNTS.name[i]),
      ),
    ),
    hits.length
      ? ""
      : el("span", { class: "quiet", role: "status" }, "No account of this page is called so."),
  );
}

function dot(code) {
  const made = el("i", { class: "dot" });
  made.style.background = colourOf(code);
  return made;
}

// An account is shown wherever it is chosen: in the picture, and on its card.
function select(i) {
  byId("f-find").value = "";
  byId("found").hidden = true;
  change({ account: String(i), view: "accounts" });
  lookAt(i);
  byId("stage").scrollIntoView({ block: "nearest", behavior: still() ? "auto" : "smooth" });
  byId("card").querySelector("h3").focus({ preventScroll: true });
}

const dotted = (code, ...content) => el("span", { class: "dotted" }, dot(code), el("span", {}, ...content));

function drawCount({ accounts, all, lines, pairs }) {
  const drawn = Math.min(lines.length, pairs);
  const parts = [`${some(accounts.length, "account")} and ${some(drawn, "line")} are shown`];
  if (accounts.length < all)
    parts.push(`of ${counted(all)} accounts that fit: the best connected of each community`);
  if (drawn < pairs) parts.push(`the heaviest of ${counted(pairs)} lines`);
  const more = accounts.length < all ? manyOptions().find(([n]) => Number(n) > Number(state.many)) : null;
  const text = parts.join("; ") + ". ";
  const show = () => change({ many: more[0] });
  byId("count").replaceChildren(
    text,
    more
      ? el("button", { type: "button", class: "link", id: "more-accounts", onclick: show }, `Show ${more[1]}`)
      : "",
  );
  const what =
    state.view === "communities"
      ? "communities as circles, by their members"
      : "accounts, coloured by community";
  byId("canvas").setAttribute(
    "aria-label",
    `Network of ${some(accounts.length, "account")}: ${what}. The tables on this page say the same.`,
  );
}

let playing = null;
function drawTime() {
  const box = byId("time");
  const last = DATA.windows.length - 1;
  if (last < 1) return box.replaceChildren();
  if (box.childElementCount === 0) buildTime(box, last);
  const at = Number(state.window);
  byId("t-mode").value = state.time;
  byId("t-window").value = String(at);
  byId("t-window").disabled = state.time === "all";
  const [, , called] = DATA.windows[at];
  const told = {
    all: DATA.span,
    within: called,
    until: `until the end of ${called}`,
  };
  byId("t-window").setAttribute("aria-valuetext", told[state.time]);
  byId("t-name").textContent = told[state.time];
  byId("t-play").textContent = playing ? "Pause" : "Play";
  return null;
}

function buildTime(box, last) {
  const modes = [
    ["all", "All of it"],
    ["within", "Within one window"],
    ["until", "Up to a window"],
  ];
  const mode = el("select", {
    id: "t-mode",
    "aria-label": "Stretch of time",
    onchange: () => change({ time: mode.value }),
  });
  mode.append(...modes.map(([value, text]) => el("option", { value }, text)));
  const range = el("input", {
    type: "range",
    id: "t-window",
    min: "0",
    max: String(last),
    step: "1",
    "aria-label": "Window",
  });
  range.addEventListener("input", () => change({ window: range.value }, false));
  const play = el(
    "button",
    { type: "button", id: "t-play", onclick: () => (playing ? pause() : start(last)) },
    "Play",
  );
  box.append(play, mode, range, el("output", { id: "t-name", for: "t-window" }));
}

function start(last) {
  const time = state.time === "all" ? "until" : state.time;
  playing = setInterval(
    () =>
      Number(state.window) >= last ? pause() : change({ window: String(Number(state.window) + 1) }, false),
    900,
  );
  change({ time, window: Number(state.window) >= last || state.time === "all" ? "0" : state.window });
}
function pause() {
  clearInterval(playing);
  playing = null;
  drawTime();
}
