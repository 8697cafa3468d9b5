"use strict";
// Unpack: the data lie packed in the page, and browsers unpack in their own time. The other scripts wait until then;
// this one comes after them, since it may be done at once.
let unpacked = "";
async function unpack() {
  const packed = atob(document.getElementById("data").textContent);
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i += 1) bytes[i] = packed.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  unpacked = await new Response(stream).text();
  for (const waiting of document.querySelectorAll('script[type="text/waiting"]')) {
    const script = document.createElement("script");
    script.textContent = waiting.textContent;
    waiting.replaceWith(script);
  }
}
unpack().catch(() => {
  document.getElementById("says").textContent =
    "This page could not be unpacked: its file is damaged, or the browser is from before 2023. The same scores are in LEADERBOARD.md and leaderboard.csv.";
});
