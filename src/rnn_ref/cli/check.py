"""``rnn-ref check``: its options, and what it prints and writes."""

import argparse
import functools
import importlib
import sys
import textwrap
from collections.abc import Iterable
from concurrent.futures import Executor
from typing import Any

from .._files import destination
from ..conformance.cases.asked import all_questions, asked_for
from ..conformance.examine import examine_all
from ..conformance.judge.claims import CLAIMS
from ..conformance.judge.verdict import RIGHT
from ..conformance.misspelt import expected
from ..conformance.operation import Check
from ..conformance.options import DTYPES, LEAST_MEMORY, MEMORY, ORACLES, TIMEOUT
from ..conformance.project.configuration import OPTIONS
from ..conformance.project.named import Named, Projects
from ..conformance.reports.destinations import deliver, vetted
from ..conformance.reports.findings import Findings
from ..conformance.reports.formats import FORMATS
from ..conformance.reports.report import Report, Reports
from ..conformance.several import examine_several
from ..conformance.spec import OPERATIONS
from ..conformance.spec.claims import SHORT
from ..conformance.targets.builtins import FRAMEWORKS
from ..conformance.targets.convention import RETURNS
from ..conformance.targets.layouts import LAYOUTS
from .colours import painted
from .progress import show
from .save_input import notes, only_one, recipe, save

GREETING = "ok: rnn_ref works here: {right} of its functions, right in {checks} checks"
BROKEN = "NOT OK: the reference itself is wrong here; please report this, and the NumPy and the processor it ran on"
NEXT = "\nnow yours: rnn-ref check my_rnn.py\n"
EPILOG = """\
TARGET is a module (pkg.module), an object in one (pkg.module:object: a module,
class, instance or dict), a Python file, a notebook, a folder or a pattern of
those; a program in any language, exec:./my_rnn or exec:'node my_rnn.js', asked
by JSON lines on its standard streams, which docs/do/programs.md tells; or a
built-in, which is a framework itself:
{builtins}; or a name from
[tool.rnn_ref.targets] in the project's pyproject.toml, which gives its options.
Without TARGET the reference checks itself. A torch.nn.Module (class or
instance), a Keras layer or model, a .onnx or .keras file is read as it stands;
of several networks in one, TARGET#NAME asks for one. The functions are found by
their names:
{names}
Functions and classes under other names and in other layouts are read by their
arguments and by shapes, and the report says how (docs/do/your-code.md); --as says
it instead.

A .py file or a module is imported whole. Where that raises, or has not ended
after some seconds, it is taken apart, as a notebook always is: only the
functions are run, what they reach, and what configures that (os.environ,
sys.path, precision, seeds), and the report says what was left alone. Where the
way back of a file is not read, it is run as __main__ as well, for seconds and
without writing, to hold its gradients against differences of its own loss
(own_gradients; not with --apart or --only). A function that is wrong is called
again with small edits of its text, without writing too: one that makes it right
tells the line. The target runs in a process of its own, with limits on time and
memory. That guards against accidents, not against an attacker: check what you
would run anyway.

On GitHub the Markdown report is appended to the summary of the step
($GITHUB_STEP_SUMMARY) as well.

--record writes rnn_ref.json beside the nearest rnn_ref.json or pyproject.toml,
from the target upwards; where neither is there, into the current folder, or beside
a target that lies elsewhere. So it is found from every folder. From then on a
recorded check that is not asked, because batches raise now, say, is a failure;
unless --only, --dtype or --rank leaves it out. A narrowed check adds to the
record, any other replaces what is recorded of its targets. Names of targets, and
targets that are no file (a module by its name), belong to the current folder's
project.

Interrupted (Ctrl-C, SIGTERM, SIGHUP), a check of several targets writes the
reports of those that are finished, marked as partial; --resume goes on.

exit code: 0 every function found conforms (declared deviations aside); 1 at
least one does not (also if it only passes on the fault of another), or a
required one is missing; 2 it, or one of several targets, could not be checked
"""


