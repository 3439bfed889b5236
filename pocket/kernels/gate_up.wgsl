// out[r, i] = silu(gate) * up, with gate and up the products of normed row r of x and rows i and INTERMEDIATE + i of w.
// Grid: x over i, y over groups of ROWS rows.
#normed
#dots // w [2 INTERMEDIATE, HIDDEN]
var<storage, read_write> out: array<F>; // [rows, INTERMEDIATE]
struct Pod { rows: u32, grid: u32 }

@compute @workgroup_size(64)
fn gate_up(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = id.y * ROWS;
  let i = block(id, grid) * 64u + lane;
  if (i >= INTERMEDIATE) { return; }
  base = first * (HIDDEN / 4u);
  let sums = weight_dots(i, INTERMEDIATE + i, HIDDEN);
  let gate = sums.a * norm_scale();
  let activated = gate / (1.0 + exp(-gate)) * sums.b * norm_scale();
  for (var r = 0u; r < ROWS && first + r < pod.rows; r++) { out[(first + r) * INTERMEDIATE + i] = F(of_row(activated, r)); }
}
