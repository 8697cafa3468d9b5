"use strict";
// Canvas: sigma draws what is seen. Where there is no WebGL, a still picture stands in its place.
const canvas = { renderer: null, graph: null, hovered: null, near: null, seen: null, paper: [1, 1, 1] };
const theme = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// sigma expects colours that are multiplied by how opaque they are.
function veil(colour, share) {
  const [r, g, b] = [1, 3, 5].map((at) => Math.round(parseInt(colour.slice(at, at + 2), 16) * share));
  return `rgba(${r},${g},${b},${share})`;
}

// Points with a rim of the paper's colour. Where there is no graphics card they cost a third of what sigma's own
// circles do, which are triangles, an instance an account.
function circles() {
  return class extends drawing.NodePointProgram {
    getDefinition() {
      const told = super.getDefinition();
      return { ...told, FRAGMENT_SHADER_SOURCE: RIMMED, UNIFORMS: [...told.UNIFORMS, "u_paper"] };
    }
    setUniforms(told, info) {
      super.setUniforms(told, info);
      info.gl.uniform4f(info.uniformLocations.u_paper, ...canvas.paper, 1);
    }
  };
}
const RIMMED = `
precision mediump float;
varying vec4 v_color;
varying float v_border;
uniform vec4 u_paper;
void main(void) {
  float inside = 0.5 - length(gl_PointCoord - vec2(0.5, 0.5));
  #ifdef PICKING_MODE
  gl_FragColor = inside > v_border ? v_color : vec4(0.0);
  #else
  float edge = clamp(inside / v_border, 0.0, 1.0);
  float rim = clamp((inside - 1.6 * v_border) / v_border, 0.0, 1.0);
  gl_FragColor = mix(u_paper, v_color, rim) * edge;
  #endif
}`;

function hasWebGL() {
  const tried = document.createElement("canvas");
  return Boolean(tried.getContext("webgl2") || tried.getContext("webgl"));
}

function startCanvas() {
  if (SIZE === 0 || EDGES.source.length === 0) return stillCanvas("There is no edge to draw.");
  if (!hasWebGL()) {
    return stillCanvas(
      "This browser has no WebGL, so the picture does not move: it shows the backbone. The tables have everything.",
    );
  }
  canvas.graph = new drawing.Graph({ type: "undirected", allowSelfLoops: false });
  canvas.renderer = new drawing.Sigma(canvas.graph, byId("canvas"), {
    hideEdgesOnMove: true,
    hideLabelsOnMove: false,
    defaultNodeType: "circle",
    nodeProgramClasses: { circle: circles() },
    minEdgeThickness: 0.7,
    zIndex: true,
    stagePadding: 24,
    labelFont: "system-ui, sans-serif",
    labelSize: 12.5,
    labelWeight: "600",
    labelDensity: 0.5,
    labelGridCellSize: 110,
    labelRenderedSizeThreshold: 7,
    minCameraRatio: 0.02,
    maxCameraRatio: 3,
    defaultDrawNodeLabel: drawLabel,
    defaultDrawNodeHover: drawHovered,
    nodeReducer: reducedNode,
    edgeReducer: reducedEdge,
    allowInvalidContainer: true,
  });
  canvas.renderer.setCustomBBox(extent());
  canvas.renderer.on("enterNode", ({ node }) => hover(node));
  canvas.renderer.on("leaveNode", () => hover(null));
  canvas.renderer.on("clickNode", ({ node }) => pick(node));
  canvas.renderer.on("clickStage", () => (state.account === "" ? null : change({ account: "" })));
  canvas.renderer.on("beforeRender", hideEmptyLayers);
  canvas.renderer.on("afterRender", placeNames);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawCanvas(canvas.seen));
}

