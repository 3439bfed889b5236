// A matrix w of N rows and K columns: w[n, k] = (nibble[n, k] - 7) * scale[n, k / GROUP].
var<storage, read> weight_words: array<u32>; // [N, K / 8], k ascending from the least significant nibble
var<storage, read> weight_scales: array<F>; // [N, K / GROUP]

fn low_weights(word: u32) -> vec4f { return vec4f((vec4u(word) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u)) - 7.0; }
fn high_weights(word: u32) -> vec4f { return vec4f((vec4u(word) >> vec4u(16u, 20u, 24u, 28u)) & vec4u(15u)) - 7.0; }
