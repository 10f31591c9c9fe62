"""What is surely wrong is named, and what merely looks like it is not."""

from pathlib import Path

import pytest
from tests.audit.conftest import write

from omloop.audit import audit

KEY = "5f0d3b1c9a7e4f6280b1d2c3e4f5a6b7c8d9e0f1"
APP = "from fastapi import FastAPI\napp = FastAPI()\n"

WRONG = {
    "a key of a tracker": ("train.py", f"import wandb\nwandb.login(key='{KEY}')\n", "secret", 2),
    "a key by its name": ("train.py", f"WANDB_API_KEY = '{KEY}'\n", "secret", 1),
    "a key in a mapping": ("train.py", f"settings = {{'api_key': '{KEY}'}}\n", "secret", 1),
    "a known shape": ("a.py", "x = 'ghp_R3kqP0aZ81mQvT5Lw2uXyB7cD4eF6gH9iJ0k'\n", "secret", 1),
    "a key given to the environment": ("a.py", f"import os\nos.environ['HF_TOKEN'] = '{KEY}'\n", "secret", 2),
    "a key as a default": ("a.py", f"import os\nkey = os.environ.get('COMET_API_KEY', '{KEY}')\n", "secret", 2),
    "a key in a flow of YAML": ("conf.yaml", f"comet: {{project: a, api_key: {KEY}}}\n", "secret", 1),
    "a key before a command": (
        ".github/workflows/a.yml",
        f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: COMET_API_KEY={KEY} python train.py\n",
        "secret",
        6,
    ),
    "a key of a container": ("pod.yaml", f"env:\n  - name: COMET_API_KEY\n    value: {KEY}\n", "secret", 3),
    "a key in an image": ("Dockerfile", f"FROM python:3.12\nENV COMET_API_KEY {KEY}\n", "secret", 2),
    "a key of a login in an image": (
        "Dockerfile",
        f"FROM python:3.12\nRUN pip install wandb && wandb login --relogin {KEY}\n",
        "secret",
        2,
    ),
    "a key of Kaggle in lines": ("kaggle.json", f'{{\n  "username": "bo",\n  "key": "{KEY[:32]}"\n}}\n', "secret", 3),
    "a key of Kaggle in code": ("a.py", f"kaggle = {{'username': 'bo', 'key': '{KEY[8:]}'}}\n", "secret", 1),
    "a password of a store": (
        "a.py",
        "store = 'mysql+pymysql://bo:kT7w0Zq9xLm4Rb2e@sql.rides.dk:3306/a'\n",
        "secret",
        1,
    ),
    "a password in settings": ("a.cfg", "[a]\nurl = amqps://bo:kT7w0Zq9xLm4@mq.rides.dk/a\n", "secret", 2),
    "a key in YAML": ("job.yaml", f"env:\n  wandb_api_key: {KEY}\n", "secret", 2),
    "a key in .env": (".env", f"API_TOKEN={KEY}\n", "secret", 1),
    "a private key": (
        "key.json",
        '{"private_key": "-----BEGIN PRIVATE KEY-----\\n' + "aB3" * 90 + '\\n"}',
        "secret",
        1,
    ),
    "prediction on the loop": (
        "api.py",
        APP + "@app.post('/predict')\nasync def ask(x):\n    return model.predict(x)\n",
        "event loop",
        5,
    ),
    "a network on the loop": (
        "api.py",
        APP + "import torch\n@app.post('/p')\nasync def ask(x):\n    with torch.no_grad():\n        return net(x)\n",
        "event loop",
        6,
    ),
    "a helper on the loop": (
        "api.py",
        APP + "def work(x):\n    return m.predict_proba(x)\n@app.post('/p')\nasync def ask(x):\n    return work(x)\n",
        "event loop",
        7,
    ),
    "a loaded network on the loop": (
        "api.py",
        APP + "import torch\nnet = torch.jit.load('a.pt')\n@app.post('/p')\nasync def ask(x):\n    return net(x)\n",
        "event loop",
        7,
    ),
    "a network in a helper on the loop": (
        "api.py",
        APP + "net = build()\nnet.eval()\ndef work(x):\n    return net(x)\n"
        "@app.post('/p')\nasync def ask(x):\n    return work(x)\n",
        "event loop",
        9,
    ),
    "a network of the file on the loop": (
        "api.py",
        APP + "from torch import nn\nclass Net(nn.Module):\n    pass\nnet = Net()\n"
        "@app.post('/p')\nasync def ask(x):\n    return {'y': net(x)}\n",
        "event loop",
        9,
    ),
    "a fault in an answer": (
        "api.py",
        APP + "@app.get('/p')\ndef ask():\n    try:\n        pass\n    except Exception as fault:\n"
        "        return {'ok': False, 'why': f'failed: {fault}'}\n",
        "own words",
        8,
    ),
    "a pickle in the service": ("api.py", APP + "import joblib\nmodel = joblib.load('a.pkl')\n", "runs code", 4),
    "weights by pickle": ("api.py", APP + "import torch\ntorch.load('a', weights_only=False)\n", "runs code", 4),
    "a size compared with itself": ("a.py", "if c.get('size') != c.get('size'):\n    pass\n", "with itself", 1),
    "a blank in a variable": ("a.py", "import os\nos.getenv('WANDB_API_KEY ')\n", "blank", 2),
    "a fault told": (
        "api.py",
        APP + "from fastapi import HTTPException\ntry:\n    pass\nexcept Exception as e:\n"
        "    raise HTTPException(500, detail=str(e))\n",
        "own words",
        7,
    ),
    "fitted before the split": (
        "a.py",
        "from sklearn.model_selection import train_test_split\n\ndef go(x, y):\n    x = scaler.fit_transform(x)\n"
        "    a, b = train_test_split(x, y)\n",
        "before the split",
        4,
    ),
    "dropout that stays live": ("api.py", APP + "net.load_state_dict({})\n", "eval()", 3),
    "a pull request that deploys": (
        ".github/workflows/deploy.yml",
        "on: [pull_request]\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: gcloud run deploy a\n",
        "pull request deploys",
        6,
    ),
}

