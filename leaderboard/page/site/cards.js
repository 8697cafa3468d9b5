"use strict";
// Cards: a data set each: what it is, on how many posts, and what its results say.
const FIRST_CARDS = 6;
let allCards = DATA.cards.length <= FIRST_CARDS + 1;

// A verdict as it is told, with the name of the best row set off.
function verdictText({ verdict, best }) {
  const at = best ? verdict.indexOf(best) : -1;
  if (at < 0) return [verdict];
  return [verdict.slice(0, at), el("strong", {}, ...broken(best)), verdict.slice(at + best.length)];
}

// On what a verdict rests: "891 test posts of Jul to Aug 2023, 839 accounts".
function restsOn({ n, span, accounts, weeks }) {
  if (!n) return "";
  const who = accounts ? `, ${amount(accounts, "account")}` : weeks ? `, ${amount(weeks, "week")}` : "";
  return amount(n, "test post") + (span ? ` of ${span}` : "") + who;
}

const languageNames = "DisplayNames" in Intl ? new Intl.DisplayNames(["en"], { type: "language" }) : null;
const inLanguages = (codes) =>
  codes.length ? ` In ${codes.map((code) => (languageNames ? languageNames.of(code) : code)).join(", ")}.` : "";

function drawCards() {
  const shown = DATA.cards.filter((card, i) => allCards || i < FIRST_CARDS || card.dataset === state.data);
  const more = () => {
    allCards = true;
    drawCards();
  };
  document
    .getElementById("cards")
    .replaceChildren(
      ...shown.map((card) => el("li", {}, drawCard(card))),
      ...(shown.length < DATA.cards.length
        ? [el("li", { class: "others" }, el("button", { type: "button", onclick: more }, `All ${DATA.cards.length} data sets`))]
        : []),
    );
}

function drawCard(card) {
  const here = card.dataset === state.data;
  const open = (task) => (event) => {
    event.preventDefault();
    goTo({ data: card.dataset, ...(task ? { task } : { task: card.task, target: card.target, protocol: card.protocol }) });
  };
  const link = (task) => `#${new URLSearchParams({ data: card.dataset, ...(task ? { task } : {}) })}`;
  const tasks = card.asks.map(({ task, ask }) =>
    el(
      "a",
      {
        href: link(task),
        onclick: open(task),
        "aria-current": here && state.task === task ? "true" : null,
        title: `${card.title}: ${task}`,
      },
      card.asks.filter((one) => one.ask === ask).length > 1 ? `${ask}: ${task}` : ask,
    ),
  );
  return el(
    "article",
    { class: here ? "card here" : "card" },
    el("h2", {}, el("a", { href: link(), onclick: open(), "aria-current": here ? "true" : null }, card.title)),
    el("p", { class: "says" }, ...verdictText(card)),
    el("p", { class: "what" }, `${card.about}${inLanguages(card.languages)}`),
    el("p", { class: "rests" }, restsOn(card)),
    el("p", { class: "asks" }, ...tasks),
  );
}