// A layer with nothing on it costs as much as a full one.
function hideEmptyLayers() {
  const { renderer } = canvas;
  const mouse = renderer.getMouseCaptor();
  const moving =
    renderer.getCamera().isAnimated() || mouse.isMoving || mouse.draggedEvents || mouse.currentWheelDirection;
  byId("canvas").classList.toggle("moving", Boolean(moving));
  byId("canvas").classList.toggle("unfocused", focused() === "");
}

function stillCanvas(reason) {
  byId("canvas").hidden = true;
  byId("still").hidden = false;
  byId("still").prepend(quiet(reason));
}

// The same in every window: accounts stay where they are while time goes by.
function extent() {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  const linked = new Set([...EDGES.source, ...EDGES.target]);
  for (const i of linked) {
    left = Math.min(left, ACCOUNTS.x[i]);
    right = Math.max(right, ACCOUNTS.x[i]);
    low = Math.min(low, ACCOUNTS.y[i]);
    high = Math.max(high, ACCOUNTS.y[i]);
  }
  return { x: [left, Math.max(right, left + 1)], y: [low, Math.max(high, low + 1)] };
}

// Between a radius and an area of the score: those in front stand out, and the many leave room.
function sizer(accounts) {
  const found = chosen();
  const value = (i) => (found && isNumber(found.value[i]) ? Math.max(found.value[i], 0) : 0);
  let top = 0;
  for (const i of accounts) top = Math.max(top, value(i));
  const [least, most] = accounts.length > 3000 ? [1.7, 11] : accounts.length > 400 ? [2.4, 13] : [4, 18];
  const narrow = Math.min(1, 0.35 + canvas.renderer.getDimensions().width / 1000); // a phone has less room
  return (i) => narrow * (least + (top ? (most - least) * (value(i) / top) ** 0.75 : 2));
}

function drawCanvas(found) {
  canvas.seen = found;
  if (!canvas.renderer) return;
  canvas.hovered = canvas.near = null;
  canvas.faded = theme("--faded");
  canvas.paper = [1, 3, 5].map((at) => parseInt(theme("--paper").slice(at, at + 2), 16) / 255);
  const { graph, renderer } = canvas;
  graph.clear();
  if (state.view === "communities") drawBodies(found);
  else drawAccounts(found);
  renderer.setSetting("labelColor", { color: theme("--ink") });
  renderer.refresh();
  placeNames();
}

function drawAccounts({ accounts, lines }) {
  const size = sizer(accounts);
  const shown = new Set(accounts);
  const open = state.account === "" ? [] : [Number(state.account)];
  // An account that was searched for is shown whether or not it belongs to the backbone.
  for (const i of [...accounts, ...open.filter((one) => !shown.has(one))]) {
    canvas.graph.addNode(String(i), {
      x: ACCOUNTS.x[i],
      y: ACCOUNTS.y[i],
      size: size(i),
      color: colourOf(communityOf(i)),
      label: ACCOUNTS.name[i],
      zIndex: 1,
    });
  }
  const top = Math.log1p(lines.reduce((most, one) => Math.max(most, one.weight), 1));
  const many = Math.min(1, 2500 / Math.max(lines.length, 1));
  lines.forEach(({ a, b, weight }, order) => {
    const [from, to] = [communityOf(a), communityOf(b)];
    const share = Math.log1p(weight) / top;
    const colour = from === to ? colourOf(from) : DATA.other;
    const opaque = (from === to ? 0.14 : 0.09) + 0.5 * share * share * (0.35 + 0.65 * many);
    canvas.graph.addEdge(String(a), String(b), {
      size: 0.6 + 2.4 * share * share,
      color: veil(colour, Math.min(opaque, 0.7)),
      full: colour,
      zIndex: order,
    });
  });
}

