"use strict";
// Copy: what is shown as text for elsewhere, in the clipboard and before the reader's eyes.
function copyButton(name, text, shownIn) {
  const copy = async () => {
    const copied = text();
    const holder = document.getElementById(shownIn);
    holder.hidden = false;
    holder.querySelector("pre").textContent = copied;
    const said = holder.querySelector("[role=status]");
    try {
      await navigator.clipboard.writeText(copied);
      said.textContent = `${name}: copied.`;
    } catch {
      said.textContent = `${name}: this browser lets no page copy. Select it here.`;
    }
  };
  return el("button", { type: "button", onclick: copy }, name);
}

const copyPlace = (id) =>
  el("div", { id, class: "copied", hidden: true }, el("p", { role: "status" }), el("pre", { tabindex: "0", "aria-label": "What was copied" }));

// LaTeX's own signs, as text; a minus of typesetters is one of mathematics.
const TEX = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "−": "$-$", "Δ": "$\\Delta$", "ρ": "$\\rho$", "²": "$^2$", "↑": "$\\uparrow$", "↓": "$\\downarrow$", "×": "$\\times$" };
const tex = (text) => String(text).replace(/[\\~^−Δρ²↑↓×]|[{}$&#_%]/g, (sign) => TEX[sign] || `\\${sign}`);

const isBold = (cell) => typeof cell === "object"; // every text has a method of that name

function texTable(heads, lines, caption) {
  const row = (cells) => `${cells.join(" & ")} \\\\`;
  return [
    "\\begin{table}",
    `\\caption{${tex(caption)}}`,
    `\\begin{tabular}{l${"r".repeat(heads.length - 1)}}`,
    "\\toprule",
    row(heads.map(tex)),
    "\\midrule",
    ...lines.map((cells) => row(cells.map((cell) => (isBold(cell) ? `\\textbf{${tex(cell.bold)}}` : tex(cell))))),
    "\\bottomrule",
    "\\end{tabular}",
    "\\end{table}",
    "",
  ].join("\n");
}

// A spreadsheet would run what begins with one of these signs.
const cellOf = (value) => {
  const text = String(isBold(value) ? value.bold : value).replaceAll("−", "-");
  const guarded = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? "'" + text : text;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
};
const csvTable = (heads, lines) => [heads, ...lines].map((line) => line.map(cellOf).join(",")).join("\n") + "\n";

const CITED = "smpbench: an open, leak-proof benchmark suite for social media popularity prediction";
function bibTeX(row) {
  const year = (DATA.rows.map((one) => one.created).filter(Boolean).sort().pop() || "").slice(0, 4);
  const note = `Data set ${row.dataset}, data ${row.data.slice(0, 16)}, protocol ${row.protocol}, version ${row.version}`;
  return [
    "@misc{smpbench,",
    `  title = {{${CITED}}},`,
    "  author = {{The smpbench authors}},",
    ...(year ? [`  year = {${year}},`] : []),
    `  note = {${tex(note)}},`,
    "}",
    "",
  ].join("\n");
}
