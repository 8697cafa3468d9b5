"use strict";
// Slices: how the best rows do on parts of the test posts, as skill there.
const BEST = 5;
const SLICES = d3.group(
  DATA.slices,
  (one) => one.slice(0, 6).join("/") + (one[6] ? "/crawl" : "") + "|" + one[7],
);

function slicesOf({ row, target }) {
  const found = SLICES.get(`${row.id}|${target}`) || [];
  return found.map(([, , , , , , , , slice, n, mae]) => ({ slice, n, mae }));
}

function skillBySlice(lines, wanted) {
  const { row, target } = lines[0];
  const reference = DATA.rows.find(
    (one) => one.baseline === DATA.reference && !one.crawl && sameTable(one, row),
  );
  if (!reference) return [];
  const base = new Map(slicesOf({ row: reference, target }).map((part) => [part.slice, part.mae]));
  const ranked = lines.filter((line) => isNumber((score(line, "mae") || {}).rank) && line.row !== reference);
  const best = d3.sort(ranked, (line) => score(line, "mae").rank).slice(0, BEST);
  return best.flatMap((line) =>
    slicesOf(line)
      .filter((part) => wanted(part.slice) && base.get(part.slice) > 0 && part.mae !== null)
      .map(({ slice, n, mae }) => ({ name: nameOf(line.row), slice, n, skill: 1 - mae / base.get(slice) })),
  );
}

const distinctSlices = (points) => new Set(points.map((point) => point.slice)).size;

function months(lines) {
  const points = skillBySlice(lines, (slice) => slice.startsWith("month="));
  if (distinctSlices(points) < 2) return null;
  const month = (d) => new Date(d.slice.slice(6) + "-01T00:00Z");
  const title = (d) => `${d.name}, ${d.slice.slice(6)}: ${signed(d.skill)} on ${d.n} posts`;
  const caption = `Of the five best rows: 1 − MAE / MAE of ${DATA.reference}. Does it fade as time passes?`;
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
