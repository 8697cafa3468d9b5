"use strict";
// Slices: how the best rows do on parts of the test posts, as skill there.
const BEST = 5;
const SLICES = d3.group(
  DATA.slices.lines.map((values) => named(DATA.slices.columns, values)),
  (one) => `${DATA.rows[one.row].id}|${one.target}`,
);
const slicesOf = ({ row, target }) => SLICES.get(`${row.id}|${target}`) || [];

// How far a value is from perfect.
const errorOf = (measure, value) => Math.abs(DATA.measures[measure].perfect - value);

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

function months(lines) {
  const points = skillBySlice(lines, (slice) => slice.startsWith("month="));
  if (distinctSlices(points) < 2) return null;
  const month = (d) => new Date(d.slice.slice(6) + "-01T00:00Z");
  const title = (d) => `${d.name}, ${d.slice.slice(6)}: ${signed(d.skill)} on ${d.n} posts`;
  const { primary, reference } = lines[0].row;
  const caption = `Of the five best rows: 1 − error / error of ${reference}, by ${titleOf(primary)}. Does it fade as time passes?`;
  return figure("Skill by month", caption, () =>
    plot({
      color: { legend: true, scheme: "Tableau10" },
      x: { type: "utc", label: null },
      y: { label: "skill", grid: true },
      marks: [
        Plot.ruleY([0]),
        Plot.line(points, { x: month, y: "skill", stroke: "name" }),
        Plot.dot(points, { x: month, y: "skill", fill: "name", title }),
      ],
    }),
  );
}

function users(lines) {
  const points = skillBySlice(lines, (slice) => slice === "seen_users" || slice === "unseen_users");
  if (distinctSlices(points) < 2) return null;
  const title = (d) => `${d.name}, ${d.slice}: ${signed(d.skill)} on ${d.n} posts`;
  const caption = "Skill of the five best rows on accounts with and without posts in training.";
  return figure("Known and new accounts", caption, () =>
    plot({
      color: { legend: true, scheme: "Tableau10" },
      marginLeft: 190,
      height: 60 + 34 * new Set(points.map((point) => point.name)).size,
      x: { label: "skill →", grid: true },
      y: { label: null },
      marks: [
        Plot.ruleX([0]),
        Plot.dot(points, { y: "name", x: "skill", fill: (d) => d.slice.replace("_", " "), r: 5, title }),
      ],
    }),
  );
}
