// A matrix w of N rows and K columns.
var<storage, read> weight_values: array<vec4<F>>; // [N, K / 4]
