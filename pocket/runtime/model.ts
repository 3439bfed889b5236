// The functions of the model module: what WebLLM calls to embed, prefill, decode and sample.
import { Any, Arr, Func, T, Tensor, arg, array, bytes, define, dict, fail, release, retain, strArg, tensorArg } from "./abi";
import { CHUNK, FLOAT_BYTES, HEADS, HEAD_DIM, HIDDEN, INTERMEDIATE, KV_HEADS, LAYERS, SAMPLING_BUFFERS, VOCAB, WEIGHT_TENSORS } from "./generated/config";
import { FMAP, FMAP_SIZE, K, KERNELS, METADATA, METADATA_SIZE, TABLE, TEXT } from "./generated/kernels";
import { bind, bindBuffer, blocks, copyWithinGPU, finish, holdSampling, kernel, pod, run, setPipeline, startPooling } from "./gpu";
import { KVState, createKVCache } from "./kv";
import { gpuTensor } from "./tensors";

const QKV_HEADS = HEADS + 2 * KV_HEADS;

// Parameter order, as in the metadata: embedding, layers of [norm, qkv, o, norm, gate_up, down], norm, lm_head.
// A matrix takes WEIGHT_TENSORS tensors: its values, or its packed values and their scales.
const QKV = 1, O = QKV + WEIGHT_TENSORS, MLP_NORM = O + WEIGHT_TENSORS, GATE_UP = MLP_NORM + 1;
const DOWN = GATE_UP + WEIGHT_TENSORS, LAYER_PARAMS = DOWN + WEIGHT_TENSORS;
const PARAMS = WEIGHT_TENSORS + LAYERS * LAYER_PARAMS + 1 + WEIGHT_TENSORS;

function bindWeight(params: Arr, at: i32): void {
  for (let i = 0; i < WEIGHT_TENSORS; i++) bind(params.tensor(at + i));
}
/** Launches for several rows go four rows at a time. */
@inline function byRows(rows: i32): i32 { return rows == 1 ? 1 : (rows + 3) >> 2; }

/** x [rows, HIDDEN] += input [rows, columns] times the matrix at `weight`. */
function addLinear(input: i32, params: Arr, weight: i32, x: i32, columns: i32, rows: i32): void {
  kernel(rows == 1 ? K.add_linear : K.add_linear_4);
  bindBuffer(input);
  bindWeight(params, weight);
  bindBuffer(x);
  pod(rows);
  pod(columns);
  run(blocks(HIDDEN), byRows(rows)); // two columns a thread, 32 threads
}

/** (embeddings F [1, n, HIDDEN], state, params) -> [logits f32 [1, 1, VOCAB] of the last, state]; prefill and decode. */
function forward(self: Func, args: usize, count: i32, result: Any): i32 {
  const input = tensorArg(args, 0);
  const s = changetype<KVState>(arg(args, 1).ptr);
  const params = changetype<Arr>(arg(args, 2).ptr);
  const rows = input.ndim == 3 ? input.dim(1) : 0;
  if (rows < 1 || input.nbytes != rows * HIDDEN * FLOAT_BYTES) return fail("The embeddings are not [1, n, hidden] of this variant");
  if (params.size != PARAMS) return fail("The parameters are not this variant's");
  if (rows != s.pending) return fail("The state was not prepared for this many positions");
  if (copyWithinGPU(<i32>input.data, <i32>input.byteOffset, s.x, 0, input.nbytes)) return -1;

  let p = WEIGHT_TENSORS;
  for (let layer = 0; layer < LAYERS; layer++, p += LAYER_PARAMS) {
    kernel(rows == 1 ? K.project_qkv : K.project_qkv_4);
    bindBuffer(s.x);
    bind(params.tensor(p));
    bindWeight(params, p + QKV);
    bindBuffer(s.turns);
    bindBuffer(s.heads);
    bindBuffer(s.keys);
    bindBuffer(s.values);
    pod(rows);
    pod(layer * s.stride);
    pod(s.length);
    run(blocks(QKV_HEADS * HEAD_DIM / 2), byRows(rows));

    kernel(K.attention);
    bindBuffer(s.heads);
    bindBuffer(s.keys);
    bindBuffer(s.values);
    pod(rows);
    pod(layer * s.stride);
    pod(s.length);
    run(blocks(rows * HEADS));

    addLinear(s.heads, params, p + O, s.x, HEADS * HEAD_DIM, rows);

    kernel(rows == 1 ? K.gate_up : K.gate_up_4);
    bindBuffer(s.x);
    bind(params.tensor(p + MLP_NORM));
    bindWeight(params, p + GATE_UP);
    bindBuffer(s.act);
    pod(rows);
    run(blocks(INTERMEDIATE), byRows(rows));

    addLinear(s.act, params, p + DOWN, s.x, INTERMEDIATE, rows);
  }
  kernel(K.project_logits);
  bindBuffer(s.x);
  bind(params.tensor(p));
  bindWeight(params, p + 1);
  bind(s.logits);
  pod(rows - 1);
  run(blocks(VOCAB >> 1));

  const out = array(2);
  out.at(0).move(retain(s.logits));
  out.at(1).move(retain(s));
  return finish(out, result);
}

