"""Compile a function of three numbers so that its arithmetic is float32, as in the compiled core.

To numba a number in the source is a float64 or an int64, and either of them makes float64 of every float32 it meets:
half as many lanes, and results that differ in the last bit from the core's. The pass below turns them into float32
in numba's intermediate representation, where numbers of the source, of the module and of an enclosing function look
alike, and which needs no source text.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numba import cfunc, njit, types
from numba.core import errors, ir
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.ir_utils import build_definitions
from numba.core.typed_passes import type_inference_stage
from numba.core.untyped_passes import LiteralPropagationSubPipelinePass
from numpy.typing import NDArray

_SCALAR = types.float32(types.float32, types.float32, types.float32)
_POINTER = types.CPointer(types.float32)
_BATCH = types.void(types.int64, _POINTER, types.float32, _POINTER, _POINTER)
_SURVEY = types.Tuple((types.int64, types.int64, types.int64, types.boolean))(types.float32[::1])
_ARITHMETIC = {operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod}
_ARITHMETIC |= {operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ifloordiv, operator.imod}
_POWER = {operator.pow, operator.ipow}
_RAISES = (ir.Raise, ir.StaticRaise, ir.DynamicRaise, ir.TryRaise, ir.StaticTryRaise, ir.DynamicTryRaise)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Compiled(NamedTuple):
    """A measure as machine code.

    Attributes:
        score: one similarity, as the batch computes it.
        batch: numba's callback; `batch.address` is good for as long as this lives.
    """

    score: Callable[[float, float, float], float]
    batch: Any


def compile_measure(function: Callable[[float, float, float], float]) -> Compiled:
    """Compile for single numbers and for ``out[i] = f(ic_mica[i], ic_a, ic_b[i])``.

    Raises:
        Exception: whatever numba makes of a function that it cannot compile; `first_useful_line` says why.
    """
    inner = njit(_SCALAR, error_model="numpy", pipeline_class=_Float32Compiler)(function)

    def score(ic_mica, ic_a, ic_b):  # type: ignore[no-untyped-def]
        value = inner(ic_mica, ic_a, ic_b)
        # Two terms that share the root alone: 0 / 0 of Lin and its like says that nothing is shared.
        return np.float32(0) if ic_mica == 0 and math.isnan(value) else value

    compiled = njit(_SCALAR, error_model="numpy")(score)

    def batch(n, ic_mica, ic_a, ic_b, out):  # type: ignore[no-untyped-def]
        for i in range(n):
            out[i] = compiled(ic_mica[i], ic_a, ic_b[i])

    return Compiled(compiled, cfunc(_BATCH, error_model="numpy")(batch))


def compile_survey(
    score: Callable[[float, float, float], float],
) -> Callable[[NDArray[np.float32]], tuple[int, int, int, bool]]:
    """Compile a walk over every ``mica <= b <= a`` of ascending values.

    It gives the positions of the first (mica, a, b) whose score is not finite, negative or another one with a and b
    exchanged, else -1 three times; and whether the score never falls with mica and never rises with a or b.
    """

    def survey(values):  # type: ignore[no-untyped-def]
        n = len(values)
        # Row b: the scores of (a, b) by mica; until a's turn, those of the a before.
        scores = np.empty((n, n), dtype=np.float32)
        ordered = True
        for a in range(n):
            for b in range(a + 1):
                bad = disordered = False
                for mica in range(b + 1):
                    value = score(values[mica], values[a], values[b])
                    bad |= (not (0 <= value < np.inf)) | (value != score(values[mica], values[b], values[a]))
                    disordered |= (a > b) & (value > scores[b, mica])
                    scores[b, mica] = value
                if bad:
                    for mica in range(b + 1):
                        value = scores[b, mica]
                        if (not (0 <= value < np.inf)) or value != score(values[mica], values[b], values[a]):
                            return mica, a, b, False
                for mica in range(b):
                    disordered |= (scores[b, mica] > scores[b - 1, mica]) | (scores[b, mica + 1] < scores[b, mica])
                ordered &= not disordered
        return -1, -1, -1, ordered

    compiled: Callable[[NDArray[np.float32]], tuple[int, int, int, bool]]
    compiled = njit(_SURVEY, error_model="numpy", nogil=True)(survey)
    return compiled


def first_useful_line(error: Exception) -> str:
    """What of numba's pages of message tells the writer of a function what is wrong with it."""
    lines = [line.strip() for line in _COLOUR.sub("", str(error)).splitlines()]
    useful = [line for line in lines if line and not line.startswith(("Failed in", "Internal error"))]
    return useful[0].removesuffix(", defined at None") if useful else type(error).__name__


