"""A tuned network as the two files ``nlp.encoder`` reads: an int8 ONNX model and its word pieces.

The graph is written node by node instead of traced, so it holds nothing but the operators every
onnxruntime knows, and the same weights always give the same file.

    python -m nlp.training.export TUNED_DIR OUT [--pieces 8000 --used-by ARCHIVE…]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from langnghe.core.errors import InputError, LangNgheError
from nlp.checked import seal
from nlp.encoder import MODEL, MOST_PIECES, PIECES
from nlp.training.archive import archive_items
from nlp.training.vocabulary import SPECIAL, choose_pieces, count_pieces, fewer_pieces

Array = NDArray[Any]
TUNED, TUNED_PIECES = "tuned.npz", "pieces.json"  # what nlp.training.tune leaves
HEADS_OF_ATTENTION = 12
_EPSILON = 1e-12
_FAR = -1e4  # added to the score of padding before softmax


def export(state: Mapping[str, Any], tokenizer_json: str, out: Path) -> None:
    """Write ``out/encoder.onnx`` (int8) and ``out/encoder_pieces.json`` and seal both.

    ``state`` maps the names of ``network.Network`` to tensors or arrays; position rows beyond
    ``encoder.MOST_PIECES`` are dropped. The graph takes ``ids`` (rows, pieces; int64) and ``mask``
    (same shape; float, 1 where a piece stands) and gives ``scores`` (rows, heads; float). Raises
    ``InputError`` if the tokenizer does not fit the embeddings.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    arrays = {name: plain(value) for name, value in state.items()}
    _check_fit(arrays, tokenizer_json)
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        onnx.save(graph(arrays), str(full))
        quantize_dynamic(
            full,
            out / MODEL,
            per_channel=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gather"],
            extra_options={"MatMulConstBOnly": True, "DefaultTensorType": 1},
        )
    (out / PIECES).write_text(tokenizer_json, encoding="utf-8")
    seal(out / MODEL, out / PIECES)


def prune(
    state: Mapping[str, Any], tokenizer_json: str, keep_ids: Sequence[int]
) -> tuple[dict[str, Array], str]:
    """Return a tuned state and its tokenizer cut down to some of their pieces.

    ``keep_ids`` are numbers of pieces in ``tokenizer_json``, in any order; the four special pieces
    always stay. Position rows are cut to ``encoder.MOST_PIECES``. Raises ``InputError`` for a
    number the tokenizer does not know.
    """
    arrays = {name: plain(value) for name, value in state.items()}
    _check_fit(arrays, tokenizer_json)
    order = sorted({*range(SPECIAL), *map(int, keep_ids)})
    if order[0] < 0 or order[-1] >= len(arrays["word.weight"]):
        raise InputError(
            "Có số hiệu mảnh từ nằm ngoài bảng mảnh từ.", mend="Kiểm tra lại keep_ids."
        )
    arrays["word.weight"] = arrays["word.weight"][order]
    arrays["pos.weight"] = arrays["pos.weight"][:MOST_PIECES]
    return arrays, fewer_pieces(tokenizer_json, order)


