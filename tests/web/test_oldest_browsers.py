"""Chrome 86 and iOS 14 understand every script and style of the pages: language, interfaces, properties. Judged by eslint."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "web"
PLANTED = {
    "js": [
        "x ||= 1", "x ??= 1", "class A { b = 1 }", "class A { #b() {} }", "await 1", "/(?<=a)b/.test(x)", "[1].at(-1)",
        "things.findLast(Boolean)", "Object.hasOwn({}, 'x')", "structuredClone({})", "crypto.randomUUID()",
        "new DecompressionStream('gzip')", "AbortSignal.timeout(9)", "dialog.showModal()", "form.requestSubmit()",
        "document.startViewTransition()",
    ],
    "css": [
        "a { inset: 0 }", "a:has(b) { top: 0 }", "a { aspect-ratio: 1 }", "a { height: 100dvh }", "a { width: 9cqw }",
        "a { display: flex; gap: 1rem }", "@container (width > 1px) { a { top: 0 } }", "@layer x { a { top: 0 } }",
        "a { color: color-mix(in srgb, red, blue) }", "a { b & { top: 0 } }", "a { translate: 1px }", "a { overflow: clip }",
    ],
}
FINE = {
    "js": [
        "a?.b ?? c", "Promise.allSettled([])", "import('./x.js')", "things.flatMap(f)", "element.replaceChildren()",
        "navigator.share({})", "navigator.clipboard.writeText('x')", "navigator.serviceWorker.register('x')",
        "new AbortController().abort()", "new IntersectionObserver(f)",
    ],
    "css": [
        "a { display: grid; gap: 1rem }", "a { height: 100vh; height: 100dvh }", "@supports (inset: 0) { a { inset: 0 } }",
        "a { width: min(1px, 2vw) }", "@media (prefers-contrast: more) { a { top: 0 } }", "a:focus-visible { outline: 1px solid }",
        "a { padding: env(safe-area-inset-top) }",
    ],
}


@pytest.fixture(scope="module")
def lint():
    """Return a linter: of files, or of many texts by their suffix, in one run."""
    beside = Path(sys.executable).with_name("node")
    node = shutil.which("node") or (str(beside) if beside.exists() else None)
    if node is None or not (WEB / "node_modules" / "eslint").exists():
        pytest.skip("eslint is not installed: npm ci --prefix web (scripts/test does it)")
    script = """import { ESLint } from "eslint";
        const linter = new ESLint();
        const texts = JSON.parse(process.argv.at(-1));
        const judge = ([suffix, text]) => linter.lintText(text, { filePath: `static/planted.${suffix}` });
        const told = texts ? (await Promise.all(texts.map(judge))).flat() : await linter.lintFiles(["static"]);
        const lines = ({ messages }) => messages.map(({ line, message }) => `${line}: ${message}`);
        console.log(JSON.stringify(told.map((file) => [file.filePath, lines(file)])));"""

    def run(texts=None):
        done = subprocess.run([node, "--input-type=module", "-e", script, json.dumps(texts)], cwd=WEB, capture_output=True, text=True,
                              check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_every_script_and_style_of_the_pages_is_understood_by_the_oldest_browsers(lint):
    told = lint()

    assert len(told) > 15
    assert {Path(file).suffix for file, _ in told} == {".js", ".css"}
    assert [(Path(file).relative_to(WEB).as_posix(), faults) for file, faults in told if faults] == []


def test_each_planted_violation_is_found_and_nothing_that_they_know(lint):
    planted = [(suffix, text) for suffix, texts in PLANTED.items() for text in texts]
    fine = [(suffix, text) for suffix, texts in FINE.items() for text in texts]

    told = [faults for _, faults in lint(planted + fine)]

    assert [text for (_, text), faults in zip(planted, told[:len(planted)], strict=True) if not faults] == []
    assert [(text, faults) for (_, text), faults in zip(fine, told[len(planted):], strict=True) if faults] == []
