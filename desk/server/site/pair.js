// Pair: two drafts side by side.
import { NOT_A_PROMISE, byId, count, el, quiet, share } from "/site/html.js";
import { draftOf, lines, picked, titleOf } from "/site/state.js";
import { effects } from "/site/places.js";

export function drawPair() {
  const found = picked.map((draft) => lines().find((line) => line.draft === draft)).filter(Boolean);
  const section = byId("pair");
  section.hidden = found.length < 2;
  if (section.hidden) return;
  const [a, b] = found.sort((one, other) => one.judged.place - other.judged.place);
  byId("pair-body").replaceChildren(
    el("p", { class: "lead" }, verdict(a, b)),
    table(a, b),
    quiet(`What moves a draft is ${NOT_A_PROMISE}.`),
  );
}

export function verdict(a, b) {
  const [one, other] = [a, b].map(({ draft }) => titleOf(draft));
  const [mine, theirs] = [a, b].map(({ judged }) => judged.expected[0]);
  if (a.judged.close_to.some((number) => draftOf(number) === b.draft))
    return `${one} and ${other} are too close to call.`;
  const by = mine.middle / theirs.middle - 1;
  return `${one} is expected to get ${share(Math.abs(by))} ${by < 0 ? "fewer" : "more"} ${mine.target} than ${other}.`;
}

function table(a, b) {
  const both = [a, b];
  const head = ({ draft }) =>
    el(
      "th",
      { scope: "col" },
      draft.url && el("img", { class: "face", src: draft.url, alt: "" }),
      titleOf(draft),
    );
  const line = (name, of) =>
    el("tr", {}, el("th", { scope: "row" }, name), ...both.map((one) => el("td", {}, of(one))));
  const targets = a.judged.expected.map((one) => one.target);
  const of = ({ judged }, target) => judged.expected.find((one) => one.target === target);
  const numbers = targets.flatMap((target) => [
    line(`Expected ${target}`, (one) =>
      of(one, target) ? el("strong", {}, count(of(one, target).middle)) : "",
    ),
    line(`${share(of(a, target).level)} interval`, (one) =>
      of(one, target) ? `${count(of(one, target).low)} to ${count(of(one, target).high)}` : "",
    ),
  ]);
  const marks = both.some(({ judged }) => judged.marks.length);
  return el(
    "table",
    {},
    el("thead", {}, el("tr", {}, el("td", {}), ...both.map(head))),
    el(
      "tbody",
      {},
      line("Caption", caption),
      line("Place", ({ judged }) => String(judged.place)),
      ...numbers,
      line("Best of these", ({ judged }) => share(judged.best)),
      a.judged.viral !== null && line("Goes viral", ({ judged }) => share(judged.viral)),
      line("Reasons", ({ judged }) => (judged.reasons.length ? effects(judged) : "none told")),
      marks &&
        line(
          "Your policy",
          ({ judged }) => judged.marks.map((mark) => mark.sentence).join("; ") || "nothing",
        ),
    ),
  );
}

// A long one scrolls, by the keyboard too.
const caption = ({ judged, draft }) =>
  el(
    "div",
    {
      class: "caption",
      role: "region",
      tabindex: "0",
      "aria-label": `Caption of ${titleOf(draft).toLowerCase()}`,
    },
    judged.draft.text,
  );
