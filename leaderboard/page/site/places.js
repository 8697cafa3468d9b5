"use strict";
// Places: what the board holds beside its scores of engagement: what goes viral, and what a network tells.
function drawPlaces() {
  drawVirality();
  document
    .getElementById("network-body")
    .replaceChildren(
      el(
        "p",
        {},
        "Who names, follows or resembles whom, and whether that foretells anything that an account's own past does not: ",
        doc("docs/network.md", "what was found"),
        ". A row that reads a network stands in the table of its task, beside the same row without it.",
      ),
      quiet("A page of a network of your own: ", el("code", {}, "smpbench network -d DATA_SET"), "."),
    );
}

// One line a task about an event: how rare it is, and the row that foretells it best.
function drawVirality() {
  const lines = LINES.filter(
    ({ row, target }) => row.kind === "event" && own(row.scores, target) && !row.study && !row.crawl,
  );
  const body = document.getElementById("virality-body");
  if (!lines.length) {
    body.replaceChildren(
      el(
        "p",
        {},
        "Whether a post will do better than nearly all before it. No row of such a task is on this board yet.",
      ),
      quiet(
        "A data set with counts has one: ",
        el("code", {}, "smpbench run -d DATA_SET -t TASK"),
        "; ",
        doc("docs/cards.md", "how a card asks for it"),
        ".",
      ),
    );
    return;
  }
  const tables = d3.groups(lines, ({ row, target }) =>
    [row.dataset, row.task, row.protocol, target].join("/"),
  );
  const told = tables.map(([, some]) => {
    const { row, target } = some[0];
    const ranked = some.filter((line) => isNumber((score(line, row.primary) || {}).rank));
    const best = d3.least(ranked, (line) => score(line, row.primary).rank);
    const rate = row.rates[row.targets.indexOf(target)];
    const found = best && score(best, row.primary);
    const go = () => {
      change({
        data: row.dataset,
        task: row.task,
        protocol: row.protocol,
        target,
        measure: row.primary,
        open: "",
      });
      document.getElementById("board").scrollIntoView();
    };
    return [
      el("button", { type: "button", class: "link", onclick: go }, `${whereOf(some[0])}, ${row.protocol}`),
      isNumber(rate) ? `${(100 * rate).toFixed(1)}%` : "",
      best ? nameOf(best.row) : "",
      found ? `${fixed(found.value)} [${fixed(found.low)}, ${fixed(found.high)}]` : "",
    ];
  });
  body.replaceChildren(
    el(
      "p",
      {},
      "Whether a post will do better than nearly all before it. By chance, average precision is the share of events.",
    ),
    scroller("Tasks about events", grid(["task", "events", "best row", titleOf(lines[0].row.primary)], told)),
  );
}
