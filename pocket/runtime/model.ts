// The functions of the model module: what WebLLM calls to embed, prefill, decode and sample.
import { Any, Arr, Dict, Func, T, Tensor, arg, array, bytes, define, dict, fail, func, release, retain, strArg, tensorArg } from "./abi";
import { HEADS, HEAD_DIM, HIDDEN, INTERMEDIATE, LAYERS, PER_WEIGHT, VOCAB } from "./generated/config";
import { FMAP, FMAP_SIZE, K, METADATA, METADATA_SIZE, kernelIndex, kernelSource, kernelSourceSize } from "./generated/kernels";
import { bind, bindBuffer, blocks, copyWithinGPU, finish, kernel, pod, run, setPipeline } from "./gpu";
import { KVState, QKV_ROW, createKVCache } from "./kv";
import { gpuTensor } from "./tensors";

// Parameter order, as in the metadata: embedding, layers of [norm, qkv, o, norm, gate_up, down], norm, lm_head.
// A weight matrix takes PER_WEIGHT tensors: its values, or its packed values and their scales.
const LAYER_PARAMS = 2 + 4 * PER_WEIGHT;

function bindWeight(params: Arr, at: i32): void {
  for (let i = 0; i < PER_WEIGHT; i++) bind(params.tensor(at + i));
}
function rmsNorm(x: i32, weight: Tensor, out: i32, row0: i32, rows: i32): void {
  kernel(K.rms_norm);
  bindBuffer(x);
  bind(weight);
  bindBuffer(out);
  pod(row0);
  run(rows);
}
function linear(x: i32, params: Arr, weight: i32, out: i32, k: i32, n: i32, rows: i32, accumulate: bool = false): void {
  kernel(K.linear);
  bindBuffer(x);
  bindWeight(params, weight);
  bindBuffer(out);
  pod(k);
  pod(n);
  pod(accumulate);
  run(blocks(n), rows);
}

/** (embeddings [1, n, hidden], state, params) -> [logits [1, 1, vocab], state]; both prefill and decode. */
function forward(self: Func, args: usize, count: i32, result: Any): i32 {
  const input = tensorArg(args, 0);
  const s = changetype<KVState>(arg(args, 1).ptr);
  const params = changetype<Arr>(arg(args, 2).ptr);
  const rows = input.dim(1);
  if (rows != s.pending) return fail("The state was not prepared for this many positions");
  if (copyWithinGPU(<i32>input.data, <i32>input.byteOffset, s.x, 0, input.nbytes)) return -1;

  let p = PER_WEIGHT;
  for (let layer = 0; layer < LAYERS; layer++, p += LAYER_PARAMS) {
    const qkv = p + 1, o = qkv + PER_WEIGHT, norm = o + PER_WEIGHT, gateUp = norm + 1, down = gateUp + PER_WEIGHT;
    rmsNorm(s.x, params.tensor(p), s.norm, 0, rows);
    linear(s.norm, params, qkv, s.qkv, HIDDEN, QKV_ROW, rows);

    kernel(K.rope_append);
    bindBuffer(s.qkv);
    bindBuffer(s.keys);
    bindBuffer(s.values);
    bindBuffer(s.turns);
    pod(layer * s.capacity);
    pod(s.length);
    pod(rows);
    run(blocks(rows * QKV_ROW >> 1));

    kernel(K.attention);
    bindBuffer(s.qkv);
    bindBuffer(s.keys);
    bindBuffer(s.values);
    bindBuffer(s.attn);
    pod(layer * s.capacity);
    pod(s.length);
    run(HEADS, rows);

    linear(s.attn, params, o, s.x, HEADS * HEAD_DIM, HIDDEN, rows, true);
    rmsNorm(s.x, params.tensor(norm), s.norm, 0, rows);
    linear(s.norm, params, gateUp, s.gate, HIDDEN, 2 * INTERMEDIATE, rows);

    kernel(K.swiglu);
    bindBuffer(s.gate);
    bindBuffer(s.act);
    pod(rows * INTERMEDIATE);
    run(blocks(rows * INTERMEDIATE));

    linear(s.act, params, down, s.x, INTERMEDIATE, HIDDEN, rows, true);
  }
  rmsNorm(s.x, params.tensor(p), s.norm, rows - 1, 1);
  const logits = gpuTensor(2, 3, 1, 1, VOCAB);
  linear(s.norm, params, p + 1, <i32>logits.data, HIDDEN, VOCAB, 1);

  const out = array(2);
  out.at(0).move(logits);
  out.at(1).move(retain(s));
  result.move(out);
  return finish();
}

