#weights
struct Sums { a: Sum, b: Sum }
// The sums over k of input[k] * w[n, k] for n = a and n = b; input4(i) is input[4 i .. 4 i + 3].
fn weight_dots(a: u32, b: u32, columns: u32) -> Sums {
  var sums = Sums();
  for (var i = 0u; i < columns / 4u; i++) {
    let rows = input4(i);
    sums.a += times(rows, vec4f(weight_values[a * columns / 4u + i]));
    sums.b += times(rows, vec4f(weight_values[b * columns / 4u + i]));
  }
  return sums;
}
