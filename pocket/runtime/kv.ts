// The attention state of the one sequence that WebLLM runs: its key/value cache, and the activations of a step.
import { Any, Func, Obj, Tensor, arg, createKVState, define, fail, globals, release, shapeArg } from "./abi";
import {
  CHUNK, FLOAT_BYTES, HEADS, HEAD_DIM, HIDDEN, INTERMEDIATE, KV_HEADS, LAYERS, MAX_POSITIONS, ROPE_THETA, TURNS, TURNS_STEP,
  VOCAB,
} from "./generated/config";
import { allocBuffer, copyToGPU, drainPool, finish, freeBuffer } from "./gpu";
import { gpuTensor } from "./tensors";

const KV_ROW = KV_HEADS * HEAD_DIM;

@unmanaged export class KVState extends Obj {
  window: i32; // positions a sequence may have
  stride: i32; // positions a layer of the cache has room for: whole pages
  length: i32; // positions already filled
  pending: i32; // positions being filled, between begin_forward and end_forward
  // Buffer ids. F is f32 or f16, see the variant.
  keys: i32; // F [LAYERS, stride, KV_HEADS, HEAD_DIM]
  values: i32; // the same
  turns: i32; // f32 (cos, sin) [TURNS, HEAD_DIM / 2]
  x: i32; // F [CHUNK, HIDDEN], the residual stream
  heads: i32; // F [CHUNK, HEADS, HEAD_DIM], the queries and then what attention made of them
  act: i32; // F [CHUNK, INTERMEDIATE]
  // f32 [1, 1, VOCAB]. Every step hands out this one tensor: WebLLM keeps the logits of each chunk of a prompt until
  // the last, and reads only those.
  logits: Tensor;

  alloc(window: i32, page: i32): void {
    this.window = window;
    this.stride = (window + page - 1) / page * page;
    this.keys = allocBuffer(LAYERS * this.stride * KV_ROW * FLOAT_BYTES);
    this.values = allocBuffer(LAYERS * this.stride * KV_ROW * FLOAT_BYTES);
    this.turns = allocBuffer(TURNS * (HEAD_DIM / 2) * 8);
    this.x = allocBuffer(CHUNK * HIDDEN * FLOAT_BYTES);
    this.heads = allocBuffer(CHUNK * HEADS * HEAD_DIM * FLOAT_BYTES);
    this.act = allocBuffer(CHUNK * INTERMEDIATE * FLOAT_BYTES);
    this.logits = gpuTensor(2, 32, 3, 1, 1, VOCAB);
  }
  /** WGSL promises little precision for sin and cos, so the table is computed here, in f64. */
  writeTurns(): i32 {
    const size = TURNS * (HEAD_DIM / 2) * 8;
    const table = heap.alloc(size);
    let at = table;
    for (let i = 0; i < TURNS; i++) {
      const position = i < TURNS_STEP ? i : (i - TURNS_STEP) * TURNS_STEP;
      for (let d = 0; d < HEAD_DIM / 2; d++, at += 8) {
        const angle = <f64>position * Math.pow(ROPE_THETA, <f64>(-2 * d) / HEAD_DIM);
        store<f32>(at, <f32>Math.cos(angle));
        store<f32>(at, <f32>Math.sin(angle), 4);
      }
    }
    const outcome = copyToGPU(table, this.turns, 0, size);
    heap.free(table);
    return outcome;
  }
  free(): void {
    freeBuffer(this.keys);
    freeBuffer(this.values);
    freeBuffer(this.turns);
    freeBuffer(this.x);
    freeBuffer(this.heads);
    freeBuffer(this.act);
    release(this.logits);
    drainPool();
  }
}

/** (max sequences, context window, prefill chunk, page size, sliding window?), each a Shape [1] -> state */
export function createKVCache(self: Func, args: usize, count: i32, result: Any): i32 {
  const window = shapeArg(args, 1);
  if (shapeArg(args, 0) != 1) return fail("Only one sequence is supported");
  if (window < 1) return fail("The context window is empty");
  if (window > MAX_POSITIONS) return fail("The context window is larger than this library's");
  if (shapeArg(args, 2) != CHUNK) return fail("The prefill chunk is not this library's");
  if (shapeArg(args, 3) < 1) return fail("The page size is not positive");
  if (shapeArg(args, 4)) return fail("Sliding windows are not supported");
  const state = createKVState();
  state.alloc(window, shapeArg(args, 3));
  if (finish(null, result) || state.writeTurns()) {
    release(state);
    return -1;
  }
  result.move(state);
  return 0;
}

@inline function stateArg(args: usize): KVState { return changetype<KVState>(arg(args, 0).ptr); }

function clear(state: KVState): i32 {
  state.length = 0;
  state.pending = 0;
  return 0;
}

export function registerKV(): void {
  define(globals, "vm.builtin.kv_state_clear", (self: Func, args: usize, count: i32, result: Any): i32 => clear(stateArg(args)));
  define(globals, "vm.builtin.kv_state_add_sequence", (self: Func, args: usize, count: i32, result: Any): i32 => {
    return arg(args, 1).int == 0 ? 0 : fail("Only sequence 0 exists");
  });
  define(globals, "vm.builtin.kv_state_remove_sequence", (self: Func, args: usize, count: i32, result: Any): i32 => {
    return arg(args, 1).int == 0 ? clear(stateArg(args)) : fail("Only sequence 0 exists");
  });
  // (state, sequence ids [1], positions [1])
  define(globals, "vm.builtin.kv_state_begin_forward", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const state = stateArg(args);
    const rows = shapeArg(args, 2);
    state.pending = 0; // whatever a failed step left
    if (rows < 1) return fail("There are no positions to fill");
    if (rows > CHUNK) return fail("More positions than the prefill chunk");
    if (state.length + rows > state.window) return fail("The context window is full");
    state.pending = rows;
    return 0;
  });
  define(globals, "vm.builtin.kv_state_end_forward", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const state = stateArg(args);
    state.length += state.pending;
    state.pending = 0;
    return 0;
  });
}
