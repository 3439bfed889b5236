// The attention state of the one sequence that WebLLM runs: key/value cache plus the activations.
import { Any, Func, Obj, createKVState, arg, define, fail, globals, shapeArg } from "./abi";
import { HEADS, HEAD_DIM, HIDDEN, INTERMEDIATE, KV_HEADS, LAYERS, ROPE_THETA } from "./generated/config";
import { allocBuffer, copyToGPU, freeBuffer } from "./gpu";

const F32 = 4;
export const KV_ROW = KV_HEADS * HEAD_DIM;
export const QKV_ROW = (HEADS + 2 * KV_HEADS) * HEAD_DIM;

@unmanaged export class KVState extends Obj {
  capacity: i32; // positions
  chunk: i32; // longest prefill
  length: i32; // positions already filled
  pending: i32; // positions being filled between begin_forward and end_forward
  keys: i32;
  values: i32;
  turns: i32; // [capacity, HEAD_DIM / 2] pairs (cos, sin) of the rotary embedding
  x: i32; // [chunk, HIDDEN] residual stream
  norm: i32; // [chunk, HIDDEN]
  qkv: i32; // [chunk, QKV_ROW]
  attn: i32; // [chunk, HEADS * HEAD_DIM]
  gate: i32; // [chunk, 2 * INTERMEDIATE]
  act: i32; // [chunk, INTERMEDIATE]

  @inline get turnsBytes(): i32 { return this.capacity * HEAD_DIM * F32; }
  @inline get cacheBytes(): i32 { return LAYERS * this.capacity * KV_ROW * F32; }

  alloc(capacity: i32, chunk: i32): void {
    this.capacity = capacity;
    this.chunk = chunk;
    this.keys = allocBuffer(this.cacheBytes);
    this.values = allocBuffer(this.cacheBytes);
    this.turns = allocBuffer(this.turnsBytes);
    this.writeTurns();
    this.x = allocBuffer(chunk * HIDDEN * F32);
    this.norm = allocBuffer(chunk * HIDDEN * F32);
    this.qkv = allocBuffer(chunk * QKV_ROW * F32);
    this.attn = allocBuffer(chunk * HEADS * HEAD_DIM * F32);
    this.gate = allocBuffer(chunk * 2 * INTERMEDIATE * F32);
    this.act = allocBuffer(chunk * INTERMEDIATE * F32);
  }
  /** WGSL promises little precision for sin and cos, so the table is computed here. */
  private writeTurns(): void {
    const table = heap.alloc(this.turnsBytes);
    let at = table;
    for (let pos = 0; pos < this.capacity; pos++) {
      for (let d = 0; d < HEAD_DIM / 2; d++, at += 8) {
        const angle = <f64>pos * Math.pow(ROPE_THETA, <f64>(-2 * d) / HEAD_DIM);
        store<f32>(at, <f32>Math.cos(angle));
        store<f32>(at, <f32>Math.sin(angle), 4);
      }
    }
    copyToGPU(table, this.turns, 0, this.turnsBytes);
    heap.free(table);
  }
  free(): void {
    freeBuffer(this.turns, this.turnsBytes);
    freeBuffer(this.keys, this.cacheBytes);
    freeBuffer(this.values, this.cacheBytes);
    freeBuffer(this.x, this.chunk * HIDDEN * F32);
    freeBuffer(this.norm, this.chunk * HIDDEN * F32);
    freeBuffer(this.qkv, this.chunk * QKV_ROW * F32);
    freeBuffer(this.attn, this.chunk * HEADS * HEAD_DIM * F32);
    freeBuffer(this.gate, this.chunk * 2 * INTERMEDIATE * F32);
    freeBuffer(this.act, this.chunk * INTERMEDIATE * F32);
  }
}

/** (max sequences, max positions, prefill chunk, page size, sliding window?) -> state */
export function createKVCache(self: Func, args: usize, count: i32, result: Any): i32 {
  if (shapeArg(args, 0) != 1) return fail("Only one sequence is supported");
  if (shapeArg(args, 4)) return fail("Sliding windows are not supported");
  const state = createKVState();
  state.alloc(shapeArg(args, 1), shapeArg(args, 2));
  result.move(state);
  return 0;
}

@inline function stateArg(args: usize): KVState { return changetype<KVState>(arg(args, 0).ptr); }

export function registerKV(): void {
  define(globals, "vm.builtin.kv_state_clear", (self: Func, args: usize, count: i32, result: Any): i32 => {
    stateArg(args).length = 0;
    stateArg(args).pending = 0;
    return 0;
  });
  define(globals, "vm.builtin.kv_state_add_sequence", (self: Func, args: usize, count: i32, result: Any): i32 => {
    return arg(args, 1).int == 0 ? 0 : fail("Only sequence 0 exists");
  });
  define(globals, "vm.builtin.kv_state_remove_sequence", (self: Func, args: usize, count: i32, result: Any): i32 => {
    stateArg(args).length = 0;
    return 0;
  });
  define(globals, "vm.builtin.kv_state_begin_forward", (self: Func, args: usize, count: i32, result: Any): i32 => {
    const state = stateArg(args);
    const rows = shapeArg(args, 2);
    if (rows > state.chunk) return fail("More positions than the prefill chunk");
    if (state.length + rows > state.capacity) return fail("The context window is full");
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
