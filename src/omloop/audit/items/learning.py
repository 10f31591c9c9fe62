"""Items about data, model, training and what goes with it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omloop.audit.evidence import Evidence, Spot, found, missing, weak
from omloop.audit.items.ask import first, omloop_projects, only_declared, run_spots, spots_of
from omloop.audit.modules import has_module
from omloop.audit.python_facts import Call, PythonFacts
from omloop.audit.reach import calls_in
from omloop.audit.repository import Repository, is_test
from omloop.audit.tree import Node

_DATA_NAME = re.compile(
    r"(?i)(?:^|[/_])(data|dataset|datasets|dataloader|preprocess\w*|prepare\w*|ingest\w*|make_dataset|read|simulate)"
    r"(?:[_/.]|$)"
)
_READS = (
    "pandas.read_csv", "pandas.read_parquet", "pandas.read_json", "pandas.read_excel", "polars.read_csv",
    "polars.scan_csv", "polars.read_parquet", "polars.scan_parquet", "datasets.load_dataset", "datasets.load_from_disk",
    "numpy.load", "numpy.loadtxt", "numpy.genfromtxt", "PIL.Image.open", "cv2.imread", "kagglehub.dataset_download",
    "kaggle.api.dataset_download_files", "urllib.request.urlretrieve", "requests.get", "zipfile.ZipFile",
    "tarfile.open", "dvc.api.open", "dvc.api.read", "google.cloud.storage.Client", "boto3.client", "csv.DictReader",
    "csv.reader", "torch.load", "gzip.open", "torchvision.datasets.", "sklearn.datasets.", "torchaudio.datasets.",
    "tensorflow_datasets.", "huggingface_hub.hf_hub_download", "huggingface_hub.snapshot_download", "h5py.File",
    "torch_geometric.datasets.", "torchtext.datasets.", "keras.datasets.", "tensorflow.keras.datasets.", "medmnist.",
    "ogb.", "ucimlrepo.fetch_ucirepo", "kagglehub.", "kaggle.", "opendatasets.", "gdown.", "wget.download", "pooch.",
    "urllib.request.urlopen", "httpx.get", "httpx.stream", "requests.Session().get", "yfinance.", "fsspec.open",
    "pandas.read_table", "pandas.read_feather", "pandas.read_pickle", "pandas.read_sql", "pandas.read_hdf",
    "geopandas.read_file", "xarray.open_dataset", "scipy.io.loadmat", "librosa.load", "torchaudio.load",
    "soundfile.read", "skimage.io.imread", "imageio.imread", "torchvision.io.read_image", "nibabel.load",
    "pydicom.dcmread", "google.cloud.bigquery.Client", "duckdb.connect", "sqlite3.connect",
    "omloop.data.",
)  # fmt: skip
_WEIGHTS = re.compile(r"(?i)^(?!.*data).*(?:ckpt|checkpoint|model|weight|state_dict)")
_MODELS = ("torch.nn.Module", "nn.Module", "LightningModule", "keras.Model", "PreTrainedModel", "tensorflow.Module")
_ESTIMATORS = re.compile(
    r"^(sklearn\.(svm|ensemble|linear_model|tree|neighbors|neural_network|naive_bayes|pipeline|discriminant_analysis)\."
    r"|xgboost\.XGB|lightgbm\.LGBM|catboost\.CatBoost|transformers\.AutoModel|torchvision\.models\."
    r"|timm\.create_model|keras\.Sequential)"
)
_LOGS = re.compile(
    r"(?i)(?:^|[._])(?:log|logger|logging|getlogger|get_logger)(?:\(\))?"
    r"\.(?:debug|info|warning|error|exception|critical|success)$"
)
_TRAINER = re.compile(r"(?:^|\.)(Trainer|Seq2SeqTrainer|SFTTrainer)$")


def data_script(repository: Repository) -> Evidence:
    """A file that is about data and reads or fetches some."""
    projects = omloop_projects(repository)
    reading = [(facts, call) for facts, call in data_reads(repository) if not is_test(facts.path)]
    if good := {facts.path: Spot(facts.path, call.line) for facts, call in reversed(reading) if is_of_data(facts)}:
        return found("code that fetches or reads data", *first(reversed(good.values())))
    sources = [spot for spot in projects if _project_word(repository, spot, ("read", "source", "simulate"))]
    if sources:
        return found("a project of omloop says where its records come from", *sources)
    if named := [Spot(one.path) for one in repository.code if is_of_data(one) and (one.functions or one.calls)]:
        elsewhere = "; other files read data" if reading else ""
        return weak(f"a file is called so, but reads nothing that is known here{elsewhere}", *first(named))
    return weak("data is read, but in no file that is about data", *spots_of(reading)) if reading else missing()


def data_reads(repository: Repository) -> list[tuple[PythonFacts, Call]]:
    """Calls that read or fetch data, those of tests too."""
    return [
        (facts, call)
        for facts, call in repository.calls(*_READS, tests=True)
        if not _loads_weights(repository, facts, call)
    ]


def is_of_data(facts: PythonFacts) -> bool:
    """Whether a file is about data, by its path."""
    return bool(_DATA_NAME.search(facts.path))


def _loads_weights(repository: Repository, facts: PythonFacts, call: Call) -> bool:
    """Whether it is a `torch.load` of a model: by the path, or by `load_state_dict` in the same function."""
    if call.name != "torch.load":
        return False
    scopes = [calls_in(repository, facts, one) for one in facts.functions if one.line <= call.line <= one.end]
    beside = any(one.last == "load_state_dict" for calls in scopes or [list(facts.calls)] for one in calls)
    return beside or bool(_WEIGHTS.search("".join(call.arguments[:1])))


def _project_word(repository: Repository, spot: Spot, words: tuple[str, ...]) -> bool:
    calls = (call for call in repository.python[spot.path].calls if call.line == spot.line)
    return any(word in call.keywords for call in calls for word in words)


def model_files(repository: Repository) -> Iterator[tuple[PythonFacts, int]]:
    """Files that define a model, with the line."""
    for facts in repository.code:
        line = next((one.line for one in facts.classes if any(base.endswith(_MODELS) for base in one.bases)), 0)
        line = line or next((call.line for call in facts.calls if _ESTIMATORS.match(call.name)), 0)
        if line:
            yield facts, line


def training_files(repository: Repository) -> Iterator[tuple[PythonFacts, int]]:
    """Files that train, with the line."""
    for facts in repository.code:
        steps = (call.line for call in facts.calls if _trains(call.name, call.last, bool(call.arguments)))
        if line := next(steps, 0):
            yield facts, line


def _trains(name: str, last: str, given: bool) -> bool:
    owner = name.rpartition(".")[0]
    if last == "fit":
        return given and not re.search(r"(?i)scaler|encoder|pca|vectorizer|preprocess|imputer|tokenizer", owner)
    if last == "train" and owner.endswith("()"):
        return bool(_TRAINER.search(owner.removesuffix("()")))
    return last == "backward" and not given


def model_and_training(repository: Repository) -> Evidence:
    """A model and a training."""
    projects = [one for one in omloop_projects(repository) if _project_word(repository, one, ("models",))]
    if projects:
        return found("a project of omloop has models, which `omloop turn` trains", *projects)
    models = [Spot(facts.path, line) for facts, line in model_files(repository)]
    trainings = [Spot(facts.path, line) for facts, line in training_files(repository)]
    if models and trainings:
        return found("a model, and code that trains it; whether it runs no file says", models[0], trainings[0])
    if models or trainings:
        return weak(
            "a model that nothing trains" if models else "a training without a model of its own",
            *first(models or trainings),
        )
    return missing()


def profiling(repository: Repository) -> Evidence:
    """Calls of a profiler."""
    names = (
        "cProfile.",
        "profile.Profile",
        "torch.profiler.",
        "torch.autograd.profiler.",
        "pyinstrument.",
        "memray.",
        "line_profiler.",
    )
    calls = spots_of(repository.calls(*names))
    trainers = [
        Spot(facts.path, call.line)
        for facts in repository.code
        for call in facts.calls
        if _TRAINER.search(call.name) and call.keywords.get("profiler", "None") != "None"
    ]
    commands = run_spots(
        repository,
        r"-m cProfile|\bpy-spy\b|\bscalene\b|\bkernprof\b|\bomloop profile\b|\bmemray run\b|\bpyinstrument\b",
    )
    if spots := first([*calls, *trainers, *commands]):
        return found("a profiler is called", *spots)
    if kept := repository.find(r".*\.(?:prof|pstats|cprof|pt\.trace\.json(?:\.gz)?)$"):
        return weak("a profile is kept, and no file says how to make it", *first(map(Spot, kept)))
    return only_declared(
        repository, "snakeviz", "line-profiler", "torch-tb-profiler", "pyinstrument", "scalene", "py-spy"
    )


def logging(repository: Repository) -> Evidence:
    """More use of a logger than of print."""
    called = [(facts, call) for facts in repository.code for call in facts.calls]
    logged = [(facts, call) for facts, call in called if _LOGS.search(call.name)]
    prints = [(facts, call) for facts, call in called if call.name == "print" and " cell " not in facts.path]
    if not logged:
        made = spots_of(repository.calls("logging.getLogger", "structlog.get_logger", "loguru.logger.add"))
        if made:
            return weak("a logger is made, but nothing is logged", *made)
        return weak(f"{len(prints)} times print, and no logger", *spots_of(prints)) if prints else missing()
    told = f"{len(logged)} {'call logs' if len(logged) == 1 else 'calls log'}"
    if len(prints) > 2 * len(logged):
        return weak(f"{told}, but {len(prints)} print", *spots_of(logged), *spots_of(prints)[:1])
    return found(told, *spots_of(logged))


def tracking(repository: Repository) -> Evidence:
    """Metrics sent to a tracker."""
    names = (
        "wandb.log", "wandb.init().log", "mlflow.log_metric", "mlflow.log_metrics", "mlflow.autolog", "wandb.run.log",
        "mlflow.pytorch.autolog", "mlflow.sklearn.autolog", "dvclive.Live", "neptune.init_run", "comet_ml.Experiment",
        "torch.utils.tensorboard.SummaryWriter().add_scalar", "tensorboardX.SummaryWriter().add_scalar",
        "clearml.Task.init",
    )  # fmt: skip
    calls = list(repository.calls(*names))
    calls += [
        (facts, call)
        for facts in repository.code
        for call in facts.calls
        if call.last in ("WandbLogger", "MLFlowLogger", "CometLogger", "NeptuneLogger", "TensorBoardLogger")
    ]
    if calls:
        return found("metrics are sent to a tracker", *spots_of(calls))
    named = [
        repository.line_of(path, r"^\s*track\b")
        for path, read in repository.toml.items()
        if path.endswith("omloop.toml") and "track" in read
    ]
    if named:
        return found("omloop sends runs to a tracker", *named)
    if projects := omloop_projects(repository):
        return found("omloop keeps every run of the project, with curves and files, in its workspace", *projects)
    begun = spots_of(repository.calls("wandb.init", "mlflow.start_run"))
    if begun:
        return weak("a run is begun, but no metric is logged", *begun)
    return only_declared(
        repository, "wandb", "mlflow", "mlflow-skinny", "neptune", "comet-ml", "tensorboard", "clearml"
    )


def sweep(repository: Repository) -> Evidence:
    """A search of hyperparameters."""
    if written := next(_written_sweeps(repository), None):
        return written
    names = ("wandb.sweep", "optuna.create_study", "ray.tune.Tuner", "ray.tune.run", "hyperopt.fmin", "keras_tuner.")
    calls = spots_of(
        repository.calls(*names, "sklearn.model_selection.GridSearchCV", "sklearn.model_selection.RandomizedSearchCV")
    )
    commands = run_spots(repository, r"\bwandb sweep\b|\bomloop sweep\b|(?:--multirun|\s-m\s+\w+=\S+,)")
    if spots := first([*calls, *commands]):
        return found("hyperparameters are searched", *spots)
    return only_declared(repository, "optuna", "hydra-optuna-sweeper", "ray", "keras-tuner")


def _written_sweeps(repository: Repository) -> Iterator[Evidence]:
    """Searches that files of W&B, Hydra and omloop describe."""
    for path, trees in repository.yaml.items():
        tree = trees[0] if trees else Node({}, 1, 1)
        method, sweeper = tree.get("method"), tree.get("hydra", "sweeper")
        params = sweeper.get("params") if sweeper else None
        if method and tree.get("parameters"):
            program = tree.get("program")
            if program and program.text and not _is_there(repository, tree, program.text):
                yield weak(f"a sweep of {program.text}, which is not there", Spot(path, program.line))
            yield found(f"a sweep by {method.text or 'a method'}", Spot(path, method.line))
        elif sweeper and params and params.pairs:
            yield found("a sweep of Hydra's", Spot(path, sweeper.line))
        elif tree.pairs and re.search(r"(?:^|/)conf/sweep/", path):
            yield found("a sweep of omloop's", Spot(path, tree.line))


def _is_there(repository: Repository, sweep: Node, program: str) -> bool:
    """Whether the program of a sweep is a file, or a module if the command starts it by `-m`."""
    command = sweep.get("command")
    if command and any(one.text == "-m" for one in command.texts()):
        return has_module(repository, program)
    return any(one.endswith(program.removeprefix("./")) for one in repository.paths)


def lightning(repository: Repository) -> Evidence:
    """A LightningModule and a Trainer."""
    modules = [
        Spot(facts.path, one.line)
        for facts in repository.code
        for one in facts.classes
        if any(base.endswith("LightningModule") for base in one.bases)
    ]
    trainers = [
        Spot(facts.path, call.line)
        for facts in repository.code
        for call in facts.calls
        if re.match(r"(lightning|pytorch_lightning)\.", call.name) and call.last == "Trainer"
    ]
    if modules and trainers:
        return found("a module, and a trainer", modules[0], trainers[0])
    if modules or trainers:
        return weak(
            "a module without a trainer" if modules else "a trainer without a module", *first(modules or trainers)
        )
    nets = spots_of(
        (facts, call)
        for facts, call in repository.calls(
            "omloop.models.cnn", "omloop.models.mlp", "omloop.models.backbone", "omloop.models.encoder"
        )
    )
    if nets:
        return found("networks of omloop's catalogue, which Lightning trains", *nets)
    return only_declared(repository, "lightning", "pytorch-lightning")
