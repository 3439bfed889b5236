"""Trains the pocket model on what prepare.ts wrote, and writes pocket/checkpoint/.

usage: /usr/bin/python3 train.py [--steps N] [--seed N] [--threads N]
Needs PyTorch (Debian: python3-torch) with an optimised BLAS (libopenblas0-pthread): the reference one is 35 times slower.
"""

import argparse
import ctypes
import json
import math
import os
import pathlib
import shutil
import time

# Two thread pools on few cores slow each other down: PyTorch's own is enough.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
# Keep freed memory: giving it back and asking again costs a third of the time (glibc: M_TRIM_THRESHOLD, M_MMAP_THRESHOLD).
libc = ctypes.CDLL(None)
if hasattr(libc, "mallopt"):
    libc.mallopt(-1, 1 << 30)
    libc.mallopt(-3, 1 << 30)

import torch
import torch.nn.functional as F

here = pathlib.Path(__file__).resolve().parent
data = here / "../../.cache/pocket"
parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=5000)
parser.add_argument("--batch", type=int, default=8, help="rows per step")
parser.add_argument("--rate", type=float, default=3e-3)
parser.add_argument("--dropout", type=float, default=0.05)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--out", type=pathlib.Path, default=here / "../checkpoint")
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(args.seed)

a = json.loads((data / "shape.json").read_text())
hidden, layers, heads, kv_heads, head_dim = (a[k] for k in ("hidden", "layers", "heads", "kvHeads", "headDim"))
T = a["row"]
raw = torch.frombuffer(bytearray((data / "rows.bin").read_bytes()), dtype=torch.uint8).view(-1, T, 4)
ids = raw[..., 0].long() + 256 * raw[..., 1].long()
conversation, learned = raw[..., 2], raw[..., 3].bool()
if args.steps * args.batch > len(ids):
    parser.error(f"{args.steps} steps of {args.batch} rows need more than the {len(ids)} rows there are")

weights = {}
for tensor in a["tensors"]:
    name, shape = tensor["name"], tensor["shape"]
    if len(shape) == 1:
        w = torch.ones(shape)
    elif name == "model.embed_tokens":
        w = torch.randn(shape) * 0.5
    else:
        w = torch.randn(shape) / math.sqrt(shape[1])
        if name.endswith(("o_proj", "down_proj")):
            w /= math.sqrt(2 * layers)
    weights[name] = w.requires_grad_()


def q4(w):
    """What a q4 variant computes with; the gradient passes as if nothing had been rounded."""
    groups = w.detach().view(-1, a["group"])
    scale = (groups.abs().amax(1, keepdim=True) / 7).bfloat16().float()
    rounded = (groups / scale.clamp(min=1e-12)).round().clamp(-7, 7) * scale
    return w + (rounded.view_as(w) - w).detach()


half = head_dim // 2
angle = torch.arange(T)[:, None] * a["ropeTheta"] ** (-torch.arange(half) / half)
cos, sin = angle.cos(), angle.sin()


def rope(x):
    x1, x2 = x[..., :half], x[..., half:]
    return torch.cat((x1 * cos - x2 * sin, x2 * cos + x1 * sin), -1)


def norm(x, w):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + a["rmsEps"]) * w


causal = torch.ones(T, T, dtype=torch.bool).tril()


def loss_of(rows, quantized):
    w = {k: q4(v) if quantized and v.dim() == 2 else v for k, v in weights.items()}
    tokens = ids[rows]
    B = len(tokens)
    mask = causal & (conversation[rows][:, :, None] == conversation[rows][:, None, :])
    bias = torch.zeros(B, 1, T, T).masked_fill_(~mask[:, None], -1e9)
    x = F.dropout(F.embedding(tokens, w["model.embed_tokens"]), args.dropout)
    for i in range(layers):
        layer = f"model.layers.{i}."
        qkv = norm(x, w[layer + "input_layernorm"]) @ w[layer + "self_attn.qkv_proj"].T
        qkv = qkv.view(B, T, heads + 2 * kv_heads, head_dim).transpose(1, 2)
        q, k, v = qkv.split((heads, kv_heads, kv_heads), 1)
        repeat = heads // kv_heads
        k, v = rope(k).repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1)
        scores = rope(q) @ k.transpose(2, 3) / math.sqrt(head_dim) + bias
        y = (scores.softmax(-1) @ v).transpose(1, 2).reshape(B, T, -1)
        x = x + F.dropout(y @ w[layer + "self_attn.o_proj"].T, args.dropout)
        gate, up = (norm(x, w[layer + "post_attention_layernorm"]) @ w[layer + "mlp.gate_up_proj"].T).chunk(2, -1)
        x = x + F.dropout((F.silu(gate) * up) @ w[layer + "mlp.down_proj"].T, args.dropout)
    target = learned[rows][:, 1:]
    logits = norm(x[:, :-1][target], w["model.norm"]) @ w["lm_head"].T
    return F.cross_entropy(logits, tokens[:, 1:][target])


matrices = [w for w in weights.values() if w.dim() == 2]
vectors = [w for w in weights.values() if w.dim() == 1]
optimizer = torch.optim.AdamW(
    [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}],
    lr=args.rate,
    betas=(0.9, 0.98),
)
warm_up = 60
started, cpu, mean = time.time(), time.process_time(), 0.0
for step in range(args.steps):
    progress = max(0, step - warm_up) / (args.steps - warm_up)
    rate = args.rate * min(1, (step + 1) / warm_up) * (0.03 + 0.97 * (1 + math.cos(math.pi * progress)) / 2)
    for group in optimizer.param_groups:
        group["lr"] = rate
    # The last quarter learns to be rounded, and every fourth step of it not to depend on it.
    quantized = step >= 0.75 * args.steps and step % 4 != 0
    loss = loss_of(slice(step * args.batch, (step + 1) * args.batch), quantized)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(matrices + vectors, 1.0)
    optimizer.step()
    mean += loss.item() / 100
    if step % 100 == 99:
        print(f"step {step + 1}: loss {mean:.4f}, {time.time() - started:.0f} s, {time.process_time() - cpu:.0f} CPU s", flush=True)
        mean = 0.0

args.out.mkdir(exist_ok=True, parents=True)
with open(args.out / "weights.bin", "wb") as file:
    for tensor in a["tensors"]:
        bits = weights[tensor["name"]].detach().bfloat16().contiguous().view(torch.int16)
        file.write(bits.numpy().tobytes())
(args.out / "index.json").write_text(json.dumps({"tensors": a["tensors"]}, indent="\t") + "\n")
shutil.copy(data / "tokenizer.json", args.out / "tokenizer.json")
