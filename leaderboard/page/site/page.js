"use strict";
// Page: draws everything from the state, at the start and after every change of it.
function draw() {
  drawFilters();
  drawTable();
  drawPair();
  drawCharts();
  drawDownloads();
  drawDetail();
}
const restore = () => {
  readAddress();
  shown = PAGE;
  draw();
};
window.addEventListener("popstate", restore);
window.addEventListener("hashchange", restore);
readAddress();
draw();
drawTogether();
drawPitfalls();
drawPlaces();
drawAbout();
performance.mark("ready");
document.documentElement.dataset.ready = "yes";
