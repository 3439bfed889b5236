#weights
// w[n, 4 i .. 4 i + 3] of a matrix with `columns` columns
fn weight4(n: u32, i: u32, columns: u32) -> vec4f {
  let word = weight_words[(n * columns + 4u * i) / 8u];
  return select(high_weights(word), low_weights(word), i % 2u == 0u) * f32(weight_scales[(n * columns + 4u * i) / GROUP]);
}
