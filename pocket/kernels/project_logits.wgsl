// logits[n] = normed row `row` of x times row n of w, in f32 in every variant. A thread makes two neighbours n.
#normed
#dots // w [VOCAB, HIDDEN]
var<storage, read_write> logits: array<f32>; // [VOCAB]
struct Pod { row: u32, grid: u32 }

@compute @workgroup_size(64)
fn project_logits(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let n = 2u * (block(id, grid) * 64u + lane);
  if (n >= VOCAB) { return; }
  base = pod.row * (HIDDEN / 4u);
  let sums = weight_dots(n, n + 1u, HIDDEN);
  let scale = of_row(norm_scale(), 0u);
  logits[n] = of_row(sums.a, 0u) * scale;
  logits[n + 1u] = of_row(sums.b, 0u) * scale;
}
