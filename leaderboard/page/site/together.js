"use strict";
// Together: one standing over all real tasks. It depends on no filter, and is drawn once.
function drawTogether() {
  const found = DATA.aggregate;
  document.getElementById("together").hidden = !found;
  if (!found) return;
  const columns = found.columns.filter((name) => found.rows.some((line) => isNumber(line[name])));
  const wins = winRates(found);
  const diagram = new DOMParser().parseFromString(found.diagram, "image/svg+xml").documentElement;
  const critical = el("figure", {}, el("h3", {}, "Critical difference"), document.importNode(diagram, true));
  document.getElementById("together-body").replaceChildren(
    quiet(`Tasks: ${found.tasks.join("; ")}.`),
    el("ul", { class: "notes" }, ...found.notes.map((note) => el("li", {}, note))),
    scroller(
      "Aggregates",
      grid(
        columns.map((name) => name.replaceAll("_", " ")),
        found.rows.map((line) => columns.map((name) => aggregated(name, line[name]))),
      ),
    ),
    el("div", { class: "charts" }, wins, critical),
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
  const cells = all
    .filter((cell) => cell.wins !== null && cell.row !== cell.column)
    .map((cell) => ({ ...cell, percent: (100 * cell.wins).toFixed(0) }));
  const told = (d) => `${d.row} wins ${d.percent}% of tasks from ${d.column}`;
  const ink = (d) => (Math.abs(d.wins - 0.5) > 0.28 ? "#fff" : "#1b1f24");
  const colours = { type: "diverging", scheme: "RdBu", domain: [0, 1], pivot: 0.5 };
  const numbers = {
    heads: ["row", "against", "wins, %"],
    lines: cells.map((d) => [d.row, d.column, d.percent]),
  };
  const drawing = (width) =>
    matrix(names, cells, width, { fill: "wins", text: "percent", ink, told, colours });
  const caption = "Percent of tasks that the row of a line wins from that of a column, which has its number.";
  return figure("Win rates", caption, drawing, numbers, (width) => squares(names, width).shown);
}
