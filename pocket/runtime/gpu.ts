// The JavaScript WebGPU device API: buffers, copies and kernel launches.
import { Any, Func, Obj, T, Tensor, arg, call, fail, globals, release, retain, str } from "./abi";
import { SAMPLING_BYTES, SMALLEST_TEMPORARY } from "./generated/config";
import { KERNELS } from "./generated/kernels";

// One block of arguments serves every call: nothing that JavaScript calls back while it runs comes here.
const args = memory.data(16 * 16);
const result = changetype<Any>(memory.data(16));

/**
 * Set by the first allocation, copy or launch that fails, so that a function can run through and look once, in
 * finish(), which clears it. The text of the first error stays the last error: nothing further is called.
 */
let failed = false;

function invoke(f: Func, count: i32): i32 {
  result.set(T.None, 0);
  return call(f, args, count, changetype<usize>(result));
}

/** An entry of the device API that tvmjs registered in initWebGPU; null, with the error recorded, if there is none. */
function api(name: string): Func | null {
  const key = str("wasm.WebGPUDeviceAPI");
  const get = globals.get(key.data, key.size);
  release(key);
  if (!get) {
    fail("There is no WebGPU device");
    return null;
  }
  const n = str(name);
  arg(args, 0).set(T.RawStr, n.data);
  const outcome = invoke(changetype<Func>(get), 1);
  release(n);
  if (outcome) return null;
  if (result.type != T.Func) {
    fail("The WebGPU device API lacks a function");
    return null;
  }
  return changetype<Func>(result.ptr);
}

let allocate: Func | null = null;
let deallocate: Func | null = null;
let toGPU: Func | null = null;
let fromGPU: Func | null = null;
let withinGPU: Func | null = null;

@inline function rounded(nbytes: i32): i32 { return (max(nbytes, 4) + 3) & ~3; }

/** A buffer of exactly this many bytes, rounded up to 4; 0 on failure. */
export function allocBuffer(nbytes: i32): i32 {
  if (failed) return 0;
  if (!allocate) allocate = api("deviceAllocDataSpace");
  if (!allocate) { failed = true; return 0; }
  arg(args, 0).setInt(rounded(nbytes));
  if (invoke(allocate!, 1)) { failed = true; return 0; }
  return result.int;
}
export function freeBuffer(id: i32): void {
  if (!id) return;
  if (!deallocate) deallocate = api("deviceFreeDataSpace");
  if (!deallocate) return;
  arg(args, 0).setInt(id);
  invoke(deallocate!, 1);
}

// Freeing a buffer makes tvmjs submit its pending commands, and every token allocates the same few tensors. So from the
// first embedding on, buffers of tensors come in few sizes and wait in a pool when they are released. All work goes
// through one queue, in order: reuse is safe. What is allocated before, weights above all, has exactly
// its own size.
const POOL_SLOTS = 32;
const POOL_MAX_BYTES = 64 << 10;
const pool = memory.data(POOL_SLOTS * 8); // [buffer id, bytes], bytes 0 where the slot is free
let pooling = false;
export function startPooling(): void { pooling = true; }

/** The size of the buffer behind a tensor of `nbytes` bytes allocated now. */
export function temporaryBytes(nbytes: i32): i32 {
  if (!pooling || nbytes > POOL_MAX_BYTES) return rounded(nbytes);
  let size = SMALLEST_TEMPORARY;
  while (size < nbytes) size <<= 1;
  return size;
}
/** A buffer of exactly `size` bytes, from the pool if it has one; 0 on failure. */
export function allocTemporary(size: i32): i32 {
  for (let slot = pool; slot < pool + POOL_SLOTS * 8; slot += 8) {
    if (load<i32>(slot, 4) == size) {
      store<i32>(slot, 0, 4);
      return load<i32>(slot);
    }
  }
  return allocBuffer(size);
}
export function freeTemporary(id: i32, size: i32): void {
  if (!id) return;
  if (pooling && size >= SMALLEST_TEMPORARY && size <= POOL_MAX_BYTES) {
    for (let slot = pool; slot < pool + POOL_SLOTS * 8; slot += 8) {
      if (load<i32>(slot, 4) == 0) {
        store<i32>(slot, id);
        store<i32>(slot, size, 4);
        return;
      }
    }
  }
  freeBuffer(id);
}
/** Frees what waits in the pool, and stops filling it. */
export function drainPool(): void {
  pooling = false;
  for (let slot = pool; slot < pool + POOL_SLOTS * 8; slot += 8) {
    if (load<i32>(slot, 4)) freeBuffer(load<i32>(slot));
    store<i32>(slot, 0, 4);
  }
}

