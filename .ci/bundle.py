"""Makes what a centre without the internet installs, from the last commit, into a folder and a .tar.gz.

    python .ci/bundle.py wheels|frozen OUT

`wheels`: the project's wheel, the wheel of everything it needs at the pinned version, and an installer that
accepts nothing else (`pip --no-index --require-hashes`). `frozen`: the program with its own Python
(PyInstaller). Both with licences, checksums and a short README; `.ci/bundle-check` installs and tests them.
"""

import gzip
import hashlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import distributions
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PARTS = TOP / ".ci" / "bundle"
LICENCE = re.compile(r"(^|/)(licen[cs]es?|copying|notice|authors|lgpl|gpl)[^/]*$|/licenses/", re.IGNORECASE)
CHUNK = 1 << 20


def run(*command: str | Path, cwd: Path = TOP) -> str:
    """A program's output; its failure is ours."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def sha256(file: Path) -> str:
    """In hex."""
    digest = hashlib.sha256()
    with file.open("rb") as data:
        while chunk := data.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def named(wheel: Path) -> tuple[str, str]:
    """Name and version of a wheel, as its file name says (PEP 427)."""
    name, version, *_ = wheel.name.split("-")
    return plain(name), version


def requirements(wheels: Iterable[Path]) -> Iterator[str]:
    """A line for each wheel, with the hash that pip demands. pip itself only installs."""
    for wheel in sorted(wheels, key=lambda file: file.name.lower()):
        name, version = named(wheel)
        if name != "pip":
            yield f"{name}=={version} --hash=sha256:{sha256(wheel)}"


def sums(folder: Path) -> Iterator[str]:
    """A line for each file, as `sha256sum --check` reads them."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        if file.name != "SHA256SUMS":
            yield f"{sha256(file)}  {file.relative_to(folder).as_posix()}"


def is_licence(name: str) -> bool:
    """Whether a part of a package is one, by its name; where the package has none, its METADATA names it."""
    return bool(LICENCE.search(name)) and not name.endswith(("/", ".py", ".pyi", ".pyc", ".qml"))


def take_licences_of_wheels(wheels: Iterable[Path], to: Path) -> None:
    """Whatever licence files the wheels carry, a folder each."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as parts:
            names = parts.namelist()
            for name in list(filter(is_licence, names)) or [n for n in names if n.endswith(".dist-info/METADATA")]:
                keep(parts.read(name), to / named(wheel)[0] / Path(name).name)


def take_licences_installed(needed: Iterable[str], to: Path) -> None:
    """The same of the packages in this environment that the frozen program is made of."""
    wanted = {plain(name) for name in needed}
    for found in distributions():
        if plain(found.name) in wanted:
            parts = {part.as_posix(): part for part in found.files or ()}
            for name in list(filter(is_licence, parts)) or [n for n in parts if n.endswith(".dist-info/METADATA")]:
                keep(Path(str(found.locate_file(parts[name]))).read_bytes(), to / plain(found.name) / Path(name).name)


def plain(name: str) -> str:
    """A package's name in the one way to write it (PEP 503, as far as ours go)."""
    return name.lower().replace("_", "-")


