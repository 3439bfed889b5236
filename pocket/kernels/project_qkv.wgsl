// Normed row r of x times w_qkv; queries and keys are rotated to position start + r, keys and values go into the cache.
// Rows of w: [HEADS + KV_HEADS + KV_HEADS] heads of HEAD_DIM. A thread makes elements d and d + HALF of one head.
// Grid: x over pairs, y over rows.
#normed
#weights // w_qkv [(HEADS + 2 KV_HEADS) HEAD_DIM, HIDDEN]
var<storage, read> turns: array<vec2f>; // (cos, sin) [TURNS_STEP + ..., HALF] of positions 0, 1, ... and 0, TURNS_STEP, ...
var<storage, read_write> heads: array<F>; // [rows, HEADS, HEAD_DIM]
var<storage, read_write> keys: array<F>; // [layer, position, KV_HEADS, HEAD_DIM]
var<storage, read_write> values: array<F>; // the same
struct Pod { cache_row: u32, start: u32, grid: u32 }
const HALF = HEAD_DIM / 2u;

@compute @workgroup_size(64)
fn project_qkv(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let r = id.y;
  load_normed(r, lane);
  let pair = block(id, grid) * 64u + lane;
  let head = pair / HALF;
  let d = pair % HALF;
  if (head >= HEADS + 2u * KV_HEADS) { return; }
  let n = head * HEAD_DIM + d;
  let a = weight_dot(n, HIDDEN) * norm_scale();
  let b = weight_dot(n + HALF, HIDDEN) * norm_scale();
  let position = pod.start + r;
  let fine = turns[(position % TURNS_STEP) * HALF + d];
  let coarse = turns[(TURNS_STEP + position / TURNS_STEP) * HALF + d];
  let c = coarse.x * fine.x - coarse.y * fine.y;
  let s = coarse.y * fine.x + coarse.x * fine.y;
  let cached = (pod.cache_row + position) * KV_HEADS * HEAD_DIM + d;
  if (head < HEADS) {
    let at = (r * HEADS + head) * HEAD_DIM + d;
    heads[at] = F(a * c - b * s);
    heads[at + HALF] = F(b * c + a * s);
  } else if (head < HEADS + KV_HEADS) {
    let at = cached + (head - HEADS) * HEAD_DIM;
    keys[at] = F(a * c - b * s);
    keys[at + HALF] = F(b * c + a * s);
  } else {
    let at = cached + (head - HEADS - KV_HEADS) * HEAD_DIM;
    values[at] = F(a);
    values[at + HALF] = F(b);
  }
}
