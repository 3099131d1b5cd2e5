"""Where the coord that runs was installed from, so that CI can install the same."""

import json
from importlib.metadata import PackageNotFoundError, distribution


def requirement() -> str:
    """What `pip install` would be given to get this coord again; empty when it came from a local folder.

    An installer notes where a package came from unless that was an index (PEP 610). A name alone is trusted
    only then: another index may have another package of that name.
    """
    try:
        installed = distribution("coord")
    except PackageNotFoundError:
        return ""
    noted = installed.read_text("direct_url.json")
    if noted is None:
        return f"coord=={installed.version}"
    origin = json.loads(noted)
    url, revision = origin.get("url", ""), origin.get("vcs_info", {})
    if not url.startswith("https://"):
        return ""
    if revision:
        return f"coord @ {revision['vcs']}+{url}@{revision['commit_id']}"
    return f"coord @ {url}"
