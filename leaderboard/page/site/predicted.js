"use strict";
// Predicted: what was said of the test posts, held against what came of them; first seed.
const DARK = window.matchMedia("(prefers-color-scheme: dark)");

function againsts(row) {
  const targets = row.targets.filter((target) => own(row.against, target));
  return targets.map((target) => against(target, row.against[target]));
}

function against(target, found) {
  const step = (found.high - found.low) / found.bins;
  const at = (i) => found.low + i * step;
  const cells = found.cells.map(([i, j, posts]) => ({
    x1: at(i),
    x2: at(i + 1),
    y1: at(j),
    y2: at(j + 1),
    posts,
  }));
  const right = [found.low, found.high].map((end) => [end, end]);
  const caption =
    "Number of test posts, first seed; on the line, the prediction is right. Squares of fewer than 3 posts are left out.";
  const numbers = {
    heads: ["predicted from", "to", "actual from", "to", "posts"],
    lines: cells.map((cell) => [
      fixed(cell.x1),
      fixed(cell.x2),
      fixed(cell.y1),
      fixed(cell.y2),
      String(cell.posts),
    ]),
  };
  const drawing = (width) => {
    const side = Math.min(width, 560);
    return plot({
      width: side,
      height: Math.min(side, 420),
      color: { scheme: DARK.matches ? "viridis" : "blues", type: "sqrt", legend: true, label: "posts" },
      x: { label: "predicted" },
      y: { label: "actual" },
      marks: [
        Plot.rect(cells, {
          x1: "x1",
          x2: "x2",
          y1: "y1",
          y2: "y2",
          fill: "posts",
          inset: 0,
          title: (d) => `${d.posts} posts`,
        }),
        Plot.line(right, { stroke: "currentColor" }),
      ],
    });
  };
  return figure(`Predicted against actual: ${target}`, caption, drawing, numbers);
}

const reliabilities = (row) =>
  Object.entries(row.reliability || {}).map(([target, steps]) => reliability(target, steps));

function reliability(target, steps) {
  const points = steps.map(([foretold, happened, posts]) => ({ foretold, happened, posts }));
  // A rare event lies in a corner of the whole square.
  const most = Math.min(1, 1.1 * d3.max(points, (d) => Math.max(d.foretold, d.happened)) || 1);
  const right = [0, most].map((end) => [end, end]);
  const caption =
    "Share of test posts to which it happened, by the probability that was foretold, in bins of as many posts; first seed.";
  const title = (d) => `${fixed(d.foretold)} foretold, ${fixed(d.happened)} happened, ${d.posts} posts`;
  const numbers = {
    heads: ["foretold", "happened", "posts"],
    lines: points.map((one) => [fixed(one.foretold), fixed(one.happened), String(one.posts)]),
  };
  const drawing = (width) =>
    plot({
      width: Math.min(width, 560),
      height: Math.min(width, 420),
      x: { domain: [0, most], label: "foretold", grid: true },
      y: { domain: [0, most], label: "happened", grid: true },
      marks: [
        Plot.line(right, { stroke: "currentColor", strokeDasharray: "3 3" }),
        Plot.line(points, { x: "foretold", y: "happened", stroke: ACCENT }),
        Plot.dot(points, { x: "foretold", y: "happened", r: (d) => Math.sqrt(d.posts), fill: ACCENT, title }),
      ],
    });
  return figure(`Reliability: ${target}`, caption, drawing, numbers);
}

const calibrations = (row) =>
  Object.entries(row.calibration || {}).map(([target, points]) => calibration(target, points));

function calibration(target, points) {
  const shares = points.map(([level, share]) => ({ level, share }));
  const right = [0, 1].map((end) => [end, end]);
  const caption = "Share of labels below each predicted quantile; a calibrated row lies on the line.";
  const numbers = {
    heads: ["level", "share below"],
    lines: shares.map((one) => [String(one.level), fixed(one.share)]),
  };
  const drawing = (width) =>
    plot({
      width: Math.min(width, 560),
      height: Math.min(width, 420),
      x: { domain: [0, 1], label: "level", grid: true },
      y: { domain: [0, 1], label: "share below", grid: true },
      marks: [
        Plot.line(right, { stroke: "currentColor", strokeDasharray: "3 3" }),
        Plot.line(shares, { x: "level", y: "share", stroke: ACCENT }),
        Plot.dot(shares, {
          x: "level",
          y: "share",
          fill: ACCENT,
          title: (d) => `${d.level}: ${fixed(d.share)}`,
        }),
      ],
    });
  return figure(`Calibration: ${target}`, caption, drawing, numbers);
}
