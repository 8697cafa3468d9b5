"use strict";
// Pitfalls: what the mistakes of the literature are worth. No line of it is a row of the board.
const STUDY = ["dataset", "task", "protocol", "baseline", "variant", "seed"];

function drawPitfalls() {
  const studies = d3.groups(DATA.prices, (line) => STUDY.map((name) => line[name]).join("/"));
  const body = document.getElementById("pitfalls-body");
  const command = el("code", {}, "smpbench pitfalls -d DATA_SET --publish");
  if (!studies.length) {
    body.replaceChildren(quiet("Nothing was measured yet: ", command, "."));
    return;
  }
  const select = el(
    "select",
    { id: "pitfalls-of" },
    ...studies.map(([name, [line]]) => el("option", { value: name }, studyName(line))),
  );
  const shown = el("div", { class: "priced" });
  const show = () => showStudy(shown, new Map(studies).get(select.value));
  select.addEventListener("change", show);
  body.replaceChildren(
    el(
      "p",
      {},
      "By how much a score is better under a mistake than without it: the same baseline, the same data, one thing done wrong. ",
      doc("docs/pitfalls.md", "How it is measured"),
    ),
    el("label", { for: "pitfalls-of" }, "Measured on", select),
    shown,
  );
  show();
}

const studyName = (line) =>
  `${line.dataset} ${line.task}, ${line.protocol}: ${line.baseline}${line.variant === "default" ? "" : " " + line.variant}`;

function showStudy(holder, lines) {
  const measured = lines.filter((line) => line.status === "ok");
  const impossible = lines.filter((line) => line.status !== "ok");
  const [first] = measured;
  const ofFirst = measured.filter((line) => line.target === first.target);
  const measures = [...new Set(ofFirst.map((line) => line.measure))];
  const figures = measures.map((measure) =>
    priced(
      ofFirst.filter((line) => line.measure === measure),
      measure,
    ),
  );
  holder.replaceChildren(
    el("div", { class: "charts" }, ...figures),
    scroller("Prices of mistakes", priceTable(ofFirst, measures)),
    quiet("† Other test posts than the honest ones: not paired. * The interval does not hold 0."),
    el(
      "ul",
      { class: "notes" },
      ...notes(ofFirst, measures[0]),
      ...impossible.map((line) => el("li", {}, `${line.title}: not possible here: ${line.note}`)),
    ),
  );
  figures.forEach(drawWhenSeen);
}

const apartFromNothing = (line) => isNumber(line.low) && (line.low > 0 || line.high < 0);
const marked = (line) => line.title + (line.paired ? "" : " †");
const byInflation = (lines) => d3.sort(lines, (line) => -(line.inflation ?? 0));

function notes(lines, measure) {
  const told = lines.filter((line) => line.measure === measure && line.note);
  return told.map((line) => el("li", {}, `${line.title}: ${line.note}`));
}

function priceTable(lines, measures) {
  const by = d3.group(lines, (line) => line.title);
  const ordered = byInflation(lines.filter((line) => line.measure === measures[0]));
  const cells = (line) =>
    line && isNumber(line.inflation)
      ? [`${fixed(line.honest)} → ${fixed(line.wrong)}`, withEnds(line)]
      : ["", ""];
  const heads = ["mistake", ...measures.flatMap((measure) => [titleOf(measure), "inflation"])];
  const of = (title, measure) => by.get(title).find((line) => line.measure === measure);
  return grid(
    heads,
    ordered.map((line) => [marked(line), ...measures.flatMap((measure) => cells(of(line.title, measure)))]),
  );
}

const withEnds = (line) =>
  signed(line.inflation) +
  (isNumber(line.low)
    ? ` [${signed(line.low)}, ${signed(line.high)}]${apartFromNothing(line) ? " *" : ""}`
    : "");

function priced(lines, measure) {
  const shown = byInflation(lines.filter((line) => isNumber(line.inflation)));
  const known = shown.filter((line) => isNumber(line.low));
  const fill = (line) =>
    !apartFromNothing(line) ? "var(--quiet)" : line.low > 0 ? "var(--worse)" : "var(--better)";
  const title = (line) => `${line.title}: ${withEnds(line)}`;
  const drawing = (width) => {
    const { left, fits } = beside(shown.map(marked), width, 0.55);
    return plot({
      width,
      height: ofBars(shown.length),
      marginTop: 8,
      marginLeft: left,
      marginRight: 16,
      x: {
        label: `inflation of ${titleOf(measure)}`,
        grid: true,
        tickFormat: "+",
        ticks: Math.max(3, Math.floor(width / 110)),
      },
      y: { label: null, domain: shown.map(marked), tickSize: 0, tickFormat: fits },
      marks: [
        Plot.ruleX([0], { stroke: "currentColor", strokeOpacity: 0.5 }),
        Plot.ruleY(known, {
          y: marked,
          x1: "low",
          x2: "high",
          stroke: fill,
          strokeWidth: 4,
          strokeOpacity: 0.4,
          title,
        }),
        Plot.dot(shown, { y: marked, x: "inflation", fill, r: 4.5, title }),
      ],
    });
  };
  const numbers = {
    heads: ["mistake", "honest", "under it", "inflation", "low", "high"],
    lines: shown.map((line) => [
      marked(line),
      fixed(line.honest),
      fixed(line.wrong),
      signed(line.inflation),
      signed(line.low),
      signed(line.high),
    ]),
  };
  const caption = "Right of the line the score is better than it should be. Grey: the interval holds 0.";
  return figure(`Inflation of ${titleOf(measure)}`, caption, drawing, numbers, () => ofBars(shown.length));
}
