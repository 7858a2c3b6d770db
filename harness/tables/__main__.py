"""Write the scenarios that are rows of tables: `python -m harness.tables FOLDER`."""

import sys
from pathlib import Path

from harness.tables.delivery_scenarios import delivery_scenarios
from harness.tables.subscription_scenarios import subscription_scenarios

#: Families by what writes them.
FAMILIES = {"delivery": delivery_scenarios, "subscriptions": subscription_scenarios}


def main() -> None:
    """Write each family into a folder of its own."""
    for family, scenarios in FAMILIES.items():
        folder = Path(sys.argv[1]) / family
        folder.mkdir(exist_ok=True)
        for name, text in scenarios():
            (folder / f"{name}.scs").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
