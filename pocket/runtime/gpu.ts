// The JavaScript WebGPU device API: buffers, copies and kernel launches.
import { Any, Func, T, Tensor, arg, call, fail, globals, release, retain, str } from "./abi";
import { KERNELS } from "./generated/kernels";

const args = memory.data(16 * 16);
const result = changetype<Any>(memory.data(16));

let allocate: Func | null = null;
let deallocate: Func | null = null;
let toGPU: Func | null = null;
let fromGPU: Func | null = null;
let withinGPU: Func | null = null;

function invoke(f: Func, count: i32): i32 {
  result.set(T.None, 0);
  return call(f, args, count, changetype<usize>(result));
}

/** Resolves one entry of the device API that tvmjs registered in initWebGPU. */
function api(name: string): Func {
  const key = "wasm.WebGPUDeviceAPI";
  const k = str(key);
  const get = changetype<Func>(globals.get(k.data, k.size));
  release(k);
  const n = str(name);
  arg(args, 0).set(T.RawStr, n.data);
  invoke(get, 1);
  release(n);
  return changetype<Func>(result.ptr);
}

// Freeing a buffer makes tvmjs submit its pending commands, and every token allocates the same few small
// tensors, so released buffers are kept for reuse. All work goes through one queue, in order: reuse is safe.
const POOL_SLOTS = 32;
const POOL_MAX_BYTES = 64 << 10;
const pool = memory.data(POOL_SLOTS * 8);

export function allocBuffer(nbytes: i32): i32 {
  nbytes = (max(nbytes, 4) + 3) & ~3;
  for (let slot = pool; slot < pool + POOL_SLOTS * 8; slot += 8) {
    if (load<i32>(slot, 4) == nbytes) {
      store<i32>(slot, 0, 4);
      return load<i32>(slot);
    }
  }
  if (!allocate) allocate = api("deviceAllocDataSpace");
  arg(args, 0).setInt(nbytes);
  return invoke(allocate!, 1) ? 0 : result.int;
}

export function freeBuffer(id: i32, nbytes: i32): void {
  nbytes = (max(nbytes, 4) + 3) & ~3;
  if (nbytes <= POOL_MAX_BYTES) {
    for (let slot = pool; slot < pool + POOL_SLOTS * 8; slot += 8) {
      if (load<i32>(slot, 4) == 0) {
        store<i32>(slot, id);
        store<i32>(slot, nbytes, 4);
        return;
      }
    }
  }
  if (!deallocate) deallocate = api("deviceFreeDataSpace");
  arg(args, 0).setInt(id);
  invoke(deallocate!, 1);
}

export function copyToGPU(from: usize, to: i32, toOffset: i32, nbytes: i32): i32 {
  if (!toGPU) toGPU = api("deviceCopyToGPU");
  arg(args, 0).setInt(from);
  arg(args, 1).setInt(to);
  arg(args, 2).setInt(toOffset);
  arg(args, 3).setInt(nbytes);
  return invoke(toGPU!, 4);
}
export function copyFromGPU(from: i32, fromOffset: i32, to: usize, nbytes: i32): i32 {
  if (!fromGPU) fromGPU = api("deviceCopyFromGPU");
  arg(args, 0).setInt(from);
  arg(args, 1).setInt(fromOffset);
  arg(args, 2).setInt(to);
  arg(args, 3).setInt(nbytes);
  return invoke(fromGPU!, 4);
}
export function copyWithinGPU(from: i32, fromOffset: i32, to: i32, toOffset: i32, nbytes: i32): i32 {
  if (!withinGPU) withinGPU = api("deviceCopyWithinGPU");
  arg(args, 0).setInt(from);
  arg(args, 1).setInt(fromOffset);
  arg(args, 2).setInt(to);
  arg(args, 3).setInt(toOffset);
  arg(args, 4).setInt((nbytes + 3) & ~3);
  return invoke(withinGPU!, 5);
}

// Kernel launches: kernel(k); bind(...) every buffer; pod(...) every scalar; run(grid).
const pipelines = memory.data(KERNELS * 4);
export function setPipeline(k: i32, f: Func): void { store<Func>(pipelines + (<usize>k << 2), retain(f)); }

let pipeline: Func = changetype<Func>(0);
let argc = 0;
let failed = 0;

export function kernel(k: i32): void {
  pipeline = load<Func>(pipelines + (<usize>k << 2));
  argc = 0;
}
export function bindBuffer(id: i32): void { arg(args, argc++).set(T.Ptr, id); }
export function bind(t: Tensor): void {
  if (t.byteOffset) failed = fail("A kernel argument has a byte offset");
  bindBuffer(<i32>t.data);
}
export function pod(value: i32): void { arg(args, argc++).setInt(value); }
export function run(x: i32, y: i32 = 1): void {
  arg(args, argc++).setInt(x);
  arg(args, argc++).setInt(y);
  if (!changetype<usize>(pipeline)) failed = fail("A GPU kernel was not loaded");
  else if (invoke(pipeline, argc)) failed = -1;
}
/** The outcome of all launches since the last call. */
export function finish(): i32 {
  const outcome = failed;
  failed = 0;
  return outcome;
}
@inline export function blocks(n: i32): i32 { return (n + 63) >> 6; }
