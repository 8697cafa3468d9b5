"use strict";
// Slices: how rows do on parts of the test posts.
const BEST = 5;
const SLICES = d3.group(
  DATA.slices.lines.map((values) => {
    const one = named(DATA.slices.columns, values);
    return { ...one, slice: DATA.slices.names[one.slice] };
  }),
  (one) => `${DATA.rows[one.row].id}|${one.target}`,
);
const slicesOf = ({ row, target }) => SLICES.get(`${row.id}|${target}`) || [];

// How far a value is from perfect.
const errorOf = (measure, value) => Math.abs(DATA.measures[measure].perfect - value);

const MONTH = new Intl.DateTimeFormat("en", { month: "short", year: "numeric", timeZone: "UTC" });

// A kind of slices, and the name of one of it: ["month", "Oct 2021"].
function sliceName(slice) {
  if (slice === "unseen_users") return ["accounts", "new accounts"];
  if (slice === "seen_users") return ["accounts", "known accounts"];
  const [kind, ...rest] = slice.split("=");
  const value = rest.join("=");
  if (kind === "month") return ["months", MONTH.format(new Date(value + "-01T00:00Z"))];
  if (value) return [kind.replaceAll("_", " "), value];
  return ["rare categories", slice.replaceAll("_", " ")];
}

// Where a row fails: each part of the test posts by the measure that ranks, with its interval.
function fails(row, target) {
  const parts = slicesOf({ row, target }).filter((part) => part.value !== null);
  if (!parts.length) return null;
  const measure = row.primary;
  const whole = (score({ row, target }, measure) || {}).value;
  const bars = parts.map((part) => {
    const [kind, name] = sliceName(part.slice);
    return { kind, name: `${name} (${part.n.toLocaleString("en")})`, slice: part.slice, ...part };
  });
  const groups = d3.groups(bars, (bar) => bar.kind);
  const axis = sharedAxis(bars, whole);
  const without = bars.every((bar) => bar.low === null);
  const told = without
    ? "Without intervals: this row is from before slices had them."
    : "With 95% intervals.";
  const better = DATA.measures[measure].better === "higher" ? "right" : "left";
  const caption = `${titleOf(measure)} on parts of the test posts, their number behind each; the line is the score on all of them, further ${better} is better. ${told}`;
  const names = bars.map((bar) => bar.name);
  const alike = { label: titleOf(measure), rule: whole, domain: axis, letters: names };
  const drawing = (width) =>
    el(
      "div",
      { class: "groups" },
      ...groups.map(([kind, some]) => el("div", {}, el("h4", {}, kind), intervals(some, width, alike))),
    );
  const numbers = {
    heads: ["part of the test posts", "posts", titleOf(measure), "low", "high"],
    lines: bars.map((bar) => [
      sliceName(bar.slice).join(": "),
      String(bar.n),
      fixed(bar.value),
      fixed(bar.low),
      fixed(bar.high),
    ]),
  };
  return figure(`Parts of the test posts: ${target}`, caption, drawing, numbers);
}

// Groups are read against each other.
function sharedAxis(bars, whole) {
  const values = bars.map((bar) => bar.value);
  const ends = [...values, whole, ...bars.flatMap((bar) => [bar.low, bar.high])].filter(isNumber);
  const [low, high] = d3.extent(ends);
  const room = 0.03 * (high - low) || 0.1;
  return [low - room, high + room];
}

function skillBySlice(lines, wanted) {
  const { row, target } = lines[0];
  const { primary } = row;
  const reference = DATA.rows.find(
    (one) => one.baseline === row.reference && !one.crawl && sameTable(one, row),
  );
  if (!reference) return [];
  const of = (part) => errorOf(primary, part.value);
  const base = new Map(slicesOf({ row: reference, target }).map((part) => [part.slice, of(part)]));
  const ranked = lines.filter(
    (line) => isNumber((score(line, primary) || {}).rank) && line.row !== reference,
  );
  const best = d3.sort(ranked, (line) => score(line, primary).rank).slice(0, BEST);
  return best.flatMap((line) =>
    slicesOf(line)
      .filter((part) => wanted(part.slice) && base.get(part.slice) > 0 && part.value !== null)
      .map((part) => ({
        name: nameOf(line.row),
        slice: part.slice,
        n: part.n,
        skill: 1 - of(part) / base.get(part.slice),
      })),
  );
}

const distinctSlices = (points) => new Set(points.map((point) => point.slice)).size;

// As many of them as there is room for, equally far apart.
const thinned = (all, room) =>
  all.filter((_, i) => i % Math.ceil(all.length / Math.max(1, Math.floor(room))) === 0);

const ofSkill = (points) => ({
  heads: ["row", "part of the test posts", "posts", "skill"],
  lines: points.map((one) => [one.name, sliceName(one.slice)[1], String(one.n), signed(one.skill)]),
});

function months(lines) {
  const points = skillBySlice(lines, (slice) => slice.startsWith("month="));
  if (distinctSlices(points) < 2) return null;
  const month = (d) => new Date(d.slice.slice(6) + "-01T00:00Z");
  const title = (d) => `${d.name}, ${sliceName(d.slice)[1]}: ${signed(d.skill)} on ${d.n} posts`;
  const { primary, reference } = lines[0].row;
  const caption = `Of the five best rows: 1 − error / error of ${reference}, by ${titleOf(primary)}. Does it fade as time passes?`;
  const moments = [...new Set(points.map((point) => +month(point)))]
    .sort(d3.ascending)
    .map((at) => new Date(at));
  const drawing = (width) =>
    plot({
      width,
      marginRight: 24,
      color: { legend: true, scheme: "Tableau10" },
      x: { type: "utc", label: null, ticks: thinned(moments, width / 80), tickFormat: MONTH.format },
      y: { label: "skill", grid: true, tickFormat: "+", ticks: 6 },
      marks: [
        Plot.ruleY([0], { strokeOpacity: 0.6 }),
        Plot.line(points, { x: month, y: "skill", stroke: "name", strokeWidth: 1.5 }),
        Plot.dot(points, { x: month, y: "skill", fill: "name", title }),
      ],
    });
  return figure("Skill by month", caption, drawing, ofSkill(points), () => USUAL + LEGEND);
}

function users(lines) {
  const points = skillBySlice(lines, (slice) => slice === "seen_users" || slice === "unseen_users");
  if (distinctSlices(points) < 2) return null;
  const title = (d) => `${d.name}, ${sliceName(d.slice)[1]}: ${signed(d.skill)} on ${d.n} posts`;
  const height = 74 + 30 * new Set(points.map((point) => point.name)).size;
  const drawing = (width) => {
    const { left, fits } = beside(
      points.map((point) => point.name),
      width,
    );
    return plot({
      width,
      color: { legend: true, scheme: "Tableau10" },
      marginLeft: left,
      height,
      x: { label: "skill", grid: true, tickFormat: "+", ticks: Math.max(3, Math.floor(width / 110)) },
      y: { label: null, tickSize: 0, tickFormat: fits },
      marks: [
        Plot.ruleX([0], { strokeOpacity: 0.6 }),
        Plot.dot(points, { y: "name", x: "skill", fill: (d) => sliceName(d.slice)[1], r: 5, title }),
      ],
    });
  };
  const caption = "Skill of the five best rows on accounts with and without posts in training.";
  return figure("Known and new accounts", caption, drawing, ofSkill(points), () => height + LEGEND);
}
