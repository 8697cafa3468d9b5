"use strict";
// Charts: of the table that is chosen, drawn when they come into view.
const ACCENT = "var(--accent)";
const WIDEST = 1100;
const USUAL = 340; // pixels, of a plot that says no other height
const LEGEND = 38; // pixels, of a line of colours and their names
const plot = ({ x = {}, y = {}, ...options }) =>
  Plot.plot({
    style: { background: "transparent", color: "inherit", fontSize: "12px", fontFamily: "inherit" },
    width: 560,
    height: USUAL,
    marginLeft: 52,
    marginTop: 26,
    marginBottom: 46,
    x: { labelAnchor: "center", labelArrow: "none", labelOffset: 38, tickSize: 4, ...x },
    y: { labelArrow: "none", tickSize: 4, ...y },
    ...options,
  });

// `drawing` is given the width that there is; `numbers` are what is drawn, as heads and lines of a table. `tall`
// says how high it will be in a width: so much room is kept, or what is below moves from under the pointer.
function figure(title, caption, drawing, numbers = null, tall = () => USUAL) {
  const holder = el("div", { class: "drawn" });
  const large = () => {
    const wide = Math.min(WIDEST, window.innerWidth - 80);
    enlarge(title, caption, speaking(drawing(wide, true)), numbers ? asTable(title, numbers) : "");
  };
  const tools = el(
    "div",
    { class: "tools" },
    el("button", { type: "button", onclick: large, "aria-label": `Enlarge: ${title}` }, "Enlarge"),
    numbers ? csvButton(title, () => [numbers.heads, ...numbers.lines], "CSV") : null,
  );
  const made = el(
    "figure",
    { class: "plot" },
    el("header", {}, el("h3", {}, title), tools),
    holder,
    el("figcaption", {}, caption),
    numbers ? listed(title, numbers) : null,
  );
  const speaking = (drawn) => {
    for (const part of drawn.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label"); // a group may have none
    const told = `${title}. ${caption}${numbers ? " Its numbers follow as a table." : ""}`;
    const plots = drawn.matches("figure, svg") ? [drawn] : [...drawn.querySelectorAll("h4 + *")];
    for (const one of plots) {
      const heading = one.previousElementSibling ? one.previousElementSibling.textContent + ". " : "";
      const whole = one.matches("svg") ? one : [...one.querySelectorAll("svg")].pop();
      whole.setAttribute("role", "img");
      whole.setAttribute("aria-label", heading + told);
    }
    return drawn;
  };
  const width = () => Math.max(280, holder.clientWidth || 560);
  made.reserve = () => (holder.style.minHeight = `${tall(width())}px`);
  made.draw = () => {
    made.wide = holder.clientWidth;
    holder.replaceChildren(speaking(drawing(width(), false)));
    holder.style.minHeight = "";
  };
  return made;
}

const asTable = (title, { heads, lines }) => scroller(`Numbers: ${title}`, grid(heads, lines));

// What is drawn, for whoever does not see it: written when it is opened.
function listed(title, numbers) {
  const found = el("details", { class: "numbers" }, el("summary", {}, "As a table"));
  found.addEventListener("toggle", () => {
    if (found.open && found.children.length === 1) found.append(asTable(title, numbers));
  });
  return found;
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
  if (!watcher) return made.draw();
  made.reserve();
  watcher.observe(made);
}

// On paper all are seen, and in another window they have another width.
const drawable = () => [...document.querySelectorAll("figure.plot")].filter((one) => one.draw);
window.addEventListener("beforeprint", () =>
  drawable()
    .filter((one) => !one.wide)
    .forEach((one) => one.draw()),
);
let resized = null;
window.addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(() => {
    const others = drawable().filter(
      (one) => one.wide && one.querySelector(".drawn").clientWidth !== one.wide,
    );
    others.forEach((one) => one.draw());
  }, 200);
});

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
  const figures = [fromBest, apart, costs, modalities, months, users, studies]
    .map((drawn) => drawn(lines))
    .filter(Boolean);
  holder.replaceChildren(...figures);
  figures.forEach(drawWhenSeen);
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
  const title = (d) => `${d.name}: ${fixed(d.value)}, ${duration(d.fit)}`;
  const domain = focused(d3.sort(points, (point) => point.rank).map((point) => [point.value, point.value]));
  const held = heldIn(domain);
  const shown = points.map((point) => ({
    ...point,
    log: Math.log10(point.fit),
    at: held(point.value),
    off: held(point.value) !== point.value,
  }));
  const first = new Set(front.map((point) => point.name));
  const ordered = [...shown].sort((a, b) => first.has(b.name) - first.has(a.name) || a.rank - b.rank);
  const off = shown.some((point) => point.off) ? " Triangles lie beyond the scale." : "";
  const numbers = {
    heads: ["row", "fit, s", titleOf(state.measure)],
    lines: points.map((point) => [point.name, String(point.fit), fixed(point.value)]),
  };
  const tall = (width) => Math.max(USUAL, Math.min(520, 0.6 * width));
  const drawing = (width) => {
    const height = tall(width);
    const [left, right, top, bottom] = [52, 16, 26, 46];
    const x = durationAxis(
      points.map((point) => point.fit),
      "time to fit",
    );
    const xAt = d3.scaleLinear(x.domain, [left, width - right]);
    const yAt = d3.scaleLinear(domain, higher ? [height - bottom, top] : [top, height - bottom]);
    const all = ordered.map((point) => ({ ...point, px: xAt(point.log), py: yAt(point.at) }));
    return plot({
      width,
      height,
      marginLeft: left,
      marginRight: right,
      x,
      y: { domain, label: titleOf(state.measure), grid: true, reverse: !higher },
      marks: [
        Plot.line(front, {
          x: (d) => Math.log10(d.fit),
          y: (d) => held(d.value),
          stroke: ACCENT,
          strokeOpacity: 0.5,
          curve: "step-after",
        }),
        Plot.dot(shown, {
          x: "log",
          y: "at",
          r: 4,
          fill: ACCENT,
          fillOpacity: (d) => (first.has(d.name) ? 1 : 0.45),
          symbol: (d) => (d.off ? "triangle" : "circle"),
          title,
        }),
        ...namesBeside(placed(all, width, height - bottom), "log", "at"),
      ],
    });
  };
  const caption = `The line joins rows that nothing faster beats. Higher up is better.${off}`;
  return figure("Score against fit time", caption, drawing, numbers, tall);
}

