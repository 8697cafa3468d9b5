"use strict";
// Card: one account, its community, and its scores beside its own past.
function drawCard(account, pinned) {
  const box = byId("card");
  box.hidden = account === null;
  box.classList.toggle("pinned", pinned);
  if (account === null) return box.replaceChildren();
  const code = communityOf(account);
  const close = () => {
    change({ account: "" });
    byId("ranking").focus({ preventScroll: true });
  };
  const facts = [
    ["Community", dotted(code, bdi(short(communityName(code), 60)))],
    ["Posts here", counted(ACCOUNTS.posts[account])],
    [
      `Median ${DATA.measure}`,
      isNumber(ACCOUNTS.median[account]) ? score(ACCOUNTS.median[account]) : "unknown",
    ],
    ...(pinned ? [["Linked with", some(neighboursOf(account).length, "account")]] : []),
    ...moved(account),
  ];
  return box.replaceChildren(
    el(
      "div",
      { class: "card-head" },
      el("h3", { tabindex: "-1" }, bdi(ACCOUNTS.name[account])),
      pinned
        ? el(
            "button",
            { type: "button", class: "close", "aria-label": "Close the card", onclick: close },
            "×",
          )
        : null,
    ),
    el("dl", {}, ...facts.flatMap(([title, value]) => [el("dt", {}, title), el("dd", {}, value)])),
    scoresOf(account),
    pinned ? quiet(...nearest(account)) : null,
    pinned && COMMUNITIES.has(String(code))
      ? el(
          "button",
          { type: "button", class: "link", onclick: () => change({ open: String(code) }) },
          "Open its community",
        )
      : null,
  );
}

function scoresOf(account) {
  const known = DATA.scores.filter((one) => isNumber(one.value[account]));
  if (!known.length) return quiet("No score says anything of this account.");
  // Its own past stands first: what any other score has to beat.
  known.sort((a, b) => b.reference - a.reference);
  const lines = known.map((one) => [
    capital(one.words) + (one.reference ? " (reference)" : ""),
    [score(one.value[account]), " ", el("small", {}, within(one.low[account], one.high[account]))],
    rankText(one, account),
  ]);
  return table(
    [
      ["Score", "word names"],
      ["Value [95%]", ""],
      ["Rank", ""],
    ],
    lines,
  );
}

function rankText(found, account) {
  const [rank, best] = [found.rank[account], found.tied[account]];
  return best && best < rank ? `${counted(rank)} (${counted(best)}?)` : counted(rank);
}

// Every window in which it was in another community than in the one before.
function moved(account) {
  const codes = DATA.moves.map((one) => one[account]);
  const steps = codes.flatMap((code, i) =>
    code >= 0 && (i === 0 || code !== codes[i - 1]) ? [[code, i]] : [],
  );
  if (steps.length < 2) return [];
  const told = steps
    .slice(0, 4)
    .map(([code, i]) => `${short(communityName(code), 24)} (${DATA.windows[i][2]})`);
  return [["Moved", told.join(" → ")]];
}

function neighboursOf(account) {
  const found = new Map();
  for (let i = 0; i < EDGES.source.length; i++) {
    const [a, b] = [EDGES.source[i], EDGES.target[i]];
    if (a !== account && b !== account) continue;
    const other = a === account ? b : a;
    found.set(other, (found.get(other) || 0) + EDGES.weight[i]);
  }
  return [...found].sort((x, y) => y[1] - x[1]);
}

function nearest(account) {
  const strongest = neighboursOf(account).slice(0, 6);
  if (!strongest.length) return ["It has no edge to an account of this page."];
  const one = ([other]) =>
    el("button", { type: "button", class: "link", onclick: () => select(other) }, bdi(ACCOUNTS.name[other]));
  return ["Strongest edges: ", ...strongest.flatMap((other, i) => (i ? [", ", one(other)] : [one(other)]))];
}