/** The kernel of a name, or -1. */
function kernelIndex(name: usize, size: usize): i32 {
  for (let k = 0; k < KERNELS; k++) {
    const row = TABLE + (<usize>k << 4);
    if (load<u32>(row, 4) == <u32>size && memory.compare(TEXT + load<u32>(row), name, size) == 0) return k;
  }
  return -1;
}
function kernelArg(args: usize): i32 {
  const name = strArg(args, 0);
  const k = kernelIndex(name.data, name.size);
  if (k < 0) fail("Unknown kernel ", name.data);
  release(name);
  return k;
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
    const k = kernelArg(args);
    if (k < 0) return -1;
    const row = TABLE + (<usize>k << 4);
    result.move(bytes(T.Str, TEXT + load<u32>(row, 8), load<u32>(row, 12)));
    return 0;
  });
  define(model, "webgpu.update_prebuild", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const k = kernelArg(args);
    if (k < 0) return -1;
    setPipeline(k, changetype<Func>(arg(args, 1).ptr));
    return 0;
  });

  // (ids i32 [n], params) -> embeddings F [n, HIDDEN]. The buffer always has room for a whole chunk, so that every
  // step finds the one of the step before in the pool.
  define(model, "embed", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const ids = tensorArg(args, 0);
    const params = changetype<Arr>(arg(args, 1).ptr);
    const rows = ids.dim(0);
    startPooling();
    const out = gpuTensor(2, <u8>(FLOAT_BYTES * 8), 2, rows, HIDDEN, 0, CHUNK * HIDDEN * FLOAT_BYTES);
    kernel(K.embed);
    bind(ids);
    bindWeight(params, 0);
    bind(out);
    pod(rows);
    run(blocks(rows * HIDDEN / 4));
    return finish(out, result);
  });
  define(model, "prefill", forward);
  define(model, "decode", forward);
  define(model, "create_tir_paged_kv_cache", createKVCache);

  // From here on everything is f32 in every variant.
  // (logits [1, n, VOCAB], temperature [n]) -> probabilities [1, n, VOCAB]
  define(model, "softmax_with_temperature", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const logits = tensorArg(args, 0);
    const rows = logits.count / VOCAB;
    const out = gpuTensor(2, 32, 3, 1, rows, VOCAB);
    if (SAMPLING_BUFFERS > 0) holdSampling(1);
    kernel(K.softmax);
    bind(logits);
    bind(tensorArg(args, 1));
    bind(out);
    run(rows);
    return finish(out, result);
  });
  // (probabilities [n, VOCAB]) -> [sorted [n, VOCAB], indices i32 [n, VOCAB]]
  define(model, "argsort_probs", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const probabilities = tensorArg(args, 0);
    const rows = probabilities.count / VOCAB;
    const sorted = gpuTensor(2, 32, 2, rows, VOCAB);
    const indices = gpuTensor(0, 32, 2, rows, VOCAB);
    if (SAMPLING_BUFFERS > 0) holdSampling(SAMPLING_BUFFERS);
    kernel(K.argsort);
    bind(probabilities);
    bind(sorted);
    bind(indices);
    run(blocks(VOCAB >> 2), rows);
    const out = array(2);
    out.at(0).move(sorted);
    out.at(1).move(indices);
    return finish(out, result);
  });
  // (sorted, indices, uniform [n], rows i32 [n], top_p [rows]) -> tokens i32 [n]
  define(model, "sample_with_top_p", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const draws = tensorArg(args, 3).dim(0);
    const out = gpuTensor(0, 32, 1, draws);
    kernel(K.sample_top_p);
    for (let i = 0; i < 5; i++) bind(tensorArg(args, i));
    bind(out);
    run(draws);
    return finish(out, result);
  });
  // (logits, rows i32 [m], pos_to_row i32 [n], tokens i32 [n], counts i32 [n], penalties [m, 3])
  define(model, "apply_penalty_inplace", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const tokens = tensorArg(args, 3).dim(0);
    kernel(K.apply_penalty);
    for (let i = 0; i < 6; i++) bind(tensorArg(args, i));
    pod(tokens);
    run(blocks(tokens));
    return finish(null, result);
  });
  // (logits, pos_to_row i32 [n], tokens i32 [n], bias [n])
  define(model, "apply_logit_bias_inplace", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const tokens = tensorArg(args, 2).dim(0);
    kernel(K.apply_logit_bias);
    for (let i = 0; i < 4; i++) bind(tensorArg(args, i));
    pod(tokens);
    run(blocks(tokens));
    return finish(null, result);
  });
  // (logits, rows i32 [n], mask i32 [rows, ceil(VOCAB / 32)])
  define(model, "apply_bitmask_inplace", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const masked = tensorArg(args, 1).dim(0);
    kernel(K.apply_bitmask);
    for (let i = 0; i < 3; i++) bind(tensorArg(args, i));
    pod(masked);
    run(blocks(masked * VOCAB));
    return finish(null, result);
  });
}
