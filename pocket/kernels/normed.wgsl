// The input of a projection: row r of x [rows, HIDDEN], divided by its root mean square, times the norm's weight.
var<storage, read> x: array<vec4<F>>;
var<storage, read> norm_weight: array<vec4<F>>; // [HIDDEN]
var<workgroup> normed: array<vec4f, HIDDEN / 4u>;
var<workgroup> squares: array<f32, 64>;

fn load_normed(r: u32, lane: u32) {
  let base = r * (HIDDEN / 4u);
  var sum = 0.0;
  for (var i = lane; i < HIDDEN / 4u; i += 64u) {
    let v = vec4f(x[base + i]);
    normed[i] = v * vec4f(norm_weight[i]);
    sum += dot(v, v);
  }
  squares[lane] = sum;
  for (var step = 32u; step > 0u; step >>= 1u) {
    workgroupBarrier();
    if (lane < step) { squares[lane] += squares[lane + step]; }
  }
  workgroupBarrier();
}
fn norm_scale() -> f32 { return inverseSqrt(squares[0] / f32(HIDDEN) + RMS_EPS); }
fn input4(i: u32) -> vec4f { return normed[i]; }
