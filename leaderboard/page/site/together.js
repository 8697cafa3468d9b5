"use strict";
// Together: one standing over all real tasks. It depends on no filter, and is drawn once.
function drawTogether() {
  const found = DATA.aggregate;
  document.getElementById("together").hidden = !found;
  if (!found) return;
  const wins = winRates(found);
  const diagram = new DOMParser().parseFromString(found.diagram, "image/svg+xml").documentElement;
  const critical = el("figure", {}, el("h3", {}, "Critical difference"), document.importNode(diagram, true));
  document.getElementById("together-body").replaceChildren(
    quiet(`Tasks: ${found.tasks.join("; ")}.`),
    el("ul", {}, ...found.notes.map((note) => el("li", {}, note))),
    scroller(
      "Aggregates",
      grid(
        found.columns.map((name) => name.replace("_", " ")),
        found.rows.map((line) => found.columns.map((name) => aggregated(name, line[name]))),
      ),
    ),
    el("div", { class: "charts" }, critical, wins),
  );
  drawWhenSeen(wins);
}

function aggregated(column, value) {
  if (typeof value !== "number") return value || "";
  if (["tasks", "imputed"].includes(column)) return String(value);
  return column.startsWith("elo") ? fixed(value, 0) : fixed(value);
}

function winRates(found) {
  const names = found.rows.map((line) => line.row);
  const all = names.flatMap((row, i) => names.map((column, j) => ({ row, column, wins: found.wins[i][j] })));
  const cells = all.filter((cell) => cell.wins !== null);
  const title = (d) => `${d.row} wins ${(100 * d.wins).toFixed(0)}% of tasks from ${d.column}`;
  return figure("Win rates", "Share of tasks that the row of a line wins from that of a column.", () =>
    plot({
      width: 640,
      height: 560,
      marginLeft: 190,
      marginBottom: 170,
      x: { domain: names, label: null, tickRotate: -60 },
      y: { domain: names, label: null },
      color: { type: "diverging", scheme: "RdBu", domain: [0, 1], pivot: 0.5, legend: true, label: "wins" },
      marks: [Plot.cell(cells, { x: "column", y: "row", fill: "wins", title })],
    }),
  );
}
