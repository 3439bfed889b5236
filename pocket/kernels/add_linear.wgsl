// y[r, n] += sum over k < columns of x[r, k] * w[n, k]. A thread makes two neighbours n.
// Grid: x over pairs of n, y over groups of ROWS rows.
var<storage, read> x: array<vec4<F>>; // [rows, columns]
#rows
#dots // w [HIDDEN, columns]
var<storage, read_write> y: array<F>; // [rows, HIDDEN]
struct Pod { rows: u32, columns: u32, grid: u32 }
var<private> base: u32;
fn input4(i: u32) -> Input { return load_rows(base + i, pod.columns); }

@compute @workgroup_size(32)
fn add_linear(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = id.y * ROWS;
  let n = 2u * (block(id, grid) * 32u + lane);
  if (n >= HIDDEN) { return; }
  base = first * pod.columns / 4u;
  let sums = weight_dots(n, n + 1u, pod.columns);
  for (var r = 0u; r < ROWS && first + r < pod.rows; r++) {
    let at = (first + r) * HIDDEN + n;
    y[at] = F(f32(y[at]) + of_row(sums.a, r));
    y[at + 1u] = F(f32(y[at + 1u]) + of_row(sums.b, r));
  }
}
