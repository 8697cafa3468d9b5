// Change: what is said of a draft now, held against what was said of it before somebody changed it.
import { NOT_A_PROMISE, count, direction, effect, el, share } from "/site/html.js";
import { versionOf } from "/site/state.js";

// What was said of the version before; null where there is none, or nothing else has been said yet.
const beforeOf = ({ said, before }) => (before && before.version !== said.version ? before : null);

export function drawChange(place, draft) {
  const { said } = draft;
  if (!said) return place.replaceChildren();
  const before = beforeOf(draft);
  const waits = said.version !== versionOf(draft);
  place.classList.toggle("old", waits);
  const now = main(said);
  const comparable = before && main(before).target === now.target;
  const line = el(
    "p",
    {},
    el("strong", {}, count(now.middle)),
    ` ${now.target} expected `,
    comparable ? against(main(before), now) : null,
    waits ? el("span", { class: "quiet" }, "· changed since") : null,
  );
  place.replaceChildren(line, ...(before && !waits ? [details(before, said)] : []));
}

const main = ({ judged }) => judged.expected[0];
export const moved = (before, said) => main(said).middle / main(before).middle - 1;

// In a sentence, for those who hear it.
export function changeOf(draft) {
  const { said } = draft;
  const before = said && beforeOf(draft);
  if (!before || main(before).target !== main(said).target) return "";
  return `${effect(moved(before, said))} expected ${main(said).target} against its previous version: ${NOT_A_PROMISE}.`;
}

function against(before, now) {
  const by = now.middle / before.middle - 1;
  return el(
    "span",
    { class: `delta ${direction(by)}` },
    `${effect(by)} `,
    el("span", {}, `from ${count(before.middle)}`),
  );
}

function details(before, said) {
  const lines = [];
  const [old, now] = [before.judged, said.judged];
  if (old.viral !== null && now.viral !== null && share(old.viral) !== share(now.viral))
    lines.push(`chance of going viral ${share(old.viral)} → ${share(now.viral)}`);
  if (old.place !== now.place) lines.push(`place ${old.place} → ${now.place}`);
  const had = new Set(old.reasons.map((reason) => reason.text));
  const has = new Set(now.reasons.map((reason) => reason.text));
  for (const reason of now.reasons)
    if (!had.has(reason.text)) lines.push(`now: ${reason.text} (${effect(reason.effect)})`);
  for (const reason of old.reasons) if (!has.has(reason.text)) lines.push(`no more: ${reason.text}`);
  return el(
    "div",
    { class: "quiet" },
    el("p", {}, `Against its previous version: ${NOT_A_PROMISE}.`),
    lines.length ? el("ul", {}, ...lines.map((line) => el("li", {}, line))) : null,
  );
}
