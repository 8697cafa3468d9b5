// State: the drafts in the order in which they were written, what was last said of each, and which two are compared.
export const drafts = [];
export const limits = { drafts: 200, text: 100000, image: 25e6 };
export const columns = new Map(); // further fields: name -> role
let made = 0;

export let ranking = null; // as the server gave it
export let picked = []; // at most two drafts

export function add({ text = "", file = null, account = null, at = "", values = {} } = {}) {
  const draft = { key: ++made, text, file, account: account ?? lastAccount(), at, values: { ...values } };
  draft.url = file ? URL.createObjectURL(file) : null;
  draft.said = null; // the newest that was said of it: {judged, version}
  draft.before = null; // what was said of it before somebody began to change it
  drafts.push(draft);
  return draft;
}

const lastAccount = () => (drafts.length ? drafts.at(-1).account : "");

export function remove(draft) {
  setFile(draft, null);
  drafts.splice(drafts.indexOf(draft), 1);
  picked = picked.filter((other) => other !== draft);
}

export function setFile(draft, file) {
  if (draft.url) URL.revokeObjectURL(draft.url);
  draft.file = file;
  draft.url = file ? URL.createObjectURL(file) : null;
}

export function pick(draft, wanted) {
  picked = picked.filter((other) => other !== draft);
  if (wanted) picked = [...picked, draft].slice(-2);
}

export const titleOf = (draft) => `Draft ${drafts.indexOf(draft) + 1}`;
export const isEmpty = (draft) => !draft.text.trim() && !draft.file;

// What was handed in with a draft, to tell whether anything was changed.
export const versionOf = (draft) =>
  JSON.stringify([draft.text, draft.account, draft.at, draft.values, draft.file && draft.url]);

// From now on, changes are held against what is said of the draft now.
export function startVersion(draft) {
  if (draft.said && draft.said.version === versionOf(draft)) draft.before = draft.said;
}

// What is sent now: each draft with the version of it that is judged.
export const sent = () =>
  drafts.filter((draft) => !isEmpty(draft)).map((draft) => ({ draft, version: versionOf(draft) }));

// Take a ranking; the number of a draft in it is its place in what was sent.
export function take(told, asked) {
  const lines = told.drafts.map((judged) => ({ judged, ...asked[judged.draft.number - 1] }));
  ranking = { told, lines, asked };
  for (const { judged, draft, version } of lines) {
    draft.said = { judged, version };
    if (draft.before && draft.before.version === version) draft.before = null;
  }
}

// Lines of the ranking whose drafts are still there.
export const lines = () => (ranking ? ranking.lines.filter(({ draft }) => drafts.includes(draft)) : []);
export const draftOf = (number) => ranking.asked[number - 1].draft;
