// Ask: what the page wants of its server. One request at a time; a newer one takes the place of an older.
const TOKEN = document.querySelector('meta[name="token"]').content;
let latest = null;

export class Refused extends Error {
  constructor(sentence, draft = null) {
    super(sentence);
    this.draft = draft; // its number, where the sentence is about one
  }
}

export async function about() {
  return read(await send("/api/model"));
}

// The ranking of drafts; null if a newer request has taken the place of this one.
export async function rank(drafts, wait) {
  if (latest) latest.abort();
  const mine = (latest = new AbortController());
  try {
    for (;;) {
      const answer = await send("/api/rank", { ...body(drafts), method: "POST", signal: mine.signal });
      if (answer.status !== 429) return await read(answer);
      const seconds = Number(answer.headers.get("retry-after")) || 1;
      wait(seconds);
      await pause(1000 * seconds, mine.signal);
    }
  } catch (error) {
    if (mine.signal.aborted) return null;
    throw error;
  } finally {
    if (latest === mine) latest = null;
  }
}

export function forget() {
  if (latest) latest.abort();
}

function body(drafts) {
  const told = drafts.map(described);
  const headers = { "x-smpbench-token": TOKEN };
  if (!drafts.some((draft) => draft.file))
    return {
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ drafts: told }),
    };
  const form = new FormData();
  form.append("drafts", JSON.stringify(told));
  drafts.forEach((draft, i) => draft.file && form.append(String(i + 1), draft.file, draft.file.name));
  return { headers, body: form };
}

export function described(draft) {
  const told = { text: draft.text.toWellFormed ? draft.text.toWellFormed() : draft.text };
  if (draft.account) told.account = draft.account;
  if (draft.at) told.at = new Date(draft.at).toISOString();
  if (Object.keys(draft.values).length) told.values = draft.values;
  return told;
}

async function send(path, settings = {}) {
  try {
    return await fetch(path, { cache: "no-store", credentials: "omit", redirect: "error", ...settings });
  } catch (error) {
    if (settings.signal && settings.signal.aborted) throw error;
    throw new Refused("The server does not answer. Is smpbench serve still running?");
  }
}

async function read(answer) {
  let told;
  try {
    told = await answer.json();
  } catch {
    throw new Refused(`The server answered with ${answer.status} and no JSON.`);
  }
  if (!answer.ok)
    throw new Refused(told.error || `The server answered with ${answer.status}.`, told.draft || null);
  return told;
}

const pause = (milliseconds, signal) =>
  new Promise((done, failed) => {
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      failed(new Error("no longer wanted"));
    });
  });
