"""Each adapter assigned to its protocol, once and for the type checker alone: nothing here runs.

The tables name adapters by texts, which no type checker follows. An adapter that lacks a verb fails here.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.core import NumberArray

if TYPE_CHECKING:
    from omloop.alert import Sink
    from omloop.alert.email import email_sink
    from omloop.alert.file import file_sink
    from omloop.alert.log import log_sink
    from omloop.alert.section import Section
    from omloop.alert.webhook import webhook_sink
    from omloop.bundle import Session
    from omloop.bundle.engine.engine import Engine
    from omloop.bundle.engine.onnx_runtime import OnnxRuntime
    from omloop.bundle.engine.openvino import OpenVino
    from omloop.compute.local import LocalCompute
    from omloop.compute.lsf import LsfCompute
    from omloop.compute.ray import RayCompute
    from omloop.compute.slurm import SlurmCompute
    from omloop.compute.vertex import VertexCompute
    from omloop.core import Blobs, Compute, Fitted, Kind, Mirror, Output, Predictions, Tracker
    from omloop.data import Source
    from omloop.data.sources.file import File
    from omloop.data.sources.gcs import Gcs
    from omloop.data.sources.huggingface import HuggingFace
    from omloop.data.sources.kaggle import Kaggle
    from omloop.data.sources.s3 import S3
    from omloop.data.sources.simulated import Simulated
    from omloop.data.sources.sklearn import Sklearn
    from omloop.data.sources.sql import Sql
    from omloop.data.sources.url import Url
    from omloop.deploy import Target
    from omloop.deploy.docker import docker_files
    from omloop.deploy.github import github_files
    from omloop.deploy.google.files import google_files
    from omloop.deploy.hpc import hpc_files
    from omloop.deploy.kubernetes import kubernetes_files
    from omloop.deploy.vm import vm_files
    from omloop.kinds import Classes, Image, Number, Table, Text
    from omloop.monitor.files import FilePredictions
    from omloop.monitor.index.postgres import PostgresPredictions
    from omloop.monitor.remote import RemotePredictions
    from omloop.optimise import VariantSpec
    from omloop.optimise.fused import FUSED
    from omloop.optimise.int8_dynamic import INT8_DYNAMIC
    from omloop.optimise.int8_static import INT8, INT8_OPENVINO
    from omloop.optimise.other_engine import BF16_OPENVINO, OPENVINO
    from omloop.package import grams
    from omloop.package.sklearn import given, sklearn, steps
    from omloop.package.torch import layers, torch
    from omloop.register.files import FileBlobs
    from omloop.register.gcs import GcsBlobs
    from omloop.register.s3 import S3Blobs
    from omloop.serve.compat.former_service import former_service
    from omloop.serve.compat.kserve import kserve
    from omloop.serve.compat.mlflow import mlflow
    from omloop.serve.compat.way import CompatApi
    from omloop.track.files import FileTracker
    from omloop.track.mlflow import MlflowMirror
    from omloop.track.remote import RemoteTracker
    from omloop.track.wandb import WandbMirror

    Export = Callable[[Fitted, Kind, Output, NumberArray], bytes]
    Diagnosis = Callable[[Fitted, Session, NumberArray], str]

    KINDS: Mapping[str, type[Kind]] = {"image": Image, "table": Table, "text": Text}
    OUTPUTS: Mapping[str, type[Output]] = {"classes": Classes, "number": Number}
    ENGINES: Mapping[str, type[Engine]] = {"onnxruntime": OnnxRuntime, "openvino": OpenVino}
    SOURCES: Mapping[str, type[Source]] = {
        "file": File,
        "gcs": Gcs,
        "huggingface": HuggingFace,
        "kaggle": Kaggle,
        "s3": S3,
        "simulated": Simulated,
        "sklearn": Sklearn,
        "sql": Sql,
        "url": Url,
    }
    EXPORTERS: Mapping[str, Export] = {
        "given_estimator": given.export,
        "grams": grams.export,
        "sklearn": sklearn.export,
        "torch": torch.export,
    }
    DIAGNOSES: Mapping[str, Diagnosis] = {
        "given_estimator": given.diagnose,
        "sklearn": steps.diagnose,
        "torch": layers.diagnose,
    }
    VARIANTS: Mapping[str, VariantSpec] = {
        "bf16-openvino": BF16_OPENVINO,
        "fused": FUSED,
        "int8": INT8,
        "int8-dynamic": INT8_DYNAMIC,
        "int8-openvino": INT8_OPENVINO,
        "openvino": OPENVINO,
    }
    TRACKERS: Mapping[str, type[Tracker]] = {"files": FileTracker, "gs": RemoteTracker, "s3": RemoteTracker}
    MIRRORS: Mapping[str, type[Mirror]] = {"mlflow": MlflowMirror, "wandb": WandbMirror}
    STORES: Mapping[str, type[Blobs]] = {"files": FileBlobs, "gs": GcsBlobs, "s3": S3Blobs}
    PREDICTIONS: Mapping[str, type[Predictions]] = {
        "files": FilePredictions,
        "gs": RemotePredictions,
        "postgres": PostgresPredictions,
        "s3": RemotePredictions,
    }
    COMPAT: Mapping[str, Callable[..., CompatApi]] = {
        "former-service": former_service,
        "kserve": kserve,
        "mlflow": mlflow,
    }
    COMPUTE: Mapping[str, type[Compute]] = {
        "local": LocalCompute,
        "lsf": LsfCompute,
        "ray": RayCompute,
        "slurm": SlurmCompute,
        "vertex": VertexCompute,
    }
    TARGETS: Mapping[str, Target] = {
        "docker": docker_files,
        "github": github_files,
        "google": google_files,
        "hpc": hpc_files,
        "kubernetes": kubernetes_files,
        "vm": vm_files,
    }
    SINKS: Mapping[str, Callable[[Section, Path], Sink]] = {
        "email": email_sink,
        "file": file_sink,
        "log": log_sink,
        "webhook": webhook_sink,
    }
