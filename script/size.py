"""Print our ten biggest modules and ten longest functions. A report: judgement, not a limit."""

from __future__ import annotations

import ast
from pathlib import Path


def main() -> None:
    modules: list[tuple[int, str]] = []
    functions: list[tuple[int, str]] = []
    for path in sorted(Path("noroshi").rglob("*.py")):
        if "migrations" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        modules.append((text.count("\n"), str(path)))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                functions.append((lines, f"{path}:{node.lineno} {node.name}"))
    for title, sizes in (("modules", modules), ("functions", functions)):
        print(f"biggest {title}:")
        for lines, name in sorted(sizes, reverse=True)[:10]:
            print(f"  {lines:5} {name}")


if __name__ == "__main__":
    main()
