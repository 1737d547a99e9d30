// Runs the model in a worker, so that the page stays responsive. One thread, which needs no special HTTP headers.
import * as ort from "./runtime/ort.wasm.bundle.min.mjs";

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = {wasm: new URL("./runtime/ort-wasm-simd-threaded.wasm", import.meta.url).href};
const made = ort.InferenceSession.create(new URL("./model.onnx", import.meta.url).href);
made.catch(() => {});  // the error is reported to each request

onmessage = async ({data: {id, inputs, output}}) => {
  try {
    const session = await made, feeds = {};
    for (const {name, dtype, shape, numbers} of inputs ?? []) feeds[name] = new ort.Tensor(dtype, numbers, [1, ...shape]);
    const began = performance.now();
    const numbers = inputs ? (await session.run(feeds))[output].data : null;
    postMessage({id, numbers, milliseconds: performance.now() - began});
  } catch (error) {
    postMessage({id, error: String(error.message ?? error)});
  }
};
