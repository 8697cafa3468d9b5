"use strict";
// HTML: elements, tables and numbers. Names and tags come from anywhere: they are text, never markup.
function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== false && value !== null && value !== undefined)
      made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const byId = (id) => document.getElementById(id);
const scroller = (label, ...children) =>
  el("div", { class: "scroll", role: "region", "aria-label": label, tabindex: "0" }, ...children);
const quiet = (...children) => el("p", { class: "quiet" }, ...children);
// A name may be written from right to left: it stays within its own bounds.
const bdi = (text) => el("bdi", {}, text);

// Heads are [text, class]; a line is its cells, of which the one whose head is of class "names" names it.
function table(heads, lines) {
  const cell = (content, i) => {
    const [, kind = ""] = heads[i];
    const names = kind.includes("names");
    return el(names ? "th" : "td", { class: kind || null, scope: names ? "row" : null }, ...[content].flat());
  };
  return el(
    "table",
    {},
    el(
      "thead",
      {},
      el("tr", {}, ...heads.map(([text, kind]) => el("th", { scope: "col", class: kind }, text))),
    ),
    el("tbody", {}, ...lines.map((cells) => el("tr", {}, ...cells.map(cell)))),
  );
}

const isNumber = (value) => value !== null && value !== undefined;
const counted = (value) => value.toLocaleString("en");
const some = (value, one, many = one + "s") => `${counted(value)} ${value === 1 ? one : many}`;

// Scores are counts or shares: as many digits as tell them apart.
function score(value) {
  if (!isNumber(value)) return "";
  const size = Math.abs(value);
  if (value === 0 || (Number.isInteger(value) && size < 1e7)) return counted(value);
  if (size >= 1e7 || size < 0.0001) return value.toExponential(1).replace("e+", "e");
  return value.toLocaleString(
    "en",
    size >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 },
  );
}
const within = (low, high) => (isNumber(low) && isNumber(high) ? `[${score(low)}, ${score(high)}]` : "");
const spearman = (value, sign = "") =>
  isNumber(value) ? (value < 0 ? "−" : sign) + Math.abs(value).toFixed(3).replace(/^0/, "") : "?";

function span(hours) {
  if (!isNumber(hours)) return "never";
  if (hours < 1) return `${Math.round(60 * hours)} min`;
  if (hours < 48) return `${hours.toFixed(hours < 10 ? 1 : 0)} h`;
  return `${counted(Math.round(hours / 24))} days`;
}
const day = (ms) =>
  new Date(ms).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const short = (text, most) => (text.length > most ? text.slice(0, most - 1).trimEnd() + "…" : text);
