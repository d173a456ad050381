"""Vendors and routes that stand in front of a model's name: openai/, Google, models/."""

import re
from collections.abc import Iterator
from typing import Final

_ROUTES: Final = re.compile(
    r"^(?:https?://(?:www\.)?huggingface\.co/|openrouter/|models/|bedrock/|vertex_ai/"
    r"|azure/|(?:us|eu|apac|global)\.(?=[a-z]))",
    re.IGNORECASE,
)
"""Where a model was called, which says nothing about the model."""

_HANDLES: Final = {
    "amazon": "Amazon",
    "anthropic": "Anthropic",
    "cohere": "Cohere",
    "coherelabs": "Cohere",
    "deepseek": "DeepSeek",
    "deepseek-ai": "DeepSeek",
    "google": "Google DeepMind",
    "google deepmind": "Google DeepMind",
    "meta": "Meta",
    "meta-llama": "Meta",
    "minimax": "MiniMax",
    "minimaxai": "MiniMax",
    "mistral": "Mistral AI",
    "mistralai": "Mistral AI",
    "moonshot": "Moonshot AI",
    "moonshotai": "Moonshot AI",
    "nvidia": "NVIDIA",
    "openai": "OpenAI",
    "qwen": "Alibaba",
    "alibaba": "Alibaba",
    "x-ai": "xAI",
    "xai": "xAI",
    "z-ai": "Z.ai",
    "zai": "Z.ai",
    "zai-org": "Z.ai",
    "xiaomi": "Xiaomi",
    "xiaomimimo": "Xiaomi",
    "tencent": "Tencent",
    "stepfun": "StepFun",
    "stepfun-ai": "StepFun",
}
"""Names under which developers publish, where they are not the registry's own."""


def without_vendor(name: str, developers: set[str]) -> Iterator[tuple[str, str | None]]:
    """The name, and the name without a vendor in front of it.

    Args:
        name: a published spelling.
        developers: as the registry spells them.

    Yields:
        What is left, and whose model it must then be (None: anybody's).
    """
    routed = _ROUTES.sub("", name.strip())
    yield routed, None
    handles = _HANDLES | {one.casefold(): one for one in developers}
    for handle, developer in handles.items():
        start = routed[: len(handle)]
        rest = routed[len(handle) :]
        if start.casefold() == handle and rest[:1] in set("/ :.-"):
            yield rest.lstrip("/ :.-"), developer


def as_registered(developer: str) -> str:
    """A developer's name as the registry spells it, where it is a known other one."""
    return _HANDLES.get(developer.casefold(), developer)
