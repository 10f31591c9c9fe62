"""Which routes of an application predict, and what it keeps of requests."""

import pytest
from tests.audit.conftest import Look

ITEM = "FastAPI inference"
NET = "class Engine:\n    def answer(self, x): return self.it.predict(x)\n\ndef answer(x): return Engine().answer(x)\n"
APP = "from fastapi import FastAPI\n{head}\napp = FastAPI()\n\n@app.{verb}('/{name}')\ndef {name}(x):\n    {body}\n"


def app(body: str, head: str = "", verb: str = "get", name: str = "taste") -> str:
    return APP.format(body=body, head=head, verb=verb, name=name)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", "return app.state.model(x)"),
        ("import onnxruntime\nit = onnxruntime.InferenceSession('a')", "return it.run(None, x)"),
        ("from rides.engine import answer", "return answer(x)"),
        ("from rides import engine", "return to_thread(engine.answer, x)"),
        ("from rides.engine import Engine\nit = Engine()", "return it.answer(x)"),
        ("import rides.engine", "return app.state.engine.answer(x)"),
        ("from rides.load import load_model\nit = load_model()", "return it(x)"),
        ("def deeper(x):\n    return models['a'].predict(x)\n", "return deeper(x)"),
    ],
)
def test_a_route_predicts_by_what_its_function_comes_to(look: Look, head: str, body: str) -> None:
    files = {"app.py": app(body, head), "rides/engine.py": NET, "rides/load.py": "def load_model(): ...\n"}
    found = look(ITEM, files)
    assert found.state == "found" and found.why == "routes that predict"


@pytest.mark.parametrize(("verb", "state"), [("get", "weak"), ("post", "found")])
def test_code_that_predicts_beside_a_route_is_not_enough_unless_it_takes_data(
    look: Look, verb: str, state: str
) -> None:
    files = {"app.py": app("return it['a'](x)", "from rides.engine import answer", verb), "rides/engine.py": NET}
    assert look(ITEM, files).state == state


def test_the_routes_that_predict_are_shown_alone(look: Look) -> None:
    told = "\n@app.post('/notes')\ndef notes(x):\n    return {'size': 3}\n"
    files = {"app.py": app("return answer(x)", "from rides.engine import answer") + told, "rides/engine.py": NET}
    assert [one.line for one in look(ITEM, files).spots] == [6]


@pytest.mark.parametrize(
    ("task", "state"),
    [
        ("logging.info", "missing"), ("tell", "missing"), ("keep", "found"), ("elsewhere.keep_all", "found"),
        ("client.insert_all", "found"), ("app.state.log_row", "found"), ("client.notify", "missing"),
    ],
)  # fmt: skip
def test_a_task_counts_by_what_it_stores(look: Look, task: str, state: str) -> None:
    head = "import logging\nimport elsewhere\n\ndef tell(x):\n    print(x)\n\ndef keep(x):\n    put(x)\n\ndef put(x):\n"
    files = {
        "app.py": app(f"later.add_task({task}, x)", f"{head}    open('a', 'w').write(x)\n"),
        "elsewhere.py": "def keep_all(x): x.to_sql('a')\n",
    }
    assert look("inputs and outputs collected", files).state == state


SENDS = "from opentelemetry.sdk.trace import TracerProvider\n\nprovider = TracerProvider()\n"
CLOUD = "from opentelemetry.exporter.cloud_{0} import Exporter\n\nExporter()\n"
COMPOSE = {"compose.yaml": "services:\n  jaeger:\n    image: jaegertracing/all-in-one\n"}
COLLECTOR = {"otel.yaml": "receivers:\n  otlp:\nexporters:\n  googlecloud:\n"}


@pytest.mark.parametrize(
    ("files", "metrics", "cloud"),
    [
        ({"a.py": SENDS}, "traces are sent; no metrics are, and no file sets up what takes them", ""),
        ({"a.py": SENDS, **COMPOSE}, "traces are sent to a collector; no metrics are", ""),
        ({"a.py": SENDS, "b.py": CLOUD.format("trace")}, "traces are sent to a cloud; no metrics are", ""),
        ({"a.py": CLOUD.format("monitoring")}, "the application is instrumented", "the cloud's monitoring is set up"),
        ({**COLLECTOR}, "", "the cloud's monitoring is set up"),
    ],
)
def test_traces_alone_are_no_metrics(look: Look, files: dict[str, str], metrics: str, cloud: str) -> None:
    assert look("metrics of the API", files).why == metrics
    assert look("cloud monitoring", files).why == (cloud or metrics)
