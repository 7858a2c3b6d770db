"""Holds ARCHITECTURE.md and the rules of the house to be true of the code."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "harness"
MODULES = sorted(PACKAGE.rglob("*.py"))
SITE = [ROOT / "docs" / "hooks.py", *sorted((ROOT / "docs" / "website").glob("*.py"))]
TRIO_FLOOR = 5
LONGEST_FILE = 600
LONGEST_FUNCTION = 80

#: What only the floors from 5 up may import: concurrency, sockets, clocks and chance.
IMPURE = frozenset(
    {"asyncio", "concurrent", "multiprocessing", "random", "secrets", "select", "selectors", "signal"}
    | {"socket", "ssl", "subprocess", "threading", "time", "trio"}
)
IMPURE_CALLS = frozenset(
    {"os.urandom", "uuid.uuid1", "uuid.uuid4", "uuid4"}
    | {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
)
#: Words that would tie the project to the place where it was written.
PRIVATE_PLACES = ("/work" + "/", "../" + "shared", "/root" + "/")

_ROW = re.compile(r"^\| *(\d+) *\| *([^|]+?) *\|", re.MULTILINE)


@cache
def floors() -> dict[str, int]:
    """The table of ARCHITECTURE.md: room to floor."""
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    return {room: int(floor) for floor, rooms in _ROW.findall(page) for room in re.findall(r"`(\w+)`", rooms)}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def room_of(path: Path) -> str:
    """The room of a module; empty for the package's own `__init__`."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def imports(path: Path) -> tuple[tuple[str, int], ...]:
    """Every imported module with its line."""
    found: list[tuple[str, int]] = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.append(("." * node.level + (node.module or ""), node.lineno))
    return tuple(found)


def room_named_by(module: str) -> str:
    """The room that an import goes to; empty for other packages."""
    package, _, rest = module.partition(".")
    return rest.partition(".")[0] if package == "harness" else ""


@cache
def modules_named_in(path: Path) -> frozenset[Path]:
    """The modules that one may import: `from harness.room import name` may name a module of that room."""
    named = [module for module, _ in imports(path)]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            named += [f"{node.module}.{alias.name}" for alias in node.names]
    files = (ROOT / (module.replace(".", "/") + ".py") for module in named)
    return frozenset(file for file in files if file.is_file())


def reached_from(path: Path) -> set[Path]:
    """The modules that a module needs, directly or by way of others."""
    seen: set[Path] = set()
    waiting = [path]
    while waiting:
        for target in modules_named_in(waiting.pop()) - seen:
            seen.add(target)
            waiting.append(target)
    return seen


def is_program(path: Path) -> bool:
    """Whether a module is run as a program of its own, besides the command line."""
    return any(isinstance(one, ast.If) and "__name__" in ast.unparse(one.test) for one in tree(path).body)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def calls(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def tracked() -> list[Path]:
    """The files of the project; without git, those that are not hidden or built."""
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if found.returncode == 0:
        paths = [ROOT / name for name in found.stdout.decode().split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not _is_hidden(path)]
    return [path for path in paths if path.is_file()]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part in ("out", "dist") for part in path.relative_to(ROOT).parts)


def test_page_and_package_have_the_same_rooms():
    assert {room_of(path) for path in MODULES} - {""} == set(floors())


def test_every_room_says_what_it_is_for():
    rooms = [path for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))]
    assert [named(room) for room in rooms if not ast.get_docstring(tree(room / "__init__.py"))] == []


def test_imports_go_down():
    found = [
        f"{named(path)}:{line} imports {module}"
        for path in MODULES
        for module, line in imports(path)
        if (other := room_named_by(module)) and other != room_of(path)
        if floors()[other] >= floors().get(room_of(path), -1)
    ]
    assert found == []


def test_imports_are_absolute():
    found = [named(path) for path in MODULES for module, _ in imports(path) if module.startswith(".")]
    assert found == []


def test_imports_stand_at_the_top():
    found = [
        f"{named(path)}:{inner.lineno}"
        for path in MODULES
        for function in functions(path)
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert found == []


def test_no_cycles():
    """Between rooms the floors forbid them; this is for within a room."""
    found = [named(path) for path in MODULES if path in reached_from(path)]
    assert found == []


def test_lower_floors_are_pure():
    lower = [path for path in MODULES if floors().get(room_of(path), 0) < TRIO_FLOOR]
    imported = [
        f"{named(path)}: {module}" for path in lower for module, _ in imports(path) if module in IMPURE
    ]
    called = [
        f"{named(path)}:{line} {name}" for path in lower for name, line in calls(path) if name in IMPURE_CALLS
    ]
    assert imported + called == []


def test_files_are_short():
    sizes = {named(path): len(path.read_text("utf-8").splitlines()) for path in (*MODULES, *SITE)}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}


def test_functions_are_short():
    found = [
        f"{named(path)}: {one.name}"
        for path in (*MODULES, *SITE)
        for one in functions(path)
        if (one.end_lineno or 0) - one.lineno >= LONGEST_FUNCTION
    ]
    assert found == []


def test_no_print_or_exit_below_the_command_line():
    """A module that is run as a program of its own is its own command line."""
    forbidden = {"print", "exit", "quit", "sys.exit", "os._exit"}
    found = [
        f"{named(path)}:{line} {name}"
        for path in MODULES
        if room_of(path) != "cli" and not is_program(path)
        for name, line in calls(path)
        if name in forbidden
    ]
    assert found == []


def test_broad_except_stands_once_at_most():
    broad = [
        f"{named(path)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type)
    ]
    assert len(broad) <= 1, broad


def _is_broad(caught: ast.expr | None) -> bool:
    return caught is None or bool(
        {"Exception", "BaseException"} & set(re.findall(r"\w+", ast.unparse(caught)))
    )


def test_no_state_in_modules_that_changes():
    """`global` is how such state is written to."""
    found = [named(path) for path in MODULES for node in ast.walk(tree(path)) if isinstance(node, ast.Global)]
    assert found == []


def test_python_is_where_it_belongs():
    allowed = ("harness", "tests", "benchmarks", "fixtures", "docs")  # of docs, the examples
    strays = [
        path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] not in allowed
    ]
    assert strays == []


def test_nothing_names_the_place_where_it_was_written():
    for path in tracked():
        content = path.read_bytes()
        assert not [one for one in PRIVATE_PLACES if one.encode() in content], named(path)
