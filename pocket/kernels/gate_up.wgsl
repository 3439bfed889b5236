// out[r, i] = silu(gate) * up, with gate and up the products of normed row r of x and rows i and INTERMEDIATE + i of w.
// Grid: x over i, y over r.
#normed
#weights // w [2 INTERMEDIATE, HIDDEN]
var<storage, read_write> out: array<F>; // [rows, INTERMEDIATE]
struct Pod { grid: u32 }

@compute @workgroup_size(64)
fn gate_up(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  load_normed(id.y, lane);
  let i = block(id, grid) * 64u + lane;
  if (i >= INTERMEDIATE) { return; }
  let gate = weight_dot(i, HIDDEN) * norm_scale();
  let up = weight_dot(INTERMEDIATE + i, HIDDEN) * norm_scale();
  out[id.y * INTERMEDIATE + i] = F(gate / (1.0 + exp(-gate)) * up);
}
