// The library's own noise (keras_gan/noise.py) and priors: numbers are a function of an address, a seed and a place.
// So picture i of a seed is the one that `keras-gan sample --seed` makes.

const SCRAMBLE = [0x3ec8f720, 0x02461e29];

function high(a, b) {  // the upper 32 of the 64 bits of a b
  const a0 = a & 0xffff, a1 = a >>> 16, b0 = b & 0xffff, b1 = b >>> 16;
  const middle = a1 * b0 + Math.floor((a0 * b0) / 65536);
  const lower = a0 * b1 + (middle % 65536);
  return (a1 * b1 + Math.floor(middle / 65536) + Math.floor(lower / 65536)) >>> 0;
}

function philox(counter, key) {  // Philox 4x32-10 (Salmon et al., 2011)
  let [a, b, c, d] = counter, [k, l] = key;
  for (let round = 0; round < 10; round++) {
    [a, b, c, d] = [
      (high(0xcd9e8d57, c) ^ b ^ k) >>> 0, Math.imul(0xcd9e8d57, c) >>> 0,
      (high(0xd2511f53, a) ^ d ^ l) >>> 0, Math.imul(0xd2511f53, a) >>> 0,
    ];
    k = (k + 0x9e3779b9) >>> 0;
    l = (l + 0xbb67ae85) >>> 0;
  }
  return [a, b, c, d];
}

// `count` numbers in [0, 1) from number `first` on, at the address `key` (text of an int64) and `seed` (0 to 2^53).
export function uniform(key, seed, first, count) {
  const at = BigInt.asUintN(64, BigInt(key));
  const halves = [Number(at & 0xffffffffn), Number(at >> 32n), seed >>> 0, Math.floor(seed / 2 ** 32)];
  const [k, l, c, d] = philox(halves, SCRAMBLE);
  const made = new Float64Array(count);
  let block = -1, words;
  for (let i = 0; i < count; i++) {
    const place = first + i;
    if (Math.floor(place / 4) !== block) {
      block = Math.floor(place / 4);
      words = philox([block >>> 0, Math.floor(block / 2 ** 32), c, d], [k, l]);
    }
    made[i] = (words[place % 4] >>> 8) / 2 ** 24;
  }
  return made;
}

export function normal(key, seed, first, count) {  // Box and Muller
  const u = uniform(key, seed, 2 * first, 2 * count);
  return Float64Array.from({length: count}, (_, i) =>
    Math.sqrt(-2 * Math.log(1 - u[2 * i])) * Math.cos(2 * Math.PI * u[2 * i + 1]));
}

function pick(u, probabilities) {
  let edge = 0;
  for (let i = 0; i < probabilities.length - 1; i++) {
    edge = Math.fround(edge + Math.fround(probabilities[i]));
    if (u < edge) return i;
  }
  return probabilities.length - 1;
}

// The quantile of the normal distribution at p in (0, 1/2], by Acklam's rational functions (relative error 1.2e-9).
export function quantile(p) {
  const of = (x, ...terms) => terms.reduce((sum, term) => sum * x + term, 0);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return of(q, -7.784894002430293e-3, -0.3223964580411365, -2.400758277161838, -2.549732539343734,
      4.374664141464968, 2.938163982698783) /
      of(q, 7.784695709041462e-3, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1);
  }
  const q = p - 0.5, r = q * q;
  return q * of(r, -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269,
    -30.66479806614716, 2.506628277459239) /
    of(r, -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1);
}

// The lower tail of the normal distribution beyond -t, t >= 0: a continued fraction far out, a series near 0.
export function tail(t) {
  const density = Math.exp(-t * t / 2) / Math.sqrt(2 * Math.PI);
  if (t > 3) {
    let fraction = t;
    for (let k = 60; k > 0; k--) fraction = t + k / fraction;
    return density / fraction;
  }
  let term = t, sum = t;
  for (let k = 1; k < 60; k++) sum += term *= t * t / (2 * k + 1);
  return 0.5 - density * sum;
}

