"""What a notebook's code must not do: small rules, each from source text to the faults it finds."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
SCOPES = (
    *DEFINITIONS.__args__,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
IMPORTS = ast.Import | ast.ImportFrom
WRITES = ("write", "write_model")
COLUMNS, STATEMENTS, SECTIONS, WORDS = 100, 6, 8, 900
FEWEST_WORDS = 400


def sideways(source: str) -> list[str]:
    """Find definitions, conditions inside a statement, and several assignments in one."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.append(f"defines {node.name}")
            case ast.Lambda():
                found.append("lambda")
            case ast.IfExp():
                found.append(f"conditional expression: {ast.unparse(node.test)}")
            case ast.Assign(targets=[ast.Tuple()], value=ast.Tuple()):
                found.append(f"several assignments in one: {ast.unparse(node)}")
            case ast.Call(func=ast.Name("display")):
                found.append("display(")
    return found


def private_names(source: str) -> list[str]:
    """Find names that begin with an underscore; `_` alone is no name."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                found.append(name)
    return sorted({name for name in found if name.startswith("_") and name != "_"})


def bound_names(node: ast.AST) -> Iterator[str]:
    """Walk through the names that code binds where the next cell can see them."""
    if isinstance(node, DEFINITIONS):
        yield node.name
    if isinstance(node, SCOPES):
        return
    if isinstance(node, ast.alias):
        yield (node.asname or node.name).split(".")[0]
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    for child in ast.iter_child_nodes(node):
        yield from bound_names(child)


def rebound(cells: list[str]) -> list[str]:
    """Find names bound more than once in a notebook: a cell run again then means something else."""
    count = Counter(name for cell in cells for name in bound_names(ast.parse(cell)))
    return sorted(name for name, times in count.items() if times > 1 and name != "_")


def is_lake_call(node: ast.AST, *methods: str) -> bool:
    """Tell whether a statement is one call of the lake and nothing else."""
    call = getattr(node, "value", None)
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name("lake"), attr=method)):
            return method in methods
    return False


def crowded(source: str) -> list[str]:
    """Find cells of too many statements or of more than one shown object."""
    body = [node for node in ast.parse(source).body if not isinstance(node, IMPORTS)]
    shown = [node for node in body if isinstance(node, ast.Expr)]
    shown = [node for node in shown if not is_lake_call(node, *WRITES, "record")]
    found = [f"{len(body)} statements"] if len(body) > STATEMENTS else []
    return found + [f"never shown: {ast.unparse(node)}" for node in shown if node is not body[-1]]


def long_lines(source: str) -> list[str]:
    """Find lines over 100 columns."""
    return [line for line in source.splitlines() if len(line) > COLUMNS]


def numbers(source: str) -> set[float]:
    """Collect the numbers that stand in code."""
    values = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return {
        value for value in values if isinstance(value, int | float) and not isinstance(value, bool)
    }


def settings_typed(source: str, settings: set[float]) -> list[float]:
    """Find numbers that are the default of a setting; ordinary ones like 1, 7 or 0.5 may be."""
    telling = {value for value in settings if value >= 20 or 0 < value < 0.5}
    return sorted(numbers(source) & telling)


def loose_parameters(source: str) -> list[str]:
    """Find lines of the parameters cell that are no typed, explained one-liner."""
    found = []
    for line in filter(None, source.splitlines()):
        code, _, comment = line.partition("  # ")
        try:
            [statement] = ast.parse(code).body
        except (SyntaxError, ValueError):
            statement = None
        if not isinstance(statement, ast.AnnAssign) or len(comment) <= 10:
            found.append(line)
    return found


def written(source: str) -> list[str]:
    """List what a cell writes into the lake, contracts by name and models by theirs."""
    names = []
    for node in ast.parse(source).body:
        if is_lake_call(node, *WRITES):
            first = node.value.args[0]
            names.append(first.value if isinstance(first, ast.Constant) else ast.unparse(first))
    return [name.removeprefix("contracts.") for name in names]


def hidden_writes(source: str) -> list[str]:
    """Find writes that are no line of their own, or do not say which table or model they write."""
    tree = ast.parse(source)
    plain = [node.value for node in tree.body if is_lake_call(node, *WRITES)]
    open_ones = {
        id(call.func) for call in plain if re.match(r"contracts\.\w+$|'", ast.unparse(call.args[0]))
    }
    methods = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr in WRITES]
    return [ast.unparse(node) for node in methods if id(node) not in open_ones]


def announced(prose: str) -> list[str]:
    """List the tables and models that a notebook says it writes; files are none of the lake's.

    >>> announced("*Reads* kpis. *Writes* segments, `profiles` and the model assignment.")
    ['segments', 'profiles', 'assignment']
    """
    _, _, after = prose.partition("*Writes*")
    words = after.partition(".")[0].replace("`", "").replace(" and ", ", ")
    names = [" ".join(name.split()) for name in words.split(",")]
    kept = [name for name in names if name and not re.match(r"(and )?(the )?files ", name)]
    return [re.sub(r"^(and )?(the )?(model )?", "", name) for name in kept]


def nameless_findings(source: str, number: str) -> list[str]:
    """Find calls that record findings under another notebook's number or without a name each."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    records = [c for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr == "record"]
    good = {c for c in records if [ast.unparse(arg) for arg in c.args] == [repr(number)]}
    good = {c for c in good if c.keywords and all(keyword.arg for keyword in c.keywords)}
    return [ast.unparse(call) for call in records if call not in good]
