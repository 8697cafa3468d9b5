"use strict";
// Labels: axes that can be read, and names beside dots that lie on nothing else.
const DURATIONS = [
  [0.001, "1 ms"],
  [0.01, "10 ms"],
  [0.1, "0.1 s"],
  [1, "1 s"],
  [10, "10 s"],
  [60, "1 min"],
  [600, "10 min"],
  [3600, "1 h"],
  [36000, "10 h"],
];

// A time in words: no prefix of a unit, where m would be taken for minutes.
function duration(value) {
  if (!isNumber(value)) return "";
  if (value < 0.1) return `${(1000 * value).toPrecision(2)} ms`;
  if (value < 60) return `${value.toFixed(value < 10 ? 1 : 0)} s`;
  return value < 3600 ? `${(value / 60).toFixed(1)} min` : `${(value / 3600).toFixed(1)} h`;
}

// An axis of the logarithms of seconds, with a tick a round duration. (A logarithmic scale would name powers of ten
// alone.)
function durationAxis(values, label) {
  const [low, high] = d3.extent(values.map(Math.log10));
  const domain = [low - 0.2, high + 0.2];
  const known = DURATIONS.map(([at, name]) => [Math.log10(at), name]);
  const names = new Map(known.filter(([at]) => at >= domain[0] && at <= domain[1]));
  return { domain, ticks: [...names.keys()], tickFormat: (at) => names.get(at), label, grid: true };
}

// Rows far off would press the best ones together: where they would take most of an axis, it is of the best.
const CLOSE = 0.65; // of the rows, the best
const FAR = 2.5; // times the room of these

// `spans`: [low, high] of each row, the best first; what their axis spans.
function focused(spans) {
  const extent = (some) => d3.extent(some.flat().filter(isNumber));
  const all = extent(spans);
  const best = extent(spans.slice(0, Math.max(3, Math.ceil(CLOSE * spans.length))));
  const [low, high] = all[1] - all[0] > FAR * (best[1] - best[0]) && best[1] > best[0] ? best : all;
  const room = 0.05 * (high - low) || 1;
  return [low - room, high + room];
}
const heldIn =
  ([low, high]) =>
  (value) =>
    isNumber(value) ? Math.min(high, Math.max(low, value)) : value;

const WIDE = 6.9; // pixels a letter, about
const TALL = 13;
const INK = { fill: "currentColor", stroke: "var(--paper)", strokeWidth: 4, paintOrder: "stroke" };
const SIDES = [
  ["start", 8, 0],
  ["end", -8, 0],
  ["middle", 0, -11],
  ["middle", 0, 12],
  ["start", 7, -10],
  ["start", 7, 11],
  ["end", -7, -10],
  ["end", -7, 11],
];

const cut = (text, letters) =>
  text.length <= letters ? text : text.slice(0, Math.max(4, letters - 1)).trimEnd() + "…";

// The room for names of lines beside a plot, and what of a name fits into it.
function beside(names, width, share = 0.42) {
  const left = Math.min(share * width, 16 + WIDE * (d3.max(names, (name) => name.length) || 0));
  return { left, fits: (name) => cut(name, Math.floor((left - 12) / WIDE)) };
}

// Which points can be named, and on which side: the first come first, and nothing lies on anything.
function placed(points, width, height) {
  const taken = points.map(({ px, py }) => [px - 5, py - 5, px + 5, py + 5]);
  const free = (box) =>
    box[0] >= 0 &&
    box[1] >= 0 &&
    box[2] <= width &&
    box[3] <= height &&
    taken.every((one) => box[2] < one[0] || box[0] > one[2] || box[3] < one[1] || box[1] > one[3]);
  return points.flatMap((point) => {
    const wide = WIDE * point.name.length;
    for (const [anchor, dx, dy] of SIDES) {
      const left = point.px + dx - { start: 0, middle: wide / 2, end: wide }[anchor];
      const box = [left, point.py + dy - TALL / 2, left + wide, point.py + dy + TALL / 2];
      if (!free(box)) continue;
      taken.push(box);
      return [{ ...point, anchor, dx, dy }];
    }
    return [];
  });
}

// As marks of a plot: one a side, since a mark has one.
const namesBeside = (points, x, y) =>
  d3
    .groups(points, (point) => [point.anchor, point.dx, point.dy].join())
    .map(([, some]) => {
      const { anchor, dx, dy } = some[0];
      return Plot.text(some, { x, y, text: "name", textAnchor: anchor, dx, dy, fontSize: 11.5, ...INK });
    });
