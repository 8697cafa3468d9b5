"""The JSON schema of a card, from which editors complete: `python -m tools.card_schema` writes it anew.

The classes of `benchmark.declared` say all of it, their docstrings what each key means. What they take in a
second spelling (one string for a list of one, a date without an hour), or fill in, is said here.
"""

from __future__ import annotations

import json
from typing import Any

from benchmark.declared.card import Card
from benchmark.files import write_atomically
from benchmark.proposing.writing import SCHEMA

ONE_OR_MORE = {"raw", "languages", "source", "missing", "format", "beside"}
"""Keys whose list of one may be written without brackets."""
FOLLOWS_FROM_THE_KIND = {"kind", "measures", "primary", "reference"}
"""Keys of a task that need not be said."""


def card_schema() -> str:
    """The schema as JSON text."""
    schema = Card.model_json_schema(mode="validation")
    schema["properties"].pop("folder", None)
    for model in (schema, *schema["$defs"].values()):
        for name, said in model.get("properties", {}).items():
            said.pop("title", None)
            said.pop("default", None)
            model["properties"][name] = _either(said) if name in ONE_OR_MORE else said
    protocol = schema["$defs"]["Protocol"]["properties"]["cut_off"]
    schema["$defs"]["Protocol"]["properties"]["cut_off"] = {
        "type": "string",
        "anyOf": [{"format": "date"}, {"format": "date-time"}],
        "description": protocol.get("description", ""),
    }
    task = schema["$defs"]["Task"]
    task["required"] = [name for name in task["required"] if name not in FOLLOWS_FROM_THE_KIND]
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "card.toml of smpbench"}
    return json.dumps(head | {key: said for key, said in schema.items() if key != "title"}, indent=1) + "\n"


def _either(said: dict[str, Any]) -> dict[str, Any]:
    """A list, or one of its entries."""
    lists = said.get("anyOf", [said])
    array = next((one for one in lists if one.get("type") == "array"), None)
    if array is None:
        return said
    description = {"description": said["description"]} if "description" in said else {}
    plain = {key: value for key, value in array.items() if key != "description"}
    others = [one for one in lists if one is not array and one.get("type") != "null"]
    return {"anyOf": [plain, array["items"], *others]} | description


if __name__ == "__main__":
    write_atomically(SCHEMA, card_schema())
    print(f"wrote {SCHEMA}")
