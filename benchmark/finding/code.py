"""Code: the hash that stands for a baseline's source, as it runs, in the key of its results.

What changes nothing that is computed changes no key: comments, formatting, docstrings, annotations of
arguments, imports for the type checker, and the texts of errors. All else does: imports, constants, order.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

from benchmark import PROJECT

PACKAGES = ("benchmark", "baselines", "leaderboard", "smpbench")
"""Of the project."""


@cache
def code_hash(path: Path) -> str:
    """sha256 over the baseline's code and every project module that it, or the worker, imports.

    Modules beside a user's own file count as the project's. Installed libraries do not; their versions are
    recorded with the result.
    """
    return closure_hash((path,))


def own_files(path: Path) -> list[Path]:
    """The files that lie outside the project of those that a baseline's code is made of: its own, and modules
    beside it."""
    if path.resolve().is_relative_to(PROJECT):
        return []  # what the project is made of does not import what lies outside
    return sorted(file for file in _closure([path.resolve()]) if not file.is_relative_to(PROJECT))


def closure_hash(paths: Iterable[Path]) -> str:
    """As `code_hash`, of several files."""
    files = _closure([*(path.resolve() for path in paths), PROJECT / "benchmark" / "worker.py"])
    by_label = {_label(file): file for file in files}
    digest = hashlib.sha256()
    for label in sorted(by_label):
        digest.update(f"{label}\0{form(by_label[label].read_bytes())}\0".encode())
    return digest.hexdigest()


@lru_cache(maxsize=1024)
def form(source: bytes) -> str:
    """The code of a module, as it runs, written in one way."""
    return repr(_form(_running(source)))


@lru_cache(maxsize=1024)
def _running(source: bytes) -> ast.Module:
    tree: ast.Module = _Running().visit(ast.parse(source))
    return tree


class _Running(ast.NodeTransformer):
    """Leaves out what does not run, or runs without effect on what is computed."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        # Of `if TYPE_CHECKING: ... else: ...` the second part runs.
        if ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            return [self.visit(one) for one in node.orelse]
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return _Untold().visit(self.generic_visit(node))

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        node.msg = None
        return self.generic_visit(node)


class _Untold(ast.NodeTransformer):
    """Every text is as good as another."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return ast.Constant("")


def _form(node: object) -> object:
    """Nested tuples of names and values: `ast.dump` is another from one version of Python to the next."""
    if isinstance(node, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(node) if value not in (None, []))
        told = tuple((name, _form(value)) for name, value in fields if name not in _UNTOLD)
        # None is a constant too.
        return type(node).__name__, repr(node.value) if isinstance(node, ast.Constant) else told
    return tuple(map(_form, node)) if isinstance(node, list) else repr(node)


_UNTOLD = {"ctx", "kind", "type_comment", "type_ignores"}
"""Fields of the syntax tree that say nothing else does not."""


def _label(file: Path) -> str:
    return str(file.relative_to(PROJECT)) if file.is_relative_to(PROJECT) else file.name


def _closure(files: list[Path]) -> set[Path]:
    seen: set[Path] = set()
    waiting = list(files)
    while waiting:
        file = waiting.pop()
        if file not in seen:
            seen.add(file)
            waiting += [module for module in _imports(file) if module not in seen]
    return seen


def _imports(file: Path) -> Iterator[Path]:
    """Project files that a file imports anywhere in it, lazily or not, when it runs."""
    for node in ast.walk(_running(file.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                folder = file.parents[node.level - 1]
                names = [str(folder / base.replace(".", "/")), *(str(folder / a.name) for a in node.names)]
            else:
                names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            yield from _files_of(name, file.parent)


def _files_of(name: str, beside: Path) -> Iterator[Path]:
    """The files that make up a module of the project (with its packages' `__init__.py`), if it is one."""
    if name.startswith("/"):
        roots = [Path(name)]
    elif name.split(".")[0] in PACKAGES:
        parts = name.split(".")
        roots = [PROJECT.joinpath(*parts[: i + 1]) for i in range(len(parts))]
    else:
        roots = [] if beside.is_relative_to(PROJECT) else [beside.joinpath(*name.split("."))]
    for root in roots:
        for candidate in (root.with_suffix(".py"), root / "__init__.py"):
            if candidate.is_file():
                yield candidate.resolve()
