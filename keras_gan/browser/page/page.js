// The page: draws inputs, shows pictures, and has controls for the inputs of the model.

import {Generator} from "./generator.js";
import {between, truncation} from "./noise.js";
import {choice, latents, make, slider} from "./controls.js";
import {paper} from "./paper.js";

const byId = id => document.getElementById(id);
const ANY = "Any";
const PIXELS = 256;  // minimum side of saved pictures
const LEG = 4000;  // milliseconds from one end of a walk to the other
const state = {seed: 0, title: "", limit: null, fixed: {}, drawn: {}, from: null, to: null, next: 0, playing: false};
const cards = new Map();
let generator, inputs, kinds, random, wanted = 0, telling;

start().catch(fail);

async function start() {
  generator = await Generator.load();
  ({inputs} = generator.told);
  kinds = kind => inputs.filter(input => input.kind === kind);
  const {name, shape: [height, width], bytes} = generator.told;
  document.title = byId("name").textContent = name;
  const sides = `${height} × ${width}`;
  byId("about").textContent = `Pictures of ${sides} pixels, made in your browser by a model of ${size(bytes)}.`;
  Object.assign(byId("picture"), {width, height, className: Math.max(width, height) < 128 ? "small" : ""});
  random = inputs.some(input => input.kind !== "unread" && Object.keys(input.keys ?? {}).length);
  if (!random) document.querySelectorAll(".drawn").forEach(each => each.remove());
  byId("all").hidden = false;
  const asked = new URLSearchParams(location.hash.slice(1));
  state.seed = seedOf(asked.get("seed"));
  state.drawn = generator.draw(state.seed);
  await generator.make(state.drawn);  // the first one takes longer
  kinds("classes").forEach(input => showClasses(input, asked.get(input.name)));
  showLimits();
  kinds("latents").forEach(showLatents);
  if (kinds("latents").length) showWalk();
  kinds("picture").forEach(input => paper(input, pixels => {
    state.fixed[input.name] = generator.read(pixels, input);
    state.drawn = {...state.drawn, ...state.fixed};
    show();
  }, fail));
  if (random) showMany();
  byId("dice")?.addEventListener("click", () => drawSeed(randomSeed()));
  byId("seed")?.addEventListener("change", () => drawSeed(seedOf(byId("seed").value)));
  byId("save").onclick = () => save([byId("picture")], 1, `${name}${random ? `-${state.seed}` : ""}.png`);
  drawSeed(state.seed);
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function seedOf(text) {
  return Math.min(2 ** 31 - 1, Math.max(0, Math.trunc(text) || 0));
}

function randomSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0] >>> 1;
}

function fail(error) {
  Object.assign(byId("error"), {hidden: false, textContent: error.message ?? error});
}

// Announces a text to screen readers, not more often than they can read.
function tell(text) {
  clearTimeout(telling);
  telling = setTimeout(() => { byId("said").textContent = text; }, 400);
}

function drawOf(seed, row = 0) {
  return {...generator.draw(seed, row, state.limit), ...state.fixed};
}

function drawSeed(seed) {
  state.seed = seed;
  remember();
  if (state.to) state.to = drawOf(state.next);
  choose(drawOf(seed), `Seed ${seed}`);
}

// Writes seed and class to the address of the page, which can be shared.
function remember() {
  if (!random) return;
  const hash = new URLSearchParams({seed: state.seed});
  kinds("classes").forEach(({name}) => name in state.fixed && hash.set(name, state.fixed[name][0]));
  history.replaceState(null, "", `#${hash}`);
  byId("seed").value = state.seed;
}

// Shows the picture of the inputs `drawn`, from which a walk begins.
function choose(drawn, title) {
  state.drawn = state.from = drawn;
  state.title = title;
  byId("way").value = 0;
  for (const [name, card] of cards) card.set(drawn[name]);
  show();
}

// Makes the picture of the current inputs; of the requests that arrive meanwhile, only the last is served.
async function show() {
  if (++wanted > 1) return;
  try {
    for (let asked = 0; asked !== wanted;) {
      asked = wanted;
      const {picture, milliseconds, broken} = await generator.make(state.drawn);
      byId("picture").getContext("2d").putImageData(picture, 0, 0);
      const of = random ? `${state.title}${className()}, made` : "Made";
      const text = `${of} in ${milliseconds.toFixed(1)} ms${broken ? `; ${broken} numbers of it are not finite` : ""}`;
      byId("line").textContent = text;
      byId("picture").setAttribute("aria-label", `The picture. ${text}`);
      tell(text);
    }
    byId("error").hidden = true;
  } catch (error) {
    fail(error);
  } finally {
    wanted = 0;
  }
}

function names(input) {
  return input.names ?? Array.from({length: input.count}, (_, i) => String(i));
}

function className() {
  return kinds("classes").filter(input => input.count > 1).map(input => {
    const label = state.drawn[input.name][0];
    return `, ${input.names?.[label] ?? `class ${label}`}`;
  }).join("");
}

