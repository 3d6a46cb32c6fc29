"""Train a character model from scratch: the reference's own functions, on real text, until it beats counting.

    python scripts/train_char_rnn.py                            Python's standard library, five minutes
    python scripts/train_char_rnn.py --text book.txt --minutes 20 --checkpoint book.npz
    python scripts/train_char_rnn.py --resume book.npz --minutes 20         go on, bit for bit
    python scripts/train_char_rnn.py --compare --steps 200      PyTorch in lockstep, and how far the two are apart

Truncated backpropagation through time with carried state, clipped gradients, Adam. The last twentieth of the text is
held out; the loss on it, in bits per character, is told beside what counting characters and pairs of them achieves.
Every report writes the checkpoint, which is complete or as it was, whenever the process may die. Ctrl-C writes it, too.
"""

import argparse
import importlib.util
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from charnet import checkpoint
from charnet import run as runs
from charnet.baselines import baselines
from charnet.beside import losses_beside
from charnet.lockstep import Lockstep
from charnet.picture import draw
from charnet.run import Options, Run
from charnet.text import LIBRARY, Text, TextError, read
from rnn_ref._files import destination
from rnn_ref.cli.progress import show
from rnn_ref.lesson.pictures.picture import place

MOST = 6_000_000  # characters of the text that are used
DEFAULTS = Options()


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--text", metavar="FILE", help="what to learn, in UTF-8 (default: Python's standard library)")
    made.add_argument("--most", type=int, metavar="N", help=f"no more than so many characters of it (default {MOST:,})")
    made.add_argument("--minutes", type=float, help="stop after so long (default 5, if --steps is not given)")
    made.add_argument("--steps", type=int, help="stop after so many updates in all")
    made.add_argument("--report", type=int, default=250, metavar="N", help="tell and save after so many (default 250)")
    made.add_argument("--checkpoint", metavar="FILE.npz", help="where to keep the run; --resume keeps it where it is")
    made.add_argument("--resume", metavar="FILE.npz", help="go on from a checkpoint")
    made.add_argument(
        "--sample", type=int, default=200, metavar="N", help="characters to write at a report (default 200)"
    )
    made.add_argument("--temperature", type=float, default=0.7, help="of the samples: below 1 is bolder (default 0.7)")
    made.add_argument(
        "--compare", action="store_true", help="train PyTorch in lockstep, and tell how far they are apart"
    )
    made.add_argument(
        "--save",
        metavar="FILE",
        help="draw the curve at the end, .png or .svg (needs matplotlib); with --compare, every loss of both",
    )
    fixed = made.add_argument_group("the network (of a resumed run, as they were)")
    fixed.add_argument("--hidden", type=int, metavar="H", help=f"units (default {DEFAULTS.hidden})")
    fixed.add_argument("--steps-back", type=int, metavar="T", help=f"length of a chunk (default {DEFAULTS.steps_back})")
    fixed.add_argument("--batch", type=int, metavar="B", help=f"streams read at once (default {DEFAULTS.batch})")
    fixed.add_argument("--rate", type=float, help=f"of Adam (default {DEFAULTS.rate})")
    fixed.add_argument("--clip", type=float, help=f"the gradients' greatest norm (default {DEFAULTS.clip})")
    fixed.add_argument("--seed", type=int, help=f"of the first weights and the samples (default {DEFAULTS.seed})")
    return made


def started(options: argparse.Namespace, text: Text) -> Run:
    """Begin a run, or take up one; what was asked for must be what it is."""
    given = {name: getattr(options, name) for name in Options._fields if getattr(options, name) is not None}
    if options.resume is None:
        return runs.begin(DEFAULTS._replace(**given), len(text.alphabet))
    run, _ = checkpoint.load(options.resume, text)
    for name, value in given.items():
        if value != getattr(run.options, name):
            was = getattr(run.options, name)
            raise TextError(f"--{name.replace('_', '-')} is {value}, but {options.resume} was begun with {was}")
    return run


def text_of(options: argparse.Namespace) -> Text:
    """Read what is asked for; of a resumed run, what it was begun with, as much of it as there was then."""
    if options.resume is None or options.text is not None:
        return read(options.text, options.most or MOST)
    told = checkpoint.told(options.resume)
    return read(None if told["text"] == LIBRARY else told["text"], options.most or told["length"])


def vetted(options: argparse.Namespace) -> Path | None:
    """Refuse what cannot be, before an hour is spent; return where the run is kept."""
    positive = ("most", "minutes", "steps", "report", "temperature", *Options._fields[:-1])
    for name in positive:
        value = getattr(options, name)
        if value is not None and not value > 0:
            raise TextError(f"--{name.replace('_', '-')} is {value}, expected a number above 0")
    if options.compare and options.resume:
        raise TextError("--compare begins with a new run, PyTorch's state is not in a checkpoint: expected no --resume")
    if options.compare and importlib.util.find_spec("torch") is None:
        raise TextError("--compare: torch is not installed")
    if options.save is not None:
        options.save = place(options.save)
    where = options.checkpoint or options.resume
    return destination(where) if where else None


def train(run: Run, text: Text, options: argparse.Namespace, kept: Path | None) -> Lockstep | None:
    """Take steps until the time or the number is reached; tell and save on the way and at the end; return PyTorch's."""
    minutes = options.minutes or (None if options.steps else 5.0)
    beside = Lockstep(run) if options.compare else None
    began, told_at = time.perf_counter() - run.seconds, run.step
    spent = run.seconds
    try:
        while not _over(run, options.steps, minutes, run.seconds - spent):
            batch = runs.chunk(run, text)
            runs.learn(run, batch)
            if beside is not None:
                beside.learn(batch, run.losses[-1])
            run.seconds = time.perf_counter() - began
            show((run.step - told_at) % options.report, options.report, _speed(run, spent, told_at))
            if run.step % options.report == 0:
                report(run, text, beside, options)
                run.losses.clear()
                _save(kept, run, text)
    except KeyboardInterrupt:
        _save(kept, run, text)
        raise
    if run.losses or not run.log:
        report(run, text, beside, options)
    _save(kept, run, text)
    return beside


def _over(run: Run, steps: int | None, minutes: float | None, seconds: float) -> bool:
    return (steps is not None and run.step >= steps) or (minutes is not None and seconds >= 60 * minutes)


def _save(kept: Path | None, run: Run, text: Text) -> None:
    if kept is not None:
        checkpoint.save(kept, run, text)


def _speed(run: Run, spent: float, told_at: int) -> str:
    read = (run.step - told_at) * run.options.batch * run.options.steps_back
    return (
        f"step {run.step}: {run.losses[-1]:.2f} bits, {read / max(run.seconds - spent, 1e-9) / 1e3:.0f} k characters/s"
    )


def report(run: Run, text: Text, beside: Lockstep | None, options: argparse.Namespace) -> None:
    """Measure on the held-out text, tell, and let the network write."""
    mean = sum(run.losses) / len(run.losses) if run.losses else float("nan")
    held = runs.held_out_bits(run.params, text)
    run.log.append({"step": run.step, "training": mean, "held_out": held})
    line = f"step {run.step:>6}: training {mean:.4f}, held out {held:.4f} bits per character"
    if beside is not None:
        theirs = runs.held_out_bits(beside.params, text)
        line += f"; PyTorch {theirs:.4f}, {abs(theirs - held):.0e} apart, weights {beside.apart(run):.0e}"
    print(line, flush=True)
    for written in _lines(runs.sample(run, text, options.sample, options.temperature) if options.sample else ""):
        print(f"    {written}")


def _lines(written: str) -> Iterator[str]:
    yield from (line for line in written.splitlines() if line.strip())


def main() -> int:
    options = parser().parse_args()
    try:
        kept = vetted(options)
        text = text_of(options)
        run = started(options, text)
        if run.options.batch * (run.options.steps_back + 1) > len(text.training):
            least = run.options.batch * (run.options.steps_back + 1)
            raise TextError(
                f"{text.name}: {len(text.training):,} characters to train on, expected {least:,} for one chunk"
            )
        counted = baselines(text.training, text.held_out, len(text.alphabet))
        print(f"{text.name}: {len(text.training):,} characters to train on, {len(text.held_out):,} held out,")
        print(f"{len(text.alphabet)} classes; counting achieves {counted.unigram:.4f} (characters) and "
              f"{counted.bigram:.4f} (pairs) bits per character", flush=True)  # fmt: skip
        beside = train(run, text, options, kept)
        _conclude(run, counted, options, text, beside)
    except (TextError, ValueError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}")
    except KeyboardInterrupt:
        on = (
            f"kept at step {run.step}, go on with --resume {kept}"
            if kept
            else "nothing kept, there was no --checkpoint"
        )
        print(f"\ntrain_char_rnn: stopped; {on}", file=sys.stderr)
        return 130
    return 0


def _conclude(run: Run, counted: Any, options: argparse.Namespace, text: Text, beside: Lockstep | None) -> None:
    last = run.log[-1]["held_out"]
    verdict = "below" if last < counted.bigram else "not below"
    read = run.step * run.options.batch * run.options.steps_back
    print(
        f"{last:.4f} bits per character after {run.seconds:.0f} s and {read:,} characters: "
        f"{verdict} the pairs' {counted.bigram:.4f}"
    )
    if beside is not None and beside.losses:
        ours, theirs = (list(losses) for losses in zip(*beside.losses, strict=True))
        picture = losses_beside(ours, theirs, text.name)
        print(picture)
        if options.save:
            picture.save(options.save)
    elif options.save:
        draw(options.save, run, counted, text.name)


def _fail(text: str) -> int:
    print(f"train_char_rnn: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
