"use strict";
// Detail: one row: what it read, how it learnt, what it cost, where it fails, and how to run it again.
function drawDetail() {
  const dialog = document.getElementById("detail");
  const row = BY_ID.get(state.open);
  if (!row) {
    if (dialog.open) dialog.close();
    return;
  }
  const failing = row.targets.map((target) => fails(row, target)).filter(Boolean);
  const pictures = [...againsts(row), ...reliabilities(row), ...calibrations(row)];
  dialog.replaceChildren(
    el(
      "header",
      {},
      el(
        "div",
        {},
        el("h2", { id: "detail-title" }, nameOf(row)),
        quiet(`${own(DATA.titles, row.dataset) || row.dataset}: ${row.task}, ${row.protocol}`),
      ),
      el(
        "div",
        { class: "tools" },
        jsonButton(`row ${row.baseline} ${row.variant} ${row.dataset}`, () => wholeRow(row), "JSON"),
        el("button", { type: "button", autofocus: true, onclick: () => dialog.close() }, "Close"),
      ),
    ),
    row.summary ? el("p", { class: "summary" }, row.summary) : "",
    row.status === "ok" ? "" : el("p", { class: "status" }, row.status),
    el("div", { class: "facts" }, ...about(row).map(([title, terms]) => factsOf(title, terms))),
    part("Scores", el("div", { class: "scores" }, ...row.targets.map((target) => scoresOf(row, target)))),
    failing.length ? part("Where it fails", el("div", { class: "charts" }, ...failing)) : "",
    pictures.length ? part("Predicted and actual", el("div", { class: "charts" }, ...pictures)) : "",
    row.undrawn ? quiet(row.undrawn) : "",
    learnt(row),
    origin(row),
  );
  dialog.onclose = () => {
    if (state.open) change({ open: "" });
  };
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  [...failing, ...pictures].forEach((made) => made.draw()); // in a dialog that is open, whose width is known
}

const part = (title, ...content) => el("section", {}, el("h3", {}, title), ...content);

function factsOf(title, terms) {
  const known = terms.filter(([, value]) => value);
  if (!known.length) return "";
  const lines = known.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))]);
  return el("section", {}, el("h3", {}, title), el("dl", {}, ...lines));
}

function about(row) {
  const { fit, predict, memory } = row.cost;
  const settings = Object.entries(row.settings || {}).map(
    ([name, value]) => `${name} = ${Array.isArray(value) ? value.join(" + ") : value}`,
  );
  const posts = (count) => (isNumber(count) ? count.toLocaleString("en") : "");
  return [
    [
      "What it read",
      [
        ["training posts", posts(row.posts.train)],
        ["content", row.encodings.join(", ") || "none"],
        ["encoders", (row.encoders || []).join(", ") || (row.encodings.length ? row.profile : "")],
        ["crawl-time columns", row.crawl ? "yes: what nobody knows at publication" : "no"],
        ["selection", row.selection],
        ["may leak", row.leaks],
      ],
    ],
    [
      "How it learnt",
      [
        ["family", row.family || "other"],
        ["settings", settings.join(", ") || "defaults"],
        ["seeds", row.seeds],
        ["sealed", row.sealed],
        ["run", row.created],
      ],
    ],
    [
      "What it cost",
      [
        ["fit", duration(fit)],
        ["predict", isNumber(predict) ? `${predict.toPrecision(2)} ms a post` : ""],
        ["memory", isNumber(memory) ? `${memory.toFixed(0)} MB` : ""],
        ["test posts", posts(row.posts.test)],
      ],
    ],
  ];
}

function scoresOf(row, target) {
  const known = Object.entries(own(row.scores, target) || {});
  const spread = row.seeds > 1;
  const lines = known.map(([measure, found]) => [
    titleOf(measure) + (measure === row.primary ? " (ranks)" : ""),
    fixed(found.value),
    found.low === null ? "" : `${fixed(found.low)} to ${fixed(found.high)}`,
    ...(spread ? [fixed(found.spread)] : []),
  ]);
  const heads = ["measure", "score", "95% interval", ...(spread ? ["sd of seeds"] : [])];
  const table = lines.length ? scroller(`Scores: ${target}`, grid(heads, lines)) : quiet("no score");
  return el("div", {}, row.targets.length > 1 ? el("h4", {}, target) : "", table);
}

function learnt(row) {
  const plots = row.plots || [];
  if (!plots.length) return "";
  const left = ({ why, file }) => {
    if (why) return quiet(why);
    if (file && folderOf(row))
      return quiet("In the file beside this page: ", el("a", { href: `${folderOf(row)}/${file}` }, file));
    return quiet("left out of this page: plots/ of the cell");
  };
  const drawn = plots.map((one) => {
    const image = one.image ? picture(one.image, one.name) : left(one);
    return el("figure", {}, image, el("figcaption", {}, one.name));
  });
  return part("What it has learnt (first seed)", el("div", { class: "pictures" }, ...drawn));
}

function origin(row) {
  const files = [
    ["code", row.code],
    ["data", row.data],
    ["its file", folderOf(row) ? `${folderOf(row)}/row.json` : ""],
    ["protocol", `version ${row.version}`],
    [
      "libraries",
      Object.entries(row.environment)
        .map((pair) => pair.join(" "))
        .join(", "),
    ],
  ];
  const again = row.external
    ? el("p", {}, "External: only the predictions are known; how they came about cannot be checked.")
    : command(row);
  return part("Run it again", again, ...(folderOf(row) ? [fileLink(row)] : []), factsOf("Provenance", files));
}

// Where it is published, beside this page.
const folderOf = (row) => DATA.beside && DATA.folders[DATA.rows.indexOf(row)];
const fileLink = (row) =>
  el("p", {}, el("a", { href: `${folderOf(row)}/row.json` }, "Its row.json"), ", beside this page");

function command(row) {
  const variant = row.variant === "default" ? "" : ":" + row.variant;
  const words = [
    `smpbench run -d ${row.dataset} -b ${row.baseline}${variant} -p ${row.protocol} --seeds ${row.seeds}`,
    ["bundled", "none"].includes(row.profile) ? "" : `--profile ${row.profile}`,
    row.crawl ? "--with-crawl" : "",
    row.study ? "--study" : "",
  ];
  const text = words.filter(Boolean).join(" ");
  const copy = el("button", { type: "button", "aria-label": "Copy the command" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Select it, and copy by hand";
    }
  });
  return el("div", { class: "command" }, el("pre", {}, text), copy);
}
