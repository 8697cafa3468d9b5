// Scale: counts on a logarithmic axis that all drafts share, so that their bars can be compared.
import { el, short, svg } from "/site/html.js";

// The axis of some expectations of one target: where a count lies (0 to 1), and at which counts lines are drawn.
export function axisOf(expectations) {
  const low = Math.max(0, Math.min(...expectations.map((one) => one.low)));
  const high = Math.max(low + 1, ...expectations.map((one) => one.high));
  const [from, to] = [Math.log1p(low), Math.log1p(high)];
  const room = 0.04 * (to - from);
  const at = (value) => (Math.log1p(Math.max(0, value)) - from + room) / (to - from + 2 * room);
  return { at, ticks: ticks(low, high, at) };
}

function ticks(low, high, at) {
  const found = low < 1 ? [0] : [];
  const decades = Math.log10((high + 1) / (low + 1));
  const steps = decades < 1.2 ? [1, 2, 5] : decades < 2.5 ? [1, 3] : [1];
  for (let ten = 1; ten <= high; ten *= 10) found.push(...steps.map((step) => step * ten));
  const inside = found.filter((value) => at(value) >= 0 && at(value) <= 0.98);
  // Labels need room: of those that lie too close, the later is left out.
  return inside.filter((value, i) => i === 0 || at(value) - at(inside[i - 1]) > 0.07);
}

const percent = (value) => `${(100 * value).toFixed(2)}%`;

export function axis({ at, ticks }) {
  return svg(
    "svg",
    { class: "axis", height: "18", width: "100%" },
    ...ticks.map((value) =>
      svg(
        "text",
        { x: percent(at(value)), y: "13", "text-anchor": at(value) < 0.03 ? "start" : "middle" },
        short(value),
      ),
    ),
  );
}

// What is said beside it in words is drawn here.
export function bar(expected, { at, ticks }) {
  const [low, middle, high] = [expected.low, expected.middle, expected.high].map((value) => at(value));
  const line = (x, kind, y1, y2) => svg("line", { class: kind, x1: percent(x), x2: percent(x), y1, y2 });
  return el(
    "div",
    { class: "track", "aria-hidden": "true" },
    svg(
      "svg",
      { width: "100%", height: "26" },
      ...ticks.map((value) => line(at(value), "grid", "0", "26")),
      svg("rect", {
        class: "interval",
        x: percent(low),
        width: percent(high - low),
        y: "9",
        height: "8",
        rx: "4",
      }),
      svg("circle", { class: "middle", cx: percent(middle), cy: "13", r: "6" }),
    ),
  );
}
