"""The folders that trainings start from and write to."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from matcher.encoders.folder import DENSE_BIAS, DENSE_WEIGHT, PROMPTS, WEIGHTS, dense_in, settings_in, write_settings
from matcher.evaluation.e5_weights import write_e5

LINEAR = "2_Dense"
PROMPT = "query: "
"""Of the two that e5 was trained with, the one for texts that are compared both ways."""


def write_e5_base(folder: Path) -> None:
    """multilingual-e5-small as `Network` trains it: with its prompt, and with a linear map after the pooling that changes nothing
    yet, anew. Raises PeerMissing without the package it comes from."""
    shutil.rmtree(folder, ignore_errors=True)
    write_e5(folder)
    write_settings(folder / PROMPTS, {"prompts": {"query": PROMPT}, "default_prompt_name": "query"})
    width = settings_in(folder / "config.json")["hidden_size"]
    (folder / LINEAR).mkdir(exist_ok=True)
    write_settings(
        folder / LINEAR / "config.json",
        {
            "in_features": width, "out_features": width, "bias": True,
            "activation_function": "torch.nn.modules.linear.Identity",
        },
    )  # fmt: skip
    save_file({DENSE_WEIGHT: torch.eye(width), DENSE_BIAS: torch.zeros(width)}, folder / LINEAR / WEIGHTS)
    modules = settings_in(folder / "modules.json")
    linear = {"idx": 2, "name": "2", "path": LINEAR, "type": "sentence_transformers.models.Dense"}
    last = modules[2] | {"idx": 3, "name": "3", "path": "3_Normalize"}
    (folder / modules[2]["path"]).rename(folder / last["path"])
    write_settings(folder / "modules.json", [*modules[:2], linear, last])


def write_encoder(base: Path, weights: dict[str, Tensor], folder: Path) -> None:
    """An encoder in the base's layout with these weights, as `Network.weights` gives them."""
    shutil.copytree(base, folder, dirs_exist_ok=True)
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)  # the base may be read-only
    linear = dense_in(folder)
    for path in (folder / WEIGHTS, *([linear / WEIGHTS] if linear else [])):
        held = load_file(path)
        save_file({name: weights.get(name, value).contiguous() for name, value in held.items()}, path)
