// Four rows at a time, for prompts: every weight is unpacked once for four products. Input: four elements of each row,
// a column of the matrix per row. Sum: what a column of weights makes of each row.
const ROWS = 4u;
alias Input = mat4x4f;
alias Sum = vec4f;
fn load_rows(at: u32, columns: u32) -> Input {
  let stride = columns / 4u;
  return Input(vec4f(x[at]), vec4f(x[at + stride]), vec4f(x[at + 2u * stride]), vec4f(x[at + 3u * stride]));
}
fn scaled(rows: Input, w: vec4f) -> Input { return Input(rows[0] * w, rows[1] * w, rows[2] * w, rows[3] * w); }
fn times(rows: Input, w: vec4f) -> Sum { return w * rows; }
fn squares(rows: Input) -> Sum {
  return Sum(dot(rows[0], rows[0]), dot(rows[1], rows[1]), dot(rows[2], rows[2]), dot(rows[3], rows[3]));
}
fn of_row(sum: Sum, r: u32) -> f32 { return sum[r]; }
