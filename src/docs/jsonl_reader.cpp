#include <fmt/format.h>
#include <simdjson.h>
#include <tamis/text/unicode.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "chunk_buffer.h"
#include "encoding.h"
#include "readers.h"
#include "record.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

namespace dom = simdjson::dom;
static_assert(ChunkBuffer::kPadding >= simdjson::SIMDJSON_PADDING);

// A field named by the user that none of so many records has does not exist.
constexpr std::uint64_t kPatientRecords = 1000;
constexpr std::size_t kMaxGatheredBytes = std::size_t{64} << 20U;
constexpr std::size_t kMaxPathBytes = 256;

int hex_digit(char c) { return is_digit(c) ? c - '0' : lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1; }

/// The four hexadecimal digits of a \uXXXX at this place; -1 if there is none.
int unicode_escape(std::string_view line, std::size_t at) {
  if (at + 6 > line.size() || line[at] != '\\' || line[at + 1] != 'u') return -1;
  int value = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    if (hex_digit(line[i]) < 0) return -1;
    value = value * 16 + hex_digit(line[i]);
  }
  return value;
}

/// Half a surrogate pair is no character; some programs write it all the same. It becomes U+FFFD.
std::string without_lone_surrogates(std::string_view line) {
  std::string repaired(line);
  for (std::size_t at = 0; at + 1 < repaired.size();) {
    if (repaired[at] != '\\') {
      ++at;
      continue;
    }
    const int value = unicode_escape(repaired, at);
    const int next = unicode_escape(repaired, at + 6);
    if (value >= 0xD800 && value <= 0xDBFF && next >= 0xDC00 && next <= 0xDFFF) {
      at += 12;
    } else if (value >= 0xD800 && value <= 0xDFFF) {
      repaired.replace(at, 6, "\\uFFFD");
      at += 6;
    } else {
      at += 2;
    }
  }
  return repaired;
}

/// Takes one parsed record apart. One a record.
class RecordGatherer {
 public:
  RecordGatherer(const FieldRoles& roles, bool unwrap_metadata) : roles_(roles), unwrap_metadata_(unwrap_metadata) {}

  Result<Record> run(dom::object object) {
    for (const auto field : object) {
      const FieldUse use = roles_.use_of(field.key);
      if (unwrap_metadata_ && field.key == "metadata" && field.value.is_object()) {
        gather_object("", field.value.get_object().value_unsafe());
      } else if (use.role == FieldRole::kOther) {
        gather(std::string(field.key), field.value);
      } else {
        record_.add(field.key, use, text_of(field.value, use.role == FieldRole::kText ? "\n\n" : ", "));
      }
    }
    if (gathered_ > kMaxGatheredBytes) {
      return Error{Code::kExhausted, fmt::format("more than {} bytes of fields with their paths", kMaxGatheredBytes)};
    }
    if (joined_) join_equal_names();
    return std::move(record_);
  }

 private:
  static std::string scalar(dom::element value) {
    switch (value.type()) {
      case dom::element_type::STRING:
        return clean_value(value.get_string().value_unsafe());
      case dom::element_type::INT64:
        return std::to_string(value.get_int64().value_unsafe());
      case dom::element_type::UINT64:
        return std::to_string(value.get_uint64().value_unsafe());
      case dom::element_type::DOUBLE:
        return fmt::format("{}", value.get_double().value_unsafe());
      case dom::element_type::BOOL:
        return value.get_bool().value_unsafe() ? "true" : "false";
      default:
        return {};
    }
  }

  /// A value as one text: the parts of an array with the separator between them, those of an object likewise.
  static std::string text_of(dom::element value, std::string_view separator) {
    std::string text;
    append_text(value, separator, text);
    return text;
  }
  static void append_text(dom::element value, std::string_view separator, std::string& text) {
    if (value.is_array()) {
      const dom::array parts = value.get_array().value_unsafe();  // named: a loop does not keep temporaries alive
      for (const auto part : parts) append_text(part, separator, text);
    } else if (value.is_object()) {
      const dom::object fields = value.get_object().value_unsafe();
      for (const auto field : fields) append_text(field.value, separator, text);
    } else if (const std::string part = scalar(value); !part.empty()) {
      if (!text.empty()) text += separator;
      text += part;
    }
  }

