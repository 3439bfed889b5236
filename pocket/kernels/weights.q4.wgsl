// A matrix of N rows and K columns: w[n, k] = (nibble[n, k] - 7) * scale[n, k / GROUP].
var<storage, read> weight_words: array<u32>; // [N, K / 8], k ascending from the least significant nibble
var<storage, read> weight_scales: array<F>; // [N, K / GROUP]

// w[n, 4 i .. 4 i + 3] of a matrix with `columns` columns
fn weight4(n: u32, i: u32, columns: u32) -> vec4f {
  let e = n * columns + 4u * i;
  let nibbles = (vec4u(weight_words[e / 8u] >> (4u * (e % 8u))) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u);
  return (vec4f(nibbles) - 7.0) * f32(weight_scales[e / GROUP]);
}

// sum over k of input[k] * w[n, k]; the kernel defines input4(i) = input[4 i .. 4 i + 3]
fn weight_dot(n: u32, columns: u32) -> f32 {
  var sum = 0.0;
  let groups = columns / GROUP;
  var i = 0u;
  for (var g = n * groups; g < (n + 1u) * groups; g++) {
    var part = 0.0;
    for (var j = g * (GROUP / 8u); j < (g + 1u) * (GROUP / 8u); j++) {
      let word = weight_words[j];
      let low = vec4f((vec4u(word) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u)) - 7.0;
      let high = vec4f((vec4u(word) >> vec4u(16u, 20u, 24u, 28u)) & vec4u(15u)) - 7.0;
      part += dot(input4(i), low) + dot(input4(i + 1u), high);
      i += 2u;
    }
    sum += part * f32(weight_scales[g]);
  }
  return sum;
}
