"use strict";
// Page: draws everything from the state, at the start and after every change of it.
function draw() {
  drawCards();
  drawFilters();
  drawTable();
  drawPair();
  drawPaper();
  drawMine();
  drawCharts();
  drawDetail();
}
const restore = () => {
  if (location.hash.length > 1 && !location.hash.includes("=")) return; // a part of the page, and no state
  replaced = "";
  readAddress();
  shown = PAGE;
  draw();
};
window.addEventListener("popstate", restore);
window.addEventListener("hashchange", restore);
readAddress();
draw();
drawTogether();
drawLinks();
performance.mark("ready");
document.documentElement.dataset.ready = "yes";
