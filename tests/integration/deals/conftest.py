from __future__ import annotations

import pytest

from tests.integration.deals.scene import Scene
from tests.world import World


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)
