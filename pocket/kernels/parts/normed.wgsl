// The input of a projection: ROWS rows of x [rows, HIDDEN], each divided by its root mean square, times the norm's
// weight. The division comes last, as norm_scale(), when input4 has seen every element once. No workgroup memory:
// each thread squares for itself, which costs a GPU little and a CPU much less than a barrier.
var<storage, read> x: array<vec4<F>>;
var<storage, read> norm_weight: array<vec4<F>>; // [HIDDEN]
#rows
var<private> base: u32; // where the first row begins, in quads
var<private> squared: Sum;

fn input4(i: u32) -> Input {
  let rows = load_rows(base + i, HIDDEN);
  squared += squares(rows);
  return scaled(rows, vec4f(norm_weight[i]));
}
fn norm_scale() -> Sum { return inverseSqrt(squared / f32(HIDDEN) + RMS_EPS); }
