"use strict";
// Zoom: a chart or a picture as large as the window, and its numbers as a table.
function enlarge(title, caption, ...content) {
  const zoom = el("dialog", { id: "zoom", "aria-labelledby": "zoom-title" });
  zoom.addEventListener("close", () => zoom.remove());
  zoom.addEventListener("click", (event) => {
    if (event.target === zoom) zoom.close(); // beside it
  });
  zoom.append(
    el(
      "header",
      {},
      el("h2", { id: "zoom-title" }, title),
      el("button", { type: "button", autofocus: true, onclick: () => zoom.close() }, "Close"),
    ),
    ...content,
    caption ? quiet(caption) : "",
  );
  document.body.append(zoom);
  zoom.showModal();
}

// A picture that opens in its own size.
function picture(image, name) {
  const open = () => enlarge(name, "", el("img", { src: image, alt: name, class: "whole" }));
  return el(
    "button",
    { type: "button", class: "picture", onclick: open, "aria-label": `Enlarge: ${name}` },
    el("img", { src: image, alt: "", loading: "lazy" }),
  );
}
