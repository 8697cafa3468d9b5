"use strict";
// Bar: two rows that are ticked, held against each other, in view until it is closed.
const COPIED = "copied-pair";

function drawPair() {
  const bar = document.getElementById("pair");
  const [a, b] = picked().map((id) => BY_ID.get(id));
  bar.hidden = !a;
  document.body.classList.toggle("barred", Boolean(a));
  if (!a) return bar.replaceChildren();
  const clear = () => {
    replaced = "";
    change({ pick: "" });
  };
  const close = el("button", { type: "button", id: "pair-close", "aria-label": "Close the comparison", onclick: clear }, "Close");
  if (!b)
    return bar.replaceChildren(
      el("div", { class: "says" }, el("p", { role: "status" }, el("strong", {}, nameOf(a)), " is ticked. Tick another row to compare the two."), close),
    );
  const wasOpen = bar.querySelector("details") && bar.querySelector("details").open;
  const [short, reasons] = sentences(chiefOf(a, b));
  bar.replaceChildren(
    el(
      "div",
      { class: "says" },
      el("div", { role: "status" }, el("p", { class: "short" }, short), el("p", { class: "reasons" }, reasons), replaced ? el("p", { class: "replaced" }, replaced) : null),
      close,
    ),
    el("details", { open: Boolean(wasOpen) }, el("summary", {}, "All measures, and copy"), allMeasures(a, b)),
  );
}

const PAIR_HEADS = (a, b) => ["measure", nameOf(a), nameOf(b), "difference", "95%, paired", "verdict"];

function pairLines(a, b) {
  const targets = a.targets.filter((target) => b.targets.includes(target));
  return targets.flatMap((target) =>
    Object.keys(own(a.scores, target) || {})
      .filter((measure) => own(own(b.scores, target), measure))
      .map((measure) => {
        const one = compared(a, b, target, measure);
        const { mine, theirs, ends } = one;
        const name = a.targets.length > 1 || target !== a.task ? `${target}, ${titleOf(measure)}` : titleOf(measure);
        const by = isNumber(mine) && isNumber(theirs) ? signed(theirs - mine) : "";
        return [name, fixed(mine), fixed(theirs), by, ends ? `[${signed(ends[0])}, ${signed(ends[1])}]` : "", toldOf(one)];
      }),
  );
}

function allMeasures(a, b) {
  const [heads, lines] = [PAIR_HEADS(a, b), pairLines(a, b)];
  const of = `${own(DATA.titles, a.dataset) || a.dataset}, ${a.task}, ${a.protocol}`;
  const caption = `${nameOf(a)} and ${nameOf(b)} on ${of}, ${amount(a.posts.test || 0, "test post")}; differences are of the second less the first, with paired 95% intervals.`;
  const whole = () => `On ${of}: ${sentences(chiefOf(a, b)).join(" ")}`;
  const undrawn = a.undrawn && !PAIRS.has(a.id) ? "The labels of these posts were not on the machine that made this page. " : "";
  const command = `smpbench compare ${a.baseline}:${a.variant} ${b.baseline}:${b.variant} -d ${a.dataset}`;
  return el(
    "div",
    {},
    scroller("Two rows by all measures", grid(heads, lines)),
    el(
      "p",
      { class: "copy" },
      "Copy as ",
      copyButton("Sentence", whole, COPIED),
      copyButton("LaTeX", () => texTable(heads, lines, caption), COPIED),
      copyButton("CSV", () => csvTable(heads, lines), COPIED),
      copyButton("BibTeX", () => bibTeX(a), COPIED),
    ),
    copyPlace(COPIED),
    quiet(`${undrawn}In a terminal: `, el("code", {}, command)),
  );
}
