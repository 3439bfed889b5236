// One row at a time, for decoding. Input: four elements of the row. Sum: what a column of weights makes of it.
const ROWS = 1u;
alias Input = vec4f;
alias Sum = f32;
fn load_rows(at: u32, columns: u32) -> Input { return vec4f(x[at]); }
fn scaled(rows: Input, w: vec4f) -> Input { return rows * w; }
fn times(rows: Input, w: vec4f) -> Sum { return dot(rows, w); }
fn squares(rows: Input) -> Sum { return dot(rows, rows); }
fn of_row(sum: Sum, r: u32) -> f32 { return sum; }
