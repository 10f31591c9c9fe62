"""What NVIDIA's GPUs are doing, asked of the library that comes with their driver (NVML), as nvidia-smi does."""

from __future__ import annotations

import ctypes
import sys

MOST_GPUS = 16
LIBRARY = "nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1"


class _Rates(ctypes.Structure):
    """nvmlUtilization_t of NVML's reference."""

    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


class _Memory(ctypes.Structure):
    """nvmlMemory_t of NVML's reference, in bytes."""

    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


class Gpus:
    """The GPUs of this machine, whoever uses them; none where there is no driver."""

    def __init__(self, library: str = LIBRARY) -> None:
        self._handles: list[ctypes.c_void_p] = []
        try:
            self._nvml = ctypes.CDLL(library)
            if self._nvml.nvmlInit_v2() == 0:
                self._handles = self._found()
        except (OSError, AttributeError):  # no library, or one without these functions
            self._handles = []

    def read(self) -> dict[str, float]:
        """`gpu0_percent`, the share of the last moments in which it computed, and `gpu0_mb`, its memory in use."""
        found = {}
        for index, handle in enumerate(self._handles):
            rates, memory = _Rates(), _Memory()
            if self._nvml.nvmlDeviceGetUtilizationRates(handle, ctypes.byref(rates)) == 0:
                found[f"gpu{index}_percent"] = float(rates.gpu)
            if self._nvml.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == 0:
                found[f"gpu{index}_mb"] = memory.used / 1e6
        return found

    def close(self) -> None:
        """Let go of the driver."""
        if self._handles:
            self._handles = []
            self._nvml.nvmlShutdown()

    def _found(self) -> list[ctypes.c_void_p]:
        count = ctypes.c_uint()
        self._nvml.nvmlDeviceGetCount_v2(ctypes.byref(count))
        handles = []
        for index in range(min(MOST_GPUS, count.value)):
            handle = ctypes.c_void_p()
            if self._nvml.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(handle)) == 0:
                handles.append(handle)
        return handles
