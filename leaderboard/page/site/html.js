"use strict";
// HTML: elements, tables and numbers. Names and reasons come from anywhere: they are text, never markup.
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

function grid(heads, lines, caption = null) {
  // the first cell of a line names it
  const head = (text, i, scope) => el("th", { scope, class: i === 0 ? "word" : null }, text);
  return el(
    "table",
    {},
    caption && el("caption", {}, caption),
    heads.length ? el("thead", {}, el("tr", {}, ...heads.map((text, i) => head(text, i, "col")))) : null,
    el(
      "tbody",
      {},
      ...lines.map(([name, ...cells]) =>
        el("tr", {}, head(name, 0, "row"), ...cells.map((cell) => el("td", {}, cell))),
      ),
    ),
  );
}

const scroller = (label, ...children) =>
  el("div", { class: "scroll", role: "region", "aria-label": label, tabindex: "0" }, ...children);
const quiet = (...children) => el("p", { class: "quiet" }, ...children);

const isNumber = (value) => value !== null && value !== undefined;
const fixed = (value, digits = 3) => (isNumber(value) ? value.toFixed(digits) : "");
const signed = (value) => (isNumber(value) ? (value >= 0 ? "+" : "−") + Math.abs(value).toFixed(3) : "");
const seconds = (value) => (isNumber(value) ? value.toFixed(value < 10 ? 1 : 0) : "");
const percent = (value) =>
  isNumber(value) ? `${value >= 0 ? "+" : "−"}${(100 * Math.abs(value)).toFixed(1)}%` : "";
const amount = (n, one, many = one + "s") => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
