// out[t, :] = table[ids[t], :] for t < rows; one thread per four columns
var<storage, read> ids: array<i32>; // [rows]
#lookup // table [VOCAB, HIDDEN]
var<storage, read_write> out: array<vec4<F>>; // [rows, HIDDEN]
struct Pod { rows: u32, grid: u32 }

@compute @workgroup_size(64)
fn embed(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = block(id, grid) * 64u + lane;
  let t = i / (HIDDEN / 4u);
  if (t >= pod.rows) { return; }
  out[i] = vec4<F>(weight4(u32(ids[t]), i % (HIDDEN / 4u), HIDDEN));
}