function modalities(lines) {
  const rows = d3.sort(
    lines.filter((line) => inputsOf(line.row).length && score(line)),
    (line) => inputsOf(line.row).length,
  );
  if (rows.length < 2) return null;
  const bars = rows.map((line) => ({ name: line.row.variant, ...score(line) }));
  const caption = `${rows[0].row.baseline}, given one modality after another: ${titleOf(state.measure)} with its interval.`;
  const drawing = (width) => intervals(bars, width);
  return figure("What each modality is worth", caption, drawing, ofIntervals(bars), () => ofBars(bars.length));
}

// The height of a plot with a bar a line.
const ofBars = (lines, line = 26) => 56 + line * lines;

// Values with their intervals, a line each.
function intervals(
  bars,
  width,
  { label = titleOf(state.measure), rule = null, domain = null, letters = null } = {},
) {
  const { left, fits } = beside(letters || bars.map((bar) => bar.name), width);
  const title = (d) =>
    `${d.name}: ${fixed(d.value)}${isNumber(d.low) ? ` [${fixed(d.low)}, ${fixed(d.high)}]` : ""}`;
  const known = bars.filter((bar) => isNumber(bar.low));
  return plot({
    width,
    height: ofBars(bars.length),
    marginTop: 8,
    marginLeft: left,
    marginRight: 16,
    x: { label, grid: true, ticks: Math.max(3, Math.floor(width / 110)), ...(domain ? { domain } : {}) },
    y: { label: null, domain: bars.map((bar) => bar.name), tickSize: 0, tickFormat: fits },
    marks: [
      ...(isNumber(rule) ? [Plot.ruleX([rule], { stroke: "currentColor", strokeOpacity: 0.45 })] : []),
      Plot.ruleY(known, {
        y: "name",
        x1: "low",
        x2: "high",
        stroke: ACCENT,
        strokeWidth: 4,
        strokeOpacity: 0.35,
        title,
      }),
      Plot.dot(bars, { y: "name", x: "value", fill: ACCENT, r: 4.5, title }),
    ],
  });
}

const ofIntervals = (bars) => ({
  heads: ["", titleOf(state.measure), "low", "high"],
  lines: bars.map((bar) => [bar.name, fixed(bar.value), fixed(bar.low), fixed(bar.high)]),
});

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
