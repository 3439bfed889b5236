#weights
struct Sums { a: Sum, b: Sum }
// The sums over k of input[k] * w[n, k] for n = a and n = b; input4(i) is input[4 i .. 4 i + 3].
fn weight_dots(a: u32, b: u32, columns: u32) -> Sums {
  let groups = columns / GROUP;
  var sums = Sums();
  for (var g = 0u; g < groups; g++) {
    var part = Sums();
    for (var j = g * (GROUP / 8u); j < (g + 1u) * (GROUP / 8u); j++) {
      let word_a = weight_words[a * groups * (GROUP / 8u) + j];
      let word_b = weight_words[b * groups * (GROUP / 8u) + j];
      let low = input4(2u * j);
      let high = input4(2u * j + 1u);
      part.a += times(low, low_weights(word_a)) + times(high, high_weights(word_a));
      part.b += times(low, low_weights(word_b)) + times(high, high_weights(word_b));
    }
    sums.a += part.a * f32(weight_scales[a * groups + g]);
    sums.b += part.b * f32(weight_scales[b * groups + g]);
  }
  return sums;
}