  void gather_object(const std::string& path, dom::object object) {
    for (const auto field : object) {
      std::string name = path.empty() ? std::string(field.key) : fmt::format("{}.{}", path, field.key);
      const FieldUse use = roles_.use_of(name, false);
      if (use.role == FieldRole::kOther) {
        gather(name, field.value);
      } else {
        record_.add(name, use, text_of(field.value, "\n\n"));
      }
    }
  }

  /// Objects are flattened to "a.b"; what comes out of an array is joined later by its name.
  void gather(const std::string& name, dom::element value) {
    if (gathered_ > kMaxGatheredBytes || name.size() > kMaxPathBytes) return;
    if (value.is_object()) {
      gather_object(name, value.get_object().value_unsafe());
    } else if (value.is_array()) {
      joined_ = true;
      const auto array = value.get_array().value_unsafe();
      const bool plain = std::all_of(array.begin(), array.end(),
                                     [](dom::element part) { return !part.is_object() && !part.is_array(); });
      if (plain) {
        keep(name, text_of(value, ", "));
      } else {
        for (const auto part : array) gather(name, part);
      }
    } else {
      keep(name, scalar(value));
    }
  }

  void keep(const std::string& name, std::string value) {
    gathered_ += name.size() + value.size() + sizeof(std::pair<std::string, std::string>);
    if (!value.empty()) record_.others.emplace_back(clean_value(name), std::move(value));
  }

  void join_equal_names() {
    std::unordered_map<std::string, std::size_t> places;
    std::vector<std::pair<std::string, std::string>> joined;
    for (auto& [name, value] : record_.others) {
      const auto [place, is_new] = places.emplace(name, joined.size());
      if (is_new) {
        joined.emplace_back(name, std::move(value));
      } else {
        joined[place->second].second.append(", ").append(value);
      }
    }
    record_.others = std::move(joined);
  }

  const FieldRoles& roles_;
  bool unwrap_metadata_;
  Record record_;
  std::size_t gathered_ = 0;
  bool joined_ = false;
};

/// Watches whether the fields that the user named exist at all.
class NamedFields {
 public:
  explicit NamedFields(std::vector<std::string> names) : missing_(std::move(names)) {}
  void see(dom::object object) {
    if (missing_.empty()) return;
    std::erase_if(missing_, [&](const std::string& name) { return has(object, name); });
    if (++records_ == 1) {
      for (const auto field : object) {
        if (known_.size() < 300) known_.append(known_.empty() ? "" : ", ").append(field.key);
      }
    }
  }
  [[nodiscard]] Status check(bool at_end) const {
    if (missing_.empty() || records_ == 0 || (!at_end && records_ < kPatientRecords)) return ok();
    return Error{Code::kInvalidArgument, fmt::format("no record has a field '{}' (fields of the first record: {})",
                                                     missing_.front(), text::repair_utf8(known_))};
  }

 private:
  static bool has(dom::object object, std::string_view path) {
    for (const auto field : object) {
      if (field.key == path) return true;
      const bool leads_there = path.starts_with(field.key) && path.substr(field.key.size()).starts_with('.');
      if (leads_there && field.value.is_object() &&
          has(field.value.get_object().value_unsafe(), path.substr(field.key.size() + 1))) {
        return true;
      }
    }
    return false;
  }

  std::vector<std::string> missing_;
  std::string known_;
  std::uint64_t records_ = 0;
};

class JsonlReading {
 public:
  JsonlReading(ByteStream& stream, const ReadOptions& options, const DocumentSink& sink)
      : options_(options),
        sink_(sink),
        lines_(stream, options.limits),
        roles_(options.fields),
        named_(roles_.named()) {}

