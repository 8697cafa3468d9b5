"use strict";
// Exports: what is seen, as files for a spreadsheet, for other programs, and as a picture.
// A cell that a spreadsheet would run is text, as the suite's own tables have it.
const guarded = (value) => (/^'*[=+\-@\t\r\n]/.test(value) ? "'" + value : value);
function cell(value) {
  if (!isNumber(value)) return "";
  const text = typeof value === "string" ? guarded(value) : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
const csv = (lines) => "\ufeff" + lines.map((line) => line.map(cell).join(",")).join("\n") + "\n";

function accountsCsv() {
  const heads = ["account", "pseudonym", "community", "posts", "median_engagement"];
  const ofScores = DATA.scores.flatMap(({ name }) => [
    name,
    `${name}_low`,
    `${name}_high`,
    `${name}_rank`,
    `${name}_could_be`,
  ]);
  const line = (i) => [
    ACCOUNTS.name[i],
    ACCOUNTS.renamed[i],
    communityName(communityOf(i)),
    ACCOUNTS.posts[i],
    ACCOUNTS.median[i],
    ...DATA.scores.flatMap((one) => [
      one.value[i],
      one.low[i],
      one.high[i],
      one.rank[i] || null,
      one.tied[i] || null,
    ]),
  ];
  return csv([[...heads, ...ofScores], ...canvas.seen.accounts.map(line)]);
}

const kindOf = (i) => DATA.kinds[EDGES.kind[i]];
const windowOf = (i) => (EDGES.window[i] < 0 ? null : DATA.windows[EDGES.window[i]][2]);

function edgesCsv() {
  const line = (i) => [
    ACCOUNTS.name[EDGES.source[i]],
    ACCOUNTS.name[EDGES.target[i]],
    kindOf(i),
    windowOf(i),
    EDGES.weight[i],
  ];
  return csv([["source", "target", "kind", "window", "weight"], ...canvas.seen.rows.map(line)]);
}

function graphml() {
  // XML has no way to write control characters, nor half a character.
  const plain = (text) =>
    String(text)
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, " ")
      .toWellFormed();
  const marks = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  const text = (value) => plain(value).replace(/[&<>"]/g, (one) => marks[one]);
  const datum = (key, value) => (isNumber(value) ? `<data key="${key}">${text(value)}</data>` : "");
  const of = (i) =>
    datum("name", ACCOUNTS.name[i]) +
    datum("community", communityName(communityOf(i))) +
    datum("posts", ACCOUNTS.posts[i]) +
    datum("median", ACCOUNTS.median[i]) +
    datum("x", ACCOUNTS.x[i]) +
    datum("y", ACCOUNTS.y[i]) +
    DATA.scores.map((one, k) => datum("s" + k, one.value[i])).join("");
  const key = (id, what, title, type) =>
    `<key id="${id}" for="${what}" attr.name="${text(title)}" attr.type="${type}"/>`;
  const keys = [
    key("name", "node", "label", "string"),
    key("community", "node", "community", "string"),
    key("posts", "node", "posts", "long"),
    key("median", "node", "median_engagement", "double"),
    key("x", "node", "x", "double"),
    key("y", "node", "y", "double"),
    ...DATA.scores.map((one, k) => key("s" + k, "node", one.name, "double")),
    key("kind", "edge", "kind", "string"),
    key("window", "edge", "window", "string"),
    key("weight", "edge", "weight", "double"),
  ];
  const nodes = canvas.seen.accounts.map((i) => `<node id="n${i}">${of(i)}</node>`);
  const edges = canvas.seen.rows.map(
    (i, at) =>
      `<edge id="e${at}" source="n${EDGES.source[i]}" target="n${EDGES.target[i]}">` +
      `${datum("kind", kindOf(i))}${datum("window", windowOf(i))}${datum("weight", EDGES.weight[i])}</edge>`,
  );
  const head =
    '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">';
  return [
    head,
    ...keys,
    '<graph edgedefault="directed">',
    ...nodes,
    ...edges,
    "</graph>",
    "</graphml>",
    "",
  ].join("\n");
}

// The layers of the picture on one sheet, with the names of communities and a line that says what it is.
function sheet() {
  const { renderer } = canvas;
  return sharp(() => drawnSheet(renderer));
}

// Twice as fine as on a screen, for slides: sigma asks the window how fine it is.
function sharp(act) {
  const fine = Math.max(2, devicePixelRatio);
  const told = Object.getOwnPropertyDescriptor(window, "devicePixelRatio");
  Object.defineProperty(window, "devicePixelRatio", { value: fine, configurable: true });
  try {
    canvas.renderer.resize(true);
    canvas.renderer.refresh(); // drawn now: what WebGL has drawn is gone after this moment
    return act();
  } finally {
    Object.defineProperty(window, "devicePixelRatio", told);
    canvas.renderer.resize(true);
    canvas.renderer.refresh();
  }
}

function drawnSheet(renderer) {
  const layers = renderer.getCanvases();
  const { width, height } = renderer.getDimensions();
  const scale = layers.nodes.width / width;
  const made = el("canvas", {
    width: layers.nodes.width,
    height: layers.nodes.height + Math.round(30 * scale),
  });
  const context = made.getContext("2d");
  context.fillStyle = theme("--paper");
  context.fillRect(0, 0, made.width, made.height);
  for (const layer of ["edges", "nodes", "labels", "hovers", "hoverNodes"])
    if (layers[layer]) context.drawImage(layers[layer], 0, 0);
  context.scale(scale, scale);
  context.font = "600 13px system-ui, sans-serif";
  context.textAlign = "center";
  for (const { text, colour, x, y } of namesInSight()) {
    const half = context.measureText(text).width / 2 + 16;
    context.fillStyle = theme("--paper");
    context.globalAlpha = 0.86;
    context.beginPath();
    context.roundRect(x - half, y - 12, 2 * half, 24, 12);
    context.fill();
    context.globalAlpha = 1;
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x - half + 12, y, 5, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = theme("--ink");
    context.fillText(text, x + 8, y + 4.5);
  }
  context.textAlign = "left";
  context.font = "12px system-ui, sans-serif";
  context.fillStyle = theme("--quiet");
  context.fillText(caption(), 12, height + 18, width - 24);
  return made;
}

function caption() {
  const time = byId("t-name") ? `, ${byId("t-name").textContent}` : "";
  const size = chosen() ? `; size: ${chosen().words}` : "";
  return `${DATA.title}${time}: ${some(canvas.seen.accounts.length, "account")}${size}; colour: community. Made by smpbench.`;
}

function save(blob, kind) {
  const link = el("a", { href: URL.createObjectURL(blob), download: `network_${DATA.dataset}${kind}` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
const saveText = (text, kind, type) => save(new Blob([text], { type }), kind);

function drawExports() {
  const button = (id, text, onclick) => el("button", { type: "button", id, onclick }, text);
  byId("exports").replaceChildren(
    el("span", { class: "quiet" }, "Save what is seen:"),
    button("save-accounts", "Accounts, CSV", () => saveText(accountsCsv(), "_accounts.csv", "text/csv")),
    button("save-edges", "Edges, CSV", () => saveText(edgesCsv(), "_edges.csv", "text/csv")),
    button("save-graphml", "GraphML", () => saveText(graphml(), ".graphml", "application/xml")),
    canvas.renderer ? button("save-png", "PNG", () => sheet().toBlob((blob) => save(blob, ".png"))) : "",
  );
}

// On paper WebGL leaves nothing: a picture of it stands in for it there.
addEventListener("beforeprint", () => {
  if (!canvas.renderer) return;
  const made = el("img", { id: "printed", alt: "" });
  made.src = sheet().toDataURL("image/png");
  byId("stage").append(made);
});
addEventListener("afterprint", () => byId("printed") && byId("printed").remove());
