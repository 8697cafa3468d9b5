"use strict";
// Paper: the table that is shown as a paper prints it, and how one's own model comes into it.
const PAPER = "copied-paper";

function paperTable(lines) {
  const [{ row, target }] = lines;
  const measures = [state.measure, ...row.brief.filter((name) => name !== state.measure)];
  const arrow = { higher: " ↑", lower: " ↓" };
  const heads = ["Model", ...measures.map((name) => titleOf(name) + (arrow[DATA.measures[name].better] || "")), "Δ best"];
  const cell = (line, name) => {
    const found = score(line, name);
    if (!found || !isNumber(found.value)) return "";
    const text = fixed(found.value) + (found.low === null ? "" : ` [${fixed(found.low)}, ${fixed(found.high)}]`);
    return found.tie ? { bold: text } : text;
  };
  const cells = lines
    .filter((line) => score(line))
    .map((line) => [nameOf(line.row), ...measures.map((name) => cell(line, name)), drawDelta(score(line))]);
  const of = TABLES.get(tableOf(lines[0]));
  const caption = [
    `${own(DATA.titles, row.dataset) || row.dataset}: ${row.task === target ? target : `${row.task}, ${target}`}, protocol ${row.protocol} (version ${row.version}).`,
    `${of ? restsOn(of) : amount(row.posts.test || 0, "test post")}, after ${amount(row.posts.train || 0, "earlier post")} of training.`,
    "In brackets: 95% intervals. Bold: the 95% confidence set of the best rows.",
    row.crawl ? "Rows read columns known only at collection." : "",
    row.selection ? `Selection: ${row.selection}.` : "",
    `Data ${row.data.slice(0, 16)}.`,
  ];
  return { heads, cells, caption: caption.filter(Boolean).join(" ") };
}

function drawPaper() {
  const holder = document.getElementById("paper-body");
  const lines = visible();
  if (!ofOneTable(lines)) {
    holder.replaceChildren(quiet("Choose one data set, task, target and protocol: a paper's table is of one."));
    return;
  }
  const { row, target } = lines[0];
  const command = `smpbench table -d ${row.dataset} -t ${row.task} --target ${target} -p ${row.protocol}${row.crawl ? " --with-crawl" : ""}`;
  const made = () => paperTable(visible());
  holder.replaceChildren(
    el(
      "p",
      { class: "copy" },
      "Copy the table above as ",
      copyButton("LaTeX", () => texTable(made().heads, made().cells, made().caption), PAPER),
      copyButton("CSV", () => csvTable(made().heads, made().cells), PAPER),
      copyButton("BibTeX", () => bibTeX(row), PAPER),
    ),
    copyPlace(PAPER),
    quiet("Or print it from the results, with every measure:"),
    el("pre", {}, command),
  );
}

function drawMine() {
  const card = DATA.cards.find((one) => one.dataset === state.data) || DATA.cards[0];
  if (!card) return;
  const rival = card.best || DATA.rows.find((row) => row.dataset === card.dataset).reference;
  const commands = [
    "smpbench new baseline my_model        # a file that already runs: change fit and predict",
    `smpbench run -d ${card.dataset} -b my_model`,
    `smpbench compare ${rival} my_model -d ${card.dataset}`,
  ];
  document
    .getElementById("mine-body")
    .replaceChildren(
      el("p", {}, "A model is one file with two methods. It is fitted and scored as every row here, and stands on your own copy of this page:"),
      el("pre", {}, commands.join("\n")),
      el("p", {}, "A model that runs elsewhere comes in by its predictions, a CSV of ", el("code", {}, "post_id"), " and a column a target:"),
      el("pre", {}, `smpbench score predictions.csv -d ${card.dataset} --name my_model`),
      quiet(el("code", {}, "smpbench publish"), " puts it among the published rows; docs/submissions.md says how it gets here."),
    );
}

// A button of the head opens its part of the page, wherever that is.
function drawLinks() {
  for (const link of document.querySelectorAll("[data-opens]"))
    link.onclick = () => {
      const part = document.getElementById(link.dataset.opens);
      part.open = true;
      part.scrollIntoView({ block: "start" });
      part.querySelector("summary").focus({ preventScroll: true });
    };
}
