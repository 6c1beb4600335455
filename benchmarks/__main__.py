"""``python -m benchmarks``: every measurement, as ratios, into benchmarks/results.json."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import architectures, encoder, environment, minerl, peers, renderer, seeds, training
from minecraft_tasks.core.files import write_text
from policies.runs.provenance import git_state, package_versions

RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    """Measures, prints, and stores the figures."""
    modules = (renderer, environment, training, seeds, encoder, architectures, minerl, peers)
    results = {"git": git_state().model_dump(), "versions": package_versions()}
    results |= {module.__name__.rpartition(".")[2]: module.main() for module in modules}
    write_text(RESULTS, json.dumps(results, indent=2) + "\n")
    print(f"figures: {RESULTS}")


if __name__ == "__main__":
    main()