function showClasses(input, asked) {
  const any = Boolean(input.keys.uniform), known = names(input), first = Number(asked ?? NaN);
  const chosen = Number.isInteger(first) && first >= 0 && first < input.count ? first : any ? -1 : 0;
  const set = place => {
    const label = place - any;
    if (label < 0) delete state.fixed[input.name];
    else state.fixed[input.name] = [label];
  };
  set(chosen + any);
  const title = kinds("classes").length > 1 ? input.name : "Class";
  const one = choice(any ? [ANY, ...known] : known, title, chosen + any, place => {
    set(place);
    if (place - any < 0) drawSeed(state.seed);
    else {
      state.from = state.from && {...state.from, ...state.fixed};
      state.to = state.to && {...state.to, ...state.fixed};
      state.drawn = {...state.drawn, ...state.fixed};
      remember();
      show();
    }
  });
  byId("classes").append(one.element);
  byId("classes").hidden = input.count < 2;
}

// The card of a truncation: a constant, such as psi of StyleGAN2, or latents that can be truncated.
function showLimits() {
  const constants = inputs.filter(input => input.prior === "Constant");
  for (const {name, value} of constants) {
    add(name, [0, Math.max(1, value)], value, number => { state.fixed[name] = [number]; });
  }
  const limited = kinds("latents").map(truncation).filter(Boolean)[0];
  if (limited && !constants.length) {
    const {least, most, off} = limited;
    const words = number => (number >= off ? "none" : number.toFixed(2));
    add("limit", [least, most], off, number => { state.limit = number >= off ? null : number; }, words);
  }
  function add(name, span, value, set, words) {
    byId("limits").append(slider(name, span, value, number => {
      set(number);
      drawSeed(state.seed);
    }, words).element);
    byId("limits").hidden = false;
  }
}

function showLatents(input) {
  const card = latents(input, kinds("latents").length > 1 ? input.name : "Latents", z => {
    state.drawn = state.from = {...state.drawn, [input.name]: z};
    state.title = `Seed ${state.seed}, changed`;
    byId("way").value = 0;
    show();
  });
  cards.set(input.name, card);
  byId("latents").append(card.element);
}

function showWalk() {
  const play = byId("play"), way = byId("way");
  let last;
  const renew = () => {
    state.next = randomSeed();
    state.to = drawOf(state.next);
    byId("ends").textContent = `From the picture to that of seed ${state.next}`;
  };
  const go = t => {  // inputs other than latents, such as a class, change halfway
    const walked = kinds("latents").map(({name, walk}) => [name, between(state.from[name], state.to[name], t, walk)]);
    state.drawn = {...(t < 0.5 ? state.from : state.to), ...Object.fromEntries(walked)};
    state.title = `Seed ${state.seed} to ${state.next}`;
    for (const [name, card] of cards) card.set(state.drawn[name]);
    show();
  };
  const step = now => {
    if (!state.playing) return;
    way.value = Number(way.value) + Math.min(100, now - (last ?? now)) / LEG;
    last = now;
    go(Number(way.value));
    if (Number(way.value) >= 1) {
      [state.seed, state.from] = [state.next, state.drawn];
      remember();
      way.value = 0;
      renew();
    }
    requestAnimationFrame(step);
  };
  way.step = "any";
  way.oninput = () => go(Number(way.value));
  play.onclick = () => {
    state.playing = !state.playing;
    play.setAttribute("aria-pressed", state.playing);
    play.textContent = state.playing ? "Pause" : "Play";
    last = undefined;
    requestAnimationFrame(step);
  };
  renew();
  byId("walk").hidden = false;
}

function showMany() {
  let round = 0;
  byId("many").hidden = false;
  byId("fill").onclick = async () => {
    const mine = ++round, count = Number(byId("count").value), {seed} = state, grid = byId("grid");
    const [height, width] = generator.told.shape;
    byId("save-many").disabled = true;
    grid.replaceChildren();
    let spent = 0;
    try {
      for (let row = 0; row < count && mine === round; row++) {
        const drawn = drawOf(seed, row), {picture, milliseconds} = await generator.make(drawn);
        if (mine !== round) return;
        const canvas = make("canvas", {width, height, className: byId("picture").className});
        canvas.getContext("2d").putImageData(picture, 0, 0);
        const title = `Picture ${row + 1} of seed ${seed}`;
        const button = make("button", {type: "button", onclick: () => choose(drawn, title)}, canvas);
        button.setAttribute("aria-label", `${title}: show it`);
        grid.append(button);
        spent += milliseconds;
        byId("many-line").textContent = `${row + 1} pictures of seed ${seed}, ${(spent / (row + 1)).toFixed(1)} ms each`;
      }
      tell(byId("many-line").textContent);
      byId("save-many").disabled = false;
    } catch (error) {
      fail(error);
    }
  };
  byId("save-many").onclick = () => {
    const all = [...byId("grid").querySelectorAll("canvas")];
    save(all, Math.ceil(Math.sqrt(all.length)), `${generator.told.name}-${all.length}.png`);
  };
}

// Saves canvases side by side as one PNG; pixels of small pictures become squares.
function save(canvases, columns, file) {
  const [height, width] = generator.told.shape;
  const scale = Math.max(1, Math.ceil(PIXELS / Math.max(width, height) / columns));
  const sheet = make("canvas", {
    width: columns * width * scale, height: Math.ceil(canvases.length / columns) * height * scale,
  });
  const context = sheet.getContext("2d");
  context.imageSmoothingEnabled = false;
  canvases.forEach((canvas, i) => context.drawImage(
    canvas, (i % columns) * width * scale, Math.floor(i / columns) * height * scale, width * scale, height * scale));
  sheet.toBlob(blob => {
    const link = make("a", {href: URL.createObjectURL(blob), download: file});
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}
