"use strict";
// Detail: one row with its provenance and pictures; and two rows side by side.
function drawDetail() {
  const dialog = document.getElementById("detail"), row = BY_ID.get(state.open);
  if (!row) { if (dialog.open) dialog.close(); return; }
  const command = `smpbench run -d ${row.dataset} -b ${row.baseline}${row.variant === "default" ? "" : ":" + row.variant} -p ${row.protocol} --seeds ${row.seeds}` +
    (row.encoders === "bundled" || row.encoders === "none" ? "" : ` --encoders ${row.encoders}`) + (row.crawl ? " --with-crawl" : "") + (row.study ? " --study" : "");
  const facts = [["data set", DATA.titles[row.dataset] || row.dataset], ["task, protocol", `${row.task}, ${row.protocol} (version ${row.version})`], ["status", row.status], ["seeds", row.seeds], ["posts", `fitted on ${row.n[0] ?? "?"}, tested on ${row.n[1] ?? "?"}`],
    ["cost", `fit ${seconds(row.cost[0]) || "?"} s, ${fixed(row.cost[1], 2) || "?"} ms a post, ${row.cost[2] === null ? "?" : row.cost[2].toFixed(0)} MB`], ["encoders", row.encoders], ["settings", row.settings && Object.keys(row.settings).length ? JSON.stringify(row.settings) : "defaults"],
    ["code", row.code], ["data", row.data], ["run", row.created], ["libraries", Object.entries(row.environment || {}).map((pair) => pair.join(" ")).join(", ")]];
  const scores = row.targets.map((target) => el("figure", {}, el("h3", {}, target), el("table", {}, el("tbody", {}, ...Object.entries(row.scores[target] || {}).map(([metric, [value, low, high]]) =>
    el("tr", {}, el("th", { scope: "row", class: "word" }, DATA.metrics[metric] ? DATA.metrics[metric].title : metric), el("td", {}, fixed(value)), el("td", {}, low === null ? "" : `[${fixed(low)}, ${fixed(high)}]`)))))));
  const against = row.against ? row.targets.filter((target) => row.against[target]).map((target) => histogram(target, row.against[target])) : [];
  const calibrated = row.calibration ? Object.entries(row.calibration).map(([target, points]) => calibration(target, points)) : [];
  const drawn = [...against, ...calibrated];
  dialog.replaceChildren(el("header", {}, el("h2", { id: "detail-title" }, nameOf(row)), el("button", { type: "button", autofocus: true, onclick: () => dialog.close() }, "Close")),
    el("p", {}, row.summary || ""), el("dl", {}, ...facts.filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))])),
    row.external ? el("p", {}, "External: only the predictions are known; how they came about cannot be checked.") : el("div", {}, el("h3", {}, "Run it again"), el("pre", {}, command)), el("div", { class: "charts" }, ...scores, ...drawn), row.pictures ? el("p", { class: "quiet" }, row.pictures) : "",
    ...((row.plots || []).length ? [el("h3", {}, "What it has learnt (first seed)"), el("div", { class: "pictures" }, ...row.plots.map((one) => el("figure", {}, one.image ? el("img", { src: one.image, alt: one.name, loading: "lazy" }) : el("p", { class: "quiet" }, "left out of this page: plots/ of the cell"), el("figcaption", {}, one.name))))] : []));
  drawn.forEach((made) => made.draw());
  dialog.onclose = () => { if (state.open) change({ open: "" }); };
  if (!dialog.open) dialog.showModal();
}

function histogram(target, found) {
  const step = (found.high - found.low) / found.bins, at = (i) => found.low + i * step;
  const cells = found.cells.map(([i, j, posts]) => ({ x1: at(i), x2: at(i + 1), y1: at(j), y2: at(j + 1), posts }));
  return figure(`Predicted against actual: ${target}`, "Number of test posts, first seed; on the line, the prediction is right. Squares of fewer than 3 posts are left out.", () => plot({ width: 380, height: 340, color: { scheme: "blues", type: "sqrt", legend: true, label: "posts" },
    x: { label: "predicted →" }, y: { label: "↑ actual" }, marks: [Plot.rect(cells, { x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: "posts", inset: 0, title: (d) => `${d.posts} posts` }), Plot.line([[found.low, found.low], [found.high, found.high]], { stroke: "currentColor" })] }));
}

function calibration(target, points) {
  const told = points.map(([level, share]) => ({ level, share }));
  return figure(`Calibration: ${target}`, "Share of labels below each predicted quantile; a calibrated row lies on the line.", () => plot({ width: 340, height: 340, x: { domain: [0, 1], label: "level →", grid: true }, y: { domain: [0, 1], label: "↑ share below", grid: true },
    marks: [Plot.line([[0, 0], [1, 1]], { stroke: "currentColor", strokeDasharray: "3 3" }), Plot.line(told, { x: "level", y: "share", stroke: ACCENT }), Plot.dot(told, { x: "level", y: "share", fill: ACCENT, title: (d) => `${d.level}: ${fixed(d.share)}` })] }));
}

function drawPair() {
  const section = document.getElementById("pair"), rows = picked().map((id) => BY_ID.get(id));
  section.hidden = rows.length < 2;
  if (rows.length < 2) return;
  const [a, b] = rows, same = a.dataset === b.dataset && a.task === b.task && a.protocol === b.protocol && a.data === b.data;
  const lines = a.targets.filter((target) => b.targets.includes(target)).flatMap((target) => Object.keys(a.scores[target] || {}).filter((metric) => (b.scores[target] || {})[metric]).map((metric) => {
    const mine = score({ row: a, target }, metric), theirs = score({ row: b, target }, metric);
    const paired = mine.rank === 1 && theirs.deltaLow !== null ? [theirs.deltaLow, theirs.deltaHigh] : theirs.rank === 1 && mine.deltaLow !== null ? [-mine.deltaHigh, -mine.deltaLow] : null;
    return el("tr", {}, el("th", { scope: "row", class: "word" }, `${target}, ${DATA.metrics[metric] ? DATA.metrics[metric].title : metric}`), el("td", {}, fixed(mine.value)), el("td", {}, fixed(theirs.value)), el("td", {}, signed(theirs.value - mine.value)),
      el("td", {}, same && paired ? `[${signed(paired[0])}, ${signed(paired[1])}]` : "unpaired"));
  }));
  document.getElementById("pair-body").replaceChildren(same ? "" : el("p", {}, "These rows are on different posts: their difference says nothing about the models."),
    el("div", { class: "scroll", role: "region", "aria-label": "Two rows", tabindex: "0" }, el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col", class: "word" }, ""), el("th", { scope: "col" }, nameOf(a)), el("th", { scope: "col" }, nameOf(b)), el("th", { scope: "col" }, "difference"), el("th", { scope: "col" }, "95%, paired"))), el("tbody", {}, ...lines))),
    el("p", { class: "quiet" }, `The interval of the paired difference is in this page where one of the two is the best row. Of any two: smpbench compare ${a.baseline}:${a.variant} ${b.baseline}:${b.variant}`));
}
