"""The check-list of a course in machine-learning operations (DTU 02476), in its order, and what adds each item."""

from __future__ import annotations

from omloop.audit.evidence import Evidence, unprovable
from omloop.audit.item import Item
from omloop.audit.items import documents, images, learning, scale, serving, settings, tests, watching, workflows
from omloop.audit.items import repository as base
from omloop.audit.repository import Repository


def _people(repository: Repository) -> Evidence:
    return unprovable("who may write is said by the host, not by a file")


def _built(repository: Repository) -> Evidence:
    return unprovable("whether an image was built and worked is known to who built it")


def _understanding(repository: Repository) -> Evidence:
    return unprovable("ask them")


ONE, TWO, THREE, EXTRA = "week 1", "week 2", "week 3", "extra"

CHECKLIST = (
    Item("git repository", ONE, (5,), base.git_repository, "git init, add and commit", "git reposit creat"),
    Item("all members can write", ONE, (5,), _people, "", "member write access team push"),
    Item(
        "dedicated environment",
        ONE,
        (2,),
        base.environment,
        "omloop init NAME",
        "dedicat environ conda venv keep track packag",
    ),
    Item("structure", ONE, (6,), base.structure, "omloop init NAME", "cookiecut initial file structur templat"),
    Item(
        "data script",
        ONE,
        (6,),
        learning.data_script,
        "omloop new NAME --from FILE",
        "data.py download preprocess fill need",
    ),
    Item(
        "model and training",
        ONE,
        (6,),
        learning.model_and_training,
        "omloop new NAME --from FILE",
        "model.py train.py model train procedur run",
    ),
    Item(
        "dependencies declared",
        ONE,
        (2, 6),
        base.dependencies,
        "declare what is imported in pyproject.toml",
        "requirement dependenc pyproject uv.lock up-to-dat",
    ),
    Item("code style", ONE, (7,), workflows.style, "omloop init NAME", "pep8 good coding practic ruff compl"),
    Item(
        "types and docstrings",
        ONE,
        (7,),
        base.typed_and_documented,
        "annotate and describe public functions",
        "typing docstring document essential typed annotat",
    ),
    Item(
        "data versioned",
        ONE,
        (8,),
        settings.data_versions,
        "omloop data-version add NAME",
        "dvc version control data part",
    ),
    Item(
        "command lines and tasks",
        ONE,
        (9,),
        settings.command_lines,
        "omloop new NAME --from FILE",
        "cli command line interfac task project",
    ),
    Item("dockerfiles", ONE, (10,), images.dockerfiles, "omloop deploy docker NAME", "docker file dockerfil construct"),
    Item("images work locally", ONE, (10,), _built, "", "docker build local work intend imag"),
    Item(
        "configuration files",
        ONE,
        (11,),
        settings.config_files,
        "omloop new NAME --from FILE",
        "config configurat file experiment write",
    ),
    Item(
        "Hydra", ONE, (11,), settings.hydra, "omloop new NAME --from FILE", "hydra load configurat manag hyperparamet"
    ),
    Item("profiling", ONE, (12, 13), learning.profiling, "omloop profile NAME train, in a script", "profil optim code"),
    Item("logging", ONE, (14,), learning.logging, "log by the standard library's logging", "logging import event log"),
    Item(
        "experiment tracking",
        ONE,
        (14,),
        learning.tracking,
        'omloop turn NAME; track = "wandb" in omloop.toml',
        "wandb tracking weights bias w&b log train progress metric artifact",
    ),
    Item(
        "hyperparameter sweep",
        ONE,
        (14,),
        learning.sweep,
        "omloop sweep NAME",
        "sweep hyperparamet optimiz optimis search",
    ),
    Item("Lightning", ONE, (15,), learning.lightning, "omloop turn NAME model=mlp (or cnn)", "lightn boilerplat reduc"),
    Item(
        "data tests",
        TWO,
        (16,),
        tests.data_tests,
        "omloop init NAME; test what reads your data",
        "unit test data part relat",
    ),
    Item("model tests", TWO, (16,), tests.model_tests, "omloop init NAME", "unit test model construct train"),
    Item("coverage", TWO, (16,), tests.coverage, "run pytest with --cov", "coverag calculat"),
    Item(
        "continuous integration",
        TWO,
        (17,),
        workflows.ci,
        "omloop deploy github NAME",
        "continu integrat ci run github",
    ),
    Item(
        "caching and matrix",
        TWO,
        (17,),
        workflows.varied_ci,
        "omloop deploy github NAME",
        "cach multi-os matrix os python pytorch",
    ),
    Item("lint in CI", TWO, (17,), workflows.lint_in_ci, "omloop deploy github NAME", "lint step continu integrat ci"),
    Item("pre-commit", TWO, (18,), workflows.pre_commit, "omloop init NAME", "pre-commit precommit hook"),
    Item(
        "workflow on data change",
        TWO,
        (19,),
        workflows.on_data,
        "omloop deploy github NAME",
        "workflow trigger data chang",
    ),
    Item(
        "workflow on registry change",
        TWO,
        (19,),
        workflows.on_registry,
        "omloop deploy github NAME",
        "workflow trigger model registr chang",
    ),
    Item(
        "bucket linked to DVC",
        TWO,
        (21,),
        settings.bucket_of_dvc,
        "omloop data-version add NAME --remote gs://BUCKET",
        "bucket storag data link version gcp",
    ),
    Item(
        "automatic image builds",
        TWO,
        (21,),
        images.automatic_builds,
        "omloop deploy github NAME",
        "trigger automat build docker imag",
    ),
    Item(
        "training in the cloud",
        TWO,
        (21,),
        serving.cloud_training,
        "omloop turn NAME --on vertex",
        "train gcp vertex engin cloud model",
    ),
    Item("FastAPI inference", TWO, (22,), serving.api, "omloop serve NAME", "fastapi applicat inferenc"),
    Item(
        "deployment",
        TWO,
        (23,),
        serving.deployment,
        "omloop deploy google NAME, then omloop deploy apply NAME",
        "deploy cloud run function backend model gcp",
    ),
    Item(
        "API tests",
        TWO,
        (24,),
        tests.api_tests,
        "test the application by fastapi.testclient in CI",
        "api test applicat continu integrat functional",
    ),
    Item("load test", TWO, (24,), tests.load_test, "omloop load NAME", "load test applicat locust"),
    Item("ONNX or BentoML", TWO, (25,), serving.exported, "omloop turn NAME", "onnx bentoml special ml-deploy"),
    Item("front end", TWO, (26,), tests.front_end, "omloop ui", "frontend front-end"),
    Item(
        "robustness to drift",
        THREE,
        (27,),
        watching.robustness,
        "omloop evaluate NAME --stress",
        "robust drift model check",
    ),
    Item(
        "inputs and outputs collected",
        THREE,
        (27,),
        watching.collection,
        "omloop serve NAME",
        "collect input output input-output deploy",
    ),
    Item(
        "drift detection deployed",
        THREE,
        (27,),
        watching.drift_detection,
        "omloop watch NAME",
        "drift detect api cloud deploy",
    ),
    Item("metrics of the API", THREE, (28,), watching.metrics, "omloop serve NAME", "instrument system metric api"),
    Item(
        "cloud monitoring",
        THREE,
        (28,),
        watching.monitoring,
        "omloop deploy google NAME",
        "cloud monitor instrument setup",
    ),
    Item("alerts", THREE, (28,), watching.alerts, "write alerts.yaml; omloop alerts NAME --test", "alert"),
    Item(
        "data loading by several workers",
        THREE,
        (29,),
        scale.loading,
        "give the DataLoader num_workers, and measure",
        "distribut data loading",
    ),
    Item(
        "distributed training",
        THREE,
        (30,),
        scale.training,
        "omloop turn NAME model.devices=2",
        "distribut train",
    ),
    Item(
        "quantised, pruned or compiled",
        THREE,
        (31,),
        scale.smaller,
        "omloop optimise NAME",
        "quantiz quantis prun compil",
    ),
    Item(
        "documentation",
        EXTRA,
        (32,),
        documents.documentation,
        "omloop init NAME; write its pages",
        "documentat write applicat",
    ),
    Item(
        "documentation published",
        EXTRA,
        (32,),
        documents.published,
        "omloop deploy github NAME",
        "publish documentat github pages",
    ),
    Item(
        "project description",
        EXTRA,
        (),
        base.description,
        "write a README",
        "revisit project descript initial",
        asks_more=True,
    ),
    Item("architecture diagram", EXTRA, (), base.diagram, "omloop report build NAME", "architectur diagram mlops"),
    Item("all members understand all parts", EXTRA, (), _understanding, "", "member understand part group"),
    Item("code on GitHub", EXTRA, (), base.uploaded, "git push", "upload code github all"),
)
"""Items in the order of the course's own list."""
