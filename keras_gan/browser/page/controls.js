// Makes the controls of a model's inputs.

import {normal, onSphere} from "./noise.js";

export const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

// A labelled slider; `set(value)` moves it without an event. `words` formats its number.
export function slider(name, [least, most], value, changed, words = number => number.toFixed(2)) {
  const input = make("input", {type: "range", min: least, max: most, step: (most - least) / 200, value});
  const shown = make("output", {value: words(Number(value))});
  input.oninput = () => {
    shown.value = words(Number(input.value));
    changed(Number(input.value));
  };
  const element = make("label", {className: "slide"}, make("span", {textContent: name}), input, shown);
  const set = number => {
    input.value = number;
    shown.value = words(Number(number));
  };
  return {element, set};
}

// Buttons of which one is pressed, or a list if there are many; `changed` receives the index of the chosen one.
export function choice(names, title, chosen, changed, most = 24) {
  if (names.length > most) {
    const select = make("select", {onchange: () => changed(select.selectedIndex)});
    select.append(...names.map(name => make("option", {textContent: name})));
    select.selectedIndex = chosen;
    select.setAttribute("aria-label", title);
    return {element: make("div", {className: "choice"}, select), set: place => { select.selectedIndex = place; }};
  }
  const element = make("div", {className: "choice"});
  const set = place => [...element.children].forEach((each, i) => each.setAttribute("aria-pressed", i === place));
  names.forEach((name, i) => element.append(make("button", {
    type: "button", textContent: name, onclick: () => { set(i); changed(i); },
  })));
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", title);
  set(chosen);
  return {element, set};
}

// A square on which a point is moved: by a pointer, or by two sliders for the keyboard and screen readers.
function pad(moved) {
  const point = make("i"), element = make("div", {className: "pad"}, point);
  const axes = ["left and right", "down and up"].map(name => {
    const axis = make("input", {type: "range", min: -1, max: 1, step: 0.02, value: 0, oninput: () => tell()});
    axis.setAttribute("aria-label", `Pad, ${name}`);
    return axis;
  });
  element.append(...axes);
  const place = () => {
    point.style.left = `${50 + 50 * axes[0].value}%`;
    point.style.top = `${50 - 50 * axes[1].value}%`;
  };
  const tell = () => {
    place();
    moved(Number(axes[0].value), Number(axes[1].value));
  };
  const set = (x, y) => {
    [axes[0].value, axes[1].value] = [x, y];
    place();
  };
  const at = event => {
    const box = element.getBoundingClientRect();
    set(2 * (event.clientX - box.left) / box.width - 1, 1 - 2 * (event.clientY - box.top) / box.height);
    tell();
  };
  element.onpointerdown = event => {
    element.setPointerCapture(event.pointerId);
    axes[0].focus({preventScroll: true});
    at(event);
  };
  element.onpointermove = event => element.hasPointerCapture(event.pointerId) && at(event);
  place();
  return {element, set};
}

const SHOWN = 6;  // sliders at first, and as many more each time

// The range of each number of a latent, and its place on the pad if the pad sets two numbers directly.
function range(input) {
  if (input.prior === "Uniform") return [input.low, input.high];
  if (input.prior === "TruncatedNormal") return [-input.threshold, input.threshold];
  return [-3, 3];
}

// The numbers of a latent, continuous codes first; one-hot codes have buttons.
function places(input) {
  const all = Array.from({length: input.dim}, (_, i) => i);
  if (input.prior !== "Codes") return all;
  return [...all.slice(input.dim - input.continuous), ...all.slice(0, input.noise)];
}

function onPad(input) {
  const codes = input.dim - input.continuous;
  if (input.prior === "Codes" && input.continuous >= 2) return [codes, codes + 1];
  return input.dim === 2 && input.prior !== "Sphere" && input.prior !== "Codes" ? [0, 1] : null;
}

// `z` turned towards two random directions; it keeps its length if the prior has only that length.
function turned(input, z, x, y) {
  const length = numbers => Math.sqrt(numbers.reduce((sum, each) => sum + each * each, 0));
  const free = input.noise ?? input.dim, [low, high] = range(input);  // of codes only the noise
  const [a, b] = [0, 1].map(row => normal("0", 0, row * free, free)), step = 0.8 * Math.sqrt(free);
  const moved = z.map((each, i) => (i < free ? each + step * (x * a[i] / length(a) + y * b[i] / length(b)) : each));
  if (input.walk === "spherical") return moved.map(each => each * length(z) / length(moved));
  return moved.map(each => Math.min(high, Math.max(low, each)));
}

// The card of one latent input: pad, one-hot codes and sliders. `changed(z)` is called after each move.
export function latents(input, title, changed) {
  let z = [], centre = [];
  const [low, high] = range(input), direct = onPad(input), sliders = new Map(), codes = [];
  const settle = (moved, keepsCentre = false) => {
    z = input.prior === "Sphere" ? [...onSphere(moved)] : moved;
    if (!keepsCentre) centre = z;
    refresh();
    changed(z);
  };
  const tell = () => {
    for (const [i, each] of sliders) each.set(z[i]);
    for (const {set, start, size} of codes) set(z.slice(start, start + size).indexOf(1));
  };
  const span = i => (input.prior === "Codes" && i >= input.noise ? [-1, 1] : [low, high]);
  const refresh = () => {
    tell();
    if (direct) ground.set(...direct.map(i => 2 * (z[i] - span(i)[0]) / (span(i)[1] - span(i)[0]) - 1));
    else if (centre === z) ground.set(0, 0);
  };
  const ground = pad((x, y) => {
    if (!direct) {
      settle(turned(input, centre, x, y), true);
      return;
    }
    const moved = [...z];
    direct.forEach((i, axis) => { moved[i] = span(i)[0] + (span(i)[1] - span(i)[0]) * ([x, y][axis] + 1) / 2; });
    settle(moved);
  });
  const list = make("div", {className: "sliders"}), order = places(input);
  const more = make("button", {type: "button", onclick: () => add(order.slice(sliders.size, sliders.size + SHOWN))});
  const add = some => {
    for (const i of some) {
      const move = value => settle(z.map((each, k) => (k === i ? value : each)));
      const one = slider(`z${i + 1}`, span(i), z[i] ?? 0, move);
      sliders.set(i, one);
      more.before(one.element);
    }
    const left = order.length - sliders.size;
    more.hidden = left === 0;
    more.textContent = `Show ${Math.min(SHOWN, left)} more of ${left}`;
  };
  const card = make("section", {className: "card"}, make("h2", {textContent: title}));
  let start = input.noise ?? 0;
  (input.categorical ?? []).forEach((size, k) => {
    const first = start;
    const names = Array.from({length: size}, (_, i) => String(i));
    const one = choice(names, `Code ${k + 1}`, 0, chosen =>
      settle(z.map((each, i) => (i >= first && i < first + size ? Number(i === first + chosen) : each))));
    codes.push({...one, start: first, size});
    card.append(one.element);
    start += size;
  });
  list.append(more);
  add(order.slice(0, SHOWN));
  if (direct || (input.noise ?? input.dim) > 1) card.append(make("div", {className: "tune"}, ground.element, list));
  else if (order.length) card.append(list);
  return {element: card, set: numbers => { z = centre = [...numbers]; refresh(); }};
}