// Only in libraries built for tests (HiddenSampling in library.ts). Nothing reads these buffers, and nothing frees
// them before the engine destroys all buffers of the device.
let samplingBuffers = 0;
/** Allocates until `count` sampling buffers are held. */
export function holdSampling(count: i32): void {
  for (; samplingBuffers < count; samplingBuffers++) allocBuffer(SAMPLING_BYTES);
}

export function copyToGPU(from: usize, to: i32, toOffset: i32, nbytes: i32): i32 {
  if (!toGPU) toGPU = api("deviceCopyToGPU");
  if (!toGPU) return -1;
  arg(args, 0).setInt(from);
  arg(args, 1).setInt(to);
  arg(args, 2).setInt(toOffset);
  arg(args, 3).setInt(nbytes);
  return invoke(toGPU!, 4);
}
/** Completes when JavaScript next awaits device.sync(); `to` must stay valid until then. */
export function copyFromGPU(from: i32, fromOffset: i32, to: usize, nbytes: i32): i32 {
  if (!fromGPU) fromGPU = api("deviceCopyFromGPU");
  if (!fromGPU) return -1;
  arg(args, 0).setInt(from);
  arg(args, 1).setInt(fromOffset);
  arg(args, 2).setInt(to);
  arg(args, 3).setInt(nbytes);
  return invoke(fromGPU!, 4);
}
export function copyWithinGPU(from: i32, fromOffset: i32, to: i32, toOffset: i32, nbytes: i32): i32 {
  if (!withinGPU) withinGPU = api("deviceCopyWithinGPU");
  if (!withinGPU) return -1;
  arg(args, 0).setInt(from);
  arg(args, 1).setInt(fromOffset);
  arg(args, 2).setInt(to);
  arg(args, 3).setInt(toOffset);
  arg(args, 4).setInt(rounded(nbytes));
  return invoke(withinGPU!, 5);
}

// Kernel launches: kernel(k); bind every buffer, then pod every scalar, in the order of the WGSL; run(grid).
const pipelines = memory.data(KERNELS * 4);
export function setPipeline(k: i32, f: Func): void {
  const slot = pipelines + (<usize>k << 2);
  const old = load<usize>(slot);
  store<Func>(slot, retain(f));
  if (old) release(changetype<Obj>(old));
}

let pipeline: usize = 0;
let argc = 0;

export function kernel(k: i32): void {
  pipeline = load<usize>(pipelines + (<usize>k << 2));
  argc = 0;
}
export function bindBuffer(id: i32): void { arg(args, argc++).set(T.Ptr, id); }
/** Kernels only ever see whole buffers. */
export function bind(t: Tensor): void {
  if (t.byteOffset && !failed) {
    fail("A kernel argument has a byte offset");
    failed = true;
  }
  bindBuffer(<i32>t.data);
}
export function pod(value: i32): void { arg(args, argc++).setInt(value); }
/** Launches x by y workgroups; tvmjs folds an x beyond 65,535 into z. */
export function run(x: i32, y: i32 = 1): void {
  if (failed) return;
  arg(args, argc++).setInt(x);
  arg(args, argc++).setInt(y);
  if (!pipeline) {
    fail("A GPU kernel was not loaded");
    failed = true;
  } else if (invoke(changetype<Func>(pipeline), argc)) failed = true;
}
/** Ends a function that allocated or launched: hands `output` over, or releases it if anything failed. */
export function finish(output: Obj | null, into: Any): i32 {
  const outcome = failed;
  failed = false;
  if (!output) return outcome ? -1 : 0;
  if (outcome) release(output);
  else into.move(output);
  return outcome ? -1 : 0;
}
/** Workgroups of 64 threads for n threads. */
@inline export function blocks(n: i32): i32 { return (n + 63) >> 6; }
