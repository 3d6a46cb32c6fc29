"""Where an implementation is wrong: the error of one function over time and unit, as text and as a picture.

    python scripts/error_picture.py my_rnn.py                          of rnn_forward
    python scripts/error_picture.py my_rnn.py --function rnn_backward --save errors.png

A column for each step, a row for each unit, on the plainest problem that tells; what is allowed is what rounding may
explain. In a notebook it is rnn_ref.lesson.error_map("rnn_forward"). The name of the mistake is said by rnn-ref check.
Exit code 0: there is no error, and no file is written. 1: there is one. 2: it could not be checked.
"""

import argparse
import sys

from rnn_ref.conformance import TargetError, check
from rnn_ref.lesson.pictures.error_map import TIMED, picture_of
from rnn_ref.lesson.pictures.picture import place


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", help="a module, .py file or notebook, as for rnn-ref check")
    parser.add_argument("--function", choices=TIMED, default="rnn_forward", help="default: rnn_forward")
    parser.add_argument("--save", metavar="FILE", help="draw the picture: .png or .svg (needs matplotlib)")
    options = parser.parse_args()
    try:
        kept = None if options.save is None else place(options.save)
        report = check(options.target, only=f"{options.function}/*")
        picture = picture_of(options.function, report)
        print(picture)
        if kept is not None and not picture.empty:
            picture.save(kept)
    except (TargetError, ValueError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}")
    return 0 if report.ok else 1


def _fail(text: str) -> int:
    print(f"error_picture: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