def add(one: argparse.ArgumentParser) -> None:
    """Add what the command takes to its parser."""
    names = "\n".join(_signature(one.name, list(one.arguments)) for one in OPERATIONS.values())
    one.description = "Check an implementation of the recurrent network, function by function."
    one.epilog = EPILOG.format(names=names, builtins=", ".join(FRAMEWORKS))
    one.formatter_class = argparse.RawDescriptionHelpFormatter
    one.add_argument("targets", nargs="*", metavar="TARGET", help="what to check (default: the reference itself)")
    asked = one.add_argument_group("what is asked")
    asked.add_argument(
        "--only", metavar="PATTERN", help="only checks whose id contains this, or matches it as files do"
    )
    asked.add_argument("--list", action="store_true", help="print the suite's checks (--only narrows them) and stop")
    asked.add_argument("--require", metavar="NAMES", type=_names, help="functions that must be there: a,b,c")
    asked.add_argument(
        "--expect-fail",
        metavar="NAME=REASON",
        type=_declared,
        action="append",
        help="a declared deviation: a check id, a pattern of ids, or a function; one that passes is not a pass, and"
        " those that only pass it on are covered",
    )
    asked.add_argument("--oracle", choices=ORACLES, help="frozen answers (vectors, the default), or live PyTorch's")
    asked.add_argument(
        "--against",
        metavar="TARGET",
        help="what a model or file was exported from: it is asked with these weights, and what was lost is named",
    )
    asked.add_argument("--seed", metavar="N", type=int, help="add fresh random cases, which nobody has seen before")
    _add_claims(one.add_argument_group("what the target claims (default: found out by trying, or both precisions)"))
    _add_loading(one.add_argument_group("how a file is loaded (default: whole, and where that does not do, apart)"))
    _add_limits(one.add_argument_group("what the target's process may take"))
    _add_project(one.add_argument_group("the project: pyproject.toml and rnn_ref.json, from the target upwards"))
    reports = one.add_argument_group("reports")
    reports.add_argument(
        "--save-input",
        metavar="FILE",
        help="write the input of the one check that --only names, and what is due, as FILE.npz, and print the lines of"
        " Python that make the call again: for your debugger",
    )
    reports.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="of what does not conform print also the evidence for its name, all figures (relative, in ulp, what would"
        " have to be allowed), the key of the picture, and where PyTorch's own answers are off; the reports' files"
        " are the same",
    )
    reports.add_argument(
        "--resume",
        metavar="FILE",
        help="keep what is finished in FILE, a line for each target, and go on from there the next time: targets that"
        " are in it and have not changed are not checked again",
    )
    for name, format in FORMATS.items():  # noqa: A001
        reports.add_argument(f"--{name}", metavar="FILE", help=format.says)
    one.set_defaults(run=run)


def _signature(name: str, arguments: list[str]) -> str:
    text = f"{name}({', '.join(arguments)})"
    return textwrap.fill(text, 78, initial_indent="  ", subsequent_indent="      ")


def _add_project(group: Any) -> None:
    group.add_argument("--project", action="store_true", help="check all targets that pyproject.toml names, no others")
    group.add_argument(
        "--record",
        action="store_true",
        help="write to rnn_ref.json which checks were asked, passed or not, so that one that is not asked later fails",
    )


def _add_claims(group: Any) -> None:
    group.add_argument("--dtype", choices=DTYPES, help="its precision")
    group.add_argument("--rank", choices=tuple(CLAIMS), help="what it takes: one sequence, batches, or both")
    group.add_argument(
        "--layout",
        metavar="NAME",
        help=f"the convention of its arrays: {', '.join(LAYOUTS)}, or module:function of your own, which is given a"
        " function's name and the candidate, and returns what is called in its place",
    )
    group.add_argument("--returns", choices=RETURNS, help="its rnn_forward returns the last state, or all and the last")
    group.add_argument(
        "--claims",
        metavar="TEXT",
        help=f"what it does not offer, by commas: {', '.join(SHORT)}, or clip 5 (gradients clipped at 5)",
    )
    group.add_argument(
        "--as",
        dest="reads",
        metavar="NAME=ITS",
        help="which of its functions is which, where that is not found out: rnn_forward=unroll,rnn_cell_step=Net.step",
    )


def _add_loading(group: Any) -> None:
    one_of = group.add_mutually_exclusive_group()
    one_of.add_argument(
        "--whole",
        action="store_const",
        const=True,
        help="as Python does, however long it takes; of a notebook, all cells",
    )
    one_of.add_argument(
        "--apart",
        action="store_const",
        const=True,
        help="only what the functions reach and what configures that is run, without trying the whole, and no program",
    )


def _add_limits(group: Any) -> None:
    group.add_argument(
        "--timeout",
        metavar="S",
        type=float,
        help=f"seconds for loading and for each call (default {TIMEOUT:g})",
    )
    group.add_argument(
        "--memory",
        metavar="MIB",
        type=int,
        help=f"address space of the target's process (default {MEMORY}, at least {LEAST_MEMORY})",
    )
    group.add_argument("-j", "--jobs", metavar="N", type=int, default=1, help="targets at once (default 1)")
    group.add_argument(
        "--executor",
        metavar="MODULE:FACTORY",
        help="by whom several targets are checked in place of --jobs: what a function of yours returns, an Executor as"
        " concurrent.futures has them (a cluster's, say)",
    )


