"""``rnn-ref export``: the numbers that other languages are given, in every format."""

import io
import json
from typing import Any

import numpy as np
from unit_export import CHECKS, PLANES, calls, files, read

from rnn_ref.conformance.spec import OPERATIONS


def test_every_check_is_there_with_every_number_as_it_is() -> None:
    assert list(calls()) == [id_ for name in OPERATIONS for id_, check in CHECKS.items() if check.function == name]
    for id_, call in calls().items():
        check = CHECKS[id_]
        for kind, inputs in (("arguments", check.arguments), ("options", check.options)):
            assert [one["name"] for one in call[kind]] == list(inputs)
            for one in call[kind]:
                value = inputs[one["name"]]
                if isinstance(value, str):
                    assert one["word"] == value
                    continue
                array = read(one["shape"], one["values"]).astype(one["dtype"])
                assert (array.dtype, array.shape) == (np.asarray(value).dtype, np.shape(value))
                assert array.tobytes() == np.asarray(value).tobytes()
        for output in call["outputs"]:
            np.testing.assert_array_equal(read(output["shape"], output["expected"]), check.expected[output["name"]])
            pytorch = check.pytorch.get(output["name"], np.nan * np.zeros(output["shape"]))
            np.testing.assert_array_equal(read(output["shape"], output["pytorch"]), pytorch)


def test_text_holds_the_same_numbers() -> None:
    for function in OPERATIONS:
        words = iter(files("text")[f"{function}.txt"].decode().split())
        head = [next(words) for _ in range(8)]
        mine = [call for id_, call in calls().items() if id_.startswith(f"{function}/")]
        assert head == ["vectors", "1", "suite", "1", "function", function, "checks", str(len(mine))]
        for call in mine:
            assert (next(words), next(words)) == ("check", call["id"])
            inputs = [("argument", one) for one in call["arguments"]] + [("option", one) for one in call["options"]]
            for kind, one in inputs:
                assert (next(words), next(words)) == (kind, one["name"])
                if "word" in one:
                    assert (next(words), next(words)) == ("word", one["word"])
                    continue
                assert next(words) == one["dtype"]
                assert next_array(words) == (one["shape"], [str(value) for value in one["values"]])
            for output in call["outputs"]:
                for plane in PLANES:
                    assert (next(words), next(words), next(words)) == (plane, output["name"], "float64")
                    assert next_array(words) == (output["shape"], output[plane])
            assert next(words) == "end"
        assert list(words) == []


def next_array(words: Any) -> tuple[list[int], list[str]]:
    shape = [int(next(words)) for _ in range(int(next(words)))]
    return shape, [next(words) for _ in range(int(np.prod(shape)))]


def test_npz_holds_the_same_numbers_and_the_index_the_rest() -> None:
    index = json.loads(files("npz")["index.json"])
    assert (index["suite"], index["format"], index["count"]) == ("1", "npz", len(CHECKS))
    assert [one["id"] for one in index["checks"]] == list(calls())
    for function, told in index["functions"].items():
        mine = [one for one in index["checks"] if one["id"].startswith(f"{function}/")]
        assert len(mine) == told["checks"]
        with np.load(io.BytesIO(files("npz")[told["file"]]), allow_pickle=False) as file:
            keys = set(file.files)
            for one in mine:
                case, call = one["id"].partition("/")[2], calls()[one["id"]]
                for value in call["arguments"] + call["options"]:
                    if "word" not in value:
                        array = file[f"{case}/input/{value['name']}"]
                        keys.remove(f"{case}/input/{value['name']}")
                        assert (array.dtype.name, list(array.shape)) == (value["dtype"], value["shape"])
                        np.testing.assert_array_equal(array, read(value["shape"], value["values"]))
                for output in call["outputs"]:
                    for plane in PLANES:
                        keys.remove(f"{case}/{plane}/{output['name']}")
                        array = file[f"{case}/{plane}/{output['name']}"]
                        np.testing.assert_array_equal(array, read(output["shape"], output[plane]))
            assert keys == set()
