// HTML: elements and numbers. Captions, names and reasons come from anywhere: they are text, never markup.
const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== false && value !== null && value !== undefined)
      made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const quiet = (...children) => el("p", { class: "quiet" }, ...children);

export const NOT_A_PROMISE = "the model’s association, not a promise";

const ROUGHLY = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 2 });
export const count = (value) => ROUGHLY.format(value);
export const short = (value) => SHORT.format(value);
export const whole = (value) => Math.round(value).toLocaleString("en");

// 0.083 -> 8%
export function share(value) {
  if (value > 0 && value < 0.005) return "under 1%";
  if (value < 1 && value > 0.995) return "over 99%";
  return `${Math.round(100 * value)}%`;
}

// 0.083 -> +8%
export function effect(value) {
  const parts = Math.round(100 * value);
  if (parts === 0) return "±0%";
  return `${parts > 0 ? "+" : "−"}${Math.abs(parts).toLocaleString("en")}%`;
}
export const direction = (value) =>
  Math.round(100 * value) > 0 ? "up" : Math.round(100 * value) < 0 ? "down" : "";

const MOMENT = {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
};
export const moment = (text) => new Date(text).toLocaleString("en-GB", MOMENT);
export const hourOf = (text) =>
  new Date(text).toLocaleString("en-GB", {
    weekday: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
export const day = (text) =>
  new Date(text).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });

// "draft 1, draft 2 and draft 3"
export function listed(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

export const shortened = (text, length = 90) => {
  const letters = [...text.replace(/\s+/g, " ").trim()];
  return letters.length > length ? `${letters.slice(0, length).join("")}…` : letters.join("");
};
