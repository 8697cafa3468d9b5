"use strict";
// Standing: how far each row is from the best, and which rows can be told from which.
const APART = { better: "better", tie: "cannot be told", same: "the same", worse: "worse" };
const SIGNS = { better: "+", tie: "", same: "=", worse: "−" };
const MOST = 40; // rows of the picture of all pairs, the first of the table

// Paired differences: their intervals do not hold what all rows have in common, and so are not as wide.
function fromBest(lines) {
  const rows = lines.filter((line) => isNumber((score(line) || {}).rank)).slice(0, MOST);
  const bars = rows.map((line) => {
    const { rank, delta, deltaLow, deltaHigh, tie } = score(line);
    const best = rank === 1 && !isNumber(delta);
    return {
      name: nameOf(line.row),
      value: best ? 0 : delta,
      low: best ? 0 : deltaLow,
      high: best ? 0 : deltaHigh,
      tie,
    };
  });
  const known = bars.filter((bar) => isNumber(bar.value));
  if (known.length < 2) return null;
  const measure = titleOf(state.measure);
  const higher = DATA.measures[state.measure].better === "higher";
  const domain = focused(
    d3.sort(known, (bar) => Math.abs(bar.value)).map((bar) => [bar.value, bar.low, bar.high]),
  );
  const held = heldIn(domain);
  const shown = known.map((bar) => ({
    ...bar,
    at: held(bar.value),
    from: held(bar.low),
    to: held(bar.high),
    off: held(bar.value) !== bar.value,
  }));
  const title = (d) => `${d.name}: ${signed(d.value)} [${signed(d.low)}, ${signed(d.high)}]`;
  const fill = (d) => (d.tie ? "var(--best)" : ACCENT);
  const height = ofBars(shown.length, 22);
  const drawing = (width) => {
    const { left, fits } = beside(
      shown.map((bar) => bar.name),
      width,
    );
    return plot({
      width,
      height,
      marginTop: 8,
      marginLeft: left,
      marginRight: 16,
      x: {
        label: `${measure} less that of the best row`,
        grid: true,
        domain,
        tickFormat: "+",
        ticks: Math.max(3, Math.floor(width / 120)),
      },
      y: { label: null, domain: shown.map((bar) => bar.name), tickSize: 0, tickFormat: fits },
      marks: [
        Plot.ruleX([0], { stroke: "currentColor", strokeOpacity: 0.5 }),
        Plot.ruleY(
          shown.filter((bar) => isNumber(bar.low)),
          { y: "name", x1: "from", x2: "to", stroke: fill, strokeWidth: 4, strokeOpacity: 0.35, title },
        ),
        Plot.dot(
          shown.filter((bar) => !bar.off),
          { y: "name", x: "at", fill, r: 4.5, title },
        ),
        ...beyond(shown.filter((bar) => bar.off)),
      ],
    });
  };
  const off = shown.some((bar) => bar.off) ? " Numbers at the edge: rows beyond the scale." : "";
  const caption = `Paired differences with their 95% intervals; ${higher ? "left" : "right"} is worse. Green: rows of the 95% confidence set.${off}`;
  const numbers = {
    heads: ["row", "difference", "low", "high", "among the best"],
    lines: known.map((bar) => [
      bar.name,
      signed(bar.value),
      signed(bar.low),
      signed(bar.high),
      bar.tie ? "yes" : "no",
    ]),
  };
  return figure("How far from the best", caption, drawing, numbers, () => height);
}

// What an axis of the best has no room for stands at its edge, as a number.
function beyond(bars) {
  const sides = d3.groups(bars, (bar) => bar.value > bar.at);
  return sides.map(([high, some]) => {
    const text = ({ value }) => (high ? `${signed(value)} ▸` : `◂ ${signed(value)}`);
    return Plot.text(some, { y: "name", x: "at", text, textAnchor: high ? "end" : "start", ...INK });
  });
}

function apart(lines) {
  const { target } = lines[0];
  const rows = lines.map((line) => line.row).filter((row) => PAIRS.has(row.id));
  const some = rows.slice(0, MOST);
  const cells = d3
    .cross(some, some, (row, column) => {
      const ends = between(column, row, target, state.measure);
      return ends && { row: nameOf(row), column: nameOf(column), ends, found: verdict(ends, state.measure) };
    })
    .filter(Boolean)
    .map((cell) => ({ ...cell, verdict: APART[cell.found], sign: SIGNS[cell.found] }));
  if (!cells.length) return null;
  const first = rows.length > MOST ? ` The first ${MOST} rows.` : "";
  const caption = `Row of a line against row of a column, which has its number, by the 95% interval of the paired difference in ${titleOf(state.measure)}.${first}`;
  const told = ({ row, column, ends: [low, high], verdict }) =>
    `${row} less ${column}: [${signed(low)}, ${signed(high)}], ${verdict}`;
  const colours = {
    domain: Object.values(APART),
    range: ["var(--better)", "var(--line)", "var(--soft)", "var(--worse)"],
    legend: true,
  };
  const ink = (cell) => (cell.found === "same" ? "currentColor" : "#fff");
  const drawing = (width) =>
    matrix(some.map(nameOf), cells, width, { fill: "verdict", text: "sign", ink, told, colours });
  const numbers = {
    heads: ["row", "against", "low", "high", "verdict"],
    lines: cells.map(({ row, column, ends, verdict }) => [
      row,
      column,
      signed(ends[0]),
      signed(ends[1]),
      verdict,
    ]),
  };
  const tall = (width) => squares(some.map(nameOf), width).shown + LEGEND;
  return figure("Which rows can be told apart", caption, drawing, numbers, tall);
}

// The squares of a picture of all pairs: their side, how wide and high the picture is with its names, and how high
// it is shown: what is wider than its place shrinks into it.
function squares(names, width) {
  const { left, fits } = beside(names, width - 24);
  const side = Math.max(9, Math.min(26, (width - left - 28) / names.length));
  const whole = left + 24 + side * names.length + 4;
  const height = 30 + Math.max(side, 15) * names.length + 4;
  return { left, fits, side, whole, height, shown: height * Math.min(1, width / whole) };
}

// All rows against all: a column has the number of its row, for names stand on end or lie on each other.
function matrix(names, cells, width, { fill, text, ink, told, colours }) {
  const place = new Map(names.map((name, i) => [name, i + 1]));
  const { left, fits, side, whole, height } = squares(names, width);
  return plot({
    width: whole,
    height,
    marginLeft: left + 24,
    marginTop: 30,
    marginBottom: 4,
    marginRight: 4,
    x: {
      domain: names,
      axis: "top",
      label: null,
      tickSize: 0,
      tickFormat: (name) => (side < 15 && place.get(name) % 2 === 0 ? "" : String(place.get(name))),
    },
    y: { domain: names, label: null, tickSize: 0, tickFormat: (name) => `${fits(name)}  ${place.get(name)}` },
    color: colours,
    marks: [
      Plot.cell(cells, { x: "column", y: "row", fill, inset: side < 15 ? 0.5 : 1, title: told }),
      ...(side < 15
        ? []
        : [
            Plot.text(cells, { x: "column", y: "row", text, fill: ink, fontSize: 11, pointerEvents: "none" }),
          ]),
    ],
  });
}
