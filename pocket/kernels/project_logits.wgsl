// logits[n] = normed row `row` of x times row n of w, in f32 in every variant; one thread per token
#normed
#weights // w [VOCAB, HIDDEN]
var<storage, read_write> logits: array<f32>; // [VOCAB]
struct Pod { row: u32, grid: u32 }

@compute @workgroup_size(64)
fn project_logits(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  load_normed(pod.row, lane);
  let n = block(id, grid) * 64u + lane;
  if (n >= VOCAB) { return; }
  logits[n] = weight_dot(n, HIDDEN) * norm_scale();
}
