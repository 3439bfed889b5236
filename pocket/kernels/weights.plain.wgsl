// A matrix w of N rows and K columns.
var<storage, read> weight_values: array<vec4<F>>; // [N, K / 4]

// w[n, 4 i .. 4 i + 3] of a matrix with `columns` columns
fn weight4(n: u32, i: u32, columns: u32) -> vec4f {
  return vec4f(weight_values[n * columns / 4u + i]);
}

// sum over k of input[k] * w[n, k]; the kernel defines input4(i) = input[4 i .. 4 i + 3]
fn weight_dot(n: u32, columns: u32) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < columns / 4u; i++) { sum += dot(input4(i), weight4(n, i, columns)); }
  return sum;
}
