// Normed rows of x times w_qkv; queries and keys are rotated to their positions, keys and values go into the cache.
// Rows of w: [HEADS + KV_HEADS + KV_HEADS] heads of HEAD_DIM. A thread makes elements d and d + HALF of one head.
// Grid: x over such pairs, y over groups of ROWS rows.
#normed
#dots // w_qkv [(HEADS + 2 KV_HEADS) HEAD_DIM, HIDDEN]
var<storage, read> turns: array<vec2f>; // (cos, sin) [.., HALF] of positions 0, 1 .. TURNS_STEP - 1, then of 0, TURNS_STEP ..
var<storage, read_write> heads: array<F>; // [rows, HEADS, HEAD_DIM]
var<storage, read_write> keys: array<F>; // [layer, position, KV_HEADS, HEAD_DIM]
var<storage, read_write> values: array<F>; // the same
struct Pod { rows: u32, cache_row: u32, start: u32, grid: u32 }
const HALF = HEAD_DIM / 2u;

@compute @workgroup_size(64)
fn project_qkv(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = id.y * ROWS;
  let pair = block(id, grid) * 64u + lane;
  let head = pair / HALF;
  let d = pair % HALF;
  if (head >= HEADS + 2u * KV_HEADS) { return; }
  base = first * (HIDDEN / 4u);
  let sums = weight_dots(head * HEAD_DIM + d, head * HEAD_DIM + d + HALF, HIDDEN);
  let scale = norm_scale();
  for (var r = 0u; r < ROWS && first + r < pod.rows; r++) {
    let a = of_row(sums.a * scale, r);
    let b = of_row(sums.b * scale, r);
    let position = pod.start + first + r;
    let cached = (pod.cache_row + position) * KV_HEADS * HEAD_DIM + d;
    if (head >= HEADS + KV_HEADS) {
      let at = cached + (head - HEADS - KV_HEADS) * HEAD_DIM;
      values[at] = F(a);
      values[at + HALF] = F(b);
      continue;
    }
    // The rotation to a position is the product of two in the table: that of its rest, and that of its multiple of the step.
    let fine = turns[(position % TURNS_STEP) * HALF + d];
    let coarse = turns[(TURNS_STEP + position / TURNS_STEP) * HALF + d];
    let c = coarse.x * fine.x - coarse.y * fine.y;
    let s = coarse.y * fine.x + coarse.x * fine.y;
    if (head < HEADS) {
      let at = ((first + r) * HEADS + head) * HEAD_DIM + d;
      heads[at] = F(a * c - b * s);
      heads[at + HALF] = F(b * c + a * s);
    } else {
      let at = cached + (head - HEADS) * HEAD_DIM;
      keys[at] = F(a * c - b * s);
      keys[at + HALF] = F(b * c + a * s);
    }
  }
}