function truncatedNormal(u, threshold) {
  const beyond = tail(threshold);
  return Float64Array.from(u, each => {
    const v = 2 * each - (1 - 2 ** -24);
    const z = -Math.sign(v) * quantile(beyond + (0.5 - beyond) * (1 - Math.abs(v)));
    return Math.min(threshold, Math.max(-threshold, z));
  });
}

function codes(input, seed, row) {
  const z = [...normal(input.keys.noise, seed, row * input.noise, input.noise)];
  input.categorical.forEach((size, i) => {
    const code = pick(uniform(input.keys[`categorical_${i}`], seed, row, 1)[0], Array(size).fill(1 / size));
    for (let k = 0; k < size; k++) z.push(k === code ? 1 : 0);
  });
  return [...z, ...uniform(input.keys.continuous, seed, row * input.continuous, input.continuous).map(u => 2 * u - 1)];
}

function blocks(input, seed, row) {
  const [inside, outside] = input.shape.slice(0, 2).map((side, axis) => {
    const length = input.lengths[axis];
    const start = Math.floor(uniform(input.keys[axis], seed, row, 1)[0] * (side - length + 1));
    return Array.from({length: side}, (_, i) => (i >= start && i < start + length ? 1 : 0));
  });
  return inside.flatMap(y => outside.map(x => x * y));
}

// On the sphere of radius sqrt(dim).
export function onSphere(z) {
  const length = Math.sqrt(z.reduce((sum, x) => sum + x * x, 0) + 1e-12);
  return z.map(x => x * Math.sqrt(z.length) / length);
}

// The truncations that a prior supports, if any: [least, most, meaning of the most].
export function truncation(input) {
  if (input.prior === "Normal") return {least: 0.1, most: 3, off: 3};
  if (input.prior === "Uniform") return {least: 0.1, most: 1, off: 1};
  return null;
}

// Row `row` of the draw of a seed, numbers of one example; `limit` truncates as `keras-gan sample --truncation` does.
export function draw(input, seed, row, limit = null) {
  const {dim, keys} = input;
  if (input.prior === "Normal" && limit === null) return normal(keys.normal, seed, row * dim, dim);
  if (input.prior === "Normal") return truncatedNormal(uniform(input.keys.uniform, seed, row * dim, dim), limit);
  if (input.prior === "TruncatedNormal") {
    return truncatedNormal(uniform(keys.uniform, seed, row * dim, dim), input.threshold);
  }
  if (input.prior === "Uniform") {
    const middle = (input.low + input.high) / 2, half = (limit ?? 1) * (input.high - input.low) / 2;
    return uniform(keys.uniform, seed, row * dim, dim).map(u => middle - half + 2 * half * u);
  }
  if (input.prior === "Sphere") return onSphere(normal(keys.normal, seed, row * dim, dim));
  if (input.prior === "Codes") return codes(input, seed, row);
  if (input.prior === "Categorical") return [pick(uniform(keys.uniform, seed, row, 1)[0], input.probabilities)];
  if (input.prior === "Blocks") return blocks(input, seed, row);
  return [input.value];  // Constant
}

// Between two latents, t in [0, 1]: along a great circle if the prior is isotropic, otherwise along a line.
export function between(a, b, t, walk) {
  const straight = a.map((x, i) => (1 - t) * x + t * b[i]);
  if (walk !== "spherical") return straight;
  const dot = (x, y) => x.reduce((sum, each, i) => sum + each * y[i], 0);
  const angle = Math.acos(Math.min(1, Math.max(-1, dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)))));
  const sine = Math.sin(angle);
  if (!(sine > 1e-6)) return straight;
  return a.map((x, i) => (Math.sin((1 - t) * angle) * x + Math.sin(t * angle) * b[i]) / sine);
}