  Status run() {
    while (true) {
      std::string_view line;
      TAMIS_TRY(const bool more, lines_.next(line));
      if (!more) return named_.check(true);
      if (trim(line).empty()) continue;
      auto document = read_line(line);
      if (!document) return at_line(lines_.number(), std::move(document).error());
      TAMIS_TRY_OK(sink_(std::move(*document)));
      TAMIS_TRY_OK(named_.check(false));
    }
  }

 private:
  Result<ExtractedDocument> read_line(std::string_view line) {
    std::string_view encoding = lines_.encoding();
    dom::element root;
    auto error = parse(line, root);
    if (error == simdjson::UTF8_ERROR) {
      TAMIS_TRY(DecodedText decoded, decode_text(std::string(line)));
      repaired_ = std::move(decoded.text);
      encoding_ = std::move(decoded.encoding);
      encoding = encoding_;
      error = parse_repaired(root);
      line = repaired_;
    }
    if (error == simdjson::STRING_ERROR) {
      repaired_ = without_lone_surrogates(line);
      error = parse_repaired(root);
    }
    if (error == simdjson::DEPTH_ERROR) {
      return Error{Code::kExhausted, fmt::format("nested deeper than {} (limit nesting)", options_.limits.nesting)};
    }
    if (error == simdjson::MEMALLOC) return Error{Code::kExhausted, "not enough memory"};
    if (error != simdjson::SUCCESS) {
      return Error{Code::kCorrupt, fmt::format("not valid JSON: {}", simdjson::error_message(error))};
    }
    if (!root.is_object()) return Error{Code::kCorrupt, "not a JSON object"};
    const dom::object object = root.get_object().value_unsafe();
    named_.see(object);
    TAMIS_TRY(Record record, RecordGatherer(roles_, true).run(object));
    record.line = lines_.number();
    return record_document(std::move(record), encoding);
  }

  simdjson::error_code parse_repaired(dom::element& root) {
    const std::size_t size = repaired_.size();
    repaired_.resize(size + simdjson::SIMDJSON_PADDING);
    const auto error = parse(std::string_view(repaired_).substr(0, size), root);
    repaired_.resize(size);
    return error;
  }

  /// @pre the line has padding behind it
  simdjson::error_code parse(std::string_view line, dom::element& root) {
    if (parser_.capacity() < line.size()) {
      const std::size_t depth = std::min<std::size_t>(options_.limits.nesting, 4096);  // what gather() may recurse
      const std::size_t room = std::max<std::size_t>(line.size() + line.size() / 2, 1U << 16U);
      if (const auto error = parser_.allocate(room, depth); error != simdjson::SUCCESS) return error;
    }
    return parser_.parse(line.data(), line.size(), false).get(root);
  }

  const ReadOptions& options_;
  const DocumentSink& sink_;
  LineInput lines_;
  FieldRoles roles_;
  NamedFields named_;
  dom::parser parser_;
  std::string repaired_, encoding_;
};

class JsonlReader final : public Reader {
 public:
  std::string_view name() const noexcept override { return "jsonl"; }
  std::span<const std::string_view> extensions() const noexcept override {
    static constexpr std::array<std::string_view, 3> kEndings = {"jsonl", "ndjson", "jsonlines"};
    return kEndings;
  }
  int recognises(std::string_view head) const noexcept override {
    head = trim(head);
    const auto first = trim(head.substr(0, head.find('\n')));
    const bool object = first.size() > 5 && first.starts_with("{\"");
    if (!object) return 0;
    const auto rest = head.find('\n') == std::string_view::npos ? "" : trim(head.substr(head.find('\n')));
    if (first.ends_with('}')) return rest.empty() ? 50 : rest.starts_with("{\"") ? 90 : 0;
    return head.find('\n') == std::string_view::npos && head.size() >= 4000 ? 40
                                                                            : 0;  // a first line longer than the head
  }
  Status read(const std::filesystem::path&, ByteStream& stream, const ReadOptions& options,
              const DocumentSink& sink) const override {
    return JsonlReading(stream, options, sink).run();
  }
};

}  // namespace

const Reader& jsonl_reader() {
  static const JsonlReader kReader;
  return kReader;
}

}  // namespace tamis::docs
