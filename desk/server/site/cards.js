// Cards: where drafts are written. A card stays as long as its draft, so that nothing that is typed is lost.
import { byId, el } from "/site/html.js";
import {
  add,
  columns,
  drafts,
  isEmpty,
  limits,
  remove,
  setFile,
  startVersion,
  titleOf,
} from "/site/state.js";
import { drawChange } from "/site/change.js";

const cards = new Map(); // draft -> its elements

// `changed(draft)` is called after every change, `now()` where somebody wants the ranking at once.
export function cardOf(draft, { changed, now, announce }) {
  const id = (name) => `${name}-${draft.key}`;
  const title = el("h3", { id: id("title") });
  const text = el("textarea", {
    id: id("text"),
    rows: "3",
    maxlength: String(limits.text),
    autocomplete: "off",
    spellcheck: "true",
    oninput: () => edit("text", text.value),
    onkeydown: (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      startVersion(draft);
      now();
    },
  });
  text.value = draft.text;
  const account = el("input", { id: id("account"), autocomplete: "off", maxlength: "200" });
  account.value = draft.account;
  account.addEventListener("input", () => edit("account", account.value.trim()));
  const at = el("input", { id: id("at"), type: "datetime-local", autocomplete: "off" });
  at.value = draft.at;
  at.addEventListener("input", () => edit("at", at.value));
  const picture = el("div", { class: "picture" });
  const told = el("div", { class: "change", id: id("change") });
  const choose = el("input", {
    type: "file",
    hidden: true,
    accept: "image/jpeg,image/png,image/webp,image/gif",
    onchange: () => choose.files.length && putFile(choose.files[0]),
  });
  const card = el(
    "li",
    { class: "card", id: id("draft"), "aria-labelledby": id("title") },
    el(
      "div",
      { class: "row apart" },
      title,
      el(
        "div",
        { class: "row" },
        button("Duplicate", () => copied()),
        button("Remove", () => removed()),
      ),
    ),
    el("div", { class: "written" }, picture, label("Caption", text, "grow")),
    choose,
    el("div", { class: "fields" }, label("Account", account), label("When (empty: now)", at)),
    further(),
    told,
  );
  const found = { card, title, text, told, button, putFile };
  cards.set(draft, found);
  card.addEventListener("focusin", () => {
    // Whoever comes to a card begins a new version; what they see of it is what it is held against.
    if (!card.contains(found.last)) startVersion(draft);
    found.last = document.activeElement;
  });
  card.addEventListener("focusout", (event) => {
    if (!card.contains(event.relatedTarget)) found.last = null;
  });
  drawPicture();
  return card;

  function button(word, act) {
    const name = () => `${word} ${titleOf(draft).toLowerCase()}`;
    const made = el("button", { type: "button", class: "link", onclick: act }, word);
    made.addEventListener("focus", () => made.setAttribute("aria-label", name()));
    return made;
  }

  function edit(name, value) {
    draft[name] = value;
    changed(draft);
  }

  function putFile(file) {
    if (file && file.size > limits.image) {
      announce(`${file.name} is larger than ${limits.image / 1e6} MB.`, draft);
      return;
    }
    startVersion(draft);
    setFile(draft, file);
    choose.value = "";
    drawPicture();
    changed(draft);
  }

  function drawPicture() {
    const name = draft.file ? draft.file.name : "";
    const image = draft.file && el("img", { src: draft.url, alt: `Image of this draft: ${name}` });
    picture.replaceChildren(
      el(
        "button",
        { type: "button", class: draft.file ? "thumb" : "thumb none", onclick: () => choose.click() },
        image || "Add image",
      ),
      ...(draft.file
        ? [el("button", { type: "button", class: "link small", onclick: unset }, "No image")]
        : []),
    );
  }

  function unset() {
    putFile(null);
    picture.querySelector("button").focus();
  }

  function further() {
    if (!columns.size) return null;
    const inputs = [...columns].map(([name, role]) => {
      const numeric = role === "numeric";
      const input = el("input", {
        id: id(`value-${name}`),
        autocomplete: "off",
        type: numeric ? "number" : "text",
      });
      if (numeric) input.step = "any";
      input.value = draft.values[name] ?? "";
      input.addEventListener("input", () => {
        const value = numeric ? input.valueAsNumber : input.value;
        if (value === "" || Number.isNaN(value)) delete draft.values[name];
        else draft.values[name] = value;
        changed(draft);
      });
      return label(name, input);
    });
    return el("details", {}, el("summary", {}, "Further fields"), el("div", { class: "fields" }, ...inputs));
  }

  function copied() {
    const { text, file, account, at, values } = draft;
    const other = add({ text, file, account, at, values });
    byId("cards").append(cardOf(other, { changed, now, announce }));
    focusOn(other);
    changed(other);
  }

  function removed() {
    const place = drafts.indexOf(draft);
    remove(draft);
    cards.delete(draft);
    card.remove();
    const next = drafts[place] || drafts[place - 1];
    if (next) focusOn(next);
    else byId("write").focus();
    changed(null);
  }
}

const label = (name, input, kind = null) => el("label", { class: kind, for: input.id }, name, input);

export const focusOn = (draft) => cards.get(draft)?.text.focus();
export const giveFile = (draft, file) => cards.get(draft).putFile(file);
export const draftAt = (element) => drafts.find((draft) => cards.get(draft).card.contains(element));

// What the cards say of their drafts, which is all of them that changes by itself.
export function drawCards() {
  for (const draft of drafts) {
    const { title, told, card, text } = cards.get(draft);
    const place = draft.said ? draft.said.judged.place : null;
    title.replaceChildren(
      titleOf(draft),
      ...(place ? [el("span", { class: "quiet" }, ` · place ${place}`)] : []),
    );
    card.classList.toggle("empty", isEmpty(draft));
    text.setAttribute("aria-describedby", told.id);
    drawChange(told, draft);
  }
}
