// Places: the ranking. What is said of each draft, the first first.
import {
  NOT_A_PROMISE,
  byId,
  count,
  day,
  direction,
  effect,
  el,
  hourOf,
  listed,
  moment,
  quiet,
  share,
  shortened,
  whole,
} from "/site/html.js";
import { draftOf, lines, pick, picked, ranking, titleOf, versionOf } from "/site/state.js";
import { focusOn } from "/site/cards.js";
import { axis, axisOf, bar } from "/site/scale.js";

const BASIS = {
  account: "width learnt from this account",
  category: "width learnt from this category",
  all: "width learnt from all accounts",
};
const MODALITY = {
  text: "text",
  image: "image",
  time: "time",
  account: "account",
  category: "category",
  other: "",
};

export function drawModel({ model }) {
  const held =
    model.coverage === null
      ? ""
      : ` Of later posts, ${(100 * model.coverage).toFixed(1)}% lay inside its intervals.`;
  const viral = model.viral ? ` Viral means ${model.viral}.` : "";
  const fitted = `, fitted on ${whole(model.posts)} posts of ${whole(model.accounts)} accounts up to ${day(model.newest)}.`;
  byId("model").replaceChildren(
    el("b", {}, model.title),
    ": ",
    el("code", {}, model.baseline),
    fitted + held + viral,
  );
}

export function drawPlaces(change) {
  const shown = lines();
  const held = document.activeElement && document.activeElement.id;
  byId("empty").hidden = shown.length > 0;
  byId("keep").hidden = shown.length === 0;
  byId("axis").hidden = shown.length === 0;
  byId("notes").replaceChildren(...(shown.length ? about() : []));
  const scale = shown.length ? axisOf(shown.map(({ judged }) => judged.expected[0])) : null;
  byId("axis").replaceChildren(
    ...(scale ? [el("span", {}, `expected ${shown[0].judged.expected[0].target}`), axis(scale)] : []),
  );
  byId("places").replaceChildren(...shown.map((line) => place(line, scale, change)));
  if (held && byId(held) && byId("places").contains(byId(held))) byId(held).focus();
}

// Those whose drafts were changed since; the numbers stay until there are others.
export function drawOld() {
  for (const { draft, version } of lines())
    byId(`place-${draft.key}`)
      .closest("li")
      .classList.toggle("old", version !== versionOf(draft));
}

function about() {
  const { notes, refused } = ranking.told;
  const told = notes.map((note) => quiet(note));
  const none = refused.map((one) => el("li", {}, `${titleOf(draftOf(one.number))}: ${one.reason}`));
  return none.length ? [...told, el("p", {}, "Of these nothing can be said:"), el("ul", {}, ...none)] : told;
}

function place({ judged, draft, version }, scale, change) {
  const title = el("h3", { id: `place-${draft.key}` }, heading(judged, draft));
  const blocked = judged.marks.some((mark) => mark.action === "block");
  return el(
    "li",
    {
      class: `place${blocked ? " blocked" : ""}${version === versionOf(draft) ? "" : " old"}`,
      "aria-labelledby": title.id,
    },
    el("span", { class: "rank", "aria-label": `Place ${judged.place}` }, String(judged.place)),
    el(
      "div",
      { class: "head" },
      draft.url && el("img", { class: "face", src: draft.url, alt: "" }),
      el("div", {}, title, line(judged, draft)),
    ),
    compared(draft, change),
    el(
      "div",
      { class: "body" },
      expected(judged, scale),
      chances(judged),
      judged.close_to.length > 0 &&
        el(
          "p",
          { class: "tie" },
          el("span", { "aria-hidden": "true" }, "● "),
          `Too close to call with ${near(judged)}`,
        ),
      marks(judged),
      el("div", { class: "why" }, reasons(judged), hours(judged)),
      ...judged.notes.map((note) => quiet(note)),
    ),
  );
}

const near = (judged) => listed(judged.close_to.map((number) => titleOf(draftOf(number)).toLowerCase()));
const heading = (judged, draft) => shortened(judged.draft.text) || judged.draft.image || titleOf(draft);

