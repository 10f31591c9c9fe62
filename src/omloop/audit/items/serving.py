"""Items about serving: the program that answers, where it runs, and the model that it serves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from omloop.audit.code_defects import is_route
from omloop.audit.commands import any_of, in_workflow
from omloop.audit.evidence import Evidence, Spot, found, missing, weak
from omloop.audit.items.ask import (
    first,
    lines_with,
    not_started,
    omloop_projects,
    only_declared,
    run_spots,
    spots_of,
    uses_of,
)
from omloop.audit.items.tests import applications, served_code
from omloop.audit.modules import local_files
from omloop.audit.python_facts import Call, Function, PythonFacts
from omloop.audit.reach import calls_in, passed, reached
from omloop.audit.repository import Repository
from omloop.audit.tree import Node

_PLAIN = re.compile(r"^/?(health\w*|ready\w*|live\w*|metrics|docs|version|status)?/?$")
_ANSWERS = re.compile(r"(?i)predict|infer|classif|scor|detect|generat|recogni|segment|forecast|embed")
_INFERS = ("predict", "predict_proba", "no_grad", "inference_mode", "InferenceSession")
_MODEL = re.compile(
    r"(?:^|\.)(?:model|net|network|classifier|predictor|pipeline)$"
    r"|(?i:(?:model|net\d*|network|classifier|predictor|pipeline|torch\.load|jit\.load|checkpoint)\(\)(?:\.eval\(\))?$)"
    r"|(?i:(?:sess|session|model)(?:\(\))?\.(?:run|generate|forward)$)"
)
"""Calls of a model, whatever made it, or of a session of ONNX Runtime's."""
_DEPLOYS = any_of(
    r"\bgcloud (?:beta )?run (?:deploy|services (?:update|replace))",
    r"\bgcloud functions deploy\b",
    r"\bgcloud app deploy\b",
    r"\bkubectl apply\b",
    r"\bhelm (?:upgrade|install)\b",
    r"\bfly deploy\b",
    r"\bmodal deploy\b",
    r"\baz (?:webapp|containerapp)\b",
    r"\baws (?:ecs|lambda|apprunner)\b",
    r"\bomloop deploy apply\b",
    r"\bgcloud ai endpoints deploy-model\b",
    r"\bbentoml deploy\b",
    r"\bterraform apply\b",
    r"\bdocker service update\b",
)
_JOBS = (
    "google.cloud.aiplatform.CustomJob", "google.cloud.aiplatform.CustomContainerTrainingJob",
    "google.cloud.aiplatform.CustomTrainingJob", "google.cloud.aiplatform.PipelineJob", "sagemaker.estimator.Estimator",
    "sagemaker.pytorch.PyTorch", "azure.ai.ml.command", "vertexai.preview.",
)  # fmt: skip
_DEPLOYING_ACTIONS = any_of(
    r"deploy-cloudrun",
    r"deploy-cloud-functions",
    r"amazon-ecs-deploy",
    r"azure/webapps-deploy",
    r"superfly/flyctl",
    r"cloudflare/wrangler",
)
_TRAINS = any_of(
    r"\bgcloud ai pipeline-jobs submit\b",
    r"\bgcloud (?:beta )?ai custom-jobs create\b",
    r"\bgcloud ai-platform jobs submit\b",
    r"\baz ml job create\b",
    r"\bsky launch\b",
    r"\bmodal run\b",
    r"\bomloop (?:turn|sweep)\b.*--on vertex",
    r"\bray job submit\b",
    r"\bbeaker experiment create\b",
    r"\bgcloud compute ssh\b.*\btrain",
)
_BENTO = ("bentoml.service", "bentoml.Service")
_RUNTIMES = ("onnxruntime.InferenceSession", "optimum.onnxruntime.")
_EXPORTS = (
    "torch.onnx.export",
    "torch.onnx.dynamo_export",
    "skl2onnx.convert_sklearn",
    "skl2onnx.to_onnx",
    "onnxmltools.",
    "tf2onnx.",
)


def api(repository: Repository) -> Evidence:
    """FastAPI with a route that answers with predictions."""
    routes = [
        (facts, one)
        for facts in repository.code
        for one in facts.functions
        if any(map(is_route, one.decorators)) and not _PLAIN.match(one.route)
    ]
    surely = [(facts, one) for facts, one in routes if _predicts(repository, facts, one)]
    files = {} if surely else {facts.path: facts for facts, _ in routes}
    able = {path for path, facts in files.items() if any(map(_is_inference, _near(repository, facts)))}
    near = [(facts, one) for facts, one in routes if facts.path in able]
    if answering := surely or [(facts, one) for facts, one in near if _takes_posts(one)]:
        return found("routes that predict", *first(_at(answering)))
    if near:
        return weak("routes beside code that predicts; none of them is seen to call it", *first(_at(near)))
    if fast := spots_of(repository.calls("fastapi.FastAPI")):
        return weak("an application without a route that predicts", *first([*_at(routes), *fast]))
    if made := [Spot(facts.path, line) for facts, line in applications(repository)]:
        return weak("an application, but not of FastAPI", *first(made))
    started = run_spots(repository, r"\bomloop serve\b")
    if started and omloop_projects(repository):
        return found("omloop serves the project by FastAPI", *first(started))
    return not_started(repository, only_declared(repository, "fastapi"))


