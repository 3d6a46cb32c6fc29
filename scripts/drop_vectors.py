"""Print the frozen vectors that could go without anything being lost; what that means is told in superfluous.py.

python scripts/drop_vectors.py
"""

import argparse

from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.kill_matrix import matrix
from rnn_ref.conformance.superfluous import superfluous


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    checks = frozen.load()[0]
    ids = superfluous(checks, [found for _, _, found in matrix(checks)])
    print("\n".join([*ids, f"{len(ids)} of {len(checks)} vectors are superfluous"]))


if __name__ == "__main__":
    main()