RIGHT = {
    "a key of the environment": ("a.py", "import os\nAPI_KEY = os.environ['API_KEY']\n"),
    "a name of a variable": ("a.yaml", "api_key: ${{ secrets.WANDB_API_KEY }}\ntoken: WANDB_API_KEY_SECRET\n"),
    "keys from elsewhere in a workflow": (
        ".github/workflows/a.yml",
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n"
        "      - run: API_KEY=${{ secrets.API_KEY }} A_TOKEN=$A_TOKEN pytest\n",
    ),
    "a secret of a cluster": (
        "pod.yaml",
        "env:\n  - name: API_KEY\n    valueFrom:\n      secretKeyRef: {name: a-b1}\n",
    ),
    "a login by a variable": ("Dockerfile", "FROM python:3.12\nRUN wandb login $WANDB_API_KEY\n"),
    "passwords of a test's own store": (
        "a.yaml",
        "a: postgres://bo:kT7w0Zq9xLm4Rb2e@localhost:5432/a\nb: postgres://bo:kT7w0Zq9xLm4Rb2e@db/a\n"
        "c: postgres://user:password@db.rides.dk/a\nd: postgres://bo:${PASSWORD_9128}@db.rides.dk/a\n"
        "e: redis://bo:<password-1290>@db.rides.dk\nf: https://rides.dk:8443/a@b.dk\n",
    ),
    "an example of Kaggle's file": ("kaggle.json", '{"username": "bo", "key": "your-key-of-32-letters"}\n'),
    "a key of a store's object": ("a.py", "x = {'username': 'bo', 'key': 'Rides-2024-10-01.csv'}\n"),
    "a call of what is no network": (
        "api.py",
        APP + "import torch\nread = torch.load\n@app.post('/p')\nasync def ask(x):\n    return clean(x)\n",
    ),
    "a fault that is logged": (
        "api.py",
        APP + "@app.get('/p')\ndef ask():\n    try:\n        pass\n    except Exception as fault:\n"
        "        log.error(str(fault))\n        return {'why': type(fault).__name__}\n",
    ),
    "a fault in a mapping outside a route": (
        "a.py",
        "def ask():\n    try:\n        pass\n    except Exception as fault:\n        return {'why': str(fault)}\n",
    ),
    "labels encoded before the split": (
        "a.py",
        "from sklearn.preprocessing import LabelBinarizer\nfrom sklearn.model_selection import train_test_split\n\n"
        "def go(x, y):\n    names = LabelBinarizer()\n    y = names.fit_transform(y)\n"
        "    return train_test_split(x, y)\n",
    ),
    "a deployment that waits for main": (
        ".github/workflows/deploy.yml",
        "on: [push, pull_request]\njobs:\n  a:\n    if: github.ref_name == 'main'\n    runs-on: x\n    steps:\n"
        "      - run: gcloud run deploy a\n",
    ),
    "a step of a push": (
        ".github/workflows/deploy.yml",
        "on: [push, pull_request]\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: gcloud run deploy a\n"
        "        if: github.event_name == 'push'\n",
    ),
    "a placeholder": ("a.py", "api_key = 'your-api-key-123456789'\npassword = 'changeme-12345678901'\n"),
    "an address with a query": ("a.py", "url = 'https://example.org/data.csv?version=1234567890&page=12'\n"),
    "a digest": ("a.yaml", f"outs:\n- md5: {KEY}\n  path: data\n"),
    "a made-up key in a test": ("tests/test_a.py", f"api_key = '{KEY}'\n"),
    "a path": ("a.py", "token_file = 'data/processed/2024/run01/token.json'\n"),
    "a sync handler": ("api.py", APP + "@app.post('/p')\ndef ask(x):\n    return model.predict(x)\n"),
    "an awaited prediction": (
        "api.py",
        APP + "@app.post('/p')\nasync def ask(x):\n    return await model.predict(x)\n",
    ),
    "a thread": (
        "api.py",
        APP + "@app.post('/p')\nasync def ask(x):\n    return await run_in_threadpool(model.predict, x)\n",
    ),
    "an async function without a route": ("a.py", "async def ask(x):\n    return model.predict(x)\n"),
    "a pickle elsewhere": ("train.py", "import joblib\njoblib.load('a.pkl')\n"),
    "weights alone": ("api.py", APP + "import torch\ntorch.load('a', weights_only=True)\n"),
    "a question for NaN": ("a.py", "if x != x or y[0] != y[0]:\n    pass\n"),
    "two random draws": ("a.py", "if random.choice(a) == random.choice(a):\n    pass\n"),
    "a fault of the caller": (
        "api.py",
        APP + "from fastapi import HTTPException\ntry:\n    pass\nexcept ValueError as e:\n"
        "    raise HTTPException(422, detail=str(e))\n",
    ),
    "a body that is no JSON": (
        "api.py",
        APP + "from fastapi import HTTPException\ntry:\n    pass\nexcept Exception as e:\n"
        "    raise HTTPException(status_code=400, detail=str(e))\n",
    ),
    "fitted after the split": (
        "a.py",
        "from sklearn.model_selection import train_test_split\n\ndef go(x, y):\n    a, b = train_test_split(x, y)\n"
        "    a = scaler.fit_transform(a)\n",
    ),
    "dropout switched off": ("api.py", APP + "net.load_state_dict({})\nnet.eval()\n"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, case: str) -> None:
    name, text, what, line = WRONG[case]
    defects = audit(write(tmp_path, {name: text})).defects
    assert [(one.spot.path, one.spot.line) for one in defects if what in one.what] == [(name, line)]
    assert len(defects) == 1 and defects[0].next_step


@pytest.mark.parametrize("case", RIGHT)
def test_what_only_looks_like_it_is_not(tmp_path: Path, case: str) -> None:
    name, text = RIGHT[case]
    assert audit(write(tmp_path, {name: text})).defects == []


def test_no_secret_is_told(tmp_path: Path) -> None:
    found = audit(write(tmp_path, {"a.py": f"api_key = '{KEY}'\n"}))
    assert found.defects and KEY not in str(found)
