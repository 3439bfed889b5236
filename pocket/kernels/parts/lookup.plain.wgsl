#weights
// w[n, 4 i .. 4 i + 3] of a matrix with `columns` columns
fn weight4(n: u32, i: u32, columns: u32) -> vec4f { return vec4f(weight_values[n * columns / 4u + i]); }
