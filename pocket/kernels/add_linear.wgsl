// y[r, n] += sum over k < columns of input[r, k] * w[n, k]; one thread per element. Grid: x over n, y over r.
var<storage, read> input: array<vec4<F>>; // [rows, columns]
#weights // w [HIDDEN, columns]
var<storage, read_write> y: array<F>; // [rows, HIDDEN]
struct Pod { columns: u32, grid: u32 }
var<private> first: u32;
fn input4(i: u32) -> vec4f { return vec4f(input[first + i]); }

@compute @workgroup_size(64)
fn add_linear(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let n = block(id, grid) * 64u + lane;
  if (n >= HIDDEN) { return; }
  first = id.y * pod.columns / 4u;
  let at = id.y * HIDDEN + n;
  y[at] = F(f32(y[at]) + weight_dot(n, pod.columns));
}