def run(options: argparse.Namespace) -> int:
    """Check, print, write, and return the exit code."""
    if options.list:
        return _list(options)
    where = vetted({name: getattr(options, name) for name in FORMATS})
    saved = None if options.save_input is None else _saved(options)
    if options.jobs < 1:
        raise ValueError(f"check: --jobs is {options.jobs}, expected 1 or above")
    chosen = _chosen(Projects(recording=options.record), options)
    report: Any
    if len(options.targets) > 1 or len(chosen) > 1 or chosen[0].listed or (options.resume and chosen[0].target):
        targets = [(one.target, one.options) for one in chosen]
        resume = None if options.resume is None else destination(options.resume)
        report = examine_several(
            targets,
            jobs=options.jobs,
            progress=show,
            resume=resume,
            stopped=lambda part: deliver(part, where),
            executor=_executor(options.executor),
        )
    else:
        reports = examine_all(chosen[0].target, chosen[0].options)
        report = reports[0] if len(reports) == 1 else Reports(reports)
    own = not options.targets and not options.project and isinstance(report, Report)
    dressed = functools.partial(_greeting, report) if own else str
    deliver(report, where, full=options.verbose, dressed=lambda table: painted(dressed(table)))
    if saved is not None and isinstance(report, Report):
        _print_recipe(
            saved, options.save_input, chosen[0].target, report, to=sys.stderr if None in where.values() else sys.stdout
        )
    if options.record:
        _record(chosen, [report] if isinstance(report, Report) else report)
    return _exit_code(report)


def _executor(text: str | None) -> Executor | None:
    """Return what the factory makes that ``module:factory`` names."""
    if text is None:
        return None
    module, _, name = text.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)()
    except Exception as error:
        raise ValueError(f"check: --executor {text} makes no executor: {type(error).__name__}: {error}") from error
    if not isinstance(found, Executor):
        raise ValueError(f"check: --executor {text} makes a {type(found).__name__}, expected an Executor")
    return found


def _greeting(report: Any, table: str) -> str:
    """Return the table of the reference itself with its verdict before it, and what to do next behind it."""
    right = sum(one.verdict in RIGHT for one in report.functions.values())
    greeting = GREETING if report.ok else BROKEN
    return f"{greeting.format(right=right, checks=report.ran)}\n\n{table}{NEXT if report.ok else ''}"


def _chosen(projects: Projects, options: argparse.Namespace) -> list[Named]:
    """Return what is checked: the targets that are named, or all of the project; what is named twice, once."""
    given = {name: getattr(options, name) for name in OPTIONS if getattr(options, name, None) is not None}
    if options.project and options.targets:
        raise ValueError(
            f"check: --project checks the targets of the project, expected no {options.targets[0]} beside it"
        )
    texts = options.targets or [None]
    every, each = projects.here.every, projects.named
    named = every(given) if options.project else [one for text in texts for one in each(text, given)]
    return list({(one.called, one.key): one for one in named}.values())


def _record(chosen: Iterable[Named], reports: Iterable[Any]) -> None:
    """Record what was asked of the targets that could be checked, each in its project, and say so."""
    projects = {id(one.project): one.project for one in chosen}
    left = list(reports)
    told = []
    for one in chosen:
        report = left.pop(0)
        while left and left[0].target.startswith(f"{one.called}#"):  # a file of several networks has as many reports
            left.pop(0)
        told += [one.project.take_in(one, report)] if isinstance(report, Findings) else []
    for project in projects.values():
        told += [f"no longer recorded, for it is gone: {key}" for key in project.forgotten]
        project.record.save()
    for line in told:
        print(f"rnn-ref: {line}", file=sys.stderr)


def _exit_code(report: Any) -> int:
    """Return 2 where anything could not be checked, else 1 where anything does not conform."""
    if not isinstance(report, Report) and (report.unchecked or report.left or not report.checked):
        return 2
    return 0 if report.ok else 1


def _saved(options: argparse.Namespace) -> Check:
    """Write the input of one check and return the check."""
    path = destination(options.save_input)
    if path.suffix != ".npz" or len(options.targets) > 1 or options.project:
        what = "one target" if path.suffix == ".npz" else f"a name that ends in .npz, {options.save_input!r} does not"
        raise ValueError(f"check: --save-input expects {what}")
    check = only_one(asked_for(all_questions(options.seed, options.oracle or ORACLES[0]), options.only), options.only)
    save(check, path)
    return check


def _print_recipe(check: Check, path: str, target: str | None, report: Report, to: Any) -> None:
    function = report.functions.get(check.function)
    print(f"\nthe input of {check.id} is in {path}; the same call from Python:\n", file=to)
    for line in recipe(check, path, target, function.reading if function else ""):
        print(f"  {line}", file=to)
    for note in notes(check):
        print(f"\n{note}", file=to)


def _list(options: argparse.Namespace) -> int:
    checks = asked_for(all_questions(options.seed, "vectors"), options.only)
    for one in checks:
        shapes = [str(value.shape) for value in one.arguments.values() if hasattr(value, "shape")]
        declared = "".join(f" {name}" for name in one.options)
        print(f"{one.id:<52} {one.rank:<6} {shapes[0]}{declared}")
    print(f"{len(checks)} checks")
    return 0


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in OPERATIONS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no function is called {unknown[0]}{expected(unknown[0], OPERATIONS)}")
    return names


def _declared(text: str) -> tuple[str, str]:
    name, equals, reason = text.partition("=")
    if not equals or not name.strip() or not reason.strip():
        raise argparse.ArgumentTypeError(f"{text!r} lacks a name or a reason, expected NAME=REASON")
    return name.strip(), reason.strip()