def plain(value: Any) -> Array:
    """Return a tensor or an array as an array of float32."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().float().numpy()
    return np.ascontiguousarray(value, dtype=np.float32)


def graph(arrays: Mapping[str, Array]) -> Any:
    """Return the network as an ONNX model in float32, checked by onnx itself."""
    return _Graph(arrays).model()


class _Graph:
    """Nodes and constants of one graph while it is written."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self.arrays = arrays
        self.width = arrays["word.weight"].shape[1]
        self.layers = 1 + max(int(n.split(".")[1]) for n in arrays if n.startswith("layers."))
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        for name, numbers in {
            "zero": [0], "one": [1], "two": [2], "one_two": [1, 2],
            "apart": [0, 0, HEADS_OF_ATTENTION, self.width // HEADS_OF_ATTENTION],
            "joined": [0, 0, self.width],
        }.items():  # fmt: skip
            self.constant(name, np.array(numbers, dtype=np.int64))
        scale = (self.width // HEADS_OF_ATTENTION) ** -0.5
        for name, number in {
            "1.0": 1.0, "0.5": 0.5, "root2": 2**0.5, "far": _FAR, "scale": scale
        }.items():  # fmt: skip
            self.constant(name, np.array(number, dtype=np.float32))

    def constant(self, name: str, value: Array) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(
            helper.make_node(kind, inputs, [output], name=f"{output}_node", **attributes)
        )
        return output

    def linear(self, x: str, weight: Array, bias: Array | None, output: str) -> str:
        """Multiply by a weight of shape (out, in), as torch keeps it, and add the bias."""
        w = self.constant(f"{output}.w", weight.T)
        if bias is None:
            return self.node("MatMul", [x, w], output)
        self.node("MatMul", [x, w], f"{output}.product")
        return self.node("Add", [f"{output}.product", self.constant(f"{output}.b", bias)], output)

    def norm(self, x: str, name: str, output: str) -> str:
        w = self.constant(f"{output}.w", self.arrays[f"{name}.weight"])
        b = self.constant(f"{output}.b", self.arrays[f"{name}.bias"])
        return self.node("LayerNormalization", [x, w, b], output, epsilon=_EPSILON, axis=-1)

    def model(self) -> Any:
        import onnx
        from onnx import TensorProto, helper

        x = self.embedded()
        for layer in range(self.layers):
            x = self.layer(x, f"layers.{layer}")
        self.pooled(x)
        shape: list[str | int] = ["rows", "pieces"]
        made = helper.make_model(
            helper.make_graph(
                self.nodes,
                "encoder",
                [
                    helper.make_tensor_value_info("ids", TensorProto.INT64, shape),
                    helper.make_tensor_value_info("mask", TensorProto.FLOAT, shape),
                ],
                [
                    helper.make_tensor_value_info(
                        "scores", TensorProto.FLOAT, ["rows", len(self.arrays["mean.bias"])]
                    )
                ],
                self.constants,
            ),
            opset_imports=[helper.make_opsetid("", 17)],
        )
        made.ir_version = 8  # the oldest that carries opset 17: older runtimes read it too
        onnx.checker.check_model(made)
        return made

    def embedded(self) -> str:
        self.constant("words", self.arrays["word.weight"])
        self.constant("positions", self.arrays["pos.weight"][:MOST_PIECES])
        self.node("Gather", ["words", "ids"], "word")
        self.node("Shape", ["ids"], "shape")
        self.node("Slice", ["shape", "one", "two", "zero"], "length")
        self.node("Slice", ["positions", "zero", "length", "zero"], "position")
        self.node("Add", ["word", "position"], "placed")
        self.node("Sub", ["1.0", "mask"], "padding")
        self.node("Mul", ["padding", "far"], "padding_far")
        self.node("Unsqueeze", ["padding_far", "one_two"], "attention_far")
        return self.norm("placed", "ln", "embedded")

    def layer(self, x: str, name: str) -> str:
        weight, bias = self.arrays[f"{name}.qkv.weight"], self.arrays[f"{name}.qkv.bias"]
        for k, part in enumerate("qkv"):
            rows = slice(k * self.width, (k + 1) * self.width)
            flat = self.linear(x, weight[rows], bias[rows], f"{name}.{part}")
            self.node("Reshape", [flat, "apart"], f"{flat}.apart")
            order = [0, 2, 3, 1] if part == "k" else [0, 2, 1, 3]
            self.node("Transpose", [f"{flat}.apart"], f"{flat}.heads", perm=order)
        self.node("MatMul", [f"{name}.q.heads", f"{name}.k.heads"], f"{name}.raw")
        self.node("Mul", [f"{name}.raw", "scale"], f"{name}.scaled")
        self.node("Add", [f"{name}.scaled", "attention_far"], f"{name}.masked")
        self.node("Softmax", [f"{name}.masked"], f"{name}.looks", axis=-1)
        self.node("MatMul", [f"{name}.looks", f"{name}.v.heads"], f"{name}.seen")
        self.node("Transpose", [f"{name}.seen"], f"{name}.turned", perm=[0, 2, 1, 3])
        self.node("Reshape", [f"{name}.turned", "joined"], f"{name}.joined")
        told = self.own_linear(f"{name}.joined", f"{name}.ao")
        self.node("Add", [x, told], f"{name}.sum1")
        y = self.norm(f"{name}.sum1", f"{name}.ln1", f"{name}.ln1")
        wide = self.own_linear(y, f"{name}.fi")
        self.node("Div", [wide, "root2"], f"{name}.gelu1")  # exact GELU, as in training
        self.node("Erf", [f"{name}.gelu1"], f"{name}.gelu2")
        self.node("Add", [f"{name}.gelu2", "1.0"], f"{name}.gelu3")
        self.node("Mul", [wide, f"{name}.gelu3"], f"{name}.gelu4")
        self.node("Mul", [f"{name}.gelu4", "0.5"], f"{name}.gelu")
        narrow = self.own_linear(f"{name}.gelu", f"{name}.fo")
        self.node("Add", [y, narrow], f"{name}.sum2")
        return self.norm(f"{name}.sum2", f"{name}.ln2", f"{name}.ln2")

    def own_linear(self, x: str, name: str) -> str:
        return self.linear(x, self.arrays[f"{name}.weight"], self.arrays[f"{name}.bias"], name)

    def pooled(self, x: str) -> str:
        """Add what the mean of all pieces says to what the piece each head looks at says."""
        self.node("Unsqueeze", ["mask", "two"], "mask3")
        self.node("Mul", [x, "mask3"], "kept")
        self.node("ReduceSum", ["kept", "one"], "sum", keepdims=0)
        self.node("ReduceSum", ["mask3", "one"], "count", keepdims=0)
        self.node("Div", ["sum", "count"], "mean")
        by_mean = self.linear(
            "mean", self.arrays["mean.weight"], self.arrays["mean.bias"], "by_mean"
        )
        asked = self.linear(x, self.arrays["query.weight"], None, "asked")
        self.node("Unsqueeze", ["padding_far", "two"], "pooling_far")
        self.node("Add", [asked, "pooling_far"], "asked_masked")
        self.node("Softmax", ["asked_masked"], "share", axis=1)
        value = self.linear(x, self.arrays["value.weight"], None, "value")
        self.node("Mul", ["share", value], "shared")
        self.node("ReduceSum", ["shared", "one"], "by_attention", keepdims=0)
        return self.node("Add", [by_mean, "by_attention"], "scores")


def _check_fit(arrays: Mapping[str, Array], tokenizer_json: str) -> None:
    pieces = len(json.loads(tokenizer_json)["model"]["vocab"])
    if pieces != len(arrays["word.weight"]):
        raise InputError(
            f"Bảng mảnh từ có {pieces} mảnh nhưng mô hình có {len(arrays['word.weight'])}.",
            mend="Dùng đúng bảng mảnh từ đã tinh chỉnh cùng mô hình.",
        )


def main() -> int:
    """Export a tuned folder, cut to fewer pieces if asked, and say how large it became."""
    parser = argparse.ArgumentParser(prog="python -m nlp.training.export", description=__doc__)
    parser.add_argument("tuned", type=Path, metavar="TUNED_DIR")
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--pieces", type=int, help="keep only so many pieces")
    parser.add_argument("--used-by", type=Path, nargs="+", default=[], metavar="ARCHIVE")
    given = parser.parse_args()
    if given.pieces and not given.used_by:
        parser.error("--pieces needs --used-by, to know which pieces are used")
    try:
        state: dict[str, Any] = dict(np.load(given.tuned / TUNED, allow_pickle=False))
        spelling = (given.tuned / TUNED_PIECES).read_text(encoding="utf-8")
        if given.pieces:
            texts = (f"{i.title or ''} {i.text or ''}" for i in archive_items(given.used_by))
            counts = count_pieces(Tokenizer.from_str(spelling), texts)
            names = [piece for piece, _ in json.loads(spelling)["model"]["vocab"]]
            keep, covered = choose_pieces(names, counts, given.pieces)
            sys.stderr.write(f"{len(keep)} pieces cover {covered:.2%}\n")
            state, spelling = prune(state, spelling, keep)
        export(state, spelling, given.out)
    except LangNgheError as error:
        sys.stderr.write(f"{error} {error.mend}\n")
        return 1
    size = (given.out / MODEL).stat().st_size + (given.out / PIECES).stat().st_size
    sys.stderr.write(f"{given.out}: {size / 1e6:.1f} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
