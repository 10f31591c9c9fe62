"""KServe's own client, in an environment of its own: it wants another pandas than ours. Fetches about 420 MB."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CLIENT = """
import asyncio, json, sys
import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

COLUMNS = {"hours": ("FP32", [1, 2]), "age": ("INT64", [20, 21]), "sex": ("BYTES", [b"m", b"f"])}

def request(binary, *names):
    tensors = []
    for name in names:
        datatype, values = COLUMNS[name]
        dtype = {"FP32": np.float32, "INT64": np.int64, "BYTES": object}[datatype]
        tensors.append(InferInput(name, [2], datatype))
        tensors[-1].set_data_from_numpy(np.array(values, dtype), binary_data=binary)
    return InferRequest(model_name="tiny", infer_inputs=tensors)

async def refused(call):
    try:
        await call
    except Exception as error:
        return str(error)

async def main(url, told):
    first = InferenceRESTClient(RESTConfig(protocol="v1"))
    told["v1 ready"] = await first.is_model_ready(url, "tiny")
    row = {"hours": 1, "age": 20, "sex": "m"}
    told["v1 infer"] = await first.infer(url, {"instances": [row]}, model_name="tiny")
    told["v1 wrong"] = await refused(first.infer(url, {"instances": [{}]}, model_name="tiny"))
    second = InferenceRESTClient(RESTConfig(protocol="v2"))
    told["v2 up"] = [await second.is_server_live(url), await second.is_server_ready(url)]
    told["v2 ready"] = [await second.is_model_ready(url, name) for name in ("tiny", "other")]
    for binary in (True, False):
        answer = await second.infer(url, request(binary, *COLUMNS), model_name="tiny")
        told[f"v2 {binary}"] = {one.name: one.as_numpy().tolist() for one in answer.outputs}["value"]
    told["v2 wrong"] = await refused(second.infer(url, request(True, "hours", "age"), model_name="tiny"))

told = {}
asyncio.run(main(sys.argv[1], told))
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has KServe's SDK and nothing of ours."""
    folder = tmp_path_factory.mktemp("kserve")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    found = folder / "bin" / "python"
    fetched = subprocess.run([found, "-m", "pip", "install", "-qq", "kserve>=0.15"], capture_output=True, check=False)
    if fetched.returncode:
        pytest.skip("pip could not fetch kserve")
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_client_of_kserve_is_answered_in_both_its_protocols(python, serve_with):
    with serve_with(compat=("kserve",)) as server:
        done = subprocess.run([python, "-c", CLIENT, server.url], capture_output=True, text=True, check=True, env={})
    told = json.loads(done.stdout.splitlines()[-1])
    wrong = [told.pop(name) for name in ("v1 wrong", "v2 wrong")]
    assert told == {
        "v1 ready": True,
        "v1 infer": {"predictions": [44.0]},
        "v2 up": [True, True],
        "v2 ready": [True, False],
        "v2 True": [44.0, 44.0],
        "v2 False": [44.0, 44.0],
    }
    assert "rows[0].hours: is missing" in wrong[0] and "rows[0].sex: is missing" in wrong[1]
