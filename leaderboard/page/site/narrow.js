"use strict";
// Narrow: on a phone a line of the table is a card, and each of its cells says of which column it is.
const LONG = 12; // letters: what is longer has a line of its own
function labelCells() {
  const table = document.getElementById("table");
  const heads = [...table.tHead.querySelectorAll("th")].map((head) => head.textContent);
  table.setAttribute("role", "table"); // which it would not be any more, drawn as cards
  for (const part of [table.tHead, ...table.tBodies]) part.setAttribute("role", "rowgroup");
  for (const line of table.rows) line.setAttribute("role", "row");
  for (const head of table.tHead.querySelectorAll("th")) head.setAttribute("role", "columnheader");
  for (const line of table.tBodies[0].rows)
    [...line.cells].forEach((cell, i) => {
      cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : "cell");
      cell.dataset.label = heads[i] || "";
      cell.classList.toggle("long", cell.textContent.length > LONG);
    });
}
new MutationObserver(labelCells).observe(document.querySelector("#table tbody"), { childList: true });
