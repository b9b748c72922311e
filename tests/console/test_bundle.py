"""The bundle: every file of the program is in its wheel, every wheel has its hash, one commit packs one archive."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from resources import ROOT

TOP = ROOT.parent
PACKAGES = ("console", "widgets", "drivers", "resources")
PASSED_OVER = {".gitkeep"}


@pytest.fixture(scope="module")
def bundle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bundle", TOP / ".ci" / "bundle.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wheel(folder: Path, name: str, **files: str) -> Path:
    file = folder / name
    with zipfile.ZipFile(file, "w") as parts:
        for path, text in files.items():
            parts.writestr(path.replace("__", "/"), text)
    return file


def test_that_the_wheel_holds_every_file_of_the_program(bundle: ModuleType, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for package in PACKAGES:
        shutil.copytree(TOP / package, tree / package, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(TOP / name, tree)
    with zipfile.ZipFile(bundle.project_wheel(tree, tmp_path / "wheels")) as parts:
        packed = set(parts.namelist())
    for package in PACKAGES:
        for file in (tree / package).rglob("*"):
            if file.is_file() and file.name not in PASSED_OVER:
                assert file.relative_to(tree).as_posix() in packed
    assert any(name.startswith("console/persistence/migrations/versions/r0001") for name in packed)
    assert not any(name.startswith("tests/") for name in packed)


def test_that_every_wheel_is_required_with_its_hash_but_pip_itself(bundle: ModuleType, tmp_path: Path) -> None:
    one = wheel(tmp_path, "Some_Thing-1.2-py3-none-any.whl", a="1")
    wheel(tmp_path, "pip-26.3-py3-none-any.whl", a="2")
    lines = list(bundle.requirements(tmp_path.glob("*.whl")))
    assert lines == [f"some-thing==1.2 --hash=sha256:{hashlib.sha256(one.read_bytes()).hexdigest()}"]


def test_that_each_wheel_leaves_its_licence_or_at_least_its_name(bundle: ModuleType, tmp_path: Path) -> None:
    wheel(tmp_path, "a-1-py3-none-any.whl", **{"a-1.dist-info/licenses/LICENSE.txt": "MIT", "a/license.py": "code"})
    wheel(tmp_path, "b-1-py3-none-any.whl", **{"b-1.dist-info/METADATA": "License: BSD"})
    to = tmp_path / "licences"
    bundle.take_licences_of_wheels(tmp_path.glob("*.whl"), to)
    found = {path.relative_to(to).as_posix(): path.read_text() for path in to.rglob("*") if path.is_file()}
    assert found == {"a/LICENSE.txt": "MIT", "b/METADATA": "License: BSD"}


def test_that_checksums_are_those_of_sha256sum_and_a_changed_file_is_found(bundle: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "文件.txt").write_text("一")
    (tmp_path / "SHA256SUMS").write_text("\n".join(bundle.sums(tmp_path)) + "\n", encoding="utf-8")
    check = ["sha256sum", "--quiet", "--check", "SHA256SUMS"]
    assert subprocess.run(check, cwd=tmp_path, check=False).returncode == 0
    (tmp_path / "deep" / "文件.txt").write_text("二")
    assert subprocess.run(check, cwd=tmp_path, check=False, capture_output=True).returncode == 1


def test_that_the_same_files_make_the_same_archive(bundle: ModuleType, tmp_path: Path) -> None:
    made = []
    for run, stamp in enumerate((1.0, 2e9)):
        folder = tmp_path / str(run) / "console110"
        folder.mkdir(parents=True)
        for name in ("b", "a")[:: 1 - 2 * run]:
            (folder / name).write_text(name)
            os.utime(folder / name, (stamp, stamp))
        bundle.pack(folder, tmp_path / f"{run}.tar.gz", 1_763_772_136)
        made.append((tmp_path / f"{run}.tar.gz").read_bytes())
    assert made[0] == made[1]
    with tarfile.open(tmp_path / "0.tar.gz") as archive:
        assert archive.getnames() == ["console110/a", "console110/b"]


def test_that_a_damaged_bundle_installs_nothing(tmp_path: Path) -> None:
    shutil.copy(TOP / ".ci" / "bundle" / "install.sh", tmp_path)
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  requirements.txt\n")
    told = subprocess.run(
        [tmp_path / "install.sh", tmp_path / "there"],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "不完整或被改动" in told.stderr
    assert not (tmp_path / "there").exists()
