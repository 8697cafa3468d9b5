"use strict";
// Downloads: all that is shown, as files that are made here; and where more is to be read.
const RUN = /^'*[=+\-@\t\r\n]/;
const ISNUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

// Text that a spreadsheet shows and does not run; numbers stay, with the minus sign that a program reads.
function csvCell(value) {
  const text = value === null || value === undefined ? "" : String(value);
  const number = text.replace("−", "-");
  if (ISNUMBER.test(number)) return number;
  const guarded = RUN.test(text) ? "'" + text : text;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
const csvText = (lines) => lines.map((line) => line.map(csvCell).join(",")).join("\n") + "\n";

function save(name, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = el("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
const fileName = (words, ending) =>
  `smpbench ${words}`.toLowerCase().replace(/[^a-z0-9]+/g, "-") + "." + ending;

const csvButton = (words, lines, text = words) =>
  el(
    "button",
    {
      type: "button",
      "aria-label": `CSV: ${words}`,
      onclick: () => save(fileName(words, "csv"), csvText(lines()), "text/csv"),
    },
    text,
  );
const jsonButton = (words, told, text) =>
  el(
    "button",
    {
      type: "button",
      onclick: () => save(fileName(words, "json"), JSON.stringify(told(), null, 1), "application/json"),
    },
    text,
  );

const IDENTITY = ["dataset", "task", "protocol", "baseline", "variant", "profile", "crawl"];
const identityOf = (row) => IDENTITY.map((name) => row[name]);

function tableLines() {
  const measures = [
    ...new Set(visible().flatMap(({ row, target }) => Object.keys(own(row.scores, target) || {}))),
  ];
  const heads = [...IDENTITY, "target", "status", "seeds", "fit_seconds", "measure", ...DATA.columns];
  const lines = visible().flatMap(({ row, target }) => {
    const first = [...identityOf(row), target, row.status, row.seeds, row.cost.fit];
    const known = measures.filter((measure) => own(own(row.scores, target), measure));
    if (!known.length) return [first];
    return known.map((measure) => [
      ...first,
      measure,
      ...DATA.columns.map((name) => row.scores[target][measure][name]),
    ]);
  });
  return [heads, ...lines];
}

function sliceLines() {
  const heads = [...IDENTITY, "target", "measure", "slice", "n", "score", "score_low", "score_high"];
  const lines = visible().flatMap((line) =>
    slicesOf(line).map((part) => [
      ...identityOf(line.row),
      line.target,
      line.row.primary,
      part.slice,
      part.n,
      part.value,
      part.low,
      part.high,
    ]),
  );
  return [heads, ...lines];
}

function aggregateLines() {
  const { columns, rows } = DATA.aggregate;
  return [columns, ...rows.map((line) => columns.map((name) => line[name]))];
}

function priceLines() {
  const columns = Object.keys(DATA.prices[0]);
  return [columns, ...DATA.prices.map((line) => columns.map((name) => line[name]))];
}

// One row with all that the page knows of it, but for its pictures.
function wholeRow(row) {
  const slices = Object.fromEntries(row.targets.map((target) => [target, slicesOf({ row, target })]));
  const { plots, id, ...rest } = row;
  return { ...rest, slices: mapped(slices, (some) => some.map(({ row: _, target: __, ...part }) => part)) };
}

function drawDownloads() {
  const lines = visible().length;
  document
    .getElementById("downloads-body")
    .replaceChildren(
      el(
        "p",
        { class: "buttons" },
        csvButton("scores", tableLines, `Scores of the ${lines.toLocaleString("en")} lines shown (CSV)`),
        csvButton("slices", sliceLines, "Their slices (CSV)"),
        DATA.aggregate ? csvButton("aggregate", aggregateLines, "All data sets together (CSV)") : null,
        DATA.prices.length ? csvButton("pitfalls", priceLines, "Prices of mistakes (CSV)") : null,
      ),
      quiet("A row's own page has it as JSON; every chart has its numbers as CSV."),
    );
}

// A document of the checkout: a link where the page lies in it, else its name.
const doc = (path, text) =>
  DATA.root
    ? el("a", { href: `${DATA.root}/${path}` }, text)
    : el("span", {}, `${text} (`, el("code", {}, path), ")");

function drawAbout() {
  const dates = DATA.rows
    .map((row) => row.created)
    .filter(Boolean)
    .sort();
  const versions = [...new Set(DATA.rows.map((row) => row.version))].sort();
  const until = dates.length ? `Results until ${dates[dates.length - 1]}, ` : "";
  const links = [
    doc("leaderboard/published/LEADERBOARD.md", "The board as text"),
    doc("docs/protocol.md", "Protocol"),
    doc("datasets", "Cards of the data sets"),
    doc("baselines", "Code of the baselines"),
    doc("docs/leaderboard.md", "How to read this page"),
    doc("docs/submissions.md", "Add your model"),
  ];
  document
    .getElementById("about")
    .replaceChildren(
      el("p", {}, `${until}protocol version ${versions.join(", ")}.`),
      el("ul", { class: "links" }, ...links.map((link) => el("li", {}, link))),
    );
}
