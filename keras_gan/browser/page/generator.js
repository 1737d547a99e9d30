// The model of this folder, for this page or for your own:
//
//   import {Generator} from "./generator.js";
//   const generator = await Generator.load();
//   const {picture, milliseconds} = await generator.make(generator.draw(seed));  // picture is an ImageData

import {draw} from "./noise.js";

export class Generator {
  // Reads model.json, and waits until the model can run.
  static async load() {
    const answer = await fetch(new URL("./model.json", import.meta.url));
    if (!answer.ok) throw new Error(`model.json: ${answer.status} ${answer.statusText}`);
    const generator = new Generator(await answer.json());
    await generator.ask({});
    return generator;
  }

  constructor(told) {
    this.told = told;  // name, value, output, shape, range, inputs
    this.waiting = new Map();
    this.count = 0;
    this.worker = new Worker(new URL("./worker.js", import.meta.url), {type: "module"});
    this.worker.onmessage = ({data}) => {
      const {resolve, reject} = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (data.error === undefined) resolve(data);
      else reject(new Error(data.error));
    };
    this.worker.onerror = event => {
      for (const {reject} of this.waiting.values()) reject(new Error(event.message ?? "The model cannot be started."));
      this.waiting.clear();
    };
  }

  ask(message) {
    return new Promise((resolve, reject) => {
      this.waiting.set(++this.count, {resolve, reject});
      this.worker.postMessage({id: this.count, ...message});
    });
  }

  // Returns the inputs of picture `row` of a seed, lists of numbers by name; an input picture is mid-grey.
  draw(seed, row = 0, limit = null) {
    const [low, high] = this.told.range, drawn = {};
    for (const input of this.told.inputs) {
      const size = input.shape.reduce((product, side) => product * side, 1);
      if (input.kind === "picture") drawn[input.name] = new Float32Array(size).fill((low + high) / 2);
      else if (input.kind === "unread") drawn[input.name] = new Float32Array(size);
      else if (input.kind === "classes" && !input.keys.uniform) drawn[input.name] = [0];
      else drawn[input.name] = draw(input, seed, row, limit);
    }
    return drawn;
  }

  // Makes one picture; also returns the milliseconds it took, and how many of its numbers are not finite.
  async make(drawn) {
    const {inputs, output, shape: [height, width, channels], range: [low, high]} = this.told;
    const fed = inputs.map(({name, dtype, shape}) => {
      const numbers = dtype === "int32" ? Int32Array.from(drawn[name]) : Float32Array.from(drawn[name]);
      return {name, dtype, shape, numbers};
    });
    const {numbers, milliseconds} = await this.ask({inputs: fed, output});
    const picture = new ImageData(width, height);
    let broken = 0;
    for (let i = 0, pixel = 0; pixel < picture.data.length; pixel += 4, i += channels) {
      picture.data[pixel + 3] = 255;
      for (let channel = 0; channel < Math.max(3, channels); channel++) {
        const number = numbers[i + (channels === 1 ? 0 : channel)];
        broken += channel < channels && !Number.isFinite(number);
        picture.data[pixel + channel] = (number - low) * (255 / (high - low));  // is rounded and clipped
      }
    }
    return {picture, milliseconds, broken};
  }

  // Converts RGBA pixels, 0 to 255, to the numbers of a picture input.
  read(pixels, input) {
    const [low, high] = this.told.range, channels = input.shape[2];
    const numbers = new Float32Array(pixels.length / 4 * channels);
    for (let i = 0, pixel = 0; pixel < pixels.length; pixel += 4, i += channels) {
      const grey = Math.round(0.299 * pixels[pixel] + 0.587 * pixels[pixel + 1] + 0.114 * pixels[pixel + 2]);
      for (let channel = 0; channel < channels; channel++) {
        numbers[i + channel] = channels === 1 ? grey : pixels[pixel + channel];
      }
    }
    return numbers.map(each => low + (each * (high - low)) / 255);
  }
}
