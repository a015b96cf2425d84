#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "checkpoint.h"
#include "reference.h"

namespace tamis::models {
namespace {

namespace fs = std::filesystem;

/// The bound of a term's weight in the f32 path, as a part of the text's largest weight.
constexpr double kParity = 1e-5;

std::vector<fs::path> models_in(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (fs::exists(entry.path() / "reference.json")) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<fs::path> fixtures() { return models_in(TAMIS_FIXTURES); }

EncoderOptions with(tensor::Precision precision, Isa level = usable_isa()) {
  EncoderOptions options;
  options.precision = precision;
  options.level = level;
  return options;
}

TEST(Parity, there_is_a_fixture_of_every_architecture) {
  std::vector<std::string> seen;
  for (const auto& folder : fixtures()) seen.emplace_back(describe_folder(folder).value().config.model_type);
  EXPECT_GE(seen.size(), 13U);
  for (const std::string name : {"bert", "distilbert", "roberta", "xlm-roberta", "mpnet", "modernbert"}) {
    EXPECT_NE(std::find(seen.begin(), seen.end(), name), seen.end()) << name;
  }
}

TEST(Parity, every_architecture_and_layout_equals_pytorch_at_every_level) {
  for (const auto& folder : fixtures()) {
    const auto reference = read_reference(folder);
    for (const Isa level : {Isa::kRef, Isa::kPortable, Isa::kAvx2, Isa::kAvx512, Isa::kAmx}) {
      if (level > usable_isa()) continue;
      EXPECT_LE(parity(folder, reference, with(tensor::Precision::kF32, level)), kParity)
          << folder << " at " << to_string(level);
    }
  }
}

TEST(Parity, positions_are_those_of_the_largest_logits) {
  for (const auto& folder : fixtures()) {
    const auto reference = read_reference(folder);
    const auto model = describe_folder(folder).value();
    if (!reference.sparse || model.pooling == tensor::Pooling::kSum) continue;
    const auto encoder = Encoder::load(model, with(tensor::Precision::kF32)).value();
    EncoderScratch scratch;
    std::vector<tensor::PassageTerms> out(reference.texts.size());
    SparseOptions options;
    options.positions = true;
    encoder.encode_sparse(reference.batch(), options, out, scratch).value();
    for (std::size_t i = 0; i < out.size(); ++i) {
      ASSERT_EQ(out[i].terms, reference.terms[i].terms) << folder << " text " << i;
      EXPECT_EQ(out[i].positions, reference.terms[i].positions) << folder << " text " << i;
    }
  }
}

/// Networks eight numbers wide average no rounding away: real ones are nearer by far.
TEST(Parity, low_precisions_stay_near_f32) {
  for (const auto& folder : fixtures()) {
    const auto reference = read_reference(folder);
    EXPECT_LE(parity(folder, reference, with(tensor::Precision::kBf16)), 0.15) << folder;
  }
}

/// The bits of whatever the encoder makes of a batch, a vector a text.
std::vector<std::vector<float>> encode(const Encoder& encoder, std::span<const TokenSpan> batch,
                                       EncoderScratch& scratch) {
  std::vector<std::vector<float>> out;
  if (encoder.description().kind == ModelKind::kDense) {
    std::vector<float> values(batch.size() * encoder.dimension());
    encoder.encode_dense(batch, tensor::MatrixView(values.data(), batch.size(), encoder.dimension()), scratch).value();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i * encoder.dimension());
      out.emplace_back(begin, begin + encoder.dimension());
    }
    return out;
  }
  std::vector<tensor::PassageTerms> terms(batch.size());
  encoder.encode_sparse(batch, {}, terms, scratch).value();
  for (const auto& passage : terms) {
    std::vector<float> vector(encoder.dimension());
    for (std::size_t i = 0; i < passage.terms.size(); ++i) vector[passage.terms[i]] = passage.weights[i];
    out.push_back(std::move(vector));
  }
  return out;
}

TEST(Encoder, a_vector_does_not_depend_on_its_batch) {
  for (const auto& folder : fixtures()) {
    const auto reference = read_reference(folder);
    const auto all = reference.batch();
    for (const auto precision : {tensor::Precision::kF32, tensor::Precision::kBf16}) {
      const auto encoder = Encoder::load(describe_folder(folder).value(), with(precision)).value();
      EncoderScratch scratch;
      std::vector<std::vector<float>> alone;
      for (const auto& text : all) alone.push_back(encode(encoder, std::span(&text, 1), scratch)[0]);
      for (std::uint32_t seed = 0; seed < 20; ++seed) {
        std::mt19937 rng(seed);
        std::vector<TokenSpan> batch;
        std::vector<std::size_t> numbers;
        for (std::size_t i = 0; i < 1 + rng() % 40; ++i) {
          numbers.push_back(rng() % all.size());
          batch.push_back(all[numbers.back()]);
        }
        const auto together = encode(encoder, batch, scratch);
        for (std::size_t i = 0; i < batch.size(); ++i) {
          ASSERT_EQ(together[i], alone[numbers[i]])
              << folder << " " << tensor::to_string(precision) << " seed=" << seed << " text " << i;
        }
      }
    }
  }
}

/// Longer batches than the groups in which the encoder works.
TEST(Encoder, large_batches_equal_small_ones) {
  const auto folder = fs::path(TAMIS_FIXTURES) / "bert";
  const auto reference = read_reference(folder);
  const auto encoder = Encoder::load(describe_folder(folder).value(), with(tensor::Precision::kF32)).value();
  EncoderScratch scratch;
  const auto all = reference.batch();
  const auto wanted = encode(encoder, all, scratch);
  std::vector<TokenSpan> batch;
  for (std::size_t i = 0; i < 1000; ++i) batch.push_back(all[i % all.size()]);
  const auto seen = encode(encoder, batch, scratch);
  for (std::size_t i = 0; i < batch.size(); ++i) ASSERT_EQ(seen[i], wanted[i % all.size()]) << i;
}

TEST(Encoder, states_of_tokens_are_what_dense_vectors_are_made_of) {
  const auto folder = fs::path(TAMIS_FIXTURES) / "dense-cls";
  const auto reference = read_reference(folder);
  const auto encoder = Encoder::load(describe_folder(folder).value(), with(tensor::Precision::kF32)).value();
  EncoderScratch scratch;
  std::size_t rows = 0;
  for (const auto& text : reference.texts) rows += text.size();
  std::vector<float> states(rows * encoder.dimension());
  encoder.encode_tokens(reference.batch(), tensor::MatrixView(states.data(), rows, encoder.dimension()), scratch)
      .value();
  const auto vectors = encode(encoder, reference.batch(), scratch);
  std::size_t row = 0;
  for (std::size_t i = 0; i < vectors.size(); row += reference.texts[i].size(), ++i) {
    const std::vector<float> first(&states[row * encoder.dimension()],
                                   &states[row * encoder.dimension()] + encoder.dimension());
    EXPECT_EQ(first, vectors[i]) << i;
  }
}

TEST(Encoder, a_threshold_and_a_number_of_terms_cut_the_full_vector) {
  const auto folder = fs::path(TAMIS_FIXTURES) / "distilbert-f16";
  const auto reference = read_reference(folder);
  const auto encoder = Encoder::load(describe_folder(folder).value(), with(tensor::Precision::kF32)).value();
  EncoderScratch scratch;
  std::vector<tensor::PassageTerms> full(reference.texts.size());
  std::vector<tensor::PassageTerms> cut(reference.texts.size());
  encoder.encode_sparse(reference.batch(), {}, full, scratch).value();
  SparseOptions options;
  options.threshold = 0.3F;
  options.top_n = 3;
  encoder.encode_sparse(reference.batch(), options, cut, scratch).value();
  for (std::size_t i = 0; i < full.size(); ++i) {
    std::vector<std::pair<float, std::uint32_t>> order;
    for (std::size_t j = 0; j < full[i].terms.size(); ++j) {
      if (full[i].weights[j] > options.threshold) order.emplace_back(-full[i].weights[j], full[i].terms[j]);
    }
    std::sort(order.begin(), order.end());
    order.resize(std::min(order.size(), options.top_n));
    std::vector<std::uint32_t> wanted;
    for (const auto& entry : order) wanted.push_back(entry.second);
    std::sort(wanted.begin(), wanted.end());
    EXPECT_EQ(cut[i].terms, wanted) << i;
  }
}

TEST(Encoder, once_loaded_it_needs_its_files_no_more) {
  for (const std::string name : {"bert", "distilbert-f16", "xlm-roberta-bf16-sharded"}) {
    const Folder scratch;
    copy_fixture(name, scratch.path());
    const auto reference = read_reference(scratch.path());
    const auto encoder = Encoder::load(describe_folder(scratch.path()).value()).value();
    EncoderScratch memory;
    const auto wanted = encode(encoder, reference.batch(), memory);
    const auto fingerprint = encoder.weights_fingerprint();
    for (const auto& entry : fs::directory_iterator(scratch.path())) fs::resize_file(entry.path(), 0);
    EXPECT_EQ(encode(encoder, reference.batch(), memory), wanted) << name;
    EXPECT_EQ(encoder.weights_fingerprint(), fingerprint) << name;
    EXPECT_FALSE(Encoder::load(encoder.description())) << name;
  }
}

TEST(Encoder, says_what_is_wrong_with_a_text) {
  const auto model = describe_folder(fs::path(TAMIS_FIXTURES) / "bert").value();
  const auto encoder = Encoder::load(model).value();
  EncoderScratch scratch;
  const std::vector<std::uint32_t> good = {2, 7, 3};
  const std::vector<std::uint32_t> foreign = {2, 40, 3};
  const std::vector<std::uint32_t> long_one(25, 6);
  const auto message = [&](TokenSpan second) {
    const TokenSpan batch[] = {good, second};
    std::vector<tensor::PassageTerms> out(2);
    const auto status = encoder.encode_sparse(batch, {}, out, scratch);
    return status ? std::string() : status.error().message;
  };
  EXPECT_EQ(message(good), "");
  EXPECT_EQ(message({}), "text 1: no tokens");
  EXPECT_EQ(message(foreign), "text 1: token 40 is outside the vocabulary of 40: another model's tokenizer?");
  EXPECT_EQ(message(long_one), "text 1: 25 tokens (the model takes at most 24)");
  std::vector<float> dense(8);
  const TokenSpan one[] = {good};
  EXPECT_FALSE(encoder.encode_dense(one, tensor::MatrixView(dense.data(), 1, 8), scratch));
}

/// TAMIS_PARITY names a folder that make_checkpoints.py has filled: larger checkpoints, or real models.
TEST(Parity, larger_checkpoints_and_real_models_equal_pytorch) {
  const char* folder = std::getenv("TAMIS_PARITY");
  if (folder == nullptr) GTEST_SKIP() << "TAMIS_PARITY is not set: no larger checkpoints to compare with";
  const auto models = models_in(folder);
  EXPECT_FALSE(models.empty()) << folder;
  for (const auto& path : models) {
    const auto reference = read_reference(path);
    const auto model = fs::exists(path / "model") ? path / "model" : path;
    const double f32 = parity(model, reference, with(tensor::Precision::kF32));
    EXPECT_LE(f32, kParity) << path;
    fmt::print("{}: {} texts, largest error {:.2g}\n", path.filename().string(), reference.texts.size(), f32);
  }
}

}  // namespace
}  // namespace tamis::models
