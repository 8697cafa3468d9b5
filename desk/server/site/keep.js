// Keep: files that are made here, in the browser, of what is shown.
import { el } from "/site/html.js";
import { lines, ranking } from "/site/state.js";

export function keepJson() {
  save("ranking.json", "application/json", JSON.stringify(ranking.told, null, 2) + "\n");
}

export function keepCsv() {
  save("ranking.csv", "text/csv", csv(lines().map(({ judged }) => row(judged))));
}

function row({ draft, place, expected, viral, best, close_to, reasons, marks, notes }) {
  const numbers = expected.flatMap((one) => [
    [one.target, one.middle],
    [`${one.target}_low`, one.low],
    [`${one.target}_high`, one.high],
  ]);
  return {
    place,
    number: draft.number,
    name: draft.name,
    account: draft.account,
    at: draft.at,
    text: draft.text,
    image: draft.image,
    ...Object.fromEntries(numbers),
    viral,
    best,
    close_to: close_to.join(" "),
    reasons: reasons.map((one) => `${one.text}: ${one.effect}`).join("; "),
    marks: marks.map((one) => `${one.action} ${one.rule}: ${one.sentence}`).join("; "),
    notes: notes.join("; "),
  };
}

export function csv(rows) {
  const heads = [...new Set(rows.flatMap((one) => Object.keys(one)))];
  return [heads, ...rows.map((one) => heads.map((head) => one[head]))]
    .map((cells) => cells.map(cell).join(",") + "\r\n")
    .join("");
}

// A spreadsheet runs what begins like a formula; an apostrophe in front makes it text. Numbers stay.
function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^'*[=+\-@\t\r\n]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
