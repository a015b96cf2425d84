#include <fmt/format.h>
#include <tamis/base/section_file.h>
#include <tamis/encode/dense_encoder.h>
#include <tamis/encode/splade_encoder.h>
#include <tamis/text/tokenizer.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace tamis::encode {

struct DenseTextEncoder::Model {
  std::string name;
  text::Tokenizer tokenizer;
  models::Encoder encoder;
};

namespace {

namespace fs = std::filesystem;

/// Tokens that the network gets at a time; a group ends with the text that reaches them.
constexpr std::size_t kGroupTokens = 3584;

/// The texts of a call that have tokens, as ids one after the other.
struct Batch {
  struct Text {
    std::size_t number = 0;  ///< in the call
    std::size_t first = 0, count = 0;
  };
  std::vector<std::uint32_t> ids;
  std::vector<Text> texts;
};

void to_length_one(std::span<float> vector) {
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * static_cast<double>(x);
  if (squares <= 0) return;
  const auto factor = static_cast<float>(1 / std::sqrt(squares));
  for (auto& x : vector) x *= factor;
}

class DenseWorker final : public sparse::DenseEncoder::Worker {
 public:
  explicit DenseWorker(std::shared_ptr<const DenseTextEncoder::Model> model) : model_(std::move(model)) {}

  [[nodiscard]] std::uint32_t dimension() const noexcept override { return model_->encoder.dimension(); }

  [[nodiscard]] Status encode(std::span<const std::string_view> texts, sparse::DenseEncoder::Side side,
                              std::span<float> out) override {
    if (out.size() != texts.size() * dimension()) return Error{Code::kInvalidArgument, "one vector a text is wanted"};
    std::fill(out.begin(), out.end(), 0.0F);
    return in_groups(texts, side, [&](std::span<const Batch::Text> group) -> Status {
      rows_.resize(group.size() * dimension());
      TAMIS_TRY_OK(model_->encoder.encode_dense(batch_, {rows_.data(), group.size(), dimension()}, scratch_));
      for (std::size_t i = 0; i < group.size(); ++i) {
        const auto row = std::span(rows_).subspan(i * dimension(), dimension());
        std::copy(row.begin(), row.end(), out.begin() + static_cast<std::ptrdiff_t>(group[i].number * dimension()));
      }
      return ok();
    });
  }

  [[nodiscard]] Status encode_tokens(std::span<const std::string_view> texts, sparse::DenseEncoder::Side side,
                                     std::span<sparse::TokenVectors> out) override {
    if (out.size() != texts.size()) return Error{Code::kInvalidArgument, "one list of vectors a text is wanted"};
    for (auto& one : out) one = {};
    const std::size_t before = model_->tokenizer.prefix().size();
    const std::size_t special = before + model_->tokenizer.suffix().size();
    return in_groups(texts, side, [&](std::span<const Batch::Text> group) -> Status {
      std::size_t tokens = 0;
      for (const auto& text : group) tokens += text.count;
      rows_.resize(tokens * dimension());
      TAMIS_TRY_OK(model_->encoder.encode_tokens(batch_, {rows_.data(), tokens, dimension()}, scratch_));
      std::size_t row = 0;
      for (const auto& text : group) {
        auto& vectors = out[text.number];
        vectors.count = text.count - special;
        const auto first = rows_.begin() + static_cast<std::ptrdiff_t>((row + before) * dimension());
        vectors.values.assign(first, first + static_cast<std::ptrdiff_t>(vectors.count * dimension()));
        for (std::size_t t = 0; t < vectors.count; ++t) {
          to_length_one(std::span(vectors.values).subspan(t * dimension(), dimension()));
        }
        row += text.count;
      }
      return ok();
    });
  }

 private:
  template <class Use>
  Status in_groups(std::span<const std::string_view> texts, sparse::DenseEncoder::Side side, const Use& use) {
    try {
      TAMIS_TRY_OK(tokenize(texts, side));
      const std::span<const Batch::Text> all(tokenized_.texts);
      for (std::size_t first = 0; first < all.size();) {
        batch_.clear();
        std::size_t last = first;
        for (std::size_t sum = 0; last < all.size() && sum < kGroupTokens; ++last) {
          batch_.push_back(std::span(tokenized_.ids).subspan(all[last].first, all[last].count));
          sum += all[last].count;
        }
        TAMIS_TRY_OK(use(all.subspan(first, last - first)));
        first = last;
      }
      return ok();
    } catch (const std::bad_alloc&) {
      return Error{Code::kExhausted, "not enough memory to encode"};
    }
  }