def keep(data: bytes, file: Path) -> None:
    """Write it, with the folders it needs."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def pack(folder: Path, to: Path, stamp: int) -> None:
    """A .tar.gz that is the same every time: sorted, without owners, one time stamp (seconds since 1970)."""

    def bare(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = stamp
        return entry

    with (
        to.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in sorted(folder.rglob("*")):
            archive.add(path, f"{folder.name}/{path.relative_to(folder).as_posix()}", recursive=False, filter=bare)


def source(to: Path) -> None:
    """The last commit, and nothing that lies about."""
    packed = to.with_suffix(".tar")
    run("git", "archive", "--output", packed, "HEAD")
    with tarfile.open(packed) as files:
        files.extractall(to, filter="data")


def project_wheel(tree: Path, to: Path) -> Path:
    """Build it with the setuptools of this environment: no network."""
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", to, ".", cwd=tree)
    (wheel,) = to.glob("console110-*.whl")
    return wheel


def make_wheels(tree: Path, folder: Path) -> None:
    """The project's wheel, those of its dependencies at the pinned versions, and pip to install them."""
    wheels = folder / "wheels"
    wheel = project_wheel(tree, wheels)
    pins = ("-c", tree / ".ci" / "constraints.txt")
    pip = run(sys.executable, "-m", "pip", "--version").split()[1]
    download = ("-m", "pip", "download", "-q", "--only-binary=:all:", "-d", wheels)
    run(sys.executable, *download, *pins, wheel, f"pip=={pip}")
    (folder / "requirements.txt").write_text("\n".join(requirements(wheels.glob("*.whl"))) + "\n")
    shutil.copy(PARTS / "install.sh", folder)
    batch = (PARTS / "install.bat").read_text(encoding="utf-8")
    (folder / "install.bat").write_text(batch, encoding="utf-8", newline="\r\n")
    take_licences_of_wheels(wheels.glob("*.whl"), folder / "licences")


def make_frozen(tree: Path, folder: Path) -> None:
    """PyInstaller's folder of the source tree, under our name."""
    work = tree.parent / "work"
    options = ("--noconfirm", "--log-level", "ERROR", "--distpath", work / "dist", "--workpath", work / "build")
    run(sys.executable, "-m", "PyInstaller", *options, tree / ".ci" / "console110.spec", cwd=tree)
    shutil.copytree(work / "dist" / "console110", folder, symlinks=True, dirs_exist_ok=True)
    # psycopg's C part is an extra, which `needed_by` passes over.
    needed = (needed_by("console110") | {"psycopg-binary"}) - {"console110"}
    take_licences_installed(needed, folder / "licences")
    keep(
        (Path(sysconfig.get_path("stdlib")) / "LICENSE.txt").read_bytes(),
        folder / "licences" / "python" / "LICENSE.txt",
    )


def needed_by(name: str) -> set[str]:
    """The packages one needs, and those they need."""
    known = {plain(found.name): found for found in distributions()}
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one in found or one not in known:
            continue
        found.add(one)
        lines = [line for line in known[one].requires or () if "extra ==" not in line]
        waiting += [plain(re.split(r"[ \[<>=!~;(]", line, maxsplit=1)[0]) for line in lines]
    return found


def main(kind: str, out: Path) -> Path:
    """Make one, answer the archive."""
    with tempfile.TemporaryDirectory(prefix="console110-bundle-") as scratch:
        tree = Path(scratch) / "source"
        source(tree)
        version = re.findall(r'^version = "(.+)"$', (tree / "pyproject.toml").read_text(), re.MULTILINE)[0]
        platform = sysconfig.get_platform().replace(".", "_")
        folder = out / f"console110-{version}-{platform}-{'py311' if kind == 'wheels' else 'frozen'}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (make_wheels if kind == "wheels" else make_frozen)(tree, folder)
    # What Qt's wheels name but do not carry, and our own fonts'.
    shutil.copytree(PARTS / "licences", folder / "licences", dirs_exist_ok=True)
    keep((TOP / "resources" / "fonts" / "OFL.txt").read_bytes(), folder / "licences" / "fonts" / "OFL.txt")
    told = {"version": version, "platform": platform, "revision": run("git", "rev-parse", "--short=12", "HEAD").strip()}
    readme = (PARTS / f"README.{kind}.txt").read_text(encoding="utf-8").format(**told)
    (folder / "README.txt").write_text(readme, encoding="utf-8")
    (folder / "SHA256SUMS").write_text("\n".join(sums(folder)) + "\n", encoding="utf-8")
    archive = folder.with_name(folder.name + ".tar.gz")
    pack(folder, archive, int(run("git", "log", "-1", "--format=%ct")))
    return archive


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("wheels", "frozen"):
        sys.exit("usage: python .ci/bundle.py wheels|frozen OUT")
    made = main(sys.argv[1], Path(sys.argv[2]).absolute())
    print(f"{made.name}: {made.stat().st_size >> 20} MiB")
