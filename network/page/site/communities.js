"use strict";
// Communities: all of them in a table, and a view of each one.
const MOST_COMMUNITIES = 12;
let shownCommunities = MOST_COMMUNITIES;

function drawCommunities() {
  const box = byId("communities-body");
  const { rule, resolution, seeds, resamples, none } = DATA.found;
  const told = [
    rule && (rule.endsWith(".") ? rule : rule + "."),
    isNumber(seeds)
      ? `Between seeds they agree by ${spearman(seeds)} (adjusted mutual information; 1 is the same)`
      : null,
    isNumber(resamples) ? `between resamples of time by ${spearman(resamples)}` : null,
  ].filter(Boolean);
  const rest = none ? ` ${some(none, "account")} belong to none.` : "";
  const more = () => {
    shownCommunities += 100;
    drawCommunities();
  };
  if (!BIGGEST.length) return box.replaceChildren(quiet("No community was found."));
  return box.replaceChildren(
    quiet(
      told.join(" ").replace(" between resamples", ", between resamples") +
        (told.length > 1 ? "." : "") +
        rest,
    ),
    scroller("Table of communities", communityTable(BIGGEST.slice(0, shownCommunities))),
    shownCommunities < BIGGEST.length
      ? el(
          "button",
          { type: "button", id: "more-communities", onclick: more },
          `Show more of ${counted(BIGGEST.length)}`,
        )
      : "",
  );
}

function communityTable(found) {
  const heads = [
    ["Community", "word names"],
    ["Accounts", ""],
    ["that post", "late"],
    ["Posts", "late"],
    [`Median ${short(DATA.measure, 18)}`, ""],
    ["Stays together", ""],
    ["In front", "word late"],
  ];
  const open = (one) =>
    el(
      "button",
      {
        type: "button",
        class: "link name",
        id: "c-" + one.code,
        onclick: () => change({ open: String(one.code) }),
      },
      bdi(one.name),
    );
  const front = (one) =>
    one.members.slice(0, 3).flatMap((i, at) => [at ? ", " : "", bdi(short(ACCOUNTS.name[i], 24))]);
  return table(
    heads,
    found.map((one) => [
      [dotted(one.code, open(one))],
      counted(one.size),
      counted(one.publishing),
      counted(one.posts),
      isNumber(one.median) ? score(one.median) : "–",
      isNumber(one.stable) ? `${Math.round(100 * one.stable)}%` : "?",
      front(one),
    ]),
  );
}

function drawCommunity() {
  const dialog = byId("community");
  const one = COMMUNITIES.get(state.open);
  if (!one) return dialog.open ? dialog.close() : undefined;
  const close = () => change({ open: "" });
  const alone = () => {
    change({ open: "", community: state.open, view: "accounts", many: START.many });
    byId("stage").scrollIntoView({ block: "nearest" });
  };
  dialog.replaceChildren(
    el(
      "header",
      {},
      el("h2", { id: "community-title" }, dot(one.code), bdi(one.name)),
      el("button", { type: "button", class: "close", "aria-label": "Close", onclick: close }, "×"),
    ),
    el("p", { class: "lead" }, communityLead(one)),
    el("button", { type: "button", onclick: alone }, "Show it alone in the picture"),
    ...membersOf(one),
    ...tagsOf(one),
    ...crossedOf(one),
    ...linksOf(one),
  );
  if (!dialog.open) dialog.showModal();
  return undefined;
}

function communityLead(one) {
  const parts = [`${some(one.size, "account")}, ${counted(one.publishing)} of which post here`];
  if (isNumber(one.median))
    parts.push(`the median of their ${some(one.posts, "post")} is ${score(one.median)} ${DATA.measure}`);
  const stays = isNumber(one.stable)
    ? ` Two of its members stay together in ${Math.round(100 * one.stable)}% of seeds and resamples.`
    : "";
  return parts.join("; ") + "." + stays;
}

function membersOf(one) {
  const found = chosen();
  if (!found) return [];
  const members = ranked(found, (i) => ACCOUNTS.community[i] === one.code).slice(0, 20);
  if (!members.length) return [];
  const place = axis(found, members);
  const lines = members.map((i) => [
    counted(found.rank[i]),
    [accountButton(i)],
    score(found.value[i]),
    [track(found.low[i], found.value[i], found.high[i], place)],
    counted(ACCOUNTS.posts[i]),
    isNumber(ACCOUNTS.median[i]) ? score(ACCOUNTS.median[i]) : "–",
  ]);
  const heads = [
    ["#", ""],
    ["Account", "word names"],
    ["Score", ""],
    ["95% interval", "word track-head"],
    ["Posts", "late"],
    ["Median", ""],
  ];
  return [
    el("h3", {}, `In front by ${found.words}`),
    ...beside(found),
    scroller("Members", table(heads, lines)),
  ];
}

function tagsOf(one) {
  const used = DATA.tags
    .map((tag) => [tag, tag.accounts.filter((i) => ACCOUNTS.community[i] === one.code).length])
    .filter(([, n]) => n > 0)
    .sort((a, b) => b[1] / b[0].users - a[1] / a[0].users || b[1] - a[1]);
  if (!used.length) return [];
  const lines = used.slice(0, 12).map(([tag, n]) => [[bdi(tag.name)], counted(n), counted(tag.users)]);
  const heads = [
    ["Tag", "word names"],
    ["Its accounts that used it", ""],
    ["All that did", ""],
  ];
  return [el("h3", {}, "Tags that are most its own"), scroller("Tags", table(heads, lines))];
}

function crossedOf(one) {
  const found = DATA.crossings.filter((crossing) => crossing.order.some(([code]) => code === one.code));
  if (!found.length) return [];
  return [
    el("h3", {}, "What crossed it"),
    quiet(DATA.description),
    scroller("What crossed it", crossingTable(found.slice(0, 20))),
  ];
}

function linksOf(one) {
  const to = new Map();
  for (let i = 0; i < EDGES.source.length; i++) {
    const [a, b] = [ACCOUNTS.community[EDGES.source[i]], ACCOUNTS.community[EDGES.target[i]]];
    if (a === b || (a !== one.code && b !== one.code)) continue;
    const other = a === one.code ? b : a;
    to.set(other, (to.get(other) || 0) + EDGES.weight[i]);
  }
  const found = [...to].filter(([code]) => COMMUNITIES.has(String(code))).sort((x, y) => y[1] - x[1]);
  if (!found.length) return [];
  const lines = found
    .slice(0, 10)
    .map(([code, weight]) => [[dotted(code, bdi(communityName(code)))], counted(Math.round(weight))]);
  return [
    el("h3", {}, "Linked with"),
    scroller(
      "Linked with",
      table(
        [
          ["Community", "word names"],
          ["Edges among accounts of this page", ""],
        ],
        lines,
      ),
    ),
  ];
}
