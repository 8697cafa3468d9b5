"use strict";
// Detail: one row with its scores, its provenance, its pictures and the command that runs it again.
function drawDetail() {
  const dialog = document.getElementById("detail");
  const row = BY_ID.get(state.open);
  if (!row) {
    if (dialog.open) dialog.close();
    return;
  }
  const pictures = [...againsts(row), ...reliabilities(row), ...calibrations(row)];
  const terms = facts(row).filter(([, value]) => value !== "");
  dialog.replaceChildren(
    el(
      "header",
      {},
      el("h2", { id: "detail-title" }, nameOf(row)),
      el("button", { type: "button", autofocus: true, onclick: () => dialog.close() }, "Close"),
    ),
    el("p", {}, row.summary || ""),
    el("dl", {}, ...terms.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))])),
    origin(row),
    el("div", { class: "charts" }, ...row.targets.map((target) => scoresOf(row, target)), ...pictures),
    row.undrawn ? quiet(row.undrawn) : "",
    ...learnt(row.plots || []),
  );
  pictures.forEach((made) => made.draw());
  dialog.onclose = () => {
    if (state.open) change({ open: "" });
  };
  if (!dialog.open) dialog.showModal();
}

function facts(row) {
  const { fit, predict, memory } = row.cost;
  const libraries = Object.entries(row.environment).map((pair) => pair.join(" "));
  const known = (text) => text || "?";
  return [
    ["data set", own(DATA.titles, row.dataset) || row.dataset],
    ["task, protocol", `${row.task}, ${row.protocol} (version ${row.version})`],
    ["status", row.status],
    ["seeds", row.seeds],
    ["posts", `fitted on ${row.posts.train ?? "?"}, tested on ${row.posts.test ?? "?"}`],
    [
      "cost",
      `fit ${known(seconds(fit))} s, ${known(fixed(predict, 2))} ms a post, ${known(fixed(memory, 0))} MB`,
    ],
    ["model family", row.family || "other"],
    ["content it reads", row.encodings.join(", ") || "none"],
    ["encoder profile", row.profile],
    ["encoders", (row.encoders || []).join(", ")],
    ["settings", Object.keys(row.settings || {}).length ? JSON.stringify(row.settings) : "defaults"],
    ["code", row.code],
    ["data", row.data],
    ["run", row.created || ""],
    ["sealed", row.sealed],
    ["selection", row.selection],
    ["may leak", row.leaks],
    ["libraries", libraries.join(", ")],
  ].filter(([name, value]) => value || !["encoders", "sealed", "selection", "may leak"].includes(name));
}

function origin(row) {
  if (row.external)
    return el("p", {}, "External: only the predictions are known; how they came about cannot be checked.");
  const variant = row.variant === "default" ? "" : ":" + row.variant;
  const command = [
    `smpbench run -d ${row.dataset} -b ${row.baseline}${variant} -p ${row.protocol} --seeds ${row.seeds}`,
    ["bundled", "none"].includes(row.profile) ? "" : `--profile ${row.profile}`,
    row.crawl ? "--with-crawl" : "",
    row.study ? "--study" : "",
  ];
  return el("div", {}, el("h3", {}, "Run it again"), el("pre", {}, command.filter(Boolean).join(" ")));
}

function scoresOf(row, target) {
  const lines = Object.entries(own(row.scores, target) || {}).map(([measure, { value, low, high, spread }]) => [
    titleOf(measure),
    fixed(value),
    low === null ? "" : `[${fixed(low)}, ${fixed(high)}]`,
    ...(row.seeds > 1 ? [fixed(spread)] : []),
  ]);
  const heads = ["", "score", "95%", ...(row.seeds > 1 ? ["sd of seeds"] : [])];
  return el("figure", {}, el("h3", {}, target), lines.length ? grid(heads, lines) : quiet("no score"));
}

function learnt(plots) {
  if (!plots.length) return [];
  const left = ({ why }) => quiet(why || "left out of this page: plots/ of the cell");
  const drawn = plots.map((one) => {
    const image = one.image ? el("img", { src: one.image, alt: one.name, loading: "lazy" }) : left(one);
    return el("figure", {}, image, el("figcaption", {}, one.name));
  });
  return [el("h3", {}, "What it has learnt (first seed)"), el("div", { class: "pictures" }, ...drawn)];
}

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
  return figure(`Predicted against actual: ${target}`, caption, () =>
    plot({
      width: 380,
      height: 340,
      color: { scheme: "blues", type: "sqrt", legend: true, label: "posts" },
      x: { label: "predicted →" },
      y: { label: "↑ actual" },
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
    }),
  );
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
  return figure(`Reliability: ${target}`, caption, () =>
    plot({
      width: 340,
      height: 340,
      x: { domain: [0, most], label: "foretold →", grid: true },
      y: { domain: [0, most], label: "↑ happened", grid: true },
      marks: [
        Plot.line(right, { stroke: "currentColor", strokeDasharray: "3 3" }),
        Plot.line(points, { x: "foretold", y: "happened", stroke: ACCENT }),
        Plot.dot(points, { x: "foretold", y: "happened", r: (d) => Math.sqrt(d.posts), fill: ACCENT, title }),
      ],
    }),
  );
}

const calibrations = (row) =>
  Object.entries(row.calibration || {}).map(([target, points]) => calibration(target, points));

function calibration(target, points) {
  const shares = points.map(([level, share]) => ({ level, share }));
  const right = [0, 1].map((end) => [end, end]);
  const caption = "Share of labels below each predicted quantile; a calibrated row lies on the line.";
  return figure(`Calibration: ${target}`, caption, () =>
    plot({
      width: 340,
      height: 340,
      x: { domain: [0, 1], label: "level →", grid: true },
      y: { domain: [0, 1], label: "↑ share below", grid: true },
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
    }),
  );
}
