"""A notebook is taken apart: what its functions do not need is not run, and what configures them is.

Every notebook here is right. It is checked as by a user, in a process of its own; what must not be run deletes a file.
"""

from pathlib import Path

import pytest
from unit_learner import checked_apart

STEP = "def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):\n    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)"
USING = STEP.replace("np.tanh", "{}")
NUMPY = "import numpy as np"
BOOM = "Path(KEPT).unlink()"  # KEPT is the path of a file, in every notebook here
TABLE = USING.format("TABLE['tanh']")


ELSEWHERE = {
    "a method of what a call returned": (NUMPY, STEP, BOOM),
    "an average of what was trained": (
        NUMPY,
        STEP,
        f"def train():\n    {BOOM}\n    return [1.0]\nlosses = train()",
        "np.array(losses).mean()",
    ),
    "a plot by a package that is not there": (NUMPY, STEP, "import no_such_frames as nf\nnf.DataFrame([1]).plot()"),
    "a file written": (NUMPY, STEP, "open(KEPT, 'w').write('x')"),
    "a file written with a name that is bound for the functions as well": (
        "with open(os.devnull) as f:\n    TABLE = {'tanh': __import__('numpy').tanh, 'text': f.read()}",
        TABLE,
        "with open(KEPT, 'w') as f:\n    f.write('x')",
    ),
    "a loop over a name that another loop is over": (
        NUMPY,
        f"for i in range(3):\n    {BOOM}",
        "TABLE = {}\nfor i in ['tanh']:\n    TABLE[i] = getattr(np, i)",
        TABLE,
        f"for i in range(3):\n    {BOOM}",
    ),
    "a loop of training by gradients": (
        NUMPY,
        "params = {'W': np.ones((3, 3))}",
        STEP,
        f"for epoch in range(10):\n    params['W'] -= 0.1\n    {BOOM}",
        f"while True:\n    params.update(W={BOOM})",
    ),
    "numbers, texts and lists": (NUMPY, STEP, f"[{BOOM}][0].x", f"({BOOM}, 1)[1].real", f"f'{{{BOOM}}}'.upper()"),
    "a lambda that is called": (NUMPY, STEP, f"(lambda: {BOOM})()", f"{{'a': lambda: {BOOM}}}['a']()"),
    "a comprehension": (NUMPY, STEP, f"[{BOOM} for _ in range(2)]", f"print(*({BOOM} for np in range(2)))"),
    "a walrus and starred": (NUMPY, STEP, f"(n := {BOOM})", f"first, *rest = [{BOOM}]", f"print(*[{BOOM}])"),
    "deleting": (NUMPY, STEP, f"losses = {BOOM}", "del losses", f"del [{BOOM}][0]"),
    "assigning into what a call returned": (NUMPY, STEP, f"vars({BOOM})['x'] = 1", f"open({BOOM}).x = 1"),
    "if, try, with, while and if it is the main program": (
        NUMPY,
        STEP,
        f"if __name__ == '__main__':\n    {BOOM}",
        f"try:\n    {BOOM}\nexcept ValueError:\n    np.seterr(all='raise')",
        f"with np.errstate(all='ignore'):\n    {BOOM}",
        f"while {BOOM}:\n    np.random.seed(0)",
    ),
    "an if in which a part is needed": (NUMPY, f"if True:\n    {BOOM}\n    tanh = np.tanh", USING.format("tanh")),
    "a class with the names of what was trained": (
        NUMPY,
        f"losses = {BOOM}",
        "class Net:\n    losses = []\n    n = len(losses)\n    def step(self, z): return np.tanh(z)",
        USING.format("Net().step"),
    ),
    "a class and a decorator of its own": (
        NUMPY,
        STEP,
        f"class Trainer:\n    {BOOM}",
        f"def at_once(f): f()\n@at_once\ndef main():\n    {BOOM}",
    ),
    "what is bound anew before it is needed": (
        NUMPY,
        f"tanh = {BOOM}",
        "tanh = np.tanh",
        "act = tanh",
        f"tanh = {BOOM}",
        USING.format("act"),
    ),
    "shell, magics and exec": (
        NUMPY,
        STEP,
        "!rm $KEPT",
        f"%time {BOOM}",
        f"%%time\n{BOOM}",
        f"exec({BOOM!r})",
        "%%bash\nrm kept.txt",
        f"%%timeit\n{BOOM}",
    ),
    "functions of packages that are used, with constant arguments": (
        NUMPY,
        "def wait(): time.sleep(0); os.getpid()",
        "def rnn_cell_step(*a):\n    wait()\n    return step(*a)",
        STEP.replace("rnn_cell_step", "step"),
        "time.sleep(100)",
        "sys.exit(1)",
        "np.load('no such file')",
        f"np.random.seed({BOOM})",
    ),
    "a demonstration of functions that count their calls": (
        NUMPY,
        "calls = []\ncount = 0",
        STEP.replace("return", "global count; count += 1; calls.append(1); return"),
        f"def demonstrate():\n    {BOOM}\n    rnn_cell_step(1, 2, 3, 4, 5)\ndemonstrate()",
        f"rnn_cell_step(np.ones(2), np.ones(2), np.ones((2, 2)), {BOOM}, 0)",
    ),
    "training under a decorator that measures": (
        NUMPY,
        "TIMES = {}\ndef timed(f):\n    def wrapped(*a):\n        TIMES[f.__name__] = len(a)\n        return f(*a)\n"
        "    return wrapped",
        f"@timed\n{STEP}",
        f"data = {BOOM}",
        "@timed\ndef train():\n    return data\ntrain()",
    ),
    "a write and a plot of what is reached": (
        NUMPY,
        "TABLE = {'tanh': np.tanh}",
        TABLE,
        f"print(len(TABLE), {BOOM})",
        f"np.save({BOOM}, TABLE)",
        f"history = []\nhistory.append((TABLE, {BOOM}))",
        "import no_such_plotting as plt\nplt.fill_between(TABLE, 1)",
    ),
    "making objects whose other methods write": (
        NUMPY,
        "TABLE = {'tanh': np.tanh}",
        TABLE,
        f"data = {BOOM}",
        "class Trainer:\n    def __init__(self, data): self.data = data\n    def run(self): TABLE[self.data] = 1",
        "trainer = Trainer(data)",
        "class Base:\n    def __init__(self): self.n = len(TABLE)\nclass Other(Base):\n    x = data",
    ),
    "a base of classes of which one trains": (
        NUMPY,
        "class Base:\n    def __init__(self): self.n = 1\n    def act(self, z): return np.tanh(z)",
        USING.format("Base().act"),
        f"class Trainer(Base):\n    data = {BOOM}",
    ),
    "a number with the name of a function that is looked for": (
        NUMPY,
        STEP,
        f"for epoch in range(9):\n    cross_entropy = -np.log({BOOM})\n    rnn_forward = epoch",
        f"cross_entropy = -({BOOM})\nrnn_bptt = [{BOOM}]\nrnn_bptt += {BOOM}",
    ),
    "what is filed where no function looks it up": (
        NUMPY,
        "ALL = {}\nNAMES = []\ndef file(f):\n    ALL[f.__name__] = f\n    NAMES.append(f)\n    return f",
        f"data = {BOOM}",
        "@file\ndef train():\n    return data",
        f"@file\n{STEP}",
        "@file\ndef evaluate():\n    return data",
    ),
    "a demonstration of a class that counts": (
        NUMPY,
        "class Net:\n    calls = 0\n    def act(self, z):\n        Net.calls += 1\n        return np.tanh(z)",
        USING.format("Net().act"),
        f"net = Net()\nnet.act({BOOM})\nz = net.act({BOOM})\nz = Net().act({BOOM})",
    ),
    "a timed cell": (NUMPY, STEP, f"%%time \nlosses = {BOOM}", f"%timeit {BOOM}", f"%%timeit -n 1\n{BOOM}"),
    "a demonstration of an object that the functions use, its training and its saving": (
        NUMPY,
        "class Net:\n    def forward(self, z): return np.tanh(z)\n    fit = save = to_csv = forward\nnet = Net()",
        USING.format("net.forward"),
        f"data = {BOOM}",
        "net.forward(data)",
        "net.fit(data)\nfor epoch in range(3):\n    net.fit(data)",
        "net.to_csv(data)\nnet.save(data)",
    ),
    "an environment that is asked for": (NUMPY, STEP, f"os.environ['A'] = {BOOM}", "os.environ['KEY'] = input()"),
}