function line(judged, draft) {
  const account = judged.draft.account ? ` · ${judged.draft.account}` : "";
  const show = () => focusOn(draft);
  return el(
    "p",
    { class: "quiet" },
    el(
      "button",
      {
        type: "button",
        id: `edit-${draft.key}`,
        class: "link",
        onclick: show,
        "aria-label": `Edit ${titleOf(draft).toLowerCase()}`,
      },
      titleOf(draft),
    ),
    `${account} · ${moment(judged.draft.at)}`,
    el("span", { class: "since" }, " · changed since"),
  );
}

function compared(draft, change) {
  const box = el("input", {
    type: "checkbox",
    id: `pick-${draft.key}`,
    autocomplete: "off",
    "aria-label": `Compare ${titleOf(draft).toLowerCase()}`,
    onchange: (event) => change(() => pick(draft, event.target.checked)),
  });
  box.checked = picked.includes(draft);
  return el("label", { class: "check pick" }, box, "Compare");
}

function expected(judged, scale) {
  const [main, ...others] = judged.expected;
  const range = `${count(main.low)} to ${count(main.high)}`;
  return el(
    "div",
    { class: "expected" },
    el("p", { class: "middle" }, el("strong", {}, count(main.middle)), ` ${main.target}`),
    bar(main, scale),
    el(
      "p",
      { class: "quiet range" },
      `${share(main.level)} of such posts get ${range}; ${BASIS[main.basis]}.`,
    ),
    ...others.map((one) =>
      el(
        "p",
        { class: "quiet range" },
        `${count(one.middle)} ${one.target}, ${count(one.low)} to ${count(one.high)}`,
      ),
    ),
  );
}

function chances({ viral, best }) {
  const meter = (name, value) =>
    el(
      "div",
      { class: "chance" },
      el("dt", {}, name),
      el(
        "dd",
        {},
        el("meter", { min: "0", max: "1", value: String(value), "aria-label": name }),
        share(value),
      ),
    );
  return el(
    "dl",
    { class: "chances" },
    meter("Best of these", best),
    viral !== null && meter("Goes viral", viral),
  );
}

function marks({ marks }) {
  if (!marks.length) return null;
  const one = (mark) =>
    el(
      "li",
      { class: mark.action },
      el("b", {}, mark.action === "block" ? "Blocked" : "Warning"),
      ` ${mark.sentence} `,
      el("code", {}, mark.rule),
    );
  return el("ul", { class: "plain marks", "aria-label": "Your policy" }, ...marks.map(one));
}

// Whoever shows them says beside them that they are no promise.
export function effects({ reasons }) {
  const one = (reason) =>
    el(
      "li",
      { title: NOT_A_PROMISE },
      el("b", { class: direction(reason.effect) }, effect(reason.effect)),
      el(
        "span",
        {},
        reason.text,
        MODALITY[reason.modality] && el("small", {}, ` ${MODALITY[reason.modality]}`),
      ),
    );
  return el("ul", { class: "plain effects" }, ...reasons.map(one));
}

function reasons(judged) {
  if (!judged.reasons.length) return null;
  return el("div", {}, el("h4", {}, "Reasons ", el("small", {}, NOT_A_PROMISE)), effects(judged));
}

function hours({ hours }) {
  if (!hours.length) return null;
  const one = (hour) =>
    el(
      "li",
      {},
      el("b", { class: direction(hour.effect) }, effect(hour.effect)),
      el(
        "span",
        {},
        el("span", { class: "hour" }, hourOf(hour.start)),
        el("small", {}, ` ${effect(hour.low)} to ${effect(hour.high)}, ${whole(hour.posts)} posts`),
      ),
    );
  return el(
    "div",
    { class: "hours" },
    el("h4", {}, "Best hours ", el("small", {}, "of the coming week, your time")),
    el("ul", { class: "plain effects" }, ...hours.map(one)),
  );
}
