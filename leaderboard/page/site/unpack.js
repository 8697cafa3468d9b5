"use strict";
// Unpack: the data and the libraries lie packed in the page, and browsers unpack in their own time. The other scripts
// wait until then; this one comes after them, since it may be done at once.
let unpacked = "";
async function unpackedText(element) {
  const packed = atob(element.textContent);
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i += 1) bytes[i] = packed.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}
async function unpack() {
  unpacked = await unpackedText(document.getElementById("data"));
  for (const waiting of document.querySelectorAll("script.waiting")) {
    const script = document.createElement("script");
    script.textContent = waiting.type === "application/gzip" ? await unpackedText(waiting) : waiting.textContent;
    waiting.replaceWith(script);
  }
}
unpack().catch(() => {
  document.getElementById("says").textContent =
    "This page could not be unpacked: its file is damaged, or the browser is from before 2023. The same scores are in LEADERBOARD.md and leaderboard.csv.";
});