  Status tokenize(std::span<const std::string_view> texts, sparse::DenseEncoder::Side side) {
    const auto& model = model_->encoder.description();
    const auto& prompt = side == sparse::DenseEncoder::Side::kQuestion ? model.query_prompt : model.document_prompt;
    const auto prefix = model_->tokenizer.prefix();
    const auto suffix = model_->tokenizer.suffix();
    const std::size_t room = model.max_tokens - prefix.size() - suffix.size();
    tokenized_.ids.clear();
    tokenized_.texts.clear();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (texts[i].size() > kMaxTextBytes) {
        return Error{Code::kInvalidArgument,
                     fmt::format("text {}: {} bytes (wanted at most {})", i, texts[i].size(), kMaxTextBytes)};
      }
      joined_.assign(prompt).append(texts[i]);
      tokens_.clear();
      model_->tokenizer.encode(joined_, tokenizer_scratch_, tokens_);
      if (tokens_.empty() || tokens_.back().end <= prompt.size()) continue;
      auto& ids = tokenized_.ids;
      Batch::Text text{i, ids.size(), 0};
      ids.insert(ids.end(), prefix.begin(), prefix.end());
      for (std::size_t t = 0; t < std::min(tokens_.size(), room); ++t) ids.push_back(tokens_[t].id);
      ids.insert(ids.end(), suffix.begin(), suffix.end());
      text.count = ids.size() - text.first;
      tokenized_.texts.push_back(text);
    }
    return ok();
  }

  std::shared_ptr<const DenseTextEncoder::Model> model_;
  text::Tokenizer::Scratch tokenizer_scratch_;
  models::EncoderScratch scratch_;
  std::string joined_;
  std::vector<text::Tokenizer::Token> tokens_;
  Batch tokenized_;
  std::vector<models::TokenSpan> batch_;
  std::vector<float> rows_;
};

}  // namespace

Result<std::unique_ptr<DenseTextEncoder>> DenseTextEncoder::open(const fs::path& folder,
                                                                 const models::EncoderOptions& options) {
  const auto made = [&]() -> Result<std::unique_ptr<DenseTextEncoder>> {
    TAMIS_TRY(const auto description, models::describe_folder(folder));
    if (description.kind != models::ModelKind::kDense) {
      return Error{Code::kUnsupported, "a sparse model (wanted one that makes dense vectors)"};
    }
    TAMIS_TRY(auto tokenizer, text::Tokenizer::open(description.tokenizer_folder));
    if (tokenizer.vocabulary_size() > description.config.vocab_size) {
      return Error{Code::kInvalidArgument,
                   fmt::format("the tokenizer has {} tokens, the network knows {}: it is another model's",
                               tokenizer.vocabulary_size(), description.config.vocab_size)};
    }
    if (tokenizer.prefix().size() + tokenizer.suffix().size() >= description.max_tokens) {
      return Error{Code::kUnsupported, fmt::format("a text may have {} tokens, special ones included (wanted more)",
                                                   description.max_tokens)};
    }
    TAMIS_TRY(auto encoder, models::Encoder::load(description, options));
    const fs::path whole = fs::absolute(folder).lexically_normal();
    const auto name = (whole.has_filename() ? whole.filename() : whole.parent_path().filename()).string();
    return std::unique_ptr<DenseTextEncoder>(
        new DenseTextEncoder(std::make_shared<const Model>(Model{name, std::move(tokenizer), std::move(encoder)})));
  };
  try {
    auto encoder = made();
    if (!encoder) return within(folder.string(), std::move(encoder).error());
    return encoder;
  } catch (const std::bad_alloc&) {
    return Error{Code::kExhausted, folder.string() + ": not enough memory for the model"};
  }
}

std::string_view DenseTextEncoder::name() const noexcept { return model_->name; }
std::string DenseTextEncoder::fingerprint() const {
  const auto& model = model_->encoder.description();
  const auto& config = model.config;
  return fmt::format(
      "dense/1 tokenizer={:016x} weights={:016x} {} layers={} heads={} activation={} epsilon={} first_position={} "
      "theta={}/{} window={} pooling={} normalize={} max_tokens={} prompt={:016x}",
      model_->tokenizer.fingerprint(), model_->encoder.weights_fingerprint(), to_string(config.architecture),
      config.num_layers, config.num_heads, static_cast<int>(config.activation), config.norm_epsilon,
      config.first_position, config.theta, config.windowed_theta, config.window, to_string(model.dense_pooling),
      model.normalize, model.max_tokens, hash_text(model.document_prompt));
}
std::uint32_t DenseTextEncoder::dimension() const noexcept { return model_->encoder.dimension(); }
std::unique_ptr<sparse::DenseEncoder::Worker> DenseTextEncoder::make_worker() const {
  return std::make_unique<DenseWorker>(model_);
}

}  // namespace tamis::encode
