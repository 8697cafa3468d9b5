"use strict";
// Charts: of the table that is chosen, drawn when they come into view.
const ACCENT = "var(--accent)";
const plot = (options) =>
  Plot.plot({
    style: { background: "transparent", color: "inherit", fontSize: "12px" },
    width: 560,
    height: 320,
    marginLeft: 48,
    ...options,
  });

function figure(title, caption, drawing) {
  const holder = el("div");
  const made = el("figure", { class: "plot" }, el("h3", {}, title), holder, el("figcaption", {}, caption));
  made.draw = () => {
    const drawn = drawing();
    for (const part of drawn.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label"); // a group may have none
    const whole = drawn.tagName === "svg" ? drawn : [...drawn.querySelectorAll("svg")].pop();
    whole.setAttribute("role", "img");
    whole.setAttribute("aria-label", `${title}. ${caption}`);
    holder.replaceChildren(drawn);
  };
  return made;
}

const watcher =
  "IntersectionObserver" in window
    ? new IntersectionObserver(
        (entries) => {
          for (const entry of entries.filter((one) => one.isIntersecting)) {
            watcher.unobserve(entry.target);
            entry.target.draw();
          }
        },
        { rootMargin: "300px" },
      )
    : null;

function drawWhenSeen(made) {
  if (!made.draw) return; // a table is drawn already
  if (watcher) watcher.observe(made);
  else made.draw();
}

function ofOneTable(lines) {
  // charts are of one table: rows on different posts cannot be compared
  const tableOf = ({ row, target }) => [row.dataset, row.task, row.protocol, target, row.crawl].join("/");
  return new Set(lines.map(tableOf)).size === 1;
}

function drawCharts() {
  const holder = document.getElementById("charts");
  const of = document.getElementById("charts-of");
  const lines = visible();
  if (!ofOneTable(lines)) {
    of.textContent = "Choose one data set, task, target and protocol to see its charts.";
    holder.replaceChildren();
    return;
  }
  const { row } = lines[0];
  of.textContent = `${whereOf(lines[0])}, ${row.protocol}${row.crawl ? ", with crawl-time columns" : ""}`;
  const figures = [apart, costs, modalities, months, users, studies]
    .map((drawn) => drawn(lines))
    .filter(Boolean);
  holder.replaceChildren(...figures);
  figures.forEach(drawWhenSeen);
}

const APART = { better: "better", tie: "cannot be told", same: "the same", worse: "worse" };
const MOST = 40; // rows of the picture of all pairs, the first of the table

function apart(lines) {
  const { target } = lines[0];
  const rows = lines.map((line) => line.row).filter((row) => PAIRS.has(row.id));
  const some = rows.slice(0, MOST);
  const cells = d3.cross(some, some, (row, column) => {
    const ends = between(column, row, target, state.measure);
    return ends && { row, column, ends, verdict: APART[verdict(ends, state.measure)] };
  });
  if (!cells.some(Boolean)) return null;
  const names = some.map(nameOf);
  const title = ({ row, column, ends: [low, high], verdict }) =>
    `${nameOf(row)} less ${nameOf(column)}: [${signed(low)}, ${signed(high)}], ${verdict}`;
  const first = rows.length > MOST ? ` The first ${MOST} rows.` : "";
  const caption = `Row of a line against row of a column, by the 95% interval of the paired difference in ${titleOf(state.measure)}.${first}`;
  const drawing = () =>
    plot({
      width: 22 * names.length + 230,
      height: 22 * names.length + 215,
      marginLeft: 200,
      marginBottom: 185,
      x: { domain: names, label: null, tickRotate: -60 },
      y: { domain: names, label: null },
      color: {
        domain: Object.values(APART),
        range: ["var(--better)", "var(--line)", "var(--soft)", "var(--worse)"],
        legend: true,
      },
      marks: [
        Plot.cell(cells.filter(Boolean), {
          x: (d) => nameOf(d.column),
          y: (d) => nameOf(d.row),
          fill: "verdict",
          inset: 1,
          title,
        }),
      ],
    });
  const made = figure("Which rows can be told apart", caption, drawing);
  made.classList.add("tall");
  return made;
}

function costs(lines) {
  const points = lines
    .map((line) => ({ name: nameOf(line.row), fit: line.row.cost.fit, ...score(line) }))
    .filter((point) => point.fit > 0 && isNumber(point.value) && isNumber(point.rank));
  if (points.length < 2) return null;
  const higher = DATA.measures[state.measure].better === "higher";
  const front = [];
  for (const point of d3.sort(points, (one) => one.fit)) {
    const best = front.length ? front[front.length - 1].value : higher ? -Infinity : Infinity;
    if (higher ? point.value > best : point.value < best) front.push(point);
  }
  const title = (d) => `${d.name}: ${fixed(d.value)}, ${seconds(d.fit)} s`;
  const labelled = []; // from the best: its neighbours at nearly the same cost go without a name
  for (const point of [...front].reverse())
    if (labelled.every((other) => other.fit > 3 * point.fit)) labelled.push(point);
  const named = (odd, dy) => {
    const some = labelled.filter((_, i) => i % 2 === odd); // by turns above and below
    return Plot.text(some, { x: "fit", y: "value", text: "name", dy, fontSize: 11, fill: "currentColor" });
  };
  return figure("Score against fit time", "The line joins rows that nothing faster beats.", () =>
    plot({
      x: { type: "log", label: "fit, seconds →", grid: true, tickFormat: "~s" },
      y: { label: titleOf(state.measure), grid: true, reverse: !higher },
      marks: [
        Plot.line(front, { x: "fit", y: "value", stroke: ACCENT, curve: "step-after" }),
        Plot.dot(points, { x: "fit", y: "value", fill: ACCENT, title }),
        named(0, -9),
        named(1, 13),
      ],
    }),
  );
}

function modalities(lines) {
  const rows = d3.sort(
    lines.filter((line) => inputsOf(line.row).length && score(line)),
    (line) => inputsOf(line.row).length,
  );
  if (rows.length < 2) return null;
  const bars = rows.map((line) => ({ name: line.row.variant, ...score(line) }));
  const caption = `${rows[0].row.baseline}, given one modality after another: ${titleOf(state.measure)} with its interval.`;
  return figure("What each modality is worth", caption, () =>
    plot({
      height: 60 + 34 * bars.length,
      marginLeft: 90,
      x: { label: titleOf(state.measure), grid: true },
      y: { label: null, domain: bars.map((bar) => bar.name) },
      marks: [
        Plot.ruleY(bars, {
          y: "name",
          x1: "low",
          x2: "high",
          stroke: ACCENT,
          strokeWidth: 4,
          strokeOpacity: 0.35,
        }),
        Plot.dot(bars, { y: "name", x: "value", fill: ACCENT, r: 5, title: (d) => fixed(d.value) }),
      ],
    }),
  );
}

function studies(lines) {
  const { row, target } = lines[0];
  const rows = DATA.rows.filter((other) => other.study && sameTable(other, row) && other.crawl === row.crawl);
  const distinct = (of, name) => [...new Set(of.map((other) => other.settings[name]))].filter(Boolean);
  const tables = [...d3.group(rows, (other) => other.baseline)].map(([baseline, of]) => {
    const scalings = distinct(of, "scaling");
    const value = (loss, scaling) => {
      const found = of.find((other) => other.settings.loss === loss && other.settings.scaling === scaling);
      return found ? fixed((score({ row: found, target }) || {}).value) : "";
    };
    const told = distinct(of, "loss").map((loss) => [
      loss,
      ...scalings.map((scaling) => value(loss, scaling)),
    ]);
    return told.length && scalings.length ? grid(["loss", ...scalings], told, baseline) : null;
  });
  if (!tables.some(Boolean)) return null;
  const caption = `${titleOf(state.measure)} on the test posts: to be read, not to choose by.`;
  return el("figure", {}, el("h3", {}, "Loss × target scaling"), ...tables, el("figcaption", {}, caption));
}
