/** Name under which pytest loads the plugin from the folder it is started in. */
export const pytestPluginName = 'seatrial_plugin';

/**
 * Fixtures for an app's Python checks: `ctx` (facts of the run), `live_app` (base URL), `deps`, and
 * `requires_deps`, which leaves a test unjudged where there are none. Runs only the expected functions.
 */
export const pytestPlugin = `import json
import os
import pathlib

import pytest

_order = json.loads((pathlib.Path(__file__).parent / "order.json").read_text("utf-8"))


def pytest_configure(config):
    # Names that checks written for recipe CI folders look for.
    if _order["facts"].get("url"):
        os.environ.setdefault("CCCI_BASE_URL", _order["facts"]["url"])
        host = _order["facts"]["url"].split("://", 1)[1].split("/", 1)[0].rsplit(":", 1)[0]
        os.environ.setdefault("CCCI_APP_DOMAIN", _order["facts"].get("domain") or host)
    config.addinivalue_line("markers", "stage(name): the stage this check looks at")


def pytest_collection_modifyitems(config, items):
    wanted = set(_order["names"])

    def name(item):
        parts = item.nodeid.split("::")[1:]
        return "::".join(parts).split("[", 1)[0]

    kept = [item for item in items if name(item) in wanted]
    left = [item for item in items if name(item) not in wanted]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


@pytest.fixture(scope="session")
def ctx():
    return json.loads(json.dumps(_order["facts"]))


@pytest.fixture(scope="session")
def live_app():
    url = _order["facts"].get("url")
    if url is None:
        pytest.skip("this app has no HTTP")
    return url


@pytest.fixture(scope="session")
def deps():
    return json.loads(json.dumps(_order["facts"]["deps"]))


@pytest.fixture(scope="session")
def requires_deps(deps):
    if not deps:
        pytest.skip("this run has no dependencies")
    return deps
`;
