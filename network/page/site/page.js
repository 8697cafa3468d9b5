"use strict";
// Page: draws everything from the state, at the start and after every change of it.
function draw() {
  const found = seen();
  drawFilters();
  drawTime();
  drawCanvas(found);
  drawCount(found);
  drawRanking();
  drawCommunity();
  drawCard(state.account === "" ? null : Number(state.account), state.account !== "");
}
const restore = () => {
  readAddress();
  shownLines = PAGE;
  draw();
};
addEventListener("popstate", restore);
addEventListener("hashchange", restore);
byId("filters").addEventListener("submit", (event) => event.preventDefault());
byId("community").addEventListener("cancel", (event) => {
  event.preventDefault();
  const from = state.open;
  change({ open: "" });
  if (byId("c-" + from)) byId("c-" + from).focus();
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && state.open === "" && state.account !== "") change({ account: "" });
});
readAddress();
drawNotes();
drawCommunities();
drawAgainst();
drawCrossings();
startCanvas();
drawZoom();
draw();
drawExports();
performance.mark("ready");
document.documentElement.dataset.ready = "yes";
