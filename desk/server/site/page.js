// Page: what comes in becomes drafts, drafts are ranked, and everything is drawn anew.
import { about, forget, rank } from "/site/ask.js";
import { cardOf, draftAt, drawCards, focusOn, giveFile } from "/site/cards.js";
import { changeOf } from "/site/change.js";
import { byId, el } from "/site/html.js";
import { keepCsv, keepJson } from "/site/keep.js";
import { drawPair, verdict } from "/site/pair.js";
import { drawModel, drawOld, drawPlaces } from "/site/places.js";
import { add, columns, drafts, lines, limits, picked, sent, take, titleOf } from "/site/state.js";

const PAUSE = 900; // milliseconds without a key
const IMAGES = /^image\/(jpeg|png|webp|gif)$/;
let timer = null;
let edited = null; // the draft that was changed last
let drawn = 0; // how many drafts there were when everything was drawn
let failed = false; // whether the sentence that is shown is about the last ranking, and not about files

function draw() {
  drawn = drafts.length;
  drawCards();
  drawPlaces(changePair);
  drawPair();
}

function changePair(change) {
  change();
  draw();
  const both = picked.map((draft) => lines().find((line) => line.draft === draft)).filter(Boolean);
  if (both.length === 2)
    say(`Compared below. ${verdict(...both.sort((a, b) => a.judged.place - b.judged.place))}`);
  else if (both.length === 1) say("One more to compare it with.");
}

const say = (text) => (byId("status").textContent = text);

function fail(sentence, draft = null) {
  const go =
    draft &&
    el(
      "button",
      { type: "button", class: "link", onclick: () => focusOn(draft) },
      `Go to ${titleOf(draft).toLowerCase()}`,
    );
  byId("error").replaceChildren(...(sentence ? [el("p", {}, sentence, go ? " " : null, go)] : []));
}

// After every change of a draft; of none where one was removed.
function changed(draft) {
  edited = draft;
  if (draft && drawn === drafts.length) {
    drawCards();
    drawOld(); // what is said of hundreds is not drawn anew at every key
  } else draw();
  clearTimeout(timer);
  if (byId("auto").checked) timer = setTimeout(() => rankNow(false), PAUSE);
}

async function rankNow(asked) {
  clearTimeout(timer);
  const what = sent();
  if (!what.length) {
    forget();
    byId("rank").removeAttribute("aria-busy");
    if (asked) fail("There is nothing to rank yet: write a caption or add an image.", drafts[0]);
    return;
  }
  byId("rank").setAttribute("aria-busy", "true");
  if (asked) say("Ranking…");
  try {
    const told = await rank(
      what.map(({ draft }) => draft),
      (seconds) => say(`The model is busy. Trying again in ${seconds} s.`),
    );
    if (!told) return;
    take(told, what);
    if (asked || failed) fail("");
    failed = false;
    draw();
    say(summary(what.length));
    if (asked) show();
  } catch (error) {
    say("");
    failed = true;
    const draft = error.draft && what[error.draft - 1] ? what[error.draft - 1].draft : null;
    fail(draft ? error.message.replace(/^draft \d+/, titleOf(draft)) : error.message, draft);
  }
  byId("rank").removeAttribute("aria-busy");
}

function summary(number) {
  const first = lines()[0];
  const told = edited && drafts.includes(edited) ? changeOf(edited) : "";
  if (told) return `${titleOf(edited)}: ${told}`;
  return number === 1
    ? "One draft is judged."
    : `${number} drafts are ranked. ${first ? `${titleOf(first.draft)} comes first.` : ""}`;
}

// Where the ranking is below the drafts, whoever asked for it is taken there.
function show() {
  const below = byId("ranking").getBoundingClientRect().top > window.innerHeight - 120;
  if (below) byId("ranking-title").focus();
}

function put(settings) {
  if (drafts.length >= limits.drafts) {
    fail(`At most ${limits.drafts} drafts are ranked at once.`);
    return null;
  }
  const draft = add(settings);
  byId("cards").append(cardOf(draft, { changed, now: () => rankNow(true), announce: fail }));
  return draft;
}

// Files become drafts of their own; one image that is dropped on a draft becomes its image.
async function receive(files, onto = null) {
  fail("");
  failed = false;
  const wrong = [];
  for (const file of files) {
    if (IMAGES.test(file.type)) {
      if (file.size > limits.image) wrong.push(`${file.name} is larger than ${limits.image / 1e6} MB`);
      else if (onto && files.length === 1) giveFile(onto, file);
      else if (!put({ file })) return;
    } else if (file.type === "text/plain") {
      const text = await file.text();
      if ([...text].length > limits.text) wrong.push(`${file.name} has more than ${limits.text} characters`);
      else if (!put({ text: text.trim() })) return;
    } else wrong.push(`${file.name} is no JPEG, PNG, WEBP, GIF or plain text`);
  }
  if (wrong.length) fail(`${wrong.join("; ")}.`);
  changed(onto || drafts.at(-1) || null);
}

function onDrag(event) {
  const inside = event.target instanceof Element && event.target.closest("textarea, input");
  const files = event.dataTransfer.types.includes("Files");
  if (inside && !files) return; // text that is dropped into a field belongs there
  event.preventDefault();
  document.documentElement.classList.toggle("dragged", event.type === "dragover");
  if (event.type !== "drop") return;
  if (files) receive([...event.dataTransfer.files], draftAt(event.target));
  else if (event.dataTransfer.getData("text/plain").trim())
    changed(put({ text: event.dataTransfer.getData("text/plain").trim() }));
}

function start() {
  for (const kind of ["dragover", "drop"]) document.addEventListener(kind, onDrag);
  document.addEventListener(
    "dragleave",
    (event) => event.relatedTarget || document.documentElement.classList.remove("dragged"),
  );
  byId("write").addEventListener("click", () => {
    const draft = put({});
    draw();
    if (draft) focusOn(draft);
  });
  byId("choose").addEventListener("click", () => byId("files").click());
  byId("files").addEventListener("change", () => {
    const chosen = [...byId("files").files];
    byId("files").value = "";
    receive(chosen);
  });
  byId("rank").addEventListener("click", () => rankNow(true));
  byId("keep-json").addEventListener("click", keepJson);
  byId("keep-csv").addEventListener("click", keepCsv);
}

start();
try {
  const told = await about();
  Object.assign(limits, told.limits);
  for (const [name, role] of Object.entries(told.columns)) columns.set(name, role);
  drawModel(told);
} catch (error) {
  fail(error.message);
}
put({});
draw();
document.documentElement.dataset.ready = "yes";