@pytest.mark.parametrize("what", ELSEWHERE)
def test_what_the_functions_do_not_need_is_not_run(what: str, tmp_path: Path) -> None:
    report = checked_apart(tmp_path, *ELSEWHERE[what])
    assert report.ok, str(report)


def test_of_one_object_no_other_functions_are_run(tmp_path: Path) -> None:
    mine = f"class Mine:\n    {STEP}".replace("\n    return", "\n        return").replace("(x_t,", "(self, x_t,")
    assert checked_apart(
        tmp_path, NUMPY, mine, f"rnn_forward = {BOOM}", f"Mine.x = {BOOM} if 0 else 1", target=":Mine"
    ).ok


MADE = {
    "an item": "TABLE = {}\nTABLE['tanh'] = np.tanh",
    "a method for its effect": "TABLE = {}\nTABLE.update(tanh=np.tanh)",
    "a method whose answer is kept": "TABLE = {}\n_ = TABLE.setdefault('tanh', np.tanh)",
    "a method of what a method returned": "T = {}\nT.setdefault('a', {}).update(tanh=np.tanh)\nTABLE = T['a']",
    "a method that makes it ready": "class T(dict):\n    def build(self): self['tanh'] = np.tanh\n"
    "TABLE = T()\nTABLE.build()",
    "a comprehension": "TABLE = {}\n[TABLE.update({name: getattr(np, name)}) for name in ['tanh']]",
    "an item of an item, by a loop over them": "TABLE = {}\nfor row in [TABLE]:\n    row['tanh'] = np.tanh",
    "a comprehension that passes by its class": "tanh = np.tanh\nclass T:\n    tanh = 0\n"
    "    all = [tanh for _ in '1']\nTABLE = {'tanh': T.all[0]}",
    "augmented": "TABLE = {}\nTABLE |= {'tanh': np.tanh}",
    "a tuple": "n, (TABLE, *_) = 1, [{'tanh': np.tanh}, 2]",
    "a walrus": "print(TABLE := {'tanh': np.tanh})",
    "a walrus in a comprehension": "[TABLE := {'tanh': f} for f in [np.tanh]]",
    "for, with no body to speak of": "for TABLE in [{'tanh': np.tanh}]:\n    pass",
    "while": "TABLE = {}\nwhile not TABLE:\n    if TABLE:\n        break\n    TABLE['tanh'] = np.tanh",
    "match": "match np.tanh:\n    case f if f:\n        TABLE = {'tanh': f}",
    "try": "try:\n    TABLE = no_such_name\nexcept NameError as error:\n    TABLE = {'tanh': np.tanh}",
    "with": "with np.errstate(all='ignore') as TABLE:\n    TABLE = {'tanh': np.tanh}",
    "if, its condition and else": "if (n := 0):\n    TABLE = {}\nelif n == 0:\n"
    "    TABLE = {'tanh': np.tanh}\nelse:\n    n = 3",
    "globals": "globals()['TABLE'] = {'tanh': np.tanh}",
    "globals updated": "globals().update(TABLE={'tanh': np.tanh})",
    "a text that is run": "exec(\"TABLE = {'tanh': np.tanh}\")",
    "global in a function": "def make():\n    global TABLE\n    TABLE = {'tanh': np.tanh}\nTABLE = {}\nmake()",
    "a function that fills": "TABLE = {}\ndef fill(): TABLE['tanh'] = np.tanh\nfill()",
    "a function that fills its argument": "TABLE = {}\ndef fill(table): table['tanh'] = np.tanh\nfill(TABLE)",
    "a function that files by another": "TABLE = {}\ndef put(n, f): TABLE[n] = f\ndef file(f): put(f.__name__, f)\n"
    "def tanh(z): return np.tanh(z)\ndone = file(tanh)",
    "a function of a type": "TABLE = {}\ndict.update(TABLE, tanh=np.tanh)",
    "a function that writes into its argument": "from operator import setitem\nTABLE = {}\n"
    "setitem(TABLE, 'tanh', np.tanh)",
    "a function of a package that does": "W = np.zeros(2)\nnp.copyto(W, 1)\n"
    "TABLE = {'tanh': lambda z: np.tanh(z) * W[0]}",
    "setattr": "class T: __class_getitem__ = classmethod(getattr)\nsetattr(T, 'tanh', np.tanh)\nTABLE = T",
    "a magic that times": "%time TABLE = {'tanh': np.tanh}",
    "a decorator": "TABLE = {}\ndef file(f):\n    TABLE[f.__name__] = f\n    return f\n"
    "@file\ndef tanh(z): return np.tanh(z)",
    "a decorator with arguments": "TABLE = {}\ndef file(name):\n    def filed(f):\n        TABLE[name] = f\n"
    "    return filed\n@file('tanh')\ndef other(z): return later(z)",
    "a decorator by another function": "TABLE = {}\ndef put(n, f): TABLE.update({n: f})\n"
    "def file(f): put(f.__name__, f)\n@file\ndef tanh(z): return np.tanh(z)",
    "a method that decorates": "class T(dict):\n    def file(self, name):\n"
    "        return lambda f: self.update({name: f})\n"
    "TABLE = T()\n@TABLE.file('tanh')\ndef other(z): return np.tanh(z)",
    "a decorator that looks up what others file": "FILED = {}\ndef file(f): FILED[f.__name__] = f\n"
    "def looked_up(f):\n    def found(z): return FILED['later_' + f.__name__](z)\n    return found\n"
    "@looked_up\ndef tanh(z): ...\nTABLE = {'tanh': tanh}\n@file\ndef later_tanh(z): return later(z)",
    "a table made of a table": "ALL = {}\nTABLE = {}\ndef file(f): ALL[f.__name__] = f\n"
    "@file\ndef tanh(z): return np.tanh(z)\nTABLE.update(ALL)",
    "filed by a function that is filed": "ALL = {}\nTABLE = {}\ndef file(f): ALL[f.__name__] = f\n"
    "def show(f): TABLE[f.__name__] = f\n@file\ndef other(z): return np.tanh(z)\n"
    "@show\ndef tanh(z): return ALL['other'](z)",
    "an object that decorates": "class T(dict):\n    def __call__(self, f):\n        self[f.__name__] = f\n"
    "TABLE = T()\n@TABLE\ndef tanh(z): return np.tanh(z)",
    "a class that decorates": "TABLE = {}\nclass Filed:\n    def __init__(self, f): TABLE[f.__name__] = f\n"
    "@Filed\ndef tanh(z): return np.tanh(z)",
    "a base that is told of its classes": "TABLE = {}\nclass Base:\n    def __init_subclass__(cls):\n"
    "        TABLE[cls.__name__] = cls.run\nclass tanh(Base):\n    run = staticmethod(np.tanh)",
    "a base of a base that is told": "TABLE = {}\nclass Base:\n    def __init_subclass__(cls):\n"
    "        TABLE[cls.__name__] = getattr(cls, 'run', None)\nclass Between(Base): ...\n"
    "class tanh(Between):\n    run = staticmethod(np.tanh)",
    "a metaclass": "TABLE = {}\nclass Meta(type):\n    def __new__(*a):\n        TABLE[a[1]] = a[3].get('run')\n"
    "        return type.__new__(*a)\nclass tanh(metaclass=Meta):\n    run = staticmethod(np.tanh)",
    "a method that files elsewhere": "TABLE = {}\nclass Files:\n    def add(self, f): TABLE[f.__name__] = f\n"
    "files = Files()\nadded = files.add(np.tanh)",
    "a method that files elsewhere as a decorator": "TABLE = {}\nclass Files:\n    @classmethod\n"
    "    def add(cls, name): return lambda f: TABLE.update({name: f})\n"
    "@Files.add('tanh')\ndef other(z): return later(z)",
    "an object that files itself": "TABLE = {}\nclass Files:\n    def __init__(self, n): TABLE[n] = self\n"
    "    def __call__(self, z): return np.tanh(z)\nFiles('tanh')",
    "imports of a package and of what is in it": "import xml.dom.minidom\nimport xml\n"
    "TABLE = {'tanh': np.tanh, 'other': xml.dom.minidom}",
    "a block that may end before its end": "import contextlib\ntanh = np.tanh\nwith contextlib.suppress(NameError):\n"
    "    tanh = no_such_name\nTABLE = {'tanh': tanh}",
    "functions with several bodies": "import functools\n@functools.singledispatch\ndef tanh(z): raise TypeError\n"
    "@tanh.register\ndef _(z: np.ndarray): return np.tanh(z)\n@tanh.register\ndef _(z: int): return None\n"
    "TABLE = {'tanh': tanh}",
    "a method that a class is given": "class T(dict): ...\ndef make(self): return {'tanh': np.tanh}\nT.make = make\n"
    "TABLE = T().make()",
    "a base that keeps its classes": "class Base:\n    all = {}\n    def __init_subclass__(cls):\n"
    "        Base.all[cls.__name__] = cls.run\nclass tanh(Base):\n    run = staticmethod(np.tanh)\nTABLE = Base.all",
}
LATER = "def later(z):\n    return np.tanh(z)"  # defined behind what reads it when it is called


@pytest.mark.parametrize("how", MADE)
def test_what_makes_what_they_need_is_run(how: str, tmp_path: Path) -> None:
    report = checked_apart(tmp_path, NUMPY, MADE[how], LATER, TABLE, BOOM)
    assert report.ok, str(report)
