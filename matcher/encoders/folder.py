"""What a folder in sentence-transformers' layout says of its model."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
PROMPTS = "config_sentence_transformers.json"
DENSE_WEIGHT, DENSE_BIAS = "linear.weight", "linear.bias"
"""Names in a Dense module's file."""
HASHED = (WEIGHTS, TOKENIZER, "config.json", "1_Pooling/config.json")


def can_read(folder: Path) -> bool:
    """Whether it holds a BERT model with first-token or mean pooling, perhaps a linear map, and unit length."""
    config = settings_in(folder / "config.json")
    kinds = [kind for kind, _path in _modules(folder)]
    linear = dense_in(folder)
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and pooling_of(folder) is not None
        and kinds == ["Transformer", "Pooling", *(["Dense"] if linear else []), "Normalize"]
        and (folder / WEIGHTS).exists()
        and (folder / TOKENIZER).exists()
    )


def folder_version(folder: Path) -> str:
    """12 hexadecimal digits of the SHA-256 of what decides the vectors."""
    digest = hashlib.sha256()
    for name in HASHED:
        digest.update((folder / name).read_bytes())
    digest.update(prompt_of(folder).encode())
    linear = dense_in(folder)
    if linear:
        digest.update((linear / WEIGHTS).read_bytes())
    return digest.hexdigest()[:12]


def settings_in(path: Path) -> Any:
    """What one of the folder's JSON files says; nothing where it cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def write_settings(path: Path, value: object) -> None:
    """What `settings_in` reads."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def pooling_of(folder: Path) -> str | None:
    """cls or mean, where it is that and nothing else."""
    settings = settings_in(folder / "1_Pooling/config.json")
    chosen = [name for name, on in settings.items() if name.startswith("pooling_mode_") and on]
    return {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean"}.get("".join(chosen))


def prompt_of(folder: Path) -> str:
    """What sentence-transformers would put before each text."""
    settings = settings_in(folder / PROMPTS)
    name = settings.get("default_prompt_name")
    return str((settings.get("prompts") or {}).get(name, "")) if name else ""


def dense_in(folder: Path) -> Path | None:
    """The folder of the linear map after the pooling, where there is one without an activation."""
    for kind, path in _modules(folder):
        settings = settings_in(folder / path / "config.json")
        plain = settings.get("bias") and not settings.get("use_residual")
        if kind == "Dense" and plain and str(settings.get("activation_function")).endswith(".Identity"):
            return folder / path
    return None


def _modules(folder: Path) -> list[tuple[str, str]]:
    return [
        (module["type"].rsplit(".", 1)[-1], module["path"]) for module in settings_in(folder / "modules.json") or []
    ]