export const model = dict();

export function registerModel(): void {
  define(model, "vm_initialization", (self: Func, args: usize, count: i32, result: Any): i32 => 0);
  define(model, "_metadata", (self: Func, args: usize, count: i32, result: Any): i32 => {
    result.move(bytes(T.Str, METADATA, METADATA_SIZE));
    return 0;
  });

  define(model, "webgpu.get_fmap", (self: Func, args: usize, count: i32, result: Any): i32 => {
    result.move(bytes(T.Str, FMAP, FMAP_SIZE));
    return 0;
  });
  define(model, "webgpu.get_shader", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const name = strArg(args, 0);
    const k = kernelIndex(name.data, name.size);
    release(name);
    if (k < 0) return fail("Unknown kernel");
    result.move(bytes(T.Str, kernelSource(k), kernelSourceSize(k)));
    return 0;
  });
  define(model, "webgpu.update_prebuild", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const name = strArg(args, 0);
    const k = kernelIndex(name.data, name.size);
    release(name);
    if (k < 0) return fail("Unknown kernel");
    setPipeline(k, changetype<Func>(arg(args, 1).ptr));
    return 0;
  });

  // (ids [n], params) -> embeddings [n, hidden]
  define(model, "embed", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const ids = tensorArg(args, 0);
    const params = changetype<Arr>(arg(args, 1).ptr);
    const rows = ids.dim(0);
    const out = gpuTensor(2, 2, rows, HIDDEN);
    kernel(K.embed);
    bind(ids);
    bindWeight(params, 0);
    bind(out);
    pod(rows * HIDDEN);
    run(blocks(rows * HIDDEN));
    result.move(out);
    return finish();
  });
  define(model, "prefill", forward);
  define(model, "decode", forward);
  define(model, "create_tir_paged_kv_cache", createKVCache);

  // (logits [1, 1, vocab], temperature [1]) -> probabilities [1, 1, vocab]
  define(model, "softmax_with_temperature", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const out = gpuTensor(2, 3, 1, 1, VOCAB);
    kernel(K.softmax);
    bind(tensorArg(args, 0));
    bind(tensorArg(args, 1));
    bind(out);
    run(1);
    result.move(out);
    return finish();
  });
  // (probabilities [1, vocab]) -> [sorted [1, vocab], indices [1, vocab]]
  define(model, "argsort_probs", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const sorted = gpuTensor(2, 2, 1, VOCAB);
    const indices = gpuTensor(0, 2, 1, VOCAB);
    kernel(K.argsort);
    bind(tensorArg(args, 0));
    bind(sorted);
    bind(indices);
    run(blocks(VOCAB));
    const out = array(2);
    out.at(0).move(sorted);
    out.at(1).move(indices);
    result.move(out);
    return finish();
  });
  // (sorted, indices, uniform [n], rows [n], top_p [1]) -> tokens [n]
  define(model, "sample_with_top_p", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const n = tensorArg(args, 3).dim(0);
    const out = gpuTensor(0, 1, n);
    kernel(K.sample_top_p);
    for (let i = 0; i < 5; i++) bind(tensorArg(args, i));
    bind(out);
    run(n);
    result.move(out);
    return finish();
  });
  // (logits, rows [1], pos_to_row [n], tokens [n], counts [n], penalties [1, 3])
  define(model, "apply_penalty_inplace", (self: Func, args: usize, count: i32, result: Any): i32 => {
    kernel(K.apply_penalty);
    for (let i = 0; i < 6; i++) bind(tensorArg(args, i));
    pod(tensorArg(args, 3).dim(0));
    run(blocks(tensorArg(args, 3).dim(0)));
    return finish();
  });
  // (logits, pos_to_row [n], tokens [n], bias [n])
  define(model, "apply_logit_bias_inplace", (self: Func, args: usize, count: i32, result: Any): i32 => {
    kernel(K.apply_logit_bias);
    for (let i = 0; i < 4; i++) bind(tensorArg(args, i));
    pod(tensorArg(args, 2).dim(0));
    run(blocks(tensorArg(args, 2).dim(0)));
    return finish();
  });
  // (logits, rows [n], mask [n, vocab / 32])
  define(model, "apply_bitmask_inplace", (self: Func, args: usize, count: i32, result: Any): i32 => {
    kernel(K.apply_bitmask);
    for (let i = 0; i < 3; i++) bind(tensorArg(args, i));
    pod(tensorArg(args, 1).dim(0) * VOCAB);
    run(blocks(tensorArg(args, 1).dim(0) * VOCAB));
    return finish();
  });
}