function drawBodies(found) {
  const told = bodies(found);
  const top = told.found.reduce((most, one) => Math.max(most, bodySize(one)), 1);
  for (const one of told.found) {
    canvas.graph.addNode("c" + one.code, {
      x: one.x,
      y: one.y,
      size: 5 + 45 * Math.sqrt(bodySize(one) / top),
      color: colourOf(one.code),
      label: short(communityName(one.code).split(/[,;]/)[0], 26),
      forceLabel: bodySize(one) > top / 8,
      zIndex: 1,
    });
  }
  const most = told.lines.reduce((found, one) => Math.max(found, one.weight), 1);
  for (const { ends, weight } of told.lines) {
    const share = Math.sqrt(weight / most);
    canvas.graph.addEdge("c" + ends[0], "c" + ends[1], {
      size: 0.7 + 9 * share,
      color: veil(DATA.other, 0.15 + 0.35 * share),
      full: DATA.other,
    });
  }
}
// All members count, also those that this page does not hold.
const bodySize = (one) =>
  COMMUNITIES.has(String(one.code)) ? COMMUNITIES.get(String(one.code)).size : one.n;

function hover(node) {
  canvas.hovered = node;
  canvas.near = node === null ? null : new Set(canvas.graph.neighbors(node));
  byId("canvas").classList.toggle("pointing", node !== null);
  canvas.renderer.refresh({ skipIndexation: true });
  if (state.account === "") drawCard(node !== null && !node.startsWith("c") ? Number(node) : null, false);
}

function pick(node) {
  if (node.startsWith("c")) change({ open: node.slice(1) });
  else change({ account: node });
}

const focused = () => (canvas.hovered !== null ? canvas.hovered : state.account);
const nearTo = (node) =>
  canvas.near || new Set(canvas.graph.hasNode(node) ? canvas.graph.neighbors(node) : []);

function reducedNode(node, told) {
  const at = focused();
  if (at === "" || !canvas.graph.hasNode(at)) return told;
  if (node === at) return { ...told, highlighted: true, zIndex: 3 };
  if (nearTo(at).has(node)) return { ...told, zIndex: 2 };
  return { ...told, color: canvas.faded, label: null, zIndex: 0 };
}

function reducedEdge(edge, told) {
  const at = focused();
  if (at === "" || !canvas.graph.hasNode(at)) return told;
  if (canvas.graph.hasExtremity(edge, at))
    return { ...told, color: veil(told.full, 0.75), size: Math.max(told.size, 1.1) };
  return { ...told, hidden: true };
}

function drawLabel(context, told, settings) {
  if (!told.label) return;
  context.font = `${settings.labelWeight} ${settings.labelSize}px ${settings.labelFont}`;
  const [x, y] = [told.x + told.size + 3, told.y + settings.labelSize / 3];
  context.lineWidth = 3.5;
  context.lineJoin = "round";
  context.strokeStyle = theme("--paper");
  context.strokeText(told.label, x, y);
  context.fillStyle = theme("--ink");
  context.fillText(told.label, x, y);
}

function drawHovered(context, told, settings) {
  context.beginPath();
  context.arc(told.x, told.y, told.size + 2.5, 0, 2 * Math.PI);
  context.lineWidth = 2.5;
  context.strokeStyle = theme("--ink");
  context.stroke();
  drawLabel(context, { ...told, label: told.label || "" }, settings);
}

function lookAt(node) {
  const told = canvas.renderer && canvas.renderer.getNodeDisplayData(String(node));
  if (told)
    canvas.renderer
      .getCamera()
      .animate({ x: told.x, y: told.y, ratio: 0.35 }, { duration: still() ? 0 : 400 });
}
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function drawZoom() {
  if (!canvas.renderer) return;
  const camera = canvas.renderer.getCamera();
  const duration = still() ? 1 : 250;
  const button = (label, text, onclick) =>
    el("button", { type: "button", "aria-label": label, title: label, onclick }, text);
  byId("zoom").replaceChildren(
    button("Zoom in", "+", () => camera.animatedZoom({ duration })),
    button("Zoom out", "−", () => camera.animatedUnzoom({ duration })),
    button("Show all", "⤢", () => camera.animatedReset({ duration })),
  );
}
