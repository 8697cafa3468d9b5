"use strict";
// Tables: the scores held against what came after, what crossed communities, and what all of it rests on.
const VERDICTS = {
  gains: "says something new",
  nothing: "nothing new",
  loses: "nothing new; takes away",
  unknown: "could not be told",
};

function drawAgainst() {
  const box = byId("against-body");
  if (!DATA.held.length) {
    return box.replaceChildren(
      quiet("No score was held against what came after: none is known to foretell anything."),
    );
  }
  const called = (one) => (SCORES.has(one.score) ? capital(SCORES.get(one.score).words) : one.score);
  const heads = [
    ["Score", "word names"],
    ["Against", "word"],
    ["Accounts", "late"],
    ["Spearman [95%]", ""],
    ["Own past alone", ""],
    ["Added to own past [95%, paired]", ""],
    ["So it", "word"],
  ];
  const lines = DATA.held.map((one) => [
    called(one),
    one.against.replaceAll("_", " "),
    counted(one.accounts),
    [spearman(one.spearman), " ", el("small", {}, `[${spearman(one.low)}, ${spearman(one.high)}]`)],
    spearman(one.own_past),
    [
      spearman(one.beyond, "+"),
      " ",
      el("small", {}, `[${spearman(one.beyond_low, "+")}, ${spearman(one.beyond_high, "+")}]`),
    ],
    [el("span", { class: "pill " + one.verdict }, VERDICTS[one.verdict])],
  ]);
  return box.replaceChildren(
    quiet(
      "Each score is computed from what was known by then, and held against what came after it. The account's own past " +
        "is what anyone can look up; a score is worth something where it adds to that, and its interval leaves 0 out.",
    ),
    scroller("Scores against own past", table(heads, lines)),
  );
}

const MOST_CROSSINGS = 12;
let shownCrossings = MOST_CROSSINGS;
function drawCrossings() {
  const box = byId("crossings-body");
  if (!DATA.crossings.length)
    return box.replaceChildren(quiet("Nothing was seen to go from one community to another."));
  const more = () => {
    shownCrossings += 200;
    drawCrossings();
  };
  const note = DATA.left_out ? ` ${counted(DATA.left_out)} more are in the exported tables alone.` : "";
  return box.replaceChildren(
    el(
      "p",
      { class: "beside plain" },
      el("strong", {}, "Description, not forecast. "),
      DATA.description + note,
    ),
    scroller("Table of what crossed communities", crossingTable(DATA.crossings.slice(0, shownCrossings))),
    shownCrossings < DATA.crossings.length
      ? el(
          "button",
          { type: "button", id: "more-crossings", onclick: more },
          `Show more of ${counted(DATA.crossings.length)}`,
        )
      : "",
  );
}

function crossingTable(found) {
  const heads = [
    ["What", "word names"],
    ["Accounts", ""],
    ["First seen", "late"],
    ["The way it went", "word"],
    ["To the third community", ""],
  ];
  const step = ([code, after], i) =>
    el(
      "span",
      { class: "step" },
      i ? "→ " : "",
      dot(code),
      bdi(short(communityName(code), 22)),
      i ? el("small", {}, ` ${span(after / 3600000)}`) : "",
    );
  return table(
    heads,
    found.map((one) => [
      [bdi(short(one.what, 70))],
      counted(one.users),
      day(one.first_seen),
      [
        ...one.order.slice(0, 4).map(step),
        one.order.length > 4 ? el("small", {}, ` and ${one.order.length - 4} more`) : "",
      ],
      span(one.hours),
    ]),
  );
}

function drawNotes() {
  const { accounts, edges, posts, renamed, guard } = DATA.counts;
  const notes = [
    DATA.rule +
      (renamed
        ? ` ${some(renamed, "account")} have one. A pseudonym keeps a name off a slide; it hides nobody from someone with the same data.`
        : ""),
    "Places are computed once, from all edges: an account stands where it stands in every window. What is near belongs together; how far apart two communities stand says little.",
    "A circle is the bigger the higher the score, and its area grows a little faster; colour is the community, grey for those beyond the biggest.",
    SIZE > guard
      ? `Of more than ${counted(guard)} accounts the backbone is shown first: of each community the best connected, as many as is its share.`
      : null,
    SIZE < accounts
      ? `This page holds ${counted(SIZE)} of ${counted(accounts)} accounts: the best connected, and those in front by any score. Ranks are among all. All accounts are in the exported tables.`
      : null,
    EDGES.left_out
      ? `${counted(EDGES.left_out)} of the lightest edges among them are in the exported tables alone.`
      : null,
    EDGES.loops ? `${some(EDGES.loops, "edge")} from an account to itself count for nothing here.` : null,
    "Edges that stand out are those whose share of an account's weight would come about by chance in fewer than 5 of 100 (disparity filter).",
    DATA.synthetic ? "These data are synthetic." : null,
    ...DATA.notes,
  ];
  byId("notes-body").replaceChildren(
    el("ul", {}, ...notes.filter(Boolean).map((note) => el("li", {}, note))),
  );
  const kinds = DATA.kinds.join(", ");
  const time = DATA.span ? `, ${DATA.span}` : "";
  byId("lead").textContent =
    `${some(accounts, "account")} in ${some(DATA.communities.length, "community", "communities")}, ` +
    `${some(edges, "edge")}${kinds ? ` (${kinds})` : ""}, ${some(posts, "post")}${time}.`;
}
