"""Write a CycloneDX bill of materials of a folder of wheels and an npm lock; run by scripts/bundle in an environment of its own."""

from __future__ import annotations

import base64
import json
import sys
import uuid
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import Message
from email.parser import Parser
from hashlib import sha256
from os import environ
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

_LONGEST_NAME = 60
"""Of a licence: some packages put its whole text there."""


def of_wheels(folder: Path) -> Iterator[Component]:
    """Return a component a wheel, with its checksum and what it says of its licence."""
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA") and n.count("/") == 1)
            told = Parser().parsestr(archive.read(name).decode())
        yield Component(name=told["Name"], version=told["Version"], licenses=_licences(told),
                        purl=PackageURL("pypi", name=told["Name"].lower().replace("_", "-"), version=told["Version"]),
                        bom_ref=f"{told['Name']}=={told['Version']}",
                        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256(wheel.read_bytes()).hexdigest())])


def of_npm(lock: Path) -> Iterator[Component]:
    """Return a component a library of the pages."""
    for path, told in json.loads(lock.read_text("utf-8"))["packages"].items():
        if not path or told.get("dev"):  # what only checks the pages is not in them
            continue
        name = path.removeprefix("node_modules/")
        digest = base64.b64decode(told["integrity"].removeprefix("sha512-")).hex()
        yield Component(name=name, version=told["version"], purl=PackageURL("npm", name=name, version=told["version"]),
                        bom_ref=f"{name}@{told['version']}", licenses=[LicenseExpression(told["license"])],
                        hashes=[HashType(alg=HashAlgorithm.SHA_512, content=digest)])


def _licences(told: Message) -> list[LicenseExpression | DisjunctiveLicense]:
    if told["License-Expression"]:
        return [LicenseExpression(told["License-Expression"])]
    said = " ".join((told["License"] or "").split())
    if not said or len(said) > _LONGEST_NAME:
        named = [c.rpartition(" :: ")[2] for c in told.get_all("Classifier", []) if c.startswith("License ::")]
        said = named[0] if named else ""
    return [DisjunctiveLicense(name=said)] if said else []


def main(wheels: Path, lock: Path, version: str) -> None:
    """Print the document, once it is valid."""
    parts = [part for part in (*of_wheels(wheels), *of_npm(lock)) if part.name != "nuanxin"]
    ours = Component(name="nuanxin", version=version, type=ComponentType.APPLICATION, bom_ref=f"nuanxin=={version}",
                     licenses=[LicenseExpression("Apache-2.0")], purl=PackageURL("pypi", name="nuanxin", version=version))
    bom = Bom(components=parts)
    bom.metadata.component = ours
    bom.metadata.timestamp = datetime.fromtimestamp(int(environ.get("SOURCE_DATE_EPOCH", "0")), UTC)
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, ",".join(sorted(str(part.purl) for part in parts)))
    bom.register_dependency(ours, parts)
    text = JsonV1Dot6(bom).output_as_string(indent=1)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        sys.exit(f"the bill of materials is not valid: {wrong}")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