def _predicts(repository: Repository, facts: PythonFacts, route: Function) -> bool:
    """By its name or address, or by what it calls, directly or not."""
    return bool(_ANSWERS.search(f"{route.name} {route.route}")) or any(
        function.name == "forward" or any(map(_is_inference, calls_in(repository, file, function)))
        for file, function in reached(repository, facts, route)
    )


def _is_inference(call: Call) -> bool:
    """`model.predict(x)`, `model(x)`, `session.run(x)`, `to_thread(model.predict, x)`."""
    names = (call.name, *passed(call))
    return bool(_MODEL.search(call.name)) or any(name.rpartition(".")[2] in _INFERS for name in names)


def _near(repository: Repository, facts: PythonFacts) -> Iterator[Call]:
    return (call for one in (facts, *local_files(repository, facts)) for call in one.calls)


def _takes_posts(route: Function) -> bool:
    """Whether it takes data, so that it may well predict by what nothing can follow, such as `models["a"](x)`."""
    return any(one.endswith(".post") for one in route.decorators)


def _at(routes: Iterable[tuple[PythonFacts, Function]]) -> Iterator[Spot]:
    yield from (Spot(facts.path, one.line) for facts, one in routes)


def deployment(repository: Repository) -> Evidence:
    """Something that deploys the service."""
    spots = run_spots(repository, _DEPLOYS)
    spots += [spot for _, spot in uses_of(repository, _DEPLOYING_ACTIONS)]
    spots += lines_with(repository, r'resource\s+"google_cloud_run', ".tf")
    if spots:
        return found("it is deployed by a command or workflow", *first(spots))
    trees = ((path, tree) for path, read in repository.yaml.items() for tree in read)
    manifests = [Spot(path, tree.pairs["apiVersion"].line) for path, tree in trees if _is_service(tree)]
    manifests += map(Spot, repository.find(r"fly\.toml$|render\.ya?ml$|app\.ya?ml$|Procfile$|railway\.json$"))
    if manifests:
        return weak("what is to run is described, and nothing applies it", *first(manifests))
    return not_started(repository, missing())


def _is_service(tree: Node) -> bool:
    told = [one.text for one in map(tree.get, ("apiVersion", "kind")) if one]
    return " ".join(told) in ("serving.knative.dev/v1 Service", "apps/v1 Deployment", "run.googleapis.com/v1 Service")


def cloud_training(repository: Repository) -> Evidence:
    """Something that sends a training to a cloud."""
    spots = first([*spots_of(repository.calls(*_JOBS)), *run_spots(repository, _TRAINS)])
    if spots:
        return found("a training is sent to a cloud", *spots)
    trees = [(path, tree) for path, read in repository.yaml.items() for tree in read]
    pools = [(path, tree.find("workerPoolSpecs") or tree.find("worker_pool_specs")) for path, tree in trees]
    if described := [Spot(path, pool.line) for path, pool in pools if pool]:
        return weak("a job is described, and nothing sends it", *first(described))
    if cluster := lines_with(repository, r"^#(BSUB|SBATCH|PBS)\b"):
        return weak("jobs of a cluster, not of a cloud", *first(cluster))
    return not_started(repository, only_declared(repository, "google-cloud-aiplatform", "sagemaker", "modal"))


def exported(repository: Repository) -> Evidence:
    """A model that BentoML serves, or that ONNX Runtime runs where requests are answered."""
    served, answers = served_paths(repository), spots_of(repository.calls(*_BENTO))
    answers += [
        Spot(f.path, one.line)
        for f in repository.code
        for one in f.functions
        if any(d.startswith("bentoml.") for d in one.decorators)
    ]
    runs = spots_of(repository.calls(*_RUNTIMES))
    answers += [one for one in runs if one.path in served or not served]
    if answers:
        return found("ONNX Runtime or BentoML answers", *first(answers))
    if projects := omloop_projects(repository):
        return found("omloop packages every version of the project as ONNX", *projects)
    exports = spots_of(repository.calls(*_EXPORTS))
    exports += [
        Spot(facts.path, call.line)
        for facts in repository.code
        for call in facts.calls
        if call.last in ("to_onnx", "export_to_onnx")
    ]
    if half := first([*runs, *exports]):
        return weak("there is ONNX, and nothing that answers requests runs it", *half)
    return only_declared(repository, "onnx", "onnxruntime", "bentoml", "skl2onnx")


def served_paths(repository: Repository) -> set[str]:
    """Files that answer requests, and the files that these need."""
    return set(served_code(repository))


def deploying_workflows(repository: Repository) -> list[tuple[str, int]]:
    """Workflows of pull requests that deploy, with the line that does; a step with a condition may be for others."""
    opened = [one for one in repository.workflows.values() if "pull_request" in one.triggers]
    free = [replace(one, steps=tuple(step for step in one.steps if not step.is_conditional)) for one in opened]
    hits = [next((hit for hit in in_workflow(repository, one) if re.search(_DEPLOYS, hit.text)), None) for one in free]
    return [(hit.spot.path, hit.spot.line) for hit in hits if hit]