@register_pass(mutates_CFG=False, analysis_only=False)
class _Float32Arithmetic(FunctionPass):
    """Make float32 of every number that is written down, and of an integer where it meets a float."""

    _name = "float32_arithmetic"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        for block in state.func_ir.blocks.values():
            for statement in block.body:
                if isinstance(statement, _RAISES):
                    # The core's threads could not pass it on.
                    raise errors.UnsupportedError("it raises, or asserts; it must give a number for every input")
                value = getattr(statement, "value", None)
                if isinstance(value, ir.Const | ir.Global | ir.FreeVar) and isinstance(value.value, float):
                    statement.value = ir.Const(np.float32(value.value), value.loc)
        while self._cast_one(state):
            state.func_ir._definitions = build_definitions(state.func_ir.blocks)
        return True

    def _cast_one(self, state: Any) -> bool:
        """Cast the first operand that needs it; what was float64 for its sake is float32 on the next look."""
        typing = type_inference_stage(
            state.typingctx, state.targetctx, state.func_ir, state.args, state.return_type, {}, raise_errors=False
        )
        if typing.typing_errors:
            return False  # numba's own pass reports them
        for block in state.func_ir.blocks.values():
            for at, statement in enumerate(block.body):
                operands = list(_meeting(statement, typing.typemap))
                if not any(isinstance(typing.typemap[var.name], types.Float) for var in operands):
                    continue
                for var in operands:
                    if _is_loose(var, typing.typemap, state.func_ir):
                        cast = _cast(var, block, at, state.func_ir)
                        _replace(statement.value, var, cast)
                        return True
        return False


class _Float32Compiler(CompilerBase):
    def define_pipelines(self) -> list[Any]:
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.add_pass_after(_Float32Arithmetic, LiteralPropagationSubPipelinePass)
        passes.finalize()
        return [passes]


def _meeting(statement: Any, typemap: dict[str, Any]) -> Iterator[Any]:
    """Give the variables of a statement whose common type numba takes."""
    value = statement.value if isinstance(statement, ir.Assign) else None
    if not isinstance(value, ir.Expr):
        return
    if value.op in ("binop", "inplace_binop") and value.fn in _ARITHMETIC:
        yield from (value.lhs, value.rhs)
    elif value.op in ("binop", "inplace_binop") and value.fn in _POWER:
        # An integer exponent is left alone: it becomes a product.
        if isinstance(typemap[value.rhs.name], types.Float):
            yield from (value.lhs, value.rhs)
    elif value.op == "phi":
        yield from (var for var in value.incoming_values if isinstance(var, ir.Var))
    elif value.op == "call":
        function = getattr(typemap[value.func.name], "typing_key", None)
        if function in (min, max) or isinstance(function, np.ufunc) or getattr(function, "__module__", "") == "math":
            yield from value.args


def _is_loose(var: Any, typemap: dict[str, Any], func_ir: Any) -> bool:
    """An integer, or a float64 that is a constant of a module such as ``math.pi``."""
    kind = types.unliteral(typemap[var.name])
    if kind == types.float64:
        made = func_ir._definitions[var.name]
        return len(made) == 1 and isinstance(made[0], ir.Expr) and made[0].op == "getattr"
    return isinstance(kind, types.Integer)


def _cast(var: Any, block: Any, at: int, func_ir: Any) -> Any:
    """Insert float32(var): before the statement, or for a phi where the variable is made."""
    if block.body[at].value.op == "phi":
        block, at = next(
            (home, position + 1)
            for home in func_ir.blocks.values()
            for position, made in enumerate(home.body)
            if isinstance(made, ir.Assign) and made.target.name == var.name
        )
    loc = var.loc
    to_float32 = block.scope.redefine("$to_float32", loc)
    cast = block.scope.redefine("$float32", loc)
    call = ir.Expr.call(to_float32, [var], (), loc)
    block.body[at:at] = [
        ir.Assign(ir.Global("float32", np.float32, loc), to_float32, loc),
        ir.Assign(call, cast, loc),
    ]
    return cast


def _replace(expression: Any, old: Any, new: Any) -> None:
    if expression.op == "phi":
        expression.incoming_values = [new if var is old else var for var in expression.incoming_values]
    elif expression.op == "call":
        expression.args = [new if var is old else var for var in expression.args]
    else:
        side = "lhs" if expression.lhs is old else "rhs"
        setattr(expression, side, new)
